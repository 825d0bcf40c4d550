# SPDX-License-Identifier: MIT
"""GnuPG homes of people, made by a real gpg."""
import pathlib
import shutil
import subprocess
import tempfile

MARGINAL, FULL = 4, 5


class Keyring:
    """One person's GnuPG."""

    def __init__(self, test, user_id):
        self.home = tempfile.mkdtemp(prefix="tg-", dir="/tmp")  # short: its agent has a socket there
        test.addCleanup(shutil.rmtree, self.home, True)
        test.addCleanup(self.kill)
        self.key = self.make(user_id)

    def kill(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=True)

    def gpg(self, *words, stdin=b""):
        done = subprocess.run(["gpg", "--homedir", self.home, "--batch", "--yes", "--quiet", *words],
                              input=stdin, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make(self, user_id):
        made = self.gpg("--pinentry-mode", "loopback", "--passphrase", "", "--status-fd", "1",
                        "--quick-generate-key", user_id, "ed25519", "default", "never")
        return made.decode().split("KEY_CREATED P ")[1].split()[0].lower()

    def export(self, key=None):
        return self.gpg("--export", key or self.key)

    def take(self, *others):
        for other in others:
            self.gpg("--import", stdin=other.export())

    def trust(self, friend, owner_trust=FULL):
        """A friend whose key was compared, and who may introduce others."""
        self.take(friend)
        self.gpg("--quick-lsign-key", friend.key)
        self.gpg("--import-ownertrust", stdin=f"{friend.key.upper()}:{owner_trust}:\n".encode())

    def sign(self, other):
        """Signs somebody's key for all, and gives it back to them."""
        self.take(other)
        self.gpg("--quick-sign-key", other.key)
        other.gpg("--import", stdin=self.export(other.key))

    def revoke(self):
        """What its owner publishes to revoke it; it isn't in the owner's own keyring."""
        path = pathlib.Path(self.home, "openpgp-revocs.d", self.key.upper() + ".rev")
        return path.read_bytes().replace(b":-----", b"-----")
