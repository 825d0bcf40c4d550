#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How every source file looks: its licence first, what it is for next, nothing left half done."""
import re
import unittest

import house

SPDX = "SPDX-License-Identifier: MIT"
LONGEST = 500
# Assembled, so that this file can be checked as well.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b"
                        r"|(?:^|[\s(])(?<!PKCS )#\d+\b|\b(issue|bug|ticket|PR) #?\d+", re.I)
FOLDERS = [house.SRC, house.INCLUDE, house.ROOT / "tests", house.ROOT / "fuzz", house.ROOT / "bench",
           house.ROOT / "examples"]
SCRIPTS = [house.ROOT / "tools", house.ROOT / "tests", house.ROOT / ".ci"]


def begins_rightly(text):
    lines = text.split("\n", 2)
    if lines[0].startswith("#!"):
        lines.pop(0)
    return lines[0] in (f"/* {SPDX} */", f"# {SPDX}")


def says_its_job(text):
    """The second thing in a C file is a comment."""
    return re.match(r"/\* SPDX[^\n]*\n\s*/\*", text) is not None


def c_files():
    return house.sources(*[f for f in FOLDERS if f.is_dir()])


def scripts():
    found = [p for folder in SCRIPTS if folder.is_dir() for p in sorted(folder.rglob("*")) if p.is_file()
             and "__pycache__" not in p.parts and (p.suffix in (".py", ".sh") or p.read_bytes()[:2] == b"#!")]
    found += [house.ROOT / name for name in ("Makefile", "meson.build", "src/meson.build", "tests/meson.build")]
    assert len(found) > 8
    return found


class Sources(unittest.TestCase):
    def test_file__begins_with_its_licence(self):
        for path in c_files() + scripts():
            with self.subTest(path.relative_to(house.ROOT)):
                self.assertTrue(begins_rightly(path.read_text()))

    def test_c_file__says_its_job(self):
        for path in house.sources(house.SRC, house.INCLUDE):
            with self.subTest(path.relative_to(house.ROOT)):
                self.assertTrue(says_its_job(path.read_text()))

    def test_file__is_short_enough_to_read(self):
        for path in c_files() + scripts():
            with self.subTest(path.relative_to(house.ROOT)):
                self.assertLessEqual(path.read_text().count("\n"), LONGEST)

    def test_file__has_nothing_unfinished(self):
        for path in c_files() + scripts():
            with self.subTest(path.relative_to(house.ROOT)):
                self.assertIsNone(UNFINISHED.search(path.read_text()))

    def test_fault__is_caught__when_there_is_one(self):
        for text in ("/* TO" + "DO: later */", "see #" + "12", "fix" + "me", "bug " + "7"):
            self.assertIsNotNone(UNFINISHED.search(text), text)
        self.assertIsNone(UNFINISHED.search("#include <a.h>\n#define N 12\n/* todos, PKCS #8 */"))
        self.assertFalse(begins_rightly("int a;\n"))
        self.assertFalse(says_its_job(f"/* {SPDX} */\n#include <a.h>\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
