#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`troth id openpgp` and `troth trust assign` on keyrings that a real gpg makes."""
import shutil
import subprocess
import tempfile

from command import Command, main

NOBODY = "0123456789abcdef0123456789abcdef01234567"


class OpenPgp(Command):
    def setUp(self):
        super().setUp()
        self.gnupg = self.keyring()
        self.init()
        self.mine = self.make_key(self.gnupg, "Romeo \033[31m<xmpp:romeo@montague.lit>")

    def keyring(self):
        """An empty one in a short path, for the socket of its agent; that ends with the test."""
        path = tempfile.mkdtemp(prefix="tg-", dir="/tmp")
        self.addCleanup(shutil.rmtree, path, True)
        self.addCleanup(subprocess.run, ["gpgconf", "--homedir", path, "--kill", "all"], check=True)
        return path

    def gpg(self, home, *words, stdin=b""):
        done = subprocess.run(["gpg", "--homedir", home, "--batch", "--yes", *words], input=stdin,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def make_key(self, home, user_id, usage="default"):
        status = self.gpg(home, "--pinentry-mode", "loopback", "--passphrase", "", "--status-fd", "1",
                          "--allow-freeform-uid", "--quick-generate-key", user_id, "ed25519", usage, "never")
        return status.decode().split("KEY_CREATED P ")[1].split()[0].lower()

    def friend(self, user_id):
        """A key of somebody else in the keyring, which nobody has signed."""
        theirs = self.keyring()
        key = self.make_key(theirs, user_id)
        self.gpg(self.gnupg, "--import", stdin=self.gpg(theirs, "--export", key))
        return key

    def environment(self, **more):
        return super().environment(**{"GNUPGHOME": self.gnupg, **more})

    @staticmethod
    def grouped(key):
        return [key[i:i + 4].upper() for i in range(0, 40, 4)]

    def kinds(self):
        return [e["kind"] for e in self.troth("log", "--json").json_lines]

    def test_id__chooses_shows_and_removes(self):
        shown = self.troth("id", "openpgp", "--json").json
        self.assertIsNone(shown["chosen"])
        self.assertEqual([k["fingerprint"] for k in shown["own"]], [self.mine])
        self.assertIn("None is chosen", self.troth("id", "openpgp").err)
        chosen = self.troth("id", "openpgp", *self.grouped(self.mine), "--json").json["chosen"]
        self.assertEqual(chosen["fingerprint"], self.mine)
        self.assertEqual((chosen["validity"], chosen["secret"], chosen["signs"]), ("ultimate", True, True))
        self.assertEqual(self.troth("id", "openpgp", "--json").json["chosen"], chosen)
        self.assertIn(" ".join(self.grouped(self.mine)).lower(), self.troth("id", "openpgp").out)
        removed = self.troth("id", "openpgp", "--remove", "--json").json
        self.assertEqual(removed, {"removed": self.mine})
        self.fails(1, "id", "openpgp", "--remove")
        self.assertEqual(self.kinds(), ["openpgp-chosen"] * 2)

    def test_id__endorses_this_device__and_says_until_when(self):
        self.assertIsNone(self.troth("id", "--json").json["openpgp"])
        self.assertEqual(self.health("openpgp")["health"], "ok")
        done = self.troth("id", "openpgp", self.mine)
        self.assertIn("It endorses this device until", done.out)
        self.assertIn("names no JID", done.err)
        shown = self.troth("id", "--json").json["openpgp"]
        self.assertEqual(shown["fingerprint"], self.mine)
        self.assertIn("endorses it until", self.troth("id").out)
        self.assertIn("endorses this device until", self.health("openpgp")["text"])
        self.troth("id", "openpgp", "--remove")
        self.assertIsNone(self.troth("id", "--json").json["openpgp"])

    def test_new_device_key__is_not_endorsed__by_the_old_signature(self):
        self.troth("id", "openpgp", self.mine)
        self.troth("init", "--replace", "--jid", "romeo@montague.lit")
        self.assertIsNone(self.troth("id", "--json").json["openpgp"])
        self.assertIn("doesn't endorse this device", self.troth("id", "openpgp").err + self.health("openpgp")["text"])
        self.assertEqual(self.health("openpgp")["health"], "warn")
        self.assertNotIn("names no JID", self.troth("id", "openpgp", self.mine).err)
        self.assertEqual(self.health("openpgp")["health"], "ok")

    def test_agent__refuses__and_nothing_is_endorsed(self):
        with open(f"{self.gnupg}/gpg-agent.conf", "w") as file:
            file.write("pinentry-program /bin/false\n")
        made = self.gpg(self.gnupg, "--pinentry-mode", "loopback", "--passphrase", "sealed", "--status-fd", "1",
                        "--quick-generate-key", "R", "ed25519", "default", "never").decode()
        sealed = made.split("KEY_CREATED P ")[1].split()[0].lower()
        subprocess.run(["gpgconf", "--homedir", self.gnupg, "--kill", "all"], check=True)
        result = self.fails(4, "id", "openpgp", sealed)
        self.assertIn("hasn't endorsed this device", result.err)
        self.assertIn("agent of GnuPG", result.err)
        self.assertIsNone(self.troth("id", "--json").json["openpgp"])
        self.assertEqual(self.kinds(), [])

    def health(self, check):
        return next(c for c in self.run_troth("doctor", "--json").json_lines if c["check"] == check)

    def test_user_id__is_cleaned__wherever_it_is_shown(self):
        for words in (["id", "openpgp"], ["id", "openpgp", "--list"], ["id", "openpgp", "--json"],
                      ["id", "openpgp", self.mine], ["trust", "assign", "romeo@montague.lit", self.mine]):
            with self.subTest(words):
                out = self.troth(*words).out
                self.assertNotIn("\033", out)
                self.assertIn("xmpp:romeo@montague.lit", out)

    def test_key__is_refused__with_cause_and_next_step(self):
        theirs = self.friend("xmpp:juliet@capulet.lit")
        certifies = self.make_key(self.gnupg, "C", "cert")
        for key, text in ((NOBODY, "no key with this fingerprint"), (theirs, "secret part"),
                          (certifies, "no part that can sign")):
            with self.subTest(text):
                result = self.fails(1, "id", "openpgp", key)
                self.assertIn(text, result.err)
                self.assertIn("gpg --", result.err)
        self.assertEqual(self.kinds(), [])
        self.assertNotIn(certifies, self.troth("id", "openpgp", "--list").out)

    def test_gpg__is_missed__with_cause_and_next_step(self):
        hide = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                'mount --bind "$0" /usr/bin/gpg && exec "$@"']
        import command
        done = subprocess.run([*hide, "/dev/null", command.TROTH, "--home", self.home, "id", "openpgp"],
                              capture_output=True, env=self.environment())
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"apt install gnupg", done.stderr)

    def test_mistake__is_a_usage_error(self):
        for words in (["id", "openpgp", "abc"], ["id", "openpgp", "--list", self.mine], ["id", "--remove"],
                      ["id", "openpgp", "--list", "--remove"], ["id", "openpgp", self.mine + "0"],
                      ["trust", "assign", "juliet@capulet.lit"], ["trust", "assign", "--remove"],
                      ["trust", "assign", "@", self.mine], ["trust", "assign", "juliet@capulet.lit", "x"]):
            with self.subTest(words):
                self.fails(2, *words)
        self.assertEqual(self.kinds(), [])

    def test_assign__keeps_lists_and_removes(self):
        theirs = self.friend("Juliet")
        self.assertEqual(self.troth("trust", "assign", "--json").json, [])
        words = ["trust", "assign", "Juliet@Capulet.lit/balcony"]
        got = self.troth(*words, *self.grouped(theirs), "--json").json
        self.assertEqual((got["jid"], got["key"]["fingerprint"]), ("juliet@capulet.lit", theirs))
        self.assertEqual(got["key"]["validity"], "unknown")
        self.assertIn("counts for nothing yet", self.troth(*words, theirs).err)
        self.gpg(self.gnupg, "--quick-lsign-key", theirs)
        self.assertNotIn("counts for nothing", self.troth(*words, theirs).err)
        self.assertEqual(self.troth("trust", "assign", "--json").json,
                         [{"jid": "juliet@capulet.lit", "fingerprint": theirs}])
        self.assertIn("juliet@capulet.lit", self.troth("trust", "assign").out)
        self.assertIn("any more", self.troth(*words, "--remove").out)
        self.fails(1, *words, "--remove")
        self.assertIn("No OpenPGP key is assigned", self.troth("trust", "assign").out)
        self.assertEqual(self.kinds(), ["contact-new", "key-pinned"] + ["openpgp-assigned"] * 3 + ["key-suspended", "openpgp-assigned"])

    def test_assign__is_refused__for_a_key_that_is_not_there(self):
        self.assertIn("gpg --list-keys", self.fails(1, "trust", "assign", "juliet@capulet.lit", NOBODY).err)
        self.assertEqual(self.troth("trust", "assign", "--json").json, [])

    def test_bash__offers_own_fingerprints(self):
        script = self.troth("completion", "bash").out
        import command
        script += f'\ntroth() {{ {command.TROTH} --home "$HOME_OF_TEST" "$@"; }}\n' \
                  'COMP_WORDS=(troth "$@"); COMP_CWORD=$#; _troth; printf "%s\\n" "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash", "-c", script, "bash", "id", "openpgp", ""], capture_output=True,
                              check=True, env=self.environment(HOME_OF_TEST=str(self.home)))
        self.assertEqual(done.stdout.decode().split(), [self.mine])


if __name__ == "__main__":
    main()
