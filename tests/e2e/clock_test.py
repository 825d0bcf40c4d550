#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Time: hours go by, a peer falls silent, a clock is wrong by twenty years. The command runs with
a clock that the test sets (clock.c): nothing here waits for what a clock can be told."""
import time
import unittest

from machines import YEAR, Machines
from namespace import become_root


class Silence(Machines):
    clocked = True

    def pass_for_both(self, seconds, one, two):
        self.juliet.clock.pass_(seconds, one)
        self.romeo.clock.pass_(seconds, two)

    def test_dead_peer__is_noticed_by_ping__and_the_chat_goes_on_when_plugged(self):
        self.meet()
        one, two = self.chat()
        self.say(two, one, "But soft!")
        self.balcony.cut()  # no reset, no end: nothing says that the line is dead
        two.send_line("what light")
        one.send_line("Ay me!")
        self.pass_for_both(61, one, two)
        two.never("doesn't answer", 6)  # asked, and the answer may still come
        self.pass_for_both(31, one, two)
        one.wait_for("romeo: The other side doesn't answer any more", 10)
        two.wait_for("juliet: The other side doesn't answer any more", 10)
        two.wait_for("Trying again", 5)
        two.send_line("through yonder window")
        two.wait_for("Kept until juliet is connected", 5)
        self.balcony.plug()
        for text in "what light", "through yonder window":
            one.wait_for(r"romeo \(verified\): " + text, 60)
        two.wait_for(r"juliet \(verified\): Ay me!", 60)
        two.wait_for("✓ through", 10)
        one.wait_for("✓ Ay me!", 10)
        self.assertEqual(one.transcript.count("what light"), 1)

    def test_silence__is_no_death__while_pings_are_answered(self):
        self.meet()
        one, two = self.chat()
        for _ in range(3):
            self.pass_for_both(61, one, two)
            two.never("doesn't answer", 6)
        one.never("doesn't answer|has ended", 0.1)
        self.say(two, one, "still there")

    def test_dead_peer__is_given_up__while_a_pairing_waits_for_its_answer(self):
        window, name, secret = self.window(self.juliet)
        caller = self.caller(self.romeo, name)
        self.balcony.cut()
        caller.send_line(secret)
        caller.never("nobody was paired", 0.5)
        self.romeo.clock.pass_(31, caller)
        self.ends(caller, 3, "nobody was paired", "troth nearby")
        self.juliet.clock.pass_(181, window)
        window.wait_for("has left: .*The pairing is still open", 10)
        self.nobody_pinned()


class Hours(Machines):
    clocked = True

    def test_contacts__are_recognised__as_the_hours_go_by(self):
        """Tags are for an hour. One of the clocks is an hour ahead of the other all the time."""
        self.meet()
        self.juliet.clock.pass_(3600)
        one = self.start(self.juliet, "chat", "--port=6111")
        one.wait_for("Waiting as", 10)
        tybalt = self.person("tybalt", self.street, clocked=False)
        self.street.start_mdns()
        tags = set()
        for _ in range(3):
            two = self.start(self.romeo, "chat", "--port=0", "juliet")
            two.wait_for("Connecting to juliet", 20)
            two.wait_for("juliet is connected: verified", 10)
            two.close()
            one.wait_for("romeo is connected: verified", 5)
            tags.add(self.tags())
            self.juliet.clock.pass_(3600, one)
            self.romeo.clock.pass_(3600)
            self.until_other(tags)
        self.assertEqual(len(tags), 3)
        self.assertNotIn("juliet", tybalt.done("nearby", "--once"))

    def tags(self):
        """What is announced now: a browser shows each record once, so every look takes its own."""
        with self.street.spawn(["avahi-browse", "-pr", "_presence._tcp"]) as browse:
            return browse.wait_for(r"^=;.*;6111;(.*tr=.*)$", 10).group(1)

    def until_other(self, tags):
        until = time.monotonic() + 30
        while self.tags() in tags:
            self.assertLess(time.monotonic(), until, "the announcement stays as it was")

    def test_contacts__aren_t_recognised__by_anybody_two_hours_off__and_that_is_told(self):
        self.meet()
        self.romeo.clock.pass_(2 * 3600 + 60)
        one = self.start(self.juliet, "chat")
        one.wait_for("Waiting as", 10)
        two = self.start(self.romeo, "chat", "juliet")
        two.wait_for("juliet isn't seen yet.*is the clock right", 20)
        two.never("Connecting", 0.1)


class Years(Machines):
    """Romeo's clock is wrong by twenty years: behind, so that keys aren't valid yet, or ahead."""
    clocked = True

    def live(self, seconds):
        self.romeo.clock.pass_(seconds)
        self.meet()
        self.assertEqual((self.juliet.contacts(), self.romeo.contacts()), (["romeo"], ["juliet"]))
        one = self.start(self.juliet, "chat")
        name = one.wait_for(r"Waiting as (\S+),", 10).group(1)
        # Tags don't match; whatever is called by, the keys do.
        two = self.start(self.romeo, "chat", name)
        two.wait_for("juliet is connected: verified", 20)
        one.wait_for("romeo is connected: verified", 10)
        self.say(two, one, "But soft!")
        self.say(one, two, "Ay me!")
        two.close()
        # It is put right: nothing has been lost, and they find each other by themselves.
        self.romeo.clock.pass_(-seconds)
        two = self.start(self.romeo, "chat", "juliet")
        two.wait_for("juliet is connected: verified", 20)

    def test_clock__ahead_by_twenty_years__unpairs_nobody(self):
        self.live(20 * YEAR)

    def test_clock__behind_by_twenty_years__unpairs_nobody(self):
        self.live(-20 * YEAR)

    def test_contact__is_met_by_key__when_a_clock_jumps_later(self):
        self.meet()
        self.juliet.clock.pass_(20 * YEAR)
        one = self.start(self.juliet, "chat")
        name = one.wait_for(r"Waiting as (\S+),", 10).group(1)
        two = self.start(self.romeo, "chat", name)
        two.wait_for("juliet is connected: verified", 20)


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
