#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A device with a label: provisioned, armed, claimed once, given away, reset."""
import json
import os
import pathlib
import signal
import stat
import subprocess
import tempfile
import unittest

from machines import Machines
from people import Person, free_port, pair
from namespace import become_root

ON_LOOPBACK = ("--no-lan", "--port=0")


def scan(path):
    """What a QR code in a picture says, by zbar."""
    done = subprocess.run(["zbarimg", "--quiet", "--raw", "--nodbus", str(path)], capture_output=True, check=True)
    return done.stdout.decode().strip()


def picture(lines, path):
    """The QR code of a terminal without colours: light blocks on a dark screen."""
    light = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    rows = []
    for line in lines:
        pairs = [light[c] for c in line]
        rows += [[upper for upper, _ in pairs], [lower for _, lower in pairs]]
    scale = 4
    with open(path, "wb") as file:
        file.write(b"P5 %d %d 255\n" % (len(rows[0]) * scale, len(rows) * scale))
        for row in rows:
            file.write(b"".join(bytes([255 * bit]) * scale for bit in row) * scale)


class Owners(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.radio = Person(self.folder, "radio")
        self.made = json.loads(self.radio.done("--json", "-q", "bot", "init", "--name", "radio@kitchen"))
        self.romeo, self.juliet = Person(self.folder, "romeo"), Person(self.folder, "juliet")

    def listens(self, *words):
        process = self.radio.troth("listen", *ON_LOOPBACK, *words)
        self.addCleanup(process.close)
        return process, "127.0.0.1:" + process.wait_for(r"Listening as radio@kitchen, port (\d+)", 10).group(1)

    def pairs(self, person, where, code=None, status=0):
        """Types the code of the label."""
        process = person.troth("pair", "--no-lan", "--as", "radio", where, pty=True)
        self.addCleanup(process.close)
        if status == 0 or code is not None:
            process.wait_for("Secret shared with .*: ", 15)
            process.send_line(code or self.made["code"])
        self.assertEqual(process.wait(30), status, process.transcript)
        return process.transcript

    def owner(self):
        return json.loads(self.radio.done("--json", "-q", "bot", "status"))["owner"]

    def claimed(self):
        """Romeo owns the radio, which listens."""
        process, where = self.listens()
        self.radio.done("bot", "arm")
        self.pairs(self.romeo, where)
        process.wait_for("You and romeo are paired", 10)
        return process, where

    def test_code__is_for_this_user_alone__and_made_once(self):
        file = self.radio.home / "code"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertRegex(self.made["code"], r"^troth1( [a-z0-9]{4}){6}$")
        self.assertGreaterEqual(self.made["bits"], 80)
        code = self.made["secret"].encode()
        kept = [path.name for path in self.radio.home.iterdir() if code in path.read_bytes()]
        self.assertEqual(kept, ["code"])
        self.radio.done("bot", "init", status=1)
        self.assertEqual(file.read_bytes().strip(), code)
        again = json.loads(self.radio.done("--json", "-q", "bot", "init", "--replace"))
        self.assertEqual(again["name"], "radio@kitchen")
        self.assertNotEqual(again["secret"], self.made["secret"])

    def test_owner__is_the_first__and_nobody_else(self):
        process, where = self.listens()
        self.pairs(self.romeo, where, status=4)  # nobody has armed it
        self.assertIsNone(self.owner())
        self.assertIn("For 5 minutes this device", self.radio.done("bot", "arm", "--for", "5m"))
        process.wait_for("The owner is waited for", 5)
        self.pairs(self.romeo, where)
        process.wait_for("You and romeo are paired", 10)
        self.assertEqual(self.owner(), "romeo")
        said = self.radio.done("bot", "arm", status=4)
        self.assertIn("It has an owner.", said)
        self.pairs(self.juliet, where, status=4)
        self.assertEqual(self.radio.contacts(), ["romeo"])
        self.assertIn("no longer shown", self.radio.done("bot", "label", self.folder / "late.svg", status=4))
        self.assertNotIn(self.made["secret"][6:10], process.transcript)

    def test_owner__is_the_same__after_a_crash(self):
        process, _ = self.claimed()
        process.kill()
        process, where = self.listens()
        self.assertEqual(self.owner(), "romeo")
        self.radio.done("bot", "arm", status=4)
        chat = self.romeo.troth("send", "radio", "--at", where, "--no-lan", "still mine")
        self.addCleanup(chat.close)
        process.wait_for(r"romeo \(verified\): still mine", 15)

    def test_window__ends_in_time(self):
        process, where = self.listens()
        self.radio.done("bot", "arm", "--for", "1s")
        process.wait_for("Nobody came in time", 10)
        self.pairs(self.romeo, where, status=4)
        self.radio.done("bot", "arm")
        self.radio.done("bot", "arm", "--off")
        process.wait_for("No owner is waited for any more", 5)
        self.pairs(self.romeo, where, status=4)
        self.assertIsNone(self.owner())

    def test_mistyped_code__costs_no_guess(self):
        process, where = self.listens()
        self.radio.done("bot", "arm")
        wrong = self.made["code"][:-1] + ("q" if self.made["code"][-1] != "q" else "p")
        said = self.pairs(self.romeo, where, wrong, status=4)
        self.assertIn("compare it with the label", said)
        self.assertNotIn("wrong secret", process.transcript)
        self.pairs(self.romeo, where)

    def test_wrong_codes__dont_lock_the_owner_out(self):
        process, where = self.listens()
        self.radio.done("bot", "arm")
        other = json.loads(self.romeo.done("--json", "-q", "bot", "init"))["code"]
        guesses = self.folder / "guess"
        guesses.write_text(other + "\n")
        guesses.chmod(0o600)
        for _ in range(12):  # more than a weak secret may take
            self.juliet.done("pair", "--no-lan", "--secret-file", guesses, where, status=4)
            process.wait_for("gave a wrong secret", 5)
        self.pairs(self.romeo, where)
        self.assertEqual(self.owner(), "romeo")

    def test_reset__forgets_the_owner__while_it_listens(self):
        process, where = self.claimed()
        chat = self.romeo.troth("chat", "radio", "--at", where, "--no-lan", pty=True)
        self.addCleanup(chat.close)
        chat.wait_for("is connected: verified", 15)
        self.radio.done("bot", "reset", "--yes")
        chat.wait_for("other side refused|has left|ended|refused", 10)
        self.assertIsNone(self.owner())
        self.assertEqual(self.radio.contacts(), [])
        self.radio.done("bot", "arm")
        self.pairs(self.juliet, where)
        self.assertEqual(self.owner(), "juliet")

    def test_transfer__by_the_owner(self):
        process, where = self.claimed()
        self.romeo.done("bot", "transfer", "radio", "--at", where, "--no-lan", "--for", "10m")
        process.wait_for("Another owner is waited for", 5)
        self.pairs(self.juliet, where)
        self.assertEqual(self.owner(), "juliet")
        self.assertEqual(self.radio.contacts(), ["juliet"])
        self.assertIn("refused", self.romeo.done("bot", "transfer", "radio", "--at", where, "--no-lan", status=4))

    def test_transfer__at_the_device(self):
        _, where = self.claimed()
        self.radio.done("bot", "transfer")
        self.pairs(self.juliet, where)
        self.assertEqual(self.owner(), "juliet")

    def test_hook__arms_it(self):
        hook = self.folder / "button"
        hook.write_text("#!/bin/sh\necho pressed\necho arm\nexec sleep 100\n")
        hook.chmod(0o700)
        process, where = self.listens("--arm-hook", hook)
        process.wait_for("something else than \"arm\"", 5)
        process.wait_for("The owner is waited for", 5)
        self.pairs(self.romeo, where)
        self.assertEqual(self.owner(), "romeo")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)

    def test_control__is_for_this_user__and_one_process(self):
        process, _ = self.listens()
        self.assertEqual(stat.S_IMODE((self.radio.home / "control").stat().st_mode), 0o600)
        second, _ = self.listens()
        self.assertIn("Another process listens for this device", second.transcript)
        second.kill()
        self.radio.done("bot", "arm")
        process.wait_for("The owner is waited for", 5)
        process.kill()  # its socket stays, and says nothing
        self.assertIn("nothing listens", self.radio.done("bot", "arm", status=1))
        third, _ = self.listens()
        self.radio.done("bot", "arm")
        third.wait_for("The owner is waited for", 5)
        third.signal(signal.SIGTERM)
        third.wait(10)
        self.assertFalse((self.radio.home / "control").exists())

    def test_words__that_make_no_sense(self):
        for words in (["bot"], ["bot", "atm"], ["bot", "arm", "--for", "10x"], ["bot", "arm", "--for", "25h"],
                      ["bot", "init", "--name", "radio"], ["bot", "label"], ["bot", "label", "x.jpg"],
                      ["pair", "-", "x"], ["pair", "--image", "x", "y"], ["pair", "--show", "x@y"]):
            with self.subTest(words):
                self.assertIn("--help", self.radio.done(*words, status=2))
        self.assertIn("has no code", self.romeo.done("bot", "arm", status=1))


