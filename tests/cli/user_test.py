#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The user key: making it, its file, its passphrase, what it says; and own keys renewed and revoked."""
import os
import stat
import tempfile

from command import Command, main


class User(Command):
    def setUp(self):
        super().setUp()
        self.init()
        self.stick = self.folder / "user.pem"

    def with_line(self, run, *words, lines="open sesame\n"):
        """Runs a verb whose words hold FD for a descriptor from which these lines are read."""
        with tempfile.TemporaryFile() as file:
            file.write(lines.encode())
            file.seek(0)
            fd = file.fileno()
            return run(*(str(w).replace("FD", str(fd)) for w in words), pass_fds=[fd])

    def pin(self):
        return self.troth("--json", "id").json["fingerprint"]

    def test_key__is_for_the_user_alone__and_endorses_this_device(self):
        made = self.troth("--json", "user", "init").json
        self.assertFalse(made["passphrase"])
        self.assertEqual(stat.S_IMODE((self.home / "user.pem").stat().st_mode), 0o600)
        shown = self.troth("--json", "user", "show").json
        self.assertEqual(shown["fingerprint"], made["fingerprint"])
        [device] = shown["devices"]
        self.assertEqual((device["fingerprint"], device["here"], device["revoked"]), (self.pin(), True, None))

    def test_key__is_never_overwritten__without_replace(self):
        first = self.troth("--json", "user", "init").json["fingerprint"]
        self.assertIn("already", self.fails(1, "user", "init").err)
        self.assertNotEqual(self.troth("--json", "user", "init", "--replace").json["fingerprint"], first)

    def test_key__stays_on_the_stick__when_it_is_made_offline(self):
        self.troth("user", "init", "--offline", self.stick)
        self.assertFalse((self.home / "user.pem").exists())
        self.assertEqual(stat.S_IMODE(self.stick.stat().st_mode), 0o600)
        self.assertIn("--user-key", self.fails(1, "user", "endorse").err)
        self.troth("user", "endorse", "--user-key", self.stick)

    def test_file_on_the_stick__is_never_overwritten(self):
        self.stick.write_text("precious")
        self.fails(1, "user", "init", "--offline", self.stick)
        self.assertEqual(self.stick.read_text(), "precious")
        self.fails(1, "user", "show")

    def test_passphrase__is_needed__where_one_was_given(self):
        self.with_line(self.troth, "user", "init", "--user-passphrase-fd", "FD")
        self.assertIn("ENCRYPTED", (self.home / "user.pem").read_text())
        self.fails(4, "user", "endorse")  # nobody is there to be asked
        self.with_line(self.troth, "user", "endorse", "--user-passphrase-fd", "FD")
        wrong = self.with_line(self.run_troth, "user", "endorse", "--user-passphrase-fd", "FD", lines="nope\n")
        self.assertEqual(wrong.status, 4)

    def test_passphrase__is_asked_for__on_a_terminal(self):
        status, _ = self.on_terminal("user", "init", answers=[
            ("New passphrase for your user key (empty: none): ", "open sesame"), ("The same again: ", "open sesame")])
        self.assertEqual(status, 0)
        self.assertIn("ENCRYPTED", (self.home / "user.pem").read_text())
        status, screen = self.on_terminal("user", "endorse", answers=[("Passphrase of your user key: ", "open sesame")])
        self.assertEqual(status, 0, screen)

    def test_somebody_else_s_key__endorses_nothing_here(self):
        self.troth("user", "init")
        other = self.init("other")
        self.troth("user", "init", "--offline", self.stick, home=other)
        self.assertIn("isn't this device's user key",
                      self.fails(1, "user", "endorse", "--user-key", self.stick).err)

    def test_what_is_no_key__is_told(self):
        self.stick.write_text("hello")
        self.fails(1, "user", "endorse", "--user-key", self.stick)
        self.fails(1, "user", "endorse", "--user-key", self.folder / "missing")
        self.fails(1, "user", "endorse", "--user-key", "/dev/zero")

    def test_lost_key__makes_room_for_another(self):
        self.troth("user", "init")
        self.fails(4, "user", "lost")  # asked for good reason, and nobody is there
        self.assertTrue(self.troth("--json", "user", "lost", "--yes").json["revoked"])
        self.fails(1, "user", "show")
        self.assertFalse((self.home / "user.pem").exists())
        self.troth("user", "init")

    def test_lost_key_with_a_passphrase__is_put_aside__where_that_isn_t_given(self):
        self.with_line(self.troth, "user", "init", "--user-passphrase-fd", "FD")
        self.assertFalse(self.troth("--json", "user", "lost", "--yes").json["revoked"])
        self.assertTrue((self.home / "user.pem.lost").exists())
        self.troth("user", "init")

    def test_revocation__names_a_device_by_label_or_pin(self):
        self.troth("user", "init")
        self.assertIn("troth user show", self.fails(1, "user", "revoke", "phone", "--yes").err)
        self.fails(2, "user", "revoke", self.pin()[:8], "--reason", "boredom", "--yes")
        self.troth("user", "revoke", self.pin()[:8], "--reason", "retired", "--yes")
        [device] = self.troth("--json", "user", "show").json["devices"]
        self.assertEqual(device["revoked"], "retired")
        self.assertIn("warn user", self.run_troth("doctor").out)

    def test_renewal__makes_another_key__that_the_user_key_endorses(self):
        before = self.pin()
        self.troth("user", "init")
        self.troth("id", "renew")
        self.assertNotEqual(self.pin(), before)
        self.assertTrue((self.home / "former.pem").exists())
        devices = self.troth("--json", "user", "show").json["devices"]
        self.assertEqual({d["fingerprint"]: d["here"] for d in devices}, {before: False, self.pin(): True})

    def test_renewal__asks_for_the_user_key__where_it_is_elsewhere(self):
        self.troth("user", "init", "--offline", self.stick)
        before = self.pin()
        self.fails(1, "id", "renew")
        self.assertEqual(self.pin(), before)
        self.troth("id", "renew", "--user-key", self.stick)

    def test_renewal__takes_two_passphrases__the_old_one_and_the_new_one(self):
        home = self.folder / "locked"
        self.with_line(lambda *w, **m: self.troth(*w, home=home, **m), "init", "--passphrase-fd", "FD")
        self.with_line(lambda *w, **m: self.troth(*w, home=home, **m), "id", "renew", "--passphrase-fd", "FD",
                       "--new-passphrase-fd", "FD", lines="open sesame\nanother one\n")
        self.assertIn("ENCRYPTED", (home / "device.pem").read_text())
        self.with_line(lambda *w, **m: self.troth(*w, home=home, **m), "id", "revoke", "--yes",
                       "--passphrase-fd", "FD", lines="another one\n")


if __name__ == "__main__":
    os.umask(0o022)
    main()
