#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/schema against every piece of XML that a stream sends, and the examples of the protocol.

Usage: schema_test.py SENT, where SENT is the program of sent.c.
"""
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

import documents

SENT = []  # filled in below

# What the meetings must have shown, or the validation proves little.
TR = "{urn:xmpp:troth:0}"
TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
C2C = "{urn:xmpp:tmp:c2ctls}"
PUB = "{urn:xmpp:tmp:pubkey}"
STREAM = "{http://etherx.jabber.org/streams}"
HASHES = "{urn:xmpp:hashes:2}"
CLIENT = "{jabber:client}"
EXPECTED = {
    STREAM + "stream", STREAM + "features", STREAM + "error",
    TLS + "starttls", TLS + "required", TLS + "proceed", TLS + "failure",
    C2C + "offer", C2C + "srp", C2C + "insecure",
    PUB + "pubkeys", PUB + "keyinfo", PUB + "name", PUB + "x509cert",
    PUB + "signature", PUB + "issuer", PUB + "value", HASHES + "hash",
    TR + "endorsed", TR + "revoke", TR + "quorum", TR + "device",
    TR + "successor", TR + "value",
    TR + "transcript", TR + "possession", TR + "downgrade", TR + "refused",
    TR + "pake", TR + "guess", TR + "sas", TR + "mismatch", TR + "budget",
    CLIENT + "iq", CLIENT + "message", CLIENT + "error", CLIENT + "body",
    "{urn:ietf:params:xml:ns:xmpp-streams}not-authorized",
    "{urn:ietf:params:xml:ns:xmpp-stanzas}service-unavailable",
}


def complaints(document):
    """What xmllint says against a document; "" when it is valid."""
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
        file.write(document)
        file.flush()
        done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema",
                               str(documents.SCHEMA / "stream.xsd"), file.name],
                              capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


class Schema(unittest.TestCase):
    def test_all_that_is_sent__is_valid(self):
        streams = documents.streams(SENT)
        self.assertGreater(len(streams), 30)
        seen = set()
        for where, document in streams:
            with self.subTest(where):
                self.assertEqual(complaints(document), "")
            seen |= {e.tag for e in ET.fromstring(document).iter()}
        self.assertEqual(EXPECTED - seen, set(), "never sent in any meeting")
        self.assertEqual(seen - EXPECTED, set(), "sent, and not expected here")

    def test_examples_of_the_protocol__are_valid(self):
        examples = documents.examples("xml")
        self.assertGreater(len(examples), 8)
        for example in examples:
            with self.subTest(example):
                self.assertEqual(complaints(documents.as_stream(example)), "")

    def test_fault__is_found__where_there_is_one(self):
        good = next(d for w, d in documents.streams(SENT) if "<possession" in d)
        self.assertEqual(complaints(good), "")
        for old, new in ((" version='1.0'>", ">"), ("<name>", "<name>F"), ("x509cert", "x509data"),
                         ("method='ECDSA-SHA256'", "method='ECDSA-SHA1'"),
                         ("algo='sha-256'", "algo='sha-1'"), ("<keyinfo>", "<keyinfo><other/>")):
            with self.subTest(old):
                bad = re.sub(re.escape(old), new, good)
                self.assertNotEqual(bad, good)
                self.assertNotEqual(complaints(bad), "")


if __name__ == "__main__":
    SENT += documents.sent(sys.argv.pop())
    unittest.main(verbosity=2)
