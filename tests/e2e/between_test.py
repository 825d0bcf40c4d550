#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Somebody between two who pair by a secret, with TLS of his own towards each. What is said to him is
passed on, given back, mixed, changed, or was right once: it is one wrong guess, on disk, and nobody
is paired."""
import base64
import json
import pathlib
import re
import sys
import tempfile
import unittest

from people import Person, free_port, pair
from splice import OTHER, Between

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "servers"))
from servers import Certificates  # noqa: E402

STEP = re.compile(rb"<pake[^>]*step='(\d)'[^>]*>([^<]*)</pake>")
SECRET = "a tale of woe"


def steps(words):
    return {int(number): value for number, value in STEP.findall(words)}


def hearer(number):
    return "called" if number % 2 else "caller"


def step(number, value):
    return b"<pake xmlns='urn:xmpp:troth:0' step='%d'>%s</pake>" % (number, value)


class Tampering:
    """What he does with the words of one run; `said` is what each has said of the proof, `told` the steps
    that somebody was told."""

    def __init__(self):
        self.said, self.told = {}, set()

    def __call__(self, end, words):
        out = {OTHER[end]: STEP.sub(b"", words)}
        for number, value in steps(words).items():
            self.said[number] = value
            for to, instead in self.on_step(number, value).items():
                out[to] = out.get(to, b"") + instead
                self.told |= set(steps(instead))
        return out

    def on_step(self, number, value):
        """What each gets for it."""
        return {hearer(number): step(number, value)}


class Reflection(Tampering):
    """To the caller: his own words, as if they were the other's."""

    def on_step(self, number, value):
        return {"caller": step(number + 1, value)} if number in (1, 3) else {}


class Back(Tampering):
    """The same to who was called."""

    def on_step(self, number, value):
        twice = base64.b64encode(base64.b64decode(value) * 2)  # as long as a tag
        return {"called": step(3, twice)} if number == 2 else super().on_step(number, value)


class Mixed(Tampering):
    """The share of each for the other's: he is the other one for both."""

    def on_step(self, number, value):
        if number == 2:
            return {"caller": step(2, self.said[1]), "called": step(3, b"A" * 85 + b"A==")}
        return {} if number == 3 else super().on_step(number, value)


class Flip(Tampering):
    def __init__(self, number):
        super().__init__()
        self.number = number

    def on_step(self, number, value):
        if number != self.number:
            return super().on_step(number, value)
        changed = bytearray(base64.b64decode(value))
        changed[0] ^= 2  # it stays the encoding of something, often
        return {hearer(number): step(number, base64.b64encode(changed))}


class Replay(Tampering):
    """What was right when these two proved that secret to each other."""

    def __init__(self, once):
        super().__init__()
        self.once = once

    def on_step(self, number, value):
        return {hearer(number): step(number, self.once[number])}


class BetweenTwo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.certificates = pathlib.Path(folder.name)
        Certificates(cls.certificates, ["montague.test"])

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.road, self.port = free_port(), free_port()  # his, and where she waits
        self.secret = self.folder / "secret"
        self.secret.write_text(SECRET + "\n", encoding="ascii")
        self.secret.chmod(0o600)
        self.juliet, self.romeo = Person(folder.name, "juliet"), Person(folder.name, "romeo")

    def window(self, *words):
        window = self.juliet.troth(*words, "--no-lan", f"--port={self.port}")
        self.addCleanup(window.close)
        window.wait_for("On the other machine", 10)
        return window

    def calls(self, tampering, *words):
        """Romeo pairs by the right secret, by a road on which somebody is; returns what he is told."""
        with Between(self.road, self.port, self.certificates) as between:
            between.turn = tampering
            with self.romeo.troth("pair", "--no-lan", f"--secret-file={self.secret}", *words) as caller:
                self.assertEqual(caller.wait(30), 4, caller.transcript)
        self.assertEqual([1 in steps(splice.seen) for splice in between.splices], [True], caller.transcript)
        return " ".join(caller.transcript.split())

    def spent(self, person, label):
        return json.loads(person.done("--json", "trust", "secret", label))["spent"]

    def keys(self):
        return [[(key["fingerprint"], key["state"])
                 for key in json.loads(one.done("--json", "trust", "show", other))["keys"]]
                for one, other in ((self.juliet, "romeo"), (self.romeo, "juliet"))]

    def test_strangers__arent_paired__and_both_are_told(self):
        window = self.window("pair", f"--secret-file={self.secret}")
        told = self.calls(Tampering(), f"127.0.0.1:{self.road}")
        self.assertIn("The two secrets differ", told)
        self.assertIn("somebody may be in between", told)
        window.wait_for("gave a wrong secret; 9 more", 10)
        self.assertEqual(self.juliet.contacts() + self.romeo.contacts(), [])

    def test_proof_that_was_right_once__is_wrong_in_another_run(self):
        window = self.window("-vv", "pair", f"--secret-file={self.secret}")
        with self.romeo.troth("pair", "--no-lan", f"--secret-file={self.secret}", f"127.0.0.1:{self.port}") as caller:
            self.assertEqual((caller.wait(20), window.wait(20)), (0, 0), caller.transcript)
        once = steps(window.transcript.encode())
        self.assertEqual(sorted(once), [1, 2, 3, 4])
        mercutio = Person(self.folder, "mercutio")
        self.romeo, before = mercutio, self.juliet.contacts()
        window = self.window("pair", f"--secret-file={self.secret}")
        self.assertIn("The two secrets differ", self.calls(Replay(once), f"127.0.0.1:{self.road}"))
        window.wait_for("gave a wrong secret; 9 more", 10)
        self.assertEqual((self.juliet.contacts(), mercutio.contacts()), (before, []))

    def test_contacts__pair_again_with_nobody__and_each_run_costs_a_guess(self):
        pair(self.juliet, self.romeo, "--no-lan", f"--port={self.road}")
        trusted = self.keys()
        for name, tampering in (("passed on", Tampering()), ("given back to him", Reflection()),
                                ("given back to her", Back()), ("mixed", Mixed()),
                                *((f"step {number} changed", Flip(number)) for number in (1, 2, 3))):
            with self.subTest(name):
                window = self.window("pair", "--generate", "romeo")
                self.secret.write_text(re.search(r"Secret:\s+(\S+)", window.transcript)[1] + "\n", encoding="ascii")
                self.assertIn("The two secrets differ", self.calls(tampering, "juliet"))
                # Who was told a share answers to it, or not: either tells something. So does her answer to a tag.
                his = 2 in tampering.told
                hers = 3 in tampering.told or (1 in tampering.told and 2 not in tampering.said)
                window.wait_for(f"gave a wrong secret; {10 - hers} more", 10)
                window.kill()
                self.assertEqual((self.spent(self.juliet, "romeo"), self.spent(self.romeo, "juliet")), (hers, his))
                self.assertEqual(self.keys(), trusted)
                window.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
