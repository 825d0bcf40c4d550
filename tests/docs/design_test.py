#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""DESIGN.md against the tree: the folders, the libraries, the states, the files that it names."""
import re
import unittest

import documents

ROOT = documents.ROOT
DESIGN = (ROOT / "DESIGN.md").read_text()
OTHERS = {"cmocka", "purple", "dl"}  # of tests, and of the C library


def named(pattern):
    return re.findall(pattern, DESIGN, re.M)


class Design(unittest.TestCase):
    def test_folders__are_those_of_the_tree(self):
        there = {p.name for p in (ROOT / "src").iterdir() if p.is_dir()}
        self.assertEqual(set(named(r"^\| `src/(\w+)` \|")), there)

    def test_libraries__are_those_that_are_linked(self):
        used = set()
        for path in [ROOT / "meson.build", *(ROOT / "src").rglob("meson.build")]:
            used |= set(re.findall(r"(?:dependency|find_library)\('([\w-]+)'", path.read_text()))
        table = DESIGN.split("## Dependencies")[1].split("\n## ")[0]
        rows = set(re.findall(r"^\| ([a-z][\w-]*) \|", table, re.M)) | set(re.findall(r"`(avahi-\w+)`", table))
        self.assertEqual(used - OTHERS, rows - {"library", "cmocka", "avahi"})

    def test_states__are_those_of_the_stream(self):
        code = (ROOT / "src/stream/state.h").read_text()
        states = set(re.findall(r'^\tX\((\w+), "', code, re.M))
        self.assertGreater(len(states), 15)
        text = DESIGN.split("## The states of a stream")[1].split("\n## ")[0]
        self.assertEqual(states - set(re.findall(r"\b[A-Z_]{2,}\b", text)), set())

    def test_files__exist(self):
        paths = named(r"`((?:src|include|docs|examples|tests)/[\w./-]+\.[ch])`")
        self.assertGreater(len(paths), 5)
        for path in paths + re.findall(r"\]\(([\w./]+)\)", DESIGN):
            self.assertTrue((ROOT / path).exists(), path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
