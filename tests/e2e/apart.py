# SPDX-License-Identifier: MIT
"""Tests with each person and device on a machine of its own, on one link, and addresses given by
hand. The machines are made once for all tests of a class; homes are made for each test."""
import json
import tempfile
import unittest

from people import Person
from namespace import Network

PORT = 5298


class Apart(unittest.TestCase):
    machines = 5  # as many people and devices as one test has

    @classmethod
    def setUpClass(cls):
        network = Network(*(f"machine{n}" for n in range(cls.machines)))
        cls.addClassCleanup(network.close)
        cls.hosts = network.hosts

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.free = list(self.hosts)
        self.at = None  # where somebody listens

    def person(self, name, **more):
        return Person(self.folder, name, self.free.pop(0), **more)

    def here(self, person, *words, **more):
        process = person.troth(*words, **more)
        self.addCleanup(process.close)
        return process

    def waits(self, person):
        """Whoever calls self.at from now on reaches that person."""
        self.at = f"{person.where.address}:{PORT}"

    def listen(self, person, *words):
        process = self.here(person, "listen", "--no-lan", f"--port={PORT}", *words)
        process.wait_for("Listening", 5)
        self.waits(person)
        return process

    def send(self, person, text, status=0, to=None):
        return person.done("send", "--no-lan", to or self.at, text, status=status)

    def cert(self, person):
        path = f"{self.folder}/{person.name}.crt"
        with open(path, "w", encoding="ascii") as file:
            file.write(person.done("id", "--cert"))
        return path

    def knows(self, one, other):
        one.done("trust", "pin", other.name, self.cert(other))

    def keys(self, person, label):
        return json.loads(person.done("--json", "trust", "show", label))["keys"]
