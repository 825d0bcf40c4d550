#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Streams with a peer whose bytestreams, TLS and XML others wrote: slixmpp's XEP-0047 and XEP-0065
through a real server, Python's ssl module and ElementTree. Each side pins the other's certificate.
"""
import json
import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))

from online import Online, servers  # noqa: E402
from slix import Slix, make_certificate  # noqa: E402

WAYS = {"in-band": "in-band", "direct": "direct", "proxy": "proxy", "ours": "proxy"}


class Slixmpp(Online):
    hers = "montague.test"  # whoever doesn't tell addresses uses the proxy of the own server alone

    him = "romeo@montague.test"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.register(cls.him, "secret")

    def setUp(self):
        self.alone()
        certificate = pathlib.Path(self.folder) / "juliet.crt"
        certificate.write_text(self.juliet.done("id", "--cert"))
        own = make_certificate(self.folder, "peer")
        self.juliet.done("trust", "pin", "peer", own.with_suffix(".crt"), "--jid", self.him)
        self.peer = Slix("slix_peer.py", self.him, self.server, own, certificate)
        self.addCleanup(self.peer.close)

    def answer(self, way):
        self.peer.send_line(f"answer {way}")

    def sent(self, text, *options):
        """Juliet's message arrived, and she knows."""
        out = self.done(self.juliet, "send", "--json", *options, self.him, text)
        self.peer.wait_for(f"^received {text}$", 10)
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]

    def called(self, *options):
        """A listener of hers, and where it is."""
        listener = self.listen(self.juliet, *options)
        return listener, re.search('"account":"([^"]*)"', listener.transcript).group(1)

    def call(self, listener, to, way):
        """Romeo calls her; a message each way, and receipts."""
        self.peer.send_line(f"call {to} {way}")
        self.peer.wait_for(f"^path {WAYS[way]}$", 20)
        self.peer.wait_for("^secured$", 20)
        up = self.up(listener)
        self.assertEqual((up["contact"], up["level"], up["method"], up["path"]),
                         ("peer", "verified", "key", WAYS[way]))
        self.peer.send_line("say what light")
        listener.wait_for('"text":"what light"', 10)
        self.peer.wait_for("^delivered m", 10)
        self.peer.send_line("end")
        self.peer.wait_for("^ended$", 10)

    def test_peer__is_sent_to__by_each_way(self):
        for way in ("direct", "in-band"):
            with self.subTest(way):
                self.answer(way)
                self.sent(f"by {way}")
                self.assertIn(f"path {way}", self.peer.transcript)
        self.answer("proxy")
        self.sent("by proxy", "--no-direct")
        self.assertIn("path proxy", self.peer.transcript)

    def test_peer__calls_and_is_listened_to__by_each_way(self):
        listener, to = self.called()
        for way in ("direct", "in-band", "ours"):
            with self.subTest(way):
                self.call(listener, to, way)


class OnProsody(Slixmpp, unittest.TestCase):
    kind = servers.Prosody


if __name__ == "__main__":
    unittest.main(verbosity=2)
