#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs as bots: what they are told, what they may do, how they end."""
import json
import os
import pathlib
import signal
import tempfile
import time
import unittest

from people import TROTH, Person, pair

ECHO = pathlib.Path(__file__).resolve().parent.parent.parent / "examples" / "echo-bot"
ON_LOOPBACK = ("--no-lan", "--port=0")
# Keeps what it is told, and says what stands in a file.
SCRIPTED = """#!/usr/bin/env python3
import sys
told = open("{told}", "a")
say = open("{say}").read()
print(say, end="", flush=True)
for line in sys.stdin:
    told.write(line)
    told.flush()
"""


class Bots(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.owner = Person(self.folder, "owner")

    def bot(self, paired=True, env=None):
        bot = Person(self.folder, "bot", env=env)
        if paired:
            pair(bot, self.owner, *ON_LOOPBACK)
        return bot

    def listens(self, bot, *words):
        process = bot.troth("listen", *ON_LOOPBACK, *words)
        self.addCleanup(process.close)
        return process, process.wait_for(r"Listening as \S+, port (\d+)", 10).group(1)

    def script(self, say=""):
        """A program; returns it and the file of what it was told."""
        told, said, path = (self.folder / name for name in ("told", "said", "script"))
        told.write_text("")
        said.write_text(say)
        path.write_text(SCRIPTED.format(told=told, say=said))
        path.chmod(0o700)
        return path, told

    @staticmethod
    def events(told):
        return [json.loads(line) for line in told.read_text().splitlines() if line.endswith("}")]

    def until(self, process, found):
        """Reads along until something is found; returns it."""
        deadline = time.monotonic() + 15
        while not found():
            self.assertLess(time.monotonic(), deadline, process.transcript)
            process.never("nothing is awaited here", during=0.05)
        return found()

    def refused(self, told):
        return [e for e in self.events(told) if e["event"] == "refused"]

    def test_echo__says_back_what_contacts_say(self):
        bot = self.bot()
        listening, port = self.listens(bot, "--exec", ECHO)
        chat = self.owner.troth("chat", "bot", "--at", f"127.0.0.1:{port}", "--no-lan", pty=True)
        self.addCleanup(chat.close)
        chat.wait_for("is connected: verified", 15)
        chat.send_line("parting is such sweet sorrow")
        chat.wait_for(r"bot.*: parting is such sweet sorrow", 10)
        listening.signal(signal.SIGTERM)
        self.assertEqual(listening.wait(10), 0)
        self.assertNotIn("parting", listening.transcript)  # a journal isn't told

    def test_wrong_line__is_refused__and_the_bot_lives_on(self):
        bot = self.bot(paired=False)
        path, told = self.script('{"do":"dance"}\n{"do":"say","contact":"nobody","text":"x","ref":1}\n'
                                 '{"do":"call","contact":"127.0.0.1:1","ref":2}\n')
        process, _ = self.listens(bot, "--exec", path)
        refused = self.until(process, lambda: len(self.refused(told)) == 3 and self.refused(told))
        self.assertIn("can't be understood", process.transcript)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(self.events(told)[0]["event"], "listening")
        self.assertEqual([(e.get("ref"), e["error"]) for e in refused],
                         [(None, "format"), (1, "not-found"), (2, "not-found")])

    def test_quit__ends_it(self):
        bot = self.bot(paired=False)
        path, _ = self.script('{"do":"quit"}\n')
        process, _ = self.listens(bot, "--exec", path)
        self.assertEqual(process.wait(10), 0)

    def test_bot__that_begins_again__is_told_who_is_here(self):
        bot = self.bot()
        pids = self.folder / "pids"
        path, told = self.script()
        path.write_text(path.read_text().replace(
            "import sys\n", f"import os, sys\nopen('{pids}', 'a').write(str(os.getpid()) + '\\n')\n"))
        process, port = self.listens(bot, "--exec", path)
        chat = self.owner.troth("chat", "bot", "--at", f"127.0.0.1:{port}", "--no-lan", pty=True)
        self.addCleanup(chat.close)
        chat.wait_for("is connected: verified", 15)
        process.wait_for("owner is connected", 10)
        first = self.until(process, lambda: pids.exists() and pids.read_text().split())[0]
        os.kill(int(first), signal.SIGKILL)  # our own grandchild, which the script named
        process.wait_for("bot: It was ended by signal 9", 10)
        process.wait_for("bot: It is begun again in 1 s", 10)
        chat.send_line("still there?")
        self.until(process, lambda: len(pids.read_text().split()) > 1
                   and self.events(told)[-1]["event"] in ("up", "message"))
        events = self.events(told)
        begun = [i for i, e in enumerate(events) if e["event"] == "listening"]
        self.assertEqual(len(begun), 2)
        again = events[begun[1]:]
        self.assertEqual([(e["event"], e.get("contact")) for e in again[:2]],
                         [("listening", None), ("up", "owner")])

    def test_program__that_isn_t_there__is_said_at_once(self):
        bot = self.bot(paired=False)
        process = bot.troth("listen", *ON_LOOPBACK, "--exec", "/nonexistent/bot")
        self.assertEqual(process.wait(10), 1)
        self.assertIn("can't run /nonexistent/bot: no such file", process.transcript)

    def test_environment_and_descriptors__aren_t_the_program_s(self):
        bot = self.bot(paired=False, env={"TOKEN": "swordfish", "GIVEN": "yes"})
        process, _ = self.listens(bot, "--env", "GIVEN", "--exec", "sh", "--", "-c",
                                  'echo "env ${TOKEN-none} $GIVEN" >&2; ls /proc/self/fd >&2; exec sleep 9')
        process.wait_for("bot: env none yes$", 10)
        process.wait_for(r"bot: 0\r?\nbot: 1\r?\nbot: 2\r?\nbot: 3\r?\n", 10)  # 3: of ls itself
        self.assertNotIn("bot: 4", process.transcript)

    def test_options__of_a_program__need_one(self):
        bot = self.bot(paired=False)
        self.assertIn("--exec CMD", bot.done("listen", "--env", "X", status=2))
        self.assertIn("troth listen", bot.done("listen", "stray", status=2))


if __name__ == "__main__":
    assert TROTH
    unittest.main(verbosity=2)
