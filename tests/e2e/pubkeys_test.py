#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keys asked for and sent from client to client, over a server that tells what it likes: evidence at
most, given to contacts alone."""
import base64
import hashlib
import json
import ssl
import unittest
import xml.etree.ElementTree as ET

from betrayed import Betrayed
from courier import local, write
from gnupg import Keyring
from people import Person

PUBKEY = "urn:xmpp:tmp:pubkey"
WANTED = f"<pubkeys xmlns='{PUBKEY}'/>"


def keyinfo(der, name=None):
    return (f"<keyinfo xmlns='{PUBKEY}'><name>{name or hashlib.sha1(der).hexdigest()}</name>"
            f"<x509cert>{base64.b64encode(der).decode()}</x509cert></keyinfo>")


def certificate(person):
    text = person.done("id", "--cert")
    return ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN"):text.index("-----END") + 25])


class Direct(Betrayed, unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.number_asked = 0

    def publish(self, how):
        self.sign_in(self.juliet, self.juliet.jid, f"--publish={how}")

    def fetch(self, who="juliet"):
        return json.loads(self.romeo.done("trust", "fetch", "--json", who).splitlines()[-1])

    def ask(self, jid, payload=WANTED):
        """What Juliet's client answers to whoever the server says asks."""
        self.number_asked += 1
        number = f"asked{self.number_asked}"
        self.server.inject(f"<iq type='get' id='{number}' from='{jid}'>{payload}</iq>", self.juliet.jid)
        while not (found := [s for s in list(self.server.delivered) if s.get("id") == number]):
            pass
        return found[0]

    def keys_in(self, answer):
        self.assertEqual(answer.get("type"), "result", write(answer))
        return [e.findtext(f"{{{PUBKEY}}}name") for e in answer.iter(f"{{{PUBKEY}}}keyinfo")]

    def assert_nobody_there(self, answer):
        self.assertEqual((answer.get("type"), local(answer.find("{jabber:client}error")[0])),
                         ("error", "service-unavailable"), write(answer))

    def name(self, person):
        return json.loads(person.done("--json", "id"))["name"]

    # ---- asked ----

    def test_client__gives_its_keys__where_the_account_shows_none(self):
        self.publish("asked")
        self.listen(self.juliet)
        for who in ("juliet", self.juliet.jid):
            fetched = self.fetch(who)
            self.assertEqual([fetched[k] for k in ("from", "asked", "keys", "known", "fresh", "revoked")],
                             ["client", 1, 1, 1, 0, 0])
        self.assertIn("The account shows none: 1 client of theirs was asked", self.romeo.done("trust", "fetch", "juliet"))

    def test_openpgp_key__that_isnt_what_its_name_says__isnt_imported(self):
        ring, other, his = (Keyring(self, name) for name in ("Juliet", "Tybalt", "Romeo"))
        self.romeo.env["GNUPGHOME"] = his.home
        self.publish("asked")
        self.listen(self.juliet)
        for data, status in ((other.export(), 1), (ring.export() + other.export(), 1), (b"what is this?", 1),
                             (ring.export(), 0)):
            key = (f"<keyinfo xmlns='{PUBKEY}'><name>{ring.key}</name>"
                   f"<pgpdata>{base64.b64encode(data).decode()}</pgpdata></keyinfo>")

            def tamper(stanza, key=key):
                for pubkeys in stanza.iter(f"{{{PUBKEY}}}pubkeys"):
                    if stanza.get("type") == "result":
                        pubkeys.append(ET.fromstring(key))
                return [stanza]
            self.server.tamper = tamper
            with self.romeo.troth("trust", "fetch", "--json", "juliet", "--import", ring.key) as fetch:
                self.assertEqual(fetch.wait(20) == 0, status == 0, fetch.transcript)
            listed = his.gpg("--list-keys").decode()
            self.assertNotIn(other.key.upper(), listed)
            self.assertEqual(ring.key.upper() in listed, status == 0)

    def test_client_that_gives_nothing__is_no_failure_of_its_own(self):
        self.listen(self.juliet)  # as nobody has said that anything may be shown
        fetched = self.fetch()
        self.assertEqual((fetched["from"], fetched["asked"], fetched["keys"]), (None, 1, 0))
        self.assertIn("shows no keys, nor does any client", self.romeo.done("trust", "fetch", "juliet"))

    def test_keys__are_given_to_contacts_and_own_clients_alone(self):
        own, stranger = self.name(self.juliet), "tybalt@capulet.test/rapier"
        for how, contact, fellow in (("asked", True, True), ("open", True, True), ("own", False, True),
                                     ("none", False, False)):
            self.publish(how)
            with self.listen(self.juliet) as listener:
                for may, jid in ((contact, self.romeo.jid + "/x"), (fellow, self.juliet.jid + "/other"),
                                 (False, stranger)):
                    answer = self.ask(jid)
                    if may:
                        self.assertEqual(self.keys_in(answer), [own], how)
                    else:
                        self.assert_nobody_there(answer)
                listener.signal(15)
                listener.wait(10)

    def test_stranger__who_comes_to_an_open_window__isnt_given_keys(self):
        self.publish("open")
        self.start(self.juliet, "pair", "--json").wait_for('"event":"online"', 20)
        self.assert_nobody_there(self.ask("tybalt@capulet.test/rapier"))

    def test_keys__are_given_by_name__and_nobody_elses(self):
        self.publish("asked")
        self.listen(self.juliet)
        own, romeo = self.name(self.juliet), self.romeo.jid + "/x"
        one = "<pubkeys xmlns='" + PUBKEY + "'><fprint>{}</fprint><fprint>" + "0" * 40 + "</fprint></pubkeys>"
        self.assertEqual(self.keys_in(self.ask(romeo, one.format(own))), [own])
        self.assertEqual(self.keys_in(self.ask(romeo, one.format("1" * 40))), [])
        about = "<pubkeys xmlns='" + PUBKEY + "' jid='{}'/>"
        self.assertEqual(self.keys_in(self.ask(romeo, about.format(self.juliet.jid))), [own])
        for jid in (self.romeo.jid, "tybalt@capulet.test", "@"):
            self.assert_nobody_there(self.ask(romeo, about.format(jid)))

    # ---- sent ----

    def sent(self, content, claimed=None, jid=None):
        """A message to Romeo, by whoever the server says."""
        about = f" jid='{jid}'" if jid else ""
        self.server.inject(f"<message from='{claimed or self.juliet.jid}/x'><pubkeys xmlns='{PUBKEY}'{about}>"
                           f"{content}</pubkeys></message>", self.romeo.jid)

    def told(self, listener, count):
        """It was told of keys so often, after everything before was read."""
        self.arrives_at_romeo(listener)
        self.assertEqual(listener.transcript.count("that isn't known here"), count, listener.transcript)

    def arrives_at_romeo(self, listener):
        text = f"word {len(self.said)}"
        self.said.add(text)
        self.done(self.juliet, "send", "romeo", text)
        listener.wait_for(f'"text":"{text}"', 20)

    def test_keys_that_are_sent__are_seen__and_make_nobody_known(self):
        tybalt = Person(self.folder, "tybalt")
        listener = self.listen(self.romeo)
        self.juliet.done("trust", "send", self.romeo.jid)  # the one that he has
        self.told(listener, 0)
        key = keyinfo(certificate(tybalt))
        for _ in range(3):  # told once
            self.sent(key)
        self.told(listener, 1)
        self.assertIn("or whoever uses that account, has sent 1 key that isn't known here", listener.transcript)
        self.sign_in(tybalt, self.juliet.jid)  # with a server that lets him
        with tybalt.troth("send", "--no-lan", "--accept=anyone", "--timeout=5", self.romeo.jid, "I am juliet") as send:
            self.assertIn(send.wait(30), (4, 5), send.transcript)
        listener.never("I am juliet", 0)

    def test_keys_that_arent_the_senders__arent_taken(self):
        der = certificate(Person(self.folder, "tybalt"))
        key, listener = keyinfo(der), self.listen(self.romeo)
        self.sent(key, claimed="tybalt@capulet.test")                          # nobody that he knows
        self.sent(key, claimed="tybalt@capulet.test", jid=self.juliet.jid)     # who speaks of her
        self.sent(key, jid="tybalt@capulet.test")                              # she speaks of somebody
        self.sent(key, jid="@")
        self.sent(keyinfo(der, "0" * 40))                                      # another name than its own
        self.sent("<keyinfo/>" + keyinfo(b"\x30\x03\x02\x01\x01") + "<other xmlns='urn:o'/>")
        self.told(listener, 0)

    def test_more_keys_than_may_be_sent__are_left_out(self):
        der = certificate(Person(self.folder, "tybalt"))
        names = "".join(f"<keyinfo><name>{number:040x}</name></keyinfo>" for number in range(64))
        listener = self.listen(self.romeo)
        self.sent(names + keyinfo(der))
        self.sent("<x>" + "y" * 300000 + "</x>" + keyinfo(der))
        self.told(listener, 0)

    def test_older_keys__that_are_sent_again__bring_nothing_back(self):
        self.publish("asked")
        with self.listen(self.juliet):
            older = self.ask(self.romeo.jid + "/x")[0]
        self.juliet.done("id", "revoke", "--yes")
        with self.listen(self.juliet):
            newer = self.ask(self.romeo.jid + "/x")[0]
        listener = self.listen(self.romeo)
        for pubkeys in (newer, older, newer, older):
            self.sent("".join(write(e, PUBKEY) for e in pubkeys))
        listener.wait_for("A key of this contact has been revoked", 20)
        self.assertEqual(listener.transcript.count("A key of this contact has been revoked"), 1)
        state = self.trust()
        self.assertEqual([key[1] for key in state[0][3]], ["revoked"])
        self.trusted = state


if __name__ == "__main__":
    unittest.main(verbosity=2)
