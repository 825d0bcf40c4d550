#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An OpenSSL that was built without SRP, on both sides and on either: people pair by secret all the
same, and it is said what doesn't work."""
import json
import os
import tempfile
import unittest

from people import Person, free_port, pair

NOSRP = os.environ["TROTH_NOSRP"]


class Old(Person):
    """Somebody whose OpenSSL has no SRP."""

    def troth(self, *words, **more):
        return super().troth(*words, command=NOSRP, **more)


class NoSrp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.port = free_port()

    def meet(self, one, other):
        juliet, romeo = one(self.folder, "juliet"), other(self.folder, "romeo")
        window, caller = pair(juliet, romeo, "--no-lan", f"--port={self.port}")
        self.assertIn("You and romeo are paired.", window)
        self.assertIn("You and juliet are paired.", caller)
        for person, friend in (juliet, "romeo"), (romeo, "juliet"):
            shown = json.loads(person.done("--json", "trust", "show", friend))
            self.assertIn('"how": "pake"', json.dumps(shown))
        return juliet, romeo

    def test_secret__pairs__two_without_srp(self):
        juliet, romeo = self.meet(Old, Old)
        waiting = juliet.troth("chat", "--no-lan", f"--port={self.port}")
        self.addCleanup(waiting.close)
        waiting.wait_for("Waiting as", 10)
        calling = romeo.troth("chat", "--no-lan", "--port=0", "juliet")
        self.addCleanup(calling.close)
        calling.wait_for("juliet is connected: verified", 10)
        calling.send_line("But soft!")
        waiting.wait_for(r"romeo \(verified\): But soft!", 10)

    def test_secret__pairs__one_without_srp_and_one_with_it(self):
        self.meet(Old, Person)
        self.setUp()
        self.meet(Person, Old)

    def test_doctor__says__what_doesnt_work(self):
        person = Old(self.folder, "juliet")
        self.assertIn("without SRP", person.done("doctor", status=None))


if __name__ == "__main__":
    unittest.main(verbosity=2)
