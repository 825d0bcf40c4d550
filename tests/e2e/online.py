# SPDX-License-Identifier: MIT
"""People with accounts on a real server: what the tests of streams over servers begin with."""
import json
import pathlib
import sys
import tempfile

from people import Person

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))
import servers  # noqa: E402, F401 (for those who import this module)


class Online:
    """A server for a class (`kind`), new people with new accounts for each test, nobody on a link."""

    number = 0
    options = ("--no-lan",)
    hers = "capulet.test"

    @classmethod
    def setUpClass(cls):
        cls.server = cls.kind(**getattr(cls, "how", {}))
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        self.alone()
        self.romeo = self.person("romeo", "montague.test")

    def alone(self):
        """Juliet, and nobody else."""
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        Online.number += 1
        self.juliet = self.person("juliet", self.hers)

    def person(self, name, domain, where=None):
        """Somebody with an account of his own, who is signed in to it by every verb."""
        person = Person(self.folder, name, where)
        person.jid = f"{name}{self.number}@{domain}"
        self.server.register(person.jid, "secret")
        self.sign_in(person, person.jid)
        return person

    def sign_in(self, person, jid, *words):
        with person.troth("login", jid, f"--server={self.server.address}:{self.server.port}",
                          f"--ca-file={self.server.ca}", "--keep-password", "--password-fd=0",
                          *words) as login:
            login.send_line("secret")
            self.assertEqual(login.wait(30), 0, login.transcript)

    def start(self, person, verb, *words, pty=False):
        process = person.troth(verb, *self.options, *words, pty=pty)
        self.addCleanup(process.close)
        return process

    def done(self, person, verb, *words, status=0):
        return person.done(verb, *self.options, *words, status=status)

    def pair(self, waits, calls, peer=None, *words):
        """Pairs two people by a secret and the JID of whoever waits; returns the transcripts."""
        window = self.start(waits, "pair", *words)
        window.wait_for("Signed in as", 20)
        secret = window.transcript.split("Secret:")[1].split()[0]
        caller = self.start(calls, "pair", *words, peer or waits.jid, pty=True)
        caller.wait_for("Secret shared with .*: ", 30)
        caller.send_line(secret)
        self.assertEqual(caller.wait(30), 0, caller.transcript)
        self.assertEqual(window.wait(30), 0, window.transcript)
        return window.transcript, caller.transcript

    def listen(self, person, *words):
        """A listener that is signed in."""
        listener = self.start(person, "listen", "--json", *words)
        listener.wait_for('"event":"online"', 20)
        return listener

    def up(self, process):
        """The next stream that is up, as JSON tells it."""
        return json.loads(process.wait_for(r'^\{"event":"up".*\}$', 30).group(0))

    def say(self, sender, receiver, text):
        sender.send_line(text)
        receiver.wait_for(r"\(verified\): " + text, 20)
        sender.wait_for("✓ " + text[:8], 20)
