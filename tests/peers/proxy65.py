# SPDX-License-Identifier: MIT
"""Prosody's proxy65 on loopback, and somebody with an account there who activates bytestreams.

    with Proxy65() as proxy:
        dst = proxy.dst("sid", "juliet@capulet.test/balcony")
        ... two connect to proxy.port and ask for dst; then
        proxy.activate("sid", "juliet@capulet.test/balcony")

Nothing of the system's configuration is read. Standard library only.
"""
import hashlib
import pathlib
import re
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "net"))

from process import Process  # noqa: E402

CONFIG = """
run_as_root = true
data_path = "{folder}/data"; pidfile = "{folder}/prosody.pid"; certificates = "{folder}"
interfaces = {{ "127.0.0.1" }}
log = {{ {{ levels = {{ min = "info" }}, to = "file", filename = "{folder}/log" }} }}
c2s_ports = {{ {c2s} }}; c2s_direct_tls_ports = {{}}; s2s_ports = {{}}; s2s_direct_tls_ports = {{}}
http_ports = {{}}; https_ports = {{}}; proxy65_ports = {{ {port} }}; proxy65_interfaces = {{ "127.0.0.1" }}
modules_enabled = {{ "saslauth", "disco" }}
modules_disabled = {{ "s2s", "s2s_auth_certs", "offline", "tls" }}
authentication = "anonymous"; c2s_require_encryption = false
VirtualHost "montague.test"
Component "proxy.montague.test" "proxy65"
  proxy65_address = "127.0.0.1"; proxy65_acl = {{ "montague.test" }}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxy65:
    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        (folder / "data").mkdir()
        c2s, self.port = free_port(), free_port()
        (folder / "config.lua").write_text(CONFIG.format(folder=folder, c2s=c2s, port=self.port))
        self._server = Process(["prosody", "--config", folder / "config.lua", "-F"])
        self._line = self._connected(c2s)
        self._log_in()
        return self

    def __exit__(self, *_):
        self._line.close()
        self._server.close()
        self._folder.cleanup()

    def _connected(self, port):
        for _ in range(600):
            try:
                return socket.create_connection(("127.0.0.1", port))
            except ConnectionRefusedError:
                time.sleep(0.1)  # until it listens
        raise AssertionError("Prosody doesn't listen: " + self._server.transcript)

    def _ask(self, text, pattern):
        self._line.sendall(text.encode())
        got = ""
        while not re.search(pattern, got):
            piece = self._line.recv(65536)
            assert piece, got
            got += piece.decode()
        return re.search(pattern, got)

    def _log_in(self):
        header = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' "
                  "xmlns:stream='http://etherx.jabber.org/streams' to='montague.test'>")
        self._ask(header, "</stream:features>")
        self._ask("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", "<success")
        self._ask(header, "</stream:features>")
        bind = "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
        self.jid = self._ask(bind, "<jid>(.*)</jid>")[1]

    def dst(self, sid, target):
        return hashlib.sha1((sid + self.jid + target).encode()).hexdigest()

    def activate(self, sid, target):
        self._ask(f"<iq type='set' id='{sid}' to='proxy.montague.test'><query sid='{sid}' "
                  "xmlns='http://jabber.org/protocol/bytestreams'>"
                  f"<activate>{target}</activate></query></iq>", f"type='result'")
