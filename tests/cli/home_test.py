#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The home: making it, its rights, passphrases, and what doctor says of it."""
import os
import re
import resource
import stat

from command import Command, main


class Init(Command):
    def test_home__is_for_the_user_alone(self):
        self.init()
        for path, mode in ((self.home, 0o700), (self.home / "device.pem", 0o600),
                           (self.home / "trust.db", 0o600)):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), mode, path)

    def test_missing_folders__are_made_for_the_user_alone(self):
        home = self.folder / "a" / "b"
        self.troth("init", home=home)
        self.assertEqual(stat.S_IMODE(home.parent.stat().st_mode), 0o700)

    def test_what_failed__is_said_once(self):
        self.init()
        for file, words in (("trust.db", ["trust", "list"]), ("device.pem", ["id", "--cert"])):
            for spoil in lambda path: path.chmod(0o644), lambda path: path.write_bytes(b"x" * 70000):
                with self.subTest(file=file):
                    home = self.init(f"{file}-{id(spoil)}")
                    spoil(home / file)
                    text = self.fails(1, *words, home=home).err.lower()
                    self.assertIn(str(home).lower(), text)
                    for what in "trust store", "device key", "can't be":
                        self.assertLessEqual(text.splitlines()[0].count(what), 1, text)

    def test_key__is_never_overwritten__without_replace(self):
        self.init()
        before = (self.home / "device.pem").read_bytes()
        self.assertIn("already", self.fails(1, "init").err)
        self.assertEqual((self.home / "device.pem").read_bytes(), before)
        self.troth("init", "--replace")
        self.assertNotEqual((self.home / "device.pem").read_bytes(), before)

    def test_existing_key__is_told_before_a_passphrase_is_asked(self):
        self.init()
        status, screen = self.on_terminal("init", "--passphrase")
        self.assertEqual(status, 1)
        self.assertNotIn("passphrase for", screen)

    def test_address__says_nothing_personal__by_default(self):
        shown = self.troth("init", "--json").json
        self.assertRegex(shown["address"], r"^[a-z0-9]{8}@troth\.invalid$")
        self.assertIsNone(shown["nick"])
        other = self.troth("init", "--json", home=self.folder / "other").json
        self.assertNotEqual(shown["address"], other["address"])

    def test_address_and_nick__are_those_given(self):
        self.init("home", "--jid", "Romeo@Montague.example/orchard", "--nick", "Röméo")
        shown = self.troth("id", "--json").json
        self.assertEqual(shown["addresses"], ["romeo@montague.example"])
        self.assertEqual(shown["nick"], "Röméo")

    def test_xdg_data_home__is_the_default__when_absolute(self):
        import command
        import subprocess
        for value, expected in ((str(self.folder / "x"), self.folder / "x" / "troth"),
                                ("relative", self.folder / ".local/share/troth")):
            subprocess.run([command.TROTH, "init", "--quiet"], check=True, capture_output=True,
                           env=self.environment(XDG_DATA_HOME=value), cwd=self.folder)
            self.assertTrue((expected / "device.pem").exists(), value)

    def test_home_that_others_may_write__is_refused(self):
        self.home.mkdir()
        self.home.chmod(0o777)
        self.assertIn("Others may write", self.fails(1, "init").err)
        self.assertEqual(list(self.home.iterdir()), [])

    def test_verb__says_to_init__without_a_key(self):
        for words in (["id"], ["trust", "list"], ["log"]):
            with self.subTest(words):
                self.assertIn("`troth init`", self.fails(1, *words).err)
                self.assertFalse(self.home.exists())


class FullDisk(Command):
    """A file that can't grow is what a full disk looks like to whoever writes it."""
    SIZES = 0, 100, 1000, 4096, 8192, 20000, 40000, 70000

    def limited(self, size, *words):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return self.run_troth(*words, preexec_fn=limit)

    def test_init__leaves_nothing__or_all(self):
        ended = set()
        for size in self.SIZES:
            with self.subTest(size):
                result = self.limited(size, "init", "--nick", "Juliet")
                ended.add(result.status)
                if result.status == 0:
                    self.assertEqual(self.troth("id", "--json").json["nick"], "Juliet")
                    break
                self.assertEqual(result.status, 1, result.err)
                self.assertFalse(self.home.exists(), os.listdir(self.folder))
        self.assertIn(1, ended)
        if 0 not in ended:
            self.troth("init")

    def test_replace__keeps_the_old_key(self):
        self.init()
        before = (self.home / "device.pem").read_bytes()
        self.assertEqual(self.limited(100, "init", "--replace").status, 1)
        self.assertEqual((self.home / "device.pem").read_bytes(), before)
        self.assertNotIn("device.pem.new", os.listdir(self.home))

    def test_init__leaves_what_others_put_there(self):
        self.home.mkdir(mode=0o700)
        (self.home / "note").touch()
        self.assertEqual(self.limited(100, "init").status, 1)
        self.assertEqual(os.listdir(self.home), ["note"])


