#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two machines on one link, found by multicast DNS alone: nobody types an address, and the names
change with every start."""
import json
import os
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

    def test_contact_who_was_never_met__is_looked_for_in_vain__and_that_is_told(self):
        cert = f"{self.folder.name}/juliet.pem"
        with open(cert, "w") as file:
            file.write(self.juliet.done("-q", "id", "--cert"))
        self.romeo.done("trust", "pin", "juliet", cert)
        said = " ".join(self.romeo.done("send", "--timeout=1", "juliet", "hello", status=3).split())
        self.assertIn("You two have never met", said)
        self.assertNotIn("lost a key", said)

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
        name = one.wait_for(r"Listening as (\S+?),? ", 10).group(1)
        arrived = 0
        for number in range(30):  # whom he sees first is chance
            with self.romeo.troth("send", "-v", "Juliet", f"Ay me {number}!") as sends:
                status = sends.wait(30)
            if status == 0:
                one.wait_for(f"Romeo .verified.: Ay me {number}!", 5)
                arrived += 1
            else:  # Tybalt was sent away before anybody else was seen
                self.assertEqual(status, 5, sends.transcript)
                self.assertNotIn(name, sends.transcript)
            if arrived == 6:
                return
        self.fail("he hardly ever sees her")

    def third(self):
        """Somebody whom nobody knows, on the same link as both."""
        network = Network("balcony", "garden", "cellar")
        self.addCleanup(network.close)
        balcony, garden, cellar = network.hosts
        self.cellar = cellar
        self.juliet = Person(self.folder.name, "Juliet", balcony)
        self.romeo = Person(self.folder.name, "Romeo", garden)
        return Person(self.folder.name, "Tybalt", cellar)

    def shown(self, who, name):
        """What somebody sees of that name."""
        rows = json.loads(who.done("nearby", "--json", "--once"))
        row = next((row for row in rows if row["name"] == name), None)
        self.assertIsNotNone(row, rows)
        return row

    def record(self, name):
        """The keys of its TXT record, as somebody reads them who isn't this program."""
        with self.cellar.spawn([os.environ["LAN_PEER"], "embedded"]) as peer:
            peer.send_line("browse")
            line = peer.wait_for(rf"^found {name} status:\d tags:\d+ ifs:\S+ (.*)$", 15).group(1)
            return re.findall(r"(?:^| )([a-z0-9.]+)=", line)

    def test_announcement__says_to_everybody__what_was_opened_up_and_is_now(self):
        tybalt = self.third()
        chat = self.juliet.troth("chat", "--announce=name=juliet@pronto,nick,status=dnd",
                                 "--announce=msg=hanging out, downtown")
        self.addCleanup(chat.close)
        chat.wait_for("Waiting as juliet@pronto,", 10)
        row = self.shown(tybalt, "juliet@pronto")
        self.assertEqual((row["nick"], row["status"], row["message"]),
                         ("Juliet", "busy", "hanging out, downtown"))
        self.assertEqual(self.record("juliet@pronto"), ["txtvers", "hash", "msg", "nick", "node",
                                                        "port.p2pj", "status", "ver", "tr"])
        chat.send_line("/status away out for lunch")
        chat.wait_for("Everybody on the link can see that now", 5)
        row = self.shown(tybalt, "juliet@pronto")
        self.assertEqual((row["nick"], row["status"], row["message"]),
                         ("Juliet", "away", "out for lunch"))
        chat.send_line("/status avail")
        chat.wait_for("Everybody on the link can see that now", 5)
        row = self.shown(tybalt, "juliet@pronto")
        self.assertEqual((row["nick"], row["status"], row["message"]), ("Juliet", "available", None))
        chat.send_line("/status asleep")
        chat.wait_for("/status takes avail, away or dnd", 5)

    def test_announcement__that_is_too_long__is_told_as_that(self):
        long = [f"--announce={key}=" + "x" * 240 for key in ("1st", "last", "email", "jid", "msg")]
        with self.juliet.troth("listen", *long) as listener:
            self.assertEqual(listener.wait(10), 2, listener.transcript)
        self.assertIn("--announce says more than fits", listener.transcript)
        with self.juliet.troth("chat", *long[:4]) as chat:
            chat.wait_for("Waiting as", 10)
            chat.send_line("/status away " + "y" * 240)
            chat.wait_for("with the rest it is more than fits", 5)

    def test_announcement__says_nothing__unless_opened_up(self):
        tybalt = self.third()
        for words in ((), ("--announce=name=juliet@pronto",)):
            with self.subTest(words):
                chat = self.juliet.troth("chat", *words)
                self.addCleanup(chat.close)
                name = chat.wait_for(r"Waiting as (\S+),", 10).group(1)
                chat.send_line("/status away out for lunch")
                chat.wait_for("Nothing of you is announced", 5)
                row = self.shown(tybalt, name)
                self.assertEqual((row["nick"], row["status"], row["message"]), (None, "available", None))
                self.assertEqual(self.record(name), ["txtvers", "tr"])

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
