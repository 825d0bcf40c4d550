# SPDX-License-Identifier: MIT
"""A SoftHSM of the test's own, behind the module of card.c."""
import os
import pathlib
import subprocess

PIN = "271828"


class Card:
    """A token "Card" in a folder; `env` is what a program needs to see it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "tokens").mkdir(parents=True)
        conf = self.folder / "softhsm2.conf"
        conf.write_text(f"directories.tokendir = {self.folder / 'tokens'}\nlog.level = ERROR\n")
        self.env = {"SOFTHSM2_CONF": str(conf), "TEST_CARD": str(self.folder)}
        self._run("softhsm2-util", "--init-token", "--free", "--label", "Card", "--pin", PIN,
                  "--so-pin", "314159")

    def _run(self, *words):
        subprocess.run([str(w) for w in words], check=True, stdout=subprocess.DEVNULL, timeout=30,
                       env={**os.environ, **self.env, "GNUTLS_PIN": PIN})

    def uri(self, name, module=True):
        """Behind card.c, or as p11-kit finds SoftHSM by itself."""
        if not module:
            return f"pkcs11:token=Card;object={name}"
        return f"pkcs11:token=Card;object={name}?module-path={os.environ['CARD_MODULE']}"

    def behave(self, name, on=True):
        """removed, last-try, locked, no-ecdh: from now on, or no more."""
        (self.folder / name).touch() if on else (self.folder / name).unlink()

    @property
    def logins(self):
        """How often a PIN was tried."""
        path = self.folder / "logins"
        return path.stat().st_size if path.exists() else 0

    def put_rsa_key(self, name):
        path = self.folder / "rsa.pem"
        self._run("openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path)
        self._run("softhsm2-util", "--import", path, "--token", "Card", "--label", name, "--id", "0a", "--pin", PIN)

    def put_certificate(self, path, label):
        self._run("p11tool", "--provider=/usr/lib/softhsm/libsofthsm2.so", "--batch", "--login", "--write",
                  f"--load-certificate={path}", f"--label={label}", "--id=01", "pkcs11:token=Card")
