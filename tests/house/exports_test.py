#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the headers declare, src/troth.map lists, src/troth.symbols records and libtroth.so exports
is one and the same. Usage: exports_test.py LIBTROTH.SO

When this fails after a public function was added or removed: tools/symbols writes both lists.
"""
import re
import subprocess
import sys
import unittest

import house


def exported(library):
    """The functions of a shared library's dynamic table, as name@NODE."""
    out = subprocess.run(["nm", "-D", "--defined-only", library], check=True,
                         capture_output=True, text=True).stdout
    return sorted(line.split()[2].replace("@@", "@") for line in out.splitlines()
                  if line.split()[1] != "A")


class Exports(unittest.TestCase):
    library = None
    maxDiff = None

    def setUp(self):
        self.declared = sorted(n for h in house.public_headers() for n in house.public_functions(h))
        self.mapped = house.read_map(house.SRC / "troth.map")
        self.recorded = house.read_symbols(house.SRC / "troth.symbols")

    def test_declaration__stands_once(self):
        self.assertEqual(len(self.declared), len(set(self.declared)))
        self.assertGreater(len(self.declared), 50)

    def test_parser__finds_every_name_that_is_followed_by_a_parenthesis(self):
        for header in house.public_headers():
            with self.subTest(header.name):
                text = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", house.without_comments(header.read_text()),
                              flags=re.M)
                self.assertEqual(set(re.findall(r"\b(troth_\w+)\(", text)),
                                 set(house.public_functions(header)))

    def test_map__lists_what_is_declared(self):
        self.assertEqual(sorted(self.mapped), self.declared)

    def test_symbols__records_what_is_declared(self):
        self.assertEqual(sorted(s.split("@")[0] for s in self.recorded), self.declared)

    def test_library__exports_what_is_recorded(self):
        self.assertEqual(exported(self.library), sorted(self.recorded))


if __name__ == "__main__":
    Exports.library = sys.argv.pop(1)
    unittest.main(verbosity=2)
