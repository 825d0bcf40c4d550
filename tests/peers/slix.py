# SPDX-License-Identifier: MIT
"""Peers by slixmpp, as a test drives them."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "net"))

from process import Process  # noqa: E402

SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's, for which it packages slixmpp


def make_certificate(folder, name):
    """Key and certificate in one file, which is returned; <name>.crt has the certificate alone."""
    key, cert, both = (pathlib.Path(folder) / f"{name}.{end}" for end in ("key", "crt", "pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-noenc", "-days", "30", "-subj", f"/CN={name}", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    both.write_text(key.read_text() + cert.read_text())
    return both


class Slix(Process):
    """program: slix_peer.py, or one like it. server: of tests/servers."""

    def __init__(self, program, jid, server, *words):
        super().__init__([SYSTEM_PYTHON, "-B", "-W", "ignore", HERE / program, jid, "secret", server.port,
                          server.ca, *words], name=f"{jid} (slixmpp)")
        self.jid = self.wait_for(r"^up (\S+)$", 30)[1]
