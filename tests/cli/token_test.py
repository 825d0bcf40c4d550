#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keys on a token, as the verbs use them: made, found, asked a PIN for, and never left without need."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "token"))
from command import Command, main  # noqa: E402
from softhsm import PIN, Card  # noqa: E402

AUTHORITY = """
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
    -subj /CN=CA -days 30 2>/dev/null &&
openssl x509 -req -in me.csr -CA ca.pem -CAkey ca.key -days 30 -copy_extensions copy -out me.pem 2>/dev/null
"""


class Token(Command):
    def setUp(self):
        super().setUp()
        self.card = Card(self.folder / "card")

    def environment(self, **more):
        return super().environment(**{**self.card.env, **more})

    def with_pin(self, run, *words, pin=PIN, option="--passphrase-fd", **more):
        """The PIN comes on standard input."""
        return run(*words, option, "0", stdin=f"{pin}\n".encode(), **more)

    def init_on_token(self, name="troth"):
        return self.with_pin(self.troth, "--json", "init", "--key", self.card.uri(name), "--make").json

    def test_key__is_made_on_the_token__and_named_in_the_file(self):
        made = self.init_on_token()
        self.assertEqual((made["token"], made["passphrase"]), (self.card.uri("troth"), False))
        file = (self.home / "device.pem").read_text()
        self.assertIn("PKCS#11 PROVIDER URI", file)
        self.assertNotIn("PRIVATE KEY", file)
        shown = self.troth("--json", "id").json  # nobody is asked
        self.assertEqual((shown["fingerprint"], shown["token"]), (made["fingerprint"], made["token"]))
        self.assertIn(f"on token     {self.card.uri('troth')}", self.troth("id").out)
        self.assertEqual(self.card.logins, 1)

    def test_key__that_is_there__is_taken_and_none_is_made_over_it(self):
        made = self.init_on_token()
        taken = self.with_pin(self.troth, "--json", "init", "--key", self.card.uri("troth"),
                              home=self.folder / "again").json
        self.assertEqual(taken["fingerprint"], made["fingerprint"])
        self.assertIn("already", self.with_pin(self.run_troth, "init", "--key", self.card.uri("troth"), "--make",
                                               home=self.folder / "third").err)
        self.assertFalse((self.folder / "third").exists())
        missing = self.with_pin(self.run_troth, "init", "--key", self.card.uri("nobody"), home=self.folder / "4").err
        self.assertIn("no such private key", missing)
        self.assertIn("Add --make", missing)

    def test_wrong_pin__is_tried_once(self):
        self.init_on_token()
        before = self.card.logins
        wrong = self.with_pin(self.run_troth, "id", "csr", "--jid", "romeo@montague.example", pin="000000")
        self.assertEqual(wrong.status, 4)
        self.assertIn("The PIN is wrong. It was tried once", wrong.err)
        self.assertNotIn("000000", wrong.err)
        status, screen = self.on_terminal("id", "csr", "--jid", "romeo@montague.example",
                                          answers=[("PIN of the token Card: ", "000000")])
        self.assertEqual(status, 4, screen)
        self.assertEqual(screen.count("PIN of the token Card"), 1)
        self.assertEqual(self.card.logins, before + 2)
        self.with_pin(self.fails, 4, "id", "csr", "--jid", "romeo@montague.example", pin="")
        self.fails(4, "id", "csr", "--jid", "romeo@montague.example")  # nobody is there to be asked
        self.assertEqual(self.card.logins, before + 2)

    def test_last_try__is_a_person_s(self):
        self.init_on_token()
        before = self.card.logins
        self.card.behave("last-try")
        words = "id", "csr", "--jid", "romeo@montague.example"
        refused = self.with_pin(self.run_troth, *words)
        self.assertEqual((refused.status, self.card.logins), (4, before))
        status, screen = self.on_terminal(*words, answers=[("PIN of the token Card: ", PIN)])
        self.assertEqual(status, 0, screen)
        self.assertIn("One more wrong PIN locks", screen)
        self.assertIn("warn token", self.run_troth("doctor").out)

    def test_locked_token__is_tried_never(self):
        self.init_on_token()
        before = self.card.logins
        self.card.behave("locked")
        self.assertIn("is locked", self.with_pin(self.run_troth, "id", "csr", "--jid", "a@b.example").err)
        self.assertIn("fail token", self.run_troth("doctor").out)
        self.assertEqual(self.card.logins, before)

    def test_pin__doesn_t_belong_into_the_uri(self):
        for secret in ("pin-value=271828", "pin-source=file:/dev/null"):
            result = self.fails(1, "init", "--key", f"pkcs11:token=Card?{secret}")
            self.assertIn("doesn't belong into the URI", result.err)
            self.assertNotIn("271828", result.out + result.err)

    def test_missing_module_or_token__is_told(self):
        self.init_on_token()
        self.assertIn("can't be loaded", self.fails(1, "init", "--key",
                                                    "pkcs11:token=Card?module-path=/nonexistent.so",
                                                    home=self.folder / "a").err)
        self.card.behave("removed")
        self.assertIn("is it plugged in?", self.with_pin(self.run_troth, "listen", "--no-lan").err)
        self.assertIn("fail token", self.run_troth("doctor").out)
        self.troth("id")

    def test_doctor__says_whether_there_are_tags(self):
        self.assertIn("There is no key", self.run_troth("doctor").out)
        self.init_on_token()
        self.assertRegex(self.run_troth("doctor").out, "ok +token +The token Card is there")
        self.assertIn("signs, and makes tags", self.with_pin(self.run_troth, "doctor").out)
        self.card.behave("no-ecdh")
        self.assertRegex(self.run_troth("doctor").out, "warn +token +The device key on the token Card does no ECDH")

    def test_rsa_key__signs_and_makes_no_tags(self):
        self.card.put_rsa_key("old")
        self.with_pin(self.troth, "init", "--key", self.card.uri("old"))
        self.assertEqual(self.troth("--json", "id").json["key"], "RSA 2048")
        self.with_pin(self.troth, "id", "csr", "--jid", "romeo@montague.example")
        self.assertRegex(self.run_troth("doctor").out, "warn +token .*does no ECDH")

    def test_doctor__needs_no_token__for_a_key_in_a_file(self):
        self.init()
        self.assertRegex(self.run_troth("doctor").out, "ok +token +The device key is in a file")

    def test_options__that_contradict__are_refused(self):
        uri = self.card.uri("troth")
        self.fails(2, "init", "--make")
        self.fails(2, "init", "--key", uri, "--passphrase")
        self.fails(1, "init", "--key", "file:/etc/hostname")
        self.init_on_token()
        self.fails(2, "user", "init", "--make")
        self.fails(2, "id", "renew")  # from a token into a file: not without being asked for
        self.assertIn("It is on a token", self.fails(4, "id", "passphrase").err)
        self.assertIn("It is on a token", self.fails(4, "id", "passphrase", "--remove").err)
        self.assertEqual(self.card.logins, 1)

    def test_user_key__on_a_token__endorses_and_is_asked_for(self):
        self.init()
        uri = self.card.uri("user")
        made = self.with_pin(self.troth, "--json", "user", "init", "--key", uri, "--make",
                             option="--user-passphrase-fd").json
        self.assertEqual(made["token"], uri)
        self.assertNotIn("PRIVATE KEY", (self.home / "user.pem").read_text())
        self.assertEqual(self.troth("--json", "user", "show").json["fingerprint"], made["fingerprint"])
        self.fails(4, "user", "endorse")
        self.with_pin(self.troth, "user", "endorse", option="--user-passphrase-fd")
        wrong = self.with_pin(self.run_troth, "user", "endorse", option="--user-passphrase-fd", pin="1")
        self.assertEqual(wrong.status, 4)
        self.assertEqual(self.card.logins, 3)

    def test_file_from_elsewhere__names_no_module(self):
        self.init()
        self.with_pin(self.troth, "user", "init", "--key", self.card.uri("user"), "--make",
                      option="--user-passphrase-fd")
        stick = self.folder / "stick.pem"
        (self.home / "user.pem").rename(stick)
        before = self.card.logins
        refused = self.with_pin(self.run_troth, "user", "endorse", "--user-key", stick, option="--user-passphrase-fd")
        self.assertEqual((refused.status, self.card.logins), (4, before))
        self.assertIn("names a module to load", refused.err)

    def test_renewal__moves_a_key_from_file_to_token_and_to_the_next(self):
        self.init()
        old = self.troth("--json", "id").json["fingerprint"]
        for name in "first", "second":
            new = self.with_pin(self.troth, "--json", "id", "renew", "--key", self.card.uri(name),
                                "--make").json["fingerprint"]
            self.assertNotEqual(new, old)
            self.assertEqual(self.troth("--json", "id").json["token"], self.card.uri(name))
            old = new

    def test_certificate__is_asked_for_and_taken_from_the_token(self):
        self.init_on_token()
        csr = self.with_pin(self.troth, "id", "csr", "--jid", "romeo@montague.example").out
        (self.folder / "me.csr").write_text(csr)
        subprocess.run(AUTHORITY, shell=True, check=True, cwd=self.folder, timeout=30)
        self.card.put_certificate(self.folder / "me.pem", "certified")
        self.card.put_certificate(self.folder / "ca.pem", "authority")
        before = self.card.logins
        self.fails(1, "id", "import", self.card.uri("authority"))  # for another key
        self.fails(1, "id", "import", self.card.uri("nothing"))
        self.troth("id", "import", self.card.uri("certified"))
        self.assertEqual(self.card.logins, before)  # certificates are for everybody
        file = (self.home / "device.pem").read_text()
        self.assertEqual(file.count("BEGIN CERTIFICATE"), 2)
        self.assertEqual(file.count("PKCS#11 PROVIDER URI"), 2)
        self.with_pin(self.troth, "id", "csr", "--jid", "romeo@montague.example")  # it still opens

    def test_another_key_under_its_name__is_noticed(self):
        self.init_on_token()
        other = Card(self.folder / "other")
        environment = other.env
        self.with_pin(self.troth, "init", "--key", self.card.uri("troth"), "--make",
                      home=self.folder / "o", env=environment)
        (self.folder / "o" / "device.pem").write_text((self.home / "device.pem").read_text())
        self.assertIn("isn't that of the certificate",
                      self.with_pin(self.run_troth, "id", "csr", "--jid", "a@b.example", home=self.folder / "o",
                                    env=environment).err)


if __name__ == "__main__":
    assert os.environ.get("CARD_MODULE"), "meson sets it"
    main()
