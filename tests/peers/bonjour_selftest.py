#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two libpurple clients on two machines find each other, talk and part.

Usage: bonjour_selftest.py BONJOUR. It shows that the peer and the machines that our tests
stand on work without us.
"""
import sys
import unittest

from bonjour import Bonjour
import namespace


class TwoPidgins(unittest.TestCase):
    program = None

    def test_clients__exchange_messages__and_part(self):
        with namespace.Network("forza", "cucina") as machines:
            for machine in machines:
                machine.start_mdns()
            forza, cucina = machines
            romeo = Bonjour(self.program, forza, "romeo@forza")
            juliet = Bonjour(self.program, cucina, "juliet@cucina")
            romeo.wait_for_buddy("juliet@cucina")
            juliet.wait_for_buddy("romeo@forza")
            self.assertEqual(romeo.buddies(), ["juliet@cucina"])

            romeo.say("juliet@cucina", "wherefore <art> & thou")
            juliet.wait_for_message("romeo@forza", "wherefore <art> & thou")
            juliet.say("romeo@forza", "here")
            romeo.wait_for_message("juliet@cucina", "here")

            self.assertEqual(romeo.close(), 0)
            juliet.wait_for_leaving("romeo@forza")
            self.assertEqual(juliet.close(), 0)


if __name__ == "__main__":
    namespace.become_root()
    TwoPidgins.program = sys.argv.pop(1)
    unittest.main(verbosity=2)
