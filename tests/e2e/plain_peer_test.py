#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A plain old peer: libpurple's Bonjour, which can't encrypt (XEP-0174 as of 2002).

Usage: plain_peer_test.py TROTH BONJOUR
"""
import json
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "net")]

import namespace  # noqa: E402
from bonjour import Bonjour  # noqa: E402


class PlainPeer(unittest.TestCase):
    troth = bonjour = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-plain-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name) / "juliet"
        network = namespace.Network("forza", "pronto")
        self.addCleanup(network.close)
        self.forza, self.pronto = network.hosts
        self.forza.start_mdns()
        self.pronto.run(self.troth, "--home", self.home, "init", "--nick", "Juliet")
        self.pidgin = Bonjour(self.bonjour, self.forza, "romeo@forza")
        self.addCleanup(self.pidgin.close)

    def spawn(self, *words, **how):
        return self.pronto.spawn([self.troth, "--home", self.home, *words], env={"NO_COLOR": "1"}, **how)

    def listen(self, *words):
        process = self.spawn("listen", "--json", "--announce", "name=juliet@pronto", *words)
        process.wait_for('"event":"named"', 20)
        self.pidgin.wait_for_buddy("juliet@pronto")
        return process

    def event(self, process, kind, deadline=15):
        return json.loads(process.wait_for(r'^(\{"event":"%s".*\})$' % kind, deadline)[1])

    def test_pidgin_calls__and_is_refused__by_default(self):
        listener = self.listen()
        self.pidgin.say("juliet@pronto", "are you there?")
        event = self.event(listener, "failed")
        self.assertIn("encrypt", event["text"])
        listener.never('"event":"message"', 1)
        self.pidgin.process.never("^received", 1)  # no garbage on that screen

    def test_pidgin_calls__and_talks__where_plain_is_allowed(self):
        listener = self.listen("--accept", "plain")
        self.pidgin.say("juliet@pronto", "are you there?")
        event = self.event(listener, "message")
        self.assertEqual((event["text"], event["level"]), ("are you there?", "plain"))

    def test_troth_calls__and_refuses__by_default(self):
        # Pidgin resets whoever it hasn't discovered yet, so that the first calls may fail otherwise.
        chat = self.spawn("chat", "--announce", "name=juliet@pronto", "romeo@forza", use_pty=True)
        chat.wait_for("encrypt", 40)
        self.assertNotIn("is connected", chat.transcript)
        self.pidgin.process.never("^received", 1)

    def test_chat__goes_both_ways__and_is_marked_plain(self):
        chat = self.spawn("chat", "--allow-plain", "--announce", "name=juliet@pronto", "romeo@forza",
                          use_pty=True)
        self.pidgin.wait_for_buddy("juliet@pronto")
        chat.wait_for("not encrypted, not authenticated", 20)
        chat.send_line("hello from the other side")
        self.pidgin.wait_for_message("juliet@pronto", "hello from the other side", 15)
        self.pidgin.say("juliet@pronto", "hello yourself")
        chat.wait_for(r"romeo@forza \(plain\): hello yourself", 15)


if __name__ == "__main__":
    namespace.become_root()
    PlainPeer.troth, PlainPeer.bonjour = sys.argv[1:3]
    del sys.argv[1:3]
    unittest.main(verbosity=2)
