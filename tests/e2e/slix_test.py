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

WAYS = {"in-band": "in-band", "messages": "in-band", "direct": "direct", "ours": "proxy"}


class Slixmpp(Online):
    hers = "montague.test"  # whoever doesn't tell addresses uses the proxy of the own server alone

    him = "romeo@montague.test"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.register(cls.him, "secret")

    def setUp(self):
        self.alone()
        self.certificate = pathlib.Path(self.folder) / "juliet.crt"
        self.certificate.write_text(self.juliet.done("id", "--cert"))
        own = make_certificate(self.folder, "peer")
        self.juliet.done("trust", "pin", "peer", own.with_suffix(".crt"), "--jid", self.him)
        self.peer = Slix("slix_peer.py", self.him, self.server, own, self.certificate)
        self.addCleanup(self.peer.close)

    def answer(self, way):
        self.peer.send_line(f"answer {way}")

    def sent(self, text, *options):
        """Juliet's message arrived, and she knows."""
        out = self.done(self.juliet, "send", "--json", *options, self.him, text)
        self.peer.wait_for(f"^received {text.strip()} ?$", 10)
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
        self.peer.send_line("block 256")  # smaller than we offer
        self.answer("in-band")
        self.sent("many small ones " * 3000)

    def test_peer__calls_and_is_listened_to__by_each_way(self):
        listener, to = self.called()
        for way in ("direct", "in-band", "messages", "ours"):
            with self.subTest(way):
                self.call(listener, to, way)
        for way, block in (("in-band", 700), ("messages", 4096), ("in-band", 8192)):
            with self.subTest(way, block=block):
                self.peer.send_line(f"block {block}")
                self.peer.send_line(f"call {to} {way}")
                self.peer.wait_for("^secured$", 20)
                self.peer.send_line("repeat 8000 many words")
                listener.wait_for('"text":"many words many words [^"]*"', 20)
                self.peer.wait_for("^delivered m", 20)
                self.peer.send_line("end")
                self.peer.wait_for("^ended$", 10)
        self.assertIn('"text":"' + " ".join(["many words"] * 8000) + '"', listener.transcript)

    def test_peer__is_probed_and_talked_with(self):
        self.answer("direct")
        probed = json.loads(self.done(self.juliet, "probe", "--json", self.him).splitlines()[-1])
        self.assertEqual((probed["resource"], probed["proves"], probed["contact"]), (self.peer.jid, True, "peer"))
        chat = self.start(self.juliet, "chat", "peer")
        chat.wait_for("peer is connected: verified", 30)
        self.peer.wait_for("^secured$", 10)
        for number in range(2):
            chat.send_line(f"line {number}")
            self.peer.wait_for(f"^received line {number}$", 10)
            chat.wait_for(f"✓ line {number}", 10)
            self.peer.send_line(f"say answer {number}")
            chat.wait_for(rf"\(verified\): answer {number}", 10)
            self.peer.wait_for("^delivered m", 10)

    def test_peer_with_another_key__is_refused__whoever_calls(self):
        """The same account, another certificate: its password, or its server, is somebody else's."""
        other = make_certificate(self.folder, "other")
        self.peer.close()
        self.peer = Slix("slix_peer.py", self.him, self.server, other, self.certificate)
        self.addCleanup(self.peer.close)
        for way in ("direct", "in-band"):
            self.answer(way)
            text = self.done(self.juliet, "send", "--timeout=8", "peer", "my secret", status=5)
            self.assertIn("doesn't show the key that this contact is known by", text)
        listener, to = self.called()
        self.peer.send_line(f"call {to} in-band")
        self.peer.wait_for("^(refused|failed|cut|terminated)", 20)
        listener.wait_for('"event":"failed"', 20)
        self.assertNotIn('"event":"up"', listener.transcript)
        self.assertNotIn("my secret", self.peer.transcript)


class OnProsody(Slixmpp, unittest.TestCase):
    kind = servers.Prosody


if __name__ == "__main__":
    unittest.main(verbosity=2)
