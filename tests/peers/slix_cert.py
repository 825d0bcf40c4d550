#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A client that knows XEP-0065 and the certificate in it ("secure JEP-0065"), and nothing else of
ours: slixmpp's xep_0065 as it is, TLS on its bytestream by Python's ssl. slixmpp has no addresses of
its own to offer: it asks by its server's proxies.

Usage: slix_cert.py JID PASSWORD PORT CA, then a command a line:

    be HOW         honest (the beginning); wrong: shows another certificate than it announced; bare:
                   announces none; garbled: announces none that can be read; plain: no TLS
    via HOST PORT  where the proxy is that it will offer
    offer FULL-JID asks for a bytestream; others' requests are answered at any time
    much COUNT     sends so many bytes
    end, cut       ends its side in order; or closes the connection

It tells: up JID, certificate BASE64 (the other side's), open VERSION, received COUNT SHA1 (of all so
far), ended, closed, refused WHY, failed WHY.
"""
import base64
import hashlib
import os
import ssl
import subprocess
import xml.etree.ElementTree as ET

from slixmpp.exceptions import IqError

from slix_account import Account
from slix_stream import Tls

QUERY = "{http://jabber.org/protocol/bytestreams}query"
CERT = "{bytestreams:secure}cert"
PLAIN = b"I am the file, and who needs TLS?"


class Certificate:
    """A key and its certificate, in memory alone: what the ssl module reads is a file of memory."""

    def __init__(self):
        pem = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                              "ec_paramgen_curve:P-256", "-noenc", "-days", "1", "-subj", "/CN=temporary",
                              "-keyout", "-"], check=True, capture_output=True).stdout
        self.fd = os.memfd_create("certificate")
        os.write(self.fd, pem)
        self.path = f"/proc/self/fd/{self.fd}"
        text = pem.decode()
        self.der = ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE-----"):].strip())


class Peer(Account):
    plugins = ("xep_0030", "xep_0065")

    def __init__(self, *words):
        super().__init__(*words)
        self["xep_0065"].auto_accept = True
        self.how = "honest"
        self.announced, self.other = Certificate(), Certificate()
        self.theirs = self.tls = self.line = None
        self.client = False
        self.count, self.digest = 0, None
        self.add_filter("out", self.announce)
        self.add_filter("in", self.hear)
        self.add_event_handler("socks5_stream", self.begin)  # as the target
        self.add_event_handler("socks5_data", self.on_data)
        self.add_event_handler("socks5_closed", lambda _: self.say("closed"))

    # ---- the certificates ----

    def announce(self, stanza):
        """What slixmpp sends has a certificate in it, where the document has one."""
        query = stanza.xml.find(QUERY)
        if query is not None and self.how != "bare" and any(
                child.tag.endswith(("}streamhost", "}streamhost-used")) for child in query):
            text = base64.b64encode(self.announced.der).decode()
            ET.SubElement(query, CERT).text = "!" if self.how == "garbled" else f"\n{text[:64]}\n{text[64:]}\n"
        return stanza

    def hear(self, stanza):
        cert = stanza.xml.find(f"{QUERY}/{CERT}")
        if cert is not None:
            self.theirs = base64.b64decode(cert.text)
            self.say(f"certificate {base64.b64encode(self.theirs).decode()}")
        return stanza

    # ---- the bytestream ----

    def begin(self, line):
        self.line, self.tls = line, None
        self.count, self.digest = 0, hashlib.sha1()
        if self.how == "plain":
            line.transport.write(PLAIN)
            return
        shown = self.other if self.how == "wrong" else self.announced
        self.tls = Tls(shown.path, self.theirs, not self.client)
        self.on_data(b"")

    def flush(self):
        data = self.tls.output()
        if data:
            self.line.transport.write(data)

    def on_data(self, data):
        if self.tls is None:
            return
        was_open, was_ended = self.tls.open, self.tls.ended
        try:
            said = self.tls.feed(data)
        except ssl.SSLError as e:
            self.flush()
            self.say(f"failed {e}")
            self.line.transport.close()
            return
        self.flush()
        if self.tls.open and not was_open:
            self.say(f"open {self.tls.version()}")
        if said:
            self.count += len(said)
            self.digest.update(said)
            self.say(f"received {self.count} {self.digest.hexdigest()}")
        if self.tls.ended and not was_ended:
            self.say("ended")

    # ---- commands ----

    def do_be(self, how):
        self.how = how

    def do_via(self, host, port):
        self["xep_0065"]._proxies = {"proxy.invalid": (host, port)}

    async def do_offer(self, to):
        self.client = True
        try:
            line = await self["xep_0065"].handshake(to, timeout=20)
        except IqError as e:
            self.say(f"refused {e.condition}")
            return
        self.begin(line)

    def do_much(self, count):
        data = b"\0\r\n\xff" * (int(count) // 4)
        self.tls.write(data)
        self.flush()

    def do_end(self):
        self.tls.close()
        self.flush()

    def do_cut(self):
        self.line.transport.close()


if __name__ == "__main__":
    Peer.main()
