#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`troth trust` and `troth log`: pinning by hand, conflicts, reasons, the record."""
import sqlite3

from command import Command, main


class Trust(Command):
    def setUp(self):
        super().setUp()
        self.init()
        self.friend = self.cert(self.init("friend"))
        self.friend_pin = self.troth("id", "--json", home=self.folder / "friend").json["fingerprint"]

    def labels(self):
        return self.troth("trust", "list", "--labels").out.splitlines()

    def test_label__is_found__in_whatever_case_it_is_typed(self):
        self.troth("trust", "pin", "Élodie C.", self.cert(self.init("elodie")))
        for verb in ("show", "explain"):
            self.assertIn("Élodie C.", self.troth("trust", verb, "ÉLODIE c.").out)
        self.troth("trust", "introducer", "élodie c.")
        self.troth("trust", "share", "éLODIE C.", "on")
        self.assertIn("Élodie C.", self.fails(3, "send", "--no-lan", "--timeout", "1", "élodie C.", "hello").err)
        self.troth("trust", "rename", "élodie c.", "Zoé")
        self.troth("trust", "forget", "ZOÉ", "--yes")
        self.assertEqual(self.troth("trust", "list", "--labels").out, "")

    def test_pin__takes_a_certificate__and_list_shows_it(self):
        self.troth("trust", "pin", "Juliet", self.friend)
        self.assertEqual(self.troth("trust", "list", "--json").json,
                         [{"label": "Juliet", "level": "verified", "how": "manual", "keys": 1,
                           "last_met": None}])
        shown = self.troth("trust", "show", "Juliet", "--json").json
        self.assertEqual(shown["keys"][0]["fingerprint"], self.friend_pin)
        self.assertEqual(shown["keys"][0]["state"], "proven")

    def test_pin__takes_a_certificate_from_standard_input(self):
        self.troth("trust", "pin", "Juliet", "-", stdin=self.friend.read_bytes())
        self.assertEqual(self.labels(), ["Juliet"])

    def test_pin__takes_a_fingerprint_as_it_is_read_aloud(self):
        groups = [self.friend_pin[i:i + 4].upper() for i in range(0, 64, 4)]
        self.troth("trust", "pin", "Juliet", *groups)
        self.assertEqual(self.troth("trust", "show", "Juliet", "--json").json["keys"][0]["fingerprint"],
                         self.friend_pin)
        self.troth("trust", "pin", "Juliet", self.friend)  # the certificate to it, later

    def test_pin__refuses_what_is_neither(self):
        self.fails(1, "trust", "pin", "Juliet", "/nowhere")
        self.fails(1, "trust", "pin", "Juliet", "/etc/passwd")
        self.fails(2, "trust", "pin", "Juliet", *["abcd"] * 15)
        self.fails(2, "trust", "pin", "Juliet")
        self.assertEqual(self.labels(), [])

    def test_pin__refuses_the_key_of_another_contact(self):
        self.troth("trust", "pin", "Juliet", self.friend)
        self.assertIn("Juliet", self.fails(1, "trust", "pin", "Rosaline", self.friend).err)
        self.assertIn("Juliet", self.fails(1, "trust", "pin", "Rosaline", self.friend_pin).err)
        self.assertEqual(self.labels(), ["Juliet"], "no contact is left without its key")

    def test_pin__refuses_the_own_key(self):
        self.assertIn("own", self.fails(1, "trust", "pin", "Me", self.cert(self.home)).err)
        self.assertEqual(self.labels(), [])

    def test_pin__adds_or_replaces_a_key(self):
        other = self.cert(self.init("other"))
        self.troth("trust", "pin", "Juliet", self.friend)
        self.troth("trust", "pin", "Juliet", other)
        states = [key["state"] for key in self.troth("trust", "show", "Juliet", "--json").json["keys"]]
        self.assertEqual(states, ["proven", "proven"])
        self.troth("trust", "pin", "Juliet", other, "--replace")
        keys = self.troth("trust", "show", "Juliet", "--json").json["keys"]
        self.assertEqual({key["fingerprint"]: key["state"] for key in keys}[self.friend_pin], "replaced")

    def test_pin__takes_where_they_are__unless_somebody_else_is_there(self):
        other = self.cert(self.init("other"))
        self.troth("trust", "pin", "Juliet", self.friend, "--jid", "Juliet@capulet.lit/balcony")
        self.assertIn("juliet@capulet.lit", self.troth("trust", "show", "Juliet").out)
        self.fails(2, "trust", "pin", "Rosaline", other, "--jid", "@capulet.lit")
        self.assertIn("Juliet", self.fails(1, "trust", "pin", "Rosaline", other, "--jid", "juliet@capulet.lit").err)
        self.assertEqual(self.labels(), ["Juliet"])
        self.troth("trust", "pin", "Juliet", other, "--replace", "--jid", "juliet@verona.lit")
        shown = self.troth("trust", "show", "Juliet", "--json").json
        self.assertEqual({key["fingerprint"]: key["state"] for key in shown["keys"]}[self.friend_pin], "replaced")
        self.assertIn("juliet@verona.lit", self.troth("trust", "show", "Juliet").out)

    def test_explain__gives_the_reasons__as_sentences_and_json(self):
        self.troth("trust", "pin", "Juliet", self.friend)
        self.assertIn("because you pinned it yourself", self.troth("trust", "explain", "Juliet").out)
        kinds = [r["kind"] for r in self.troth("trust", "explain", "Juliet", "--json").json["reasons"]]
        self.assertEqual(kinds, ["proven", "never-met", "floor"])

    def test_unknown_contact__is_guessed(self):
        self.troth("trust", "pin", "Juliet", self.friend)
        for words in (["show"], ["explain"], ["forget", "--yes"], ["secret"]):
            with self.subTest(words):
                self.assertIn("'Juliet'", self.fails(1, "trust", words[0], "Julie", *words[1:]).err)

    def test_rename__keeps_the_keys__and_refuses_a_taken_label(self):
        self.troth("trust", "pin", "Juliet", self.friend)
        self.troth("trust", "pin", "Nurse", "ab" * 32)
        self.troth("trust", "rename", "Juliet", "Julia")
        self.fails(1, "trust", "rename", "Julia", "nurse")
        self.assertEqual(self.labels(), ["Julia", "Nurse"])

    def test_hostile_label__is_refused(self):
        for label in ("a\nb", "\033[2J", "\u202ebob", " bob", ""):
            with self.subTest(label):
                result = self.run_troth("trust", "pin", label, self.friend)
                self.assertEqual(result.status, 1)
                self.assertNotIn("\033", result.err)
        self.assertEqual(self.labels(), [])

    def test_forget__asks_for_the_label(self):
        self.troth("trust", "pin", "Juliet", self.friend)
        self.assertIn("--yes", self.fails(4, "trust", "forget", "Juliet").err)
        status, _ = self.on_terminal("trust", "forget", "Juliet", answers=[("to confirm: ", "yes")])
        self.assertEqual((status, self.labels()), (4, ["Juliet"]))
        status, _ = self.on_terminal("trust", "forget", "Juliet", answers=[("to confirm: ", "Juliet")])
        self.assertEqual((status, self.labels()), (0, []))

    def test_secret__shows_and_arms_the_budget(self):
        self.troth("trust", "pin", "Juliet", self.friend)
        self.fails(1, "trust", "secret", "Juliet")
        armed = self.troth("trust", "secret", "Juliet", "--arm", "--json").json
        self.assertEqual((armed["remaining"], armed["spent"]), (10, 0))
        self.assertEqual(self.troth("trust", "secret", "Juliet", "--json").json["remaining"], 10)


class Log(Command):
    def setUp(self):
        super().setUp()
        self.init()
        self.troth("trust", "pin", "Nurse", "ab" * 32)

    def test_log__tells_in_order__from_where_asked(self):
        entries = self.troth("log", "--json").json_lines
        self.assertEqual([e["seq"] for e in entries], list(range(1, len(entries) + 1)))
        self.assertIn("key-pinned", [e["kind"] for e in entries])
        last = entries[-1]["seq"]
        self.assertEqual(self.troth("log", "--since", last - 1, "--json").json_lines, entries[-1:])
        self.assertEqual(self.troth("log", "--since", last).out, "")

    def test_verify__passes_a_whole_log__and_finds_a_changed_one(self):
        self.assertTrue(self.troth("log", "--verify", "--json").json["whole"])
        with sqlite3.connect(self.home / "trust.db") as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            log = next(t for t in tables if "log" in t)
            for trigger, in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
                db.execute(f"DROP TRIGGER {trigger}")
            db.execute(f"UPDATE {log} SET text = 'nothing' WHERE seq = 1")
        self.fails(1, "log", "--verify")


if __name__ == "__main__":
    main()
