#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""XTLS over a real server: a client that others might have written, which knows that alone; two of ours; and
strangers. Romeo has paired with Juliet by ours, and goes on with his key in that other client."""
import hashlib
import json
import pathlib
import re
import ssl
import subprocess
import sys
import unittest

from online import Online

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "servers")]
import servers  # noqa: E402
from xtls import XTLS, XtlsPeer  # noqa: E402


def make_certificate(folder, name):
    """PEM files: (certificate, key)."""
    certificate, key = f"{folder}/{name}.crt", f"{folder}/{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-noenc", "-days", "30", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return certificate, key


class Foreign(Online, unittest.TestCase):
    kind = servers.Prosody
    how = {"proxy": ""}
    options = ("--no-lan", "--no-direct")

    def setUp(self):
        super().setUp()
        self.pair(self.juliet, self.romeo)

    def foreign(self, jid=None, **how):
        """Romeo's other client, with the key that he has."""
        pem = str(self.romeo.home / "device.pem")
        peer = XtlsPeer(jid or self.romeo.jid, "secret", self.server, **{"certificate": pem, "key": pem, **how})
        self.addCleanup(peer.close)
        peer.knows(self.juliet.done("id", "--cert"))
        return peer

    def another(self, name):
        certificate, key = make_certificate(self.folder, name)
        return {"certificate": certificate, "key": key}

    def call(self, verb, peer, *words, **how):
        return self.start(self.juliet, verb, "--xtls", f"--at={peer.jid}", "romeo", *words, **how)

    def own(self, *words):
        """Juliet listens; and her full address."""
        listener = self.listen(self.juliet, *words)
        return listener, re.search('"account":"([^"]*)"', listener.transcript).group(1)

    def refused(self, peer, listener):
        """She has sent him away, and was told why."""
        self.assertEqual(peer.wait_for("terminated"), "security-error")
        failed = json.loads(listener.wait_for(r'^\{"event":"failed".*\}$', 20).group(0))
        listener.never('"event":"up"', 0.1)
        return failed

    def methods(self, security):
        return [e.get("name") for e in security.iter(f"{{{XTLS}}}method")]

    # ---- it works ----

    def test_client__that_knows_only_xtls__is_called__and_talks(self):
        peer = self.foreign()
        chat = self.call("chat", peer, pty=True)
        security = peer.wait_for("called")
        self.assertEqual(self.methods(security), ["x509"])
        self.assertEqual(security.find(f"{{{XTLS}}}fingerprint").text,
                         json.loads(self.juliet.done("--json", "id"))["name"])
        self.assertEqual(peer.wait_for("chosen"), ["x509"])
        peer.wait_for("up")
        chat.wait_for("romeo is connected: verified", 30)
        chat.send_line("what news?")
        peer.hears("what news?")
        peer.say("courage, man")
        chat.wait_for(r"\(verified\): courage, man", 20)

    def test_client__that_knows_only_xtls__calls__and_talks(self):
        peer = self.foreign()
        chat = self.start(self.juliet, "chat", pty=True)
        at = chat.wait_for(r"Signed in as (\S+)\.", 20).group(1)
        peer.call(at)
        self.assertEqual(self.methods(peer.wait_for("accepted")), ["x509"])
        self.assertEqual(peer.wait_for("tls"), "TLSv1.3")
        self.assertNotIn("transcript", peer.wait_for("up"))
        chat.wait_for("romeo is connected: verified", 30)
        peer.say("a plague o' both your houses")
        chat.wait_for(r"\(verified\): a plague o'", 20)
        chat.send_line("why?")
        peer.hears("why?")

    # ---- who isn't let ----

    def test_stranger__is_refused__as_if_nobody_were_there__or_with_the_reason(self):
        listener, at = self.own()
        tybalt = f"tybalt{self.number}@montague.test"
        self.server.register(tybalt, "secret")
        peer = self.foreign(tybalt)
        peer.call(at)
        self.assertEqual(peer.wait_for("error"), "service-unavailable")
        listener.never('"event":"(up|failed)"', 0.1)
        # Somebody who has her password may know of her, and has neither her key nor a contact's.
        peer = self.foreign(self.juliet.jid, **self.another("tybalt"))
        self.assertIn(XTLS, peer.features_of(at))
        peer.call(at)
        self.assertEqual(self.refused(peer, listener)["error"], "refused")

    # ---- who has the stanzas in hand ----

    def test_call__that_was_altered__is_refused(self):
        listener, at = self.own()
        another = self.another("tybalt")
        liar = self.foreign(shows=(another["certificate"], another["key"]))
        liar.call(at)
        failed = self.refused(liar, listener)
        self.assertEqual((failed["error"], failed["class"]), ("downgrade", "attack"))
        liar.close()
        peer = self.foreign()
        peer.altered = lambda security: security.replace(peer.name, "00" * 20)
        peer.call(at)
        self.assertEqual(self.refused(peer, listener)["error"], "downgrade")
        peer.altered = lambda security: security.replace("<method name='x509'/>", "")
        peer.call(at)
        failed = self.refused(peer, listener)
        self.assertEqual((failed["contact"], failed["error"]), ("romeo", "floor"))

    def test_answer__that_says_nothing_of_security__or_less__is_the_end(self):
        peer = self.foreign()
        for altered in "", f"<security xmlns='{XTLS}'><method name='srp'/></security>":
            peer.altered = lambda security: altered
            call = self.call("send", peer, "psst")
            self.assertEqual(peer.wait_for("terminated"), "security-error")
            self.assertEqual(call.wait(20), 4, call.transcript)
            self.assertIn("doesn't agree to be secured by XTLS", call.transcript)

    def policy(self, text):
        path = pathlib.Path(self.folder) / "policy"
        path.write_text(text)
        return f"--policy={path}"

    def test_policy__says_who_may(self):
        listener, at = self.own(self.policy("xtls no\n"))
        peer = self.foreign()
        self.assertNotIn(XTLS, peer.features_of(at))
        peer.call(at)
        self.assertIsNone(peer.wait_for("accepted"))
        listener.close()
        listener, at = self.own("--accept=anyone", self.policy("xtls anybody\n"))
        peer = self.foreign(self.juliet.jid, **self.another("tybalt"))
        peer.call(at)
        peer.wait_for("up")
        self.assertEqual(self.up(listener)["level"], "unverified")


