#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`/pair` inside `troth chat`: two who talk unverified make sure who they are, and go on talking."""
import unittest

from machines import Machines
from namespace import become_root

SECRET = "the balcony at night"


class PairInChat(Machines):
    def talk_unverified(self):
        one = self.start(self.juliet, "chat", "--accept=anyone", pty=True)
        name = one.wait_for(r"Waiting as (\S+),", 10).group(1)
        two = self.start(self.romeo, "chat", "--accept=anyone", name, pty=True)
        for process in one, two:
            process.wait_for("is connected: unverified", 20)
            process.wait_for("/pair or /verify makes sure who that is", 5)
        two.send_line("who are you?")
        one.wait_for(r"\(unverified\): who are you\?", 5)
        return one, two, name

    def type_secret(self, process, secret=SECRET):
        process.wait_for("Secret shared with .*: ", 20)
        process.send_line(secret)

    def paired(self, one, two):
        for process, other in (one, "romeo"), (two, "juliet"):
            process.wait_for(f"{other} is connected: verified", 20)
            process.wait_for(f"You and {other} are paired", 10)
            process.wait_for(rf"{other} \(verified\)> ", 10)
            self.assertNotIn(SECRET, process.transcript)
        two.send_line("It is my lady")
        one.wait_for(r"romeo \(verified\): It is my lady", 5)
        one.send_line("Ay me")
        two.wait_for(r"juliet \(verified\): Ay me", 5)
        for person, other in (self.juliet, "romeo"), (self.romeo, "juliet"):
            self.assertEqual(person.contacts(), [other])

    def test_pair__verifies_both__when_the_side_that_was_called_begins(self):
        one, two, name = self.talk_unverified()
        one.send_line("/pair")
        one.wait_for(f"Waiting for the other side to pair: it calls {name}", 5)
        two.send_line("/pair")
        self.type_secret(one)
        self.type_secret(two)
        self.paired(one, two)

    def test_pair__makes_a_contact__who_is_found_under_the_next_name_too(self):
        one, two, name = self.talk_unverified()
        one.send_line("/pair")
        one.wait_for(f"Waiting for the other side to pair: it calls {name}", 5)
        two.send_line("/pair")
        self.type_secret(one)
        self.type_secret(two)
        self.paired(one, two)
        one.send_line("/quit")
        two.wait_for(r"juliet \(not connected\)> ", 20)
        two.send_line("Wilt thou leave me so unsatisfied?")
        one = self.start(self.juliet, "chat", pty=True)
        self.assertNotEqual(one.wait_for(r"Waiting as (\S+),", 10).group(1), name)
        one.wait_for(r"romeo \(verified\): Wilt thou leave me so unsatisfied\?", 30)

    def test_pair__says_what_is_missing__when_the_side_that_called_begins(self):
        one, two, name = self.talk_unverified()
        two.send_line("/pair")
        two.wait_for("can't pair with .*: The other side hasn't begun to pair", 20)
        two.wait_for("Let it type /pair first", 5)
        two.wait_for(r"\(not connected\)> ", 5)
        one.wait_for("If it wanted to pair: that has to be begun on this side, too", 10)
        self.nobody_pinned()
        one.send_line("/pair")
        one.wait_for("Waiting for the other side to pair", 5)
        two.send_line("/pair")
        self.type_secret(one)
        self.type_secret(two)
        self.paired(one, two)

    def test_pair__pins_nobody__when_the_secrets_differ(self):
        one, two, _ = self.talk_unverified()
        one.send_line("/pair")
        one.wait_for("Waiting for the other side to pair", 5)
        two.send_line("/pair")
        for _ in range(3):
            self.type_secret(one)
            self.type_secret(two, "the garden by day")
            one.wait_for("gave a wrong secret", 10)
        two.wait_for("can't pair with .*: The two secrets differ", 20)
        two.wait_for("letter by letter", 5)
        two.wait_for(r"\(not connected\)> ", 5)
        self.nobody_pinned()

    def test_pair__pins_nobody__when_one_of_them_refuses(self):
        one, two, _ = self.talk_unverified()
        one.send_line("/pair")
        one.wait_for("Waiting for the other side to pair", 5)
        two.send_line("/pair")
        self.type_secret(one, "")
        two.wait_for("can't pair with .*: The other side refused", 20)
        self.nobody_pinned()

    def test_pair__verifies_again__those_who_know_each_other(self):
        self.meet()
        one = self.start(self.juliet, "chat", pty=True)
        one.wait_for("Waiting as", 10)
        two = self.start(self.romeo, "chat", "juliet", pty=True)
        two.wait_for("juliet is connected: verified", 20)
        one.wait_for("romeo is connected: verified", 10)
        one.send_line("/pair")
        one.wait_for("Waiting for romeo to pair again", 5)
        two.send_line("/pair")
        self.type_secret(one)
        self.type_secret(two)
        self.paired(one, two)

    def test_pair__says_whose_place_it_gives__when_somebody_else_calls(self):
        self.meet()
        one = self.start(self.juliet, "chat", pty=True)
        name = one.wait_for(r"Waiting as (\S+),", 10).group(1)
        two = self.start(self.romeo, "chat", "juliet", pty=True)
        one.wait_for("romeo is connected: verified", 20)
        two.send_line("/quit")
        one.wait_for("romeo has left", 10)
        one.send_line("/pair")
        one.wait_for("Waiting for romeo to pair again", 5)
        other = self.start(self.person("tybalt", self.street), "pair", name, pty=True)
        one.wait_for("Secret shared with romeo .*: ", 20)
        one.send_line("")
        other.wait_for("refused", 20)


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
