#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Juliet has three devices and loses her user key. Any two of them may name the next one; one of them
can't, whoever has it. Each is on a machine of its own."""
import json
import unittest

from apart import PORT, Apart


class LostKey(Apart):
    def setUp(self):
        super().setUp()
        self.desktop = self.person("juliet")
        self.romeo = self.person("romeo")
        self.stick = f"{self.folder}/user.pem"
        self.new_stick = f"{self.folder}/next.pem"
        self.knows(self.desktop, self.romeo)
        self.knows(self.romeo, self.desktop)
        self.desktop.done("user", "init", "--offline", self.stick)
        self.phone, self.laptop = self.device("phone"), self.device("laptop")

    def device(self, name):
        """A device that the user key endorses and that the first one is paired with."""
        device = self.person(name)
        self.knows(device, self.desktop)
        self.knows(self.desktop, device)
        self.join(device, self.stick)
        self.knows(device, self.romeo)
        return device

    def join(self, device, stick):
        waiting = self.here(device, "user", "join", "--no-lan", f"--port={PORT}", "juliet")
        waiting.wait_for("Waiting for juliet", 5)
        self.waits(device)
        self.desktop.done("user", "add", "--no-lan", "--user-key", stick, self.at)
        self.assertEqual(waiting.wait(10), 0, waiting.transcript)

    def quorum(self, *words):
        return self.desktop.done("user", "quorum", "--yes", "--user-key", self.stick, *words)

    def all_meet(self):
        with self.listen(self.romeo) as listener:
            for device in self.desktop, self.phone, self.laptop:
                self.send(device, f"from {device.name}")
                listener.wait_for(rf"juliet \(verified\): from {device.name}", 5)

    def connect(self, one, other):
        """Two devices of hers tell each other what they know."""
        with self.listen(other) as listener:
            self.send(one, "psst")
            listener.wait_for("psst", 5)
            return listener.transcript

    def lose(self):
        """The stick is gone; what it signed isn't."""
        self.desktop.done("user", "lost", "--yes")
        self.desktop.done("user", "init", "--offline", self.new_stick)
        return json.loads(self.desktop.done("--json", "user", "show"))["fingerprint"]

    def user_keys(self):
        return [key["fingerprint"] for key in self.keys(self.romeo, "juliet")
                if key.get("role") == "user"]

    def test_two_of_three__name_the_next_user_key(self):
        self.quorum("phone", "laptop")
        self.all_meet()
        new = self.lose()
        self.assertIn(f"troth user succeed {new[:16]}", self.connect(self.desktop, self.phone))
        self.phone.done("user", "succeed", "--yes", new[:16])
        with self.listen(self.romeo) as listener:
            self.send(self.phone, "I have another key")
            listener.wait_for("juliet has lost a user key", 5)
        self.assertIn("user-key-succeeded", self.romeo.done("log"))
        # It adds a device that he has never seen; the lost one doesn't any more.
        tablet = self.person("tablet")
        self.knows(tablet, self.romeo)
        tablet.done("user", "endorse", "--user-key", self.new_stick)
        with self.listen(self.romeo) as listener:
            self.send(tablet, "from my tablet")
            listener.wait_for(r"juliet \(verified\): from my tablet", 5)
        self.assertIn("so say as many devices", self.romeo.done("trust", "explain", "juliet"))

    def test_whoever_finds_the_lost_key__adds_nothing(self):
        self.quorum("phone", "laptop")
        self.all_meet()
        new = self.lose()
        self.connect(self.desktop, self.phone)
        self.phone.done("user", "succeed", "--yes", new[:16])
        with self.listen(self.romeo) as listener:
            self.send(self.phone, "I have another key")
            listener.wait_for("juliet has lost a user key", 5)
        thief = self.person("thief")
        self.knows(thief, self.romeo)
        thief.done("user", "endorse", "--user-key", self.stick)
        with self.listen(self.romeo) as listener:
            self.send(thief, "I am Juliet", status=4)
            listener.never("I am Juliet|new device", 0.5)

    def test_one_device__names_nobody__and_the_others_are_asked(self):
        self.quorum("phone", "laptop")
        self.all_meet()
        self.lose()  # a thief has the desktop
        with self.listen(self.romeo) as listener:
            self.send(self.desktop, "I have another key")
            listener.wait_for("I have another key", 5)
            listener.never("has lost a user key", 0.3)
        self.assertIn("If that was you", self.connect(self.desktop, self.phone))
        self.phone.done("user", "succeed", "--yes", "0123456789abcdef", status=1)
        self.assertNotIn("user-key-succeeded", self.romeo.done("log"))
        tablet = self.person("tablet")
        self.knows(tablet, self.romeo)
        tablet.done("user", "endorse", "--user-key", self.new_stick)
        with self.listen(self.romeo) as listener:
            self.send(tablet, "from nowhere", status=4)
            listener.never("from nowhere", 0.3)

    def test_revoked_device__names_nobody(self):
        self.quorum("phone", "laptop")
        self.all_meet()
        self.desktop.done("user", "revoke", "--yes", "--user-key", self.stick, "phone")
        with self.listen(self.romeo):
            self.send(self.desktop, "my phone was stolen")
        new = self.lose()
        with self.listen(self.phone) as listener:
            self.send(self.desktop, "psst", status=None)
            listener.never("juliet has lost", 0.2)
        with self.listen(self.romeo) as listener:
            self.send(self.phone, "I have another key", status=4)
            self.send(self.desktop, "and I", status=None)
            listener.never("has lost a user key", 0.3)
        self.assertTrue(new)
        self.assertNotIn("user-key-succeeded", self.romeo.done("log"))

    def test_quorum__is_named_once__and_never_of_one(self):
        self.assertIn("2 of these 3 devices", self.quorum("phone", "laptop"))
        self.desktop.done("user", "quorum", "--yes", "--user-key", self.stick, "phone", status=1)
        shown = json.loads(self.desktop.done("--json", "user", "show"))
        self.assertEqual((shown["quorum"]["need"], len(shown["quorum"]["devices"])), (2, 3))

    def test_quorum__needs_as_many_devices_as_it_says(self):
        self.desktop.done("user", "quorum", "--yes", "--need", "1", "phone", status=2)
        self.desktop.done("user", "quorum", "--yes", "--need", "3", "phone", status=2)
        self.desktop.done("user", "quorum", "--yes", "nobody", status=1)
        self.phone.done("user", "succeed", "--yes", "0123456789abcdef", status=1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
