# SPDX-License-Identifier: MIT
"""A certificate authority of the tests, by the openssl command."""
import pathlib
import subprocess

ADDR = "1.3.6.1.5.5.7.8.5;UTF8:"


def openssl(*words, **more):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, **more)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class Authority:
    """One CA in a folder of its own, with a key, a certificate and a list of what it revoked."""

    def __init__(self, folder, name="ca"):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.cert, self.key, self.crl = (self.folder / f for f in ("ca.pem", "ca.key", "ca.crl"))
        self.config = self.folder / "ca.cnf"
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text("1000\n")
        self.config.write_text(f"""[ca]\ndefault_ca = one\n[one]\ndir = {self.folder}
database = $dir/index.txt\nserial = $dir/serial\nnew_certs_dir = $dir\ncertificate = $dir/ca.pem
private_key = $dir/ca.key\ndefault_md = sha256\ndefault_days = 30\ndefault_crl_days = 30\npolicy = any
copy_extensions = copy\nunique_subject = no\nx509_extensions = user\n[any]\ncommonName = optional
[user]\nbasicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth\n""")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                "-keyout", self.key, "-out", self.cert, "-days", "30", "-subj", f"/O=Test/CN={name}",
                "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.list()

    def sign(self, request, *words):
        """Signs a request (PEM text); returns the file with the certificate and the CA's."""
        csr, cert = self.folder / "request.csr", self.folder / "user.pem"
        csr.write_text(request)
        openssl("ca", "-batch", "-config", self.config, "-in", csr, "-out", cert, "-notext", *words)
        chain = self.folder / f"chain-{cert.stat().st_mtime_ns}.pem"
        chain.write_text(cert.read_text() + self.cert.read_text())
        return chain

    def revoke(self, chain):
        openssl("ca", "-config", self.config, "-revoke", chain)
        self.list()

    def list(self):
        openssl("ca", "-config", self.config, "-gencrl", "-out", self.crl)

    def ocsp(self, chain, path):
        """The answer of the CA's responder about a certificate, as it is now."""
        openssl("ocsp", "-index", self.folder / "index.txt", "-CA", self.cert, "-rsigner", self.cert,
                "-rkey", self.key, "-issuer", self.cert, "-cert", chain, "-ndays", "1", "-respout", path)

    def policy(self, name="policy", more="", jids="*@example.com"):
        path = self.folder / name
        path.write_text(f"ca test\n  trust ca.pem\n  crl ca.crl\n  for {jids}\n{more}")
        return path
