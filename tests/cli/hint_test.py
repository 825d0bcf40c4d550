#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `troth` tells its user to type works when it is pasted, with another home than the usual."""
import json
import re
import subprocess

import command
from command import Command, main


class Hint(Command):
    def told(self, *words):
        done = subprocess.run([command.TROTH, "--home", self.folder / "my home", *words], capture_output=True,
                              env=self.environment(), stdin=subprocess.DEVNULL, start_new_session=True)
        return done.stdout.decode() + done.stderr.decode()

    def paste(self, line):
        """Typed into a shell that has `troth`."""
        return subprocess.run(["sh", "-c", f'troth() {{ {command.TROTH} "$@"; }}; {line}'], capture_output=True,
                              env=self.environment(), stdin=subprocess.DEVNULL, check=True).stdout.decode()

    def test_next_step__works__when_it_is_pasted(self):
        told = " ".join(self.told("id").split())
        step = re.search(r"Run `(troth .* init)` to make one", told).group(1)
        self.assertIn("fingerprint", self.paste(step))
        self.assertTrue((self.folder / "my home").is_dir())
        told = json.loads(self.told("--json", "trust", "show", "nobody").splitlines()[0])["error"]["next"]
        self.assertIn("No contacts yet", self.paste(told.split("`")[1]))

    def test_help__is_about_any_home(self):
        self.assertNotIn("my home", self.told("trust", "--help"))


if __name__ == "__main__":
    main()
