#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A lower layer never includes an upper one; src/meson.build names the layers, lowest first."""
import re
import unittest

import house

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)
FIRST = ["base", "xml", "xmpp", "keys", "tls", "c2c", "stream", "trust"]


def violations(layers, layer, text):
    """The includes of one file of a layer that it may not have, with the reason."""
    bad = []
    for path in INCLUDE.findall(house.without_comments(text)):
        target = path.split("/")[0]
        if "/" not in path or target in (".", ".."):
            bad.append(f'"{path}" isn\'t written "layer/file.h"')
        elif target not in layers:
            bad.append(f'"{path}" is of no layer')
        elif layers.index(target) > layers.index(layer):
            bad.append(f'"{path}" is above {layer}')
    return bad


class Layers(unittest.TestCase):
    def test_order__is_that_of_the_design(self):
        self.assertEqual(house.layers()[:len(FIRST)], FIRST)

    def test_file__includes_no_upper_layer(self):
        layers = house.layers()
        for path in house.sources(house.SRC):
            with self.subTest(path.relative_to(house.ROOT)):
                layer = path.relative_to(house.SRC).parts[0]
                self.assertIn(layer, layers, "a folder that src/meson.build doesn't name")
                self.assertEqual(violations(layers, layer, path.read_text()), [])

    def test_violation__is_caught__when_there_is_one(self):
        for include in ('#include "tls/tls.h"', '  #  include "tls/tls.h"', '#include "keyinfo.h"',
                        '#include "../tls/tls.h"', '#include "nothing/file.h"'):
            with self.subTest(include):
                self.assertNotEqual(violations(FIRST, "keys", f"int a;\n{include}\n"), [])

    def test_lower_layer__passes(self):
        text = '#include <troth/key.h>\n#include "base/slice.h"\n#include "keys/keyinfo.h"\n' \
               '/* #include "stream/stream.h" */\n'
        self.assertEqual(violations(FIRST, "keys", text), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
