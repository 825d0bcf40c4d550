#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two people with accounts on a real server: they pair by JID, and meet again by their keys."""
import contextlib
import json
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import time
import unittest

from machines import Machines
from namespace import become_root
from online import Online, servers
from people import Person
from relay import Relay


class Story(Online):
    def test_two__pair_by_jid__and_send_chat_and_listen_by_their_keys(self):
        window, _ = self.pair(self.juliet, self.romeo)
        self.assertIn(f"over a server:     troth pair {self.juliet.jid}\n", window)
        # Nobody is looked for on the link.
        self.assertNotRegex(window, "troth pair [a-z]+@[a-z]+\n")
        self.assertNotRegex(window, "other side, as")
        self.assertEqual((self.juliet.contacts(), self.romeo.contacts()), (["romeo"], ["juliet"]))
        listener = self.listen(self.juliet)
        for peer in (self.juliet.jid, "juliet"):  # one person, by either name
            self.done(self.romeo, "send", peer, "But soft!")
            up = self.up(listener)
            self.assertEqual((up["contact"], up["level"], up["method"]), ("romeo", "verified", "key"))
            self.assertIn(up["path"], ("direct", "proxy", "in-band"))
            self.assertEqual(up["address"], self.romeo.jid)
            listener.wait_for(r'"event":"message","contact":"romeo".*"text":"But soft!"', 10)
        listener.signal(signal.SIGTERM)
        self.assertEqual(listener.wait(10), 0, listener.transcript)
        one = self.start(self.juliet, "chat")
        one.wait_for("Signed in as", 20)
        two = self.start(self.romeo, "chat", "juliet")
        two.wait_for(r"juliet is connected: verified .*\. (Met o|O)ver the server", 30)
        one.wait_for(r"romeo is connected: verified .*\. (Met o|O)ver the server", 30)
        self.say(two, one, "what light")
        self.say(one, two, "Ay me!")


class OnProsody(Story, unittest.TestCase):
    kind = servers.Prosody

    def test_qr_code__names_the_account__where_no_link_shows_the_name(self):
        window = self.start(self.juliet, "pair", "--json", "--show")
        shown = json.loads(window.wait_for(r'^\{"event":"link".*\}$', 20).group(0))
        self.assertTrue(shown["link"].startswith(f"xmpp:{self.juliet.jid}?troth-pair;secret="), shown)

    def test_contact__that_isnt_online__is_told_with_what_to_do(self):
        self.pair(self.juliet, self.romeo)
        text = self.done(self.romeo, "send", "--timeout=2", "juliet", "Art thou there?", status=3)
        self.assertIn("isn't online", text)
        self.assertIn("troth roster list", text)
        self.assertNotIn("nearby", text)

    def test_wrong_secret__is_told_with_the_jid_that_it_came_from(self):
        window = self.start(self.juliet, "pair")
        window.wait_for("Signed in as", 20)
        caller = self.start(self.romeo, "pair", self.juliet.jid, pty=True)
        caller.wait_for("Secret shared with .*: ", 30)
        caller.send_line("sword-sword-sword-sword")
        window.wait_for(rf"Somebody who claims to be {self.romeo.jid}.* gave a wrong secret; 9 more", 20)

    def test_jid__that_is_called_without_an_account__is_told_to_sign_in_first(self):
        for words in (["send", "--no-account", "--timeout=1", self.juliet.jid, "Art thou there?"],
                      ["pair", "--no-account", self.juliet.jid]):
            text = self.romeo.done(*words, "--no-lan", status=3)
            self.assertIn("troth login", text)

    def test_contact__that_is_called_by_its_jid__has_its_name_in_the_prompt_before_it_is_there(self):
        self.pair(self.juliet, self.romeo)
        chat = self.start(self.romeo, "chat", self.juliet.jid, pty=True)
        chat.wait_for(r"juliet \(not connected\)> ", 20)

    def test_control_c__signs_off_in_order__so_that_contacts_see_it_at_once(self):
        self.pair(self.juliet, self.romeo)
        romeo = self.listen(self.romeo)
        juliet = self.start(self.juliet, "listen", pty=True)
        juliet.wait_for("Signed in as", 20)
        romeo.wait_for(r'"event":"seen"', 20)
        juliet.send("\x03")
        romeo.wait_for(r'"event":"gone"', 10)
        self.assertEqual(juliet.wait(10), 0, juliet.transcript)
        self.assertNotIn("isn't signed in", juliet.transcript)


