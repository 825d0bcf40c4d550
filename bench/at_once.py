#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether many cost as much as few, each: contacts of an account that signs in, and bytestreams that are
opened at once, through Prosody.

    ACCOUNT_PEER=... STREAMS_PEER=... bench/at_once.py [--json]
"""
import hashlib
import os
import pathlib
import re
import select
import socket
import statistics
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / "server"), str(HERE.parent / "tests" / "servers")]
from account_peer import Peer  # noqa: E402
from over_server import show  # noqa: E402
import servers  # noqa: E402
from streams_test import CALLERS, EACH, together  # noqa: E402

ROUNDS, FEW, MANY = 3, 100, 1000
CONTACTS = "contacts.test"


class Contacts:
    """A server's component (XEP-0114) where everybody is there."""

    def __init__(self, port):
        until = time.monotonic() + servers.READY
        while True:
            try:
                self.sock = socket.create_connection(("127.0.0.1", port))
                break
            except ConnectionRefusedError:
                assert time.monotonic() < until, "the server takes no components"
                time.sleep(0.02)
        self.sock.sendall(f"<stream:stream xmlns='jabber:component:accept' to='{CONTACTS}' "
                          "xmlns:stream='http://etherx.jabber.org/streams'>".encode())
        self.rest = ""
        number = self.wait_for("<stream:stream[^>]* id=['\"]([^'\"]*)")[1]
        self.sock.sendall(f"<handshake>{hashlib.sha1((number + 'secret').encode()).hexdigest()}</handshake>".encode())
        self.wait_for("<handshake")
        threading.Thread(target=self.answer, daemon=True).start()

    def wait_for(self, regex):
        while not (match := re.search(regex, self.rest)):
            self.rest += self.sock.recv(65536).decode()
        self.rest = self.rest[match.end():]
        return match

    def answer(self):
        while data := self.sock.recv(65536):
            whole, bracket, rest = (self.rest + data.decode()).rpartition(">")
            self.rest = rest
            answers = ""
            for probe in re.findall("<presence[^>]*type='probe'[^>]*>", whole + bracket):
                of, to = (re.search(f" {name}='([^']*)'", probe)[1] for name in ("to", "from"))
                answers += f"<presence from='{of}/x' to='{to}'/>"
            self.sock.sendall(answers.encode())


def give_roster(server, user, count):
    folder = server.folder / "data" / "montague%2etest" / "roster"
    folder.mkdir(parents=True, exist_ok=True)
    items = "".join(f'["c{n}@{CONTACTS}"]={{subscription="both";groups={{}};}};' for n in range(count))
    (folder / f"{user}.dat").write_text(f"return {{[false]={{version=1;pending={{}};}};{items}}};")


def ready(server, user, count):
    """Milliseconds from the start of a program until all contacts are seen."""
    server.register(f"{user}@montague.test", "secret")
    give_roster(server, user, count)
    start = time.perf_counter()
    with Peer(f"{user}@montague.test", "secret", server.port, server.ca, "resume") as peer:
        peer.send("presence\nconnect\n")
        seen, tail = 0, b""
        while seen < count:
            assert select.select([peer._out], [], [], 60)[0], f"{seen} of {count}"
            piece = tail + os.read(peer._out, 65536)
            seen += piece.count(b"/x there\n")
            tail = piece[-8:]
        return (time.perf_counter() - start) * 1000


def main():
    port = servers.free_port()
    more = f"""Component "{CONTACTS}"
  component_secret="secret"
"""
    rows = []
    with servers.Prosody(proxy="", ports=f"component_ports={{{port}}}", more=more) as server:
        Contacts(port)
        few, many = ([ready(server, f"{name}{n}", count) for n in range(ROUNDS)]
                     for name, count in (("few", FEW), ("many", MANY)))
        few, many = statistics.median(few), statistics.median(many)
        rows.append((f"ready with {MANY} contacts; with {FEW}", "ms", many, few, 0))
        rows.append(("each contact more, beside each of the first", "us", 1000 * (many - few) / (MANY - FEW),
                     1000 * few / FEW, 0))
        took = [[together(server, each, f"{name}{n}x") for n in range(ROUNDS)]
                for name, each in (("one", 1), ("all", EACH))]
        one, every = (statistics.median(t) for t in took)
        rows.append((f"each of {CALLERS * EACH} bytestreams opened at once; of {CALLERS}", "ms",
                     every / (CALLERS * EACH), one / CALLERS, 0))
    show(rows, "few")


if __name__ == "__main__":
    os.environ["BENCH_JSON"] = "1" if "--json" in sys.argv else ""
    main()
