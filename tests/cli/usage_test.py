#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line itself: help, mistakes, completion, colours."""
import os
import pathlib
import re
import shutil
import signal
import subprocess

from command import Command, main

MAN = pathlib.Path(__file__).resolve().parent.parent.parent / "man" / "troth.1"


class Usage(Command):
    def verbs(self):
        text = self.troth("--help").out
        found = re.findall(r"^  ([a-z]+)  ", text.split("\nVerbs\n")[1].split("\n\n")[0], re.M)
        self.assertGreaterEqual(len(found), 7)
        return found

    def test_help__shows_an_example__of_every_verb(self):
        for verb in self.verbs():
            with self.subTest(verb):
                text = self.troth(verb, "--help").out
                self.assertIn(f"Usage: troth {verb}", text)
                self.assertRegex(text.split("\nExamples\n")[1], rf"  troth.*\b{verb}\b")
                self.assertEqual(text, self.troth("help", verb).out)

    def test_help__fits_the_screen(self):
        for verb in self.verbs():
            for line in self.troth(verb, "--help").out.splitlines():
                self.assertLessEqual(len(line), 100, line)

    def test_help__has_prose_that_fits_a_small_terminal(self):
        prose = []
        for words in [(verb,) for verb in self.verbs()] + [("trust", "pin"), ("trust", "fetch")]:
            sections = self.troth(*words, "--help").out.split("\n\n")
            about = sections[1 if sections[0].startswith("Usage:") else 2]
            prose += about.splitlines() if not about.startswith("Options") else []
        self.assertIn("Fetches the keys that a contact's account shows (XEP-0189), or, where it shows", prose)
        for line in prose:
            self.assertLessEqual(len(line), 80, line)

    def test_listen__names_the_events_of_accounts(self):
        self.assertRegex(self.troth("listen", "--help").out, r"\bonline,\s+offline,")

    def test_help__stands_apart_from_a_long_option(self):
        self.assertIn("--password-store WHERE  where", self.troth("login", "--help").out)

    def test_manual__names_every_verb_and_option(self):
        manual = MAN.read_text()
        for verb in self.verbs():
            with self.subTest(verb):
                self.assertTrue(f"\n.Ss {verb}\n" in manual, "isn't in the manual")
                for option in re.findall(r"--([a-z-]+)", self.troth(verb, "--help").out):
                    self.assertTrue(f"-{option}" in manual, f"--{option} isn't in the manual")

    def test_version__is_one_line(self):
        self.assertRegex(self.troth("--version").out, r"^troth \d+\.\d+\.\d+\n$")

    def test_mistake__is_a_usage_error_of_one_line(self):
        for words in (["idd"], ["id", "--crt"], ["id", "-x"], ["id", "--cert=1"], ["nearby", "--timeout"],
                      ["nearby", "--timeout", "x"], ["log", "--since", "-1"], ["trust"], ["trust", "lst"],
                      ["trust", "rename", "a"], ["id", "a", "b", "c"], ["completion"], [],
                      ["init", "--jid", "@"], ["init", "--nick", ""], ["--nonsense", "id"],
                      ["chat", "--announce=nick,status=asleep"], ["listen", "--announce=jid="]):
            with self.subTest(words):
                result = self.fails(2, *words)
                self.assertEqual(result.err.count("\n"), 1, result.err)
                self.assertEqual(result.out, "")
                self.assertFalse(self.home.exists())

    def test_missing_argument__is_shown_by_the_usage_of_its_subcommand(self):
        self.init()
        for words, usage in ((["user", "quorum"], "troth user quorum DEVICE..."),
                             (["roster", "refuse"], "troth roster accept|refuse JID"),
                             (["logout"], "troth logout JID")):
            with self.subTest(words):
                self.assertIn(f"an argument is missing: {usage}", self.fails(2, *words).err)

    def test_send__refuses_text_that_cant_be_sent__before_it_calls_anybody(self):
        self.init()
        for text, why in ((b"\x01", "characters that can't be sent"), (b"a\0b", "characters"), (b"\xff", "UTF-8"),
                          (b"x" * 300000, "too long"), (b"&" * 100000, "too long"), (b"", "no text")):
            result = self.fails(2, "send", "--no-lan", "127.0.0.1:1", "-", stdin=text)
            self.assertIn(why, result.err)
            self.assertNotIn("Connecting", result.err)

    def test_interface__that_isnt_there__is_named_with_those_that_are(self):
        self.init()
        for verb in (["listen"], ["chat", "x"], ["send", "x", "y"], ["pair"], ["probe", "x"]):
            result = self.fails(2, *verb, "--interface", "lo", "-i", "nosuch0")
            self.assertRegex(result.err, r"no interface 'nosuch0' here; there (is|are) .*\blo\b")

    def test_mistyped__is_guessed(self):
        self.assertIn("`troth nearby`", self.fails(2, "neraby").err)
        self.assertIn("--cert", self.fails(2, "id", "--crt").err)
        self.assertIn("`troth trust list`", self.fails(2, "trust", "lst").err)
        self.assertNotIn("did you mean", self.fails(2, "xyzzyxyzzy").err)
        self.assertNotIn("did you mean", self.fails(2, "foo").err)

    def test_mistake__is_json__when_asked(self):
        error = self.fails(2, "idd", "--json").json["error"]
        self.assertEqual(error["name"], "usage")
        self.assertIn("idd", error["text"])

    def test_option__is_taken_before_and_after_the_verb(self):
        self.init()
        before = self.troth("--json", "id").json
        self.assertEqual(before, self.troth("id", "--json").json)

    def test_hostile_word__is_cleaned(self):
        result = self.fails(2, "a\033[2Jb\nc")
        self.assertNotIn("\033", result.err)
        self.assertEqual(result.err.count("\n"), 1)

    def test_full_disk__is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([shutil.which("sh"), "-c", '"$TROTH" --help'], stdout=full,
                                  stderr=subprocess.PIPE, env={**self.environment(), "TROTH": self.path()})
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"couldn't be written", done.stderr)

    def unread(self, *words):
        """Its output goes to a pipe whose reader has left, as `head` does."""
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([self.path(), "--home", self.home, *words], stdout=write, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, env=self.environment(), timeout=20)
        os.close(write)
        return done

    def test_reader_that_leaves__is_no_failure__as_with_other_tools(self):
        self.init()
        for words in (["--help"], ["id", "--quiet"], ["trust", "list", "--json"],
                      ["listen", "--no-lan", "--port=0", "--json", "--quiet"],
                      ["pair", "--no-lan", "--port=0", "--quiet"]):
            with self.subTest(words):
                done = self.unread(*words)
                self.assertEqual(done.stderr, b"")
                self.assertEqual(done.returncode, -signal.SIGPIPE)

    @staticmethod
    def path():
        import command
        return command.TROTH

    def test_closed_descriptors__are_not_taken_by_the_store(self):
        done = subprocess.run(["sh", "-c", '"$TROTH" --home "$1" init >&- 2>&- <&-', "sh", self.home],
                              env={**self.environment(), "TROTH": self.path()})
        self.assertEqual(done.returncode, 0)
        self.assertTrue((self.home / "device.pem").read_text().startswith("-----BEGIN"))
        self.assertEqual((self.home / "trust.db").read_bytes()[:15], b"SQLite format 3")

    def test_colour__is_for_terminals_without_no_color(self):
        self.init()
        self.assertNotIn("\033", self.troth("doctor").out)
        self.assertIn("\033[32m", self.on_terminal("doctor")[1])
        self.assertNotIn("\033", self.on_terminal("doctor", "--no-color")[1])
        kept = self.environment
        self.environment = lambda **more: kept(NO_COLOR="1", **more)
        self.assertNotIn("\033", self.on_terminal("doctor")[1])

    def test_quiet__leaves_results(self):
        self.init()
        self.assertNotEqual(self.troth("id").err, "")
        quiet = self.troth("id", "--quiet")
        self.assertEqual(quiet.err, "")
        self.assertIn("fingerprint", quiet.out)


