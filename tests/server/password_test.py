#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Passwords of accounts in a desktop's secret service: the real one, and services that fail."""
import os
import pathlib
import subprocess
import sys
import unittest
import unittest.mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "cli"), str(HERE.parent / "net"), str(HERE.parent / "servers")]

import command  # noqa: E402
from command import TROTH, Command  # noqa: E402
from desktop import KEYRING, Desktop  # noqa: E402
from process import Process  # noqa: E402
import servers  # noqa: E402

ROMEO = "romeo@montague.test"
WITHOUT = os.environ["TROTH_WITHOUT_SECRET_SERVICE"]
HELPER = pathlib.Path(TROTH).parent / "troth-password"


class WithDesktop(Command):
    desktop = None

    @classmethod
    def setUpClass(cls):
        cls.server = servers.Prosody(accounts=((ROMEO, "rpass"),))
        cls.addClassCleanup(cls.server.close)

    def use(self, service=""):
        """The desktop that each run is on from now on."""
        self.desktop = Desktop(service)
        self.addCleanup(self.desktop.close)
        return self.desktop

    def environment(self, **more):
        kept = super().environment(**more)
        if self.desktop:
            kept = {k: v for k, v in {**kept, **self.desktop.env}.items() if v is not None}
        return kept

    def login(self, *words, run=None, **more):
        read, write = os.pipe()
        os.write(write, b"rpass\n")
        os.close(write)
        try:
            return (run or self.troth)("login", ROMEO, f"--server=127.0.0.1:{self.server.port}",
                                       f"--ca-file={self.server.ca}", f"--password-fd={read}", *words,
                                       pass_fds=[read], **more)
        finally:
            os.close(read)

    def place(self, home=None):
        account = self.troth("login", "--json", home=home).json
        return account["password_store"], account["password_kept"]

    def kept(self, home=None):
        """What the service has for a home."""
        done = subprocess.run([HELPER, "get", "quiet", os.path.realpath(home or self.home), ROMEO],
                              env=self.environment(), capture_output=True, timeout=30)
        return done.stdout if done.returncode == 0 else done.returncode

    def failing(self, status):
        return lambda *words, **more: self.fails(status, *words, **more)


class Keyring(WithDesktop):
    def test_password__goes_to_the_service__and_comes_from_there_unasked(self):
        self.init()
        self.use()
        result = self.login("--json")
        self.assertEqual(result.json, {"jid": ROMEO, "password_kept": True, "password_store": "secret-service"})
        self.assertIn("in the desktop's secret service", result.err)
        self.assertEqual(self.place(), ("secret-service", True))
        self.assertEqual(self.kept(), b"rpass")
        for file in self.home.iterdir():
            self.assertNotIn(b"rpass", file.read_bytes(), file)
        self.troth("roster", "list")
        self.troth("roster", "list", f"--account={ROMEO}")
        for words in (), (f"--account={ROMEO}",):
            with Process([TROTH, "--home", self.home, "listen", "--json", "--no-lan", *words],
                         env=self.desktop.env) as listener:
                listener.wait_for('"event":"online"', 30)

    def test_logout__takes_it_away__of_this_home_alone(self):
        self.use()
        other = self.init("other")
        self.init()
        self.login()
        self.login(home=other)
        self.troth("logout", ROMEO)
        self.assertEqual((self.kept(), self.kept(other)), (10, b"rpass"))
        self.assertEqual(self.place(other), ("secret-service", True))
        self.fails(1, "logout", ROMEO)

    def test_another_place__takes_it_out_of_the_service(self):
        self.init()
        self.use()
        for words, place in (((), "secret-service"), (("--password-store=none",), "none"),
                             (("--password-store=secret-service",), "secret-service"),
                             (("--keep-password",), "file"), ((), "secret-service"),
                             (("--password-store=file",), "file")):
            with self.subTest(words):
                self.login(*words)
                self.assertEqual(self.place(), (place, place != "none"))
                self.assertEqual(self.kept(), b"rpass" if place == "secret-service" else 10)

    def test_locked_service__is_told__and_nobody_is_asked(self):
        self.init()
        self.use()
        self.login()
        self.desktop.lock()
        for words in ("roster", "list"), ("listen", "--no-lan", f"--account={ROMEO}"):
            err = self.fails(4, *words).err
            self.assertIn("is locked", err)
            self.assertIn("Unlock it on your desktop", err)
        with Process([TROTH, "--home", self.home, "listen", "--no-lan"], env=self.desktop.env) as listener:
            listener.wait_for(f"{ROMEO} isn't online. The desktop's secret service is locked. Unlock", 30)
        # Who sits at a terminal may be asked by the desktop, which can't here.
        status, screen = self.on_terminal("roster", "list")
        self.assertEqual(status, 4, screen)
        self.assertIn("your desktop asks you to unlock it", screen)
        self.assertIn("Unlock it on your desktop", screen)

    def test_locked_service__keeps_nothing__and_nothing_else_does_instead(self):
        self.init()
        self.use()
        self.desktop.lock()
        result = self.login("--password-store=secret-service", run=self.failing(4))
        self.assertIn("is locked", result.err)
        self.assertIn("--password-store=none", result.err)
        self.assertEqual(self.troth("login").out, "")
        self.assertIn("The password isn't kept: The desktop's secret service is locked.", self.login().err)
        self.assertEqual(self.place(), ("none", False))
        self.assertNotIn(b"rpass", (self.home / "trust.db").read_bytes())

    def test_locked_service__holds_up_no_logout__and_what_stays_is_told(self):
        self.init()
        self.use()
        self.login()
        self.desktop.lock()
        err = self.fails(1, "logout", ROMEO).err
        self.assertIn("is still in the desktop's secret service", err)
        self.assertEqual(self.troth("login").out, "")

    def test_password_that_is_gone__is_told(self):
        self.init()
        self.use()
        self.login()
        subprocess.run([HELPER, "remove", "quiet", os.path.realpath(self.home), ROMEO], env=self.environment(),
                       check=True, timeout=30)
        err = self.fails(1, "roster", "list").err
        self.assertIn("doesn't have it", err)
        self.assertIn("login", err)


