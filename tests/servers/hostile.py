# SPDX-License-Identifier: MIT
"""An XMPP server that does what a test says: signs anybody in, then sends whatever it is given."""
import pathlib
import re
import shutil
import socket
import ssl
import tempfile

from servers import Certificates

DOMAIN = "montague.test"
HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='s1' version='1.0'"
          f" xmlns:stream='http://etherx.jabber.org/streams' from='{DOMAIN}'>")
TLS = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
SASL = ("<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
        "</mechanisms></stream:features>")
BIND = ("<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
        "<sm xmlns='urn:xmpp:sm:3'/></stream:features>")


class Line:
    """One client."""

    def __init__(self, sock):
        self.sock, self.read = sock, ""
        sock.settimeout(20)

    def send(self, text):
        self.sock.sendall(text.encode() if isinstance(text, str) else text)

    def wait_for(self, regex):
        """What is read up to it counts as seen."""
        while not (match := re.search(regex, self.read)):
            data = self.sock.recv(65536)
            assert data, f"the client has gone without {regex!r}: {self.read!r}"
            self.read += data.decode()
        self.read = self.read[match.end():]
        return match

    def start_tls(self, server):
        self.sock = server.context.wrap_socket(self.sock, server_side=True)

    def is_cut(self):
        """Whether the client ends it."""
        try:
            while self.sock.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def close(self):
        self.sock.close()


class Hostile:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="troth-hostile-"))
        self.ca = Certificates(self.folder, [DOMAIN]).ca
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.folder / f"{DOMAIN}.pem")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(30)
        self.port = self._listener.getsockname()[1]
        self._lines = []

    def ask_certificate(self, der):
        """From now on, of clients: that one or none."""
        self.context.verify_mode = ssl.CERT_OPTIONAL
        self.context.load_verify_locations(cadata=der)

    def accept(self):
        """A client that has connected and sent its header."""
        line = Line(self._listener.accept()[0])
        self._lines.append(line)
        line.wait_for("<stream:stream[^>]*>")
        return line

    def secure(self, line):
        line.send(HEADER + TLS)
        line.wait_for("<starttls[^>]*>")
        line.send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        line.start_tls(self)
        line.wait_for("<stream:stream[^>]*>")

    def sign_in(self, jid="romeo@montague.test/garden"):
        """A client that believes to be signed in under that address."""
        line = self.accept()
        self.secure(line)
        line.send(HEADER + SASL)
        line.wait_for("</auth>")
        line.send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        line.wait_for("<stream:stream[^>]*>")
        line.send(HEADER + BIND)
        line.wait_for("</iq>|/></iq>")
        line.send(f"<iq type='result' id='_xmpp_bind1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  f"<jid>{jid}</jid></bind></iq>")
        return line

    def close(self):
        for line in self._lines:
            line.close()
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
