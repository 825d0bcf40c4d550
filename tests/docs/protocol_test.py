#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/protocol.md against the code: worked examples, numbers, tables, what comments cite.

Usage: protocol_test.py SENT, where SENT is the program of sent.c.
"""
import base64
import hashlib
import hmac
import re
import sys
import unittest

import documents

SENT = []  # filled in below
PROTOCOL = documents.PROTOCOL


def sha256(data):
    return hashlib.sha256(data).digest()


def lv_cat(*parts):
    out = b""
    for part in parts:
        rest = len(part)
        while rest > 0x7f:
            out += bytes([rest & 0x7f | 0x80])
            rest >>= 7
        out += bytes([rest]) + part
    return out


def transcript(initiator, recipient):
    """As the section "Transcript" defines it, over text sent in clear."""
    return base64.b64encode(sha256(sha256(initiator.encode()) + sha256(recipient.encode()))).decode()


def section(title):
    """The text under a heading, up to the next one of its level or above."""
    match = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", PROTOCOL, re.S | re.M)
    return match.group(2)


def rows(text):
    """The cells of every table row in a text, code marks removed."""
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("|")]


def number_of(title, name):
    return next(row[1] for row in rows(section(title)) if row[0] == name)


class Examples(unittest.TestCase):
    def test_transcript__is_that_of_the_bytes(self):
        clear = [documents.examples(f"clear {who}")[0].replace("\n", "")
                 for who in ("initiator", "recipient")]
        for name, text in zip(("SHA-256(IR)", "SHA-256(RI)"), clear):
            self.assertEqual(number_of("Transcript", name), sha256(text.encode()).hex())
        value = transcript(*clear)
        self.assertEqual(number_of("Transcript", "value"), value)
        self.assertEqual(set(re.findall(r"algo='sha-256'>([^<]+)<", PROTOCOL)), {value})

    def test_transcript__is_what_the_library_sends(self):
        phases = documents.phases(SENT)
        compared = 0
        for meeting in {meeting for meeting, _ in phases}:
            clear, inside = ["".join(phases[meeting, who][0]) for who in ("initiator", "recipient")], \
                "".join("".join(phases[meeting, who][1]) for who in ("initiator", "recipient")
                        if len(phases[meeting, who]) > 1)
            found = set(re.findall(r"algo='sha-256'>([^<]+)<", inside))
            if not found:
                continue
            with self.subTest(meeting):
                self.assertEqual(found, {transcript(*clear)})
                compared += 1
        self.assertGreater(compared, 7)

    def test_binding__is_lv_cat(self):
        numbers = bytes(range(96))
        parts = [b"troth-0", b"romeo@forza", b"juliet@pronto", numbers[:32], numbers[32:64], numbers[64:]]
        self.assertEqual(bytes.fromhex(documents.examples("hex binding")[0]), lv_cat(*parts))

    def test_possession__is_lv_cat(self):
        message = bytes.fromhex(documents.examples("hex possession")[0])
        self.assertEqual(message, lv_cat(b"troth-possess-0", b"recipient", b"juliet@pronto",
                                         bytes(range(32))))

    def test_endorsement_and_revocation__are_lv_cat(self):
        digits = "0123456789abcdef" * 4
        self.assertEqual(bytes.fromhex(documents.examples("hex endorsement")[0]),
                         lv_cat(b"troth-endorse-0", b"device", b"juliet@capulet.example",
                                b"2026-11-21T00:00:00Z", b"2027-11-21T00:00:00Z", digits.encode(),
                                bytes.fromhex("3003020101")))
        self.assertEqual(bytes.fromhex(documents.examples("hex revocation")[0]),
                         lv_cat(b"troth-revoke-0", digits.encode(), digits[::-1].encode(), b"lost",
                                b"2026-11-21T00:00:00Z"))

    def test_quorum__is_lv_cat(self):
        digits = "0123456789abcdef" * 4
        self.assertEqual(bytes.fromhex(documents.examples("hex quorum")[0]),
                         lv_cat(b"troth-quorum-0", digits.encode(), b"2", b"2026-11-21T00:00:00Z",
                                digits[::-1].encode(), b"fe" * 32))

    def test_tag__is_made_as_described(self):
        def value(name):
            return bytes.fromhex(number_of("Link-local announcements", name))
        extracted = hmac.digest(bytes(32), value("Z"), "sha256")
        key = hmac.digest(extracted, b"troth-lan-0\x01", "sha256")
        self.assertEqual(value("K"), key)
        hour = number_of("Link-local announcements", "hour").encode()
        mac = hmac.digest(key, lv_cat(b"troth-lan-0", value("pin of the announcer"), hour), "sha256")
        self.assertEqual(value("tag"), mac[:8])
        # The same numbers as those that the code is tested with.
        code = (documents.ROOT / "tests/keys/tag_test.c").read_text()
        bytes_of = [bytes(int(b, 16) for b in re.findall(r"0x(..)", found))
                    for found in re.findall(r"uint8_t expected\w*\[\] = \{(.*?)\}", code, re.S)]
        self.assertEqual(bytes_of, [key, mac[:8]])


class Numbers(unittest.TestCase):
    def test_limits__are_those_of_the_code(self):
        code = (documents.ROOT / "src/base/limits.h").read_text()
        defined = {}
        for name, value in re.findall(r"^#define TROTH_(\w+) ([^/\n]+)", code, re.M):
            value = value.replace("size_t", "").replace("()", "")
            self.assertRegex(value, r"^[\d\s*()]+$")
            defined[name] = eval(value)  # pylint: disable=eval-used
        self.assertGreater(len(defined), 25)
        written = {row[0]: int(row[1]) for row in rows(section("Limits")) if row[1].isdigit()}
        self.assertEqual(written, defined)

    def test_errors__are_those_of_the_code(self):
        code = (documents.ROOT / "src/stream/ending.c").read_text()
        names = dict(re.findall(r'X\((E_\w+), -\d+, "([a-z-]+)"',
                                (documents.ROOT / "include/troth/err.h").read_text()))
        told = {}
        for err, condition, child in re.findall(
                r'\{TROTH_(E_\w+), TROTH_STREAM_(\w+), (NULL|"\w+")\}', code):
            told[names[err]] = (condition.lower().replace("_", "-"),
                                "" if child == "NULL" else child.strip('"'))
        self.assertGreater(len(told), 15)
        written = {}
        for row in rows(section("Closing and errors")):
            for name in re.split(r",\s*", row[0].split(":")[0]):
                if name in names.values():
                    written[name] = (row[1], row[2])
        self.assertEqual(written, told)


class Citations(unittest.TestCase):
    """Comments that cite the protocol cite what is there."""

    CITED = re.compile(r'docs/protocol\.md,? *\(?((?:"[^"]+"(?:, | and )?)+)\)?(: *"([^"]+)")?')

    @staticmethod
    def plain(text):
        return re.sub(r"\s+", " ", re.sub(r"[`\"“”]", "", text))

    def citations(self):
        for folder in ("src", "include", "tests"):
            for path in sorted((documents.ROOT / folder).rglob("*.[ch]")):
                text = re.sub(r"\s*\n[ \t]*\*?[ \t]*", " ", path.read_text())
                for match in self.CITED.finditer(text):
                    yield path.relative_to(documents.ROOT), match.group(1), match.group(3)

    def test_titles__are_headings(self):
        headings = set(re.findall(r"^#+ (.*)$", PROTOCOL, re.M))
        count = 0
        for path, titles, _ in self.citations():
            for title in re.findall(r'"([^"]+)"', titles):
                with self.subTest(f"{path}: {title}"):
                    self.assertIn(title, headings)
                count += 1
        self.assertGreater(count, 30)

    def test_quotations__are_there(self):
        text = self.plain(PROTOCOL)
        count = 0
        for path, _, quotation in self.citations():
            if quotation is None:
                continue
            with self.subTest(f"{path}: {quotation}"):
                self.assertTrue(self.plain(quotation).rstrip(". ") in text, "isn't in the protocol")
            count += 1
        self.assertGreater(count, 7)

    def test_links__lead_somewhere(self):
        anchors = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-")
                   for h in re.findall(r"^#+ (.*)$", PROTOCOL, re.M)}
        for anchor in re.findall(r"\]\(#([^)]+)\)", PROTOCOL):
            self.assertIn(anchor, anchors)


if __name__ == "__main__":
    SENT += documents.sent(sys.argv.pop())
    unittest.main(verbosity=2)
