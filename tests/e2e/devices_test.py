#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Juliet has more than one device, and a user key above them. Romeo knows the first; he recognises
the others without a secret, and nobody else in their name."""
import json
import shutil
import unittest

from apart import PORT, Apart


class Devices(Apart):
    def setUp(self):
        super().setUp()
        self.stick = f"{self.folder}/user.pem"
        self.juliet = self.person("juliet")
        self.romeo = self.person("romeo")

    def meet(self):
        """Romeo and Juliet's first device know each other, and have met since it has a user key."""
        self.knows(self.juliet, self.romeo)
        self.knows(self.romeo, self.juliet)
        self.juliet.done("user", "init", "--offline", self.stick)
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "But soft!")
            listener.wait_for(r"juliet \(verified\): But soft!", 5)
        self.assertIn("user-key-learnt", self.romeo.done("log"))

    def device(self, name, stick=True):
        device = self.person(name)
        self.knows(device, self.romeo)
        if stick:
            device.done("user", "endorse", "--user-key", self.stick)
        return device

    def test_second_and_third_device__are_recognised__without_a_secret(self):
        self.meet()
        with self.listen(self.romeo) as listener:
            for name in "phone", "laptop":
                self.send(self.device(name), f"from my {name}")
                listener.wait_for("juliet has a new device, which its user key endorses", 5)
                listener.wait_for(rf"juliet \(verified\): from my {name}", 5)
            self.send(self.juliet, "and from the first")
            listener.wait_for(r"juliet \(verified\): and from the first", 5)
        self.assertEqual([key["how"] for key in self.keys(self.romeo, "juliet")].count("endorsed"), 2)
        self.assertEqual(self.romeo.done("log").count("device-new"), 2)
        self.assertEqual(self.romeo.contacts(), ["juliet"])

    def test_recognised_device__needs_no_endorsement__any_more(self):
        self.meet()
        phone = self.device("phone")
        with self.listen(self.romeo) as listener:
            self.send(phone, "once")
            self.send(phone, "twice")
            listener.wait_for(r"juliet \(verified\): twice", 5)
            self.assertEqual(listener.transcript.count("has a new device"), 1)

    def test_new_device__is_recognised__when_it_is_called(self):
        self.meet()
        phone = self.device("phone")
        with self.listen(phone) as listener:
            said = self.romeo.done("send", "--no-lan", "--at", self.at, "juliet", "bright angel")
            self.assertIn("juliet has a new device", said)
            listener.wait_for(r"romeo \(verified\): bright angel", 5)

    def test_running_program__shows_what_was_endorsed_meanwhile(self):
        self.meet()
        phone = self.device("phone", stick=False)
        with self.listen(phone) as listener:
            self.romeo.done("send", "--no-lan", "--at", self.at, "juliet", "too early", status=None)
            phone.done("user", "endorse", "--user-key", self.stick)
            said = self.romeo.done("send", "--no-lan", "--at", self.at, "juliet", "bright angel")
            self.assertIn("juliet has a new device", said)
            listener.wait_for(r"romeo \(verified\): bright angel", 5)
            listener.never("too early", 0.1)

    def own_devices(self):
        """Juliet's first device and a new phone, paired as contacts."""
        phone = self.person("phone")
        self.knows(phone, self.juliet)
        self.knows(self.juliet, phone)
        return phone

    def add(self, phone, status=0):
        return self.juliet.done("user", "add", "--no-lan", "--user-key", self.stick,
                                self.at, status=status)

    def join(self, phone):
        waiting = self.here(phone, "user", "join", "--no-lan", f"--port={PORT}", "juliet")
        waiting.wait_for("Waiting for juliet", 5)
        self.waits(phone)
        self.assertIn("a device of yours now", self.add(phone))
        self.assertEqual(waiting.wait(10), 0, waiting.transcript)

    def test_added_device__knows_the_contacts__and_is_known_to_them(self):
        self.meet()
        phone = self.own_devices()
        self.join(phone)
        self.assertEqual(phone.contacts(), ["juliet", "romeo"])
        self.assertEqual([key["how"] for key in self.keys(phone, "romeo")], ["own-device"])
        with self.listen(self.romeo) as listener:
            said = self.send(phone, "from my phone")
            listener.wait_for(r"juliet \(verified\): from my phone", 5)
            self.assertIn("romeo has received it (verified)", said)
        shown = json.loads(self.juliet.done("--json", "user", "show"))
        self.assertEqual(sorted(d["label"] for d in shown["devices"]), ["phone", "this device"])

    def test_device__is_added_to_nobody__without_consent_on_it(self):
        self.meet()
        phone = self.own_devices()
        with self.listen(phone) as listener:
            self.assertIn("troth user join", self.add(phone, status=4))
            listener.wait_for("would make this device one of its owner's.*troth user join juliet", 5)
        phone.done("user", "show", status=1)
        self.assertEqual(phone.contacts(), ["juliet"])

    def test_explanation__names_the_chain__from_the_device_to_what_was_proven(self):
        self.meet()
        phone = self.device("phone")
        with self.listen(self.romeo) as listener:
            self.send(phone, "hello")
            listener.wait_for("hello", 5)
        said = self.romeo.done("trust", "explain", "juliet")
        for words in ("because the user key of that contact endorses it", "The user key .* endorses the key",
                      "was accepted with the device", "compared by hand"):
            self.assertRegex(said, words)
        steps = [r["step"] for r in json.loads(self.romeo.done("--json", "trust", "explain", "juliet"))["reasons"]
                 if r["kind"] == "step"]
        self.assertIn("ENDORSED ANCHORED MET_BY_HAND", " ".join(steps))

    def test_graph__quotes_what_others_are_called(self):
        self.meet()
        phone = self.device("phone")
        with self.listen(self.romeo) as listener:
            self.send(phone, "hello")
            listener.wait_for("hello", 5)
        self.romeo.done("trust", "rename", "juliet", 'x"]; evil [label="\\')
        dot = self.romeo.done("trust", "graph", "--dot")
        self.assertIn(r'label="x\"]; evil [label=\"\\"];', dot)
        self.assertRegex(dot, r"k\d+ -> k\d+ \[label=\"endorses\"\]")
        tree = self.romeo.done("trust", "graph")
        self.assertRegex(tree, r"user key \S+ \S+ \S+ \S+… \(proven\)")
        graph = json.loads(self.romeo.done("--json", "trust", "graph"))
        self.assertEqual([n["kind"] for n in graph["nodes"]].count("device key"), 3)
        if shutil.which("dot"):
            self.assertIn("</svg>", self.romeo.done("trust", "graph", "--svg"))

    def test_joining__overwrites_no_contact(self):
        self.meet()
        phone = self.own_devices()
        tybalt = self.person("tybalt")
        phone.done("trust", "pin", "romeo", self.cert(tybalt))
        waiting = self.here(phone, "user", "join", "--no-lan", f"--port={PORT}", "juliet")
        waiting.wait_for("Waiting for juliet", 5)
        self.waits(phone)
        self.add(phone)
        waiting.wait_for("romeo wasn't taken over: there is a contact of that name", 5)
        self.assertEqual([key["fingerprint"] for key in self.keys(phone, "romeo")], [tybalt.pin()])

    def test_endorsement_by_another_key__is_worth_nothing(self):
        self.meet()
        tybalt = self.person("tybalt")
        self.knows(tybalt, self.romeo)
        tybalt.done("user", "init")
        with self.listen(self.romeo) as listener:
            self.send(tybalt, "I am Juliet", status=4)
            listener.never("I am Juliet|new device", 0.5)
        self.assertEqual(len(self.keys(self.romeo, "juliet")), 1)

    def test_device__is_nobody__before_its_user_key_is_known(self):
        self.knows(self.juliet, self.romeo)
        self.knows(self.romeo, self.juliet)
        self.juliet.done("user", "init", "--offline", self.stick)
        phone = self.device("phone")
        with self.listen(self.romeo) as listener:
            self.send(phone, "who am I?", status=4)
            self.send(self.juliet, "it is mine")
            self.send(phone, "it is me")
            listener.wait_for(r"juliet \(verified\): it is me", 5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
