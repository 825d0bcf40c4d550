#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A copy of a device meets it: refused, and both are told what to do."""
import json
import shutil
import tempfile
import unittest

from people import Person, pair

ON_LOOPBACK = ("--no-lan", "--port=0")


class Clones(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.romeo = Person(self.folder, "romeo")

    def copy(self):
        """As by a disk image."""
        copy = Person(self.folder, "copy")
        shutil.rmtree(copy.home)
        shutil.copytree(self.romeo.home, copy.home)
        return copy

    def log(self, person):
        return [json.loads(line)["kind"] for line in person.done("--json", "log").splitlines()]

    def test_copy__is_refused__and_both_are_offered_a_new_key(self):
        copy = self.copy()
        listening = self.romeo.troth("listen", *ON_LOOPBACK, "--accept", "anyone")
        self.addCleanup(listening.close)
        port = listening.wait_for(r"port (\d+)", 10).group(1)
        said = copy.done("send", "--accept", "anyone", "--no-lan", f"127.0.0.1:{port}", "who are you?", status=3)
        told = listening.wait_for(r"was sent away: .*", 10).group(0)
        for text in said, told:
            text = " ".join(text.split())
            self.assertIn("has our own key", text)
            self.assertIn("`troth init --replace`", text)
            self.assertIn("`troth id revoke --reason compromised`", text)
        self.assertNotIn("who are you", listening.transcript)
        for person in copy, self.romeo:
            self.assertIn("self", self.log(person))
            self.assertEqual(self.copies(person), "warn")
            self.assertIn("`troth init --replace`", person.done("doctor", status=None))
        # What is offered ends it.
        copy.done("init", "--replace")
        self.assertEqual((self.copies(copy), self.copies(self.romeo)), ("ok", "warn"))
        pair(self.romeo, copy, *ON_LOOPBACK)

    def copies(self, person):
        rows = [json.loads(line) for line in person.done("--json", "doctor", status=None).splitlines()]
        return next(row["health"] for row in rows if row["check"] == "copies")

    def test_theft__is_told__and_the_key_revoked(self):
        thief = self.copy()
        juliet = Person(self.folder, "juliet")
        pair(self.romeo, juliet, *ON_LOOPBACK)
        self.assertEqual(self.copies(self.romeo), "ok")
        listening = thief.troth("listen", *ON_LOOPBACK, "--accept", "anyone")
        self.addCleanup(listening.close)
        port = listening.wait_for(r"port (\d+)", 10).group(1)
        self.romeo.done("send", "--accept", "anyone", "--no-lan", f"127.0.0.1:{port}", "who are you?", status=3)
        self.assertEqual(self.copies(self.romeo), "warn")
        self.romeo.done("id", "revoke", "--reason", "compromised", "--yes")
        hears = juliet.troth("listen", *ON_LOOPBACK)
        self.addCleanup(hears.close)
        port = hears.wait_for(r"port (\d+)", 10).group(1)
        self.romeo.done("send", "--no-lan", f"--at=127.0.0.1:{port}", "juliet", "bye", status=None)
        self.assertIn("revoked", juliet.done("--json", "trust", "show", "romeo"))
        thief.done("send", "--no-lan", f"127.0.0.1:{port}", "it is I, romeo", status=None)
        hears.never("it is I", 0.5)

    def test_copy__with_a_new_key__is_somebody_else(self):
        copy = self.copy()
        copy.done("init", "--replace")
        self.assertNotEqual(copy.pin(), self.romeo.pin())
        pair(self.romeo, copy, *ON_LOOPBACK)

    def test_copy__can_t_pair__with_the_device_that_it_is_a_copy_of(self):
        copy = self.copy()
        window = self.romeo.troth("pair", *ON_LOOPBACK)
        self.addCleanup(window.close)
        port = window.wait_for(r"port (\d+)", 10).group(1)
        secret = window.wait_for(r"Secret:\s+(\S+)", 5).group(1)
        caller = copy.troth("pair", "--no-lan", f"127.0.0.1:{port}", pty=True)
        self.addCleanup(caller.close)
        caller.wait_for("Secret shared with .*: ", 15)
        caller.send_line(secret)
        self.assertEqual(caller.wait(20), 3)
        self.assertIn("our own key", caller.transcript)
        self.assertEqual(self.romeo.contacts(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