class OnEjabberd(Story, unittest.TestCase):
    kind = servers.Ejabberd


class Clients(Online, unittest.TestCase):
    """Several clients of one account."""
    kind = servers.Prosody

    def other(self, person):
        """Somebody else's client, by the same account, with another key."""
        other = Person(self.folder, f"{person.name}-2", nick=False)
        other.jid = person.jid
        self.sign_in(other, other.jid)
        return other

    def test_probe__shows_each_client__and_which_would_be_called(self):
        self.pair(self.juliet, self.romeo)
        mine, other = self.listen(self.juliet), self.listen(self.other(self.juliet))
        text = self.done(self.romeo, "probe", "--json", self.juliet.jid)
        first, second = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        self.assertEqual((first["chosen"], first["proves"], first["contact"], first["result"]),
                         (True, True, "juliet", "ok"))
        self.assertEqual(first["keys"], [json.loads(self.juliet.done("--json", "id"))["name"]])
        self.assertEqual((second["chosen"], second["proves"], second["keys"]), (False, False, []))
        self.assertEqual({first["resource"].split("/")[0], second["resource"].split("/")[0]}, {self.juliet.jid})
        self.assertNotEqual(first["resource"], second["resource"])
        self.assertIn("first: it says that it can prove its key", self.done(self.romeo, "probe", self.juliet.jid))
        for listener in mine, other:
            listener.never('"event":"(up|failed)"', 0.1)

    def test_probe__says_that_it_looks__and_names_no_key_where_none_is_offered(self):
        text = self.done(self.romeo, "probe", "--timeout=2", self.juliet.jid, status=3)
        self.assertIn(f"Looking for {self.juliet.jid}", text)
        self.listen(self.juliet, "--accept=anyone")
        text = self.done(self.romeo, "probe", self.juliet.jid)
        self.assertIn("first: it waits for somebody", text)
        self.assertNotIn("prove its key", text)

    def test_stranger__probes_in_vain__as_if_nobody_were_there(self):
        listener = self.listen(self.juliet)
        text = self.done(self.romeo, "probe", "--timeout=2", self.juliet.jid, status=3)
        self.assertIn("Nobody under that address shows to be there", text)
        listener.never('"event":"(up|failed)"', 0.1)


class Forgotten(Online):
    """Presence of who isn't a contact any more."""

    def seen(self, person):
        """{JID: subscription} of a roster."""
        lines = person.done("roster", "list", "--json").splitlines()
        rows = [json.loads(line) for line in lines if line.startswith("{")]
        return {row["jid"]: row["subscription"] for row in rows}

    def until(self, person, what):
        deadline = time.monotonic() + 20
        while (seen := self.seen(person)) != what:
            self.assertLess(time.monotonic(), deadline, seen)

    def paired(self):
        """Each in the other's roster, which takes both to be there at once."""
        self.pair(self.juliet, self.romeo)
        with self.listen(self.juliet), self.listen(self.romeo):
            self.until(self.romeo, {self.juliet.jid: "both"})
            self.until(self.juliet, {self.romeo.jid: "both"})

    def test_forgotten_contact__sees_us_no_more__from_the_next_sign_in(self):
        self.paired()
        text = self.romeo.done("trust", "forget", "juliet", "--yes", "--json")
        self.assertEqual(json.loads(text.splitlines()[-1]), {"forgotten": "juliet", "withdraws": 1})
        self.assertEqual(self.seen(self.juliet), {self.romeo.jid: "both"})
        with self.listen(self.romeo):
            self.until(self.romeo, {})
        self.assertEqual(self.seen(self.juliet), {self.romeo.jid: "none"})