class Identity(Command):
    def test_id__shows_the_fingerprint_in_groups_and_whole(self):
        self.init()
        pin = self.troth("id", "--json").json["fingerprint"]
        self.assertRegex(pin, r"^[0-9a-f]{64}$")
        groups = re.search(r"^fingerprint +(.*)$", self.troth("id").out, re.M)[1]
        self.assertRegex(groups, r"^([0-9a-f]{4} ){15}[0-9a-f]{4}$")
        self.assertEqual(groups.replace(" ", ""), pin)

    def test_cert__is_pem_that_openssl_reads(self):
        import subprocess
        path = self.cert(self.init())
        done = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha1"],
                              capture_output=True, check=True)
        name = done.stdout.decode().strip().split("=")[1].replace(":", "").lower()
        self.assertEqual(name, self.troth("id", "--json").json["name"])
        self.assertNotIn("PRIVATE", path.read_text())

    def test_nick__is_refused__when_others_could_not_read_it(self):
        self.init()
        self.troth("id", "nick", "Juliet")
        for bad in ("", "a\nb", "\033[31mred", "\u202eevil", "x" * 41):
            with self.subTest(bad):
                self.fails(2, "id", "nick", bad)
        self.assertEqual(self.troth("id", "--json").json["nick"], "Juliet")


