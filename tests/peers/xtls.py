# SPDX-License-Identifier: MIT
"""A client that others might have written: an account on a server, Jingle as of 2009 with in-band
bytestreams, and Jingle-XTLS, with certificates by Python's own ssl module and with a secret by libssl (TLS-SRP),
after which it exchanges certificates as XEP-0189 has it. It knows nothing of XEP-0250 and nothing of ours.

    romeo = XtlsPeer("romeo@montague.test", "secret", server, certificate="romeo.crt", key="romeo.key")
    romeo.knows(pem)                       whom it takes, as a program with a list of certificates does
    romeo.call("juliet@capulet.test/x")    and romeo.say("hello"); romeo.hears("hello")
    romeo.secret, romeo.methods = "agreed", ("srp",)          the next call is by that secret

What it sends can be altered by a test: `romeo.altered` gets each <security/> and returns another.
"""
import base64
import ctypes
import ctypes.util
import hashlib
import pathlib
import queue
import select
import socket
import ssl
import threading
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

CLIENT = "jabber:client"
JINGLE = ("urn:xmpp:jingle:0", "urn:xmpp:jingle:1")
XTLS = "urn:xmpp:jingle:security:xtls:0"
STREAM = "urn:xmpp:jingle:apps:xmlstream:0"
IBB = "http://jabber.org/protocol/ibb"
PUBKEY = "urn:xmpp:tmp:pubkey"
DISCO = "http://jabber.org/protocol/disco#info"
FEATURES = (DISCO, "urn:xmpp:jingle:0", "urn:xmpp:jingle:1", STREAM, XTLS, IBB,
            "urn:xmpp:jingle:transports:ibb:0", "urn:xmpp:jingle:transports:ibb:1",
            "urn:xmpp:jingle:transports:s5b:1")
HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams' from='{}' to='{}' version='1.0'>")
DEADLINE = 30


def local(element):
    return element.tag.rpartition("}")[2]


def namespace(element):
    return element.tag[1:].partition("}")[0]


class Elements:
    """The elements below the root of a stream that is fed in pieces."""

    def __init__(self):
        self.parser, self.depth, self.root = ET.XMLPullParser(("start", "end")), 0, None
        self.ended = False

    def feed(self, data):
        self.parser.feed(data)
        for kind, element in self.parser.read_events():
            self.depth += 1 if kind == "start" else -1
            self.ended = self.depth == 0
            if kind == "start" and self.depth == 1:
                self.root = element
            elif kind == "end" and self.depth == 1:
                self.root.remove(element)
                yield element


class SrpTls:
    """A client of TLS-SRP (RFC 5054) over buffers, with what ssl.SSLObject has. Python knows nothing of SRP,
    libssl does."""

    def __init__(self, inside, out, user, secret):
        self.inside, self.out = inside, out
        self.lib = lib = ctypes.CDLL(ctypes.util.find_library("ssl"))
        self.crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
        for name in ("TLS_client_method", "SSL_CTX_new", "SSL_new", "BIO_new", "BIO_s_mem"):
            getattr(lib, name).restype = ctypes.c_void_p
        pointer = ctypes.c_void_p
        context = pointer(lib.SSL_CTX_new(pointer(lib.TLS_client_method())))
        lib.SSL_CTX_ctrl(context, 124, ctypes.c_long(0x0303), None)  # SSL_CTRL_SET_MAX_PROTO_VERSION
        assert lib.SSL_CTX_set_cipher_list(context, b"SRP-AES-256-CBC-SHA") == 1
        assert lib.SSL_CTX_set_srp_username(context, user.encode()) == 1
        assert lib.SSL_CTX_set_srp_password(context, secret.encode()) == 1
        self.ssl = pointer(lib.SSL_new(context))
        self.bios = [pointer(lib.BIO_new(pointer(lib.BIO_s_mem()))) for _ in range(2)]
        lib.SSL_set_bio(self.ssl, *self.bios)
        lib.SSL_set_connect_state(self.ssl)

    def _run(self, call, *words):
        """One call of libssl, with what has come before it and what is to leave after it."""
        while data := self.inside.read(1 << 16):
            self.lib.BIO_write(self.bios[0], data, len(data))
        got = call(self.ssl, *words)
        buffer = ctypes.create_string_buffer(1 << 16)
        while (length := self.lib.BIO_read(self.bios[1], buffer, len(buffer))) > 0:
            self.out.write(buffer.raw[:length])
        if got > 0:
            return got
        error = self.lib.SSL_get_error(self.ssl, got)
        self.crypto.ERR_clear_error()  # Python's own sessions would take it for theirs
        if error == 2:  # SSL_ERROR_WANT_READ
            raise ssl.SSLWantReadError
        if error == 6:  # SSL_ERROR_ZERO_RETURN
            return 0
        raise ssl.SSLError(f"libssl says {error}")

    def do_handshake(self):
        self._run(self.lib.SSL_do_handshake)

    def read(self, most):
        buffer = ctypes.create_string_buffer(most)
        length = self._run(self.lib.SSL_read, buffer, most)
        return buffer.raw[:length]

    def write(self, data):
        self._run(self.lib.SSL_write, data, len(data))

    def version(self):
        return "TLSv1.2"


