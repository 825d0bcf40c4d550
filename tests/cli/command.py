# SPDX-License-Identifier: MIT
"""The troth command as tests run it: a home of its own, nothing of the user's environment."""
import json
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

TROTH = os.environ.get("TROTH", "troth")
DEADLINE = 30


class Result:
    """How a command ended."""

    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        """The only line of output as a JSON value."""
        lines = self.out.splitlines()
        assert len(lines) == 1, lines
        return json.loads(lines[0])

    @property
    def json_lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


class Command(unittest.TestCase):
    """A test with an empty home that is removed afterwards."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="troth-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.home = self.folder / "home"

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if "SAN_OPTIONS" in k}
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8",
                "TERM": "xterm", **kept, **more}

    def run_troth(self, *words, home=None, env=None, stdin=b"", **more):
        """Without a terminal; so that none is found by chance, in a session of its own."""
        command = [TROTH, "--home", str(home or self.home), *map(str, words)]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=DEADLINE,
                              env=self.environment(**(env or {})), start_new_session=True, **more)
        # What is told to type has this home in it; hint_test.py looks at that.
        given = f"--home {home or self.home} "
        done.stdout = done.stdout.decode().replace(given, "")
        done.stderr = done.stderr.decode().replace(given, "")
        return Result(done)

    def troth(self, *words, **more):
        """The same; fails the test unless it succeeds."""
        result = self.run_troth(*words, **more)
        self.assertEqual(result.status, 0, result.err)
        return result

    def fails(self, status, *words, **more):
        result = self.run_troth(*words, **more)
        self.assertEqual(result.status, status, result.out + result.err)
        self.assertNotEqual(result.err, "", "it has to say why")
        return result

    def init(self, name="home", *words):
        """Another device; returns its home."""
        home = self.folder / name
        self.troth("init", *words, home=home)
        return home

    def cert(self, home):
        """The certificate of a device as a PEM file."""
        path = home.with_suffix(".pem")
        path.write_text(self.troth("id", "--cert", home=home).out)
        return path

    def on_terminal(self, *words, answers=(), home=None):
        """Runs it on a terminal of its own; each answer is a prompt and what is typed then, or a
        compiled pattern and what makes that of the match. Returns status and all that was on the screen."""
        pid, master = pty.fork()
        if pid == 0:
            command = [TROTH, "--home", str(home or self.home), *map(str, words)]
            os.execve(TROTH, command, self.environment())
        screen, waiting, until = b"", list(answers), time.monotonic() + DEADLINE
        while True:
            ready, _, _ = select.select([master], [], [], max(0, until - time.monotonic()))
            self.assertTrue(ready, f"no {waiting} after {screen}")
            try:
                piece = os.read(master, 4096)
            except OSError:
                piece = b""
            if not piece:
                break
            screen += piece
            if not waiting:
                continue
            prompt, answer = waiting[0]
            if isinstance(prompt, str):
                found = screen.endswith(prompt.encode())
            else:
                found = prompt.search(screen.decode(errors="replace"))
            if found:
                del waiting[0]
                os.write(master, (answer(found) if callable(answer) else answer).encode() + b"\n")
        os.close(master)
        _, status = os.waitpid(pid, 0)
        self.assertEqual(waiting, [], screen)
        screen = screen.decode().replace(f"--home {home or self.home} ", "")
        return os.waitstatus_to_exitcode(status), screen


def main():
    unittest.main(argv=[sys.argv[0]], verbosity=2)
