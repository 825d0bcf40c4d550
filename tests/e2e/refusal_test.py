#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pairings that come to nothing, because somebody says no, or says nothing: each side is told
what happened and what it can do, and nothing is pinned."""
import unittest

from machines import Machines
from namespace import become_root


class Refusal(Machines):
    clocked = True

    def still_open(self, window, name, secret):
        """Whoever was refused or refused may try again."""
        self.nobody_pinned()
        caller = self.caller(self.romeo, name)
        caller.send_line(secret)
        self.ends(caller, 0, "You and juliet are paired")
        self.ends(window, 0, "You and romeo are paired")

    def refuse(self, keys, *texts):
        window, name, secret = self.window(self.juliet)
        caller = self.caller(self.romeo, name)
        window.wait_for("Waiting for the other side to type the secret", 10)
        caller.send(keys)
        self.ends(caller, 4, "nobody was paired", *texts)
        window.wait_for(r"who claims to be \S+ has left: The other side gave no secret. "
                        "The pairing is still open", 10)
        self.still_open(window, name, secret)

    def test_empty_answer__is_a_no(self):
        self.refuse("\n", "No secret was given on this side")

    def test_end_of_input__is_a_no(self):
        self.refuse("\x04", "No secret was given on this side")

    def test_interrupt__is_a_no(self):
        self.refuse("\x03", "Interrupted on this side")

    def test_interrupt__closes_the_pairing__on_the_side_that_waits(self):
        window, name, _ = self.window(self.juliet, pty=True)
        caller = self.caller(self.romeo, "--timeout=2", name)
        window.send("\x03")
        self.ends(window, 4, "nobody was paired: Interrupted on this side")
        self.ends(caller, 3, "nobody was paired", "troth nearby")
        self.nobody_pinned()

    def test_wrong_secret__is_told_three_times__and_pairs_nobody(self):
        window, name, secret = self.window(self.juliet)
        caller = self.start(self.romeo, "pair", name, pty=True)
        for attempt in range(3):
            caller.wait_for("Secret shared with .*: ", 20)
            caller.send_line("wrong")
            window.wait_for(f"wrong secret; {9 - attempt} more tries", 10)
        self.ends(caller, 4, "The secret was wrong.", "The two secrets differ", "letter by letter")
        self.still_open(window, name, secret)

    def test_no_answer__ends_the_question__after_three_minutes_on_both_sides(self):
        window, name, secret = self.window(self.juliet)
        caller = self.caller(self.romeo, name)
        window.wait_for("Waiting for the other side to type the secret", 10)
        for _ in range(2):
            self.juliet.clock.pass_(80, window)
            self.romeo.clock.pass_(80, caller)
        window.never("has left", 0.5)
        self.juliet.clock.pass_(15, window)
        self.romeo.clock.pass_(15, caller)
        self.ends(caller, 4, "nobody was paired: Nobody answered the question in time")
        window.wait_for("has left: The other side gave no secret. The pairing is still open", 10)
        self.still_open(window, name, secret)

    def test_no_answer__is_not_waited_for_for_ever__when_the_peer_hangs(self):
        window, name, secret = self.window(self.juliet)
        caller = self.caller(self.romeo, name)
        window.wait_for("Waiting for the other side to type the secret", 10)
        self.garden.cut()
        caller.kill()
        self.juliet.clock.pass_(181, window)
        window.wait_for("has left: The peer took too long. The pairing is still open", 10)
        self.garden.plug()
        self.still_open(window, name, secret)

    def test_time_out__closes_the_pairing__when_nobody_comes(self):
        window, _, _ = self.window(self.juliet, "--timeout=600")
        self.juliet.clock.pass_(601, window)
        self.ends(window, 3, "nobody was paired: Nobody came in time", "Begin again")
        self.nobody_pinned(self.juliet)

    def test_both_wait__and_are_told_what_may_be_wrong(self):
        window, name, secret = self.window(self.juliet)
        other, _, _ = self.window(self.romeo)
        for person, process in (self.juliet, window), (self.romeo, other):
            process.never("waits, too", 0.2)
            person.clock.pass_(21, process)
            process.wait_for("If the other side waits, too: one of you runs `troth pair NAME`", 10)
        other.close()
        self.still_open(window, name, secret)

    def test_stranger__is_sent_away__while_nobody_pairs(self):
        listener = self.start(self.juliet, "listen")
        name = listener.wait_for(r"Listening as (\S+),", 10).group(1)
        caller = self.start(self.romeo, "pair", name, pty=True)
        self.ends(caller, 4, "nobody was paired", "troth pair")
        listener.wait_for("that has to be begun on this side, too", 10)
        self.nobody_pinned()


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