class Words(Command):
    def test_help__has_one_word_for_what_people_compare(self):
        """"fingerprint"; a pin is nothing that is read aloud, only "to pin" and "pinned" are said.
        A token's PIN is another word."""
        texts = [MAN.read_text()] + [self.troth(verb, "--help").out for verb in ("id", "init", "trust", "pair", "log")]
        for text in texts:
            self.assertNotRegex(text, r"\b(?i:a|the|or|her|its|and|,) [Pp]ins?\b")


class Subcommands(Command):
    def test_help__is_that_of_the_subcommand__with_an_example(self):
        about = set()
        for word in ("list", "show", "explain", "rename", "forget", "pin", "secret"):
            for command in (["trust", word, "--help"], ["trust", "--help", word], ["help", "trust", word]):
                with self.subTest(command):
                    text = self.troth(*command).out
                    self.assertTrue(text.startswith(f"Usage: troth trust {word}"), text)
                    self.assertIn(f"\n  troth trust {word}", text)
            about.add(text)
        self.assertEqual(len(about), 7)

    def test_user__has_help_and_an_example__for_each_subcommand(self):
        words = re.findall(r"troth user (\w+)", self.troth("user", "--help").out.split("\n\n")[1])
        self.assertEqual(len(words), 10)
        for word in words:
            text = self.troth("user", word, "--help").out
            self.assertTrue(text.startswith(f"Usage: troth user {word}"), text)
            self.assertIn(f"\n  troth user {word}", text)
        text = self.troth("user", "revoke", "--help").out
        for option in "--reason WHY", "--yes", "--user-key FILE":
            self.assertIn(option, text)
        self.assertNotIn("--port", text)
        self.assertIn("--port", self.troth("user", "join", "--help").out)
        self.assertIn("--reason WHY", self.troth("id", "revoke", "--help").out)

    def test_suspend__has_the_options_of_its_usage(self):
        said = self.troth("user", "suspend", "--help").out
        self.assertIn("--reason WHY  ", said)
        self.assertIn("--yes  ", said)

    def test_help__has_the_options_of_the_subcommand_only(self):
        text = self.troth("trust", "forget", "--help").out
        self.assertRegex(text, r"-y, --yes +don't ask")
        self.assertNotIn("--arm", text)
        for word in "forget", "sign":  # an option of both
            self.assertRegex(self.troth("trust", word, "--help").out, r"-y, --yes +don't ask")

    def test_help__is_that_of_the_verb__for_no_subcommand_of_it(self):
        self.assertIn("Usage: troth trust list", self.troth("trust", "nonsense", "--help").out)
        self.assertIn("troth pair: become", self.troth("pair", "x", "--help").out)


