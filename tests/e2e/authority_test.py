#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A company and a grid: who is known by a certificate authority, who is refused and hears why, and
jobs that act for their owners."""
import json
import pathlib
import unittest

from apart import PORT, Apart
from people import Person
from authority import Authority


class People(Apart):
    def setUp(self):
        super().setUp()
        self.ca = Authority(self.folder)
        self.policy = self.ca.policy()
        self.juliet = self.person("juliet")
        self.romeo = self.person("romeo")

    def person(self, name, ca=None, words=(), **more):
        one = super().person(name, words=["--jid", f"{name}@example.com"], **more)
        one.chain = (ca or self.ca).sign(one.done("id", "csr"), *words)
        one.done("id", "import", one.chain)
        return one

    def listen(self, person, *words, policy=None):
        process = person.troth("listen", "--no-lan", f"--port={PORT}", "--json", "--policy",
                               policy or self.policy, *words)
        self.addCleanup(process.close)
        process.wait_for("listening", 10)
        self.waits(person)
        return process

    def send(self, person, text="hello", *words, status=0, policy=None):
        return person.done("send", "--no-lan", "--json", "-v", "--policy", policy or self.policy, *words,
                           self.at, text, status=status)

    def up(self, transcript):
        return next(event for line in transcript.splitlines() if line.startswith("{")
                    for event in [json.loads(line)] if event.get("event") == "up")


class Company(People):
    def test_two_of_one_company__know_each_other__without_pairing(self):
        listener = self.listen(self.juliet)
        said = self.send(self.romeo)
        self.assertIn("A CA that the policy believes says that it is juliet@example.com", said)
        listener.wait_for('"text":"hello"', 10)
        up = self.up(listener.transcript)
        self.assertEqual((up["identity"], up["level"], up["method"]),
                         ("romeo@example.com", "verified", "key"))
        # "A CA-verified meeting pins nothing unless policy says so."
        self.assertEqual(self.juliet.contacts() + self.romeo.contacts(), [])

    def test_policy__can_say_that_a_meeting_pins(self):
        policy = self.ca.policy("pinning", more="  pin yes\n")
        listener = self.listen(self.juliet)
        self.send(self.romeo, policy=policy)
        listener.wait_for("hello", 10)
        self.assertEqual(self.romeo.contacts(), ["juliet@example.com"])
        self.assertEqual(self.juliet.contacts(), [])
        # From now on the key alone counts there.
        self.assertIn("It showed the key pinned for juliet@example.com",
                      self.send(self.romeo, "again", policy=policy))
        self.juliet.done("id", "import", self.ca.sign(self.juliet.done("id", "csr")))
        self.assertIn("It showed the key pinned", self.send(self.romeo, "renewed", policy=policy))

    def test_user_key__isnt_told_unasked__to_whom_only_a_ca_knows(self):
        self.juliet.done("user", "init")
        listener = self.listen(self.juliet, "-vv")
        self.send(self.romeo)
        listener.wait_for("hello", 10)
        self.assertIn("> <", listener.transcript)
        self.assertNotIn("pubkeys", listener.transcript)

    def test_ca__doesnt_speak_for_a_contact__whose_key_is_pinned(self):
        policy = self.ca.policy("pinning", more="  pin yes\n")
        listener = self.listen(self.juliet, policy=policy)
        self.send(self.romeo)
        listener.wait_for("hello", 10)
        self.assertEqual(self.juliet.contacts(), ["romeo@example.com"])
        keys = self.juliet.done("trust", "show", "romeo@example.com")
        impostor = self.person("tybalt")
        impostor.done("id", "import", self.ca.sign(impostor.done("id", "csr", "--jid", "romeo@example.com")))
        self.send(impostor, "villain", status=4)
        listener.never("villain", 0.2)
        self.assertEqual(self.juliet.done("trust", "show", "romeo@example.com"), keys)

    def test_policy__can_ask_for_a_pin_as_well(self):
        policy = self.ca.policy("both", more="  proof ca-and-pin\n")
        self.listen(self.juliet)
        self.assertIn("wants the key pinned as well", self.send(self.romeo, status=4, policy=policy))

    def refused(self, caller, ours, theirs, status=4, policy=None):
        """The caller is refused by Juliet; both say why."""
        listener = self.listen(self.juliet, policy=policy)
        self.assertIn(theirs, self.send(caller, status=status))
        listener.wait_for(ours, 10)
        self.assertNotIn("hello", listener.transcript)

    def test_other_company__is_refused(self):
        other = Authority(self.folder, "other")
        self.refused(self.person("tybalt", ca=other),
                     "No CA that the policy believes has certified it", "The other side refused")

    def call(self, policy, status=0):
        """Romeo, whose contact Juliet is since they met, calls her again; she knows him by a CA."""
        listener = self.listen(self.juliet)
        self.send(self.romeo, policy=self.ca.policy("pinning", more="  pin yes\n"))
        listener.close()
        listener = self.listen(self.juliet, "-vv", policy=policy)
        return listener, self.romeo.done("send", "--no-lan", "-vv", "--policy", self.policy,
                                         "juliet@example.com", "again", status=status)

    def test_issued_by__is_said_to_a_contact__and_a_ca_of_the_policy_tries(self):
        listener, said = self.call(self.policy)
        listener.wait_for('"text":"again"', 10)
        self.assertRegex(said, r"<issued-by xmlns='urn:xmpp:troth:0'>[0-9a-f]{64}</issued-by>")

    def test_issued_by__of_another_ca__isnt_tried(self):
        other = Authority(self.folder, "other")
        listener, _ = self.call(other.policy(), status=4)
        listener.wait_for("No CA that is believed for the peer has certified its key", 10)
        self.assertIn("<failure ", listener.transcript)

    def test_somebody_without_a_certificate__is_refused(self):
        stranger = Apart.person(self, "stranger")
        self.refused(stranger, "No CA that the policy believes has certified it", "The other side")

    def test_unverified__is_still_possible__where_the_user_allows_it(self):
        stranger = Apart.person(self, "stranger")
        listener = self.listen(self.juliet, "--accept=anyone")
        self.send(stranger, "hello")
        listener.wait_for("hello", 10)
        self.assertEqual(self.up(listener.transcript)["level"], "unverified")

    def test_chat__raises_what_is_accepted__whoever_calls(self):
        strict = self.policy.with_name("strict")
        strict.write_text("chat verified\n")
        stranger = Apart.person(self, "stranger")
        with self.listen(self.juliet, "--accept=anyone", policy=strict) as listener:
            self.send(stranger, "by Tybalt", "--accept=anyone", status=4)
            listener.never("by Tybalt", 0.2)
        with self.listen(stranger, "--accept=anyone") as listener:
            self.send(self.juliet, "to Tybalt", "--accept=anyone", status=4, policy=strict)
            listener.never("to Tybalt", 0.2)

    def bots(self, caller, text, policy=None):
        with self.listen(self.juliet, "--accept=anyone", policy=policy) as listener:
            self.send(caller, text, "--accept=anyone")
            listener.wait_for(f'"text":"{text}"', 10)
            return next(json.loads(line)["bots"] for line in listener.transcript.splitlines() if text in line)

    def test_listen__says_whether_a_program_may_act__on_each_message(self):
        stranger = Apart.person(self, "stranger")
        self.assertFalse(self.bots(stranger, "run this"))
        self.assertTrue(self.bots(self.romeo, "and this"))
        lax = self.policy.with_name("lax")
        lax.write_text("bots unverified\n")
        self.assertTrue(self.bots(stranger, "or this", lax))

    def test_other_address__is_refused(self):
        self.refused(self.romeo, "may not speak for the names", "The other side", policy=self.ca.policy(
            "narrow", jids="juliet@example.com"))

    def test_revoked__is_refused__and_both_say_so(self):
        self.ca.revoke(self.romeo.chain)
        self.refused(self.romeo, "has been revoked by its CA",
                     "The other side says that our key or certificate has been revoked")

    def test_revoked__is_refused__though_its_key_is_pinned(self):
        pem = pathlib.Path(self.folder) / "romeo.pem"
        pem.write_text(self.romeo.done("id", "--cert"))
        self.juliet.done("trust", "pin", "Romeo", pem)
        listener = self.listen(self.juliet)
        self.send(self.romeo)
        listener.wait_for("hello", 10)
        self.assertEqual(self.up(listener.transcript)["contact"], "Romeo")
        listener.close()
        self.ca.revoke(self.romeo.chain)
        self.refused(self.romeo, "has been revoked by its CA", "has been revoked")

    def test_expired__is_refused__and_both_say_so(self):
        late = self.person("late", words=["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"])
        self.refused(late, "Its certificate has expired",
                     "The other side says that our certificate has expired")

    def test_expired__doesnt_matter__for_a_pinned_key(self):
        late = self.person("late", words=["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"])
        pem = pathlib.Path(self.folder) / "late.pem"
        pem.write_text(late.done("id", "--cert"))
        self.juliet.done("trust", "pin", "Late", pem)
        listener = self.listen(self.juliet)
        self.send(late)
        listener.wait_for("hello", 10)

    def test_staple__says_that_the_called_one_is_good__where_that_is_required(self):
        strict = self.policy.with_name("strict")
        strict.write_text("ca test\n  trust ca.pem\n  for *@example.com\n  status required\n")
        listener = self.listen(self.juliet)
        said = self.send(self.romeo, status=3, policy=strict)
        self.assertIn("Nothing says that its certificate hasn't been revoked", said)
        listener.close()
        self.ca.ocsp(self.juliet.chain, self.juliet.home / "ocsp.der")
        self.listen(self.juliet)
        self.send(self.romeo, policy=strict)

    def test_staple__says_that_the_called_one_is_revoked(self):
        lax = self.policy.with_name("lax")
        lax.write_text("ca test\n  trust ca.pem\n  for *@example.com\n")
        self.ca.revoke(self.juliet.chain)
        self.ca.ocsp(self.juliet.chain, self.juliet.home / "ocsp.der")
        self.listen(self.juliet, policy=lax)
        self.assertIn("has been revoked by its CA", self.send(self.romeo, status=5, policy=lax))

    def test_bad_policy__stops_everything(self):
        self.policy.write_text(self.policy.read_text() + "  pni yes\n")
        self.assertIn('"line":5', self.send(self.romeo, status=1))


class Grid(People):
    def job(self, *words):
        """A job of Romeo's, in a home of its own."""
        folder = pathlib.Path(self.folder) / "job"
        self.romeo.done("id", "delegate", "--hours", "12", *words, folder)
        job = Person.__new__(Person)
        job.name, job.home, job.where, job.clock = "job", folder, self.free.pop(0), None
        return job

    def test_job__acts_for_its_owner__where_the_policy_allows_it(self):
        listener = self.listen(self.juliet, policy=self.ca.policy("grid", more="  proxies 1\n"))
        self.send(self.job())
        listener.wait_for('"text":"hello"', 10)
        up = self.up(listener.transcript)
        self.assertEqual((up["identity"], up["proxied"], up["level"]),
                         ("romeo@example.com", True, "verified"))
        self.assertIn("It acts for romeo@example.com", " ".join(up["reasons"]))
        self.assertEqual(self.juliet.contacts(), [])

    def test_job__is_refused__where_the_policy_says_nothing(self):
        listener = self.listen(self.juliet)
        self.assertIn("The other side", self.send(self.job(), status=4))
        listener.wait_for("acts for somebody in a way that isn't allowed here", 10)

    def test_job__of_a_revoked_owner__is_refused(self):
        self.ca.revoke(self.romeo.chain)
        listener = self.listen(self.juliet, policy=self.ca.policy("grid", more="  proxies 1\n"))
        self.assertIn("has been revoked", self.send(self.job(), status=4))
        listener.wait_for("has been revoked by its CA", 10)

    def test_job__isnt_pinned__where_meetings_pin(self):
        policy = self.ca.policy("grid", more="  proxies 1\n  pin yes\n")
        listener = self.listen(self.juliet, policy=policy)
        self.send(self.job())
        listener.wait_for("hello", 10)
        self.assertEqual(self.juliet.contacts(), [])

    def test_job__cant_pair(self):
        window = self.juliet.troth("pair", "--no-lan", f"--port={PORT}")
        self.waits(self.juliet)
        self.addCleanup(window.close)
        secret = window.wait_for(r"Secret:\s+(\S+)", 10).group(1)
        caller = self.job().troth("pair", "--no-lan", self.at, pty=True)
        self.addCleanup(caller.close)
        caller.wait_for("Secret shared with .*: ", 15)
        caller.send_line(secret)
        window.wait_for("jobs can't pair", 20)
        self.assertEqual(self.juliet.contacts(), [])

    def test_job__of_a_contact__acts_without_any_ca(self):
        policy = pathlib.Path(self.folder) / "contacts"
        policy.write_text("contact-proxies 1\n")
        pem = pathlib.Path(self.folder) / "romeo.pem"
        pem.write_text(self.romeo.done("id", "--cert"))
        self.juliet.done("trust", "pin", "Romeo", pem)
        listener = self.listen(self.juliet, policy=policy)
        self.send(self.job())
        listener.wait_for("hello", 10)
        up = self.up(listener.transcript)
        self.assertEqual((up["identity"], up["proxied"]), ("Romeo", True))
        self.assertNotIn("contact", up, "a job isn't the contact")


if __name__ == "__main__":
    unittest.main(verbosity=2)
