#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keys are renewed: contacts take the new one from the old one, however late and whatever their
clocks say; two successors of one key are none."""
import json
import shutil
import unittest

from apart import Apart
from people import Clock, Person

DAY = 24 * 3600
YEAR = 365 * DAY


class Renewal(Apart):
    def setUp(self):
        super().setUp()
        self.juliet = self.person("juliet")
        self.romeo = self.person("romeo")
        self.knows(self.juliet, self.romeo)
        self.knows(self.romeo, self.juliet)

    def person(self, name):
        return super().person(name, clock=Clock(f"{self.folder}/{name}.clock"))

    def states(self, person, label):
        keys = json.loads(person.done("--json", "trust", "show", label))["keys"]
        return {key["fingerprint"]: key["state"] for key in keys}

    def test_new_key__is_taken__from_who_calls_and_from_who_is_called(self):
        old = self.juliet.pin()
        with self.listen(self.romeo) as listener:  # learns where he is found
            self.send(self.juliet, "as ever")
            listener.wait_for("as ever", 5)
        self.juliet.done("id", "renew")
        self.assertNotEqual(self.juliet.pin(), old)
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "by my new key")
            listener.wait_for("juliet has renewed its key", 5)
            listener.wait_for(r"juliet \(verified\): by my new key", 5)
        self.assertEqual(self.states(self.romeo, "juliet"), {old: "proven", self.juliet.pin(): "proven"})
        self.romeo.done("id", "renew")
        with self.listen(self.romeo) as listener:
            said = self.send(self.juliet, "to your new key", to="romeo")
            self.assertIn("romeo has renewed its key", said)
            listener.wait_for(r"juliet \(verified\): to your new key", 5)
        self.assertEqual(self.states(self.juliet, "romeo")[self.romeo.pin()], "proven")

    def test_old_key__is_refused__when_the_overlap_is_over(self):
        thief = self.steal()
        self.juliet.done("id", "renew")
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "new")
            listener.wait_for(r"juliet \(verified\): new", 5)
        self.romeo.clock.pass_(31 * DAY)
        with self.listen(self.romeo) as listener:
            self.send(thief, "old", status=4)
            self.send(self.juliet, "new")
            listener.wait_for(r"juliet \(verified\): new", 5)
            listener.never(r"\): old", 0.2)

    def renew_under(self, program):
        """Juliet renews her key while a program of hers goes on with the old one; Romeo takes the new
        one, and calls that program."""
        self.juliet.done("id", "renew")
        there = self.at
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "new")
            listener.wait_for("juliet has renewed its key", 5)
        self.at = there
        self.send(self.romeo, "to the old one")
        program.wait_for(r"romeo \(verified\): to the old one", 5)

    def test_program_that_goes_on_with_the_old_key__names_the_new_one(self):
        old = self.juliet.pin()
        with self.listen(self.juliet) as program:
            self.renew_under(program)
            self.send(self.romeo, "again")
            program.wait_for(r"romeo \(verified\): again", 5)
        self.assertEqual(self.states(self.romeo, "juliet"), {old: "proven", self.juliet.pin(): "proven"})

    def test_thief_of_the_old_key__who_names_no_successor__suspends_both(self):
        thief, old = self.steal(), self.juliet.pin()
        self.juliet.done("id", "renew")
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "new")
            self.send(thief, "old", status=None)
            listener.wait_for("names another successor than the one known.*troth pair --generate juliet", 5)
            self.send(self.juliet, "still me", status=4)
        self.assertEqual(self.states(self.romeo, "juliet"), {old: "suspended", self.juliet.pin(): "suspended"})

    def test_thief_who_made_a_successor__is_found_out_by_the_old_key_itself(self):
        """He was faster; Juliet knows of nothing, and goes on with the key that she has."""
        thief, old = self.steal(), self.juliet.pin()
        thief.done("id", "renew")
        with self.listen(self.romeo) as listener:
            self.send(thief, "by my new key")
            listener.wait_for("juliet has renewed its key", 5)
            self.send(self.juliet, "it is me", status=None)
            listener.wait_for("names another successor than the one known", 5)
            self.send(thief, "no, me", status=4)
            listener.never("no, me", 0.2)
        self.assertEqual(self.states(self.romeo, "juliet"), {old: "suspended", thief.pin(): "suspended"})

    def steal(self):
        """Whoever has a copy of Juliet's device, with the key that it has now."""
        shutil.copytree(self.juliet.home, f"{self.folder}/thief")
        thief = Person.__new__(Person)
        thief.name, thief.home, thief.where = "thief", f"{self.folder}/thief", self.free.pop(0)
        thief.clock = self.juliet.clock
        return thief

    def apart(self, *, juliet, romeo):
        """Both renew while they don't meet for months; and their clocks go wrong by so many years."""
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "farewell")
            listener.wait_for("farewell", 5)
        for person, years in (self.juliet, juliet), (self.romeo, romeo):
            person.clock.pass_(200 * DAY + years * YEAR)
            person.done("id", "renew")
            person.clock.pass_(100 * DAY)
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "after so long", to="romeo")
            listener.wait_for(r"juliet \(verified\): after so long", 5)
        for one, other in (self.juliet, self.romeo), (self.romeo, self.juliet):
            self.assertEqual(self.states(one, other.name)[other.pin()], "proven")

    def test_both__find_each_other__when_they_renewed_apart(self):
        self.apart(juliet=0, romeo=0)

    def test_both__find_each_other__with_clocks_twenty_years_off(self):
        self.apart(juliet=20, romeo=-20)

    def expires(self, person):
        [device] = json.loads(person.done("--json", "user", "show"))["devices"]
        return device["expires"]

    def test_endorsement__is_renewed_by_itself__when_two_thirds_are_over(self):
        self.juliet.done("user", "init")
        first = self.expires(self.juliet)
        self.juliet.clock.pass_(260 * DAY)
        with self.listen(self.juliet):
            self.assertEqual(self.expires(self.juliet), first)
        self.assertIn("endorses this device until", self.juliet.done("doctor", status=None))
        self.juliet.clock.pass_(10 * DAY)
        self.assertIn("troth user endorse", self.juliet.done("doctor", status=None))
        with self.listen(self.juliet):
            self.assertGreater(self.expires(self.juliet), first)

    def test_new_key_of_a_device__is_taken__where_the_user_key_is_known(self):
        self.juliet.done("user", "init")
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "one")
            listener.wait_for("one", 5)
        self.juliet.done("id", "renew")
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "two")
            listener.wait_for(r"juliet \(verified\): two", 5)

    def test_second_successor__suspends_both__and_the_user_is_told(self):
        thief = self.steal()
        self.juliet.done("id", "renew")
        thief.done("id", "renew")
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "I am Juliet")
            self.send(thief, "no, I am", status=4)
            listener.wait_for("Two keys say that they take the place .*troth pair --generate juliet", 5)
            self.send(self.juliet, "but I am", status=4)
            listener.never("no, I am|but I am", 0.2)
        self.assertIn("key-disputed", self.romeo.done("log"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