class Passphrase(Command):
    def from_fd(self, text):
        read, write = os.pipe()
        os.write(write, text.encode())
        os.close(write)
        self.addCleanup(os.close, read)
        return {"pass_fds": [read]}, read

    def test_key__is_sealed__by_descriptor(self):
        more, fd = self.from_fd("wherefore\nart thou")
        self.troth("init", "--passphrase-fd", fd, **more)
        self.assertIn("ENCRYPTED", (self.home / "device.pem").read_text())
        self.assertTrue(self.troth("id", "--json").json["fingerprint"], "needs the certificate alone")

    def test_key__opens__by_the_right_passphrase_only(self):
        more, fd = self.from_fd("wherefore\n")
        self.troth("init", "--passphrase-fd", fd, **more)
        more, fd = self.from_fd("nonsense\n")
        self.assertIn("passphrase", self.fails(4, "nearby", "--once", "--passphrase-fd", fd, **more).err)
        self.assertIn("--passphrase-fd", self.fails(4, "nearby", "--once").err)

    def key(self):
        return (self.home / "device.pem").read_text()

    def opens(self, text):
        """Whether that passphrase (None: nothing) opens the key."""
        if text is None:
            return self.run_troth("probe", "--no-lan", "--timeout=1", "tulu@bemo").status == 3
        more, fd = self.from_fd(text)
        return self.run_troth("probe", "--no-lan", "tulu@bemo", "--passphrase-fd", fd, **more).status == 3

    def test_passphrase__is_added_changed_and_removed__of_the_same_key(self):
        self.init()
        print_before = self.troth("id", "--json").json["fingerprint"]
        more, fd = self.from_fd("the first\n")
        self.troth("id", "passphrase", "--new-passphrase-fd", fd, **more)
        self.assertIn("ENCRYPTED", self.key())
        self.assertEqual([self.opens("the first"), self.opens(None)], [True, False])
        more, fd = self.from_fd("the first\nthe second\n")
        changed = self.troth("id", "passphrase", "--passphrase-fd", fd, "--new-passphrase-fd", fd, "--json", **more)
        self.assertTrue(changed.json["passphrase"])
        self.assertEqual([self.opens("the second"), self.opens("the first")], [True, False])
        more, fd = self.from_fd("the second\n")
        self.troth("id", "passphrase", "--remove", "--passphrase-fd", fd, **more)
        self.assertTrue(self.opens(None))
        self.assertEqual(self.troth("id", "--json").json["fingerprint"], print_before)
        self.assertEqual(stat.S_IMODE((self.home / "device.pem").stat().st_mode), 0o600)

    def test_passphrase__stays_as_it_was__when_it_cant_be_changed(self):
        more, fd = self.from_fd("the first\n")
        self.troth("init", "--passphrase-fd", fd, **more)
        before = self.key()
        for words, text, status in ((["--remove"], "wrong\n", 4), ([], "the first\n\n", 4), ([], "the first\n", 4),
                                    ([], "the first\n1234567\n", 4)):
            more, fd = self.from_fd(text)
            new = [] if words else ["--new-passphrase-fd", fd]
            self.fails(status, "id", "passphrase", *words, "--passphrase-fd", fd, *new, **more)
        self.fails(4, "id", "passphrase")
        more, fd = self.from_fd("the first\nthe second\n")

        def full():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        self.fails(1, "id", "passphrase", "--passphrase-fd", fd, "--new-passphrase-fd", fd, preexec_fn=full, **more)
        self.assertEqual(self.key(), before)
        self.assertNotIn("device.pem.new", os.listdir(self.home))

    def test_passphrase__is_never_an_argument__and_not_repeated(self):
        self.init()
        self.assertNotIn("wherefore", self.fails(2, "id", "passphrase", "wherefore").err)

    def test_passphrase__is_asked_for_on_the_terminal__old_and_new(self):
        self.init()
        new, again, old = ("New passphrase for this device's key: ", "The same again: ",
                           "Passphrase of this device's key: ")
        status, screen = self.on_terminal("id", "passphrase", answers=[(new, "the first"), (again, "the first")])
        self.assertEqual(status, 0, screen)
        status, screen = self.on_terminal("id", "passphrase", answers=[(old, "the first"), (new, "the second"), (again, "the second")])
        self.assertEqual((status, "the second" in screen), (0, False), screen)
        self.assertTrue(self.opens("the second"))

    def test_environment__gives_no_passphrase(self):
        more, fd = self.from_fd("wherefore\n")
        self.troth("init", "--passphrase-fd", fd, **more)
        self.fails(4, "nearby", "--once", env={"TROTH_PASSPHRASE": "wherefore"})

    def test_terminal__asks_twice_and_shows_nothing(self):
        status, screen = self.on_terminal("init", "--passphrase", answers=[
            ("New passphrase for this device's key: ", "wherefore"), ("The same again: ", "wherefore")])
        self.assertEqual(status, 0, screen)
        self.assertNotIn("wherefore", screen)
        self.assertIn("ENCRYPTED", (self.home / "device.pem").read_text())

    def test_terminal__refuses_two_that_differ(self):
        status, screen = self.on_terminal("init", "--passphrase", answers=[
            ("New passphrase for this device's key: ", "one passphrase"), ("The same again: ", "two passphrases")])
        self.assertEqual(status, 4)
        self.assertFalse((self.home / "device.pem").exists())

    def test_terminal__asks_again_three_times__for_a_wrong_one(self):
        more, fd = self.from_fd("wherefore\n")
        self.troth("init", "--passphrase-fd", fd, **more)
        prompt = "Passphrase of this device's key: "
        status, screen = self.on_terminal("nearby", "--once", answers=[(prompt, "no")] * 3)
        self.assertEqual(status, 4)
        self.assertEqual(screen.count("That passphrase is wrong."), 2)

    def test_bad_descriptor__is_a_failure(self):
        self.fails(1, "init", "--passphrase-fd", "77")
        self.fails(2, "init", "--passphrase-fd", "x")
        more, fd = self.from_fd("\n")
        self.fails(4, "init", "--passphrase-fd", fd, **more)
        more, fd = self.from_fd("x" * 5000)
        self.fails(1, "init", "--passphrase-fd", fd, **more)
        self.assertFalse((self.home / "device.pem").exists())


class Doctor(Command):
    def checks(self, status):
        result = self.run_troth("doctor", "--json")
        self.assertEqual(result.status, status)
        return {line["check"]: line for line in result.json_lines if "check" in line}

    def test_sound_home__passes(self):
        self.init()
        checks = self.checks(0)
        for name in ("home", "key", "store", "log", "clock", "listen"):
            self.assertEqual(checks[name]["health"], "ok", checks[name])

    def test_missing_home__fails_with_the_next_step__and_makes_nothing(self):
        checks = self.checks(1)
        self.assertIn("troth init", checks["key"]["next"])
        self.assertFalse(self.home.exists())

    def test_readable_key__fails(self):
        self.init()
        (self.home / "device.pem").chmod(0o644)
        self.assertEqual(self.checks(1)["key"]["health"], "fail")

    def test_open_home__warns__and_fails_when_writable(self):
        self.init()
        self.home.chmod(0o755)
        self.assertEqual(self.checks(0)["home"]["health"], "warn")
        self.home.chmod(0o777)
        self.assertEqual(self.checks(1)["home"]["health"], "fail")

    def test_broken_store__fails(self):
        self.init()
        (self.home / "trust.db").write_bytes(b"nonsense" * 100)
        self.assertEqual(self.checks(1)["store"]["health"], "fail")

    def test_broken_key__fails(self):
        self.init()
        (self.home / "device.pem").write_bytes(b"nonsense")
        self.assertEqual(self.checks(1)["key"]["health"], "fail")


if __name__ == "__main__":
    main()
