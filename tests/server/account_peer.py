# SPDX-License-Identifier: MIT
"""An account of ours as a test drives it: account_peer.c, line by line."""
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "net"), str(HERE.parent / "servers")]

from process import Process  # noqa: E402

PEER = os.environ["ACCOUNT_PEER"]


class Peer(Process):
    """port and ca: of its server, which is on loopback."""

    def __init__(self, jid, password, port, ca, *how, **more):
        super().__init__([PEER], name=jid, **more)
        self.jid, self.over = jid, False
        self.do(f"account {jid} {password} {port} {ca} {' '.join(how)}")

    def do(self, command, outcome="ok"):
        self.send_line(command)
        self.wait_for(f"^did {outcome}$")

    def connect(self, presence=True):
        """Its full JID."""
        if presence:
            self.do("presence")
        self.do("connect")
        return self.wait_up()

    def wait_up(self, deadline=30):
        return self.wait_for(r"^up (\S+) (new|resumed)$", deadline)[1]

    def wait_down(self, deadline=30):
        """(reason, whether it is tried again)"""
        match = self.wait_for(r"^down (\S+) (final|again)", deadline)
        return match[1], match[2] == "again"

    def ask(self, to, kind, payload, timeout=10000):
        """(error, condition, the answer's XML)"""
        self.send_line(f"ask {to} {kind} {timeout} {payload}")
        match = self.wait_for(r"^answer (\S+) (\S+) (.*)$", timeout / 1000 + 20)
        return match[1], match[2], match[3]

    def end(self):
        """In order; its exit status."""
        self.do("end")
        self.wait_for("^gone$")
        self.over = True
        return self.wait()
