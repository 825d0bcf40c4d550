#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A server that loses, delays, mixes up, repeats and alters what two contacts send each other."""
import copy
import random
import unittest
import xml.etree.ElementTree as ET

from betrayed import JINGLE, S5B, Betrayed, action, block_of, with_block, without_candidates


class Delivery(Betrayed, unittest.TestCase):
    def listens(self):
        return self.listen(self.juliet)

    def in_band_as(self, tamper):
        """In-band, and then what `tamper` does."""
        self.server.tamper = lambda stanza: [two for one in without_candidates(stanza) for two in tamper(one)]

    # ---- lost ----

    def test_lost__each_in_turn__costs_time_only(self):
        listener = self.listens()
        for lost in ("session-initiate", "session-accept", "transport-info"):
            with self.subTest(lost):
                self.server.tamper = lambda stanza: [] if action(stanza) == lost else [stanza]
                status, told = self.send(f"without {lost}", (0, 3), timeout=2)
                if status != 0:
                    self.assertIn("in time", told)
        self.server.tamper = lambda stanza: [stanza]
        self.arrives(listener, "at last")

    def test_lost_block__ends_the_stream__and_the_next_one_works(self):
        listener = self.listens()
        for number in range(1, 6):
            with self.subTest(number):
                blocks = []

                def lose(stanza):
                    if block_of(stanza) is not None:
                        blocks.append(stanza)
                        if len(blocks) == number:
                            return []
                    return [stanza]
                self.in_band_as(lose)
                self.send(f"without block {number}", (0, 3), timeout=2)
        self.in_band_as(lambda stanza: [stanza])
        self.arrives(listener, "whole")

    # ---- late, mixed up, twice ----

    def test_delay__that_mixes_everything_up__costs_time_only(self):
        listener, chance = self.listens(), random.Random(7)

        def delay(stanza):
            self.server.later(chance.random() / 20, stanza)
            return []
        for path in (lambda: setattr(self.server, "tamper", delay), lambda: self.in_band_as(delay)):
            path()
            status, _ = self.send("in any order", (0, 3), timeout=5)
            self.assertLessEqual(self.shown(listener).count("in any order"), 2)
        self.server.tamper = lambda stanza: [stanza]
        self.arrives(listener, "in order")

    def test_everything_twice__is_shown_once(self):
        listener = self.listens()
        self.server.tamper = lambda stanza: [stanza, stanza]
        self.arrives(listener, "once directly")
        self.in_band_as(lambda stanza: [stanza, stanza])
        self.send("once in-band", (0, 3), timeout=3)
        listener.never("nothing", 0)  # reads what is there
        self.assertLessEqual(self.shown(listener).count("once in-band"), 1)

    def test_replay__of_whole_conversations__shows_nothing(self):
        listener = self.listens()
        conversations = []
        for text, how in (("said directly", lambda s: [s]), ("said in-band", without_candidates)):
            self.server.tamper = how
            self.arrives(listener, text)
        conversations = list(self.server.delivered)
        self.server.tamper = lambda stanza: [stanza]
        listener.close()
        again = self.listens()
        [juliet] = self.server.full(self.juliet.jid)
        for stanza in conversations:  # to the device as it is now, from whom they were from
            if stanza.get("from").startswith(self.romeo.jid):
                copied = copy.deepcopy(stanza)
                copied.set("to", juliet)
                self.server.do(lambda: self.server.deliver(copied))
        self.arrives(again, "said anew")
        self.assertEqual(self.shown(again), ["said anew"])

    # ---- altered ----

    def test_offers__that_were_altered__are_delay_or_a_refusal(self):
        listener = self.listens()

        def attribute(name, value, where=S5B + "candidate"):
            def change(stanza):
                for element in stanza.iter(where):
                    element.set(name, value)
            return change

        def add(parent, text):
            def change(stanza):
                for element in list(stanza.iter(parent)):
                    element.append(ET.fromstring(text))
            return change
        changes = {
            "host": attribute("host", "127.0.0.1"), "port": attribute("port", "1"),
            "cid": attribute("cid", "one"), "type": attribute("type", "tunnel"),
            "priority": attribute("priority", "4294967296"),
            "sid": attribute("sid", "other", S5B + "transport"),
            "dstaddr": attribute("dstaddr", "0" * 40, S5B + "transport"),
            "initiator": attribute("initiator", "tybalt@capulet.test/x", JINGLE + "jingle"),
            "action": attribute("action", "session-info", JINGLE + "jingle"),
            "name": attribute("name", "other", JINGLE + "content"),
            "security": add(JINGLE + "content", "<security xmlns='urn:xmpp:jingle:security:xtls:0'>"
                            "<fingerprint algo='sha-1'>00</fingerprint><method name='x509'/></security>"),
            "hints": add("{urn:xmpp:jingle:apps:xmlstream:0}description",
                         "<hints xmlns='urn:xmpp:troth:0'><offer xmlns='urn:xmpp:tmp:c2ctls'><insecure/></offer>"
                         "</hints>"),
        }
        for name, change in changes.items():
            with self.subTest(name):
                def alter(stanza):
                    if action(stanza) is not None:
                        change(stanza)
                    return [stanza]
                self.server.tamper = alter
                self.send(f"despite {name}", (0, 3), timeout=2)
        self.server.tamper = lambda stanza: [stanza]
        self.arrives(listener, "unaltered")

    def altered(self, old, new, text):
        """What becomes of a message if words in clear are changed on their way, either way."""
        self.in_band_as(lambda stanza: [stanza] if block_of(stanza) is None else
                        [with_block(stanza, block_of(stanza).replace(old, new))])
        status, told = self.send(text, (3, 4, 5), timeout=5)
        return status, told

    def test_words_in_clear__that_were_altered__are_seen(self):
        listener = self.listens()
        for old, new in ((b"<transcript", b"<transcrypt"), (b"<required/>", b"<requiren/>"),
                         (b"xmpp-tls", b"xmpp-tlt"), (b"version=", b"versiom=")):
            with self.subTest(old):
                self.altered(old, new, "my secret")
        listener.never("my secret", 0)

    def test_bytes_of_tls__that_were_altered__end_the_stream(self):
        listener = self.listens()
        for number in range(4, 12):
            with self.subTest(number):
                blocks = []

                def flip(stanza):
                    block = block_of(stanza)
                    if block is None:
                        return [stanza]
                    blocks.append(block)
                    if len(blocks) != number:
                        return [stanza]
                    return [with_block(stanza, block[:-1] + bytes([block[-1] ^ 1]))]
                self.in_band_as(flip)
                self.send(f"altered {number}", (0, 3, 5), timeout=3)
        self.server.tamper = lambda stanza: [stanza]
        self.arrives(listener, "unaltered")


if __name__ == "__main__":
    unittest.main(verbosity=2)
