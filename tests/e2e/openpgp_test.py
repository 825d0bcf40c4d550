#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""People who never shared a secret know each other by OpenPGP, on keyrings that a real gpg makes."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from people import Person, free_port, pair

ROMEO, JULIET = "romeo@montague.lit", "juliet@capulet.lit"
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
        """Its owner revokes it; returns what is published."""
        path = pathlib.Path(self.home, "openpgp-revocs.d", self.key.upper() + ".rev")
        self.gpg("--import", stdin=path.read_bytes().replace(b":-----", b"-----"))
        return self.export()


class OpenPgp(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="troth-openpgp-")
        self.addCleanup(self.folder.cleanup)
        self.port = free_port()
        self.friar = Keyring(self, "Friar Laurence")

    def person(self, name, jid, user_id=None, keyring=None):
        keyring = keyring or Keyring(self, user_id or f"xmpp:{jid}")
        person = Person(self.folder.name, name, jid=jid, env={"GNUPGHOME": keyring.home})
        person.ring = keyring
        person.done("id", "openpgp", keyring.key)
        return person

    def lovers(self, owner_trust=FULL, juliet_id=None):
        """Each has the other's key, and both a friend who has signed them. Romeo trusts him that much."""
        self.romeo = self.person("romeo", ROMEO)
        self.juliet = self.person("juliet", JULIET, juliet_id)
        for person in self.romeo, self.juliet:
            self.friar.sign(person.ring)
        self.romeo.ring.trust(self.friar, owner_trust)
        self.juliet.ring.trust(self.friar)
        self.romeo.ring.take(self.juliet.ring)
        self.juliet.ring.take(self.romeo.ring)

    def listen(self, person):
        process = person.troth("listen", "--no-lan", f"--port={self.port}")
        self.addCleanup(process.close)
        process.wait_for("Listening", 5)
        return process

    def call(self, person, whom, text, status=0):
        return person.done("send", "--no-lan", "--at", f"127.0.0.1:{self.port}", whom, text, status=status)

    def keys(self, person, label):
        return json.loads(person.done("--json", "trust", "show", label))["keys"]

    def test_strangers__verify__by_the_signature_of_a_friend(self):
        self.lovers()
        self.assertIn("full", self.juliet.done("trust", "add", ROMEO))
        with self.listen(self.romeo) as listener:
            said = self.call(self.juliet, ROMEO, "O happy dagger")
            self.assertIn("has received it (verified)", said)
            listener.wait_for(rf"{JULIET} \(verified\): O happy dagger", 5)
            listener.wait_for(f"{JULIET} has shown a device that their OpenPGP key endorses", 1)
        self.assertEqual(self.romeo.contacts(), [JULIET])
        self.assertEqual([key["pin"] for key in self.keys(self.romeo, JULIET)], [self.juliet.pin()])
        self.assertEqual([key["pin"] for key in self.keys(self.juliet, ROMEO)], [self.romeo.pin()])
        # From now on the label is enough, in both directions.
        with self.listen(self.romeo) as listener:
            self.juliet.done("send", "--no-lan", ROMEO, "again")
            listener.wait_for(rf"{JULIET} \(verified\): again", 5)
        why = self.romeo.done("trust", "explain", JULIET)
        self.assertIn(self.juliet.ring.key[:4], why)
        self.assertIn(f"xmpp:{JULIET}", why)
        self.assertIn("full", why)


if __name__ == "__main__":
    unittest.main(verbosity=2)
