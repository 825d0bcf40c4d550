#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Servers that lie, and peers whom a server lets do what they like: nothing but delay comes of it."""
import re
import sys
import unittest

from account_peer import Peer
from hostile import BIND, HEADER, SASL, TLS, Hostile

OWN = "romeo@montague.test"
FULL = OWN + "/garden"
ITEM = "<query xmlns='jabber:iq:roster'><item jid='tybalt@capulet.test' subscription='both'/></query>"
DISCO = "<query xmlns='http://jabber.org/protocol/disco#info'/>"


class AgainstHostile(unittest.TestCase):
    def setUp(self):
        self.server = Hostile()
        self.addCleanup(self.server.close)

    def begin(self, *how, presence=True):
        romeo = Peer(FULL, "secret", self.server.port, self.server.ca, *how)
        self.addCleanup(romeo.close)
        if presence:
            romeo.do("presence")
        romeo.do("connect")
        return romeo

    def up(self, *how):
        """Signed in; with an empty roster."""
        romeo = self.begin(*how)
        line = self.server.sign_in()
        romeo.wait_up()
        self.roster(line, "")
        romeo.wait_for("^roster end$")
        return romeo, line

    def managed(self):
        """Signed in, with a stream that could be resumed."""
        romeo = self.begin("resume", presence=False)
        line = self.manage()
        romeo.wait_up()
        return romeo, line

    def manage(self):
        line = self.server.sign_in()
        line.wait_for("<enable [^>]*>")
        line.send("<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>")
        return line

    def roster(self, line, items):
        number = line.wait_for(r"id='(\w+)'><query xmlns='jabber:iq:roster'")[1]
        line.send(f"<iq type='result' id='{number}'><query xmlns='jabber:iq:roster'>{items}</query></iq>")

    def alive(self, romeo, line):
        """Still the same connection."""
        romeo.send_line("ask montague.test get 20000 <ping xmlns='urn:xmpp:ping'/>")
        number = line.wait_for(r"id='(\w+)' to='montague.test'><ping")[1]
        line.send(f"<iq type='result' id='{number}' from='montague.test'/>")
        romeo.wait_for("^answer ok")

    # ---- before it is signed in ----

    def test_empty_error_in_clear__costs_a_connection(self):
        romeo = self.begin()
        line = self.server.accept()
        line.send(HEADER + "<stream:error/>")
        self.assertTrue(romeo.wait_down()[1])
        self.server.sign_in()
        romeo.wait_up()

    def test_server_without_tls__gets_no_password(self):
        romeo = self.begin()
        line = self.server.accept()
        line.send(HEADER + "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                  "<mechanism>PLAIN</mechanism></mechanisms></stream:features>")
        self.assertEqual(romeo.wait_down(), ("no-tls", False))
        self.assertTrue(line.is_cut())
        self.assertNotIn("auth", line.read)

    def test_words_in_clear_after_proceed__arent_taken_for_words_inside(self):
        success = ("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/><iq type='result' id='_xmpp_bind1'>"
                   f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{FULL}</jid></bind></iq>")
        for words in (success, BIND + success):
            with self.subTest(words):
                romeo = self.begin()
                line = self.server.accept()
                line.send(HEADER + TLS)
                line.wait_for("<starttls[^>]*>")
                line.send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + words)
                line.start_tls(self.server)
                line.wait_for("<stream:stream[^>]*>")
                line.send(HEADER + SASL)
                line.wait_for("</auth>")  # which it wouldn't send if it took itself for signed in
                romeo.never("^up ", 0)
                romeo.close()

    def test_address_of_somebody_else__is_refused(self):
        for jid in ("tybalt@capulet.test/x", "romeo@montague.test", "", "<![CDATA[a@b@c/]]>"):
            with self.subTest(jid):
                romeo = self.begin()
                self.server.sign_in(jid)
                self.assertEqual(romeo.wait_down(), ("broken", True))
                romeo.close()

    def test_certificate__is_shown_and_no_password__when_that_is_how_to_sign_in(self):
        romeo = Peer(FULL, "-", self.server.port, self.server.ca, "certificate")
        self.addCleanup(romeo.close)
        romeo.send_line("certificate")
        der = bytes.fromhex(romeo.wait_for("^certificate (.*)$")[1])
        self.server.ask_certificate(der)
        romeo.do("connect")
        line = self.server.accept()
        self.server.secure(line)
        line.send(HEADER + SASL.replace("PLAIN", "EXTERNAL</mechanism><mechanism>PLAIN"))
        line.wait_for('mechanism="EXTERNAL"')
        self.assertEqual(line.sock.getpeercert(binary_form=True), der)
        line.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
        self.assertTrue(line.is_cut() and "PLAIN" not in line.read)

    # ---- forgeries ----

    def test_push_from_a_stranger__is_refused_and_changes_nothing(self):
        romeo, line = self.up()
        for sender in ("tybalt@capulet.test", "montague.test", OWN + "/other"):
            line.send(f"<iq type='set' id='p1' from='{sender}'>{ITEM}</iq>")
            line.wait_for("<iq type='error' id='p1'[^>]*>.*?<service-unavailable")
        self.alive(romeo, line)
        self.assertNotIn("jabber:iq:roster", line.read)

    def test_push__puts_nothing_in_by_itself(self):
        romeo, line = self.up()
        # `x:from` is taken for `from` by libstrophe: this one looks as if it came from our account.
        line.send(f"<iq type='set' id='p1' from='tybalt@capulet.test' xmlns:x='urn:x' x:from='{OWN}'>{ITEM}</iq>")
        self.roster(line, "<item jid='juliet@capulet.test' subscription='both'/>")
        romeo.wait_for(r"^roster here\nitem juliet@capulet.test both 0 -\nroster end$")
        line.send(f"<iq type='get' id='d1' from='tybalt@capulet.test/x'>{DISCO}</iq>")
        line.wait_for("<iq type='error' id='d1'[^>]*>.*?<service-unavailable")
        line.send(f"<iq type='get' id='d2' from='juliet@capulet.test/x'>{DISCO}</iq>")
        line.wait_for("<iq type='result' id='d2'[^>]*>.*?<identity")

    def test_answer_of_somebody_else__isnt_taken(self):
        romeo, line = self.up()
        romeo.send_line(f"ask juliet@capulet.test/x get 20000 {DISCO}")
        number = line.wait_for(r"id='(\w+)' to='juliet@capulet.test/x'")[1]
        for sender in ("tybalt@capulet.test/x", "juliet@capulet.test", OWN, "montague.test", "@"):
            line.send(f"<iq type='result' id='{number}' from='{sender}'><forged xmlns='urn:f'/></iq>")
        line.send(f"<iq type='result' id='{number}'><forged xmlns='urn:f'/></iq>")
        line.send(f"<iq type='result' id='{number}' from='juliet@capulet.test/x'><right xmlns='urn:r'/></iq>")
        answer = romeo.wait_for("^answer ok .*$")[0]
        self.assertIn("<right", answer)

    def test_answer_to_nothing_of_the_account__is_for_whoever_asks_by_himself(self):
        romeo, line = self.up()
        line.send("<iq type='result' id='x1' from='juliet@capulet.test/x'/>")
        romeo.wait_for("^stanza <iq .*x1")
        self.alive(romeo, line)
        self.assertNotRegex(line.read, "x1")

    def test_change_of_keys__is_a_hint_only(self):
        romeo, line = self.up()
        event = ("<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:tmp:pubkey'>"
                 "<item id='x'/></items></event>")
        line.send(f"<message from='juliet@capulet.test'>{event}</message>")
        romeo.wait_for("^keys-changed juliet@capulet.test$")
        line.send(f"<message from='juliet@capulet.test/x'>{event}</message>")
        self.alive(romeo, line)
        romeo.never("^keys-changed", 0)

    def test_presence_of_strangers__is_shown_to_nobody_and_kept_nowhere(self):
        romeo, line = self.up()
        for number in range(2000):
            line.send(f"<presence from='tybalt{number}@capulet.test/x'/>")
        self.alive(romeo, line)
        romeo.never("^presence ", 0)

    # ---- floods ----

    def test_too_large_a_stanza__is_dropped_alone(self):
        romeo, line = self.up()
        line.send(f"<message from='tybalt@capulet.test/x'><body>{'a' * 300_000}</body></message>")
        self.alive(romeo, line)
        romeo.never("^stanza <message", 0)

    def test_too_deep_a_stanza__is_dropped_alone(self):
        romeo, line = self.up()
        line.send("<message from='tybalt@capulet.test/x'>" + "<a>" * 20_000 + "</a>" * 20_000 + "</message>")
        self.alive(romeo, line)
        romeo.never("^stanza <message", 0)

    def test_endless_stanza__costs_a_connection(self):
        romeo, line = self.up()
        line.send("<message from='tybalt@capulet.test/x'><body>")
        with self.assertRaises(OSError):
            while True:
                line.send("<a>" * 16384)
        self.assertEqual(romeo.wait_down(), ("broken", True))
        self.server.sign_in()
        romeo.wait_up()

    def test_what_isnt_xml__costs_a_connection(self):
        for bad in ("<message></presence>", "<message>&nobody;</message>", b"<message>\xff</message>"):
            with self.subTest(bad):
                romeo, line = self.up()
                line.send(bad)
                self.assertTrue(romeo.wait_down()[1])
                romeo.close()

    def test_server__is_asked_seldom_what_it_has_got(self):
        romeo, line = self.managed()
        self.alive(romeo, line)
        seen = ""
        for number in range(100):
            romeo.do(f"send <message xmlns='jabber:client' to='juliet@capulet.test'><body>{number}"
                     f"{'-' * 1000}</body></message>")
        while not seen.endswith("</message>") or "<body>99-" not in seen:
            seen += line.sock.recv(65536).decode()
        self.assertEqual(re.findall("<body>([0-9]+)", seen), [str(n) for n in range(100)])
        self.assertIn("<r xmlns='urn:xmpp:sm:3'/>", seen)
        self.assertLess(seen.count("<r "), 5)

    def test_resumption_of_nothing__costs_a_connection(self):
        romeo = self.begin("resume")
        line = self.server.sign_in()
        line.wait_for("<enable [^>]*>")
        line.send("<resumed xmlns='urn:xmpp:sm:3' previd='x' h='0'/>")
        self.assertTrue(romeo.wait_down()[1])
        self.manage()
        romeo.wait_up()

    def test_account__says_nothing__until_the_server_counts(self):
        romeo = self.begin("resume")
        line = self.server.sign_in()
        line.wait_for("<enable [^>]*>")
        romeo.never("^up ", 0.5)
        line.send("<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>")
        romeo.wait_up()
        self.assertNotIn("<presence", line.read)
        line.wait_for("<presence")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