class ForgottenOnEjabberd(Forgotten, unittest.TestCase):
    kind = servers.Ejabberd


class ForgottenOnProsody(Forgotten, unittest.TestCase):
    kind = servers.Prosody

    def notes(self, *change):
        """What is to be withdrawn, after a change."""
        with contextlib.closing(sqlite3.connect(self.romeo.home / "trust.db")) as store, store:
            if change:
                store.execute("INSERT INTO setting VALUES (?, '')", change)
            return store.execute("SELECT count(*) FROM setting WHERE key LIKE 'withdraw:%'").fetchone()[0]

    def test_forgotten_contact__sees_us_no_more__while_we_listen(self):
        self.paired()
        with self.listen(self.romeo):
            self.romeo.done("trust", "forget", "juliet", "--yes")
            self.until(self.juliet, {self.romeo.jid: "none"})

    def test_contact__that_is_one_again__is_let_be(self):
        self.paired()
        self.assertEqual(self.notes(f"withdraw:{self.romeo.jid} {self.juliet.jid}"), 1)
        with self.listen(self.romeo):
            while self.notes() != 0:
                pass
        self.assertEqual(self.seen(self.romeo), {self.juliet.jid: "both"})

    def test_forgotten_contact__stays_in_the_roster__when_that_is_said(self):
        self.paired()
        self.romeo.done("trust", "forget", "juliet", "--yes", "--keep-roster")
        self.assertEqual(self.notes(), 0)


class OwnDevices(Online, unittest.TestCase):
    """Two devices of one user, on one account."""
    kind = servers.Prosody

    def test_two_devices_of_one_account__pair__and_talk_by_label_and_by_full_address(self):
        phone = Person(self.folder, "phone")
        self.sign_in(phone, self.romeo.jid)
        self.pair(phone, self.romeo, self.romeo.jid)
        listener = self.listen(phone)
        at = re.search('"account":"([^"]*)"', listener.transcript).group(1)
        for peer in "phone", at:
            self.done(self.romeo, "send", peer, "a note to myself")
            up = self.up(listener)
            self.assertEqual((up["contact"], up["level"]), ("romeo", "verified"))
            listener.wait_for('"text":"a note to myself"', 10)

    def test_own_address__is_nobody_to_call__whichever_client_has_it(self):
        chat = self.start(self.romeo, "chat", pty=True)
        at = chat.wait_for(r"Signed in as (\S+)\.", 20).group(1)
        with self.start(self.romeo, "listen") as other:  # another client, with the same key
            other.wait_for("Signed in as", 20)
            text = self.done(self.romeo, "send", "--timeout=5", at, "to myself", status=None)
            self.assertNotIn("has received it", text)


