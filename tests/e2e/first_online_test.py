#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""First meetings over a real server, with no link between the two: by what a label or a screen shows, and by
guessing, in-band."""
import json
import re
import unittest

from online import Online, servers


class Links(Online, unittest.TestCase):
    kind = servers.Prosody

    def link_of(self, transcript):
        return re.search(r"^(xmpp:\S+)$|\"link\":\"(xmpp:[^\"]+)\"", transcript, re.M).expand(r"\1\2")

    def radio(self):
        """A device with a label, which signs in to an account."""
        radio = self.person("radio", self.hers)
        made = json.loads(radio.done("--json", "-q", "bot", "init", "--name", "radio@kitchen"))
        link = self.link_of(radio.done("id", "--qr"))
        self.assertEqual(link, f"xmpp:{radio.jid}?troth-pair;name=radio@kitchen;pin={radio.pin()}")
        return radio, link.replace(";pin", f";secret={made['secret']};pin")

    def waits(self, radio):
        listening = self.start(radio, "listen")
        listening.wait_for("Signed in as", 20)
        radio.done("bot", "arm")
        return listening

    def pairs(self, link, status, *words):
        """Romeo has read it."""
        process = self.start(self.romeo, "pair", *words, "-")
        process.send_line(link)
        self.assertEqual(process.wait(40), status, process.transcript)
        return " ".join(process.transcript.split())

    def test_label__of_a_device_that_signs_in__is_enough(self):
        radio, link = self.radio()
        listening = self.waits(radio)
        said = self.pairs(link, 0, "--as=radio")
        self.assertIn("You and radio are paired", said)
        listening.wait_for("You and romeo are paired", 10)
        self.done(self.romeo, "send", "radio", "louder")
        listening.wait_for(r"romeo \(verified\): louder", 10)

    def test_label__is_of_no_use__with_another_key(self):
        """Nothing is proved to who has another key, and the device still waits for its owner."""
        radio, link = self.radio()
        listening = self.waits(radio)
        other = link.replace(radio.pin(), self.juliet.pin())
        said = self.pairs(other, 5, "--as=radio")
        self.assertIn("another key than the link says", said)
        self.assertEqual(self.romeo.contacts(), [])
        self.assertIsNone(json.loads(radio.done("--json", "-q", "bot", "status"))["owner"])
        listening.never("wrong secret|paired", 0)
        self.pairs(link, 0, "--as=radio")

    def test_label__is_older_than_the_key__after_a_renewal(self):
        radio, old = self.radio()
        self.assertIn("troth bot label", radio.done("id", "renew"))
        self.waits(radio)
        said = self.pairs(old, 5, "--as=radio")
        self.assertIn("the label is older than the key: `troth bot label`", said)
        new = self.link_of(radio.done("id", "--qr"))
        pin = new.split("pin=")[1]
        self.assertNotIn(pin, old)
        self.pairs(re.sub("pin=.*", f"pin={pin}", old), 0, "--as=radio")

    def test_screen__shows_who_waits__by_the_account(self):
        window = self.start(self.juliet, "pair", "--json", "--show")
        link = self.link_of(window.wait_for(r'"link":"xmpp:[^"]*"', 20).group(0))
        self.assertTrue(link.startswith(f"xmpp:{self.juliet.jid}?troth-pair;secret="), link)
        self.pairs(link, 0)
        self.assertEqual(window.wait(30), 0, window.transcript)
        self.assertEqual((self.juliet.contacts(), self.romeo.contacts()), (["romeo"], ["juliet"]))

    def test_screen__says_whose_key_it_is__and_the_secret_is_typed(self):
        link = self.link_of(self.juliet.done("id", "--qr"))
        self.assertEqual(link, f"xmpp:{self.juliet.jid}?troth-pair;pin={self.juliet.pin()}")
        self.pair(self.juliet, self.romeo, link)
        self.assertEqual(self.romeo.contacts(), ["juliet"])

    def test_link__that_names_a_contact_by_its_name_on_the_link__gives_it_no_other_key(self):
        """Also where the account beside it is nobody's."""
        self.pair(self.juliet, self.romeo)
        radio, link = self.radio()
        said = self.pairs(link.replace("radio@kitchen", "juliet"), 5)
        self.assertIn("doesn't have that contact's key", said)


class Comparing(Online, unittest.TestCase):
    kind = servers.Prosody

    def test_strangers__compare__and_who_waits_is_shown_to_nobody_else(self):
        waits = self.start(self.juliet, "verify")
        waits.wait_for(f"troth verify {self.juliet.jid}$", 20)
        calls = self.start(self.romeo, "verify", self.juliet.jid)
        shown = [process.wait_for(r"Compare with .*:\s+(\d{4} \d{4} \d{4})\s+or", 20).group(1) for process in (waits, calls)]
        self.assertEqual(shown[0], shown[1])
        for process in waits, calls:
            process.send_line("same")
        waits.wait_for("You and romeo have verified each other", 20)
        self.assertEqual((waits.wait(10), calls.wait(20)), (0, 0), calls.transcript)
        # Whoever chats takes no strangers over servers, and seems not to be there.
        nurse = self.person("nurse", "capulet.test")
        self.listen(self.juliet)
        self.assertIn("Nobody", self.done(nurse, "send", "--accept=anyone", "--timeout=2", self.juliet.jid, "Madam!",
                                          status=3))


class Guesses(Online, unittest.TestCase):
    kind = servers.Prosody
    how = {"proxy": ""}
    options = ("--no-lan", "--no-direct")

    def setUp(self):
        super().setUp()
        self.pair(self.juliet, self.romeo)
        self.tybalt = self.person("tybalt", "montague.test")
        self.wrong = self.romeo.home.parent / "wrong"
        self.wrong.write_text("a wrong one entirely\n")
        self.wrong.chmod(0o600)

    def spent(self, person, label):
        return json.loads(person.done("--json", "trust", "secret", label))["spent"]

    def window(self):
        window = self.start(self.juliet, "pair", "--json", "--generate", "romeo")
        window.wait_for('"event":"online"', 20)
        return window

    def guess(self, person, peer):
        return self.start(person, "pair", f"--secret-file={self.wrong}", peer)

    def test_guess_in_band__is_on_disk__when_who_made_it_hears_of_it(self):
        for _ in range(2):  # armed anew by her own word
            window = self.window()
            guess = self.guess(self.tybalt, self.juliet.jid)
            guess.wait_for("The two secrets differ", 40)
            window.kill()
            self.assertEqual(self.spent(self.juliet, "romeo"), 1)
            self.assertIn('"path":"in-band"', window.wait_for('.*"event":"wrong-secret".*', 1).group(0))
            self.assertEqual(guess.wait(10), 4)
            self.assertEqual(self.spent(self.juliet, "romeo"), 1)

    def test_guess_in_band__is_on_disk__before_it_is_made(self):
        """The side that calls pays before it says anything by which the other could test one."""
        window = self.window()
        caller = self.guess(self.romeo, "juliet")
        window.wait_for('"event":"wrong-secret"', 40)
        caller.kill()
        self.assertEqual((self.spent(self.romeo, "juliet"), self.spent(self.juliet, "romeo")), (1, 1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
