#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The machines of a test: that they are apart, reach each other, and leave nothing behind."""
import os
import signal
import subprocess
import sys
import unittest

import namespace

ECHO = ["sh", "-c", 'while read -r line; do echo "got $line"; done; echo end']


class Processes(unittest.TestCase):
    def test_wait_for__consumes__up_to_the_match(self):
        with namespace.Process(ECHO) as echo:
            echo.send_line("one")
            echo.send_line("two")
            self.assertEqual(echo.wait_for(r"^got (\w+)$", 5)[1], "one")
            self.assertEqual(echo.wait_for(r"^got (\w+)$", 5)[1], "two")
            echo.end_input()
            echo.wait_for("^end$", 5)
            self.assertEqual(echo.wait(5), 0)

    def test_wait_for__fails__at_the_deadline_and_at_the_end(self):
        with namespace.Process(ECHO) as echo:
            with self.assertRaisesRegex(namespace.Failed, "within 0.2 s"):
                echo.wait_for("never", 0.2)
            echo.end_input()
            with self.assertRaisesRegex(namespace.Failed, "ended without"):
                echo.wait_for("never", 5)

    def test_never__fails__when_it_comes(self):
        with namespace.Process(["echo", "bad"]) as process:
            with self.assertRaises(namespace.Failed):
                process.never("bad", 5)

    def test_terminal__prompts_and_hides__as_for_a_person(self):
        script = 'test -t 0 && printf "Secret: " >/dev/tty; stty -echo; read -r s; stty echo; echo "=$s="'
        with namespace.Process(["sh", "-c", script], use_pty=True) as process:
            process.wait_for("Secret: $", 5)
            until_quiet(process)
            process.send_line("wherefore")
            process.wait_for("=wherefore=", 5)
            self.assertEqual(process.transcript.count("wherefore"), 1)
            self.assertEqual(process.wait(5), 0)

    def test_environment__is_added_and_taken(self):
        os.environ["TROTH_TEST_GONE"] = "1"
        env = {"TROTH_TEST_SET": "yes", "TROTH_TEST_GONE": None}
        with namespace.Process(["sh", "-c", 'echo "${TROTH_TEST_SET-}/${TROTH_TEST_GONE-}"'], env=env) as p:
            p.wait_for("^yes/$", 5)

    def test_kill__ends_the_process_itself(self):
        with namespace.Process(["sleep", "60"]) as process:
            self.assertEqual(process.kill(), -signal.SIGKILL)


def until_quiet(process):
    """Until the terminal's echo is off: stty has run."""
    import termios
    import time
    end = time.monotonic() + 5
    while termios.tcgetattr(process._in)[3] & termios.ECHO and time.monotonic() < end:
        time.sleep(0.01)


class Machines(unittest.TestCase):
    def test_machine__is_named_and_apart(self):
        with namespace.Network("forza", "cucina") as (forza, cucina):
            self.assertEqual(forza.run("hostname").strip(), "forza")
            self.assertNotEqual(os.readlink(f"/proc/{forza.pid}/ns/net"),
                                os.readlink(f"/proc/{cucina.pid}/ns/net"))
            self.assertEqual(forza.run("pwd").strip(), os.getcwd())
            self.assertEqual(forza.run("ls", "/run").strip(), "")
            with self.assertRaises(namespace.Failed):
                forza.run("false")

    def test_three_machines__reach_each_other__until_cut(self):
        with namespace.Network("one", "two", "three") as (one, two, three):
            serve = "import socket; s = socket.create_server(('', 5298)); print('up', flush=True)\n" \
                    "while True: s.accept()[0].sendall(b'hello\\n')"
            server = three.spawn([sys.executable, "-c", serve])
            server.wait_for("^up$", 5)
            ask = "import socket; s = socket.create_connection(('169.254.7.3', 5298), 3);" \
                  "print(s.recv(100))"
            for host in (one, two):
                self.assertIn("hello", host.run(sys.executable, "-c", ask))
            two.cut()
            with self.assertRaises(namespace.Failed):
                two.run(sys.executable, "-c", ask)
            two.plug()
            self.assertIn("hello", two.run(sys.executable, "-c", ask))

    def test_kill__reaches_the_process_in_a_namespace(self):
        with namespace.Network("forza") as (forza,):
            process = forza.spawn(["sleep", "61"])
            namespace.Process(["sh", "-c", f"until grep -q sleep /proc/{process.pid}/comm; do :; done"]).wait(5)
            self.assertEqual(process.kill(), -signal.SIGKILL)

    def test_nothing_is_left__when_the_test_is_killed(self):
        script = "import namespace; n = namespace.Network('forza'); p = n.hosts[0].spawn(['sleep', '62']);" \
                 "print(n.hosts[0].pid, p.pid, flush=True); input()"
        with namespace.Process([sys.executable, "-c", script], cwd=os.path.dirname(__file__)) as test:
            pids = [int(pid) for pid in test.wait_for(r"^(\d+) (\d+)$", 10).groups()]
            test.kill()
            for pid in pids:
                waiter = f"while [ -e /proc/{pid}/exe ]; do :; done"
                self.assertEqual(subprocess.run(["timeout", "5", "sh", "-c", waiter]).returncode, 0)


if __name__ == "__main__":
    namespace.become_root()
    unittest.main(verbosity=2)