class NoKeyring(WithDesktop):
    def refused(self, cause, status=1):
        """Nothing is kept by itself, in clear least of all; who asks for the service is told."""
        self.init()
        self.assertRegex(self.login("--password-store=secret-service", run=self.failing(status)).err, cause)
        self.assertEqual(self.troth("login").out, "")
        err = self.login().err
        self.assertRegex(err, "The password isn't kept: " + cause)
        self.assertIn(f"--account {ROMEO} asks for it", err)
        self.assertEqual(self.place(), ("none", False))
        self.assertNotIn(b"rpass", (self.home / "trust.db").read_bytes())

    def test_no_bus__is_told(self):
        self.refused("No secret service of a desktop can be reached")

    def test_bus_without_a_service__is_told(self):
        self.use(None)
        self.refused("No secret service of a desktop can be reached")

    def test_service_that_ends_at_once__is_told(self):
        self.use("/bin/false")
        self.refused("No secret service of a desktop can be reached")

    def test_fresh_keyring__would_ask_for_a_password_of_its_own__so_it_is_locked(self):
        self.use(" ".join(["/usr/bin/" + KEYRING[0], *KEYRING[1:]]))
        self.refused("The desktop's secret service is locked", 4)

    def test_service_that_says_nothing__is_waited_for_a_while(self):
        self.init()
        self.use("/usr/bin/dbus-monitor")  # which only listens, until the bus is gone
        self.assertIn("The password isn't kept: The desktop's secret service didn't answer", self.login().err)

    def test_build_without_it__says_so(self):
        def without(*words, **more):
            with unittest.mock.patch.object(command, "TROTH", WITHOUT):
                return self.run_troth(*words, **more)
        self.init()
        self.use()
        self.assertIn("no secret-service", without("login", "--help").out)
        result = self.login("--password-store=secret-service", run=without)
        self.assertEqual(result.status, 1)
        self.assertIn("was built without", result.err)
        self.assertIn("was built without", self.login(run=without).err)
        self.assertEqual(self.place(), ("none", False))

    def test_mistake__is_a_usage_error(self):
        self.init()
        for words in ("--password-store=keyring",), ("--password-store=none", "--keep-password"):
            self.assertIn("--password-store", self.fails(2, "login", ROMEO, *words).err)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
