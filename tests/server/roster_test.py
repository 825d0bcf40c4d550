#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rosters on real servers: who sees whom, who asks, who is blocked, and what that lets them ask."""
import sys
import unittest

from on_server import OnServer
import servers

PING = "<ping xmlns='urn:xmpp:ping'/>"


class Roster(OnServer):
    def test_contacts__see_each_other__when_both_have_accepted(self):
        romeo, juliet, his, hers = self.two()
        self.befriend(romeo, juliet)
        romeo.send_line("roster")
        romeo.wait_for("^resource " + hers + r" 0 \S{28}$")
        self.assertEqual(romeo.ask(hers, "get", PING)[0], "ok")
        self.assertEqual(juliet.ask(his, "get", PING)[0], "ok")
        self.assertEqual(juliet.end(), 0)
        romeo.wait_for(f"^presence {hers} gone$")

    def test_refused_one__sees_nothing(self):
        romeo, juliet, _, hers = self.two()
        romeo.do(f"subscribe {self.juliet}")
        juliet.wait_for(f"^asks {self.romeo}")
        juliet.do(f"refuse {self.romeo}")
        romeo.wait_for(f"^item {self.juliet} none 0")
        self.assertEqual(romeo.ask(hers, "get", PING)[:2], ("peer-error", "service-unavailable"))

    def test_list__has_whom_it_was_given_and_not_whom_it_was_taken(self):
        romeo, juliet, _, _ = self.two()
        romeo.do(f"add {self.juliet} Giulietta")
        romeo.wait_for(f"^item {self.juliet} none 0 Giulietta$")  # before or after what the server answers
        romeo.do(f"remove {self.juliet}")
        romeo.wait_for("^roster here\nroster end$")

    def test_blocked_one__reaches_nobody(self):
        romeo, juliet, _, hers = self.two()
        self.befriend(romeo, juliet)
        juliet.do(f"block {self.romeo}")
        juliet.wait_for("^done ok$")
        juliet.wait_for(f"^item {self.romeo} both blocked ")
        self.assertEqual(romeo.ask(hers, "get", PING)[:2], ("peer-error", "service-unavailable"))
        juliet.do(f"unblock {self.romeo}")
        juliet.wait_for(f"^item {self.romeo} both 1 ")
        self.assertEqual(romeo.ask(hers, "get", PING)[0], "ok")

    def test_other_client_of_ours__sees_the_change(self):
        garden, balcony = self.peer(f"{self.romeo}/garden"), self.peer(f"{self.romeo}/balcony")
        for peer in (garden, balcony):
            peer.connect()
            peer.wait_for("^roster end$")
        garden.do("add mercutio@montague.test Mercutio")
        balcony.wait_for("^item mercutio@montague.test none 0 Mercutio$")


class OnProsody(Roster, unittest.TestCase):
    kind = servers.Prosody


class OnEjabberd(Roster, unittest.TestCase):
    kind = servers.Ejabberd


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
