# SPDX-License-Identifier: MIT
"""A hand-driven initiator: gnutls-cli with TLS-SRP, another implementation of RFC 5054.

    peer = GnutlsClient(host, "169.254.7.2", 5298, user="romeo@forza", secret="wherefore")
    peer.write("<?xml version='1.0'?><stream:stream ...>")     in clear
    peer.wait_for("<proceed")
    peer.start_tls()
    peer.write("<stream:stream ...>")                          inside TLS

Nothing adds line ends: what is written is what the other side reads.
"""
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "net"))

SRP_ONLY = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+SRP"


def has_srp():
    """Whether this GnuTLS was built with SRP: that of Debian 12 is, that of Debian 13 isn't."""
    known = subprocess.run(["gnutls-cli", "--list"], check=True, capture_output=True, text=True).stdout
    return "SRP" in known


class GnutlsClient:
    """host: the machine (namespace.Host) that it runs on. Without a secret: any certificate of the
    other side, and `certificate` with its `key` (PEM files) as its own."""

    def __init__(self, host, address, port, *, user=None, secret=None, priority=None,
                 certificate=None, key=None):
        options = ["--starttls", "--insecure", "--priority", priority or (SRP_ONLY if secret else "NORMAL")]
        if secret:
            options += ["--srpusername", user, "--srppasswd", secret]
        if certificate:
            options += ["--x509certfile", str(certificate), "--x509keyfile", str(key)]
        self.process = host.spawn(["gnutls-cli", *options, "-p", str(port), address],
                                  env={"LC_ALL": "C"})
        self.process.wait_for("Simple Client Mode", 10)

    def write(self, text):
        """Bytes for the peer: in clear before start_tls, inside TLS after it."""
        self.process.send(text)

    def begin_tls(self):
        """Starts the handshake, whatever becomes of it."""
        self.process.signal(signal.SIGALRM)

    def start_tls(self, deadline=15):
        """Starts the handshake and waits until it is done; raises Failed when it isn't."""
        self.begin_tls()
        self.process.wait_for("^- Options:[^\n]*\n", deadline)

    def wait_for_refusal(self, deadline=15):
        """After begin_tls: the name of the alert that ended the handshake."""
        return self.process.wait_for(r"Received alert \[\d+\]: ([^\n]+)", deadline)[1]

    def wait_for(self, regex, deadline=10):
        return self.process.wait_for(regex, deadline)

    def close(self):
        """Ends the input, which sends close_notify; the exit status."""
        self.process.end_input()
        status = self.process.wait(10)
        self.process.close()
        return status
