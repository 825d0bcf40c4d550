#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bytestreams with TLS of their own (XEP-0065 with a certificate in it), with a client that others
wrote: slixmpp's XEP-0065 through a real server and its proxy, TLS by Python's ssl module.
"""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))

from online import Online, servers  # noqa: E402
from courier import Courier  # noqa: E402
from slix import Slix, make_certificate  # noqa: E402

QUERY = "{http://jabber.org/protocol/bytestreams}query"
CERT = "{bytestreams:secure}cert"
OURS = b"\0\n\xfeit is the east" * 7000  # 112 kB: many records


def sum_of(data):
    return f"{len(data)} {hashlib.sha1(data).hexdigest()}"


class Pipes(Online):
    hers = "montague.test"  # by the proxy of the own server
    options = ("--accept=anyone",)

    him = "romeo@montague.test"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.register(cls.him, "secret")

    def setUp(self):
        self.alone()
        self.peer = Slix("slix_cert.py", self.him, self.server)
        self.addCleanup(self.peer.close)

    def pipe(self, *words):
        """Juliet's side, as JSON; it is signed in."""
        pipe = self.start(self.juliet, "pipe", "--json", *words)
        at = pipe.wait_for('"event":"online".*"account":"([^"]*)"', 20)[1]
        return pipe, at

    def both(self, by, *words):
        """Who asks for it: a pipe, and how it is seen by the peer so far."""
        if by == "ours":
            return self.pipe(*words, self.peer.jid)[0]
        pipe, at = self.pipe("--wait", *words, self.him)
        self.peer.send_line(f"offer {at}")
        return pipe

    def exchange(self, pipe, theirs):
        """Bytes both ways, and an end in order."""
        self.peer.wait_for("^open TLSv1.3$", 20)
        opened = json.loads(pipe.wait_for(r'^\{"event":"open".*\}$', 20)[0])
        self.assertEqual(opened["level"], "unverified")
        pipe.send(OURS)
        self.peer.wait_for(f"^received {sum_of(OURS)}$", 20)
        self.peer.send_line(f"much {theirs}")
        self.peer.send_line("end")
        pipe.wait_for('"event":"ended"', 20)
        pieces = re.findall('"base64":"([^"]*)"', pipe.transcript)
        self.assertEqual(sum_of(b"".join(map(base64.b64decode, pieces))), sum_of(b"\0\r\n\xff" * (theirs // 4)))
        pipe.end_input()
        self.assertEqual(pipe.wait(20), 0, pipe.transcript)
        self.peer.wait_for("^ended$", 10)

    def test_bytes__go_both_ways__whoever_asked(self):
        self.exchange(self.both("ours", "--no-direct"), 2000)
        self.exchange(self.both("theirs"), 2000)
        first, second = re.findall("^certificate (.*)$", self.peer.transcript, re.M)
        self.assertNotEqual(first, second)


class OnProsody(Pipes, unittest.TestCase):
    kind = servers.Prosody

    def test_bytes__go_directly__where_addresses_are_told(self):
        self.exchange(self.both("ours"), 400000)

    def test_two_of_ours__exchange_bytes(self):
        text = "parting is such sweet sorrow\n" * 10000
        benvolio = self.person("benvolio", "montague.test")
        two, at = self.pipe("--wait", benvolio.jid)
        one = self.start(benvolio, "pipe", "-q", at)
        one.send(text)
        one.end_input()
        two.wait_for('"event":"ended"', 20)
        pieces = re.findall('"base64":"([^"]*)"', two.transcript)
        self.assertEqual(b"".join(map(base64.b64decode, pieces)).decode(), text)
        two.send(text)
        two.end_input()
        self.assertEqual((one.wait(20), two.wait(20)), (0, 0), two.transcript[-1000:])
        self.assertEqual(one.transcript, text)

    def test_bytes__move_no_cursor__on_a_terminal(self):
        """Nobody was proven by whom a terminal could be told what to do."""
        benvolio = self.person("benvolio", "montague.test")
        waits = self.start(self.juliet, "pipe", "--wait", benvolio.jid, pty=True)
        at = waits.wait_for(r"(juliet\S*@\S+/[^\s.]+)", 20)[1]
        asks = self.start(benvolio, "pipe", "-q", at)
        asks.send(b"\x1b]0;title\x07\x1b[2J\x9bA\0light\nfrom yonder window\n")
        waits.wait_for("from yonder window", 20)
        self.assertIn("\u241b]0;title\u2407\u241b[2J\ufffdA\u2400light\r\nfrom", waits.transcript)
        for told in "\x1b]", "\x1b[2J", "\0":
            self.assertNotIn(told, waits.transcript)

    def test_certificate__is_on_no_disk(self):
        temporary = pathlib.Path(self.folder) / "tmp"
        temporary.mkdir()
        self.juliet.env["TMPDIR"] = temporary
        pipe = self.both("ours")
        text = self.peer.wait_for("^certificate (.*)$", 20)[1]
        names = map(os.path.realpath, pathlib.Path(f"/proc/{pipe.pid}/fd").iterdir())
        self.assertEqual({os.path.dirname(name) for name in names if os.path.isfile(name)}, {str(self.juliet.home)})
        self.on_no_disk(text)
        self.exchange(pipe, 400)
        self.on_no_disk(text)

    def on_no_disk(self, text):
        files = [file for file in pathlib.Path(self.folder).rglob("*") if file.is_file()]
        self.assertGreaterEqual(len(files), 2)  # key and store
        for file in files:
            for shape in base64.b64decode(text), text.encode():
                self.assertFalse(shape[50:200] in file.read_bytes(), file)

    def left(self, how, by, status, why):
        """A peer who does something wrong is left, and nothing has passed."""
        with self.subTest(how, by=by):
            self.peer.send_line(f"be {how}")
            pipe = self.both(by)
            with contextlib.suppress(BrokenPipeError):  # it may be over
                pipe.send("a secret")
            self.assertEqual(pipe.wait(20), status, pipe.transcript)
            self.assertIn(why, pipe.transcript)
            self.assertNotIn('"event":"bytes"', pipe.transcript)
        self.assertNotIn("received", self.peer.transcript)

    def test_security_error__ends_it(self):
        for by in "ours", "theirs":
            self.left("wrong", by, 5, "another certificate than they announced")
            self.left("plain", by, 3, "The TLS handshake or session failed")
        self.left("bare", "ours", 4, "no certificate: somebody may have taken it out")
        self.left("garbled", "ours", 3, "certificate can't be used")

    def test_request_without_certificate__is_refused__and_others_still_wanted(self):
        pipe, at = self.pipe("--wait", self.him)
        for how, why in (("bare", "not-acceptable"), ("garbled", "bad-request")):
            self.peer.send_line(f"be {how}")
            self.peer.send_line(f"offer {at}")
            self.peer.wait_for(f"^refused {why}$", 20)
        self.peer.send_line("be honest")
        self.peer.send_line(f"offer {at}")
        self.exchange(pipe, 400)

    def test_machine_of_theirs__isnt_connected_to__where_addresses_arent_told(self):
        """What they call a proxy may be theirs, to see where we are."""
        pipe, at = self.pipe("--wait", "--no-direct", self.him)
        with socket.create_server(("127.0.0.1", 0)) as trap:
            self.peer.send_line(f"via 127.0.0.1 {trap.getsockname()[1]}")
            self.peer.send_line(f"offer {at}")
            self.peer.wait_for("^refused item-not-found$", 20)
            trap.settimeout(0)
            self.assertRaises(BlockingIOError, trap.accept)
        self.assertEqual(pipe.wait(20), 3, pipe.transcript)

    def test_cut_line__is_told(self):
        pipe = self.both("ours")
        pipe.wait_for('"event":"open"', 20)
        self.peer.send_line("much 400")
        self.peer.send_line("cut")
        self.assertEqual(pipe.wait(20), 3, pipe.transcript)
        self.assertIn("The line was cut", pipe.transcript)

    def test_peer__has_to_be_who_was_named__and_no_contact(self):
        at = self.peer.jid
        _, hers = self.pipe("--wait", "mercutio@montague.test")
        self.peer.send_line(f"offer {hers}")
        self.peer.wait_for("^refused service-unavailable$", 20)
        text = self.juliet.done("pipe", at, status=2)
        self.assertIn("--accept anyone", text)
        self.assertIn("troth probe", self.done(self.juliet, "pipe", self.him, status=2))
        certificate = make_certificate(self.folder, "friend").with_suffix(".crt")
        self.juliet.done("trust", "pin", "friend", certificate, "--jid", self.him)
        for words in ([at], ["--wait", self.him]):
            self.assertIn("a contact of yours", self.done(self.juliet, "pipe", *words, status=4))

    def test_nobody__is_told_with_what_the_other_side_has_to_run(self):
        self.assertIn("let it run `troth pipe --accept anyone --wait`",
                      self.done(self.juliet, "pipe", "mercutio@montague.test/pda", status=4))
        self.assertIn("Let it run `troth pipe --accept anyone` with",
                      self.done(self.juliet, "pipe", "--wait", "--timeout=1", "mercutio@montague.test", status=3))


class OnCourier(Online, unittest.TestCase):
    """Two of ours, and a server that does with their certificates as it likes."""
    kind = Courier
    options = ("--accept=anyone",)

    def outcome(self, tamper):
        """How it ends for who asks and for who is asked: their transcripts and statuses."""
        waits = self.start(self.juliet, "pipe", "--json", "--wait", self.romeo.jid)
        at = waits.wait_for('"event":"online".*"account":"([^"]*)"', 20)[1]
        self.server.tamper = lambda stanza: tamper(stanza) or [stanza]
        asks = self.start(self.romeo, "pipe", "--json", at)
        asks.send("a secret")
        status = asks.wait(20)
        if '"event":"open"' not in asks.transcript and "refused" in asks.transcript:  # and who is asked waits on
            waits.signal(signal.SIGINT)
        both = (status, asks.transcript), (waits.wait(20), waits.transcript)
        self.server.tamper = lambda stanza: [stanza]
        self.assertNotIn('"event":"bytes"', waits.transcript)
        return both

    @staticmethod
    def in_each(stanza, kind, change):
        """Changes the certificate of a request ("set") or of an answer ("result")."""
        for query in stanza.findall(QUERY) if stanza.get("type") == kind else ():
            for cert in query.findall(CERT):
                change(query, cert)

    def test_certificate_that_was_taken_out__is_missed(self):
        for kind, ends in (("set", ((4, "refused"), (4, "Interrupted"))),
                           ("result", ((4, "has no certificate"), (3, "was cut|no bytestream")))):
            with self.subTest(kind):
                got = self.outcome(lambda stanza, of=kind: self.in_each(
                    stanza, of, lambda query, cert: query.remove(cert)))
                for (status, text), (wanted, words) in zip(got, ends):
                    self.assertEqual(status, wanted, text)
                    self.assertRegex(text, words)

    def test_certificate_that_was_replaced__is_noticed(self):
        der = ssl.PEM_cert_to_DER_cert(make_certificate(self.folder, "tybalt").with_suffix(".crt").read_text())

        def change(_query, cert):
            cert.text = base64.b64encode(der).decode()

        for kind, ends in (("set", (4, 5)), ("result", (5, 4))):
            with self.subTest(kind):
                got = self.outcome(lambda stanza, of=kind: self.in_each(stanza, of, change))
                for (status, text), wanted in zip(got, ends):
                    self.assertEqual(status, wanted, text)
                    self.assertIn("may be in between" if wanted == 5 else "refused", text)


class OnEjabberd(Pipes, unittest.TestCase):
    kind = servers.Ejabberd


if __name__ == "__main__":
    unittest.main(verbosity=2)
