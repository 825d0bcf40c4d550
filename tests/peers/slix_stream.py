# SPDX-License-Identifier: MIT
"""A stream as XEP-0250 has it, by the standard library alone: ElementTree reads it, the ssl module
secures it with a certificate on either side. Knows nothing of accounts: bytes in, bytes out.

Either side knows the other's certificate beforehand, and no other is taken. Nothing that is ours
is sent but the key's name: this is a peer that knows the XEPs and not our mark.
"""
import hashlib
import ssl
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0'"
          " xmlns:stream='http://etherx.jabber.org/streams' from=%s to=%s%s>")
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
C2C = "urn:xmpp:tmp:c2ctls"
PUBKEY = "urn:xmpp:tmp:pubkey"
RECEIPTS = "urn:xmpp:receipts"
CLIENT = "{jabber:client}"


class Tls:
    """TLS over bytes. own: file of key and certificate; theirs: the one certificate that is believed, a
    file of it or its DER."""

    def __init__(self, own, theirs, server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # of itself: it needn't be a CA's
        context.load_cert_chain(own)
        context.load_verify_locations(**{"cadata" if isinstance(theirs, bytes) else "cafile": theirs})
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=server)
        self.open = self.ended = False

    def feed(self, data):
        """Takes what arrived, and gives what it says; raises ssl.SSLError."""
        said = b""
        self._in.write(data)
        try:
            if not self.open:
                self._tls.do_handshake()
                self.open = True
            while not self.ended:
                piece = self._tls.read(65536)
                self.ended = not piece
                said += piece
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        return said

    def write(self, data):
        self._tls.write(data)

    def close(self):
        """Says that no more follows."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            pass  # the other side's isn't there yet

    def output(self):
        return self._out.read()

    def version(self):
        return self._tls.version()

    def certificate(self):
        return self._tls.getpeercert(True)


class Reader:
    """What stands on the first level of a stream."""

    def __init__(self):
        self._parser = ET.XMLPullParser(("start", "end"))
        self._depth = 0

    def feed(self, data):
        self._parser.feed(data)
        getattr(self._parser, "flush", lambda: None)()  # newer ones put off what may be incomplete
        for event, element in self._parser.read_events():
            self._depth += 1 if event == "start" else -1
            if event == "start" and self._depth == 1:
                yield "header", element
            elif event == "end" and self._depth == 1:
                yield "element", element
            elif event == "end" and self._depth == 0:
                yield "end", element


def name_of(pem):
    """How XEP-0189 calls the certificate in a file."""
    text = open(pem, encoding="ascii").read()
    begin = text.index("-----BEGIN CERTIFICATE-----")
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(text[begin:].strip())).hexdigest()


class Stream:
    """send(bytes) is the bytestream; say(text) tells the test what happens."""

    def __init__(self, send, say, **who):
        self._send, self._say = send, say
        self.own, self.theirs = who["own"], who["theirs"]
        self.local, self.remote = who["local"], who["remote"]
        self.initiator = who["initiator"]
        self._reader, self._tls = Reader(), None
        self.up = self.ended = False
        if self.initiator:
            self._header()

    # ---- what is sent ----

    def _write(self, text):
        if self._tls is None:
            self._send(text.encode())
            return
        self._tls.write(text.encode())
        self._flush()

    def _flush(self):
        data = self._tls.output()
        if data:
            self._send(data)

    def _header(self):
        self._write(HEADER % (quoteattr(self.local), quoteattr(self.remote),
                              "" if self.initiator else " id='peer'"))

    def _offer(self):
        return (f"<offer xmlns='{C2C}'><keyinfo xmlns='{PUBKEY}'><name>{name_of(self.own)}</name>"
                "</keyinfo></offer>")

    def say(self, text, number):
        """Sends a message, with a receipt wanted."""
        self._write(f"<message type='chat' id='m{number}'><body>{escape(text)}</body>"
                    f"<request xmlns='{RECEIPTS}'/></message>")

    def close(self):
        self._write("</stream:stream>")

    # ---- what arrives ----

    def feed(self, data):
        if self._tls is not None:
            was_open = self._tls.open
            data = self._tls.feed(data)
            self._flush()
            if self._tls.open and not was_open:
                self._begin_inside()
        for kind, element in self._reader.feed(data):
            if kind == "header":
                self._take_header(element)
            elif kind == "element":
                (self._take_stanza if self.up else self._take_first)(element)
            else:
                self._end()

    def _begin_inside(self):
        self._say(f"tls {self._tls.version()}")
        if self.initiator:
            self._header()

    def _take_header(self, header):
        assert header.get("from").split("/")[0] == self.remote.split("/")[0], header.attrib
        if self.initiator:
            return
        self._header()
        if self._tls is None:
            self._write(f"<stream:features><starttls xmlns='{TLS}'><required/>{self._offer()}"
                        "</starttls></stream:features>")
        else:
            self._write("<stream:features/>")
            self._secured()

    def _names(self, element):
        return [e.text for e in element.iter(f"{{{PUBKEY}}}name")]

    def _take_first(self, e):
        """Up to the features inside: as initiator, features, proceed, features; else the request."""
        if self._tls is not None:
            self._secured()
        elif e.tag.endswith("}features"):
            assert name_of(self.theirs) in self._names(e), "another key is offered"
            self._write(f"<starttls xmlns='{TLS}'>{self._offer()}</starttls>")
        elif e.tag == f"{{{TLS}}}starttls":
            assert name_of(self.theirs) in self._names(e), "another key is offered"
            self._write(f"<proceed xmlns='{TLS}'>{self._offer()}</proceed>")
            self._start_tls()
        elif e.tag == f"{{{TLS}}}proceed":
            self._start_tls()
        else:
            self._say(f"refused {e.tag}")

    def _start_tls(self):
        self._tls, self._reader = Tls(self.own, self.theirs, not self.initiator), Reader()
        self._tls.feed(b"")
        self._flush()

    def _secured(self):
        self.up = True
        self._say("secured")

    def _take_stanza(self, e):
        body, got = e.find(f"{CLIENT}body"), e.find(f"{{{RECEIPTS}}}received")
        if e.tag == f"{CLIENT}message" and body is not None:
            self._say(f"received {body.text}")
            if e.find(f"{{{RECEIPTS}}}request") is not None:
                self._write(f"<message><received xmlns='{RECEIPTS}' id={quoteattr(e.get('id'))}/></message>")
        elif e.tag == f"{CLIENT}message" and got is not None:
            self._say(f"delivered {got.get('id')}")
        elif e.tag == f"{CLIENT}iq" and e.get("type") in ("get", "set"):
            self._write(f"<iq type='error' id={quoteattr(e.get('id'))}><error type='cancel'><service-unavailable"
                        " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")

    def _end(self):
        if not self.ended:
            self.ended = True
            self._write("</stream:stream>")
            self._tls.close()
            self._flush()
            self._say("ended")
