#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a guess costs: a debit that no cut line and no kill -9 wins back, on either side, for each
one of several at once; and never the contact that comes with its key."""
import json
import os
import sys
import tempfile
import unittest

from people import Clock, Person, free_port, pair
from process import Process

RELAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "relay.py")


class Guesses(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.port, self.other_port = free_port(), free_port()
        self.wrong = os.path.join(folder.name, "wrong")
        with open(self.wrong, "w", encoding="ascii") as file:
            file.write("a wrong one entirely\n")
        os.chmod(self.wrong, 0o600)
        self.juliet, self.romeo, self.tybalt = (Person(folder.name, name) for name in ("juliet", "romeo", "tybalt"))
        pair(self.juliet, self.romeo, "--no-lan", f"--port={self.port}")

    def start(self, person, *words, pty=False):
        process = person.troth(*words, pty=pty)
        self.addCleanup(process.close)
        return process

    def window(self, person, port, *label):
        """Waits for somebody with a secret; armed with ten guesses by that."""
        window = self.start(person, "pair", "--no-lan", "--generate", f"--port={port}", *label)
        window.wait_for(r"Secret:\s+(\S+)", 10)
        return window

    def guess(self, person, peer):
        return self.start(person, "pair", "--no-lan", "--timeout=1", f"--secret-file={self.wrong}", peer)

    def relay(self, port, to, after=2**40):
        relay = Process([sys.executable, RELAY, str(port), str(to), "1", str(after)])
        self.addCleanup(relay.close)
        relay.wait_for("^up", 10)
        return relay

    def spent(self, person, label):
        return json.loads(person.done("--json", "trust", "secret", label))["spent"]

    def test_guess__stays_debited__wherever_the_recipient_is_killed(self):
        def run(after):
            port, relay_port = free_port(), free_port()
            window = self.window(self.juliet, port, "romeo")
            relay = self.relay(relay_port, port, after)
            return window, relay, self.guess(self.tybalt, f"127.0.0.1:{relay_port}")
        self.killed_anywhere(run, self.juliet, "romeo")

    def test_guess__stays_debited__wherever_the_initiator_is_killed(self):
        """He calls her where she was; somebody else answers there, and guesses."""
        def run(after):
            port = free_port()
            window = self.window(self.tybalt, port)
            relay = self.relay(self.port, port, after)
            return self.guess(self.romeo, "juliet"), relay, window
        self.killed_anywhere(run, self.romeo, "juliet")

    def killed_anywhere(self, run, victim, label):
        """First after the guess was answered, then after less and less of the conversation."""
        process, relay, guesser = run(2**40)
        size = int(relay.wait_for(r"^carried (\d+)", 20).group(1))
        guesser.wait_for("secrets differ|wrong secret", 10)
        self.dies(process, relay, guesser)
        self.assertEqual(self.spent(victim, label), 1)
        for missing in 80, 250, 600, 1200, size - 1:
            with self.subTest(missing=missing):
                process, relay, guesser = run(size - missing)
                relay.wait_for("^broken", 20)
                self.dies(process, relay, guesser)
                spent = self.spent(victim, label)  # as a process says that begins afterwards
                heard = "secrets differ" in guesser.transcript or "wrong secret" in guesser.transcript
                self.assertIn(spent, (1,) if heard else (0, 1))
                self.assertEqual(self.spent(victim, label), spent)

    def dies(self, process, *others):
        process.kill()
        for each in process, *others:
            each.close()

    def test_guesses__at_once__are_counted_each(self):
        self.window(self.juliet, self.other_port, "romeo")
        callers = [self.guess(self.tybalt, f"127.0.0.1:{self.other_port}") for _ in range(4)]
        for caller in callers:
            caller.wait(30)
            self.assertIn("secrets differ", caller.transcript)
        self.assertEqual(self.spent(self.juliet, "romeo"), 4)

    def test_strong_secret__cant_be_used_up__by_a_stranger(self):
        window = self.start(self.juliet, "pair", "--no-lan", "--generate", "--words=6",
                            f"--port={self.other_port}", "romeo")
        secret = window.wait_for(r"Secret:\s+(\S+)", 10).group(1)
        for _ in range(11):
            self.assertEqual(self.guess(self.tybalt, f"127.0.0.1:{self.other_port}").wait(20), 4)
        self.assertIn("aren't limited", self.juliet.done("trust", "secret", "romeo"))
        self.assertEqual(self.spent(self.juliet, "romeo"), 11)
        caller = self.start(self.romeo, "pair", "--no-lan", f"127.0.0.1:{self.other_port}", pty=True)
        caller.wait_for("Secret shared with .*: ", 15)
        caller.send_line(secret)
        self.assertEqual((caller.wait(20), window.wait(20)), (0, 0), caller.transcript)

    def test_strong_secret__is_tried_so_often_in_a_minute_and_no_more(self):
        clock = Clock(os.path.join(self.folder, "clock"))
        bianca = Person(self.folder, "bianca", clock=clock)
        window = self.start(bianca, "pair", "--no-lan", "--generate", "--words=6", "--as=romeo",
                            f"--port={self.other_port}")
        secret = window.wait_for(r"Secret:\s+(\S+)", 10).group(1)
        for _ in range(20):
            caller = self.guess(self.tybalt, f"127.0.0.1:{self.other_port}")
            self.assertEqual(caller.wait(20), 4)
            self.assertIn("secrets differ", caller.transcript)
        caller = self.guess(self.tybalt, f"127.0.0.1:{self.other_port}")
        self.assertEqual(caller.wait(20), 4)
        self.assertNotIn("secrets differ", caller.transcript)
        clock.pass_(60, window)
        caller = self.start(self.romeo, "pair", "--no-lan", "--as=bianca",
                            f"127.0.0.1:{self.other_port}", pty=True)
        caller.wait_for("Secret shared with .*: ", 15)
        caller.send_line(secret)
        self.assertEqual((caller.wait(20), window.wait(20)), (0, 0), caller.transcript)

    def test_contact__comes_in_by_its_key__when_all_guesses_are_used_up(self):
        window = self.window(self.juliet, self.other_port, "romeo")
        for _ in range(10):
            self.assertNotEqual(self.guess(self.tybalt, f"127.0.0.1:{self.other_port}").wait(20), 0)
        window.wait_for("Too many wrong secrets", 10)
        self.assertIn("0 of 10 guesses are left", self.juliet.done("trust", "secret", "romeo"))
        window.close()
        waiting = self.start(self.juliet, "chat", "--no-lan", f"--port={self.port}")
        waiting.wait_for("Waiting as", 10)
        self.start(self.romeo, "chat", "--no-lan", "--port=0", "juliet")
        waiting.wait_for("romeo is connected: verified", 20)
        # Only the user's own word gives more.
        self.assertIn("10 of 10 guesses are left", self.juliet.done("trust", "secret", "romeo", "--arm"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
