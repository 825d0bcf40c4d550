#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""People who never shared a secret know each other by OpenPGP, on keyrings that a real gpg makes."""
import json
import os
import pathlib
import signal
import unittest

from apart import PORT, Apart
from gnupg import FULL, MARGINAL, Keyring
from people import pair

ROMEO, JULIET = "romeo@montague.lit", "juliet@capulet.lit"


class OpenPgp(Apart):
    def setUp(self):
        super().setUp()
        self.friar = Keyring(self, "Friar Laurence")

    def person(self, name, jid, user_id=None, keyring=None):
        keyring = keyring or Keyring(self, user_id or f"xmpp:{jid}")
        person = super().person(name, words=["--jid", jid] if jid else [], env={"GNUPGHOME": keyring.home})
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
        process = person.troth("listen", "--no-lan", f"--port={PORT}")
        self.addCleanup(process.close)
        process.wait_for("Listening", 5)
        self.waits(person)
        return process

    def call(self, person, whom, text, status=0):
        return person.done("send", "--no-lan", "--at", self.at, whom, text, status=status)

    def keys(self, person, label):
        return json.loads(person.done("--json", "trust", "show", label))["keys"]

    def test_strangers__verify__by_the_signature_of_a_friend(self):
        self.lovers()
        self.assertIn("full", self.juliet.done("trust", "add", ROMEO))
        with self.listen(self.romeo) as listener:
            said = self.call(self.juliet, ROMEO, "O happy dagger")
            self.assertIn("has received it (verified)", said)
            listener.wait_for(f"{JULIET} has shown a device that their OpenPGP key endorses", 5)
            listener.wait_for(rf"{JULIET} \(verified\): O happy dagger", 5)
        self.assertEqual(self.romeo.contacts(), [JULIET])
        self.assertEqual([key["fingerprint"] for key in self.keys(self.romeo, JULIET)], [self.juliet.pin()])
        self.assertEqual([key["fingerprint"] for key in self.keys(self.juliet, ROMEO)], [self.romeo.pin()])
        # From now on the label is enough, in both directions.
        with self.listen(self.romeo) as listener:
            self.juliet.done("send", "--no-lan", ROMEO, "again")
            listener.wait_for(rf"{JULIET} \(verified\): again", 5)
        why = " ".join(self.romeo.done("trust", "explain", JULIET).split())
        self.assertIn(" ".join(self.juliet.ring.key[i:i + 4] for i in range(0, 40, 4)), why)
        self.assertIn(f'user ID "xmpp:{JULIET}" full', why)
        self.assertIn("the OpenPGP key of that contact endorses it", why)

    def refused(self, why, whom=ROMEO):
        """Juliet calls; Romeo refuses for that reason, and has learnt nothing."""
        before = self.romeo.contacts()
        with self.listen(self.romeo) as listener:
            self.call(self.juliet, whom, "it is me", status=4)
            listener.wait_for(why, 5)
            listener.never("it is me", 0.3)
        self.assertEqual(self.romeo.contacts(), before)

    def accepted(self, text, contact=JULIET):
        with self.listen(self.romeo) as listener:
            self.call(self.juliet, ROMEO, text)
            listener.wait_for(rf"{contact} \(verified\): {text}", 5)

    def policy(self, person, text):
        """What is in the place where the policy usually is."""
        path = pathlib.Path(self.folder, f"{person.name}-config", "troth")
        path.mkdir(parents=True, exist_ok=True)
        (path / "policy").write_text(text)
        person.env["XDG_CONFIG_HOME"] = path.parent

    def test_marginal_key__is_refused__until_policy_accepts_it(self):
        self.lovers(MARGINAL)
        self.juliet.done("trust", "add", ROMEO)
        self.refused("finds that OpenPGP key marginally valid for juliet")
        self.assertIn("marginal", self.romeo.done("trust", "add", JULIET, status=1))
        self.assertIn("fully", self.romeo.done("trust", "openpgp"))
        self.policy(self.romeo, "openpgp marginal\n")
        self.assertIn("marginally", self.romeo.done("trust", "openpgp"))
        self.accepted("now you know")
        # Taken back: what was learnt by it doesn't count any more.
        self.policy(self.romeo, "openpgp full\n")
        self.refused("finds that OpenPGP key marginally valid for juliet")

    def test_unknown_key__is_refused(self):
        self.lovers()
        self.juliet.done("trust", "add", ROMEO)
        self.romeo.ring.gpg("--import-ownertrust", stdin=f"{self.friar.key.upper()}:3:\n".encode())
        self.refused("nobody whom the keyring trusts says that it is juliet")

    def test_revoked_key__is_refused__before_and_after_the_first_meeting(self):
        self.lovers()
        self.juliet.done("trust", "add", ROMEO)
        self.accepted("first")
        revoked = self.juliet.ring.revoke()
        self.romeo.ring.gpg("--import", stdin=revoked)
        self.refused("has been revoked")
        self.romeo.done("trust", "forget", "--yes", JULIET)
        self.refused("has been revoked")

    def test_user_id_of_somebody_else__is_refused(self):
        self.lovers(juliet_id="Rosaline <xmpp:rosaline@capulet.lit>")
        self.juliet.done("trust", "add", ROMEO)
        self.refused("no user ID for juliet@capulet.lit and isn't assigned")

    def test_assigned_key__is_accepted__without_a_user_id(self):
        self.lovers(juliet_id="Juliet")
        self.juliet.done("trust", "add", ROMEO)
        self.romeo.done("trust", "assign", JULIET, self.juliet.ring.key)
        self.accepted("what's in a name")
        self.romeo.done("trust", "assign", JULIET, "--remove")
        self.refused("no user ID for juliet@capulet.lit and isn't assigned")

    def test_key_without_jid__is_accepted__where_it_is_assigned(self):
        self.lovers()
        plain = self.person("plain", None, keyring=self.juliet.ring)
        self.romeo.done("trust", "assign", JULIET, self.juliet.ring.key)
        self.juliet = plain
        self.juliet.done("trust", "add", ROMEO)
        self.accepted("nameless")

    def test_caller__refuses__who_is_not_believed(self):
        self.lovers()
        self.juliet.done("trust", "add", ROMEO)
        self.juliet.ring.gpg("--import", stdin=self.romeo.ring.revoke())
        with self.listen(self.romeo):
            said = self.call(self.juliet, ROMEO, "never sent", status=5)
        self.assertIn("has been revoked", said)

    def test_endorsement__is_worth_nothing__for_another_device(self):
        self.lovers()
        self.juliet.done("trust", "add", ROMEO)
        thief = super().person("thief", words=["--jid", JULIET], env={"GNUPGHOME": self.juliet.ring.home})
        thief.ring = self.juliet.ring
        thief.done("trust", "add", ROMEO)
        # The device's own key and Juliet's signature about another one.
        import sqlite3
        row = sqlite3.connect(self.juliet.home / "trust.db").execute(
            "SELECT data FROM evidence WHERE kind = 'own-endorsement'").fetchone()
        pin = bytes.fromhex(thief.pin())
        with sqlite3.connect(thief.home / "trust.db") as db:
            db.execute("INSERT INTO evidence (contact, pin, kind, method, data, time) "
                       "VALUES (0, ?, 'own-endorsement', '', ?, 1)", (pin, row[0]))
        self.juliet = thief
        self.refused("isn't right")

    def test_second_device__is_known__by_the_same_key(self):
        self.lovers()
        self.juliet.done("trust", "add", ROMEO)
        self.accepted("from the first")
        self.juliet = self.person("phone", JULIET, keyring=self.juliet.ring)
        self.juliet.done("trust", "add", ROMEO)
        self.accepted("from the phone")
        self.assertEqual(len(self.keys(self.romeo, JULIET)), 2)
        self.assertEqual(self.romeo.contacts(), [JULIET])

    def test_stranger__sees__no_openpgp_name(self):
        self.lovers()
        mallory = super().person("mallory")
        with self.listen(self.romeo) as listener:
            probe = mallory.done("probe", "--no-lan", "-v", self.at)
            self.assertIn("would use", probe)
            self.assertNotIn(self.romeo.ring.key, probe)
        with self.listen(mallory):
            said = self.romeo.done("send", "--no-lan", "-v", self.at, "hi", status=4)
            self.assertNotIn(self.romeo.ring.key, said)

    def test_met_by_secret__the_key_is_signed__when_the_user_says_so(self):
        self.lovers(MARGINAL)
        pair(self.romeo, self.juliet, "--no-lan", f"--port={PORT}")
        self.assertIn("juliet", self.romeo.contacts())
        key = self.juliet.ring.key
        refused = self.romeo.done("trust", "sign", "juliet", status=4)
        self.assertIn("--yes", refused)
        asked = self.romeo.troth("trust", "sign", "juliet", pty=True)
        self.addCleanup(asked.close)
        asked.wait_for('Type "sign"', 10)
        asked.send_line("no")
        self.assertNotEqual(asked.wait(10), 0)
        listed = self.romeo.ring.gpg("--with-colons", "--list-sigs", key).decode()
        self.assertNotIn(self.romeo.ring.key[-16:].upper(), listed)
        done = self.romeo.done("trust", "sign", "--yes", "juliet")
        self.assertIn(f"finds it full for {JULIET}", done)
        self.juliet = self.person("phone", JULIET, keyring=self.juliet.ring)
        self.juliet.done("trust", "add", ROMEO)
        self.accepted("from the phone", "juliet")

    def test_gnupg__is_not_there__and_the_rest_works(self):
        self.lovers()
        self.juliet.done("trust", "add", ROMEO)
        self.romeo.env["GNUPGHOME"] = "/dev/null/nowhere"
        with self.listen(self.romeo) as listener:
            self.call(self.juliet, ROMEO, "it is me", status=4)
            listener.never("it is me", 0.3)
        pair(self.romeo, self.juliet, "--no-lan", f"--port={PORT}")
        self.assertEqual(self.romeo.contacts(), ["juliet"])

    def slow_gnupg(self, person):
        """Gives somebody a gpg that waits while the file exists that is returned."""
        folder = pathlib.Path(self.folder, "slow")
        folder.mkdir()
        for name, script in (("gpg", f'while [ -e {folder}/wait ]; do sleep 0.05; done\nexec /usr/bin/gpg "$@"'),
                             ("gpgconf", f'/usr/bin/gpgconf "$@" | sed s,:/usr/bin/gpg$,:{folder}/gpg,')):
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o700)
        person.env["PATH"] = f"{folder}:{os.environ['PATH']}"
        (folder / "wait").touch()
        return folder / "wait"

    def caller(self):
        return self.juliet.troth("send", "--no-lan", "--at", self.at, ROMEO, "patience")

    def test_line_is_cut__while_gnupg_is_asked(self):
        self.lovers()
        self.juliet.done("trust", "add", ROMEO)
        wait = self.slow_gnupg(self.romeo)
        with self.listen(self.romeo) as listener:
            for _ in range(3):
                with self.caller() as caller:
                    caller.wait_for("Connecting", 5)
                    listener.never("verified|was sent away", 0.4)
            listener.wait_for("has left|line was cut", 5)  # it goes on working meanwhile
            with self.caller() as caller:
                caller.wait_for("Connecting", 5)
                listener.never("verified", 0.4)
                wait.unlink()
                listener.wait_for(rf"{JULIET} \(verified\): patience", 10)

    def test_listener_ends__while_gnupg_is_asked(self):
        self.lovers()
        self.juliet.done("trust", "add", ROMEO)
        wait = self.slow_gnupg(self.romeo)
        with self.listen(self.romeo) as listener, self.caller() as caller:
            caller.wait_for("Connecting", 5)
            listener.never("verified|was sent away", 0.4)
            listener.signal(signal.SIGTERM)
            listener.never("patience", 0.4)
            wait.unlink()
            self.assertEqual(listener.wait(15), 0, listener.transcript)


if __name__ == "__main__":
    unittest.main(verbosity=2)
