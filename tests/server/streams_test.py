#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""As many bytestreams at once as a house full of people has, between seven accounts and one."""
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "net"), str(HERE.parent / "servers")]

from process import Process  # noqa: E402
import servers  # noqa: E402

PEER = os.environ["STREAMS_PEER"]
CALLERS, EACH = 7, 8  # eight: as many as one person may have


def together(server, each, prefix):
    """Milliseconds from the first call until the last of CALLERS * each has its bytes back."""
    jids = [f"{prefix}{number}@montague.test" for number in range(CALLERS + 1)]
    for jid in jids:
        server.register(jid, "secret")
    with Process([PEER, server.port, server.ca, each, *jids]) as peer:
        match = peer.wait_for(r"^together (\d+) (\d+)$", 60)
        assert int(match[1]) == CALLERS * each, peer.transcript
        peer.wait_for("^done$", 20)
        assert peer.wait() == 0, peer.transcript
        return int(match[2])


class Streams(unittest.TestCase):
    def test_bytestreams__carry_bytes__fifty_six_at_once_in_band(self):
        with servers.Prosody(proxy="") as server:
            together(server, EACH, "a")

    def test_bytestreams__carry_bytes__fifty_six_at_once_through_a_proxy(self):
        with servers.Prosody() as server:
            together(server, EACH, "a")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
