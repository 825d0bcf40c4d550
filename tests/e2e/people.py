# SPDX-License-Identifier: MIT
"""People of the end-to-end tests: a home directory each, and `troth` run in it.

`where` is a machine of tests/net/namespace.py, or None for this one.
"""
import json
import os
import pathlib
import re
import signal
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "net"))
from process import Process  # noqa: E402

TROTH = os.environ.get("TROTH", "troth")
CLOCKED = os.environ.get("TROTH_CLOCKED", "troth-clocked")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Clock:
    """The clock of one person's machine (clock.c): off by so many seconds."""

    def __init__(self, path, calendar=0):
        self.path = pathlib.Path(path)
        self.calendar, self.uptime = calendar, 0
        self._write()

    def _write(self):
        with open(self.path, "r+b" if self.path.exists() else "xb") as file:
            file.write(struct.pack("=qq", self.calendar, self.uptime))

    def pass_(self, seconds, *processes):
        """Lets time go by, and wakes the processes that it goes by for."""
        self.calendar += seconds
        self.uptime += seconds
        self._write()
        for process in processes:
            process.signal(signal.SIGUSR2)


class Person:
    env = {}  # beside what every run gets

    def __init__(self, folder, name, where=None, nick=True, clock=None, words=(), env=None):
        self.name = name
        self.home = pathlib.Path(folder) / name / "troth"  # as $XDG_DATA_HOME has it
        self.where = where
        self.clock = clock
        self.env = env or {}
        self.done("init", *(["--nick", name] if nick else []), *words)

    def troth(self, *words, pty=False, term="xterm", command=TROTH):
        """Starts a verb and returns its process."""
        home = pathlib.Path(self.home)
        usual = home.name == "troth"  # where it needs no --home, which is in every hint otherwise
        argv = [CLOCKED if self.clock else command, *([] if usual else ["--home", home]), *words]
        env = {"NO_COLOR": "1", "TERM": term, "LC_ALL": "C.UTF-8", **self.env}
        if usual:
            env["XDG_DATA_HOME"] = home.parent
        if self.clock:
            env["TEST_CLOCK"] = self.clock.path
        name = f"{self.name}: troth {words[0]}"
        if self.where is not None:
            return self.where.spawn(argv, env=env, use_pty=pty, name=name)
        return Process(argv, env=env, use_pty=pty, name=name)

    def done(self, *words, status=0):
        """Runs a verb to its end, which must have this exit status; returns what it wrote."""
        with self.troth(*words) as process:
            process.end_input()
            got = process.wait(30)
            assert status is None or got == status, f"{process.name}: {got}, not {status}: {process.transcript}"
            return process.transcript

    def contacts(self):
        return sorted(row["label"] for row in json.loads(self.done("--json", "trust", "list")))

    def pin(self):
        return re.search(r'"fingerprint":\s*"([0-9a-f]{64})"', self.done("--json", "id")).group(1)


def pair(waits, calls, *options):
    """Pairs two people by a secret that is typed on a terminal; the one that waits is reached at
    `at` of the invitation. Returns the two transcripts."""
    window = waits.troth("pair", *options)
    name = window.wait_for(r"other side(?:, as (\S+))? \(port (\d+)\)", 10)
    secret = window.wait_for(r"Secret:\s+(\S+)", 5).group(1)
    host = waits.where.address if waits.where else "127.0.0.1"
    peer = f"{host}:{name.group(2)}" if "--no-lan" in options else name.group(1)
    caller = calls.troth("pair", *[o for o in options if not o.startswith("--port")], peer, pty=True)
    caller.wait_for("Secret shared with .*: ", 15)
    caller.send_line(secret)
    assert caller.wait(30) == 0, caller.transcript
    assert window.wait(30) == 0, window.transcript
    return window.transcript, caller.transcript