class Completion(Command):
    def test_script__is_sound__for_each_shell_that_is_here(self):
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell):
                script = self.troth("completion", shell).out
                self.assertRegex(script, "troth .* trust list --labels")
                if shutil.which(shell):
                    subprocess.run([shell, "-n"], input=script.encode(), check=True)

    def complete(self, *words, says=None):
        """What bash offers for the last word; `says`: what the command that is asked says."""
        script = self.troth("completion", "bash").out
        import command
        script += f'\ntroth() {{ {f"echo {says}" if says else command.TROTH} --home "$HOME_OF_TEST" "$@"; }}\n' \
                  'COMP_WORDS=(troth "$@"); COMP_CWORD=$#; _troth; printf "%s\\n" "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, check=True,
                              env={**self.environment(), "HOME_OF_TEST": str(self.home)})
        return done.stdout.decode().split("\n")[:-1]

    def test_bash__offers_verbs_options_words_and_contacts(self):
        self.init()
        friend = self.init("friend")
        self.troth("trust", "pin", "Juliet C.", self.cert(friend))
        self.assertEqual(self.complete("ne"), ["nearby"])
        self.assertEqual(self.complete("nearby", "--on"), ["--once"])
        self.assertEqual(self.complete("trust", "expl"), ["explain"])
        self.assertEqual(self.complete("trust", "show", ""), ["Juliet\\ C."])
        self.assertEqual(self.complete("--json", "trust", "show", "Jul"), ["Juliet\\ C."])
        self.assertIn(str(self.folder / "friend"), self.complete("--home", str(self.folder) + "/f"))

    def test_bash__offers_the_accounts__to_every_verb_that_takes_one(self):
        for words in (["chat", "--account"], ["roster", "list", "--account"], ["logout"]):
            self.assertEqual(self.complete(*words, "ro", says="romeo@montague.test"), ["romeo@montague.test"])

    def test_bash__offers_what_options_take__and_help(self):
        self.assertEqual(self.complete("chat", "--accept", "an"), ["anyone"])
        self.assertEqual(self.complete("listen", "--accept", "=", "vou"), ["vouched"])
        self.assertEqual(self.complete("login", "--password-store", "=", "s"), ["secret-service"])
        self.assertEqual(self.complete("listen", "--accept", "="), ["contacts", "vouched", "anyone", "plain"])
        self.assertEqual(self.complete("user", "revoke", "x", "--reason", ""), ["compromised", "lost", "retired"])
        self.assertEqual(self.complete("login", "--publish", "op"), ["open"])
        self.assertIn("lo", self.complete("chat", "--interface", ""))
        self.assertEqual(self.complete("hel"), ["help"])
        self.assertEqual(self.complete("help", "nea"), ["nearby"])

    def test_bash__offers_files__where_a_subcommand_takes_them(self):
        self.init()
        friend = self.cert(self.init("friend"))
        self.troth("trust", "pin", "Juliet", friend)
        self.assertEqual(self.complete("trust", "pin", "Ju"), ["Juliet"])
        self.assertEqual(self.complete("trust", "pin", "Juliet", str(friend)[:-2]), [str(friend)])
        self.assertEqual(self.complete("trust", "ask", "Juliet", str(friend)[:-2]), [""])
        for words in ("id", "import"), ("bot", "label"):
            self.assertEqual(self.complete(*words, str(friend)[:-2]), [str(friend)])

    def test_bash__offers_the_contacts_of_the_home_that_is_given__and_runs_nothing(self):
        self.init()
        other = self.init("other home")
        self.troth("trust", "pin", "Romeo", self.cert(self.init("friend")), home=other)
        self.assertEqual(self.complete("chat", "R"), [""])
        for typed in str(other).replace(" ", "\\ "), f"'{other}'", f'"{other}"':
            self.assertEqual(self.complete("--home", typed, "chat", "R"), ["Romeo"])
            self.assertEqual(self.complete("--home", "=", typed, "chat", "R"), ["Romeo"])
        self.complete("--home", f"$(touch {self.folder}/run)", "chat", "R")
        self.complete("--home", f"`touch {self.folder}/run`", "chat", "R")
        self.assertFalse((self.folder / "run").exists())


if __name__ == "__main__":
    main()
