#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command and libervia: a contact who has signed in with that client, which has Jingle and neither
XEP-0247 nor XEP-0250. Each side is told at once that the other can't be called."""
import pathlib
import re
import sys
import time
import unittest

from online import Online, servers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import libervia  # noqa: E402

CANT = "takes no end-to-end streams"


class Libervia(Online, unittest.TestCase):
    kind, how = servers.Interpreting, {"address": libervia.ADDRESS}

    def setUp(self):
        super().setUp()
        self.pair(self.juliet, self.romeo)
        self.theirs = libervia.Libervia(pathlib.Path(self.folder) / "libervia", self.server, self.romeo.jid,
                                        "secret")
        self.addCleanup(self.theirs.close)

    def test_its_call__is_refused_with_the_reason__and_the_next_call_of_ours_is_taken(self):
        listener = self.listen(self.juliet)
        at = re.search('"account":"([^"]*)"', listener.transcript)[1]
        file = pathlib.Path(self.folder) / "file"
        file.write_text("Wherefore art thou?")
        self.addCleanup(self.theirs.pipe_out(at, file).close)
        self.wait_for_jingle(f"from='{at}'.*<reason><unsupported-applications/></reason>")
        listener.never('"event":"(up|failed)"', 0.1)
        self.done(self.romeo, "send", "juliet", "But soft!")
        self.assertEqual(self.up(listener)["contact"], "romeo")

    def test_its_call__of_nobodys_contact__meets_nobody(self):
        stranger = self.person("tybalt", "capulet.test")
        listener = self.listen(stranger)
        at = re.search('"account":"([^"]*)"', listener.transcript)[1]
        file = pathlib.Path(self.folder) / "file"
        file.write_text("Romeo!")
        self.addCleanup(self.theirs.pipe_out(at, file).close)
        self.theirs.backend.wait_for("Error while sending jingle.*service-unavailable", libervia.READY)
        self.assertFalse([iq for iq in self.server.jingle() if f"from='{at}'" in iq])

    def test_our_call__is_over_at_once__with_the_reason(self):
        for peer in ("romeo", self.romeo.jid, self.theirs.jid):
            began = time.monotonic()
            text = self.done(self.juliet, "send", "--timeout=60", peer, "Art thou there?", status=3)
            self.assertIn(CANT, text)
            self.assertLess(time.monotonic() - began, 20)  # long before it would give up
        with self.juliet.troth("send", "--timeout=60", "romeo", "Art thou nearby?") as send:  # nor on the link
            self.assertEqual(send.wait(20), 3, send.transcript)
            self.assertIn(CANT, send.transcript)
        text = self.done(self.juliet, "probe", "--timeout=60", self.romeo.jid)
        self.assertIn(f"{self.theirs.jid}\n  called      never: it takes no streams\n", text)
        self.assertFalse([iq for iq in self.server.jingle() if f"to='{self.theirs.jid}'" in iq])

    def test_our_chat__says_so_at_once__and_goes_on_when_the_command_is_there(self):
        chat = self.start(self.juliet, "chat", "romeo", pty=True)
        chat.wait_for(f"romeo is online, but can't be called: .*{CANT}", libervia.READY)
        self.listen(self.romeo)
        chat.wait_for("romeo is connected: verified", libervia.READY)

    def wait_for_jingle(self, regex):
        until = time.monotonic() + libervia.READY
        while not any(re.search(regex, iq) for iq in self.server.jingle()):
            self.assertLess(time.monotonic(), until, self.server.jingle())
            time.sleep(0.05)


if __name__ == "__main__":
    libervia.alone()
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
