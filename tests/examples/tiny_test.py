#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two people with examples/tiny.c on loopback. Usage: tiny_test.py TINY (process.py on PYTHONPATH)."""
import pathlib
import shutil
import socket
import stat
import sys
import tempfile
import unittest

from process import Process

SECRET = "wherefore art thou"
PROMPT = r"What is the secret that you share with .*\?\s+Secret: "


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Tiny(unittest.TestCase):
    program = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-tiny-")
        self.addCleanup(folder.cleanup)
        self.port = free_port()
        self.home = {}
        for name in ("romeo", "juliet", "tybalt"):
            self.home[name] = pathlib.Path(folder.name) / name
            self.home[name].mkdir()

    def start(self, name, *words, use_pty=False, home=None):
        process = Process([self.program, *words, self.port], cwd=self.home[home or name],
                          env={"USER": name, "ASAN_OPTIONS": "detect_leaks=0"}, use_pty=use_pty)
        self.addCleanup(process.close)
        return process

    def listen(self, name="juliet", **how):
        process = self.start(name, "listen", **how)
        process.wait_for("Waiting on port")
        return process

    def call(self, name="romeo", **how):
        return self.start(name, "127.0.0.1", **how)

    def meet_by_secret(self, use_pty=False):
        juliet, romeo = self.listen(use_pty=use_pty), self.call(use_pty=use_pty)
        for process in (juliet, romeo):
            process.wait_for(PROMPT)
            process.send_line(SECRET)
        for process in (juliet, romeo):
            process.wait_for("From now on .* is known by its key")
            process.wait_for("Talking with .*: encrypted and authenticated, by pake")
        return juliet, romeo

    def meet_by_key(self):
        juliet, romeo = self.listen(), self.call()
        for process in (juliet, romeo):
            process.wait_for("Talking with .*: encrypted and authenticated, by key")
            self.assertNotRegex(process.transcript, PROMPT)
        return juliet, romeo

    def end(self, juliet, romeo):
        """He leaves, and she would wait for the next call."""
        romeo.end_input()
        self.assertEqual(romeo.wait(), 0)
        juliet.wait_for("Waiting on port")
        juliet.close()

    def first_line(self, name):
        return (self.home[name] / "tiny-home").read_text().splitlines()[0]

    def change(self, name, change):
        """What the first line of a home is made, or its key where change is None."""
        home = self.home[name] / "tiny-home"
        line, key = home.read_text().split("\n", 1)
        if change is None:
            home.unlink()
            self.call(name).wait()  # nobody answers; this makes a key
            key = home.read_text().split("\n", 1)[1]
        home.write_text((change(line) if change else line) + "\n" + key)

    def new_key(self, name):
        self.change(name, None)

    def test_people__talk__by_a_secret_and_then_by_their_keys(self):
        juliet, romeo = self.meet_by_secret()
        romeo.send_line("good morrow")
        juliet.wait_for("^romeo@.*: good morrow$")
        juliet.send_line("what o'clock?\nat nine?")
        romeo.wait_for("^127.0.0.1 port .*: what o'clock\\?$")
        romeo.wait_for("at nine\\?")
        self.end(juliet, romeo)
        for name in ("romeo", "juliet"):
            self.assertRegex(self.first_line(name), "^0 guesses, friend [0-9a-f]{40} [0-9a-f]{64}$")
            home = self.home[name] / "tiny-home"
            self.assertEqual(stat.S_IMODE(home.stat().st_mode), 0o600)
            self.assertEqual(list(self.home[name].iterdir()), [home])
        juliet, romeo = self.meet_by_key()
        juliet.send_line("at nine")
        romeo.wait_for("at nine")
        juliet.end_input()
        self.assertEqual(romeo.wait(), 0)
        self.assertEqual(juliet.wait(), 0)

    def test_secret__is_not_shown__on_a_terminal(self):
        juliet, romeo = self.meet_by_secret(use_pty=True)
        for process in (juliet, romeo):
            self.assertNotIn(SECRET, process.transcript)
        romeo.send_line("good morrow")
        juliet.wait_for("romeo@.*: good morrow")

    def test_received_text__has_no_control_characters(self):
        juliet, romeo = self.meet_by_secret()
        romeo.send_line("a\tb\u009b2J\u202eevil\u2028\u2066\u00a0\u20ac\u201d end")
        self.assertEqual(juliet.wait_for("^romeo@[^:]*: (.*)$")[1], "a b  2J   evil      \u00a0\u20ac\u201d end")
        romeo.send_line("\x1b[2J")
        romeo.wait_for("Not sent: ")

    def meet_with_wrong_secret(self):
        juliet, romeo = self.listen(), self.call()
        for process, secret in ((juliet, SECRET), (romeo, "a rose")):
            process.wait_for(PROMPT)
            process.send_line(secret)
        for process in (juliet, romeo):
            process.wait_for("The two secrets differ")
        self.assertEqual(romeo.wait(), 1)
        juliet.wait_for("Waiting on port")
        juliet.close()

    def test_wrong_secret__is_refused_and_counted__on_both_sides(self):
        self.meet_with_wrong_secret()
        for name in ("romeo", "juliet"):
            self.assertRegex(self.first_line(name), "^1 guesses, friend none ")

    def test_guess__is_refused__when_ten_were_wrong(self):
        self.meet_with_wrong_secret()
        self.change("juliet", lambda line: line.replace("1 ", "10 ", 1))
        juliet, romeo = self.listen(), self.call()
        for process in (juliet, romeo):
            process.wait_for(PROMPT)
            process.send_line(SECRET)
        juliet.wait_for("Too many wrong guesses")
        self.assertEqual(romeo.wait(), 1)
        self.assertNotIn("Talking", romeo.transcript + juliet.transcript)

    def test_caller__is_refused__when_it_has_another_key(self):
        self.end(*self.meet_by_secret())
        self.new_key("romeo")  # and knows Juliet's
        juliet, romeo = self.listen(), self.call()
        juliet.wait_for("REFUSED: romeo@.* shows another key")
        self.assertEqual(romeo.wait(), 1)
        juliet.wait_for("Waiting on port")
        self.assertNotRegex(juliet.transcript + romeo.transcript, PROMPT + "|Talking")

    def test_caller__is_refused__when_it_is_somebody_who_takes_the_name(self):
        self.end(*self.meet_by_secret())
        juliet, tybalt = self.listen(), self.call("romeo", home="tybalt")
        self.assertEqual(tybalt.wait(), 1)
        juliet.wait_for("Waiting on port")
        self.assertNotRegex(juliet.transcript + tybalt.transcript, PROMPT + "|Talking")

    def test_listener__is_refused__when_it_has_another_key(self):
        self.end(*self.meet_by_secret())
        shutil.rmtree(self.home["juliet"])
        self.home["juliet"].mkdir()
        self.listen()
        romeo = self.call()
        romeo.wait_for("REFUSED: 127.0.0.1 port .* shows another key")
        self.assertEqual(romeo.wait(), 1)

    def test_listener__is_refused__when_it_knows_the_caller_and_has_another_key(self):
        self.end(*self.meet_by_secret())
        self.new_key("juliet")
        self.listen()
        romeo = self.call()
        romeo.wait_for("REFUSED: 127.0.0.1 port .* shows another key")
        self.assertEqual(romeo.wait(), 1)

    def test_pin__is_never_taken_for_none__when_it_cannot_be_read(self):
        self.end(*self.meet_by_secret())
        self.change("romeo", lambda line: line[:-9])
        self.listen()
        romeo = self.call()
        romeo.wait_for("tiny: tiny-home: ")
        self.assertEqual(romeo.wait(), 1)


if __name__ == "__main__":
    Tiny.program = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
