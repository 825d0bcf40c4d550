#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The line breaks in the middle of a pairing: in the first connection, which proves the secret, or
in the second one, which has to work by the keys. Nobody believes in a pairing that isn't whole,
both are told what to do, and pairing again heals what was left behind."""
import os
import re
import signal
import sys
import unittest

from machines import Machines
from namespace import become_root

RELAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "relay.py")


class BrokenLine(Machines):
    clocked = True

    def road(self, which, after):
        """Both as far as the question for the secret, over a relay that breaks there."""
        window, _, secret = self.window(self.juliet, "--port=5298")
        relay = self.balcony.spawn([sys.executable, RELAY, 5300, 5298, which, after])
        relay.wait_for("^up", 10)
        caller = self.caller(self.romeo, "--timeout=1", f"{self.balcony.address}:5300")
        return window, relay, caller, secret

    def anew(self):
        """Other machines, and nobody knows anybody."""
        self.doCleanups()
        self.setUp()

    def test_line__is_cut__before_the_second_connection(self):
        window, relay, caller, secret = self.road(2, 0)
        caller.send_line(secret)
        relay.wait_for("^broken", 20)
        window.wait_for("The secret was right", 10)
        caller.wait_for("Trying again", 10)
        self.romeo.clock.pass_(20, caller)
        self.ends(caller, 3, "the pairing couldn't be completed",
                  "The secret was right and the key is pinned", "Try `troth chat`")
        self.juliet.clock.pass_(31, window)
        self.ends(window, 3, "the pairing couldn't be completed", "didn't connect again", "troth chat")
        # As both were told: the keys are there, and work.
        one, two = self.chat()
        self.say(two, one, "But soft!")

    def test_line__is_cut__anywhere(self):
        window, relay, caller, secret = self.road(3, 0)
        caller.send_line(secret)
        sizes = [int(relay.wait_for(r"^carried (\d+)", 20).group(1)) for _ in range(2)]
        self.ends(caller, 0)
        self.ends(window, 0)
        for which, parts in (1, (0.3, 0.5, 0.7, 0.85, 0.97)), (2, (0.1, 0.5, 0.9)):
            for part in parts:
                self.anew()
                with self.subTest(connection=which, part=part):
                    self.break_line(which, int(part * sizes[which - 1]))

    def break_line(self, which, after):
        window, relay, caller, secret = self.road(which, after)
        caller.send_line(secret)
        relay.wait_for("^broken", 20)
        self.romeo.clock.pass_(31, caller)  # and doesn't look for it any more
        status = caller.wait(30)
        self.juliet.clock.pass_(31, window)
        window.signal(signal.SIGINT)
        window.wait(10)
        self.consistent(status, caller.transcript, self.romeo, "juliet")
        self.consistent(window.wait(), window.transcript, self.juliet, "romeo")
        known = ["--generate", *self.juliet.contacts()] if self.juliet.contacts() else []
        window, name, secret = self.window(self.juliet, *known)
        caller = self.caller(self.romeo, name)
        caller.send_line(secret)
        self.ends(caller, 0, "You and juliet are paired")
        self.ends(window, 0, "You and romeo are paired")
        self.assertEqual((self.juliet.contacts(), self.romeo.contacts()), (["romeo"], ["juliet"]))

    def consistent(self, status, text, person, other):
        """What somebody was told is what is stored."""
        paired = f"You and {other} are paired" in text
        unconfirmed = "the pairing couldn't be completed" in text
        nobody = "nobody was paired" in text
        self.assertEqual([paired, unconfirmed, nobody].count(True), 1, text)
        known = person.contacts()
        # The proof comes before the nickname: cut between the two, somebody is known by no name.
        self.assertTrue(known == [] if nobody else re.fullmatch(f"{other}|peer-[0-9a-f]{{6}}", *known), text)
        self.assertEqual(status == 0, paired, text)
        if unconfirmed:
            self.assertIn("troth chat", text)


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
