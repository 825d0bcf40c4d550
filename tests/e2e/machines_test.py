#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole story on machines of their own, by multicast DNS: people pair, start again, meet by
their keys alone; whatever does mDNS, whatever the network has, and what it tells to others."""
import json
import re
import unittest

from machines import Machines
from namespace import become_root


class Story(Machines):
    def test_pairing__then_keys_alone__after_both_have_started_again(self):
        window, caller = self.meet()
        for person, other, text in (self.juliet, self.romeo, window), (self.romeo, self.juliet, caller):
            self.assertIn(f"You and {other.name} are paired.", text)
            pin = other.pin()
            self.assertIn(" ".join(pin[i:i + 4] for i in range(0, 64, 4)), text)
            self.assertEqual(person.contacts(), [other.name])
        for _ in range(2):
            one, two = self.chat()
            for process in one, two:
                self.assertNotIn("ecret", process.transcript)
            self.say(two, one, "But soft!")
            self.say(one, two, "Ay me!")
            two.close()
            one.wait_for("romeo has left", 10)
            one.close()

    def test_second_story__by_the_label__needs_no_address(self):
        self.meet()
        listener = self.start(self.juliet, "listen")
        listener.wait_for("Listening", 10)
        self.romeo.done("send", "juliet", "hello")
        listener.wait_for(r"romeo \(verified\): hello", 5)


class ByDaemon(Story):
    """The same through the avahi-daemon of each machine."""
    mdns = True


class ByLinkLocalIPv6(Story):
    """No machine has an IPv4 address: only fe80::…%eth0."""

    def prepare(self):
        for host in self.network.hosts:
            host.run("ip", "-4", "addr", "flush", "dev", "eth0")

    def test_invitation__names_no_address__where_there_is_none_to_type(self):
        window, name, _ = self.window(self.juliet)
        window.never("if it isn't found", 0.3)
        caller = self.caller(self.romeo, name)


class TwoLinks(Machines):
    """Balcony and garden have two cables between them; the second one has fe80:: only."""

    def prepare(self):
        self.network.cable(self.balcony, self.garden)

    def test_contacts__stay_one_each__on_two_links(self):
        self.meet()
        nearby = json.loads(self.romeo.done("--json", "nearby", "--once"))
        self.assertEqual(nearby, [])
        one, two = self.chat()
        self.say(two, one, "But soft!")
        both = json.loads(self.romeo.done("--json", "nearby", "--once"))
        self.assertEqual([who["perhaps"] for who in both if who["perhaps"]], ["juliet"])

    def test_contact__is_met_on_the_other_link__when_one_is_cut(self):
        self.meet()
        self.balcony.cut()
        one, two = self.chat()
        self.say(two, one, "by the other road")

    def test_interface__restricts__to_the_named_link(self):
        self.meet()
        one = self.start(self.juliet, "chat", "--interface=eth1")
        one.wait_for("Waiting as", 10)
        stranger = self.person("tybalt", self.street)
        self.assertEqual(json.loads(stranger.done("--json", "nearby", "--once")), [])
        two = self.start(self.romeo, "chat", "--interface=eth1", "juliet")
        two.wait_for("juliet is connected: verified", 20)


class Announced(Machines):
    """What the third machine sees of somebody that it doesn't know."""

    def seen(self):
        """Names and TXT records on the link, as any program sees them."""
        self.street.start_mdns()
        text = self.street.run("avahi-browse", "-prt", "_presence._tcp")
        return {line.split(";")[3]: line for line in text.splitlines() if line.startswith("=")}

    def test_default__tells_nothing_personal__but_that_somebody_is_there(self):
        self.meet()
        one = self.start(self.juliet, "chat")
        own = one.wait_for(r"Waiting as (\S+),", 10).group(1)
        names = self.seen()
        self.assertEqual(len(names), 1)
        name, line = names.popitem()
        self.assertEqual(name.replace(r"\064", "@"), own)
        self.assertRegex(own, "^[a-z]{10}@[a-z]{10}$")
        host, address, port, txt = line.split(";", 9)[6:]
        self.assertEqual((host, address, port), (own.split("@")[1] + ".local", self.balcony.address, "5298"))
        # One contact or eight: the same number of tags.
        self.assertRegex(txt, r'^"tr=[A-Za-z0-9+/]{86}==" "txtvers=1"$')
        for personal in "juliet", "romeo", "balcony", self.juliet.pin()[:16]:
            self.assertNotIn(personal, line.lower())

    def test_default__shows_a_stranger_only_a_random_name__and_another_one_next_time(self):
        self.meet()
        tybalt = self.person("tybalt", self.street)
        names = set()
        for _ in range(2):
            with self.juliet.troth("chat") as one:
                names.add(one.wait_for(r"Waiting as (\S+),", 10).group(1))
                who, = json.loads(tybalt.done("--json", "nearby", "--once"))
                self.assertIn(who["name"], names)
                self.assertEqual((who["perhaps"], who["nick"], who["message"]), (None, None, None))
                who, = json.loads(self.romeo.done("--json", "nearby", "--once"))
                self.assertEqual(who["perhaps"], "juliet")
        self.assertEqual(len(names), 2)

    def test_announce__shows__what_was_asked_for_and_no_more(self):
        one = self.start(self.juliet, "chat", "--announce=nick,name=juliet@capulet")
        one.wait_for("Waiting as juliet@capulet,", 10)
        (name, line), = self.seen().items()
        self.assertEqual(name, r"juliet\064capulet")
        self.assertEqual(sorted(key.split("=")[0] for key in re.findall(r'"([^"]*)"', line)),
                         ["hash", "nick", "node", "port.p2pj", "tr", "txtvers", "ver"])
        self.assertIn('"nick=juliet"', line)

    def test_caller__announces_nothing__when_it_only_pairs_or_sends(self):
        window, name, secret = self.window(self.juliet)
        caller = self.caller(self.romeo, name)
        self.assertEqual([n.replace(r"\064", "@") for n in self.seen()], [name])
        caller.send_line(secret)
        self.ends(caller, 0)
        self.ends(window, 0)


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
