#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keys that an account shows, on a real server: kept in step, fetched, and never believed for that."""
import json
import signal
import unittest

from gnupg import Keyring
from online import Online, servers
from people import Person


class Published(Online, unittest.TestCase):
    kind = servers.Prosody

    def fetch(self):
        return json.loads(self.romeo.done("trust", "fetch", "--json", "juliet").splitlines()[-1])

    def published(self, how):
        """Juliet was online for as long as that takes."""
        self.sign_in(self.juliet, self.juliet.jid, f"--publish={how}")
        listener = self.listen(self.juliet)
        self.done(self.romeo, "send", "juliet", "art thou there?")
        listener.signal(signal.SIGTERM)
        self.assertEqual(listener.wait(10), 0, listener.transcript)

    def name(self, person):
        return json.loads(person.done("--json", "id"))["name"]

    def shown(self, *wanted):
        """Waits until the account itself shows these keys and no others."""
        while True:
            fetched = self.fetch()
            names = fetched["names"] if fetched["from"] == "account" else []
            if sorted(names) == sorted(wanted):
                return fetched

    def state(self):
        shown = json.loads(self.romeo.done("--json", "trust", "show", "juliet"))
        return [key["state"] for key in shown["keys"]]

    def test_keys__are_published__only_when_that_was_asked_for(self):
        self.pair(self.juliet, self.romeo)
        self.assertEqual(self.fetch()["keys"], 0)
        self.assertEqual(json.loads(self.juliet.done("login", "--json"))["publish"], "none")
        for how, keys in (("presence", 1), ("open", 1), ("none", 0)):
            self.published(how)
            fetched = self.fetch()
            self.assertEqual((fetched["keys"], fetched["known"], fetched["fresh"]), (keys, keys, 0), how)
        self.published("own")
        self.assertIn("Its server doesn't give them", self.romeo.done("trust", "fetch", "juliet", status=3))

    def test_revocation__is_found_by_contacts__while_its_owner_is_away(self):
        self.pair(self.juliet, self.romeo)
        self.juliet.done("id", "revoke", "--yes")
        self.sign_in(self.juliet, self.juliet.jid, "--publish=open")
        with self.listen(self.juliet) as listener:
            listener.never("doesn't take our keys", 0.5)
        fetched = self.fetch()
        self.assertEqual((fetched["known"], fetched["revoked"]), (1, 1))
        self.assertEqual(self.state(), ["revoked"])
        self.assertEqual(self.fetch()["revoked"], 0)

    def test_key_that_a_server_shows__makes_nobody_known(self):
        self.pair(self.juliet, self.romeo)
        tybalt = Person(self.folder, "tybalt")  # who has her password, or her server
        self.sign_in(tybalt, self.juliet.jid, "--publish=open")
        listener = self.listen(tybalt)
        while (fetched := self.fetch())["keys"] == 0:
            pass
        self.assertEqual((fetched["known"], fetched["fresh"], fetched["revoked"]), (0, 1, 0))
        self.assertEqual(self.state(), ["proven"])
        self.done(self.romeo, "send", "--timeout=5", "juliet", "my secret", status=3)
        listener.never("my secret", 0.1)

    def test_renewed_key__takes_the_place_of_the_former__though_an_older_program_goes_on(self):
        self.pair(self.juliet, self.romeo)
        self.sign_in(self.juliet, self.juliet.jid, "--publish=open")
        former = self.name(self.juliet)
        older = self.listen(self.juliet)
        self.shown(former)
        self.juliet.done("id", "renew")
        self.shown()  # it was told by no stream
        with self.listen(self.juliet):
            fetched = self.shown(self.name(self.juliet))
            self.assertEqual((fetched["known"], fetched["fresh"]), (0, 1))
            older.signal(signal.SIGTERM)
            self.assertEqual(older.wait(10), 0, older.transcript)
            self.done(self.romeo, "send", "juliet", "thy new key?")  # now he knows it
            self.assertEqual(self.fetch()["known"], 1)
        self.assertNotEqual(former, self.name(self.juliet))

    def later(self, count):
        """What the account shows once it shows so many keys."""
        while len(names := self.fetch()["names"]) != count:
            pass
        return names

    def test_user_key__is_published__while_a_program_runs(self):
        self.pair(self.juliet, self.romeo)
        self.sign_in(self.juliet, self.juliet.jid, "--publish=presence")
        with self.listen(self.juliet):
            self.shown(self.name(self.juliet))
            self.juliet.done("user", "init", "--offline", f"{self.folder}/user.pem")
            self.assertIn(self.name(self.juliet), self.later(2))

    def test_lost_device__is_taken_out_of_the_account__by_those_that_are_left(self):
        stick = f"{self.folder}/user.pem"
        self.pair(self.juliet, self.romeo)
        self.juliet.done("user", "init", "--offline", stick)
        phone = Person(self.folder, "phone")
        phone.done("user", "endorse", "--user-key", stick)
        for person in phone, self.juliet:
            self.sign_in(person, self.juliet.jid, "--publish=open")
        with self.listen(self.juliet):
            kept = self.later(2)
            with self.listen(phone):
                self.assertEqual(set(self.later(3)), {*kept, self.name(phone)})
            while phone.pin() not in self.juliet.done("--json", "user", "show"):
                pass  # its own devices are kept in step
            self.juliet.done("user", "revoke", "--user-key", stick, "--yes", phone.pin())
            self.shown(*kept)

    def with_openpgp(self):
        """Juliet, with an OpenPGP key, whose friend has signed it; and the friend's keyring."""
        ring, friar, his = Keyring(self, f"xmpp:{self.juliet.jid}"), Keyring(self, "Friar"), Keyring(self, "Romeo")
        friar.sign(ring)
        self.juliet.env["GNUPGHOME"], self.romeo.env["GNUPGHOME"] = ring.home, his.home
        self.pair(self.juliet, self.romeo)
        self.juliet.done("id", "openpgp", ring.key)
        self.sign_in(self.juliet, self.juliet.jid, "--publish=open")
        with self.listen(self.juliet):
            self.shown(self.name(self.juliet), ring.key)
        return ring, friar, his

    def import_(self, key, status=0):
        text = self.romeo.done("trust", "fetch", "--json", "juliet", "--import", key, status=status)
        return json.loads(text.splitlines()[-1])

    def test_openpgp_key__is_shown__and_imported_on_the_users_word_alone(self):
        ring, friar, his = self.with_openpgp()
        fetched = self.fetch()
        self.assertEqual(fetched["openpgp"], [ring.key])
        self.assertNotIn(ring.key.upper(), his.gpg("--list-keys").decode())
        self.assertEqual(self.import_(friar.key, status=1)["error"]["name"], "not-found")
        self.import_(ring.key)
        listed = his.gpg("--with-colons", "--check-sigs", ring.key).decode()
        self.assertRegex(listed, r"(?m)^pub:[-q]:")  # valid to nobody's knowledge
        self.assertIn(friar.key.upper()[-16:], listed)  # what friends have signed came with it
        self.assertIn(self.juliet.jid, listed)

    def test_openpgp_key__is_taken_away__with_the_choice(self):
        ring, _, _ = self.with_openpgp()
        self.juliet.done("id", "openpgp", "--remove")
        with self.listen(self.juliet):
            self.shown(self.name(self.juliet))
        self.assertEqual(self.fetch()["openpgp"], [])
        self.juliet.done("id", "openpgp", ring.key)
        self.sign_in(self.juliet, self.juliet.jid, "--publish=none")
        with self.listen(self.juliet):
            self.shown()


if __name__ == "__main__":
    unittest.main(verbosity=2)