class Bootstrap(Online, unittest.TestCase):
    """Jingle-XTLS 5: a secret at first, then certificates."""
    kind = servers.Prosody
    how = {"proxy": ""}

    def setUp(self):
        super().setUp()
        self.theirs = f"mercutio{self.number}@montague.test"
        self.server.register(self.theirs, "secret")
        certificate, key = make_certificate(self.folder, "mercutio")
        self.peer = XtlsPeer(self.theirs, "secret", self.server, certificate=certificate, key=key,
                             methods=("srp", "x509"))
        self.addCleanup(self.peer.close)
        self.window = self.start(self.juliet, "pair", "--json")
        waits = self.window.wait_for(r'^\{"event":"waiting-for-peer".*\}$', 20)
        self.peer.secret = json.loads(waits.group(0))["secret"]
        online = self.window.wait_for(r'^\{"event":"online".*\}$', 20)
        self.at = json.loads(online.group(0))["account"]

    def test_client__pairs_by_a_secret__and_comes_back_with_its_certificate(self):
        self.peer.call(self.at)
        security = self.peer.wait_for("accepted")
        self.assertEqual([e.get("name") for e in security], ["srp"])
        self.assertEqual(self.peer.wait_for("tls"), "TLSv1.2")
        self.assertIn("BEGIN CERTIFICATE", self.peer.wait_for("keys"))
        self.window.wait_for('"event":"pinned"', 20)
        self.peer.hang_up()
        self.peer.methods = ("x509", "srp")
        self.peer.call(self.at)
        self.assertEqual(self.peer.wait_for("tls"), "TLSv1.3")
        self.window.wait_for('"event":"paired"', 20)
        self.assertEqual(self.window.wait(30), 0, self.window.transcript)
        [label] = self.juliet.contacts()
        shown = json.loads(self.juliet.done("--json", "trust", "show", label))
        self.assertEqual([key["state"] for key in shown["keys"]], ["proven"])

    def test_client__that_gave_somebody_elses_certificate__is_nobody(self):
        own, name = self.peer.der, self.peer.name
        certificate, _ = make_certificate(self.folder, "tybalt")
        self.peer.der = ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate).read_text())
        self.peer.name = hashlib.sha1(self.peer.der).hexdigest()
        self.peer.call(self.at)
        self.peer.wait_for("keys")
        self.window.wait_for('"event":"pinned"', 20)
        self.peer.hang_up()
        self.peer.methods, self.peer.der, self.peer.name = ("x509",), own, name
        self.peer.call(self.at)
        self.assertEqual(self.peer.wait_for("terminated"), "security-error")
        self.window.never('"event":"(up|paired)"', 0.1)

    def test_client__with_a_wrong_secret__costs_a_guess_and_gets_nothing(self):
        self.peer.secret += "x"
        self.peer.call(self.at)
        self.window.wait_for('"event":"wrong-secret".*"guesses":9', 20)
        self.assertEqual(self.peer.wait_for("terminated"), "security-error")
        self.assertEqual(self.juliet.contacts(), [])

    def test_client__that_wants_certificates_alone__is_refused(self):
        self.peer.methods = ("x509",)
        self.peer.call(self.at)
        self.assertEqual(self.peer.wait_for("terminated"), "security-error")


class Ours(Online, unittest.TestCase):
    kind = servers.Prosody

    def test_two_of_ours__pair_by_xtls_alone__and_are_told_that_no_offers_were_compared(self):
        window = self.start(self.juliet, "pair", "--json")
        secret = json.loads(window.wait_for(r'^\{"event":"waiting-for-peer".*\}$', 20).group(0))["secret"]
        window.wait_for('"event":"online"', 20)
        caller = self.start(self.romeo, "pair", "--xtls", self.juliet.jid, pty=True)
        caller.wait_for("Secret shared with .*: ", 30)
        caller.send_line(secret)
        self.assertEqual(caller.wait(30), 0, caller.transcript)
        self.assertEqual(window.wait(30), 0, window.transcript)
        listener = self.listen(self.juliet)
        self.done(self.romeo, "send", "--xtls", "juliet", "by XTLS")
        up = self.up(listener)
        self.assertEqual((up["level"], up["method"], up["transcript"]), ("verified", "key", False))
        listener.wait_for('"text":"by XTLS"', 10)
        self.done(self.romeo, "send", "juliet", "by ours")
        self.assertTrue(self.up(listener)["transcript"])
        self.done(self.romeo, "send", "--xtls", "juliet", "by less")
        self.assertIn("compared the offers before", " ".join(self.up(listener)["reasons"]))

    def test_wrong_secret__is_counted__and_told(self):
        window = self.start(self.juliet, "pair", "--json")
        window.wait_for('"event":"online"', 20)
        caller = self.start(self.romeo, "pair", "--xtls", self.juliet.jid, pty=True)
        caller.wait_for("Secret shared with .*: ", 30)
        caller.send_line("a wrong guess")
        window.wait_for('"event":"wrong-secret".*"guesses":9', 30)
        caller.wait_for("The secret was wrong|The two secrets differ", 20)


if __name__ == "__main__":
    unittest.main(verbosity=2)
