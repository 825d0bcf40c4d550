#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A peer that knows only the XEPs, driven by hand: gnutls-cli, another implementation of TLS-SRP.

It speaks XEP-0250 without our mark and XEP-0189 without proof of possession: a shared secret
first, its own certificate next time. Usage: xep_peer_test.py TROTH
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "net")]

import namespace  # noqa: E402
from gnutls import GnutlsClient, SRP_ONLY, has_srp  # noqa: E402

PORT = 5298
STREAM = ("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
          " from='romeo@forza' to='%s' version='1.0'>")
STARTTLS = ("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
            "<offer xmlns='urn:xmpp:tmp:c2ctls'>%s</offer></starttls>")
KEYINFO = "<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>%s</name>%s</keyinfo>"


class XepPeer(unittest.TestCase):
    troth = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-xep-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        network = namespace.Network("forza", "pronto")
        self.addCleanup(network.close)
        self.forza, self.pronto = network.hosts
        self.run_troth("init", "--nick", "Juliet")

    def run_troth(self, *words):
        return self.pronto.run(self.troth, "--home", self.folder / "juliet", *words)

    def listen(self, *words):
        """A listening troth: the process, its name on the link, and its secret where it pairs."""
        process = self.pronto.spawn([self.troth, "--home", self.folder / "juliet", "listen", "--json",
                                     "--port", str(PORT), *words])
        event = json.loads(process.wait_for(r'^(\{"event":"listening".*\})$', 15)[1])
        secret = None
        if "--pair" in words:
            secret = json.loads(process.wait_for(r'^(\{"event":"window".*\})$', 10)[1])["secret"]
        return process, event["name"], secret

    def connect(self, name, offer, **credentials):
        """Up to <proceed/>, which must name the offered method."""
        peer = GnutlsClient(self.forza, self.pronto.address, PORT, **credentials)
        peer.write("<?xml version='1.0'?>" + STREAM % name)
        peer.wait_for("</stream:features>", 10)
        peer.write(STARTTLS % offer)
        return peer

    def enter(self, peer, name):
        """TLS, and the stream inside it."""
        peer.wait_for("<proceed", 15)
        peer.start_tls()
        peer.write(STREAM % name)
        peer.wait_for("<transcript", 10)  # sent to everybody, looked at by those who know it

    def make_certificate(self):
        """The peer's own: files for gnutls-cli, name and data as XEP-0189 writes them."""
        key, cert = self.folder / "romeo.key", self.folder / "romeo.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "30", "-subj", "/CN=romeo", "-keyout", key, "-out", cert],
                       check=True, capture_output=True)
        der = subprocess.run(["openssl", "x509", "-in", cert, "-outform", "DER"], check=True,
                             capture_output=True).stdout
        return key, cert, hashlib.sha1(der).hexdigest(), base64.b64encode(der).decode()

    def meet_by_secret(self, give_key):
        """The first meeting; with give_key Romeo answers the request for his keys."""
        listener, name, secret = self.listen("--pair")
        peer = self.connect(name, "<srp/>", user="romeo@forza", secret=secret)
        self.enter(peer, name)
        wanted = peer.wait_for("<iq type='get' id='([0-9a-f]+)'[^>]*><pubkeys", 10)[1]
        if give_key is None:
            peer.write(f"<iq type='error' id='{wanted}'><error type='cancel'><service-unavailable "
                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        else:
            peer.write(f"<iq type='result' id='{wanted}'><pubkeys xmlns='urn:xmpp:tmp:pubkey'>"
                       + give_key + "</pubkeys></iq>")
        return listener, name, peer

    def talk(self, listener, peer, level):
        peer.write("<message><body>by the book</body></message>")
        line = listener.wait_for(r'^(\{"event":"message".*\})$', 10)[1]
        event = json.loads(line)
        self.assertEqual((event["text"], event["level"]), ("by the book", level))

    def test_secret__is_enough__for_a_peer_without_keys(self):
        listener, _, peer = self.meet_by_secret(None)
        self.talk(listener, peer, "verified")
        peer.close()

    def test_capabilities__are_told_after_a_secret__as_announced(self):
        listener, name, secret = self.listen("--pair", "--announce=status=away")
        with self.forza.spawn([os.environ["LAN_PEER"], "embedded"]) as looker:
            looker.send_line("browse")
            node, ver = looker.wait_for(rf"^found {name} .* node=(\S+) .* ver=(\S+)", 15).groups()
        peer = self.connect(name, "<srp/>", user="romeo@forza", secret=secret)
        self.assertNotIn("disco#info", peer.process.transcript)  # the features in clear
        self.enter(peer, name)
        info = peer.wait_for("<query xmlns='http://jabber.org/protocol/disco#info'(.*)</query>"
                             "</stream:features>", 10)[1]
        self.assertTrue(info.startswith(f" node='{node}#{ver}'>"), info)
        # XEP-0115 5.1, by its words.
        text = "client/console//Troth<" + "".join(
            feature + "<" for feature in sorted(re.findall("<feature var='([^']+)'/>", info)))
        self.assertIn("<identity category='client' type='console' name='Troth'/>", info)
        self.assertEqual(ver, base64.b64encode(hashlib.sha1(text.encode()).digest()).decode())
        peer.close()

    def test_wrong_secret__is_refused__and_counted(self):
        listener, name, _ = self.listen("--pair")
        peer = self.connect(name, "<srp/>", user="romeo@forza", secret="wrong-wrong-wrong-wrong")
        peer.wait_for("<proceed", 15)
        peer.begin_tls()
        self.assertIn("record", peer.wait_for_refusal().lower())
        event = json.loads(listener.wait_for(r'^(\{"event":"wrong-secret".*\})$', 10)[1])
        self.assertEqual(event["guesses"], 9)
        peer.close()

    def test_key_learnt_by_secret__proves_itself__next_time(self):
        key, cert, name_of_key, data = self.make_certificate()
        data = KEYINFO % (name_of_key, f"<x509cert>{data}</x509cert>")
        listener, _, peer = self.meet_by_secret(data)
        self.talk(listener, peer, "verified")
        peer.write("</stream:stream>")
        peer.wait_for("</stream:stream>", 10)
        peer.close()
        listener.close()
        self.assertRegex(self.run_troth("trust", "show", self.label()), r"\bunproven\b")
        # The second meeting: no secret, a certificate that Juliet has seen named before.
        listener, name, _ = self.listen()
        peer = self.connect(name, KEYINFO % (name_of_key, ""), certificate=cert, key=key)
        self.enter(peer, name)
        self.talk(listener, peer, "verified")
        listener.close()
        shown = self.run_troth("trust", "show", self.label())
        self.assertRegex(shown, r"\bproven\b")
        self.assertNotRegex(shown, r"\bunproven\b")

    def test_secret_and_certificate_of_a_contact__make_nobody__that_contact(self):
        _, cert, name_of_key, data = self.make_certificate()
        self.run_troth("trust", "pin", "nurse", cert)
        data = KEYINFO % (name_of_key, f"<x509cert>{data}</x509cert>")
        listener, _, peer = self.meet_by_secret(data)
        peer.write("<message><body>I am your nurse</body></message>")
        event = json.loads(listener.wait_for(r'^(\{"event":"pair-failed".*\})$', 10)[1])
        self.assertEqual(event["error"], "conflict")
        listener.never('"contact":"nurse"', 1)
        peer.close()
        listener.close()
        self.assertEqual(self.run_troth("trust", "list", "--labels").split(), ["nurse"])

    def label(self):
        return self.run_troth("trust", "list", "--labels").split("\n")[0].strip()

    def test_certificate_of_a_stranger__is_refused(self):
        listener, name, _ = self.listen()
        peer = self.connect(name, "<insecure/>")
        peer.wait_for("<failure", 10)
        listener.wait_for('"event":"failed"', 10)
        peer.close()


# What a recipient says in clear, then a pipe to a TLS server that echoes: as far as it goes.
FRONT = """
import re, socket, sys, threading
def pipe(a, b):
    while data := a.recv(65536):
        b.sendall(data)
    b.shutdown(socket.SHUT_WR)
def read_until(peer, end):
    seen = b""
    while end not in seen:
        seen += peer.recv(4096)
    return seen
listener = socket.create_server(("", 5298))
print("up", flush=True)
peer = listener.accept()[0]
read_until(peer, b"version='1.0'>")
peer.sendall(b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
             b" from='romeo@forza' version='1.0'><stream:features>"
             b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
             b"<offer xmlns='urn:xmpp:tmp:c2ctls'><srp/></offer></starttls></stream:features>")
request = read_until(peer, b"</starttls>")
print(request, flush=True)
peer.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
             b"<offer xmlns='urn:xmpp:tmp:c2ctls'><srp/></offer></proceed>")
server = socket.create_connection(("127.0.0.1", 5299))
threading.Thread(target=pipe, args=(server, peer), daemon=True).start()
pipe(peer, server)
"""


class XepRecipient(unittest.TestCase):
    """The other direction: gnutls-serv with a file of SRP verifiers behind a few lines of XML."""
    troth = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-xep-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        network = namespace.Network("forza", "pronto")
        self.addCleanup(network.close)
        self.forza, self.pronto = network.hosts
        conf, passwd = self.folder / "tpasswd.conf", self.folder / "tpasswd"
        self.forza.run("srptool", "--create-conf", conf)
        with self.forza.spawn(["srptool", "--passwd-conf", conf, "--passwd", passwd, "-u", "juliet@pronto",
                               "-i", "3"], use_pty=True) as tool:  # the third group has 3072 bits
            tool.wait_for("[Pp]assword", 5)
            tool.send_line("a rose by any other name")
            tool.wait(10)
        server = self.forza.spawn(["gnutls-serv", "--echo", "--port", "5299", "--srppasswd", passwd,
                                   "--srppasswdconf", conf, "--priority", SRP_ONLY])
        server.wait_for("listening on .*5299", 5)
        self.front = self.forza.spawn([sys.executable, "-c", FRONT])
        self.front.wait_for("^up$", 5)
        self.pronto.run(self.troth, "--home", self.folder / "juliet", "init")

    def pair(self, secret):
        path = self.folder / "secret"
        path.write_text(secret + "\n")
        path.chmod(0o600)
        process = self.pronto.spawn([self.troth, "-v", "--home", self.folder / "juliet", "pair", "--no-lan",
                                     "--announce", "name=juliet@pronto", "--secret-file", path,
                                     f"{self.forza.address}:5298"])
        self.front.wait_for("<srp/>", 10)
        return process

    def test_handshake__succeeds__by_the_right_secret(self):
        process = self.pair("a rose by any other name")
        process.wait_for("judging the proof", 15)
        # Inside, this server has no header to say: that is as far as it goes.
        process.wait_for("waiting for the header inside TLS", 5)
        process.close()

    def test_handshake__fails__by_another_secret(self):
        process = self.pair("a thorn by any other name")
        process.wait_for("[Ss]ecret", 15)
        self.assertEqual(process.wait(15), 4)
        self.assertNotIn("judging the proof", process.transcript)


if __name__ == "__main__":
    namespace.become_root()
    XepPeer.troth = XepRecipient.troth = sys.argv.pop(1)
    if not has_srp():
        print("This GnuTLS has no SRP: only what needs none is run.")
        for test in [t for t in dir(XepPeer) if "secret" in t and t.startswith("test_")]:
            delattr(XepPeer, test)
        del XepRecipient
    unittest.main(verbosity=2)
