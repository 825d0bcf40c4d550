#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Calls to a contact who is online with a program that takes no streams, as most programs are."""
import json
import pathlib
import sys
import time
import unittest

from online import Online, servers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "server"))
from account_peer import Peer  # noqa: E402


class Incapable(Online, unittest.TestCase):
    kind = servers.Prosody

    def setUp(self):
        super().setUp()
        self.pair(self.juliet, self.romeo)
        program = Peer(self.romeo.jid, "secret", self.server.port, self.server.ca)
        self.addCleanup(program.close)
        self.theirs = program.connect()
        program.wait_for(rf"^item {self.juliet.jid} both", 30)  # she is shown it

    def test_send__ends_at_once_with_the_reason__by_name_and_by_address(self):
        for peer in "romeo", self.romeo.jid, self.theirs:
            began = time.monotonic()
            text = self.done(self.juliet, "send", "--timeout=90", peer, "Art thou there?", status=3)
            self.assertIn("The program that is there takes no end-to-end streams.", text)
            self.assertNotIn("isn't online", text)
            self.assertLess(time.monotonic() - began, 45)  # no time-out

    def test_probe__ends_at_once__and_says_no_more_of_it_than_it_says(self):
        began = time.monotonic()
        text = self.done(self.juliet, "probe", "--timeout=90", self.romeo.jid)
        self.assertEqual(text, f"Looking for {self.romeo.jid}…\n{self.theirs}\n"
                               "  called      never: it takes no streams\n")
        self.assertLess(time.monotonic() - began, 45)
        told = json.loads(self.done(self.juliet, "probe", "--json", self.romeo.jid).splitlines()[-1])
        self.assertEqual((told["result"], told["contact"], told["chosen"]), ("unsupported", None, False))

    def test_send__reaches_the_program_that_can__beside_it(self):
        listener = self.listen(self.romeo)
        self.done(self.juliet, "send", "romeo", "But soft!")
        self.assertEqual(self.up(listener)["contact"], "juliet")

    def test_chat__says_so__and_is_connected_when_a_program_that_can_comes(self):
        chat = self.start(self.juliet, "chat", "romeo", pty=True)
        chat.wait_for("romeo is online, but can't be called: The program that is there takes no", 30)
        self.listen(self.romeo)
        chat.wait_for("romeo is connected: verified", 30)


if __name__ == "__main__":
    unittest.main(verbosity=2)
