#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bytestreams with libervia, which has Jingle and its transports, and not XEP-0247: with a server between
that calls one application by the other's name, both agree on a bytestream, and bytes arrive, by each
transport and in each role."""
import os
import pathlib
import re
import sys
import tempfile
import unittest

from account_peer import Peer
import servers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import libervia  # noqa: E402

THEIRS = "mercutio@montague.test"


class Bytes:
    """Bytes between libervia and our engine. `cut` says which candidates lead nowhere."""

    applications, cut = libervia.APPLICATIONS, ()

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="troth-libervia-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        names = (THEIRS, "juliet@capulet.test", "juliet@montague.test")
        cls.server = servers.Interpreting(cls.applications, cls.cut, address=libervia.ADDRESS,
                                          accounts=[(name, "secret") for name in names])
        cls.addClassCleanup(cls.server.close)
        cls.theirs = libervia.Libervia(cls.folder / "home", cls.server, THEIRS, "secret")
        cls.addClassCleanup(cls.theirs.close)

    def sign_in(self, jid):
        self.sent, self.got = self.folder / f"sent-{self.id()}", self.folder / f"got-{self.id()}"
        self.sent.write_bytes(os.urandom(200_000))
        self.peer = Peer(jid, "secret", f"{self.server.address}:{self.server.port}", self.server.ca, "bytes")
        self.addCleanup(self.peer.close)
        self.peer.do(f"bytes {self.got}")
        self.jid = self.peer.connect()

    def run_libervia(self, verb, *words):
        process = verb(*words)
        self.addCleanup(process.close)
        return process

    def receive(self, verb, path):
        """libervia calls, and sends."""
        self.sign_in("juliet@capulet.test")
        out = self.run_libervia(verb, self.jid, self.sent)
        self.peer.wait_for(f"^called {self.theirs.jid}$", libervia.READY)
        self.peer.wait_for(f"^open {path}$", libervia.READY)
        self.peer.wait_for("^ended ", libervia.READY)
        self.assertEqual(self.got.read_bytes(), self.sent.read_bytes())
        self.peer.do("hang-up")
        self.assertEqual(self.peer.end(), 0, self.peer.transcript)
        return out

    def send(self, jid, path, command="call"):
        """We call, and send."""
        self.sign_in(jid)
        into = self.run_libervia(self.theirs.pipe_in, self.got_there)
        self.peer.do(f"{command} {self.theirs.jid}")
        self.peer.wait_for(f"^open {path}$", libervia.READY)
        self.peer.do(f"say {self.sent}")
        self.peer.wait_for("^finished ok$", libervia.READY)
        self.assertEqual(into.wait(libervia.READY), 0, into.transcript)
        self.assertEqual(self.got_there.read_bytes(), self.sent.read_bytes())
        self.peer.do("hang-up")
        self.assertEqual(self.peer.end(), 0, self.peer.transcript)

    @property
    def got_there(self):
        return self.folder / f"there-{self.id()}"

    def said(self, sender):
        """What one side sent by Jingle in its last session, in order."""
        all_ = [iq for iq in self.server.jingle() if f"from='{sender}'" in iq]
        sid = re.search(r"<jingle [^>]*sid='([^']*)'", all_[-1])[1]
        return [re.search(r"action='([a-z-]*)'", iq)[1] for iq in all_ if f"sid='{sid}'" in iq]


class Direct(Bytes, unittest.TestCase):
    def test_libervia_calls__bytes_arrive_over_socks5(self):
        out = self.receive(self.theirs.pipe_out, "direct")
        self.assertEqual(out.wait(libervia.READY), 0, out.transcript)

    def test_we_call__bytes_arrive_over_socks5(self):
        self.send("juliet@capulet.test", "direct")

    def test_we_call__bytes_arrive_in_band__where_nothing_else_is_offered(self):
        self.send("juliet@capulet.test", "in-band", "call-in-band")
        self.assertNotIn("transport-replace", self.said(self.jid))


class Uninterpreted(Bytes, unittest.TestCase):
    """Without anybody between, who would make each other understood."""

    applications = ()

    def test_our_call__is_refused_at_once(self):
        self.sign_in("juliet@capulet.test")
        self.peer.do(f"call {self.theirs.jid}")
        self.peer.wait_for("^over not-found Nobody takes our call there", libervia.READY)

    def test_its_call__is_refused_at_once(self):
        self.sign_in("juliet@capulet.test")
        self.run_libervia(self.theirs.pipe_out, self.jid, self.sent)
        self.peer.wait_for("action='session-initiate'", libervia.READY)
        self.peer.wait_for(f"type='result'.* from='{self.theirs.jid}'", libervia.READY)  # the answer to its end
        self.assertEqual(self.said(self.jid), ["session-terminate"])
        self.assertIn("<reason><unsupported-applications/></reason>", self.server.jingle()[-1])
        self.assertNotIn("called", self.peer.transcript)


class ByProxy(Bytes, unittest.TestCase):
    """Of the two domains one has a proxy."""

    cut = ("direct",)

    def test_we_call__bytes_arrive_through_our_proxy(self):
        self.send("juliet@montague.test", "proxy")

    def test_we_call__bytes_arrive_in_band__when_it_fails_to_activate_its_proxy(self):
        self.send("juliet@capulet.test", "in-band")
        self.assertTrue(any("<proxy-error/>" in iq for iq in self.server.jingle()))
        self.assertIn("transport-replace", self.said(self.jid))


class InBand(Bytes, unittest.TestCase):
    cut = ("direct", "proxy")

    def test_libervia_calls__bytes_arrive_in_band__by_its_transport_replace(self):
        self.receive(self.theirs.send_file, "in-band")
        self.assertIn("transport-replace", self.said(self.theirs.jid))
        self.assertIn("transport-accept", self.said(self.jid))

    def test_we_call__bytes_arrive_in_band__by_our_transport_replace(self):
        self.send("juliet@capulet.test", "in-band")
        self.assertIn("transport-replace", self.said(self.jid))
        self.assertIn("transport-accept", self.said(self.theirs.jid))


if __name__ == "__main__":
    libervia.alone()
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
