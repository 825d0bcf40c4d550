#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a message costs over a server, by each way that it can go, beside a bare one between two clients
through the same Prosody: from the line that was typed to its receipt; and bytes in-band beside bare in-band
bytes. Taken in turns, so that what else the machine does falls on both. It never fails for a number.

    TROTH=build/release/src/cli/troth bench/over_server.py [--json]
"""
import base64
import json
import os
import pathlib
import re
import select
import socket
import ssl
import statistics
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))
from online import Online, servers  # noqa: E402

ROUNDS, MESSAGES = 5, 20
PAUSE = 0.06  # between messages: people type no faster, and TCP has acknowledged what was sent
BYTES, LINE = 2_000_000, 50_000
BLOCK, WINDOW = 4096, 16  # as ours
MESSAGE = b'"event":"message"'
IBB = "http://jabber.org/protocol/ibb"


class Bare:
    """A client that can nothing but what is measured; and resume, if it is to (XEP-0198): servers ask such
    ones what they have got."""

    def __init__(self, server, jid, resumes=False):
        self.got = None  # stanzas since it is resumable
        user, domain = jid.split("@")
        self.sock, self.read = socket.create_connection((server.address, server.port)), b""
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        header = (f"<?xml version='1.0'?><stream:stream to='{domain}' xmlns='jabber:client' version='1.0' "
                  "xmlns:stream='http://etherx.jabber.org/streams'>")
        self.ask(header + "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", b"<proceed[^>]*>")
        self.sock = ssl.create_default_context(cafile=server.ca).wrap_socket(self.sock, server_hostname=domain)
        self.read = b""
        plain = base64.b64encode(f"\0{user}\0secret".encode()).decode()
        self.ask(header + f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>",
                 b"<success[^>]*>")
        self.jid = self.ask(header + "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
                            "<presence/>", b"<jid>(.*?)</jid>")[1].decode()
        if resumes:
            self.ask("<enable xmlns='urn:xmpp:sm:3' resume='true'/>", b"<enabled[^>]*>")
            self.got = 0

    def ask(self, text, regex):
        self.sock.sendall(text.encode())
        return self.wait_for(regex)

    def wait_for(self, regex):
        while not (match := re.search(regex, self.read)):
            data = self.sock.recv(65536)
            assert data, self.read
            self.read += data
        self.say_got(self.read[:match.end()])
        self.read = self.read[match.end():]
        return match

    def say_got(self, text):
        """Whoever waits, waits for a stanza."""
        if self.got is not None:
            self.got += 1
            for _ in range(text.count(b"urn:xmpp:sm:3")):
                self.sock.sendall(f"<a xmlns='urn:xmpp:sm:3' h='{self.got}'/>".encode())


class OverServer(Online, unittest.TestCase):
    kind = servers.Prosody
    hers = "montague.test"

    def bare_pair(self, resumes=False):
        jids = []
        for name in ("sampson", "gregory"):
            jids.append(f"{name}{self.number}@montague.test")
            self.server.register(jids[-1], "secret")
        one, other = (Bare(self.server, jid, resumes) for jid in jids)
        return one, other

    def chat(self):
        one = self.start(self.juliet, "chat", "--json")
        one.wait_for('"event":"online"', 20)
        two = self.start(self.romeo, "chat", "--json", "juliet")
        path = self.up(two)["path"]
        return one, two, path

    # ---- a message and its receipt, microseconds ----

    @staticmethod
    def messages(one, two, label):
        took, receipts = [], two.transcript.count('"event":"receipt"') + MESSAGES
        for number in range(MESSAGES):
            time.sleep(PAUSE)
            start = time.perf_counter()
            two.send_line(f"{label}-{number}")
            two.wait_for(r'"event":"receipt"[^\n]*\n', 30)
            took.append(time.perf_counter() - start)
            one._read(0)  # or it waits for its reader
        assert two.transcript.count('"event":"receipt"') == receipts
        return statistics.median(took) * 1e6

    @staticmethod
    def bare_messages(one, other):
        took = []
        for number in range(MESSAGES):
            time.sleep(PAUSE)
            start = time.perf_counter()
            one.sock.sendall(f"<message to='{other.jid}' type='chat' id='m{number}'><body>a line</body><request "
                             "xmlns='urn:xmpp:receipts'/></message>".encode())
            other.wait_for(b"</message>")
            other.sock.sendall(f"<message to='{one.jid}' id='r{number}'><received xmlns='urn:xmpp:receipts' "
                               f"id='m{number}'/></message>".encode())
            one.wait_for(b"</message>")
            took.append(time.perf_counter() - start)
        return statistics.median(took) * 1e6

    # ---- bytes, MB/s ----

    @staticmethod
    def lines(one, two):
        """What arrives of many long lines. Both outputs are read as they come and not kept: this process
        takes its share of the machine as well."""
        count, seen, tail = BYTES // LINE, 0, b""
        start = time.perf_counter()
        sender = threading.Thread(target=lambda: two.send((b"x" * LINE + b"\n") * count))
        sender.start()
        while seen < count:
            for process in select.select([one._out, two._out], [], [])[0]:
                piece = os.read(process, 1 << 20)
                assert piece, "one of them has ended"
                if process == one._out:
                    seen += (tail + piece).count(MESSAGE)
                    tail = (tail + piece)[1 - len(MESSAGE):]
        sender.join()
        took = time.perf_counter() - start
        while select.select([two._out], [], [], 0.5)[0]:  # the receipts
            os.read(two._out, 1 << 20)
        return BYTES / took / 1e6

    @staticmethod
    def bare_bytes(one, other):
        data = base64.b64encode(b"x" * BLOCK).decode()
        one.sock.sendall(f"<iq type='set' id='o' to='{other.jid}'><open xmlns='{IBB}' sid='s' block-size='{BLOCK}'/>"
                         "</iq>".encode())
        other.wait_for(b"</iq>|<open[^>]*/></iq>")
        count = BYTES // BLOCK

        def answer():
            for number in range(count):
                other.wait_for(b"</data></iq>")
                other.sock.sendall(f"<iq type='result' id='d{number}' to='{one.jid}'/>".encode())
        answerer = threading.Thread(target=answer)
        start = time.perf_counter()
        answerer.start()
        for number in range(count):
            if number >= WINDOW:
                one.wait_for(b"id='d|type='result'")
            one.sock.sendall(f"<iq type='set' id='d{number}' to='{other.jid}'><data xmlns='{IBB}' sid='s' "
                             f"seq='{number % 65536}'>{data}</data></iq>".encode())
        answerer.join()
        took = time.perf_counter() - start
        for client in (one, other):
            client.sock.close()
        return BYTES / took / 1e6

    def test_rows(self):
        self.pair(self.juliet, self.romeo)
        rows = []
        for options, how in ((("--no-lan",), {}), (("--no-lan", "--no-direct"), {}),
                             (("--no-lan", "--no-direct"), {"proxy": ""})):
            if how:  # another server, without proxy
                self.server = self.kind(**how)
                self.addCleanup(self.server.close)
                self.setUp()
                self.pair(self.juliet, self.romeo)
            self.options = options
            bare, (one, two, path) = self.bare_pair(), self.chat()
            pairs = [(self.messages(one, two, f"line-{n}"), self.bare_messages(*bare)) for n in range(ROUNDS)]
            for client in bare:
                client.sock.close()
            rows.append((f"message and receipt, {path}", "us", *map(statistics.median, zip(*pairs)), 0))
            if path == "in-band":
                rounds = [(self.lines(one, two), self.bare_bytes(*self.bare_pair_again()),
                           self.bare_bytes(*self.bare_pair_again(resumes=True))) for _ in range(ROUNDS)]
                ours, bare, resumable = map(statistics.median, zip(*rounds))
                rows.append(("bytes of messages, in-band", "MB/s", ours, bare, 0.8))
                rows.append(("the same, beside clients that can resume", "MB/s", ours, resumable, 0))
            two.close()
            one.close()
        show(rows)

    def bare_pair_again(self, resumes=False):
        Online.number += 1
        self.number = Online.number
        return self.bare_pair(resumes)


def show(rows, beside="bare"):
    if os.environ.get("BENCH_JSON"):
        print(json.dumps([dict(zip(("name", "unit", "troth", beside, "least"), row)) for row in rows]))
        return
    print(f"{'':44} {'troth':>10} {beside:>10} {'':5} {'ratio':>7} {'target':>7}")
    for name, unit, troth, bare, least in rows:
        judged = "" if not least else "ok" if troth / bare >= least else "under"
        print(f"{name:44} {troth:10.1f} {bare:10.1f} {unit:5} {troth / bare:7.2f} "
              f"{f'{least:.2f}' if least else '-':>7}  {judged}")


if __name__ == "__main__":
    os.environ["BENCH_JSON"] = "1" if "--json" in sys.argv else ""
    unittest.main(argv=[sys.argv[0]], verbosity=0)
