# SPDX-License-Identifier: MIT
"""An XMPP server in this process that signs anybody in, delivers between its clients, and does to each
stanza what a test says. All its accounts see each other's presence.

    with Courier() as courier:
        courier.tamper = lambda stanza: [stanza, stanza]   # each one twice; [] drops it
        courier.inject(xml, to="romeo@montague.test")      # words of the server's own
"""
import asyncio
import base64
import pathlib
import shutil
import ssl
import tempfile
import threading
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from hostile import SASL, TLS
from servers import DOMAINS, Certificates

CLIENT = "jabber:client"
ROSTER = "jabber:iq:roster"
DISCO = "http://jabber.org/protocol/disco#"
HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='s1' version='1.0'"
          " xmlns:stream='http://etherx.jabber.org/streams' from='{}'>")
BIND = "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"


def write(element, outer=None):
    """An element as text that any parser reads, whatever prefixes it had."""
    ns, _, name = element.tag.rpartition("}")
    ns = ns[1:]
    declared = f" xmlns={quoteattr(ns)}" if ns != outer else ""
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in element.attrib.items() if key[0] != "{")
    inner = escape(element.text or "") + "".join(write(e, ns) + escape(e.tail or "") for e in element)
    return f"<{name}{declared}{attributes}>{inner}</{name}>"


def local(element):
    return element.tag.rpartition("}")[2]


