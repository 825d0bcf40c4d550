#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples/tiny.c and the command, each calling the other on loopback: by a secret at first, then
by their keys. Usage: tiny_troth_test.py TINY TROTH (process.py on PYTHONPATH)."""
import json
import pathlib
import socket
import sys
import tempfile
import unittest

from process import Process


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class TinyAndTroth(unittest.TestCase):
    tiny = troth = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-tiny-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "tiny").mkdir()
        self.port = free_port()
        self.run_troth("init", "--nick", "juliet")

    def start(self, argv, **how):
        process = Process(argv, env={"USER": "romeo", "LC_ALL": "C.UTF-8", "NO_COLOR": "1",
                                     "ASAN_OPTIONS": "detect_leaks=0"}, **how)
        self.addCleanup(process.close)
        return process

    def start_tiny(self, *words):
        return self.start([self.tiny, *words, self.port], cwd=self.folder / "tiny")

    def listening_tiny(self):
        process = self.start_tiny("listen")
        process.wait_for("Waiting on port")
        return process

    def start_troth(self, *words):
        return self.start([self.troth, "--home", self.folder / "troth", *words])

    def run_troth(self, *words, status=0):
        process = self.start_troth(*words)
        self.assertEqual(process.wait(30), status, process.transcript)
        return process.transcript

    def talk(self, tiny, troth):
        """Both ways, with the receipt that the command waits for."""
        tiny.wait_for("Talking with .*: encrypted and authenticated, by key")
        troth.wait_for(r"is connected: verified")
        tiny.send_line("But soft!")
        troth.wait_for(r"\(verified\): But soft!")
        troth.send_line("Ay me!")
        tiny.wait_for(": Ay me!$")
        troth.wait_for("✓ Ay me!")

    def test_tiny__calls_the_command__by_a_secret_and_then_by_keys(self):
        listener = self.start_troth("listen", "--pair", "--json", "--no-lan", f"--port={self.port}")
        secret = json.loads(listener.wait_for(r'^\{"event":"window".*\}$')[0])["secret"]
        tiny = self.start_tiny("127.0.0.1")
        tiny.wait_for("Secret: ")
        tiny.send_line(secret)
        tiny.wait_for("From now on .* is known by its key")
        tiny.wait_for("Talking with .*, by pake")
        tiny.end_input()
        self.assertEqual(tiny.wait(), 0)
        listener.wait_for('"event":"pinned"')
        tiny = self.start_tiny("127.0.0.1")
        tiny.wait_for("Talking with .*, by key")
        listener.wait_for('"event":"paired"')
        tiny.send_line("good morrow")
        listener.wait_for('"event":"message".*"level":"verified".*"text":"good morrow"')
        tiny.close()
        listener.close()
        troth = self.start_troth("chat", "--no-lan", f"--port={self.port}")
        troth.wait_for("Waiting as")
        self.talk(self.start_tiny("127.0.0.1"), troth)

    def pair_by_command(self):
        """It calls tiny, which then waits for the next call."""
        tiny = self.listening_tiny()
        secret = self.folder / "secret"
        secret.write_text("wherefore art thou\n")
        secret.chmod(0o600)
        pairing = self.start_troth("pair", "--no-lan", f"--secret-file={secret}", "--as=romeo",
                                   f"127.0.0.1:{self.port}")
        tiny.wait_for("Secret: ")
        tiny.send_line("wherefore art thou")
        tiny.wait_for("From now on .* is known by its key")
        tiny.wait_for("Talking with .*, by pake")
        tiny.wait_for("Talking with .*, by key")  # the command makes sure that it works
        self.assertEqual(pairing.wait(30), 0, pairing.transcript)
        tiny.wait_for("Waiting on port")
        return tiny

    def test_command__calls_tiny__by_a_secret_and_then_by_keys(self):
        tiny = self.pair_by_command()
        self.talk(tiny, self.start_troth("chat", "--no-lan", "--port=0", "romeo"))

    def test_command__is_refused_by_tiny__when_it_has_a_new_key(self):
        tiny = self.pair_by_command()
        self.run_troth("init", "--replace", "--nick", "juliet")
        self.run_troth("send", "--no-lan", "romeo", "my secret", status=4)
        tiny.wait_for("REFUSED: .* shows another key than your friend's")
        tiny.wait_for("Waiting on port")
        self.assertNotIn("my secret", tiny.transcript)

    def test_tiny__is_refused_by_the_command__when_it_has_a_new_key(self):
        self.pair_by_command().close()
        (self.folder / "tiny" / "tiny-home").unlink()
        tiny = self.listening_tiny()
        text = self.run_troth("send", "--no-lan", "romeo", "my secret", status=5)
        self.assertIn("troth pair", text)
        tiny.wait_for("Waiting on port")
        self.assertNotIn("my secret", tiny.transcript)


if __name__ == "__main__":
    TinyAndTroth.tiny, TinyAndTroth.troth = (pathlib.Path(sys.argv.pop(1)).resolve() for _ in "12")
    unittest.main(verbosity=2)