class Account:
    """Signed in at once; then each stanza is handed to `stanza`, by a thread."""

    def __init__(self, jid, password, server):
        user, domain = jid.split("@")
        self.lock = threading.Lock()
        self.socket = socket.create_connection((server.address, server.port), DEADLINE)
        self._begin(domain)
        self._until("features")
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self._until("proceed")
        context = ssl.create_default_context(cafile=server.ca)
        self.socket = context.wrap_socket(self.socket, server_hostname=domain)
        self._begin(domain)
        self._until("features")
        plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>")
        self._until("success")
        self._begin(domain)
        self._until("features")
        self.send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        bound = self._until("iq")
        self.jid = next(e.text for e in bound.iter() if local(e) == "jid")

    def _begin(self, domain):
        self.elements, self.waiting = Elements(), []
        self.send("<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' "
                  f"xmlns:stream='http://etherx.jabber.org/streams' to='{domain}'>")

    def _until(self, name):
        while True:
            while self.waiting:
                element = self.waiting.pop(0)
                if local(element) == name:
                    return element
            self.waiting += self.elements.feed(self.socket.recv(1 << 16))

    def send(self, text):
        """By either thread: TLS is one thing for both directions."""
        rest = text.encode()
        with self.lock:
            while rest:
                try:
                    rest = rest[self.socket.send(rest):]
                except ssl.SSLWantWriteError:
                    select.select([], [self.socket], [])

    def _receive(self):
        """What is there; None: nothing yet."""
        with self.lock:
            try:
                return self.socket.recv(1 << 16)
            except ssl.SSLWantReadError:
                return None

    def _read(self, stanza):
        try:
            while (data := self._receive()) != b"":
                if data is None:
                    select.select([self.socket], [], [])
                    continue
                for element in self.elements.feed(data):
                    stanza(element)
        except (OSError, ValueError):
            pass  # closed by the test

    def run(self, stanza):
        self.socket.setblocking(False)
        self.send("<presence/>")
        threading.Thread(target=self._read, args=(stanza,), daemon=True).start()

    def close(self):
        self.socket.close()


class Session:
    """One Jingle session and what runs on it."""

    def __init__(self, peer, sid, stream_sid, caller):
        self.peer, self.sid, self.stream_sid, self.caller = peer, sid, stream_sid, caller
        self.inside, self.out, self.seq = ssl.MemoryBIO(), ssl.MemoryBIO(), 0
        self.tls = None
        self.shaken, self.greeted, self.elements = False, False, Elements()


