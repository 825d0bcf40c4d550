#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two people who have compared their pins by voice, and nothing else: they meet by host and port,
verified at once, and by label from then on. Nobody else comes in that way."""
import json
import tempfile
import unittest

from people import Person, free_port


class Fingerprint(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(self.folder.cleanup)
        self.port = free_port()
        self.juliet = Person(self.folder.name, "juliet")
        self.romeo = Person(self.folder.name, "romeo")

    def here(self, person, *words):
        process = person.troth(*words)
        self.addCleanup(process.close)
        return process

    def listen(self, person, *words):
        process = self.here(person, "listen", "--no-lan", f"--port={self.port}", *words)
        process.wait_for("Listening", 5)
        return process

    def knows(self, one, other, pin=None):
        """`one` types the pin that `other` reads aloud, in groups of four."""
        pin = pin or other.pin()
        one.done("trust", "pin", other.name, *(pin[i:i + 4] for i in range(0, 64, 4)))

    def knows_by_certificate(self, one, other):
        path = f"{self.folder.name}/{other.name}.pem"
        with open(path, "w") as f:
            f.write(other.done("id", "--cert"))
        one.done("trust", "pin", other.name, path)

    def send(self, person, text, *words, to=None, status=0):
        return person.done("send", "--no-lan", *words, to or f"127.0.0.1:{self.port}", text, status=status)

    def key(self, person, label):
        [key] = json.loads(person.done("--json", "trust", "show", label))["keys"]
        return key

    def name(self, person):
        return json.loads(person.done("--json", "id"))["name"]

    def test_pins__are_enough__when_both_sides_have_typed_them(self):
        self.knows(self.juliet, self.romeo)
        self.knows(self.romeo, self.juliet)
        self.assertIsNone(self.key(self.romeo, "juliet")["name"])
        self.assertIn("hasn't been shown", self.romeo.done("trust", "show", "juliet"))
        self.assertIn("Only the fingerprint", self.romeo.done("trust", "explain", "juliet"))
        listener = self.listen(self.juliet)
        self.send(self.romeo, "by fingerprint")
        listener.wait_for(r"romeo \(verified\): by fingerprint", 5)
        self.send(self.romeo, "by label", to="juliet")
        listener.wait_for(r"romeo \(verified\): by label", 5)

    def test_chat__goes_both_ways__by_pins_alone(self):
        self.knows(self.juliet, self.romeo)
        self.knows(self.romeo, self.juliet)
        one = self.here(self.juliet, "chat", "--no-lan", f"--port={self.port}")
        one.wait_for("Waiting as", 5)
        two = self.here(self.romeo, "chat", "--no-lan", "--port=0", f"127.0.0.1:{self.port}")
        two.wait_for("juliet is connected: verified", 10)
        one.wait_for("romeo is connected: verified", 10)
        two.send_line("But soft!")
        one.wait_for(r"romeo \(verified\): But soft!", 5)
        one.send_line("Ay me!")
        two.wait_for(r"juliet \(verified\): Ay me!", 5)

    def test_key__gets_its_name_and_certificate__when_it_is_shown(self):
        self.knows(self.juliet, self.romeo)
        self.knows(self.romeo, self.juliet)
        listener = self.listen(self.juliet)
        self.send(self.romeo, "hello")
        listener.wait_for("hello", 5)
        for one, other in (self.juliet, self.romeo), (self.romeo, self.juliet):
            key = self.key(one, other.name)
            self.assertEqual(key["name"], self.name(other))
            self.assertEqual((key["state"], key["how"]), ("proven", "manual"))
            self.assertNotIn("hasn't been shown", one.done("trust", "show", other.name))
            explained = one.done("trust", "explain", other.name)
            self.assertNotIn("Only the fingerprint", explained)
            self.assertIn("because you pinned it yourself", explained)
            [row] = json.loads(one.done("--json", "trust", "list"))
            self.assertEqual((row["level"], row["how"]), ("verified", "manual"))
            self.assertIn("key-shown", one.done("log"))

    def test_pin__is_enough__on_the_side_that_is_called(self):
        self.knows(self.juliet, self.romeo)
        self.knows_by_certificate(self.romeo, self.juliet)
        listener = self.listen(self.juliet)
        self.send(self.romeo, "hello")
        listener.wait_for(r"romeo \(verified\): hello", 5)

    def test_pin__is_enough__on_the_side_that_calls(self):
        self.knows_by_certificate(self.juliet, self.romeo)
        self.knows(self.romeo, self.juliet)
        listener = self.listen(self.juliet)
        self.send(self.romeo, "hello")
        listener.wait_for(r"romeo \(verified\): hello", 5)

    def test_impostor__is_refused__where_a_pin_is_expected(self):
        self.knows(self.romeo, self.juliet)
        tybalt = Person(self.folder.name, "tybalt")
        self.knows(tybalt, self.romeo)
        impostor = self.listen(tybalt)
        self.assertIn("Nobody that we know has that key", self.send(self.romeo, "my secret", status=4))
        impostor.never("my secret", 0.5)

    def test_impostor__is_an_attack__at_the_address_of_a_contact(self):
        self.knows(self.juliet, self.romeo)
        self.knows(self.romeo, self.juliet)
        listener = self.listen(self.juliet)
        self.send(self.romeo, "hello")
        listener.close()
        tybalt = Person(self.folder.name, "tybalt")
        self.knows(tybalt, self.romeo)
        impostor = self.listen(tybalt)
        self.send(self.romeo, "my secret", to="juliet", status=5)
        impostor.never("my secret", 0.5)

    def test_stranger__is_nobody__to_somebody_who_has_pins(self):
        self.knows(self.juliet, self.romeo)
        tybalt = Person(self.folder.name, "tybalt")
        listener = self.listen(self.juliet)
        self.assertIn("Pair first", self.send(tybalt, "hello", status=4))
        self.knows(tybalt, self.juliet)  # now it can ask to be judged by its key
        self.send(tybalt, "hello", status=4)
        listener.never("hello", 0.5)
        listener.close()
        self.assertNotIn("key-changed", self.juliet.done("log"))
        self.assertNotIn("key-changed", tybalt.done("log"))
        # and Romeo may come all the same
        listener = self.listen(self.juliet)
        self.knows(self.romeo, self.juliet)
        self.send(self.romeo, "hello")
        listener.wait_for(r"romeo \(verified\): hello", 5)

    def test_anyone__still_means_anyone__beside_pins(self):
        self.knows(self.juliet, self.romeo)
        tybalt = Person(self.folder.name, "tybalt")
        self.knows(tybalt, self.romeo)
        listener = self.listen(self.juliet, "--accept=anyone")
        self.send(tybalt, "who am I?", "--accept=anyone")
        listener.wait_for(r"\(unverified\): who am I\?", 5)

    def test_pairing__completes_the_key__that_a_pin_began(self):
        self.knows(self.juliet, self.romeo)
        window = self.here(self.juliet, "pair", "--no-lan", f"--port={self.port}")
        secret = window.wait_for(r"Secret:\s+(\S+)", 5).group(1)
        caller = self.romeo.troth("pair", "--no-lan", f"127.0.0.1:{self.port}", pty=True)
        self.addCleanup(caller.close)
        caller.wait_for("Secret shared with .*: ", 15)
        caller.send_line(secret)
        self.assertEqual(caller.wait(30), 0, caller.transcript)
        self.assertEqual(window.wait(30), 0, window.transcript)
        self.assertEqual(self.juliet.contacts(), ["romeo"])
        self.assertEqual(self.key(self.juliet, "romeo")["name"], self.name(self.romeo))

    def test_probe__says_what_the_pin_would_decide(self):
        self.knows(self.romeo, self.juliet)
        self.listen(self.juliet)
        before = self.romeo.done("--json", "log")
        self.assertIn("pinned by fingerprint", self.romeo.done("probe", "--no-lan", f"127.0.0.1:{self.port}"))
        self.assertEqual(self.romeo.done("--json", "log"), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
