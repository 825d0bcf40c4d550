# SPDX-License-Identifier: MIT
"""Two people who are contacts, with accounts on a server that does with their stanzas what a test says.
Whatever that is, in the end neither has been shown a word that wasn't said to him, and both believe in the
same keys as before."""
import base64
import copy
import json
import pathlib
import re
import sys

from online import Online

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))
from courier import Courier, local  # noqa: E402

JINGLE = "{urn:xmpp:jingle:1}"
S5B = "{urn:xmpp:jingle:transports:s5b:1}"
IBB = "{http://jabber.org/protocol/ibb}"
ENDED = (0, 3, 4, 5, -15)


def action(stanza):
    """What it is in Jingle, or None."""
    jingle = stanza.find(JINGLE + "jingle")
    return jingle.get("action") if jingle is not None else None


def without_candidates(stanza):
    """In Jingle's offers; so the bytes go in-band."""
    for transport in stanza.iter(S5B + "transport"):
        for candidate in transport.findall(S5B + "candidate"):
            transport.remove(candidate)
    return [stanza]


def block_of(stanza):
    """The bytes of an in-band block, or None."""
    data = stanza.find(IBB + "data")
    return base64.b64decode(data.text) if data is not None else None


def with_block(stanza, block):
    """The same with other bytes."""
    other = copy.deepcopy(stanza)
    other.find(IBB + "data").text = base64.b64encode(block).decode()
    return other


class Betrayed(Online):
    kind = Courier

    def setUp(self):
        self.server.tamper = lambda stanza: [stanza]
        self.said, self.started = set(), []
        super().setUp()
        self.pair(self.juliet, self.romeo)
        self.trusted = self.trust()
        self.server.delivered.clear()

    def trust(self):
        """Whom both believe, and by which keys; without the history of the connections."""
        held = []
        for person in (self.romeo, self.juliet):
            for label in person.contacts():
                shown = json.loads(person.done("--json", "trust", "show", label))
                held.append((person.name, label, shown["level"],
                             [(key["fingerprint"], key["state"]) for key in shown["keys"]]))
        return held

    def tearDown(self):
        self.server.tamper = lambda stanza: [stanza]
        for process in self.started:
            process.signal(15)
            self.assertIn(process.wait(20), ENDED, process.transcript)
            self.assertNotRegex(process.transcript, "Sanitizer|runtime error")
            self.assertLessEqual(set(self.shown(process)), self.said)
        self.assertEqual(self.trust(), self.trusted)

    @staticmethod
    def shown(process):
        """The messages that it has shown, each as often as it was."""
        return [json.loads(text) for text in
                re.findall(r'^\{"event":"message".*"text":("(?:[^"\\]|\\.)*")', process.transcript, re.M)]

    def start(self, person, verb, *words, **more):
        process = super().start(person, verb, *words, **more)
        self.started.append(process)
        return process

    def send(self, text, status=0, timeout=20):
        """Romeo says it to Juliet; how it ended and what he was told. `status`: one or several."""
        self.said.add(text)
        with self.romeo.troth("send", "--no-lan", f"--timeout={timeout}", "juliet", text) as process:
            process.end_input()
            got = process.wait(timeout + 20)
            self.assertIn(got, status if isinstance(status, tuple) else (status,), process.transcript)
            self.assertNotRegex(process.transcript, "Sanitizer|runtime error")
            if got != 0:  # and says why
                self.assertRegex(process.transcript, r"(?m)^troth: .*\S")
            return got, process.transcript

    def arrives(self, listener, text):
        """It is sent, and shown exactly once."""
        self.send(text)
        listener.wait_for(f'"event":"message".*"text":"{text}"', 20)
        self.assertEqual(self.shown(listener).count(text), 1)
