#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Friends of friends: Romeo knows Benvolio, Benvolio knows Mercutio, Mercutio knows Tybalt. What
Benvolio says about Mercutio is his word and no more, and goes no further."""
import json
import os
import unittest

from apart import PORT, Apart
from people import pair


class Introductions(Apart):
    def setUp(self):
        super().setUp()
        self.romeo, self.benvolio, self.mercutio = map(self.person, ("romeo", "benvolio", "mercutio"))
        self.know(self.romeo, self.benvolio)
        self.know(self.benvolio, self.mercutio)
        self.romeo.done("trust", "introducer", "benvolio")
        self.benvolio.done("trust", "share", "romeo", "on")

    def know(self, one, other):
        one.done("trust", "pin", other.name, self.cert(other))
        other.done("trust", "pin", one.name, self.cert(one))

    def listen(self, person, *words, port=None):
        process = person.troth("listen", "--no-lan", f"--port={port or PORT}", *words)
        self.addCleanup(process.close)
        process.wait_for("[Ll]istening", 5)
        if port is None:
            self.waits(person)
        return process

    def ask(self, name, *words, status=0, by=None, of=None, heard=None):
        """Romeo asks Benvolio, unless others are named. Returns what he is told."""
        with self.listen(of or self.benvolio) as introducer:
            said = (by or self.romeo).done("trust", "ask", "--no-lan", self.at, name, *words,
                                           status=status)
            if heard:
                introducer.wait_for(heard, 5)
            return said

    def contact(self, person, label):
        return json.loads(person.done("--json", "trust", "show", label))

    def level(self, person, label):
        return self.contact(person, label)["level"]

    def introduce_both(self):
        self.benvolio.done("trust", "share", "mercutio", "on")
        self.mercutio.done("trust", "introducer", "benvolio")
        self.ask("mercutio")
        self.ask("romeo", by=self.mercutio)

    def send(self, sender, text, *words, status=0, accept="vouched"):
        return sender.done("send", "--no-lan", "--accept", accept, self.at, text, *words,
                           status=status)

    def test_friend_of_a_friend__is_met_by_key__as_vouched(self):
        self.introduce_both()
        shown = self.contact(self.romeo, "mercutio")
        self.assertEqual((shown["level"], [k["voucher"] for k in shown["keys"]]), ("vouched", ["benvolio"]))
        self.assertEqual([k["fingerprint"] for k in shown["keys"]], [self.mercutio.pin()])
        with self.listen(self.mercutio, "--accept=vouched") as listener:
            self.assertIn("mercutio has received it (vouched", self.send(self.romeo, "A plague"))
            listener.wait_for("romeo is connected: vouched by benvolio", 5)
            listener.wait_for(r"romeo \(vouched\): A plague", 5)
        self.assertEqual(self.level(self.romeo, "mercutio"), "vouched", "meeting proves nothing more")
        self.assertIn("vouched by benvolio", self.romeo.done("trust", "list"))
        self.assertIn("mercutio is vouched by benvolio.", self.romeo.done("trust", "explain", "mercutio"))

    def test_graph__shows_who_vouches_for_whom(self):
        self.ask("mercutio")
        graph = json.loads(self.romeo.done("--json", "trust", "graph"))
        people = {node["id"]: node["label"] for node in graph["nodes"] if node["kind"] == "person"}
        owner = {node["id"]: people[node["person"]] for node in graph["nodes"] if node["kind"] != "person"}
        self.assertEqual([(owner[e["from"]], e["says"], owner[e["to"]]) for e in graph["edges"]],
                         [("benvolio", "vouches for", "mercutio")])
        self.assertRegex(self.romeo.done("trust", "graph", "--dot"), r'k\d+ -> k\d+ \[label="vouches for"\]')

    def test_chat__shows_it_in_every_line(self):
        self.introduce_both()
        one = self.mercutio.troth("chat", "--no-lan", "--accept=vouched", f"--port={PORT}")
        self.addCleanup(one.close)
        one.wait_for("Waiting as", 10)
        self.waits(self.mercutio)
        two = self.romeo.troth("chat", "--no-lan", "--accept=vouched", "--port=0", self.at)
        self.addCleanup(two.close)
        two.wait_for("mercutio is connected: vouched by benvolio", 10)
        one.wait_for("romeo is connected: vouched by benvolio", 10)
        two.send_line("A plague")
        one.wait_for(r"romeo \(vouched\): A plague", 10)
        one.send_line("o' both your houses")
        two.wait_for(r"mercutio \(vouched\): o' both", 10)

    def test_vouched__is_less_than_contacts__without_being_accepted(self):
        self.introduce_both()
        with self.listen(self.mercutio) as listener:
            self.send(self.romeo, "A plague", status=4)
            listener.never("A plague", 0.5)
        with self.listen(self.mercutio, "--accept=vouched") as listener:
            self.assertIn("--accept vouched", self.send(self.romeo, "A plague", status=4, accept="contacts"))
            listener.never("A plague", 0.5)

    def test_json__says_who_vouches(self):
        self.introduce_both()
        with self.listen(self.mercutio, "--accept=vouched", "--json") as listener:
            self.send(self.romeo, "A plague")
            up = json.loads(listener.wait_for(r'^.*"event":\s*"up".*$', 5).group(0))
        self.assertEqual((up["level"], up["voucher"]), ("vouched", "benvolio"))
        self.assertIn("The introducer is benvolio.", up["reasons"])

    def test_word__goes_one_step__and_no_further(self):
        tybalt = self.person("tybalt")
        self.know(self.mercutio, tybalt)
        self.benvolio.done("trust", "introducer", "mercutio")
        self.mercutio.done("trust", "share", "benvolio", "on")
        self.ask("tybalt", by=self.benvolio, of=self.mercutio)
        self.assertEqual(self.level(self.benvolio, "tybalt"), "vouched")
        said = self.ask("tybalt", status=1, heard="not well enough")
        self.assertIn("names nobody's key", said)
        self.assertEqual(self.romeo.contacts(), ["benvolio"])
        # Nor is a person an introducer who is only vouched for.
        self.ask("mercutio")
        self.assertIn("can't be an introducer", self.romeo.done("trust", "introducer", "mercutio", status=4))

    def test_introducer_removed__vouches_for_nobody(self):
        self.introduce_both()
        self.romeo.done("trust", "introducer", "benvolio", "--remove")
        self.assertEqual(self.level(self.romeo, "mercutio"), "unverified")
        self.assertIn("doesn't count any more", self.romeo.done("trust", "explain", "mercutio"))
        with self.listen(self.mercutio, "--accept=vouched") as listener:
            self.send(self.romeo, "A plague", status=4)
            listener.never("A plague", 0.5)
        self.romeo.done("trust", "introducer", "benvolio")
        self.assertEqual(self.level(self.romeo, "mercutio"), "vouched")

    def test_introducer_forgotten__vouches_for_nobody(self):
        self.introduce_both()
        self.romeo.done("trust", "forget", "benvolio", "--yes")
        self.assertEqual(self.level(self.romeo, "mercutio"), "unverified")
        self.know(self.romeo, self.benvolio)
        self.romeo.done("trust", "introducer", "benvolio")
        self.assertEqual(self.level(self.romeo, "mercutio"), "unverified", "that is another contact")

    def test_introducer_revoked__vouches_for_nobody(self):
        self.introduce_both()
        with self.listen(self.benvolio):  # where Romeo finds him
            self.romeo.done("send", "--no-lan", self.at, "hail")
        self.benvolio.done("id", "revoke", "--yes")
        with self.listen(self.benvolio):
            self.romeo.troth("send", "--no-lan", self.at, "hail").wait(30)
        self.assertEqual(self.contact(self.romeo, "benvolio")["keys"][0]["state"], "revoked")
        self.assertEqual(self.level(self.romeo, "mercutio"), "unverified")

    def test_secret__makes_it_verified(self):
        self.introduce_both()
        pair(self.mercutio, self.romeo, "--no-lan", "--port=0")
        self.assertEqual(self.romeo.contacts(), ["benvolio", "mercutio"])
        self.assertEqual(self.level(self.romeo, "mercutio"), "verified")
        self.assertEqual(self.level(self.mercutio, "romeo"), "verified")
        self.romeo.done("trust", "introducer", "benvolio", "--remove")
        self.assertEqual(self.level(self.romeo, "mercutio"), "verified")

    def test_own_key__as_that_of_a_contact__changes_nothing_and_is_told(self):
        """Benvolio calls Tybalt, who is his other self, Mercutio."""
        self.know(self.romeo, self.mercutio)
        tybalt = self.person("tybalt")
        self.benvolio.done("trust", "forget", "mercutio", "--yes")
        self.benvolio.done("trust", "pin", "mercutio", self.cert(tybalt))
        said = self.ask("mercutio", status=5)
        self.assertIn("names another key for mercutio than those known here: nothing was changed", said)
        self.assertEqual([k["fingerprint"] for k in self.contact(self.romeo, "mercutio")["keys"]],
                         [self.mercutio.pin()])
        self.assertIn("introduction-refused", self.romeo.done("log"))

    def test_key_of_a_contact__as_that_of_somebody_else__changes_nothing_and_is_told(self):
        self.know(self.romeo, self.mercutio)
        self.benvolio.done("trust", "rename", "mercutio", "paris")
        said = self.ask("paris", status=1)
        self.assertIn("says that a key of mercutio is that of paris: nothing was changed", said)
        self.assertEqual(self.romeo.contacts(), ["benvolio", "mercutio"])

    def test_same_key__is_confirmed(self):
        self.know(self.romeo, self.mercutio)
        said = self.ask("mercutio")
        self.assertIn("names the same key for mercutio", said)
        self.assertEqual(self.level(self.romeo, "mercutio"), "verified")

    def test_other_key__than_the_one_vouched_for_before__changes_nothing(self):
        self.ask("mercutio")
        tybalt = self.person("tybalt")
        self.benvolio.done("trust", "forget", "mercutio", "--yes")
        self.benvolio.done("trust", "pin", "mercutio", self.cert(tybalt))
        said = self.ask("mercutio", status=1)
        self.assertIn("than the one that was vouched for before", said)
        self.assertEqual([k["fingerprint"] for k in self.contact(self.romeo, "mercutio")["keys"]],
                         [self.mercutio.pin()])

    def test_nobody__is_told__by_default(self):
        self.benvolio.done("trust", "share", "romeo", "off")
        said = self.ask("mercutio", status=1, heard="romeo: .* may not")
        self.assertIn("troth trust share", said)
        unknown = self.ask("paris", status=1, heard="may not")
        self.assertEqual(said.replace("mercutio", "X"), unknown.replace("paris", "X"))
        self.assertEqual(self.romeo.contacts(), ["benvolio"])

    def test_nobody__is_asked__who_is_no_introducer(self):
        self.romeo.done("trust", "introducer", "benvolio", "--remove")
        self.assertIn("no introducer", self.romeo.done("trust", "ask", "benvolio", "mercutio", status=4))

    def test_label_of_the_introducer__may_have_any_characters(self):
        self.benvolio.done("trust", "rename", "mercutio", "Il \"Conte\" M/S <ö>")
        said = self.ask("Il \"Conte\" M/S <ö>", "--as", "mercutio")
        self.assertIn("mercutio is known now, vouched by benvolio", said)
        self.assertEqual(self.level(self.romeo, "mercutio"), "vouched")

    def test_introducers_and_askers__are_listed(self):
        self.assertEqual(json.loads(self.romeo.done("--json", "trust", "introducer")), ["benvolio"])
        self.assertEqual(json.loads(self.benvolio.done("--json", "trust", "share")), ["romeo"])
        self.romeo.done("trust", "introducer", "benvolio", "--remove")
        self.assertEqual(json.loads(self.romeo.done("--json", "trust", "introducer")), [])
        log = self.romeo.done("log")
        self.assertIn("introducer-set", log)
        self.assertIn("introducer-removed", log)

    # ---- friends of friends of friends: Mercutio is Benvolio's introducer, and knows Tybalt ----

    def goes(self, person, depth):
        """From now on that person's policy takes chains of introducers as long as that."""
        config = f"{self.folder}/{person.name}/config"
        os.makedirs(f"{config}/troth", exist_ok=True)
        with open(f"{config}/troth/policy", "w", encoding="ascii") as policy:
            policy.write(f"introducers {depth}\n")
        person.env = {**person.env, "XDG_CONFIG_HOME": config}

    def tybalt_is_vouched(self):
        """To Benvolio, by Mercutio."""
        self.tybalt = self.person("tybalt")
        self.know(self.mercutio, self.tybalt)
        self.benvolio.done("trust", "introducer", "mercutio")
        self.mercutio.done("trust", "share", "benvolio", "on")
        self.ask("tybalt", by=self.benvolio, of=self.mercutio)

    def test_chain__is_passed_on_and_taken__where_both_policies_say_so(self):
        self.tybalt_is_vouched()
        self.goes(self.benvolio, 2)
        said = self.ask("tybalt", status=4)
        self.assertIn("the word of 2 people, one behind the other, and the policy takes 1", said)
        self.assertEqual(self.romeo.contacts(), ["benvolio"])
        self.goes(self.romeo, 2)
        self.ask("mercutio")
        self.know(self.romeo, self.mercutio)
        self.assertIn("tybalt is known now, vouched by benvolio, on the word of mercutio.", self.ask("tybalt"))
        shown = self.contact(self.romeo, "tybalt")
        self.assertEqual([k["fingerprint"] for k in shown["keys"]], [self.tybalt.pin()])
        explained = self.romeo.done("trust", "explain", "tybalt")
        self.assertIn("tybalt is vouched by benvolio, on the word of mercutio.", explained)
        self.assertIn("benvolio takes the word of the key", explained)
        self.knows(self.tybalt, self.romeo)
        with self.listen(self.tybalt):
            self.assertIn("tybalt has received it (vouched", self.send(self.romeo, "Peace?"))
        self.romeo.done("trust", "introducer", "benvolio", "--remove")
        self.assertEqual(self.level(self.romeo, "tybalt"), "unverified")

    def test_chain__is_void__when_its_middle_is_revoked(self):
        self.tybalt_is_vouched()
        self.goes(self.benvolio, 2)
        self.goes(self.romeo, 2)
        self.know(self.romeo, self.mercutio)
        self.ask("tybalt")
        self.assertEqual(self.level(self.romeo, "tybalt"), "vouched")
        with self.listen(self.mercutio):
            self.romeo.done("send", "--no-lan", self.at, "hail")
        self.mercutio.done("id", "revoke", "--yes")
        with self.listen(self.mercutio):
            self.romeo.troth("send", "--no-lan", self.at, "hail").wait(30)
        self.assertEqual(self.contact(self.romeo, "mercutio")["keys"][0]["state"], "revoked")
        self.assertEqual(self.level(self.romeo, "tybalt"), "unverified")

    def test_chain__of_three__needs_a_policy_of_three(self):
        self.tybalt_is_vouched()
        for person in (self.benvolio, self.romeo):
            self.goes(person, 2)
        self.ask("tybalt")
        paris = self.person("paris")
        self.know(paris, self.romeo)
        paris.done("trust", "introducer", "romeo")
        self.romeo.done("trust", "share", "paris", "on")
        self.goes(paris, 2)
        self.assertIn("names nobody's key", self.ask("tybalt", by=paris, of=self.romeo, status=1))
        self.goes(self.romeo, 3)
        self.assertIn("the word of 3 people", self.ask("tybalt", by=paris, of=self.romeo, status=4))
        self.goes(paris, 3)
        self.assertRegex(self.ask("tybalt", by=paris, of=self.romeo),
                         "vouched by romeo, on the word of the key [0-9a-f]{16}, on the word of the key")
        self.assertEqual(self.level(paris, "tybalt"), "vouched")


if __name__ == "__main__":
    unittest.main(verbosity=2)
