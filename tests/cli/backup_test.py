#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""troth backup, and the home that comes out of one."""
import os
import re
import sqlite3
import stat

from command import Command, main


class Backup(Command):
    def fd(self, text):
        """A descriptor from which the line can be read."""
        read, write = os.pipe()
        os.write(write, text.encode() + b"\n")
        os.close(write)
        self.addCleanup(os.close, read)
        return read

    def backup(self, home, path, passphrase="a passphrase", status=0):
        fd = self.fd(passphrase)
        result = self.run_troth("backup", path, f"--backup-passphrase-fd={fd}", home=home, pass_fds=[fd])
        self.assertEqual(result.status, status, result.err)
        return result

    def restore(self, name, path, passphrase="a passphrase", status=0):
        fd, home = self.fd(passphrase), self.folder / name
        result = self.run_troth("init", "--from-backup", path, f"--backup-passphrase-fd={fd}", home=home,
                                pass_fds=[fd])
        self.assertEqual(result.status, status, result.err)
        return home, result

    def full_home(self):
        home, friend = self.init("old"), self.init("friend")
        self.troth("trust", "pin", "Juliet", self.cert(friend), home=home)
        self.troth("user", "init", home=home)
        self.troth("bot", "init", home=home)
        self.troth("id", "nick", "Romeo", home=home)
        return home

    def test_home__comes_back_as_it_was(self):
        home, path = self.full_home(), self.folder / "b"
        self.backup(home, path)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertNotIn(b"PRIVATE KEY", path.read_bytes())
        self.assertNotIn(b"Juliet", path.read_bytes())
        new, said = self.restore("new", path)
        self.assertIn("copies of each other", said.err)
        for words in (["id"], ["trust", "show", "Juliet"], ["user", "show"], ["bot", "status"]):
            self.assertEqual(self.troth("--json", *words, home=new).json, self.troth("--json", *words, home=home).json)
        for file in "device.pem", "user.pem", "code":
            self.assertEqual((new / file).read_bytes(), (home / file).read_bytes())
            self.assertEqual(stat.S_IMODE((new / file).stat().st_mode), 0o600)
        self.troth("log", "--verify", home=new)
        self.assertEqual(sorted(p.name for p in home.iterdir() if "tmp" in p.name), [])

    def test_backup__isn_t_written_over_a_file__nor_half(self):
        home, path = self.init(), self.folder / "b"
        path.write_text("mine")
        said = self.backup(home, path, status=1).err
        self.assertIn("File exists", said)
        self.assertIn("another name", said)
        self.assertEqual(path.read_text(), "mine")
        self.backup(home, self.folder / "c", passphrase="", status=4)
        self.assertIn("too short", self.backup(home, self.folder / "c", passphrase="éèà1234", status=4).err)
        self.assertFalse((self.folder / "c").exists())
        self.backup(home, self.folder / "c", passphrase="éèà12345")

    def test_passphrase__is_made__for_whoever_types_none__and_typed_once(self):
        home, path = self.init(), self.folder / "b"
        ask = "New passphrase for the backup (empty: one is made for you): "
        made = re.compile(r"then type it: ((?:[a-z]+-){5}[a-z]+): $")
        status, screen = self.on_terminal("backup", path, answers=[(ask, "short")])
        self.assertEqual(status, 4, screen)
        self.assertIn("fewer than 8 characters", screen)
        status, screen = self.on_terminal("backup", path, answers=[(ask, ""), (made, lambda found: found[1] + "x")])
        self.assertEqual(status, 4, screen)
        self.assertFalse(path.exists())
        status, screen = self.on_terminal("backup", path, answers=[(ask, ""), (made, lambda found: found[1])])
        self.assertEqual(status, 0, screen)
        self.restore("new", path, passphrase=re.search(r"type it: ([a-z-]+): ", screen)[1])

    def test_backup__goes_on__while_others_write(self):
        home, path = self.full_home(), self.folder / "b"
        other = sqlite3.connect(home / "trust.db", isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO setting VALUES ('half', 'done')")
        self.backup(home, path)
        other.execute("ROLLBACK")
        new, _ = self.restore("new", path)
        with sqlite3.connect(new / "trust.db") as db:
            self.assertEqual(db.execute("SELECT count(*) FROM setting WHERE key = 'half'").fetchall(), [(0,)])

    def test_wrong_passphrase_or_damage__leaves_nothing(self):
        home, path = self.init(), self.folder / "b"
        self.backup(home, path)
        new, said = self.restore("new", path, passphrase="another", status=4)
        self.assertIn("another one, or the file is damaged", said.err)
        self.assertFalse(new.exists())
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        self.restore("new", path, status=4)
        path.write_bytes(b"something else")
        self.assertIn("no backup", self.restore("new", path, status=1)[1].err)
        self.assertFalse(new.exists())

    def test_guesses__aren_t_won_back(self):
        """What was spent after the backup isn't known: so nothing that was open stays open."""
        home, path = self.full_home(), self.folder / "b"
        self.troth("trust", "secret", "Juliet", "--arm", home=home)
        self.backup(home, path)
        new, _ = self.restore("new", path)
        with sqlite3.connect(new / "trust.db") as db:
            for table in "budget", "secret":
                self.assertEqual(db.execute(f"SELECT count(*) FROM {table}").fetchall(), [(0,)])
        with sqlite3.connect(home / "trust.db") as db:
            self.assertEqual(db.execute("SELECT count(*) FROM budget").fetchall(), [(1,)])
        kinds = [entry["kind"] for entry in self.troth("--json", "log", home=new).json_lines]
        self.assertEqual(kinds[-1], "restored")

    def test_home_with_a_key__is_left_alone(self):
        home, path = self.init(), self.folder / "b"
        self.backup(home, path)
        other = self.init("other")
        before = {p.name: p.read_bytes() for p in other.iterdir()}
        _, said = self.restore("other", path, passphrase="not asked for", status=1)
        self.assertIn("there is a device in", said.err)
        self.assertIn("--home DIR", said.err)
        self.assertEqual({p.name: p.read_bytes() for p in other.iterdir()}, before)

    def test_words__that_make_no_sense(self):
        self.init()
        for words in (["backup"], ["backup", "a", "b"], ["init", "--from-backup", "x", "--nick", "y"]):
            self.fails(2, *words)


if __name__ == "__main__":
    main()
