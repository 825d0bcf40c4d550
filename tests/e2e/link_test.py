#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two machines on one link, found by multicast DNS alone: nobody types an address, and the names
change with every start."""
import re
import tempfile
import unittest

from people import Person, pair
from namespace import Network, become_root


class Link(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(self.folder.cleanup)
        network = Network("balcony", "garden")
        self.addCleanup(network.close)
        balcony, garden = network.hosts
        self.juliet = Person(self.folder.name, "juliet", balcony)
        self.romeo = Person(self.folder.name, "romeo", garden)

    def test_contacts__find_each_other__whatever_their_names_and_ports_are_now(self):
        window, caller = pair(self.juliet, self.romeo)
        self.assertIn("You and romeo are paired.", window)
        self.assertIn("You and juliet are paired.", caller)
        one = self.juliet.troth("chat", "--port=6111")
        name = one.wait_for(r"Waiting as (\S+),", 10).group(1)
        two = self.romeo.troth("chat", "juliet")
        two.wait_for(f"Connecting to juliet \\({name}\\)", 20)
        two.wait_for("juliet is connected: verified", 10)
        two.send_line("But soft!")
        one.wait_for(r"romeo \(verified\): But soft!", 5)
        two.wait_for("✓ But soft!", 5)
        one.send_line("Ay me!")
        two.wait_for(r"juliet \(verified\): Ay me!", 5)
        # She starts again, under another name and port.
        one.kill()
        two.wait_for("was cut", 10)
        two.send_line("She speaks")
        one = self.juliet.troth("chat", "--port=6222")
        self.assertNotEqual(one.wait_for(r"Waiting as (\S+),", 10).group(1), name)
        one.wait_for(r"romeo \(verified\): She speaks", 40)

    def test_contact__is_found__among_those_that_only_look_like_her(self):
        network = Network("cellar", "balcony", "garden")
        self.addCleanup(network.close)
        cellar, balcony, garden = network.hosts
        self.juliet = Person(self.folder.name, "Juliet", balcony)
        self.romeo = Person(self.folder.name, "Romeo", garden)
        tybalt = Person(self.folder.name, "Tybalt", cellar)
        # He takes a name under which she was met.
        window, _ = pair(self.juliet, self.romeo)
        was = re.search(r"as (\S+) \(port", window).group(1)
        self.addCleanup(tybalt.troth("listen", f"--announce=name={was}").close)
        one = self.juliet.troth("listen")
        self.addCleanup(one.close)
        one.wait_for("Listening as", 10)
        for number in range(6):  # whom he sees first is chance
            self.romeo.done("send", "Juliet", f"Ay me {number}!")
            one.wait_for(f"Romeo .verified.: Ay me {number}!", 5)

    def test_both__keep_one_stream__when_they_call_each_other_at_once(self):
        pair(self.juliet, self.romeo)
        one, two = self.juliet.troth("chat", "romeo"), self.romeo.troth("chat", "juliet")
        one.wait_for("romeo is connected: verified", 30)
        two.wait_for("juliet is connected: verified", 30)
        for number in range(5):
            one.send_line(f"from juliet {number}")
            two.send_line(f"from romeo {number}")
        for number in range(5):
            two.wait_for(f"from juliet {number}$", 10)
            one.wait_for(f"from romeo {number}$", 10)
        one.never("has left|from romeo", 2)
        self.assertEqual(one.transcript.count(": from romeo 4"), 1)
        self.assertEqual(two.transcript.count(": from juliet 4"), 1)


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
