#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Public headers compile alone, as C11 and as C++17, and need nothing but themselves."""
import os
import re
import shlex
import subprocess
import tempfile
import unittest

import house

C = [*house.compiler(), "-x", "c", "-std=c11"]
CXX = [*shlex.split(os.environ.get("CXX", "c++")), "-x", "c++", "-std=c++17"]
STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
# What a program that embeds the library has anyway.
STANDARD = {"stdbool.h", "stddef.h", "stdint.h"}


def complaints(command, text):
    """What a compiler says about a file of that text, "" for nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".c") as source:
        source.write(text)
        source.flush()
        return subprocess.run([*command, *STRICT, f"-I{house.INCLUDE}", source.name],
                              capture_output=True, text=True).stderr


def foreign_includes(text):
    """The includes that aren't public headers of ours or of the freestanding standard."""
    names = re.findall(r'^[ \t]*#[ \t]*include[ \t]+([<"][^>"]+[>"])', house.without_comments(text), re.M)
    return [n for n in names if n[1:-1] not in STANDARD and not re.fullmatch(r"<troth/\w+\.h>", n)]


class Headers(unittest.TestCase):
    def test_header__compiles_alone__as_c_and_cxx(self):
        for header in house.public_headers():
            for command in (C, CXX):
                with self.subTest(header.name, language=command[-1]):
                    twice = f"#include <troth/{header.name}>\n" * 2 + "extern int end;\n"
                    self.assertEqual(complaints(command, twice), "")

    def test_header__includes_only_public_headers(self):
        for header in house.public_headers():
            with self.subTest(header.name):
                self.assertEqual(foreign_includes(header.read_text()), [])

    def test_function__has_c_linkage_and_is_visible(self):
        for header in house.public_headers():
            with self.subTest(header.name):
                text = house.without_comments(header.read_text())
                if not house.public_functions(header):
                    continue
                inside = re.search(r"^TROTH_API_BEGIN$(.*)^TROTH_API_END$", text, re.M | re.S)
                self.assertIsNotNone(inside, "must stand between TROTH_API_BEGIN and TROTH_API_END")
                for name in house.public_functions(header):
                    self.assertIn(name, inside[1])

    def test_broken_header__is_caught(self):
        for command in (C, CXX):
            self.assertNotEqual(complaints(command, "uint8_t a;\n"), "")
        self.assertNotEqual(complaints(CXX, "struct a { int class; };\n"), "")
        self.assertEqual(foreign_includes('#include "base/slice.h"\n#include <openssl/ssl.h>\n'),
                         ['"base/slice.h"', "<openssl/ssl.h>"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
