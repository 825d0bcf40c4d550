#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two people on one machine, by host and port: they pair, meet again by their keys, lose and find
each other, and others try to come between."""
import json
import os
import signal
import socket
import tempfile
import time
import unittest

from people import Person, pair


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Story(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(self.folder.cleanup)
        self.port = free_port()
        self.juliet = Person(self.folder.name, "juliet")
        self.romeo = Person(self.folder.name, "romeo")

    def here(self, person, *words, **more):
        process = person.troth(*words, **more)
        self.addCleanup(process.close)
        return process

    def meet(self):
        return pair(self.juliet, self.romeo, "--no-lan", f"--port={self.port}")

    def test_pairing__makes_contacts_of_both__with_each_others_fingerprint(self):
        window, caller = self.meet()
        self.assertIn("You and romeo are paired.", window)
        self.assertIn("You and juliet are paired.", caller)
        self.assertEqual(self.juliet.contacts(), ["romeo"])
        self.assertEqual(self.romeo.contacts(), ["juliet"])
        spaced = " ".join(self.juliet.pin()[i:i + 4] for i in range(0, 64, 4))
        self.assertIn(spaced, caller)

    def test_secret__is_never_shown__by_the_side_that_types_it(self):
        window, caller = self.meet()
        secret = window.split("Secret:")[1].split()[0]
        self.assertNotIn(secret, caller)

    def test_messages__arrive_with_receipts__after_both_have_restarted(self):
        self.meet()
        one = self.here(self.juliet, "chat", "--no-lan", f"--port={self.port}")
        one.wait_for("Waiting as", 5)
        two = self.here(self.romeo, "chat", "--no-lan", "--port=0", "juliet")
        two.wait_for("juliet is connected: verified", 10)
        one.wait_for("romeo is connected: verified", 10)
        two.send_line("But soft!")
        one.wait_for(r"romeo \(verified\): But soft!", 5)
        two.wait_for("✓ But soft!", 5)
        one.send_line("Ay me!")
        two.wait_for(r"juliet \(verified\): Ay me!", 5)
        one.wait_for("✓ Ay me!", 5)

    def test_message__arrives_once__when_the_peer_was_killed_and_comes_back(self):
        self.meet()
        one = self.here(self.juliet, "chat", "--no-lan", f"--port={self.port}")
        two = self.here(self.romeo, "chat", "--no-lan", "--port=0", "juliet")
        two.wait_for("juliet is connected", 10)
        one.kill()
        two.wait_for("was cut", 10)
        two.send_line("while you were away")
        one = self.here(self.juliet, "chat", "--no-lan", f"--port={self.port}")
        one.wait_for(r"romeo \(verified\): while you were away", 15)
        two.wait_for("✓ while you w", 5)
        one.never("while you were away", 1)

    def test_line__waits_for_whom_it_was_typed_for__when_somebody_else_comes_in(self):
        self.meet()
        tybalt, port = Person(self.folder.name, "tybalt"), free_port()
        pair(self.romeo, tybalt, "--no-lan", f"--port={port}")
        one = self.here(self.juliet, "chat", "--no-lan", f"--port={self.port}")
        two = self.here(self.romeo, "chat", "--no-lan", f"--port={port}", "juliet")
        two.wait_for("juliet is connected", 10)
        one.kill()
        two.wait_for("was cut", 10)
        other = self.here(tybalt, "chat", "--no-lan", "--port=0", "romeo")
        two.wait_for("tybalt is connected", 10)
        other.wait_for("romeo is connected", 10)
        two.send_line("for juliet alone")
        one = self.here(self.juliet, "chat", "--no-lan", f"--port={self.port}")
        one.wait_for(r"romeo \(verified\): for juliet alone", 15)
        other.never("for juliet alone", 1)

    def test_line__stays_with_whom_it_was_cut_off_from__until_the_user_turns(self):
        self.meet()
        tybalt, port = Person(self.folder.name, "tybalt"), free_port()
        pair(self.romeo, tybalt, "--no-lan", f"--port={port}")
        self.romeo.done("trust", "rename", "tybalt", "Tybält")
        one = self.here(self.romeo, "chat", "--no-lan", f"--port={port}")  # to whoever comes
        one.wait_for("Waiting as", 10)
        # Where Juliet remembers him is where they paired: this time he is elsewhere.
        two = self.here(self.juliet, "chat", "--no-lan", "--port=0", f"127.0.0.1:{port}")
        one.wait_for("juliet is connected", 10)
        two.kill()
        one.wait_for("juliet.* was cut", 10)
        other = self.here(tybalt, "chat", "--no-lan", "--port=0", "romeo")
        one.wait_for("Tybält is connected", 10)
        one.wait_for("What you type still goes to juliet; /talk", 5)
        one.send_line("for juliet alone")
        one.wait_for("Kept until juliet is connected", 5)
        one.send_line("/talk nobody")
        one.wait_for("Nobody like that", 5)
        one.send_line("/talk TYBÄLT")
        one.wait_for("What you type goes to Tybält now", 5)
        one.send_line("a word with one of us?")
        other.wait_for(r"romeo \(verified\): a word with one of us", 10)
        other.never("for juliet alone", 1)

    def test_send__succeeds__only_with_the_receipt(self):
        self.meet()
        listener = self.here(self.juliet, "listen", "--json", "--no-lan", f"--port={self.port}")
        listener.wait_for('"listening"', 5)
        self.romeo.done("send", "--no-lan", "juliet", "hello")
        listener.wait_for(r'"event":"message","contact":"romeo".*"level":"verified".*"text":"hello"', 5)
        listener.signal(signal.SIGTERM)
        self.assertEqual(listener.wait(5), 0)
        self.romeo.done("send", "--no-lan", "--timeout=2", "juliet", "nobody is there", status=3)

    def test_stranger__gets_nothing__without_pairing(self):
        listener = self.here(self.juliet, "listen", "--no-lan", f"--port={self.port}")
        listener.wait_for("Listening", 5)
        text = self.romeo.done("send", "--no-lan", f"127.0.0.1:{self.port}", "hello", status=4)
        self.assertIn("Pair first", text)
        listener.never("hello", 0.5)

    def test_impostor__is_refused_on_both_sides__under_a_contacts_name(self):
        name = "--announce=name=juliet@balcony"
        self.meet_as(name)
        tybalt = Person(self.folder.name, "tybalt")
        impostor = self.here(tybalt, "listen", name, "--no-lan", f"--port={self.port}")
        impostor.wait_for("Listening as juliet@balcony", 5)
        text = self.romeo.done("send", "--no-lan", "juliet", "my secret", status=5)
        self.assertIn("key", text)
        self.assertIn("troth pair", text)
        impostor.never("my secret", 0.5)

    def test_impostor__is_refused__when_it_calls_under_a_contacts_name(self):
        self.meet()
        tybalt = Person(self.folder.name, "tybalt")
        listener = self.here(self.juliet, "listen", "--no-lan", f"--port={self.port}", "--accept=anyone")
        listener.wait_for("Listening", 5)
        address = self.romeo_address()
        tybalt.done("send", "--no-lan", f"--announce=name={address}", "--accept=anyone",
                           f"127.0.0.1:{self.port}", "I am romeo", status=4)
        # Nothing but romeo's key is offered to that name, whatever --accept says.
        listener.wait_for(f"who claims to be {address} has left: .*nobody has proved", 5)
        listener.never("I am romeo", 0.5)

    def romeo_address(self):
        shown = json.loads(self.juliet.done("--json", "trust", "show", "romeo"))
        return shown["addresses"][0]["address"]

    def meet_as(self, name):
        window = self.juliet.troth("pair", name, "--no-lan", f"--port={self.port}")
        secret = window.wait_for(r"Secret:\s+(\S+)", 5).group(1)
        caller = self.romeo.troth("pair", "--no-lan", f"127.0.0.1:{self.port}", pty=True)
        caller.wait_for("Secret shared with juliet@balcony.*: ", 15)
        caller.send_line(secret)
        self.assertEqual(caller.wait(30), 0, caller.transcript)
        self.assertEqual(window.wait(30), 0, window.transcript)

    def test_wrong_secret__is_told_three_times__and_pairs_nobody(self):
        window = self.here(self.juliet, "pair", "--no-lan", f"--port={self.port}")
        window.wait_for("Secret:", 5)
        caller = self.here(self.romeo, "pair", "--no-lan", f"127.0.0.1:{self.port}", pty=True)
        for attempt in range(3):
            caller.wait_for("Secret shared with .*: ", 10)
            caller.send_line("wrong")
            window.wait_for(f"wrong secret; {9 - attempt} more tries", 10)
        self.assertEqual(caller.wait(10), 4)
        self.assertIn("The two secrets differ", caller.transcript)
        window.never("was sent away", 0.5)  # which would say the same again
        self.assertEqual(self.romeo.contacts(), [])
        self.assertEqual(self.juliet.contacts(), [])

    def test_window__closes__after_ten_wrong_secrets(self):
        window = self.here(self.juliet, "pair", "--no-lan", f"--port={self.port}")
        window.wait_for("Secret:", 5)
        wrong = f"{self.folder.name}/wrong"
        with open(wrong, "w") as f:
            f.write("wrong\n")
        os.chmod(wrong, 0o600)
        for _ in range(10):
            self.romeo.done("pair", "--no-lan", f"--secret-file={wrong}", f"127.0.0.1:{self.port}", status=4)
        self.assertEqual(window.wait(10), 4)
        self.assertIn("1 more try is allowed", window.transcript)
        self.assertIn("0 more tries are allowed", window.transcript)
        self.assertRegex(self.juliet.done("log"), r"window-closed .*Too many wrong secrets")

    def test_secret_file__is_refused__when_others_may_read_it(self):
        secret = f"{self.folder.name}/secret"
        with open(secret, "w") as f:
            f.write("known to all\n")
        os.chmod(secret, 0o644)
        self.assertIn("Other users may read", self.romeo.done(
            "pair", "--no-lan", f"--secret-file={secret}", f"127.0.0.1:{self.port}", status=1))

    def test_question__is_taken_back__when_the_other_side_goes(self):
        window = self.here(self.juliet, "pair", "--no-lan", f"--port={self.port}")
        window.wait_for("Secret:", 5)
        caller = self.here(self.romeo, "pair", "--no-lan", "--timeout=2", f"127.0.0.1:{self.port}", pty=True)
        caller.wait_for("Secret shared with .*: ", 10)
        window.kill()
        self.assertEqual(caller.wait(15), 3, caller.transcript)

    def test_waiting__is_told__while_the_other_user_thinks(self):
        window = self.here(self.juliet, "pair", "--no-lan", f"--port={self.port}")
        window.wait_for("Secret:", 5)
        caller = self.here(self.romeo, "pair", "--no-lan", f"127.0.0.1:{self.port}", pty=True)
        caller.wait_for("Secret shared with .*: ", 10)
        window.wait_for("Waiting for the other side to type the secret", 5)

    def test_new_device__is_an_attack_until_paired_again__and_fine_then(self):
        self.meet()
        self.juliet.done("init", "--replace", "--nick", "juliet")
        listener = self.here(self.juliet, "listen", "--no-lan", f"--port={self.port}")
        listener.wait_for("Listening", 5)
        text = self.romeo.done("send", "--no-lan", "juliet", "hello", status=5)
        self.assertIn("troth pair", text)
        self.assertIn("failed: The peer doesn't show the key", self.romeo.done("trust", "show", "juliet"))
        listener.close()
        window = self.here(self.juliet, "pair", "--no-lan", "--generate", f"--port={self.port}", "romeo")
        secret = window.wait_for(r"Secret:\s+(\S+)", 5).group(1)
        caller = self.here(self.romeo, "pair", "--no-lan", "juliet", pty=True)
        caller.wait_for("Secret shared with juliet.*: ", 15)
        caller.send_line(secret)
        self.assertEqual(caller.wait(30), 0, caller.transcript)
        self.assertEqual(window.wait(30), 0, window.transcript)
        self.assertEqual(self.romeo.contacts(), ["juliet"])

    def test_probe__changes_nothing__and_says_what_would_be_used(self):
        self.meet()
        listener = self.here(self.juliet, "listen", "--no-lan", f"--port={self.port}")
        listener.wait_for("Listening", 5)
        before = self.romeo.done("--json", "log")
        self.assertIn("verified", self.romeo.done("probe", "--no-lan", "juliet"))
        self.assertEqual(self.romeo.done("--json", "log"), before)

    def test_contact__that_isnt_seen__gets_nothing__and_the_user_hears_that(self):
        self.meet()
        one = self.here(self.juliet, "chat", "--no-lan", "--port=0", "romeo", pty=True)
        one.wait_for("Looking for romeo", 5)
        one.send_line("Art thou gone so?")
        one.wait_for("Kept until romeo is connected", 5)
        one.wait_for("troth pair --generate 'romeo'", 15)
        one.send_line("/quit")
        one.wait_for("1 message to romeo never got a receipt", 5)
        self.assertEqual(one.wait(10), 3)

    def test_namesake__is_named_after_pairing__in_case_it_is_the_same_one(self):
        self.meet()
        self.juliet.done("init", "--replace", "--nick", "juliet")
        _, caller = pair(self.juliet, self.romeo, "--no-lan", f"--port={free_port()}")
        self.assertIn("troth trust rename 'juliet-2' 'juliet'", caller)
        self.assertIn("troth chat 'juliet-2'", caller)

    def test_unverified__is_said_in_every_line__when_anyone_is_accepted(self):
        one = self.here(self.juliet, "chat", "--no-lan", "--accept=anyone", f"--port={self.port}")
        one.wait_for("Waiting as", 5)
        two = self.here(self.romeo, "chat", "--no-lan", "--accept=anyone", "--port=0", f"127.0.0.1:{self.port}")
        two.wait_for("is connected: unverified", 10)
        two.send_line("hello")
        one.wait_for(r"\(unverified\): hello", 5)

    def test_pipe__is_read_when_somebody_is_there__and_ends_when_all_was_received(self):
        two = self.here(self.romeo, "chat", "--no-lan", "--accept=anyone", "--port=0", f"127.0.0.1:{self.port}")
        two.send_line("from a pipe")
        two.end_input()
        two.wait_for("Trying again", 10)
        one = self.here(self.juliet, "chat", "--no-lan", "--accept=anyone", f"--port={self.port}")
        one.wait_for(r"\(unverified\): from a pipe", 20)
        self.assertEqual(two.wait(10), 0, two.transcript)

    def test_terminal__shows_what_arrives_above_the_line__while_one_is_edited(self):
        self.meet()
        one = self.here(self.juliet, "chat", "--no-lan", f"--port={self.port}", pty=True)
        one.wait_for("not connected", 5)
        two = self.here(self.romeo, "chat", "--no-lan", "--port=0", "juliet")
        one.wait_for(r"romeo \(verified\)> ", 10)
        one.send("half a li")
        time.sleep(0.3)
        two.send_line("interrupting")
        one.wait_for(r"romeo \(verified\): interrupting", 5)
        one.wait_for(r"romeo \(verified\)> half a li", 5)
        one.send_line("ne")
        two.wait_for(r"juliet \(verified\): half a line", 5)
        one.send_line("/quit")
        self.assertEqual(one.wait(10), 0)

    def test_terminal__that_only_writes_lines__has_a_prompt_too(self):
        self.meet()
        one = self.here(self.juliet, "chat", "--no-lan", f"--port={self.port}", pty=True, term="dumb")
        one.wait_for(r"^nobody \(not connected\)> ", 5)
        two = self.here(self.romeo, "chat", "--no-lan", "--port=0", "juliet")
        one.wait_for(r"^romeo is connected: verified", 10)
        one.wait_for(r"^romeo \(verified\)> ", 5)
        two.send_line("hello")
        one.wait_for(r"\n\[.*romeo \(verified\): hello\s+romeo \(verified\)> ", 5)
        one.send_line("good morrow")
        two.wait_for(r"juliet \(verified\): good morrow", 5)
        one.wait_for(r"✓ good morrow\s+romeo \(verified\)> ", 5)
        self.assertNotIn("\033", one.transcript)
        one.send_line("/quit")
        self.assertEqual(one.wait(10), 0)

    def test_terminal__keeps_the_conversation__whatever_key_edits_the_line(self):
        self.meet()
        one = self.here(self.juliet, "chat", "--no-lan", f"--port={self.port}", pty=True)
        one.wait_for("not connected", 5)
        two = self.here(self.romeo, "chat", "--no-lan", "--port=0", "juliet")
        one.wait_for(r"romeo \(verified\)> ", 10)
        keys = ["\x7f", "away\x15", "ab\x7f\x7f", "\x1b[D", "\x01\x0b", "\t", "\x12", "\x16", "\x18"]
        for number, key in enumerate(keys):
            one.send(key)
            two.send_line(f"after key {number}")
            one.wait_for(f"after key {number}", 5)
        one.send_line("first")
        two.wait_for(r"juliet \(verified\): first", 5)
        one.send("\x1b[A again\n")
        two.wait_for(r"juliet \(verified\): first again", 5)
        one.send_line("/quit")
        self.assertEqual(one.wait(10), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