class XtlsPeer:
    def __init__(self, jid, password, server, *, certificate, key, methods=("x509", "srp"), shows=None):
        """shows: (certificate, key) where that isn't the one that it announces."""
        self.certificate, self.key = shows or (certificate, key)
        pem = pathlib.Path(certificate).read_text()
        end = "-----END CERTIFICATE-----"
        self.der = ssl.PEM_cert_to_DER_cert(pem[:pem.index(end)] + end)
        self.name = hashlib.sha1(self.der).hexdigest()
        self.secret, self.calls = None, 0
        self.methods, self.known = methods, ""
        self.altered = lambda security: security
        self.events, self.session, self.answers = queue.Queue(), None, {}
        self.account = Account(jid, password, server)
        self.bare, self.jid = jid, self.account.jid
        self.account.run(self._stanza)

    def knows(self, pem):
        self.known += pem

    def close(self):
        self.account.close()

    # ---- for the test ----

    def wait_for(self, what):
        """The next event of that kind: ("accepted", element), ("terminated", reason), ("error",
        condition), ("tls", version), ("up", None), ("message", text), ("refused", why)."""
        passed = []
        while True:
            try:
                kind, value = self.events.get(timeout=DEADLINE)
            except queue.Empty:
                raise AssertionError(f"{self.bare}: no {what!r}, but {passed}") from None
            if kind == what:
                return value
            passed.append((kind, value))

    def say(self, text):
        self._write(f"<message type='chat' id='m1'><body>{escape(text)}</body></message>")

    def hears(self, text):
        heard = self.wait_for("message")
        assert heard == text, heard

    def hang_up(self):
        """Ends the stream, and the session when the other side has ended it too."""
        self._write("</stream:stream>")
        self.wait_for("closed")
        self._jingle(JINGLE[0], "session-terminate", "<reason><success/></reason>")

    def features_of(self, jid):
        """What that client says that it can."""
        self._iq(jid, f"<query xmlns='{DISCO}'/>", "get")
        return [e.get("var") for e in self.wait_for("features") if local(e) == "feature"]

    def _security(self, methods):
        inner = "".join(f"<method name='{name}'/>" for name in methods)
        print_ = f"<fingerprint>{self.name}</fingerprint>" if "x509" in methods else ""
        return self.altered(f"<security xmlns='{XTLS}'>{print_}{inner}</security>")

    def call(self, jid):
        self.calls += 1
        self.session = Session(jid, f"a73sjjvkla37jfea{self.calls}", f"ch3d9s71{self.calls}", True)
        self._jingle(JINGLE[0], "session-initiate", self._content(
            f"<description xmlns='{STREAM}'/>" + self._ibb() + self._security(self.methods)))

    # ---- Jingle ----

    def _ibb(self, version=0, sid=None):
        return (f"<transport xmlns='urn:xmpp:jingle:transports:ibb:{version}' block-size='4096' "
                f"sid='{sid or self.session.stream_sid}'/>")

    @staticmethod
    def _content(inner, name="xmlstream"):
        return f"<content creator='initiator' name='{name}'>{inner}</content>"

    def _jingle(self, ns, action, inner):
        s = self.session
        initiator = self.jid if s.caller else s.peer
        self._iq(s.peer, f"<jingle xmlns='{ns}' action='{action}' initiator='{initiator}' sid='{s.sid}'>"
                         f"{inner}</jingle>")

    def _iq(self, to, inner, kind="set"):
        self.account.number = getattr(self.account, "number", 0) + 1
        self.account.send(f"<iq type='{kind}' id='x{self.account.number}' to='{to}'>{inner}</iq>")

    def _answer(self, iq, inner=""):
        self.account.send(f"<iq type='result' id='{iq.get('id')}' to='{iq.get('from')}'>{inner}</iq>")

    def _stanza(self, stanza):
        if local(stanza) == "presence" and stanza.get("type") is None and stanza.get("from") != self.jid:
            self.account.send(f"<presence to='{stanza.get('from')}'/>")
        elif local(stanza) == "iq" and stanza.get("type") == "error":
            self.events.put(("error", next((local(e) for e in stanza.iter()
                                            if namespace(e).endswith("xmpp-stanzas")), None)))
        elif local(stanza) == "iq" and stanza.find(f"{{{DISCO}}}query") is not None \
                and stanza.get("type") == "result":
            self.events.put(("features", stanza.find(f"{{{DISCO}}}query")))
        elif local(stanza) == "iq" and stanza.get("type") in ("get", "set"):
            for element in stanza:
                self._request(stanza, element)

    def _request(self, iq, element):
        if element.tag == f"{{{DISCO}}}query":
            features = "".join(f"<feature var='{name}'/>" for name in FEATURES)
            self._answer(iq, f"<query xmlns='{DISCO}'><identity category='client' type='pc'/>{features}</query>")
        elif namespace(element) in JINGLE:
            self._answer(iq)
            self._take_jingle(iq.get("from"), element)
        elif element.tag == f"{{{IBB}}}open":
            self._answer(iq)
            self._begin_tls()
        elif element.tag == f"{{{IBB}}}data":
            self._answer(iq)
            if element.get("sid") == self.session.stream_sid:
                self._take(base64.b64decode(element.text))
        elif element.tag == f"{{{IBB}}}close":
            self._answer(iq)
        else:
            self.account.send(f"<iq type='error' id='{iq.get('id')}' to='{iq.get('from')}'><error type='cancel'>"
                              "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")

    def _take_jingle(self, peer, jingle):
        action, ns = jingle.get("action"), namespace(jingle)
        transport = next((e for e in jingle.iter() if local(e) == "transport"), None)
        if action == "session-initiate":
            self.session = Session(peer, jingle.get("sid"), transport.get("sid"), False)
            self.events.put(("called", jingle.find(f".//{{{XTLS}}}security")))
            # No candidates: in-band follows.
            self._jingle(ns, "session-accept", self._content(
                f"<description xmlns='{STREAM}'/><transport xmlns='{namespace(transport)}' "
                f"sid='{transport.get('sid')}'/>" + self._security(self.methods)))
            self._jingle(ns, "transport-info", self._content(
                f"<transport xmlns='{namespace(transport)}' sid='{transport.get('sid')}'>"
                "<candidate-error/></transport>"))
        elif action == "transport-replace":
            self.session.stream_sid = transport.get("sid")
            self._jingle(ns, "transport-accept", self._content(self._ibb(1)))
        elif action == "session-accept":
            self.events.put(("accepted", jingle.find(f".//{{{XTLS}}}security")))
            self._jingle(ns, "security-info", self._content(
                f"<security xmlns='{XTLS}'><method name='{self.methods[0]}'/></security>"))
            self._iq(peer, f"<open xmlns='{IBB}' block-size='4096' sid='{self.session.stream_sid}'/>")
            self._begin_tls()
        elif action == "security-info":
            self.events.put(("chosen", [e.get("name") for e in jingle.iter() if local(e) == "method"]))
        elif action == "session-terminate":
            reason = next((e for e in jingle if local(e) == "reason"), None)
            self.events.put(("terminated", local(reason[0]) if reason is not None else None))

    # ---- TLS, and the stream in it ----

    def _begin_tls(self):
        s = self.session
        if self.secret is not None and self.methods[0] == "srp":
            s.tls = SrpTls(s.inside, s.out, self.bare, self.secret)
            return self._move()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if s.caller else ssl.PROTOCOL_TLS_SERVER)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=self.known)
        context.load_cert_chain(self.certificate, self.key)
        s.tls = context.wrap_bio(s.inside, s.out, server_side=not s.caller)
        self._move()

    def _take(self, data):
        self.session.inside.write(data)
        self._move()

    def _move(self):
        s = self.session
        try:
            if not s.shaken:
                s.tls.do_handshake()
                s.shaken = True
                self.events.put(("tls", s.tls.version()))
                if s.caller:
                    self._write(HEADER.format(self.bare, s.peer.split("/")[0]))
            while data := s.tls.read(1 << 16):
                for element in s.elements.feed(data):
                    self._inside(element)
                self._greet()
                if s.elements.ended:
                    self.events.put(("closed", None))
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.events.put(("refused", str(error)))
        self._flush()

    def _greet(self):
        """The one who was called answers the header, and says what he can: nothing."""
        s = self.session
        if not s.caller and not s.greeted and s.elements.root is not None:
            s.greeted = True
            self._write(HEADER.format(self.bare, s.peer.split("/")[0]) + "<stream:features/>")
            self.events.put(("up", None))

    def _inside(self, element):
        if local(element) == "features":
            self.events.put(("up", ET.tostring(element, "unicode")))
        elif local(element) == "message":
            body = element.find(f"{{{CLIENT}}}body")
            if body is None:
                return
            self._write(f"<message><received xmlns='urn:xmpp:receipts' id='{element.get('id')}'/></message>")
            self.events.put(("message", body.text))
        elif local(element) == "iq" and element.find(f"{{{PUBKEY}}}pubkeys") is not None:
            self._exchange(element)
        elif local(element) == "iq" and element.get("type") == "get":
            self._write(f"<iq type='error' id='{element.get('id')}'><error type='cancel'><service-unavailable "
                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        elif local(element) == "error":
            self.events.put(("refused", local(element[0])))

    def _exchange(self, iq):
        """Jingle-XTLS 5.1, "Exchanging Certificates": as asked for; and ours is asked for in turn."""
        if iq.get("type") == "get":
            cert = base64.b64encode(self.der).decode()
            self._write(f"<iq type='result' id='{iq.get('id')}'><pubkeys xmlns='{PUBKEY}'><keyinfo>"
                        f"<name>{self.name}</name><x509cert>{cert}</x509cert></keyinfo></pubkeys></iq>"
                        f"<iq type='get' id='hf7634k'><pubkeys xmlns='{PUBKEY}'/></iq>")
        else:
            for cert in iq.iter(f"{{{PUBKEY}}}x509cert"):
                self.knows(ssl.DER_cert_to_PEM_cert(base64.b64decode(cert.text)))
            self.events.put(("keys", self.known))

    def _write(self, text):
        self.session.tls.write(text.encode())
        self._flush()

    def _flush(self):
        s = self.session
        while data := s.out.read(4096):
            block = base64.b64encode(data).decode()
            self._iq(s.peer, f"<data xmlns='{IBB}' seq='{s.seq}' sid='{s.stream_sid}'>{block}</data>")
            s.seq = (s.seq + 1) % 65536
