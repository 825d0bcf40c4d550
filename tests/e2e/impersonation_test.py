#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A server that says who is who as it likes: it lets others sign in as a contact, comes between two, and
speaks in people's names. Only the key can't be had."""
import copy
import time
import unittest
import xml.etree.ElementTree as ET

from betrayed import IBB, JINGLE, Betrayed, action, block_of, with_block, without_candidates
from people import Person
from splice import Splice

PUBSUB = "http://jabber.org/protocol/pubsub"
FORGED = "http://jabber.org/protocol/commands"


class Impersonation(Betrayed, unittest.TestCase):
    def impostor(self, jid):
        """Somebody who has another key, signed in to that account: he has taken a name, too."""
        tybalt = Person(self.folder, f"as-{jid.split('@')[0]}")
        tybalt.jid = jid
        self.sign_in(tybalt, jid)
        return tybalt

    def test_account_of_a_contact__isnt_its_key(self):
        tybalt = self.impostor(self.juliet.jid)
        listener = self.start(tybalt, "pair")  # or strangers aren't let in at all
        listener.wait_for("Signed in as", 20)
        _, told = self.send("my secret", 5)
        self.assertRegex(told, "doesn't show the key|showed another key")
        self.assertIn("somebody may be in between", told)
        listener.never("my secret|is connected", 0)
        chat = self.start(self.romeo, "chat", "juliet")
        chat.send_line("my secret")
        self.assertEqual(chat.wait(30), 5, chat.transcript)
        listener.never("my secret", 0)

    def test_account_of_a_contact__calls_nobody_as_that_contact(self):
        tybalt = self.impostor(self.romeo.jid)
        listener = self.listen(self.juliet)
        with tybalt.troth("send", "--no-lan", "--accept=anyone", "--timeout=5", self.juliet.jid, "I am romeo") as send:
            self.assertIn(send.wait(30), (4, 5), send.transcript)
        listener.never("I am romeo", 0)
        self.arrives(listener, "I am")

    def test_account_without_the_secret__pairs_with_nobody(self):
        nurse = self.person("nurse", "capulet.test")
        tybalt = self.impostor(nurse.jid)
        window = self.start(tybalt, "pair")
        window.wait_for("Signed in as", 20)
        caller = self.start(self.romeo, "pair", nurse.jid, pty=True)
        for _ in range(3):
            caller.wait_for("Secret shared with .*: ", 20)
            caller.send_line("what the nurse told him")
        self.assertEqual(caller.wait(30), 4, caller.transcript)
        self.assertIn("The two secrets differ", caller.transcript)
        window.wait_for("7 more tries", 10)
        self.assertEqual(tybalt.contacts(), [])

    def crowd(self, whose, priority=100):
        """More clients of somebody than anybody keeps, who came before, want to be called first, and say
        nothing to whatever they are asked. Returns how often one was asked."""
        asked = []

        def tamper(stanza):
            if "/crowd" in (stanza.get("to") or ""):
                asked.append(stanza)
                return []
            if stanza.tag.endswith("}presence") and (stanza.get("from") or "").startswith(whose.jid + "/"):
                return [*(self.one_of_crowd(stanza, number, priority) for number in range(40)), stanza]
            return [stanza]
        self.server.tamper = tamper
        return asked

    @staticmethod
    def one_of_crowd(presence, number, priority):
        other = copy.deepcopy(presence)
        other.set("from", f"{presence.get('from').split('/')[0]}/crowd{number}")
        ET.SubElement(other, "{jabber:client}priority").text = str(priority)
        return other

    def test_clients_that_say_nothing__dont_keep_a_contact_from_being_reached(self):
        listener = self.listen(self.juliet)
        asked = self.crowd(self.juliet)
        for text in "in the crowd", "once more":
            began = time.monotonic()
            self.arrives(listener, text)
            self.assertLess(time.monotonic() - began, 10)
        self.assertGreater(len(asked), 0)

    def test_clients_that_say_nothing__dont_keep_two_from_pairing(self):
        nurse = self.person("nurse", "capulet.test")
        asked = self.crowd(nurse)
        began = time.monotonic()
        self.pair(nurse, self.romeo)
        self.assertLess(time.monotonic() - began, 20)
        self.assertGreater(len(asked), 0)
        self.assertEqual(nurse.contacts(), ["romeo"])
        self.romeo.done("trust", "forget", "nurse", "--yes", status=None)

    def test_words_of_the_server__arent_a_contacts(self):
        listener = self.listen(self.juliet)
        chat = self.start(self.romeo, "chat", "juliet")
        listener.wait_for('"event":"up"', 20)
        [juliet], [romeo] = self.server.full(self.juliet.jid), self.server.full(self.romeo.jid)
        roster = "<query xmlns='jabber:iq:roster'><item jid='{}' subscription='{}'/></query>"
        for text in (
                "<message from='{from}' type='chat' id='m'><body>I never said that</body></message>",
                "<message from='{from}' type='error' id='m'><error type='cancel'/></message>",
                "<message from='{from}'><received xmlns='urn:xmpp:receipts' id='m'/></message>",
                "<message from='{bare}'><event xmlns='" + PUBSUB + "#event'><items node='urn:xmpp:tmp:pubkey'>"
                "<item id='0000000000000000000000000000000000000000'/></items></event></message>",
                "<presence from='{from}' type='unsubscribed'/>", "<presence from='{from}' type='unsubscribe'/>",
                "<presence from='{from}' type='subscribe'/>", "<presence from='{from}' type='error'/>",
                "<iq type='set' id='r1'>" + roster.format("{bare}", "remove") + "</iq>",
                "<iq type='set' id='r2'>" + roster.format("tybalt@capulet.test", "both") + "</iq>",
                "<iq type='result' id='x' from='{from}'><pubkeys xmlns='urn:xmpp:tmp:pubkey'/></iq>",
                "<iq type='get' id='k' from='{from}'><pubkeys xmlns='urn:xmpp:tmp:pubkey'/></iq>",
                "<iq type='set' id='c' from='{from}'><command xmlns='" + FORGED + "' node='x'/></iq>"):
            self.server.inject(text.replace("{from}", juliet).replace("{bare}", self.juliet.jid), self.romeo.jid)
            self.server.inject(text.replace("{from}", romeo).replace("{bare}", self.romeo.jid), self.juliet.jid)
        self.said.add("what I say")
        chat.send_line("what I say")
        listener.wait_for('"text":"what I say"', 20)
        chat.wait_for("✓ what I s", 20)
        chat.never("I never said that|Tybalt", 0)

    def test_stream_that_has_proved_itself__isnt_led_through_the_server__by_its_word(self):
        """In-band is for what carries nothing: the server would hear when who says how much, and cut it unseen."""
        listener = self.listen(self.juliet)
        chat = self.start(self.romeo, "chat", "juliet")
        self.assertEqual(self.up(listener)["path"], "direct")
        self.said |= {"before", "after"}
        chat.send_line("before")
        chat.wait_for("✓ before", 20)  # both have heard each other
        [start] = [s for s in self.server.delivered if action(s) == "session-initiate"]
        sid, name = start[0].get("sid"), start[0].find(JINGLE + "content").get("name")
        for number, (sender, hears) in enumerate(((start.get("from"), self.juliet.jid),
                                                  (start.get("to"), self.romeo.jid))):
            self.server.inject(
                f"<iq type='set' id='w{number}' from='{sender}'><jingle xmlns='urn:xmpp:jingle:1' sid='{sid}' "
                f"action='transport-replace'><content creator='initiator' name='{name}'><transport "
                "xmlns='urn:xmpp:jingle:transports:ibb:1' sid='instead' block-size='4096'/></content></jingle></iq>",
                hears)
        chat.send_line("after")
        listener.wait_for('"text":"after"', 20)
        chat.wait_for("✓ after", 20)
        self.assertNotIn('"event":"down"', listener.transcript)
        self.assertEqual(listener.transcript.count('"event":"up"'), 1)
        self.assertFalse([s for s in self.server.delivered if s.find(IBB + "open") is not None])

    def test_session_ended_by_the_server__is_opened_again(self):
        """Whoever knows its number ends it: time is all that is lost."""
        listener = self.listen(self.juliet)
        chat = self.start(self.romeo, "chat", "juliet")
        for number in range(3):
            listener.wait_for('"event":"up"', 30)
            starts = [s for s in self.server.delivered if action(s) == "session-initiate"]
            jingle = starts[-1][0]
            self.server.inject(
                f"<iq type='set' id='t{number}' from='{starts[-1].get('from')}'><jingle xmlns='urn:xmpp:jingle:1' "
                f"action='session-terminate' sid='{jingle.get('sid')}'><reason><gone/></reason></jingle></iq>",
                self.juliet.jid)
            self.said.add(f"after {number}")
            chat.send_line(f"after {number}")
            listener.wait_for(f'"text":"after {number}"', 30)
            if number < 2:
                chat.send_line("/quit")
                chat.wait(20)
                chat = self.start(self.romeo, "chat", "juliet")


class Between(Betrayed, unittest.TestCase):
    def test_server_between_two__by_its_own_certificate__is_found_out(self):
        listener = self.listen(self.juliet)
        splices, counts, last = {}, {}, {}

        def splice(stanza):
            block = block_of(stanza)
            if block is None:
                return without_candidates(stanza)
            sid = stanza.find(IBB + "data").get("sid")
            end = "caller" if stanza.get("from").startswith(self.romeo.jid) else "called"
            found = splices.setdefault(sid, Splice(self.server.folder))
            last[sid, end] = stanza
            out = []
            for to, data in found.take(end, block).items():
                other = "called" if to == "caller" else "caller"
                for at in range(0, len(data), 4096):
                    if (sid, other) in last:
                        number = counts.get((sid, other), 0)
                        counts[sid, other] = number + 1
                        one = with_block(last[sid, other], data[at:at + 4096])
                        one.find(IBB + "data").set("seq", str(number))
                        one.set("id", f"{stanza.get('id')}-{to}-{at}")
                        out.append(one)
            answer = ET.Element("{jabber:client}iq", {"type": "result", "id": stanza.get("id"),
                                                      "from": stanza.get("to"), "to": stanza.get("from")})
            return [answer, *out]
        self.server.tamper = splice
        _, told = self.send("my secret", 5, timeout=10)
        self.assertIn("showed another key than the one this contact is known by", told)
        listener.never("my secret", 0)
        found = splices.popitem()[1]
        self.assertIsNotNone(found.ends, found.clear)
        self.assertNotIn(b"my secret", found.seen)
        self.server.tamper = lambda stanza: [stanza]
        self.arrives(listener, "alone with you")


if __name__ == "__main__":
    unittest.main(verbosity=2)
