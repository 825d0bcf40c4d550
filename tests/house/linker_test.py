#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`make install` leaves a library that is found, or says what is missing. ldconfig and id are
stand-ins: nothing of this machine changes."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import house

BUILD = sys.argv.pop()
LDCONFIG = """#!/bin/sh
case $1 in
-v) echo "$SEARCHED: (from a test)";;
*) touch "$RAN";;
esac
"""


class Linker(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-linker-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, text in ("ldconfig", LDCONFIG), ("id", '#!/bin/sh\necho "$USER_ID"\n'):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        plan = subprocess.run(["meson", "introspect", BUILD, "--installed"], capture_output=True, text=True, check=True)
        self.libdir = next(word.rsplit("/", 1)[0] for word in plan.stdout.split('"')
                           if word.startswith("/") and word.endswith("/libtroth.so.0"))
        self.ran = self.folder / "ran"

    def after_install(self, user, searched, **more):
        done = subprocess.run([house.ROOT / "tools" / "linker", BUILD], capture_output=True, text=True, check=True,
                              env={"PATH": f"{self.folder}:{os.environ['PATH']}", "USER_ID": str(user),
                                   "SEARCHED": searched, "RAN": str(self.ran), **more})
        return done.stdout

    def test_root__has_it_found(self):
        self.assertEqual(self.after_install(0, self.libdir), "")
        self.assertTrue(self.ran.exists())

    def test_user__is_told_to_have_it_found(self):
        self.assertIn("sudo ldconfig", self.after_install(1000, self.libdir))
        self.assertFalse(self.ran.exists())

    def test_folder_that_isnt_searched__is_named(self):
        for user in 0, 1000:
            self.assertIn(f"echo {self.libdir} | sudo tee /etc/ld.so.conf.d", self.after_install(user, "/usr/lib"))
        self.assertFalse(self.ran.exists())

    def test_package__is_left_to_its_maker(self):
        self.assertEqual(self.after_install(0, self.libdir, DESTDIR="/somewhere"), "")
        self.assertFalse(self.ran.exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
