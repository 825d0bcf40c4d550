#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two people without a secret compare a number: by `troth verify`, and in the middle of a chat."""
import json
import os
import re
import sys
import tempfile
import unittest

from people import Clock, Person, free_port, pair
from process import Process

RELAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "relay.py")
SHOWN = r"Compare with .*:\s+(\d{4} \d{4} \d{4})\s+or these seven pictures:\s+(.*\n.*)\n"


class Verify(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder, self.port = folder.name, free_port()
        self.juliet, self.romeo = Person(folder.name, "juliet"), Person(folder.name, "romeo")

    def start(self, person, *words, pty=False):
        process = person.troth(*words, pty=pty)
        self.addCleanup(process.close)
        return process

    def verify(self):
        waits = self.start(self.juliet, "verify", "--no-lan", f"--port={self.port}")
        waits.wait_for("Waiting for the other side", 10)
        calls = self.start(self.romeo, "verify", "--no-lan", "--port=0", f"127.0.0.1:{self.port}")
        shown = [process.wait_for(SHOWN, 15).groups() for process in (waits, calls)]
        self.assertEqual(shown[0], shown[1])
        rows = shown[0][1].splitlines()
        self.assertEqual([len(re.findall(r"[^\x00-\x7f]\S* [A-Z]", row)) for row in rows], [4, 3])
        self.assertLess(max(map(len, rows)), 70)  # each picture counts as two
        return waits, calls

    def test_who_has_said_same__isnt_asked_again__and_the_end_has_a_line_of_its_own(self):
        waits = self.start(self.juliet, "verify", "--no-lan", f"--port={self.port}", pty=True)
        waits.wait_for("Waiting for the other side", 10)
        calls = self.start(self.romeo, "verify", "--no-lan", "--port=0", f"127.0.0.1:{self.port}")
        waits.wait_for("same, different or cancel> $", 15)
        calls.wait_for(SHOWN, 15)
        waits.send_line("same")
        waits.wait_for("Waiting for what the other side says…\r\n", 10)
        calls.send_line("same")
        rest = waits.wait_for(r"([\s\S]*)You and romeo have verified each other", 15).group(1)
        self.assertNotIn("same, different or cancel>", rest)
        self.assertRegex(rest, r"^Both of you saw the same")
        self.assertEqual((waits.wait(10), calls.wait(10)), (0, 0))

    def test_both__say_the_same__and_know_each_other_from_then_on(self):
        waits, calls = self.verify()
        waits.send_line("same")
        calls.send_line("same")
        calls.wait_for("You and juliet have verified each other", 15)
        waits.wait_for("You and romeo have verified each other", 15)
        self.assertEqual((waits.wait(10), calls.wait(10)), (0, 0))
        self.assertEqual((self.juliet.contacts(), self.romeo.contacts()), (["romeo"], ["juliet"]))
        self.assertIn('"how":"sas"', self.romeo.done("--json", "trust", "show", "juliet"))
        self.assertRegex(self.romeo.done("trust", "list"), "juliet +verified +number ")
        self.assertIn("compared the same number", self.romeo.done("trust", "explain", "juliet"))
        one = self.start(self.juliet, "chat", "--no-lan", f"--port={self.port}")
        one.wait_for("Waiting as", 10)
        two = self.start(self.romeo, "chat", "--no-lan", "--port=0", "juliet")
        two.wait_for("juliet is connected: verified", 15)

    def test_nobody__is_pinned__when_one_says_that_they_differ(self):
        waits, calls = self.verify()
        calls.send_line("same")
        waits.send_line("different")
        self.assertEqual((waits.wait(10), calls.wait(10)), (5, 5), calls.transcript)
        self.assertIn("in between", calls.transcript)
        self.assertIn("another network", waits.transcript)
        for person in self.juliet, self.romeo:
            self.assertIn("compare-mismatch", person.done("--json", "log"))
        self.assertEqual(self.juliet.contacts() + self.romeo.contacts(), [])

    def test_nobody__is_pinned__when_one_cancels(self):
        waits, calls = self.verify()
        waits.send_line("same")
        calls.send_line("cancel")
        self.assertEqual((waits.wait(10), calls.wait(10)), (4, 4), waits.transcript)
        self.assertIn("has cancelled", waits.transcript)
        self.assertNotIn("troth pair", waits.transcript)
        for person in self.juliet, self.romeo:
            self.assertIn("compare-ended", person.done("--json", "log"))
        self.assertEqual(self.juliet.contacts() + self.romeo.contacts(), [])

    def test_chat__goes_on__when_both_have_verified_in_it(self):
        one = self.start(self.juliet, "chat", "--no-lan", "--accept=anyone", f"--port={self.port}")
        one.wait_for("Waiting as", 10)
        two = self.start(self.romeo, "chat", "--no-lan", "--accept=anyone", "--port=0", f"127.0.0.1:{self.port}")
        for process in one, two:
            process.wait_for("is connected: unverified", 15)
        one.send_line("/verify")
        shown = [process.wait_for(SHOWN, 15).groups() for process in (one, two)]
        self.assertEqual(shown[0], shown[1])
        one.send_line("/verify same")
        one.wait_for("Waiting for what the other side says", 10)
        two.send_line("/verify same")
        one.wait_for("romeo is connected: verified", 15)
        two.wait_for("juliet is connected: verified", 15)
        one.wait_for("You and romeo are paired", 5)  # who was called is told, too
        two.wait_for("You and juliet are paired", 5)
        two.send_line("my lady")
        one.wait_for(r"romeo \(verified\): my lady", 10)

    def cut_off(self, juliet):
        """Both have said the same, and Romeo doesn't come again: the road is broken."""
        road = free_port()
        waits = self.start(juliet, "verify", "--no-lan", f"--port={self.port}")
        waits.wait_for("Waiting for the other side", 10)
        relay = Process([sys.executable, RELAY, str(road), str(self.port), "2", "0"])
        self.addCleanup(relay.close)
        relay.wait_for("^up", 10)
        calls = self.start(self.romeo, "verify", "--no-lan", f"127.0.0.1:{road}")
        for process in waits, calls:
            process.wait_for(SHOWN, 15)
        for process in waits, calls:
            process.send_line("same")
        waits.wait_for("Both of you saw the same", 15)
        relay.wait_for("^broken", 15)
        return waits

    def test_who_else_comes__isnt_who_was_verified(self):
        nurse = Person(self.folder, "nurse")
        pair(self.juliet, nurse, "--no-lan", f"--port={self.port}")
        waits = self.cut_off(self.juliet)
        nurse.done("send", "--no-lan", f"--at=127.0.0.1:{self.port}", "juliet", "Madam!")
        self.romeo.done("send", "--no-lan", f"--at=127.0.0.1:{self.port}", "juliet", "It is I", status=None)
        waits.wait_for("You and romeo have verified each other", 10)
        self.assertEqual(waits.wait(10), 0)
        self.assertNotIn("You and nurse", waits.transcript)

    def test_who_waits__is_told__when_the_other_side_doesnt_come_again(self):
        clock = Clock(os.path.join(self.folder, "clock"))
        waits = self.cut_off(Person(self.folder, "lady", clock=clock))
        clock.pass_(31, waits)
        waits.wait_for("the comparison isn't complete: .*didn't connect again by its key", 15)
        self.assertEqual(waits.wait(10), 3)

    def test_who_only_looks_in__ends_nothing(self):
        waits = self.start(self.juliet, "--json", "verify", "--no-lan", f"--port={self.port}")
        waits.wait_for("Waiting for the other side", 10)
        passer = Person(self.folder, "passer")
        passer.done("send", "--no-lan", "--accept=anyone", "--timeout=2", f"127.0.0.1:{self.port}", "who is it?")
        waits.wait_for('"event":"down"', 10)
        calls = self.start(self.romeo, "verify", "--no-lan", f"127.0.0.1:{self.port}")
        for process, shown in (waits, '"event":"compare"'), (calls, SHOWN):
            process.wait_for(shown, 15)
            process.send_line("same")
        self.assertEqual((waits.wait(15), calls.wait(15)), (0, 0), waits.transcript)
        waits.wait_for('"event":"paired","contact":"romeo"', 1)

    def test_number_of_a_second_caller__isnt_shown__when_the_answer_is_for_the_first(self):
        waits = self.start(self.juliet, "--json", "verify", "--no-lan", f"--port={self.port}")
        waits.wait_for("Waiting for the other side", 10)
        first = self.start(Person(self.folder, "tybalt"), "verify", "--no-lan", f"127.0.0.1:{self.port}")
        digits = first.wait_for(SHOWN, 15)[1]
        self.assertEqual(json.loads(waits.wait_for(r'^(\{"event":"compare".*\})$', 15)[1])["digits"], digits)
        calls = self.start(self.romeo, "verify", "--no-lan", f"127.0.0.1:{self.port}")
        calls.wait_for(SHOWN, 15)
        calls.send_line("cancel")
        waits.wait_for('"event":"down"', 15)
        self.assertEqual(waits.transcript.count('"digits"'), 1)

    def compare_beside(self, *words):
        """Tybalt says to be Romeo, comes before him, and compares; then Romeo does."""
        chat = "chat", "--no-lan", "--accept=anyone"
        waits = self.start(self.juliet, *words, *chat, f"--port={self.port}")
        waits.wait_for("Waiting as", 10)
        tybalt = Person(os.path.join(self.folder, "elsewhere"), "romeo")
        first, calls = shown = [], []
        for process, person in zip(shown, (tybalt, self.romeo)):
            process.append(self.start(person, *chat, "--port=0", f"127.0.0.1:{self.port}"))
            process[0].wait_for("is connected: unverified", 15)
            process[0].send_line("/verify")
            process.append(process[0].wait_for(SHOWN, 15)[1])
        return waits, first, calls

    def test_chat__shows_a_number__where_the_answer_is_for_it(self):
        waits, (first, wrong), (calls, digits) = self.compare_beside()
        waits.wait_for("wants to compare", 15)
        self.assertIn(wrong, waits.transcript)
        self.assertNotIn(digits, waits.transcript)
        waits.send_line("/talk")
        waits.wait_for(digits, 10)
        waits.send_line("/verify same")
        calls.send_line("/verify same")
        waits.wait_for("You and romeo are paired", 15)
        calls.wait_for("You and juliet are paired", 15)
        first.send_line("/verify same")
        first.wait_for("Waiting for what the other side says", 10)
        self.assertEqual([row["fingerprint"] for row in json.loads(
            self.juliet.done("--json", "trust", "show", "romeo"))["keys"]], [self.romeo.pin()])

    def test_chat__gives_programs_no_number__that_an_answer_isnt_for(self):
        waits, (_, wrong), (calls, digits) = self.compare_beside("--json")
        calls.send_line("/verify cancel")
        waits.wait_for('"event":"down"', 15)
        self.assertIn(wrong, waits.transcript)
        self.assertNotIn(digits, waits.transcript)

    def test_json__has__digits_and_names(self):
        waits = self.start(self.juliet, "--json", "verify", "--no-lan", f"--port={self.port}")
        waits.wait_for("Waiting for the other side", 10)
        self.start(self.romeo, "verify", "--no-lan", "--port=0", f"127.0.0.1:{self.port}")
        event = json.loads(waits.wait_for(r'^(\{"event":"compare".*\})$', 15)[1])
        self.assertTrue(re.fullmatch(r"\d{4} \d{4} \d{4}", event["digits"]))
        self.assertEqual(len(event["emoji"]), 7)
        self.assertTrue(all(one["name"] and one["emoji"] for one in event["emoji"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
