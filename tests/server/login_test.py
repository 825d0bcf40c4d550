#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command with accounts on real servers: login, logout, roster."""
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "cli"), str(HERE.parent / "net"), str(HERE.parent / "servers")]

from command import Command  # noqa: E402
import servers  # noqa: E402

ROMEO, JULIET = "romeo@montague.test", "juliet@capulet.test"


class WithServer:
    @classmethod
    def setUpClass(cls):
        cls.server = cls.kind(accounts=((ROMEO, "rpass"), (JULIET, "jpass")))
        cls.addClassCleanup(cls.server.close)

    def where(self):
        return [f"--server=127.0.0.1:{self.server.port}", f"--ca-file={self.server.ca}"]

    def with_password(self, run, password, *words, **more):
        read, write = os.pipe()
        os.write(write, password.encode() + b"\n")
        os.close(write)
        try:
            return run(*words, f"--password-fd={read}", pass_fds=[read], **more)
        finally:
            os.close(read)

    def sign_in(self, home, jid, password, *words):
        return self.with_password(self.troth, password, "login", jid, *self.where(), *words, home=home)

    def test_account__is_kept_once_it_works__and_forgotten(self):
        self.init()
        none = self.troth("login")
        self.assertEqual(none.out, "")
        self.assertIn("`troth", none.err)
        self.assertIn("login JID` adds one", none.err)
        result = self.sign_in(self.home, ROMEO, "rpass", "--json")
        self.assertIn(f"--account {ROMEO} asks for it", result.err)
        self.assertLessEqual(result.err.count("isn't kept"), 1)
        self.assertEqual(result.json, {"jid": ROMEO, "password_kept": False, "password_store": "none"})
        kept = self.troth("login", "--json").json
        self.assertEqual((kept["jid"], kept["host"], kept["port"], kept["password_kept"]),
                         (ROMEO, "127.0.0.1", self.server.port, False))
        self.assertEqual(kept["ca_file"], str(self.server.ca))
        self.assertNotIn(b"rpass", (self.home / "trust.db").read_bytes())
        self.troth("logout", ROMEO)
        self.assertEqual(self.troth("login").out, "")
        self.fails(1, "logout", ROMEO)

    def test_account__isnt_kept__when_it_doesnt_work(self):
        self.init()
        result = self.with_password(lambda *w, **m: self.fails(4, *w, **m), "wrong", "login", ROMEO,
                                    *self.where())
        self.assertRegex(result.err, f"can't sign in to {ROMEO}: .*password")
        self.assertIn("spelt right", result.err)
        self.assertNotIn("--cert", result.err)
        result = self.with_password(lambda *w, **m: self.fails(3, *w, **m), "rpass", "login", ROMEO,
                                    self.where()[0])
        self.assertIn("certificate", result.err)
        self.assertIn("--ca-file", result.err)
        result = self.with_password(lambda *w, **m: self.fails(3, *w, **m), "rpass", "login", ROMEO,
                                    f"--server=127.0.0.1:{servers.free_port()}")
        self.assertIn("can't be reached", result.err)
        self.assertIn("Does a server run there?", result.err)
        result = self.with_password(lambda *w, **m: self.fails(3, *w, **m), "rpass", "login", ROMEO)
        self.assertIn("Where DNS doesn't name the server", result.err)
        result = self.fails(1, "login", ROMEO, self.where()[0], "--ca-file=/nowhere/ca.pem")
        self.assertIn("/nowhere/ca.pem: No such file or directory", result.err)
        self.assertEqual(self.troth("login").out, "")

    def test_password__is_asked_for__unless_it_was_to_be_kept(self):
        self.init()
        self.sign_in(self.home, ROMEO, "rpass")
        self.assertIn("--password-fd", self.fails(4, "roster", "list").err)
        status, screen = self.on_terminal("roster", "list",
                                          answers=[(f"Password of {ROMEO}: ", "rpass")])
        self.assertEqual(status, 0, screen)
        self.assertNotIn("rpass", screen)
        self.sign_in(self.home, ROMEO, "rpass", "--keep-password")
        self.troth("roster", "list")
        self.assertEqual((self.home / "trust.db").stat().st_mode & 0o777, 0o600)
        self.troth("logout", ROMEO)
        files = [f for f in self.home.iterdir() if f.name.startswith("trust.db") and f.name != "trust.db-wal"]
        for file in files:
            self.assertNotIn(b"rpass", file.read_bytes())

    def test_roster__is_changed_and_shown(self):
        romeo, juliet = self.init("r"), self.init("j")
        self.assertIn("this device has no account", self.fails(1, "roster", "list", home=romeo).err)
        self.sign_in(romeo, ROMEO, "rpass", "--keep-password")
        self.assertIn("Nobody is in this roster", self.troth("roster", "list", home=romeo).err)
        self.sign_in(juliet, JULIET, "jpass", "--keep-password")
        self.troth("roster", "add", JULIET, "Giulietta", home=romeo)
        self.assertRegex(self.troth("roster", "list", home=romeo).out,
                         rf"(?m)^{JULIET}  none  asked, hasn't answered  Giulietta$")
        asking = self.troth("roster", "list", "--asking", "--json", home=juliet).json_lines
        self.assertEqual([(a["jid"], a["asks"], a["subscription"]) for a in asking], self.asking)
        # Who is online is told by what commands to answer.
        told = self.fails(3, "send", "--no-lan", "--timeout=2", "tybalt@capulet.test", "Who is there?", home=juliet).err
        for answer in "accept", "refuse":
            self.assertRegex(told, rf"asks to see .*`troth[^`]* roster {answer} '{ROMEO}'`")
        self.troth("roster", "accept", ROMEO, home=juliet)
        self.assertRegex(self.troth("roster", "list", home=romeo).out, rf"(?m)^{JULIET}  to  ")
        self.troth("roster", "block", ROMEO, home=juliet)
        self.assertTrue(self.troth("roster", "list", "--json", home=juliet).json["blocked"])
        self.troth("roster", "unblock", ROMEO, home=juliet)
        self.troth("roster", "remove", JULIET, home=romeo)
        self.assertEqual(self.troth("roster", "list", home=romeo).out, "")

    def test_account__is_to_be_named__when_there_are_several(self):
        self.init()
        self.sign_in(self.home, ROMEO, "rpass", "--keep-password")
        self.sign_in(self.home, JULIET, "jpass", "--keep-password")
        self.assertIn("--account", self.fails(2, "roster", "list").err)
        self.troth("roster", "list", f"--account={JULIET}")
        self.fails(1, "roster", "list", "--account=tybalt@capulet.test")

    def test_mistake__is_a_usage_error(self):
        self.init()
        for words in (["login", "romeo"], ["login", "@"], ["login", ROMEO, "--server=:1"],
                      ["login", ROMEO, "--server=a:0"], ["login", ROMEO, "x"], ["logout"], ["roster"],
                      ["roster", "ad"], ["roster", "add"], ["roster", "list", "x"],
                      ["roster", "accept", "juliet"], ["roster", "add", "juliet@"]):
            with self.subTest(words):
                self.assertEqual(self.fails(2, *words).err.count("\n"), 1)


class OnProsody(WithServer, Command):
    kind = servers.Prosody
    asking = [(ROMEO, True, "none")]

    def test_address__that_isnt_in_the_roster__is_told(self):  # ejabberd removes whomever
        self.init()
        self.sign_in(self.home, ROMEO, "rpass", "--keep-password")
        self.assertIn("isn't in this roster", self.fails(3, "roster", "remove", "tybalt@capulet.test").err)


class OnEjabberd(WithServer, Command):
    kind = servers.Ejabberd
    asking = []  # it tells only clients that take messages


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
