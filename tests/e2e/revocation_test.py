#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A stolen device, a key that isn't used any more, a lost user key: who hears of it refuses what was
revoked, and says why; and there is a way back."""
import json
import time
import unittest

from apart import PORT, Apart


class Revocation(Apart):
    def setUp(self):
        super().setUp()
        self.stick = f"{self.folder}/user.pem"
        self.juliet = self.person("juliet")
        self.romeo = self.person("romeo")
        self.knows(self.juliet, self.romeo)
        self.knows(self.romeo, self.juliet)
        self.juliet.done("user", "init", "--offline", self.stick)
        self.phone = self.device("phone")
        self.tell("I have a user key")

    def device(self, name):
        """A device of Juliet's that has met nobody yet; her first one knows it."""
        device = self.person(name)
        self.knows(device, self.romeo)
        self.knows(device, self.juliet)
        self.knows(self.juliet, device)
        waiting = device.troth("user", "join", "--no-lan", f"--port={PORT}", "juliet")
        self.addCleanup(waiting.close)
        waiting.wait_for("Waiting for juliet", 5)
        self.waits(device)
        self.juliet.done("user", "add", "--no-lan", "--user-key", self.stick, self.at)
        self.assertEqual(waiting.wait(10), 0, waiting.transcript)
        return device

    def tell(self, text, person=None):
        """Romeo hears from her."""
        with self.listen(self.romeo) as listener:
            self.send(person or self.juliet, text)
            listener.wait_for(rf"juliet \(verified\): {text}", 5)

    def states(self, person, label):
        keys = json.loads(person.done("--json", "trust", "show", label))["keys"]
        return {key["fingerprint"]: key["state"] for key in keys}

    def refused(self, person, *words):
        with self.listen(self.romeo) as listener:
            said = self.send(person, "let me in", status=4)
            for word in words:
                self.assertIn(word, said)
            listener.wait_for("key has been revoked", 5)
            listener.never("let me in", 0.2)

    def steal_phone(self):
        self.juliet.done("user", "revoke", "phone", "--user-key", self.stick, "--yes")

    def test_stolen_device__is_refused_with_the_reason__once_the_user_key_revoked_it(self):
        self.tell("from my phone", self.phone)
        self.steal_phone()
        self.tell("my phone was stolen")
        self.assertEqual(self.states(self.romeo, "juliet")[self.phone.pin()], "revoked")
        self.refused(self.phone, "says that our key has been revoked")
        with self.listen(self.phone):  # nor is it called
            self.assertIn("key has been revoked", self.send(self.romeo, "is it you?", status=5))
        self.tell("I am here")

    def test_stolen_device__is_refused__by_who_has_never_met_it(self):
        self.steal_phone()
        self.tell("my phone was stolen")
        self.refused(self.phone)
        self.assertNotIn(self.phone.pin(), self.states(self.romeo, "juliet"))

    def test_stolen_device__is_refused__by_the_one_that_revoked_it(self):
        self.steal_phone()
        with self.listen(self.juliet):
            self.assertIn("revoked", self.send(self.phone, "let me in", status=4))

    def test_revocation__is_passed_on__by_every_device_that_has_heard_of_it(self):
        laptop = self.device("laptop")
        self.steal_phone()
        with self.listen(laptop) as listener:
            said = self.send(self.juliet, "my phone was stolen")
            listener.wait_for(r"juliet \(verified\): my phone was stolen", 5)
            self.assertNotIn("isn't believed", said + listener.transcript)
        self.tell("from my laptop", laptop)
        self.refused(self.phone)

    def suspend_phone(self):
        """The stick isn't at hand: the first device says it."""
        self.tell("from my phone", self.phone)
        self.juliet.done("user", "suspend", "phone", "--yes")
        self.tell("my phone was stolen")

    def test_suspended_device__is_refused__until_the_user_key_endorses_it_again(self):
        self.suspend_phone()
        self.assertEqual(self.states(self.romeo, "juliet")[self.phone.pin()], "suspended")
        with self.listen(self.romeo) as listener:
            self.send(self.phone, "let me in", status=4)
            listener.never("let me in", 0.2)
        self.assertIn("Another device of juliet", self.romeo.done("trust", "explain", "juliet"))
        [phone] = [d for d in json.loads(self.juliet.done("--json", "user", "show"))["devices"] if not d["here"]]
        self.assertEqual((phone["suspended"], phone["revoked"]), ("lost", None))
        time.sleep(1.1)  # an endorsement is dated by the second, and must be the later one
        self.phone.done("user", "endorse", "--user-key", self.stick)
        self.tell("found it", self.phone)
        self.assertEqual(self.states(self.romeo, "juliet")[self.phone.pin()], "proven")

    def test_suspended_device__is_revoked_for_good__by_the_user_key(self):
        laptop = self.device("laptop")
        self.suspend_phone()
        self.steal_phone()
        with self.listen(laptop) as listener:
            self.send(self.juliet, "psst")
            listener.wait_for("psst", 5)
        self.tell("it is gone", laptop)
        self.assertEqual(self.states(self.romeo, "juliet")[self.phone.pin()], "revoked")

    def test_device__suspends_its_fellows_only__by_its_own_word(self):
        tybalt = self.person("tybalt")
        self.knows(tybalt, self.juliet)
        self.knows(self.juliet, tybalt)
        self.juliet.done("user", "suspend", "tybalt", "--yes", status=1)  # no device of hers
        self.juliet.done("user", "suspend", self.juliet.pin()[:16], "--yes", status=1)

    def test_own_key__is_refused__once_it_said_so_itself(self):
        self.juliet.done("id", "revoke", "--yes")
        with self.listen(self.romeo) as listener:
            self.juliet.done("send", "--no-lan", self.at, "bye", status=None)
            listener.wait_for("has been revoked", 5)
        self.assertEqual(self.states(self.romeo, "juliet")[self.juliet.pin()], "revoked")
        self.refused(self.juliet, "says that our key has been revoked")

    def test_lost_user_key__is_recovered__by_pairing_again(self):
        self.juliet.done("user", "lost", "--yes")
        self.juliet.done("user", "init", "--offline", f"{self.folder}/second.pem")
        self.tell("nobody believes my new user key yet")
        second = self.person("second")
        self.knows(second, self.romeo)
        second.done("user", "endorse", "--user-key", f"{self.folder}/second.pem")
        with self.listen(self.romeo):
            self.send(second, "who am I?", status=4)
        self.again()
        self.tell("from my second", second)
        # and whoever found the old one adds nothing by it
        tybalt = self.person("tybalt")
        self.knows(tybalt, self.romeo)
        tybalt.done("user", "endorse", "--user-key", self.stick)
        with self.listen(self.romeo):
            self.send(tybalt, "who am I?", status=4)

    def again(self):
        """Romeo and Juliet's first device pair anew, and meet by key."""
        window = self.romeo.troth("pair", "--no-lan", f"--port={PORT}", "--generate", "juliet")
        self.addCleanup(window.close)
        self.waits(self.romeo)
        secret = window.wait_for(r"Secret:\s+(\S+)", 5).group(1)
        caller = self.juliet.troth("pair", "--no-lan", self.at, pty=True)
        self.addCleanup(caller.close)
        caller.wait_for("Secret shared with .*: ", 15)
        caller.send_line(secret)
        self.assertEqual(caller.wait(30), 0, caller.transcript)
        self.assertEqual(window.wait(30), 0, window.transcript)

    def test_lost_user_key__that_says_so_itself__makes_room_for_another(self):
        self.tell("from my phone", self.phone)
        self.juliet.done("user", "lost", "--yes", "--user-key", self.stick)
        self.juliet.done("user", "init", "--offline", f"{self.folder}/second.pem")
        self.tell("my user key is lost")
        self.assertNotEqual(self.states(self.romeo, "juliet")[self.phone.pin()], "proven")
        second = self.person("second")
        self.knows(second, self.romeo)
        second.done("user", "endorse", "--user-key", f"{self.folder}/second.pem")
        self.tell("my new one is known")
        self.tell("from my second", second)


if __name__ == "__main__":
    unittest.main(verbosity=2)
