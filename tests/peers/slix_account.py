# SPDX-License-Identifier: MIT
"""An account by slixmpp, which a test drives by lines: commands come in, what happens goes out.

Run by the system's Python, for which Debian packages slixmpp. Whoever derives from Account adds
methods do_<command>(*words).
"""
import asyncio
import inspect
import os
import pathlib
import sys
import traceback

import slixmpp


class Account(slixmpp.ClientXMPP):
    """words: JID, password, port of the server on loopback, file of its CA."""

    plugins = ("xep_0030",)

    def __init__(self, jid, password, port, ca):
        super().__init__(jid, password)
        self.ca_certs = pathlib.Path(ca)
        self.port = int(port)
        self.tasks = set()
        for plugin in self.plugins:
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.on_start)
        self.add_event_handler("failed_all_auth", lambda _: self.say("failed login"))
        self.add_event_handler("disconnected", lambda _: self.say("gone"))

    @staticmethod
    def say(text):
        print(text.replace("\n", " "), flush=True)

    def spawn(self, coroutine):
        """Runs it; the test is told of what it raises."""
        async def told():
            try:
                await coroutine
            except Exception as e:  # pylint: disable=broad-except
                traceback.print_exc()
                self.say(f"failed {type(e).__name__} {e}")
        task = asyncio.ensure_future(told())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def on_start(self, _event):
        self.send_presence()
        await self.get_roster()
        self.say(f"up {self.boundjid.full}")

    async def _read_commands(self):
        reader = asyncio.StreamReader()
        await asyncio.get_event_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(0, "rb", 0))
        while line := await reader.readline():
            command, *words = line.decode().split()
            done = getattr(self, "do_" + command)(*words)
            if done is not None:
                self.spawn(done)

    async def _live(self):
        at = ("127.0.0.1", self.port)
        if "address" in inspect.signature(self.connect).parameters:  # up to 1.8
            self.connect(at)
        else:
            self.connect(*at)
        await self._read_commands()
        await self.disconnect()

    @classmethod
    def main(cls):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        account = cls(*sys.argv[1:5])
        account.loop = loop
        loop.run_until_complete(account._live())  # pylint: disable=protected-access
