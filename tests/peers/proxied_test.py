#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A bytestream through Prosody's proxy65, which keeps the end of what comes in one larger piece:
nothing of ours stays there. Usage: proxied_test.py S5B_CAT
"""
import os
import pathlib
import select
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from proxy65 import Proxy65  # noqa: E402

TARGET = "juliet@capulet.test/balcony"
PASSES = 4096  # what the proxy passes on at once
TICK = 0.01  # s: what a byte that was kept back waits at least
PATIENCE = 20  # s: something that doesn't arrive by then never will


class Cat:
    def __init__(self, port, dst):
        self.process = subprocess.Popen([CAT, "127.0.0.1", str(port), dst], bufsize=0,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.process.stderr.readline() != b"connected\n":
            raise AssertionError("the proxy isn't reached")

    def read(self, count):
        got = b""
        while len(got) < count and select.select([self.process.stdout], [], [], PATIENCE)[0]:
            piece = os.read(self.process.stdout.fileno(), 1 << 20)
            if not piece:
                break
            got += piece
        return got

    def close(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()


class Proxied(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.proxy = cls.enterClassContext(Proxy65())
        cls.sessions = 0

    def pair(self):
        Proxied.sessions += 1
        sid = f"sid{Proxied.sessions}"
        dst = self.proxy.dst(sid, TARGET)
        ends = []
        for _ in range(2):
            ends.append(Cat(self.proxy.port, dst))
            self.addCleanup(ends[-1].close)
        self.proxy.activate(sid, TARGET)
        return ends

    def carry(self, start, end, count):
        data = os.urandom(count)
        writer = threading.Thread(target=start.process.stdin.write, args=(data,))
        writer.start()
        got = end.read(count)
        writer.join()
        self.assertEqual((len(got), got == data), (count, True))

    def test_burst__arrives_whole__of_any_size(self):
        for size in (1, PASSES, PASSES + 1, PASSES + 2, 2 * PASSES, 2 * PASSES + 1, 65536, 500000):
            with self.subTest(size):
                self.carry(*self.pair(), size)

    def test_small_pieces__go_at_once__without_a_pause_for_the_proxy(self):
        a, b = self.pair()
        start, pieces = time.monotonic(), 300
        for _ in range(pieces):
            self.carry(a, b, 100)
            self.carry(b, a, 100)
        # Whoever waits for the proxy with each waits longer than the proxy's own tick for each.
        self.assertLess(time.monotonic() - start, 2 * pieces * TICK)

    def test_bursts__arrive_whole__one_after_the_other_and_both_ways(self):
        a, b = self.pair()
        for size in (5000, 10, 8192, 4097, 3000, 70000):
            with self.subTest(size):
                self.carry(a, b, size)
                self.carry(b, a, size)

    def test_last_words__arrive__before_the_end(self):
        a, b = self.pair()
        data = os.urandom(2 * PASSES)
        a.process.stdin.write(data)
        a.process.stdin.close()
        self.assertEqual(b.read(len(data)), data)
        self.assertEqual(b.read(1), b"")
        a.process.stdin = open(os.devnull, "rb")  # pylint: disable=consider-using-with


if __name__ == "__main__":
    CAT = sys.argv.pop(1)
    unittest.main(verbosity=2)