class SigningIn(Online, unittest.TestCase):
    kind = servers.Prosody

    def test_wrong_password__is_told_at_once__with_what_to_do(self):
        self.pair(self.juliet, self.romeo)
        self.server.register(self.romeo.jid, "another")
        for peer in "juliet", self.juliet.jid:
            text = self.done(self.romeo, "send", "--timeout=60", peer, "hello", status=3)
            self.assertIn(f"{self.romeo.jid} isn't signed in: ", text)
            self.assertIn(f"`troth login {self.romeo.jid}` tries it again", text)
        self.assertIn("takes another password", text)

    def test_server_that_goes_and_comes__is_told__and_its_contacts_are_reached_again(self):
        self.pair(self.juliet, self.romeo)
        listener = self.listen(self.juliet)
        self.server.stop()
        listener.wait_for('"event":"offline".*' + self.juliet.jid, 10)
        self.done(self.romeo, "send", "--timeout=2", "juliet", "hello", status=3)
        self.server.start()
        listener.wait_for('"event":"online"', 30)
        self.done(self.romeo, "send", "juliet", "again")
        listener.wait_for('"text":"again"', 10)

    def test_interrupt__ends_a_verb__while_the_server_says_nothing(self):
        self.server.stop()
        with socket.create_server((self.server.address, self.server.port)) as silent:
            listener = self.start(self.juliet, "listen")
            client, _ = silent.accept()
            with client:
                listener.signal(signal.SIGINT)
                self.assertEqual(listener.wait(10), 0, listener.transcript)
        self.server.start()

    def test_two_accounts__are_used_at_once__or_as_named(self):
        self.pair(self.juliet, self.romeo)
        other = f"other{self.number}@capulet.test"
        self.server.register(other, "secret")
        self.sign_in(self.romeo, other)
        with self.listen(self.romeo) as listener:
            listener.wait_for('"event":"online"', 20)
            self.assertEqual(set(re.findall('"account":"([^/]*)/', listener.transcript)), {other, self.romeo.jid})
            self.done(self.juliet, "send", "romeo", "by either")
            listener.wait_for('"text":"by either"', 10)
            listener.signal(signal.SIGTERM)
            self.assertEqual(listener.wait(10), 0, listener.transcript)
        with self.listen(self.romeo, f"--account={other}") as listener:
            self.assertEqual(re.findall('"account":"([^/]*)/', listener.transcript), [other])
            self.done(self.juliet, "send", "--timeout=2", "romeo", "not there", status=3)


class Paths(Online):
    hers = "montague.test"  # who doesn't tell addresses uses the proxy of the own server alone
    options = ("--no-lan", "--no-direct")

    def path(self):
        """How a message went, between two who tell nobody their addresses."""
        self.pair(self.juliet, self.romeo)
        listener = self.listen(self.juliet)
        self.done(self.romeo, "send", "juliet", "by which way?")
        up = self.up(listener)
        self.assertEqual(up["level"], "verified")
        listener.wait_for('"text":"by which way[?]"', 20)
        return up["path"]


class ByProxy(Paths, unittest.TestCase):
    kind = servers.Prosody

    def test_two__meet_through_the_proxy__when_they_dont_tell_their_addresses(self):
        self.assertEqual(self.path(), "proxy")
        shown = json.loads(self.juliet.done("--json", "trust", "show", "romeo"))
        self.assertEqual(shown["history"][0]["path"], "proxy")
        self.assertIn("over the server (proxy)", self.juliet.done("trust", "show", "romeo"))


class InBand(Paths, unittest.TestCase):
    kind = servers.Prosody
    how = {"proxy": ""}

    def test_two__meet_in_band__when_there_is_no_proxy_either(self):
        self.assertEqual(self.path(), "in-band")


