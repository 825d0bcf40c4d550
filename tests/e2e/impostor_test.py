#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Somebody takes the place of a contact on the link, with all that can be copied: the name of the
machine, its IP address and port, the instance name, the tags. Only the key can't be."""
import json
import shlex
import unittest

from machines import Machines
from namespace import become_root

NAME = "--announce=name=juliet@balcony"
PORT = "--port=5298"


class Impostor(Machines):
    def setUp(self):
        super().setUp()
        self.tybalt = self.person("tybalt", self.street)
        window, _, secret = self.window(self.juliet, NAME, PORT)
        caller = self.caller(self.romeo, "juliet@balcony")
        caller.send_line(secret)
        self.ends(caller, 0)
        self.ends(window, 0)
        self.trusted = self.trust_in_juliet()

    def trust_in_juliet(self):
        """What Romeo holds of her, without the history of the connections."""
        shown = json.loads(self.romeo.done("--json", "trust", "show", "juliet"))
        return [shown["level"], shown["keys"], [a["address"] for a in shown["addresses"]]]

    def tags_of_juliet(self):
        """The TXT record that she announces, as the third machine sees it."""
        self.street.start_mdns()
        with self.juliet.troth("listen", NAME, PORT) as listener:
            listener.wait_for("Listening as juliet@balcony", 10)
            with self.street.spawn(["avahi-browse", "-prt", "_presence._tcp"]) as browse:
                found = browse.wait_for(r"^=;.*;juliet\\064balcony;.*;5298;(.*tr=.*)$", 10)
            return shlex.split(found.group(1))

    def take_over(self, *words, txt=None):
        """Juliet's machine is gone; the street's has its address and name, and listens there."""
        self.balcony.cut()
        self.street.run("ip", "addr", "add", f"{self.balcony.address}/16", "dev", "eth0")
        self.street.run("ip", "addr", "del", f"{self.street.address}/16", "dev", "eth0")
        lan = ["--no-lan"] if txt else []
        impostor = self.start(self.tybalt, *words, NAME, PORT, *lan)
        impostor.wait_for(r"as juliet@balcony", 10)
        if txt:
            publish = self.street.spawn(["avahi-publish", "-s", "juliet@balcony", "_presence._tcp",
                                         "5298", *txt])
            publish.wait_for("Established", 15)
        return impostor

    def is_found_out(self, impostor, *words):
        """Romeo's verb ends as for an attack, says so, and gives nothing away."""
        caller = self.start(self.romeo, *words, pty=words[0] == "chat")
        if words[0] == "chat":
            caller.send_line("my secret")
        self.ends(caller, 5, "doesn't show the key that this contact is known by",
                  "pair again: one of you runs `troth pair", "somebody may be in between")
        impostor.wait_for(r"who claims to be \S+ (was sent away|has left)", 10)
        impostor.never("my secret|is connected", 0.5)
        self.assertEqual(self.trust_in_juliet(), self.trusted)
        self.nobody_pinned(self.tybalt)

    def test_name_and_address__aren_t_enough__for_a_message(self):
        impostor = self.take_over("listen", "--accept=anyone")
        self.is_found_out(impostor, "send", "juliet", "my secret")

    def test_name_address_and_tags__aren_t_enough__for_a_chat(self):
        txt = self.tags_of_juliet()
        impostor = self.take_over("listen", "--accept=anyone", txt=txt)
        self.is_found_out(impostor, "chat", "juliet")

    def test_place_of_a_friend__is_no_proof__in_a_chat_that_goes_on(self):
        txt = self.tags_of_juliet()
        one = self.start(self.juliet, "chat", NAME, PORT)
        two = self.start(self.romeo, "chat", "juliet", pty=True)
        two.wait_for("juliet is connected: verified", 20)
        one.kill()
        two.wait_for("was cut", 10)
        impostor = self.take_over("listen", "--accept=anyone", txt=txt)
        two.send_line("my secret")
        self.ends(two, 5, "doesn't show the key", "somebody may be in between", within=60)
        impostor.never("my secret|is connected", 0.5)
        self.assertEqual(self.trust_in_juliet(), self.trusted)

    def test_impostor__pairs_with_nobody__without_the_secret(self):
        impostor = self.take_over("pair", "--words=4")
        caller = self.caller(self.romeo, "juliet@balcony")
        for _ in range(2):
            caller.send_line("what juliet told him")
            caller.wait_for("Secret shared with juliet.*: ", 20)
        caller.send_line("what juliet told him")
        self.ends(caller, 4, "The two secrets differ")
        impostor.wait_for("7 more tries", 5)
        self.assertEqual(self.trust_in_juliet(), self.trusted)
        self.nobody_pinned(self.tybalt)

    def test_caller__is_no_friend__by_name_and_address(self):
        name = "--announce=name=romeo@garden"
        one = self.start(self.juliet, "chat", NAME, PORT, "--accept=anyone")
        one.wait_for("Waiting as juliet@balcony", 10)
        two = self.start(self.romeo, "chat", name, "juliet")
        one.wait_for("romeo is connected: verified", 20)
        two.close()
        self.garden.cut()
        self.street.run("ip", "addr", "add", f"{self.garden.address}/16", "dev", "eth0")
        self.street.run("ip", "addr", "del", f"{self.street.address}/16", "dev", "eth0")
        impostor = self.start(self.tybalt, "send", name, "--accept=anyone", "juliet@balcony", "I am romeo")
        self.assertIn(impostor.wait(30), (4, 5), impostor.transcript)
        one.wait_for("who claims to be romeo@garden has left: .*nobody has proved to be that contact", 10)
        one.never("I am romeo", 0.5)
        self.assertEqual(self.juliet.contacts(), ["romeo"])

    def test_changed_key__is_refused_on_both_sides__until_they_pair_again(self):
        self.juliet.done("init", "--replace", "--nick", "juliet")
        listener = self.start(self.juliet, "listen", NAME, PORT)
        listener.wait_for("Listening", 10)
        caller = self.start(self.romeo, "send", "juliet", "my secret")
        self.ends(caller, 5, "doesn't show the key", "a new device or set theirs up again")
        listener.wait_for(r"who claims to be \S+ (was sent away|has left)", 10)
        listener.never("my secret", 0.5)
        self.assertEqual(self.trust_in_juliet(), self.trusted)
        listener.close()
        window, _, secret = self.window(self.juliet, NAME, PORT, "--generate", "romeo")
        caller = self.caller(self.romeo, "juliet@balcony")
        caller.send_line(secret)
        self.ends(caller, 0, "You and juliet are paired")
        self.ends(window, 0, "You and romeo are paired")
        keys = json.loads(self.romeo.done("--json", "trust", "show", "juliet"))["keys"]
        self.assertEqual({key["fingerprint"]: key["state"] for key in keys},
                         {self.juliet.pin(): "proven", self.trusted[1][0]["fingerprint"]: "replaced"})
        one, two = self.chat()
        self.say(two, one, "at last")


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
