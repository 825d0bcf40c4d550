#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Several clients of one account: which is called, and what each says for its key."""
import json
import queue
import shutil
import unittest
import xml.etree.ElementTree as ET

from betrayed import Betrayed, action
from courier import local
from people import Person

CLIENT = "{jabber:client}"
OFFER = "{urn:xmpp:tmp:c2ctls}offer"
PUB = "{urn:xmpp:tmp:pubkey}"
DISCO = "{http://jabber.org/protocol/disco#info}query"


class Clients(Betrayed, unittest.TestCase):
    def other(self, name):
        """Another client of Juliet's account, with a key of its own."""
        other = Person(self.folder, name, nick=False)
        other.jid = self.juliet.jid
        self.sign_in(other, other.jid)
        return other

    def listen_at(self, person):
        """Its listener and full address."""
        before = self.server.full(person.jid)
        listener = self.listen(person)
        [at] = set(self.server.full(person.jid)) - set(before)
        return listener, at

    def prefer(self, at):
        """The server says that its owner wants that client to be called first."""
        def tamper(stanza):
            if local(stanza) == "presence" and stanza.get("from") == at:
                ET.SubElement(stanza, CLIENT + "priority").text = "100"
            return [stanza]
        self.server.tamper = tamper
        return tamper

    def called(self):
        """Whom Romeo has called, in that order."""
        return [s.get("to") for s in self.server.delivered if action(s) == "session-initiate"]

    def test_client_that_names_the_contacts_key__is_called__whichever_goes_first_by_priority(self):
        other, preferred = self.listen_at(self.other("other"))
        self.prefer(preferred)
        mine, at = self.listen_at(self.juliet)
        self.arrives(mine, "to the one who has the key")
        self.assertEqual(self.called(), [at])
        other.never('"event":"(up|failed)"', 0)

    def test_priority__decides__where_nobody_says_more(self):
        """What would happen above if the keys weren't asked for."""
        _, preferred = self.listen_at(self.other("other"))
        tamper = self.prefer(preferred)
        self.server.tamper = lambda stanza: [] if stanza.find(OFFER) is not None else tamper(stanza)
        mine, at = self.listen_at(self.juliet)
        self.arrives(mine, "to the one after")
        self.assertEqual(self.called(), [preferred, at])

    def probe(self):
        """What each client says, by its address, the first to be called first."""
        text = self.done(self.romeo, "probe", "--json", self.juliet.jid)
        lines = [line for line in text.splitlines() if line.startswith("{")]  # the others are notes
        return {row["resource"]: row for row in map(json.loads, lines) if "resource" in row}

    def test_offer__that_says_too_much__is_no_answer(self):
        """The server alters what her client says: it isn't called first for it, and nothing else comes of it."""
        word = (f"<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>{'0' * 40}</name><signature><issuer>{'1' * 40}</issuer>"
                "<value method='OpenPGP'>AAAA</value><endorsed xmlns='urn:xmpp:troth:0' purpose='device' jid='' "
                "issued='2026-11-21T00:00:00Z' expires='2027-11-21T00:00:00Z'/></signature></keyinfo>")
        _, at = self.listen_at(self.juliet)
        for count, answers in (32, True), (33, False), (100, False):
            def tamper(stanza, count=count):
                offer = stanza.find(OFFER)
                if offer is not None and stanza.get("type") == "result":
                    offer.extend(ET.fromstring(word) for _ in range(count))
                return [stanza]
            self.server.tamper = tamper
            row = self.probe()[at]
            self.assertEqual((row["answers"], row["proves"], len(row["says"])), (answers, answers, 32 if answers else 0))
            self.assertEqual([w["counts"] for w in row["says"]], [False] * len(row["says"]))

    def test_who_endorses_us__is_said_to_contacts_alone(self):
        nurse = self.person("nurse", "capulet.test")
        self.listen(nurse)
        self.listen(self.juliet)
        self.romeo.done("user", "init", "--offline", f"{self.folder}/romeos.pem")
        for jid, words in (self.juliet.jid, 2), (nurse.jid, 0):  # for the key of the device; the user key's name
            self.done(self.romeo, "probe", "--timeout=5", jid, status=None)
            [asked] = [s.find(OFFER) for s in self.server.delivered
                       if s.find(OFFER) is not None and s.get("type") == "get" and s.get("to").startswith(jid)]
            names = asked.findall(PUB + "keyinfo")
            self.assertEqual(len(names), 1 + words // 2)
            said = [e.tag for e in names[0] if e.tag != PUB + "name"]
            self.assertEqual(len(said), words, said)

    def test_strangers_who_say_nothing__dont_keep_a_contact_from_being_asked(self):
        """Whoever takes anyone asks each what it can; there are only so many questions."""
        asked, elsewhere = queue.Queue(), f"{self.romeo.jid}/elsewhere"

        def tamper(stanza):
            if stanza.find(DISCO) is None or stanza.get("type") != "get":
                return [stanza]
            asked.put(stanza.get("to"))
            return []  # nobody answers
        self.listen(self.juliet, "--accept=anyone")
        self.server.tamper = tamper
        for jid in (*(f"m{n}@den.test/x" for n in range(64)), elsewhere):
            self.server.inject(f"<presence from='{jid}'/>", to=self.juliet.jid)
        found = [asked.get(timeout=10)]
        while found[-1] != elsewhere:
            found.append(asked.get(timeout=10))
        self.assertTrue(found[0].startswith("m0@"), found)

    def test_new_device__is_known_by_who_endorses_it__before_it_is_called(self):
        stick = f"{self.folder}/user.pem"
        phone, stranger = self.other("phone"), self.other("stranger")
        for device in phone, stranger:  # they know Romeo and his account
            shutil.copy(self.juliet.home / "trust.db", device.home)
        self.juliet.done("user", "init", "--offline", stick)
        with self.listen(self.romeo):
            self.said.add("my user key")
            self.done(self.juliet, "send", "romeo", "my user key")
        phone.done("user", "endorse", "--user-key", stick)
        _, nobody = self.listen_at(stranger)
        _, new = self.listen_at(phone)
        self.prefer(nobody)
        found = self.probe()
        self.assertEqual(list(found), [new, nobody])
        first, second = found[new], found[nobody]
        self.assertEqual((first["chosen"], first["proves"], first["result"], first["contact"]),
                         (True, True, "ok", "juliet"), first)
        [says] = first["says"]
        self.assertEqual((says["key"], says["purpose"], says["counts"]), (first["keys"][0], "device", True))
        self.assertEqual((second["chosen"], second["proves"], second["says"]), (False, False, []), second)
        text = self.done(self.romeo, "probe", self.juliet.jid)
        self.assertIn(f"endorsed by {says['endorsed_by']}, which counts for juliet", text)
        self.assertIn("first: it says that it can prove its key", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