class Strangers(Online, unittest.TestCase):
    """Where this machine is, is for contacts: whoever comes to pair is anybody."""
    kind = servers.Prosody
    how = {"proxy": ""}

    def test_stranger__who_comes_to_pair__isnt_told_addresses(self):
        window = self.start(self.juliet, "pair", "--json")
        waits = window.wait_for(r'^\{"event":"waiting-for-peer".*\}$', 20)
        window.wait_for('"event":"online"', 20)
        caller = self.start(self.romeo, "pair", self.juliet.jid, pty=True)
        caller.wait_for("Secret shared with .*: ", 30)
        caller.send_line(json.loads(waits.group(0))["secret"])
        self.assertEqual(caller.wait(30), 0, caller.transcript)
        self.assertEqual(window.wait(30), 0, window.transcript)
        rows = [json.loads(line) for line in window.transcript.splitlines() if line.startswith("{")]
        paths = {row["event"]: row["path"] for row in rows if "path" in row}
        self.assertEqual((paths["pinned"], paths["paired"]), ("in-band", "direct"))

    def test_stranger__is_taken__where_anyone_may_come(self):
        listener = self.listen(self.juliet, "--accept=anyone")
        self.done(self.romeo, "send", "--accept=anyone", self.juliet.jid, "who will not know a swan")
        up = self.up(listener)
        self.assertEqual((up["level"], up.get("contact"), up["address"], up["path"]),
                         ("unverified", None, self.romeo.jid, "in-band"))
        listener.wait_for('"text":"who will not know a swan"', 10)
        self.assertEqual((self.juliet.contacts(), self.romeo.contacts()), ([], []))

    def test_stranger__who_isnt_taken__is_told_what_to_ask_for(self):
        listener = self.listen(self.juliet)
        text = self.done(self.romeo, "send", "--accept=anyone", "--timeout=2", self.juliet.jid, "hello", status=3)
        self.assertIn("Nobody under that address shows to be there", text)
        self.assertIn("troth listen --accept=anyone", text)
        listener.never('"event":"(up|failed|arrived)"', 0.1)

    def test_stranger__who_may_see_that_we_are_there__is_told_that_it_isnt_known(self):
        self.see_each_other(self.romeo, self.juliet)
        listener = self.listen(self.juliet)
        text = self.done(self.romeo, "send", "--accept=anyone", "--timeout=3", self.juliet.jid, "hello", status=3)
        self.assertIn("it doesn't know us", text)
        self.assertIn("let it run `troth pair`", text)
        self.assertNotIn("No bytes", text)
        listener.never('"event":"(up|failed|arrived)"', 0.1)

    def test_strangers__compare_a_number__while_one_waits_for_that(self):
        waits = self.start(self.juliet, "verify")
        waits.wait_for("Signed in as", 20)
        calls = self.start(self.romeo, "verify", self.juliet.jid)
        for process in waits, calls:
            process.wait_for(r"Compare with .*:\s+\d{4} ", 30)
            process.send_line("same")
        for process in waits, calls:
            self.assertEqual(process.wait(30), 0, process.transcript)
        self.assertEqual((self.juliet.contacts(), self.romeo.contacts()), (["romeo"], ["juliet"]))

    def test_who_asks_to_see_us__writes_no_command_for_us(self):
        tybalt = self.person("tybalt;id;", "montague.test")
        listener = self.listen(self.juliet)
        tybalt.done("roster", "add", self.juliet.jid)
        told = " ".join(listener.wait_for(r"asks to see when you are online: `([^`]*)`", 20)[1].split())
        self.assertEqual(shlex.split(told)[-1], tybalt.jid)
        self.assertNotIn(";", list(shlex.shlex(told, punctuation_chars=True)))

    def see_each_other(self, *both):
        """In each other's roster, as any client does that."""
        for one, other in (both, both[::-1]):
            one.done("roster", "add", other.jid)
            other.done("roster", "accept", one.jid)


class ByStalledProxy(Paths, unittest.TestCase):
    """The proxy takes everything, and what comes through is the negotiation alone."""
    kind = servers.Prosody
    how = {"proxy": "127.0.0.2"}
    SOCKS5 = 3 + 4 + 1 + 40 + 2  # methods; request for a SHA-1 in hex and a port

    def test_stalled_proxy__is_noticed__and_replaced_by_in_band(self):
        swallows = Relay(self.server.proxy_port, "127.0.0.2", self.server.proxy_port, self.SOCKS5)
        with swallows:
            self.assertEqual(self.path(), "in-band")
        self.assertGreater(swallows.lost, 0)


