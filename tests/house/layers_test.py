#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A lower layer never includes an upper one; src/meson.build names the layers, lowest first. Some
layers stand beside each other, and some libraries belong to one layer only."""
import re
import unittest

import house

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)
LIBRARY = re.compile(r"^[ \t]*#[ \t]*include[ \t]+<([\w-]+)[./]", re.M)
FIRST = ["base", "xml", "xmpp", "keys", "tls", "c2c", "jingle", "bytestream", "stream", "trust"]
# Of the layers above the core, what one may include: the core itself excepted.
BESIDE = {"store": {"store"}, "token": {"token"}, "openpgp": {"openpgp", "store"},
          "lan": {"lan"}, "io": {"io"}, "server": {"server", "io"}}
# Libraries that one layer hides from all others.
HIDDEN = {"gpgme": "openpgp", "sqlite3": "store", "avahi-client": "lan", "avahi-core": "lan",
          "expat": "xml", "strophe": "server", "p11-kit": "token", "libsecret": "cli"}


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
        elif layer in BESIDE and target not in FIRST and target not in BESIDE[layer]:
            bad.append(f'"{path}" is beside {layer}')
    for library in LIBRARY.findall(house.without_comments(text)):
        if HIDDEN.get(library, layer) != layer:
            bad.append(f"<{library}> belongs to {HIDDEN[library]}")
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

    def test_layer__includes_none_beside_it_and_no_library_of_another(self):
        layers = FIRST + ["store", "token", "openpgp", "lan", "io", "server", "session", "cli"]
        for layer, include in (("lan", '#include "openpgp/openpgp.h"'), ("openpgp", '#include "lan/lan.h"'),
                               ("store", '#include "openpgp/openpgp.h"'), ("server", '#include "store/store.h"'),
                               ("session", "#include <strophe.h>"), ("io", '#include "store/store.h"'),
                               ("cli", "#include <gpgme.h>"), ("keys", "# include <gpgme.h>"),
                               ("openpgp", "#include <sqlite3.h>"), ("io", "#include <avahi-core/core.h>")):
            with self.subTest(layer, include=include):
                self.assertNotEqual(violations(layers, layer, include + "\n"), [])
        for layer, include in (("openpgp", '#include "store/store.h"\n#include <gpgme.h>'),
                               ("cli", '#include "openpgp/openpgp.h"'), ("openpgp", '#include "base/text.h"')):
            with self.subTest(layer, include=include):
                self.assertEqual(violations(layers, layer, include + "\n"), [])

    def test_rules__name_layers_that_there_are(self):
        self.assertLessEqual({*BESIDE, *HIDDEN.values(), *FIRST}, set(house.layers()))

    def test_lower_layer__passes(self):
        text = '#include <troth/key.h>\n#include "base/slice.h"\n#include "keys/keyinfo.h"\n' \
               '/* #include "stream/stream.h" */\n'
        self.assertEqual(violations(FIRST, "keys", text), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