class _Client:
    """One connection; its stanzas in order."""

    def __init__(self, courier, reader, writer):
        self.courier, self.reader, self.writer = courier, reader, writer
        self.jid, self.presence = None, None
        self._restart()

    def _restart(self):
        self.parser, self.depth, self.root = ET.XMLPullParser(("start", "end")), 0, None

    async def _next(self):
        """The next element below the stream's; None at the end."""
        while True:
            for kind, element in self.parser.read_events():
                if kind == "start":
                    self.depth += 1
                    if self.depth == 1:
                        self.root = element
                        return element
                    continue
                self.depth -= 1
                if self.depth == 1:
                    self.root.remove(element)
                    return element
                if self.depth == 0:
                    return None
            data = await self.reader.read(1 << 16)
            if not data:
                return None
            self.parser.feed(data)

    def send(self, text):
        if not self.writer.is_closing():
            self.writer.write(text.encode())

    async def _sign_in(self):
        domain = (await self._next()).get("to")
        header = HEADER.format(domain)
        self.send(header + TLS)
        await self._next()
        self.send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self._restart()
        await self.writer.start_tls(self.courier.contexts[domain])
        await self._next()
        self.send(header + SASL)
        user = base64.b64decode((await self._next()).text).split(b"\0")[1].decode()
        self.send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        self._restart()
        await self._next()
        self.send(header + BIND)
        bind = await self._next()
        resource = next((e.text for e in bind.iter() if local(e) == "resource"), None)
        self.courier.number += 1
        self.jid = f"{user}@{domain}/{resource or f'r{self.courier.number}'}"
        self.send(f"<iq type='result' id={quoteattr(bind.get('id'))}>"
                  f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{escape(self.jid)}</jid></bind></iq>")

    async def run(self):
        try:
            await self._sign_in()
            self.courier.clients.append(self)
            while (stanza := await self._next()) is not None:
                stanza.set("from", self.jid)
                self.courier.take(self, stanza)
        except (OSError, ET.ParseError, AttributeError):
            pass  # who leaves in the middle
        finally:
            self.courier.gone(self)
            self.writer.close()


class Courier:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="troth-courier-"))
        self.ca = Certificates(self.folder, DOMAINS).ca
        self.contexts = {}
        for domain in DOMAINS:
            self.contexts[domain] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.contexts[domain].load_cert_chain(self.folder / f"{domain}.pem")
        self.address, self.clients, self.number = "127.0.0.1", [], 0
        self.accounts = set()
        self.delivered = []  # what clients sent each other, as it came
        self.tamper = lambda stanza: [stanza]
        self.loop = asyncio.new_event_loop()
        self.server = None
        started = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self.thread.start()
        started.wait(10)
        self.port = self.server.sockets[0].getsockname()[1]

    def _run(self, started):
        asyncio.set_event_loop(self.loop)

        async def serve(reader, writer):
            await _Client(self, reader, writer).run()
        self.server = self.loop.run_until_complete(
            asyncio.start_server(serve, self.address, 0, limit=1 << 20))
        started.set()
        self.loop.run_forever()

    def register(self, jid, _password):
        self.accounts.add(jid)

    # ---- what it does with stanzas; all of it in its own thread ----

    def _clients_of(self, jid):
        return [c for c in self.clients if c.jid == jid or c.jid.split("/")[0] == jid]

    def take(self, client, stanza):
        to, bare = stanza.get("to"), client.jid.split("/")[0]
        if local(stanza) == "presence" and to is None:
            self._presence(client, stanza)
        elif to in (None, bare, *DOMAINS):
            self._answer(client, stanza)
        else:
            self.delivered.append(stanza)
            for one in self.tamper(stanza):
                self.deliver(one)

    def deliver(self, stanza):
        to, iq = stanza.get("to"), local(stanza) == "iq"
        # RFC 6121 8.5.2.2.3: an IQ to an account isn't for its clients.
        found = [] if iq and "/" not in to else self._clients_of(to)
        for client in found:
            client.send(write(stanza))
        if not found and iq and stanza.get("type") in ("get", "set"):
            for client in self._clients_of(stanza.get("from")):
                client.send(f"<iq type='error' id={quoteattr(stanza.get('id'))} from={quoteattr(stanza.get('to'))}>"
                            "<error type='cancel'><service-unavailable "
                            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")

    def _presence(self, client, stanza):
        """To everybody, the first time also everybody's back."""
        first, client.presence = client.presence is None, stanza
        for other in list(self.clients):
            for one, to in ((client, other), (other, client)):
                if one.presence is not None and (one is client or first):
                    copy = ET.Element(stanza.tag, {**one.presence.attrib, "to": to.jid})
                    copy.extend(one.presence)
                    for each in self.tamper(copy):
                        to.send(write(each))

    def gone(self, client):
        if client in self.clients:
            self.clients.remove(client)
            for other in self.clients:
                other.send(f"<presence type='unavailable' from={quoteattr(client.jid)}/>")

    def _answer(self, client, stanza):
        if local(stanza) != "iq" or stanza.get("type") not in ("get", "set"):
            return
        query = stanza[0]
        answer = ""
        if query.tag == f"{{{ROSTER}}}query" and stanza.get("type") == "get":
            items = "".join(f"<item jid='{jid}' subscription='both'/>" for jid in sorted(self.accounts)
                            if jid != client.jid.split("/")[0])
            answer = f"<query xmlns='{ROSTER}'>{items}</query>"
        elif query.tag == f"{{{DISCO}info}}query":
            answer = f"<query xmlns='{DISCO}info'><identity category='server' type='im'/></query>"
        elif query.tag == f"{{{DISCO}items}}query":
            answer = f"<query xmlns='{DISCO}items'/>"
        to = f" from={quoteattr(stanza.get('to'))}" if stanza.get("to") else ""
        client.send(f"<iq type='result' id={quoteattr(stanza.get('id'))}{to}>{answer}</iq>")

    # ---- for tests, from any thread ----

    def do(self, what):
        """Runs it in the server's thread; its result."""
        async def run():
            return what()
        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(30)

    def later(self, seconds, stanza):
        """Delivers it then: for `tamper`."""
        self.loop.call_later(seconds, self.deliver, stanza)

    def inject(self, text, to):
        """Text to each client of that JID, as it stands; waits until it is on its way."""
        async def run():
            for client in self._clients_of(to):
                client.send(text)
                await client.writer.drain()
        asyncio.run_coroutine_threadsafe(run(), self.loop).result(60)

    def full(self, jid):
        return self.do(lambda: [c.jid for c in self._clients_of(jid)])

    def close(self):
        async def end():
            self.server.close()
            for client in self.clients:
                client.writer.transport.abort()
            await asyncio.sleep(0)  # lets them end
        asyncio.run_coroutine_threadsafe(end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
