# SPDX-License-Identifier: MIT
"""A process that a test talks with line by line, over pipes or a terminal of its own.

Standard library only. A process started here ends with the test, however that ends: the kernel
kills it when its parent is gone, and only this very process is ever signalled, by its id.
"""
import atexit
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

_running = []

# The kernel kills the process when this one is gone; if it is gone already, don't begin.
_TIED = ["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"']


class Failed(AssertionError):
    """What was waited for didn't come; carries what came instead."""


class Process:
    """argv runs with env added to (or, where a value is None, taken from) this environment."""

    def __init__(self, argv, *, env=None, use_pty=False, cwd=None, prefix=(), name=None):
        self.name = name or os.path.basename(argv[0])
        self.transcript = ""  # all that it has written
        self._unread = ""     # what wait_for hasn't passed yet
        self._ended = False
        command = [*_TIED, str(os.getpid()), *prefix, *map(str, argv)]
        environment = {**os.environ, **(env or {})}
        environment = {k: str(v) for k, v in environment.items() if v is not None}
        start = self._start_on_terminal if use_pty else self._start_on_pipes
        start(command, env=environment, cwd=cwd)
        os.set_blocking(self._out, False)
        _running.append(self)

    def _start_on_pipes(self, command, **how):
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, bufsize=0, start_new_session=True, **how)
        self._in, self._out = self._child.stdin.fileno(), self._child.stdout.fileno()

    def _start_on_terminal(self, command, **how):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 400, 0, 0))

        def take_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self._child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave,
                                       start_new_session=True, preexec_fn=take_terminal, **how)
        os.close(slave)
        self._in = self._out = master

    @property
    def pid(self):
        return self._child.pid

    def send(self, data):
        """Writes bytes or text, all of it."""
        rest = data.encode() if isinstance(data, str) else data
        while rest:
            select.select([], [self._in], [])
            rest = rest[os.write(self._in, rest):]

    def send_line(self, text=""):
        self.send(text + "\n")

    def end_input(self):
        """End of file: Control-D on a terminal."""
        if self._child.stdin:
            self._child.stdin.close()
        else:
            self.send(b"\x04")

    def _read(self, seconds):
        """Takes in what arrives within the time; False at the end of the output."""
        if self._ended:
            return False
        if not select.select([self._out], [], [], max(0, seconds))[0]:
            return True
        try:
            chunk = os.read(self._out, 65536)
        except OSError:  # a terminal whose last writer has left
            chunk = b""
        self._ended = chunk == b""
        text = chunk.decode("utf-8", "replace")
        self.transcript += text
        self._unread += text
        return not self._ended

    def wait_for(self, regex, deadline=10):
        """Waits at most deadline seconds for the regex in what hasn't been waited for yet.

        Returns the match; what stands before and in it counts as read. Raises Failed.
        """
        pattern = re.compile(regex, re.M)
        until = time.monotonic() + deadline
        while True:
            match = pattern.search(self._unread)
            if match:
                self._unread = self._unread[match.end():]
                return match
            left = until - time.monotonic()
            if left <= 0:
                raise Failed(f"{self.name}: no {regex!r} within {deadline} s.{self._tail()}")
            if not self._read(left) and not pattern.search(self._unread):
                raise Failed(f"{self.name}: ended without {regex!r}.{self._tail()}")

    def never(self, regex, during):
        """Raises Failed if the regex comes up within so many seconds; consumes nothing."""
        until = time.monotonic() + during
        while time.monotonic() < until and self._read(until - time.monotonic()):
            pass
        if re.search(regex, self._unread, re.M):
            raise Failed(f"{self.name}: there is {regex!r}.{self._tail()}")

    def _tail(self):
        return f" It wrote:\n{self.transcript[-4000:]}"

    def signal(self, number):
        if self._child.poll() is None:
            os.kill(self._child.pid, number)

    def kill(self):
        """SIGKILL: as when the machine loses power."""
        self.signal(signal.SIGKILL)
        return self.wait(5)

    def wait(self, deadline=10):
        """The exit status (negative: the signal), after reading the output to its end."""
        until = time.monotonic() + deadline
        while self._child.poll() is None and time.monotonic() < until:
            if not self._read(min(0.2, until - time.monotonic())):
                break
        while self._read(0) and select.select([self._out], [], [], 0)[0]:
            pass
        try:
            return self._child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name}: still runs after {deadline} s.{self._tail()}") from None

    def close(self):
        """Ends it, gently for two seconds; safe to call twice."""
        if self in _running:
            _running.remove(self)
            try:
                self.signal(signal.SIGTERM)
                self.wait(2)
            except Failed:
                self.kill()
            for fd in {self._in, self._out}:
                if self._child.stdin is None:
                    os.close(fd)
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe:
                    pipe.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def close_all():
    """Ends all that still runs, the youngest first."""
    for process in reversed(_running[:]):
        process.close()


def _leave(number, _frame):
    sys.exit(128 + number)


atexit.register(close_all)
for _number in (signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_DFL:
        signal.signal(_number, _leave)
