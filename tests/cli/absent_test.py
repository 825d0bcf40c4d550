#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Peers that can't be there: told at once, each in its own words. Without the link."""
import sqlite3
import time

from command import Command, main

NOWHERE = "x" * 64 + ".invalid:5298"  # longer than a label may be: no server is asked


class Absent(Command):
    def setUp(self):
        super().setUp()
        self.init()

    def at_once(self, *words, **more):
        begun = time.monotonic()
        result = self.fails(3, *words, "--no-lan", **more)
        self.assertLess(time.monotonic() - begun, 5, result.err)
        self.assertNotIn("Trying again", result.err)
        return result.err

    def test_host_without_address__is_told_at_once(self):
        for words in (["pair"], ["send", "--timeout=20"], ["probe"]):
            with self.subTest(words):
                self.assertIn("doesn't resolve", self.at_once(*words, NOWHERE, stdin=b"hi"))

    def test_name_on_the_link__is_told_at_once__without_the_link(self):
        for words in (["pair"], ["send"], ["probe"], ["chat"]):
            with self.subTest(words):
                self.assertIn("Leave --no-lan out", self.at_once(*words, "tulu@bemo", stdin=b"hi"))

    def test_contact_without_host__is_told_at_once__without_the_link(self):
        self.troth("trust", "pin", "Juliet", "ab" * 32)
        self.assertIn("no host and port is known", self.at_once("send", "Juliet", "hi"))

    def test_chat__gives_up_as_send_does__without_a_terminal(self):
        self.troth("trust", "pin", "Juliet", "ab" * 32)
        for peer in "Juliet", "127.0.0.1:1":
            with self.subTest(peer):
                begun = time.monotonic()
                sent = self.run_troth("send", "--no-lan", "--timeout=1", peer, "hi")
                said = self.run_troth("chat", "--no-lan", "--port=0", "--timeout=1", peer, stdin=b"hi\n")
                self.assertEqual((said.status, sent.status), (3, 3), said.err)
                self.assertIn(f"can't talk to {peer}: No connection in time", said.err)
                self.assertLess(time.monotonic() - begun, 10)
        self.assertRegex(self.troth("chat", "--help").out, r"--timeout SECONDS.*30")

    def test_known_peer__is_told_to_be_paired_again__and_keeps_its_label(self):
        self.troth("trust", "pin", "Juliet", "ab" * 32)
        with sqlite3.connect(self.home / "trust.db") as db:
            contact = db.execute("SELECT id FROM contact").fetchone()[0]
            db.execute("INSERT INTO address (realm, address, contact, source, first_seen, last_seen) "
                       "VALUES (0, 'tulu@bemo', ?, 'stream', 1, 1)", (contact,))
        for peer in "Juliet", "tulu@bemo":
            with self.subTest(peer):
                told = self.at_once("pair", peer, "--as", "Rosaline")
                self.assertIn("You know Juliet: this pairs with that contact again", told)
                self.assertIn("--as is for new contacts and is ignored: `troth trust rename 'Juliet' 'Rosaline'`", told)
        self.assertNotIn("You know", self.at_once("pair", "bemo@tulu", "--as", "Rosaline"))

    def test_nick_that_isnt_set__is_told__when_it_is_to_be_announced(self):
        told = self.run_troth("chat", "--no-lan", "--port=0", "--announce=nick", "--timeout=1").err
        self.assertIn("no nick, so none is announced: `troth id nick NAME`", told)
        self.troth("id", "nick", "Romeo")
        told = self.run_troth("chat", "--no-lan", "--port=0", "--announce=nick", "--timeout=1").err
        self.assertNotIn("no nick", told)

    def test_closed_port__is_not_told_as_an_unknown_name(self):
        result = self.fails(3, "pair", "--no-lan", "--timeout=1", "127.0.0.1:1")
        self.assertIn("can't be reached", result.err)
        self.assertNotIn("resolve", result.err)


if __name__ == "__main__":
    main()
