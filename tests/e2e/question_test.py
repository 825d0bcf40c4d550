#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A secret that the other side recalls by a question."""
import os
import pathlib
import socket
import tempfile
import unittest

from people import Person

QUESTION = "Where did we meet?"
HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams' from='x@y' version='1.0'>")


class Questions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.romeo, self.juliet = Person(self.folder, "romeo"), Person(self.folder, "juliet")

    def answer(self, text):
        path = self.folder / "answer"
        path.write_text(text + "\n")
        path.chmod(0o600)
        return path

    def start(self, person, *words, pty=False):
        process = person.troth(*words, pty=pty)
        self.addCleanup(process.close)
        return process

    def window(self, *words):
        process = self.start(self.romeo, "pair", "--no-lan", "--port=0", *words)
        return process, process.wait_for(r"\(port (\d+)\)", 10).group(1)

    def test_caller__is_asked__and_answers(self):
        window, port = self.window("--question", QUESTION, "--secret-file", self.answer("At the ball"))
        caller = self.start(self.juliet, "pair", "--no-lan", f"127.0.0.1:{port}", pty=True)
        caller.wait_for(r'not proven.*"Where did we meet\?"', 15)
        caller.wait_for("Secret shared with .*: ", 5)
        caller.send_line("At the ball")
        self.assertEqual(caller.wait(20), 0, caller.transcript)
        self.assertEqual(window.wait(20), 0)
        self.assertNotIn("At the ball", window.transcript + caller.transcript)

    def test_one_who_waits__is_asked__by_the_caller(self):
        window = self.start(self.romeo, "pair", "--no-lan", "--port=0", "--secret-file", self.answer("x"), pty=True)
        port = window.wait_for(r"\(port (\d+)\)", 10).group(1)
        caller = self.start(self.juliet, "pair", "--no-lan", "--question", QUESTION, f"127.0.0.1:{port}", pty=True)
        caller.wait_for("Answer to your question: ", 10)
        caller.send_line("x")
        self.assertEqual(caller.wait(20), 0, caller.transcript)

    def test_wrong_answers__are_few(self):
        window, port = self.window("--question", QUESTION, "--secret-file", self.answer("At the ball"))
        wrong = self.folder / "wrong"
        wrong.write_text("In the tomb\n")
        wrong.chmod(0o600)
        for _ in range(10):
            self.juliet.done("pair", "--no-lan", "--secret-file", wrong, f"127.0.0.1:{port}", status=4)
        window.wait_for("Too many wrong secrets", 10)
        self.assertEqual(window.wait(10), 4)

    def test_stranger__reads_it__but_for_nobody_without_a_window(self):
        _, port = self.window("--question", QUESTION, "--secret-file", self.answer("At the ball"))
        self.assertIn(f"<question xmlns='urn:xmpp:troth:0'>{QUESTION}</question>", self.features(port))
        listening = self.start(self.juliet, "listen", "--no-lan", "--port=0")
        port = listening.wait_for(r"port (\d+)", 10).group(1)
        self.assertNotIn("question", self.features(port))

    @staticmethod
    def features(port):
        with socket.create_connection(("127.0.0.1", int(port)), 5) as peer:
            peer.settimeout(5)
            peer.sendall(HEADER.encode())
            got = b""
            while b"</stream:features>" not in got:
                piece = peer.recv(4096)
                if not piece:
                    break
                got += piece
        return got.decode()

    def test_hostile_question__can_t_touch_the_terminal(self):
        """A peer that isn't this program: its question is shown as one clean line, or not at all."""
        for question, shown in (("a&#x202e;b\nc", True), ("x" * 257, False)):
            with self.subTest(shown), socket.create_server(("127.0.0.1", 0)) as server:
                server.settimeout(15)
                caller = self.start(self.juliet, "pair", "--no-lan",
                                    f"127.0.0.1:{server.getsockname()[1]}", pty=True)
                peer = server.accept()[0]
                self.addCleanup(peer.close)
                peer.recv(4096)
                peer.sendall((HEADER.replace("from=", "id='1' from=") +
                              "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/>"
                              "<offer xmlns='urn:xmpp:tmp:c2ctls'><srp/>"
                              f"<question xmlns='urn:xmpp:troth:0'>{question}</question></offer></starttls>"
                              "</stream:features>").encode())
                peer.recv(4096)
                peer.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
                             b"<offer xmlns='urn:xmpp:tmp:c2ctls'><srp/></offer></proceed>")
                caller.wait_for("Secret shared with .*: ", 15)
                self.assertEqual('asks (not proven to be from there): "ab c"' in caller.transcript, shown)
                self.assertEqual("The other side asks" in caller.transcript, shown)
                caller.close()

    def test_words__that_make_no_sense(self):
        for words in (["--question", ""], ["--question", "x" * 257], ["--question", "a\nb"],
                      ["--question", "x", "--generate"], ["--question", "x", "--show"]):
            with self.subTest(words):
                self.assertIn("--question", self.romeo.done("pair", "--no-lan", *words, status=2))


if __name__ == "__main__":
    assert os.environ.get("TROTH")
    unittest.main(verbosity=2)
