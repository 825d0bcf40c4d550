#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The hand-driven initiator against a gnutls-serv, with a few lines of STARTTLS before it."""
import os
import sys
import tempfile
import unittest

from gnutls import GnutlsClient, SRP_ONLY, has_srp
import namespace

# In clear until <starttls/>; then a pipe to the TLS server behind it.
FRONT = """
import socket, sys, threading
def pipe(a, b):
    while data := a.recv(65536):
        b.sendall(data)
    b.shutdown(socket.SHUT_WR)
listener = socket.create_server(("127.0.0.1", 5298))
print("up", flush=True)
while True:
    peer = listener.accept()[0]
    seen = b""
    while not seen.endswith(b"<starttls/>"):
        seen += peer.recv(1)
    print(seen, flush=True)
    server = socket.create_connection(("127.0.0.1", 5299))
    peer.sendall(b"<proceed/>")
    threading.Thread(target=pipe, args=(server, peer), daemon=True).start()
    threading.Thread(target=pipe, args=(peer, server), daemon=True).start()
"""


class HandDriven:
    """One machine with a TLS server behind the front; start_server says of which kind."""

    def setUp(self):
        network = namespace.Network("forza")
        self.addCleanup(network.close)
        (self.host,) = network.hosts
        folder = tempfile.TemporaryDirectory(prefix="troth-gnutls-")
        self.addCleanup(folder.cleanup)
        options = self.make_credentials(folder.name)
        server = self.host.spawn(["gnutls-serv", "--echo", "--port", "5299", *options])
        server.wait_for("listening on .*5299", 5)
        self.front = self.host.spawn([sys.executable, "-c", FRONT])
        self.front.wait_for("^up$", 5)

    def client(self, **credentials):
        client = GnutlsClient(self.host, "127.0.0.1", 5298, **credentials)
        client.write("<stream><starttls/>")
        client.wait_for("<proceed/>")
        self.front.wait_for("b'<stream><starttls/>'", 5)
        return client

    def check_talk(self, client):
        client.start_tls()
        client.write("<stream to='juliet'>\n")
        client.wait_for("^<stream to='juliet'>$")
        self.assertEqual(client.close(), 0)


class ByCertificate(HandDriven, unittest.TestCase):
    def make_credentials(self, folder):
        key, cert, template = (os.path.join(folder, name) for name in ("key", "cert", "template"))
        with open(template, "w") as file:
            file.write('cn = "juliet"\nexpiration_days = 2\n')
        self.host.run("certtool", "--generate-privkey", "--key-type", "ecdsa", "--outfile", key)
        self.host.run("certtool", "--generate-self-signed", "--load-privkey", key, "--template", template,
                      "--outfile", cert)
        return ["--x509keyfile", key, "--x509certfile", cert]

    def test_client__talks_in_clear_then_in_tls__with_any_certificate(self):
        self.check_talk(self.client())


class BySecret(HandDriven, unittest.TestCase):
    def make_credentials(self, folder):
        passwd, conf = os.path.join(folder, "passwd"), os.path.join(folder, "conf")
        self.host.run("srptool", "--create-conf", conf)
        srptool = self.host.spawn(["srptool", "--passwd", passwd, "--passwd-conf", conf, "--index", "3",
                                   "--username", "romeo@forza"], use_pty=True)
        srptool.wait_for("password:", 5)
        srptool.send_line("wherefore")
        self.assertEqual(srptool.wait(10), 0, srptool.transcript)
        return ["--priority", SRP_ONLY, "--srppasswd", passwd, "--srppasswdconf", conf]

    def test_client__talks_in_clear_then_in_tls__with_the_right_secret(self):
        self.check_talk(self.client(user="romeo@forza", secret="wherefore"))

    def test_client__is_refused__with_a_wrong_secret(self):
        client = self.client(user="romeo@forza", secret="therefore")
        client.begin_tls()
        self.assertEqual(client.wait_for_refusal(), "Bad record MAC")
        self.assertNotEqual(client.close(), 0)


if __name__ == "__main__":
    namespace.become_root()
    if not has_srp():
        print("This GnuTLS has no SRP: the tests with a secret don't exist here.")
        del BySecret
    unittest.main(verbosity=2)