class Links(unittest.TestCase):
    setUp = Owners.setUp

    def test_label__says_the_same__in_both_forms(self):
        png, svg = self.folder / "l.png", self.folder / "l.svg"
        said = self.radio.done("bot", "label", png)
        for word in ("stick it on the device", "troth bot arm", "troth pair radio@kitchen", "troth pair --image"):
            self.assertIn(word, " ".join(said.split()))
        self.radio.done("bot", "label", svg)
        for path in png, svg:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(scan(png), f"xmpp:radio@kitchen?troth-pair;realm=link;secret={self.made['secret']};"
                                    f"pin={self.radio.pin()}")
        self.assertIn(b"<svg", svg.read_bytes()[:200])
        self.radio.done("bot", "label", png, status=1)  # not over it
        self.radio.done("bot", "label", png, "--replace")

    def test_label__of_an_account__has_it(self):
        clock = Person(self.folder, "clock", words=("--jid", "clock@montague.example"))
        clock.done("bot", "init", "--name", "clock@hall", "--label", self.folder / "c.png")
        self.assertTrue(scan(self.folder / "c.png").startswith(
            "xmpp:clock@montague.example?troth-pair;name=clock@hall;secret=troth1"))

    def test_secret__is_no_argument(self):
        link = f"xmpp:radio@kitchen?troth-pair;realm=link;secret={self.made['secret']}"
        said = self.romeo.done("pair", "--no-lan", link, status=2)
        self.assertIn("can't be an argument", said)
        self.assertNotIn(self.made["secret"], said)

    def test_link__from_a_pipe_or_a_picture__that_is_none(self):
        (self.folder / "no.png").write_bytes(b"not a picture")
        self.assertIn("no QR code", self.romeo.done("pair", "--image", self.folder / "no.png", status=1))
        self.assertIn("No such file", self.romeo.done("pair", "--image", self.folder / "none.png", status=1))
        with self.romeo.troth("pair", "-") as process:
            process.send_line("xmpp:a@b?message;body=x")
            self.assertEqual(process.wait(10), 1)
            self.assertIn("isn't a link of a device", process.transcript)

    def test_link__that_names_a_contact__gives_it_no_other_key(self):
        """Whoever made the link knows its secret, and may be where the contact was met."""
        port = free_port()
        pair(self.juliet, self.romeo, "--no-lan", f"--port={port}")
        trap = self.radio.troth("pair", "--no-lan", f"--port={port}")
        self.addCleanup(trap.close)
        secret = trap.wait_for(r"Secret:\s+(\S+)", 10).group(1)
        for key in f";pin={self.radio.pin()}", "":
            with self.romeo.troth("pair", "--no-lan", "--as=radio", "-") as process:
                process.send_line(f"xmpp:juliet?troth-pair;realm=link;secret={secret}{key}")
                self.assertEqual(process.wait(15), 5, process.transcript)
                self.assertIn("doesn't have that contact's key", process.transcript)
        shown = self.romeo.done("--json", "trust", "show", "juliet")
        self.assertIn(self.juliet.pin(), shown)
        self.assertNotIn(self.radio.pin(), shown)
        trap.kill()
        # That contact's own link does what it says.
        window = self.juliet.troth("pair", "--no-lan", f"--port={port}")
        self.addCleanup(window.close)
        secret = window.wait_for(r"Secret:\s+(\S+)", 10).group(1)
        with self.romeo.troth("pair", "--no-lan", "-") as process:
            process.send_line(f"xmpp:juliet?troth-pair;realm=link;secret={secret};pin={self.juliet.pin()}")
            self.assertEqual(process.wait(30), 0, process.transcript)

    def test_id__is_shown_to_a_camera__and_pinned_by_it(self):
        shown = self.radio.done("id", "--qr")
        lines = [line for line in shown.splitlines() if line and not line.strip("▀▄█ ")]
        picture(lines, self.folder / "id.pgm")
        link = scan(self.folder / "id.pgm")
        self.assertEqual(link, f"xmpp:radio@kitchen?troth-pair;realm=link;pin={self.radio.pin()}")
        self.romeo.done("trust", "pin", "radio", link)
        shown = json.loads(self.romeo.done("--json", "trust", "show", "radio"))
        self.assertIn(self.radio.pin(), json.dumps(shown))

    def test_show__draws_on_a_terminal__in_black_on_white(self):
        process = self.romeo.troth("pair", "--no-lan", "--port=0", "--show")
        self.addCleanup(process.close)
        process.wait_for("troth pair ", 10)
        lines = [line for line in process.transcript.splitlines() if line and not line.strip("▀▄█ ")]
        picture(lines, self.folder / "show.pgm")
        # Whom no link shows is named by where it listens.
        self.assertRegex(scan(self.folder / "show.pgm"),
                         rf"^xmpp:[\d.]+%3A\d+\?troth-pair;realm=link;secret=\w+-\w+-\w+-\w+;pin={self.romeo.pin()}$")
        self.juliet.done("pair", "--no-lan", "--image", self.folder / "show.pgm")
        self.assertEqual(self.juliet.contacts(), ["romeo"])
        self.assertEqual(process.wait(10), 0)
        self.romeo.env = {"NO_COLOR": ""}
        self.addCleanup(setattr, self.romeo, "env", {})
        screen = self.romeo.troth("id", "--qr", pty=True)
        self.addCleanup(screen.close)
        screen.wait_for("\033\\[38;5;16;48;5;231m", 10)


