#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""XTLS between two of ours, over a server that alters what they agree on."""
import re
import unittest
import xml.etree.ElementTree as ET

from betrayed import Betrayed, action

XTLS = "urn:xmpp:jingle:security:xtls:0"
SECURITY = f"{{{XTLS}}}security"


class Betrayal(Betrayed, unittest.TestCase):
    """One of the two says what is wrong, and not a word of Romeo's is shown."""

    def on(self, of, change):
        """A tampering: `change` is done to the text of each <security/> in that action; "" takes it away."""
        def tamper(stanza):
            if action(stanza) != of:
                return [stanza]
            for content in stanza.iter("{urn:xmpp:jingle:1}content"):
                security = content.find(SECURITY)
                if security is not None:
                    content.remove(security)
                    text = change(ET.tostring(security, "unicode"))
                else:
                    text = change("")
                if text:
                    content.append(ET.fromstring(text))
            return [stanza]
        return tamper

    def betrayed(self, *tampers, words=("--xtls",)):
        """What both say when Romeo calls."""
        listener = self.listen(self.juliet)

        def tamper(stanza):
            for one in tampers:
                [stanza] = one(stanza)
            return [stanza]
        self.server.tamper = tamper
        self.said.add("my secret")
        with self.romeo.troth("send", "--no-lan", "--timeout=5", *words, "juliet", "my secret") as process:
            process.end_input()
            status = process.wait(30)
            self.assertEqual(status != 0, bool(tampers), process.transcript)
        if tampers:
            listener.never("my secret", 0.2)
        else:
            listener.wait_for("my secret", 10)
        self.server.tamper = lambda stanza: [stanza]
        return process.transcript, listener.transcript

    def test_nothing__that_was_altered__is_fine(self):
        self.betrayed()

    def test_security__that_was_taken_away__is_missed(self):
        for where in "session-initiate", "session-accept":
            with self.subTest(where):
                romeo, _ = self.betrayed(self.on(where, lambda text: ""))
                self.assertIn("doesn't agree to be secured by XTLS", romeo)

    def test_security__that_is_told_to_one_side_alone__is_no_stream(self):
        fake = f"<security xmlns='{XTLS}'><method name='x509'/></security>"
        romeo, _ = self.betrayed(self.on("session-initiate", lambda text: ""),
                                 self.on("session-accept", lambda text: fake))
        self.assertRegex(romeo, r"(?m)^troth: .*\S")
        _, juliet = self.betrayed(self.on("session-initiate", lambda text: fake),
                                  self.on("session-accept", lambda text: ""), words=())
        self.assertIn("speaks in clear, and TLS was agreed on", juliet)

    def test_method__that_was_altered__is_refused(self):
        def to_srp(text):
            return text.replace("x509", "srp")
        _, juliet = self.betrayed(self.on("session-initiate", to_srp))
        self.assertIn('"error":"floor"', juliet)
        romeo, _ = self.betrayed(self.on("session-accept", to_srp))
        self.assertIn("doesn't agree to be secured by XTLS", romeo)
        self.betrayed(self.on("security-info", to_srp))

    def test_fingerprint__that_was_altered__is_called_an_attack(self):
        def to_another(text):
            return re.sub("[0-9a-f]{40}", "00" * 20, text)
        _, juliet = self.betrayed(self.on("session-initiate", to_another))
        self.assertIn('"class":"attack"', juliet)
        romeo, _ = self.betrayed(self.on("session-accept", to_another))
        self.assertIn("another certificate than was announced", romeo)


if __name__ == "__main__":
    unittest.main(verbosity=2)
