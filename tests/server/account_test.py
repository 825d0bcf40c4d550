#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Accounts on real servers: signing in and why it fails, staying signed in, answering by ourselves."""
import re
import sys
import time
import unittest

from account_peer import Peer
from on_server import OnServer
import servers
from relay import Relay

DISCO = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
PING = "<ping xmlns='urn:xmpp:ping'/>"


class Account(OnServer):
    def test_login__gives_the_account_asked_for_and_ends_in_order(self):
        romeo = self.peer(self.romeo + "/garden")
        self.assertEqual(romeo.connect(), self.romeo + "/garden")
        self.assertEqual(romeo.end(), 0)

    def test_login__gives_a_resource__when_none_was_asked_for(self):
        self.assertRegex(self.peer(self.romeo).connect(), f"^{self.romeo}/.+")

    def test_login__fails_for_good__when_the_password_is_wrong(self):
        romeo = self.peer(self.romeo, password="wrong")
        romeo.do("connect")
        self.assertEqual(romeo.wait_down(), ("wrong-password", False))
        self.assertEqual(romeo.end(), 0)

    def test_login__fails_for_good__when_no_believed_ca_vouches_for_the_server(self):
        romeo = self.peer(self.romeo, ca="-")
        romeo.do("connect")
        self.assertEqual(romeo.wait_down(), ("certificate", False))

    def test_message__arrives_with_its_sender(self):
        romeo, juliet = self.peer(self.romeo), self.peer(self.juliet)
        sender, to = romeo.connect(), juliet.connect()
        romeo.do(f"send <message xmlns='jabber:client' to='{to}' type='chat' id='a1'>"
                 "<body xml:lang='it'>Ciao &lt;&amp;&gt; \u00e8</body></message>")
        got = juliet.wait_for("^stanza (<message.*)$")[1]
        self.assertIn(f"from='{sender}'", got)
        self.assertIn("Ciao &lt;&amp;&gt; \u00e8</body>", got)

    def test_question__is_answered_or_refused_or_late(self):
        romeo, juliet = self.peer(self.romeo), self.peer(self.juliet)
        romeo.connect()
        to = juliet.connect()
        self.assertEqual(romeo.ask("montague.test", "get", DISCO)[0], "ok")
        self.assertEqual(romeo.ask("-", "get", DISCO)[0], "ok")
        self.assertEqual(romeo.ask("-", "get", "<query xmlns='jabber:iq:roster'/>")[0], "ok")
        # Whoever isn't in her roster doesn't learn that she is there, whatever he asks.
        for payload in (DISCO, PING, "<any xmlns='urn:any'/>"):
            self.assertEqual(romeo.ask(to, "get", payload)[:2], ("peer-error", "service-unavailable"))
            self.assertEqual(romeo.ask(self.juliet + "/nowhere", "get", payload)[:2],
                             ("peer-error", "service-unavailable"))

    def test_own_client__is_answered_by_itself(self):
        garden, balcony = self.peer(self.romeo + "/garden"), self.peer(self.romeo + "/balcony")
        garden.connect()
        to = balcony.connect()
        # XEP-0115: what presence says is what disco says.
        ver = garden.wait_for("balcony'.*<c [^>]*ver='([^']+)'")[1]
        self.assertEqual(garden.ask(to, "get", PING)[0], "ok")
        self.assertIn("var='urn:xmpp:ping'", garden.ask(to, "get", DISCO)[2])
        self.assertEqual(garden.ask(to, "get", "<any xmlns='urn:any'/>")[:2],
                         ("peer-error", "service-unavailable"))
        node = f"<query xmlns='http://jabber.org/protocol/disco#info' node='urn:xmpp:troth:peer#{ver}'/>"
        self.assertIn("var='urn:xmpp:ping'", garden.ask(to, "get", node)[2])

    def test_account__signs_in_again__when_the_server_was_killed_and_came_back(self):
        romeo = self.peer(self.romeo)
        romeo.connect()
        self.server.kill()
        self.assertEqual(romeo.wait_down(), ("lost", True))
        self.server.start()
        self.assertRegex(romeo.wait_up(), f"^{self.romeo}/.+")

    def test_account__resumes__when_only_the_line_was_cut(self):
        with Relay(self.server.port) as relay:
            romeo = Peer(self.romeo + "/garden", "secret", relay.port, self.server.ca, "resume")
            self.addCleanup(romeo.close)
            juliet = self.peer(self.juliet)
            to = romeo.connect()
            juliet.connect()
            self.assertEqual(romeo.ask("-", "get", DISCO)[0], "ok")
            relay.cut()
            juliet.do(f"send <message xmlns='jabber:client' to='{to}'><body>meanwhile</body></message>")
            self.assertEqual(romeo.wait_down(), ("lost", True))
            self.assertIn("resumed", romeo.wait_for(r"^up .*$")[0])
            romeo.wait_for("meanwhile")

    def test_account__sends_again_what_the_server_hasnt_got__when_it_resumes(self):
        with Relay(self.server.port) as relay:
            romeo = Peer(self.romeo + "/garden", "secret", relay.port, self.server.ca, "resume")
            self.addCleanup(romeo.close)
            juliet = self.peer(self.juliet)
            romeo.connect()
            to = juliet.connect()
            for number in range(60):
                if number == 20:  # the server has these
                    juliet.wait_for("body>line 19<")
                    relay.deaf = True
                romeo.do(f"send <message xmlns='jabber:client' to='{to}'><body>line {number}</body></message>")
            # What is behind them: when some of it was lost, they all were.
            romeo.do(f"send <message xmlns='jabber:client' to='{to}'><body>{'-' * 30_000}</body></message>")
            until = time.monotonic() + 20
            while relay.lost < 20_000:
                self.assertLess(time.monotonic(), until)
                time.sleep(0.01)
            relay.deaf = False
            relay.cut()
            self.assertIn("resumed", romeo.wait_for(r"^up .*$")[0])
            juliet.wait_for("body>line 59<")
            self.assertEqual(re.findall("body>line ([0-9]+)<", juliet.transcript), [str(n) for n in range(60)])

    def test_account__says_so__when_another_takes_its_resource(self):
        one, two = self.peer(self.romeo + "/garden"), self.peer(self.romeo + "/garden")
        one.connect()
        two.connect()
        self.assertEqual(one.wait_down(), ("conflict", False))


class OnProsody(Account, unittest.TestCase):
    kind = servers.Prosody

    def test_login__fails_for_good__when_the_certificate_is_for_another_domain(self):
        with servers.Prosody(domains=("montague.test", "verona.test"), wrong=("verona.test",),
                             accounts=[("paris@verona.test", "ppass")]) as server:
            with Peer("paris@verona.test", "ppass", server.port, server.ca) as paris:
                paris.do("connect")
                self.assertEqual(paris.wait_down(), ("certificate", False))


class OnEjabberd(Account, unittest.TestCase):
    kind = servers.Ejabberd


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
