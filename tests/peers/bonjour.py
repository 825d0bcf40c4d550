# SPDX-License-Identifier: MIT
"""Pidgin's side of XEP-0174 as an object: one account of tests/peers/bonjour.c on a machine."""
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "net"))


class Bonjour:
    """Signs on at once. The machine must have start_mdns() behind it."""

    def __init__(self, program, host, name, port=5298):
        self.name = name
        self._folder = tempfile.TemporaryDirectory(prefix="troth-bonjour-")
        # No session bus: libpurple would look for one.
        self.process = host.spawn([program, self._folder.name], name=name,
                                  env={"DBUS_SESSION_BUS_ADDRESS": "disabled:", "HOME": self._folder.name,
                                       "LC_ALL": "C.UTF-8"})
        self.process.wait_for("^ready$", 10)
        self.process.send_line(f"signon {name} {port}")
        self.process.wait_for(f"^signed-on {re.escape(name)}$", 10)

    def wait_for_buddy(self, name, deadline=15):
        self.process.wait_for(f"^buddy-signed-on {re.escape(name)}$", deadline)

    def wait_for_leaving(self, name, deadline=15):
        self.process.wait_for(f"^buddy-signed-off {re.escape(name)}$", deadline)

    def buddies(self):
        self.process.send_line("buddies")
        text = self.process.wait_for(r"(?s)((?:^buddy [^\n]*\n)*)^buddies-end$", 5)[1]
        return [line.split(" ", 1)[1] for line in text.splitlines()]

    def say(self, buddy, text):
        self.process.send_line(f"im {buddy} {text}")

    def wait_for_message(self, sender, text, deadline=10):
        self.process.wait_for(f"^received {re.escape(sender)} {re.escape(text)}$", deadline)

    def close(self):
        self.process.send_line("quit")
        status = self.process.wait(10)
        self.process.close()
        self._folder.cleanup()
        return status
