#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Juliet's keys are on a token. She meets Romeo, is known by her key afterwards, endorses another
device of hers; and when the token is gone, both are told what it is."""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "token"))
from people import Person, free_port  # noqa: E402
from namespace import Network, become_root  # noqa: E402
from softhsm import PIN, Card  # noqa: E402

PIN_HERE = "--passphrase-fd=0"


class WithToken(Person):
    """Whoever is asked for a PIN on standard input gives it."""

    def troth(self, *words, **how):
        process = super().troth(*words, **how)
        if {PIN_HERE, "--user-passphrase-fd=0"} & set(words):
            process.send_line(PIN)
        return process


class Token(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(self.folder.cleanup)
        self.card = Card(f"{self.folder.name}/card")
        self.port = free_port()
        self.juliet = WithToken(self.folder.name, "juliet", env=self.card.env,
                                words=("--key", self.card.uri("device"), "--make", PIN_HERE))
        self.romeo = Person(self.folder.name, "romeo")

    def here(self, person, *words, **how):
        process = person.troth(*words, **how)
        self.addCleanup(process.close)
        return process

    def pair(self):
        window = self.here(self.juliet, "pair", "--no-lan", f"--port={self.port}", PIN_HERE)
        secret = window.wait_for(r"Secret:\s+(\S+)", 10).group(1)
        caller = self.here(self.romeo, "pair", "--no-lan", f"127.0.0.1:{self.port}", pty=True)
        caller.wait_for("Secret shared with .*: ", 15)
        caller.send_line(secret)
        self.assertEqual(caller.wait(30), 0, caller.transcript)
        self.assertEqual(window.wait(30), 0, window.transcript)

    def listen(self, person, *words):
        process = self.here(person, "listen", "--no-lan", f"--port={self.port}", *words)
        process.wait_for("Listening", 10)
        return process

    def send(self, person, text, *words, status=0):
        return person.done("send", "--no-lan", *words, f"127.0.0.1:{self.port}", text, status=status)

    def test_two__meet_by_a_secret_and_again_by_the_key_on_the_token(self):
        self.pair()
        with self.listen(self.juliet, PIN_HERE) as listener:
            self.send(self.romeo, "But soft!")
            listener.wait_for(r"romeo \(verified\): But soft!", 10)
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "Ay me!", PIN_HERE)
            listener.wait_for(r"juliet \(verified\): Ay me!", 10)

    def test_token__that_is_removed__ends_what_needs_it_and_is_told(self):
        self.pair()
        listener = self.listen(self.juliet, PIN_HERE, "-v")
        chat = self.here(self.romeo, "chat", "--no-lan", "--port=0", f"127.0.0.1:{self.port}")
        chat.wait_for("juliet is connected: verified", 10)
        self.card.behave("removed")
        # What is up needs no key any more.
        chat.send_line("But soft!")
        listener.wait_for(r"romeo \(verified\): But soft!", 5)
        chat.close()
        self.send(self.romeo, "once more", status=None)
        listener.wait_for("own key didn't sign: its token may have been removed", 10)
        self.assertNotIn("attack", listener.transcript)
        self.card.behave("removed", False)
        self.send(self.romeo, "and again")
        listener.wait_for(r"romeo \(verified\): and again", 10)

    def test_caller__is_told__when_the_token_is_removed_before_it_calls(self):
        self.pair()
        chat = self.here(self.juliet, "chat", "--no-lan", "--port=0", PIN_HERE, f"127.0.0.1:{self.port}")
        chat.wait_for("Connecting|can't be reached|isn't there|nobody", 10)
        self.card.behave("removed")
        listener = self.listen(self.romeo)
        chat.wait_for("own key didn't sign: its token may have been removed", 20)
        chat.wait_for("`troth doctor` looks at the token", 5)
        self.assertNotIn("attack", listener.transcript + chat.transcript)

    def test_contact__finds_her_on_the_link__also_by_the_key_before(self):
        network = Network("balcony", "garden")
        self.addCleanup(network.close)
        self.juliet.where, self.romeo.where = network.hosts
        for one, other in (self.juliet, self.romeo), (self.romeo, self.juliet):
            path = f"{self.folder.name}/{other.name}.crt"
            pathlib.Path(path).write_text(other.done("id", "--cert"))
            one.done("trust", "pin", other.name, path)
        for renewed in False, True:
            if renewed:
                self.juliet.done("id", "renew", "--key", self.card.uri("next"), "--make", PIN_HERE)
            with self.juliet.troth("listen", PIN_HERE) as listener:
                listener.wait_for("Listening as", 10)
                rows = json.loads(self.romeo.done("--json", "nearby", "--once"))
                self.assertEqual([row["perhaps"] for row in rows], ["juliet"])

    def test_user_key_on_the_token__endorses_another_device(self):
        self.pair()
        self.juliet.done("user", "init", "--key", self.card.uri("user", module=False), "--make", "--user-passphrase-fd=0")
        with self.listen(self.romeo) as listener:
            self.send(self.juliet, "But soft!", PIN_HERE)
            listener.wait_for(r"juliet \(verified\): But soft!", 10)
            phone = WithToken(self.folder.name, "phone", env=self.card.env)
            path = f"{self.folder.name}/romeo.crt"
            pathlib.Path(path).write_text(self.romeo.done("id", "--cert"))
            phone.done("trust", "pin", "romeo", path)
            # The file that names the key, taken along to the phone; the card is plugged in there.
            phone.done("user", "endorse", "--user-key", f"{self.juliet.home}/user.pem", "--user-passphrase-fd=0")
            self.send(phone, "from my phone")
            listener.wait_for("juliet has a new device, which its user key endorses", 10)
            listener.wait_for(r"juliet \(verified\): from my phone", 10)
        # And takes it back.
        self.juliet.done("user", "revoke", self.juliet.pin()[:8], "--yes", "--user-passphrase-fd=0")
        [device] = json.loads(self.juliet.done("--json", "user", "show"))["devices"]
        self.assertIsNotNone(device["revoked"])


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
