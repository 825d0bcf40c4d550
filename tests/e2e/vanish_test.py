#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A peer vanishes, at every step of a pairing and in a chat: killed, or its cable pulled out. Who
is left is told what happened, nothing is pinned, and what was open stays so. (The line that breaks
in the middle of a pairing: broken_line_test.py. The cable of a chat: clock_test.py.)"""
import sys
import unittest

from machines import Machines
from namespace import become_root

HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' from='a@b'%s version='1.0'"
          " xmlns:stream='http://etherx.jabber.org/streams'>")
FEATURES = ("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
            "<offer xmlns='urn:xmpp:tmp:c2ctls'><srp/></offer></starttls></stream:features>")

# Says one thing to whoever it calls or is called by, and is there until it is killed.
SPEAKER = """
import socket, sys
at, say = (sys.argv[1], int(sys.argv[2])), sys.argv[3]
if at[0]:
    peer = socket.create_connection(at)
else:
    listener = socket.create_server(at)
    print("up", flush=True)
    peer, _ = listener.accept()
    listener.close()
peer.sendall(say.encode())
print("said", flush=True)
while peer.recv(65536):
    print("heard", flush=True)
"""


class Vanish(Machines):
    clocked = True

    def pairs_after_all(self, window, name, secret):
        caller = self.caller(self.romeo, name)
        caller.send_line(secret)
        self.ends(caller, 0, "You and juliet are paired")
        self.ends(window, 0, "You and romeo are paired")

    def speaker(self, host, to, port, text):
        process = host.spawn([sys.executable, "-c", SPEAKER, to, port, text])
        process.wait_for("^said" if to else "^up", 10)
        return process

    # ---- while somebody waits ----

    def test_window__is_killed__before_anybody_came(self):
        window, name, _ = self.window(self.juliet)
        window.kill()
        caller = self.start(self.romeo, "pair", "--timeout=5", name, pty=True)
        self.ends(caller, 3, "nobody was paired: (Nobody of that name|The peer can't be reached)", "troth nearby")
        self.nobody_pinned()

    def test_name_that_nobody_has__is_told_early__and_found_when_it_appears(self):
        caller = self.start(self.romeo, "pair", "orchard@verona", pty=True)
        caller.wait_for("Nobody called orchard@verona has been seen yet; still looking", 5)
        _, _, secret = self.window(self.juliet, "--announce=name=orchard@verona")
        caller.wait_for("Secret shared with orchard@verona", 15)
        caller.send_line(secret)
        self.ends(caller, 0, "You and juliet are paired")
        self.assertEqual(caller.transcript.count("has been seen yet"), 1)

    def test_window__is_cut_off__and_found_when_it_is_back(self):
        window, name, secret = self.window(self.juliet)
        self.balcony.cut()
        caller = self.start(self.romeo, "pair", "--timeout=5", name, pty=True)
        self.ends(caller, 3, "nobody was paired", "Does `troth` wait there|troth nearby")
        self.nobody_pinned()
        self.balcony.plug()
        self.pairs_after_all(window, name, secret)

    # ---- after the header ----

    def test_caller__is_killed__after_its_header(self):
        window, name, secret = self.window(self.juliet)
        speaker = self.speaker(self.garden, self.balcony.address, 5298, HEADER % f" to='{name}'")
        speaker.wait_for("^heard", 10)
        speaker.kill()
        window.wait_for(r"who claims to be a@b has left: .*The pairing is still open", 10)
        self.pairs_after_all(window, name, secret)

    def test_caller__is_cut_off__after_its_header(self):
        window, name, secret = self.window(self.juliet)
        speaker = self.speaker(self.garden, self.balcony.address, 5298, HEADER % f" to='{name}'")
        speaker.wait_for("^heard", 10)
        self.garden.cut()
        self.juliet.clock.pass_(31, window)
        window.wait_for(r"who claims to be a@b has left: .*took too long.*The pairing is still open", 10)
        speaker.kill()
        self.garden.plug()
        self.pairs_after_all(window, name, secret)

    def called_vanishes(self, text, cut):
        speaker = self.speaker(self.balcony, "", 5298, text)
        caller = self.start(self.romeo, "pair", "--timeout=2", f"{self.balcony.address}:5298", pty=True)
        speaker.wait_for("^said", 10)
        speaker.wait_for("^heard", 10)
        if cut:
            self.balcony.cut()
            caller.never("nobody was paired", 0.5)
            # The longest that anybody waits for an answer, more than it is looked for.
            self.romeo.clock.pass_(181, caller)
        else:
            speaker.kill()
        self.ends(caller, 3, "nobody was paired", "Does `troth` wait there|troth nearby")
        self.nobody_pinned()

    def test_called__is_killed__after_its_header(self):
        self.called_vanishes(HEADER % "", cut=False)

    def test_called__is_cut_off__after_its_header(self):
        self.called_vanishes(HEADER % "", cut=True)

    def test_called__is_killed__after_its_offer(self):
        self.called_vanishes(HEADER % "" + FEATURES, cut=False)

    def test_called__is_cut_off__after_its_offer(self):
        self.called_vanishes(HEADER % "" + FEATURES, cut=True)

    # ---- while the other user is asked ----

    def test_window__is_killed__while_the_other_user_is_asked(self):
        window, name, _ = self.window(self.juliet)
        caller = self.caller(self.romeo, "--timeout=4", name)
        window.kill()
        self.ends(caller, 3, "The line was cut", "nobody was paired", "troth nearby")
        self.nobody_pinned()

    def test_caller__is_killed__while_its_user_is_asked(self):
        window, name, secret = self.window(self.juliet)
        caller = self.caller(self.romeo, name)
        window.wait_for("Waiting for the other side to type the secret", 10)
        caller.kill()
        window.wait_for("has left: The line was cut.*The pairing is still open", 10)
        self.nobody_pinned()
        self.pairs_after_all(window, name, secret)

    def test_caller__is_killed__while_the_user_of_the_window_is_asked(self):
        one = self.start(self.juliet, "chat", "--accept=anyone", pty=True)
        name = one.wait_for(r"Waiting as (\S+),", 10).group(1)
        one.send_line("/pair")
        one.wait_for("Waiting for the other side to pair", 5)
        caller = self.start(self.romeo, "pair", name, pty=True)
        one.wait_for("Secret shared with .*: ", 20)
        caller.kill()
        one.wait_for("has left: .*The pairing is still open", 10)
        one.send_line("/quit")  # a command again, and not taken for a secret
        self.ends(one, 0)
        self.nobody_pinned()

    # ---- in a chat ----

    def test_chat__goes_on__when_the_peer_was_killed_and_comes_back(self):
        self.meet()
        one, two = self.chat()
        one.kill()
        two.wait_for("juliet: The line was cut", 10)
        two.send_line("while you were away")
        two.wait_for("Kept until juliet is connected", 5)
        one = self.start(self.juliet, "chat")
        one.wait_for(r"romeo \(verified\): while you were away", 40)
        two.wait_for("✓ while", 10)


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