class BothWays(Machines):
    """Machines on a link, each with a line to the server beside it."""
    number = 0

    def prepare(self):
        Online.number += 1
        self.number = Online.number
        inn = self.street
        inn.run("ip", "link", "add", "lines", "type", "bridge")
        inn.run("ip", "addr", "add", "10.0.7.1/24", "dev", "lines")
        inn.run("ip", "link", "set", "lines", "up")
        for number, host in enumerate((self.balcony, self.garden), 2):
            subprocess.run(["ip", "link", "add", "line0", "netns", str(host.pid), "type", "veth", "peer",
                            "name", f"line{number}", "netns", str(inn.pid)], check=True)
            inn.run("ip", "link", "set", f"line{number}", "master", "lines", "up")
            host.run("ip", "addr", "add", f"10.0.7.{number}/24", "dev", "line0")
            host.run("ip", "link", "set", "line0", "up")
        self.server = servers.Prosody(address="10.0.7.1", prefix=inn.prefix)
        self.addCleanup(self.server.close)

    def person(self, name, host, clocked=None):
        person = super().person(name, host, clocked)
        person.jid = f"{name}@montague.test"
        self.server.register(person.jid, "secret")
        Online.sign_in(self, person, person.jid)
        return person

    def start(self, person, verb, *words, pty=False):
        return super().start(person, verb, "--interface=eth0", *words, pty=pty)

    def test_contacts_of_the_link__find_each_other_over_a_server__once_they_have_met_again(self):
        self.meet("--interface=eth0")
        one = self.start(self.juliet, "listen", "--json")
        self.romeo.done("send", "--interface=eth0", "juliet", "where dwellest thou?")
        one.wait_for('"text":"where dwellest thou', 10)
        self.garden.cut()
        self.romeo.done("send", "--no-lan", "juliet", "anywhere")
        one.wait_for('"path":"direct"', 10)
        one.wait_for('"level":"verified".*"text":"anywhere"', 10)
        shown = json.loads(self.romeo.done("--json", "trust", "show", "juliet"))
        self.assertIn(self.juliet.jid, [a["address"] for a in shown["addresses"]])

    def test_link_that_names_an_account__leads_to_the_name_on_the_link__if_nobody_is_online(self):
        for words in ((), ("--no-account",)):  # he is online, or isn't either
            with self.subTest(words):
                window = self.start(self.juliet, "pair", "--no-account", "--generate", "--as=romeo")
                name = window.wait_for(r"as (\S+) \(port", 10).group(1)
                secret = window.wait_for(r"Secret:\s+(\S+)", 5).group(1)
                caller = self.start(self.romeo, "pair", "--timeout=3", "--as=juliet", *words, "-")
                caller.send_line(f"xmpp:nobody@capulet.test?troth-pair;name={name};secret={secret};"
                                 f"pin={self.juliet.pin()}")
                self.assertEqual((caller.wait(30), window.wait(30)), (0, 0), caller.transcript)
                self.juliet.done("trust", "forget", "romeo", "--yes")
                self.romeo.done("trust", "forget", "juliet", "--yes")

    def test_contact__is_one_person__on_the_link_and_over_the_server(self):
        self.options = ("--no-lan",)
        Online.pair(self, self.juliet, self.romeo)
        one = self.start(self.juliet, "chat")
        one.wait_for("Signed in as", 20)
        two = self.start(self.romeo, "chat", "juliet")
        # Both ways are there: the link, which needs no server.
        two.wait_for(r"juliet is connected: verified \([^)]*\)\.$", 30)
        one.wait_for("romeo is connected: verified", 10)
        Online.say(self, two, one, "by the link")
        self.garden.cut()
        two.wait_for("has left this network", 20)
        two.wait_for(r"juliet is connected: verified .* Met over the server", 60)
        one.wait_for(r"romeo is connected: verified .* Met over the server", 30)
        Online.say(self, two, one, "by the server")
        self.garden.plug()
        two.wait_for(r"juliet is connected: verified \([^)]*\)\.$", 30)
        Online.say(self, two, one, "by the link again")
        self.assertNotIn("Trying again", two.transcript)


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
