#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A server that floods two contacts: they stay connected or come back, and hold no more memory than there
are places."""
import base64
import os
import pathlib
import unittest

from betrayed import Betrayed

# More than at rest: the floods hold several times that. Sanitizers have a memory of their own.
MOST = int(os.environ.get("MEMORY_MOST", 24 << 20))
COUNT = 20_000


def initiate(sender, to, number):
    return (f"<iq type='set' id='i{number}' from='{sender}' to='{to}'><jingle xmlns='urn:xmpp:jingle:1' "
            f"action='session-initiate' initiator='{sender}' sid='s{number}'><content creator='initiator' name='x'>"
            "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'><hints xmlns='urn:xmpp:troth:0'>"
            f"{'a' * 500}</hints></description><transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='t{number}'>"
            f"<candidate cid='c' host='127.0.0.1' port='1' jid='{sender}' priority='9' type='direct'/></transport>"
            "</content></jingle></iq>")


def memory(pid):
    """The most that a process and its children have held, in bytes."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) * 1024 + sum(memory(child) for child in children)


class Overrun(Betrayed, unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.listener = self.listen(self.juliet)
        self.arrives(self.listener, "before")
        [self.at] = self.server.full(self.juliet.jid)
        self.held = memory(self.listener.pid)

    def flood(self, text_of):
        """COUNT stanzas; and then she is there as before."""
        for start in range(0, COUNT, 500):
            self.server.inject("".join(text_of(number) for number in range(start, start + 500)), self.juliet.jid)
        self.arrives(self.listener, "after")
        self.assertLess(memory(self.listener.pid) - self.held, MOST)
        self.assertEqual(self.server.full(self.juliet.jid), [self.at])

    def test_calls_of_strangers(self):
        self.flood(lambda n: initiate(f"s{n}@capulet.test/x", self.at, n))

    def test_calls_of_a_contact(self):
        self.flood(lambda n: initiate(f"{self.romeo.jid}/x{n % 5000}", self.at, n))

    def test_presence_of_a_contact__from_ever_more_devices(self):
        self.flood(lambda n: f"<presence from='{self.romeo.jid}/x{n}'><priority>9</priority>"
                   f"<status>{'a' * 500}</status></presence>")

    def test_presence_of_a_contact__from_ever_more_devices_that_can_what_we_can(self):
        caps = self.server.do(lambda: next(c for c in self.server.clients if c.jid == self.at).presence[0].get("ver"))
        self.flood(lambda n: f"<presence from='{self.romeo.jid}/x{n}'><c xmlns='http://jabber.org/protocol/caps' "
                   f"hash='sha-1' node='urn:xmpp:troth:0' ver='{caps}'/></presence>")

    def test_presence_of_strangers(self):
        self.flood(lambda n: f"<presence from='s{n}@capulet.test/x'><status>{'a' * 500}</status></presence>")

    def test_people_who_ask(self):
        self.flood(lambda n: f"<presence type='subscribe' from='s{n}@capulet.test'><status>{'a' * 500}</status>"
                   "</presence>")

    def test_pushes(self):
        self.flood(lambda n: f"<iq type='set' id='p{n}'><query xmlns='jabber:iq:roster'>"
                   f"<item jid='s{n}@capulet.test' subscription='both' name='{'a' * 500}'/></query></iq>")

    def test_bytestreams_in_band(self):
        data = base64.b64encode(b"a" * 3000).decode()
        self.flood(lambda n: f"<iq type='set' id='o{n}' from='{self.romeo.jid}/x'>" + (
            f"<open xmlns='http://jabber.org/protocol/ibb' sid='s{n}' block-size='4096'/></iq>" if n % 2 else
            f"<data xmlns='http://jabber.org/protocol/ibb' sid='s{n - 1}' seq='0'>{data}</data></iq>"))

    def test_roster_of_a_thousand__and_two_hundred_who_are_there(self):
        people = [f"s{n}@capulet.test" for n in range(1000)]
        self.server.do(lambda: self.server.accounts.update(people))
        self.listener.close()
        self.listener = self.listen(self.juliet)
        self.server.inject("".join(f"<presence from='{jid}/x'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
                                   "node='urn:x' ver='x'/></presence>" for jid in people[:200]), self.juliet.jid)
        self.arrives(self.listener, "after")
        self.assertLess(memory(self.listener.pid) - self.held, MOST)
        self.server.do(lambda: self.server.accounts.difference_update(people))

    def test_messages_and_answers(self):
        self.flood(lambda n: f"<message from='{self.romeo.jid}/x'><body>{'a' * 2000}</body></message>" if n % 2 else
                   f"<iq type='result' id='x{n}' from='{self.romeo.jid}/x'><a xmlns='urn:a'>{'a' * 2000}</a></iq>")


if __name__ == "__main__":
    unittest.main(verbosity=2)