class OnTheLink(Machines):
    def test_picture_of_the_label__is_enough(self):
        radio = self.person("radio", self.street)
        label = os.path.join(self.folder, "label.png")
        radio.done("bot", "init", "--name", "radio@kitchen", "--label", label)
        listening = self.start(radio, "listen")
        listening.wait_for("Listening as radio@kitchen", 10)
        radio.done("bot", "arm")
        process = self.start(self.romeo, "pair", "--image", label, "--as", "radio")
        process.wait_for("You and radio are paired", 30)
        listening.wait_for("You and romeo are paired", 10)

    def test_secret__with_another_key__isn_t_that_device(self):
        """Somebody has photographed the label, and answers in its name."""
        radio, tybalt = self.person("radio", self.street), self.person("tybalt", self.balcony)
        link = os.path.join(self.folder, "label.png")
        made = json.loads(radio.done("--json", "-q", "bot", "init", "--name", "radio@kitchen", "--label", link))
        stolen = os.path.join(self.folder, "stolen")
        with open(stolen, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(made["secret"] + "\n")
        trap = self.start(tybalt, "pair", "--announce=name=radio@kitchen", "--secret-file", stolen)
        trap.wait_for("Waiting for the other side", 10)
        process = self.start(self.romeo, "pair", "--image", link, "--as", "radio")
        self.assertEqual(process.wait(30), 5, process.transcript)
        self.assertIn("another key than the link says", process.transcript)
        self.assertEqual(self.romeo.contacts(), [])


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
