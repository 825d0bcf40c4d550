#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A peer of ours whose bytestreams others wrote: slixmpp's xep_0047 carries them in-band, its
xep_0065 by SOCKS5. slixmpp has no Jingle: what is needed of it to agree on them stands here.

Usage: slix_peer.py JID PASSWORD PORT CA OWN.pem THEIRS.pem, then a command a line:

    answer WAY            how the next calls are answered: in-band, direct, proxy
    call FULL-JID WAY     calls; ours: through a proxy that this side has found; messages: in-band, the
                          data in messages
    block SIZE            of what is sent in-band from now on
    say TEXT              a message on the stream
    repeat COUNT TEXT     one that says it so often
    end                   ends the stream

It tells: up JID, accepted, path WAY, tls VERSION, secured, received TEXT, delivered ID, ended,
failed WHY.
"""
import sys
import xml.etree.ElementTree as ET

from slixmpp import JID
from slixmpp.xmlstream.handler import CoroutineCallback
from slixmpp.xmlstream.matcher import MatchXPath

from slix_account import Account
from slix_stream import C2C, PUBKEY, Stream, name_of

JINGLE = "urn:xmpp:jingle:1"
XMLSTREAM = "urn:xmpp:jingle:apps:xmlstream:0"
IBB = "urn:xmpp:jingle:transports:ibb:1"
S5B = "urn:xmpp:jingle:transports:s5b:1"
CANDIDATE = f"{{{S5B}}}candidate"


class InBand:
    """Bytes by xep_0047."""

    def __init__(self, peer, stream):
        self.peer, self.stream, self.queue, self.busy = peer, stream, b"", False
    def write(self, data):
        self.queue += data
        if not self.busy:
            self.busy = True
            self.peer.spawn(self.send())

    async def send(self):
        while self.queue:
            data, self.queue = self.queue, b""
            await self.stream.sendall(data)
        self.busy = False


class Socks5:
    """Bytes by xep_0065."""

    def __init__(self, peer, protocol):
        self.peer, self.protocol = peer, protocol

    def write(self, data):
        self.peer.spawn(self.protocol.write(data))


class Peer(Account):
    plugins = ("xep_0030", "xep_0047", "xep_0065")

    def __init__(self, *words):
        super().__init__(*words)
        self.own, self.theirs = sys.argv[5:7]
        self.way, self.block = "in-band", 4096
        self.caller = False
        self.remote = self.sid = self.content = self.stream_sid = None
        self.offered = []  # their candidates
        self.connection = None  # to one of them
        self.pipe = self.stream = None
        self.early = b""  # what came before the stream
        self.said = 0
        for name, tag, handle in (("jingle", f"{{{JINGLE}}}jingle", self.on_jingle),
                                  ("probe", f"{{{C2C}}}offer", self.on_probe)):
            self.register_handler(CoroutineCallback(name, MatchXPath(f"{{jabber:client}}iq/{tag}"), handle))
        self.add_event_handler("session_bind", lambda _: self["xep_0030"].add_feature(XMLSTREAM))
        self.add_event_handler("presence_available", self.on_presence)
        self.add_event_handler("ibb_stream_data", lambda stream: self.on_bytes(stream.read()))
        self.add_event_handler("socks5_data", self.on_bytes)
        for end in "ibb_stream_end", "socks5_closed":
            self.add_event_handler(end, lambda _: self.say("cut"))

    def on_presence(self, presence):
        """Whoever shows himself to us is shown that we are there."""
        if presence["from"].bare != self.boundjid.bare:
            self.send_presence(pto=presence["from"])

    async def on_probe(self, iq):
        """XEP-0250 3.2."""
        if iq["type"] != "get":
            return
        reply = iq.reply()
        offer = ET.Element(f"{{{C2C}}}offer")
        ET.SubElement(ET.SubElement(offer, f"{{{PUBKEY}}}keyinfo"), f"{{{PUBKEY}}}name").text = name_of(self.own)
        reply.append(offer)
        reply.send()

    # ---- Jingle: what is said ----

    async def jingle(self, action, *inside, **more):
        """Sends an action, and waits until it is acknowledged."""
        iq = self.make_iq_set(ito=self.remote)
        e = ET.Element(f"{{{JINGLE}}}jingle", action=action, sid=self.sid, **more)
        content = ET.SubElement(e, f"{{{JINGLE}}}content", creator="initiator", name=self.content)
        content.extend(inside)
        iq.append(e)
        await iq.send(timeout=20)

    @staticmethod
    def description():
        return ET.Element(f"{{{XMLSTREAM}}}description")

    def in_band(self):
        stanza = {"stanza": "message"} if self.way == "messages" else {}
        return ET.Element(f"{{{IBB}}}transport", {"sid": self.stream_sid, "block-size": str(self.block), **stanza})

    def dstaddr(self, requester, target):
        return self["xep_0065"]._get_dest_sha1(self.stream_sid, requester, target)

    async def socks5(self):
        """Our side of the transport: with proxies only where that is the way."""
        transport = ET.Element(f"{{{S5B}}}transport", sid=self.stream_sid)
        if self.way == "ours":
            transport.set("dstaddr", self.dstaddr(self.boundjid.full, self.remote))
            for jid, (host, port) in (await self["xep_0065"].discover_proxies("montague.test")).items():
                transport.append(ET.Element(CANDIDATE, cid="relay", host=host, port=str(port), jid=str(jid),
                                            priority="655360", type="proxy"))
        return transport

    async def info(self, name, **attributes):
        transport = ET.Element(f"{{{S5B}}}transport", sid=self.stream_sid)
        ET.SubElement(transport, f"{{{S5B}}}{name}", **attributes)
        await self.jingle("transport-info", transport)

    # ---- Jingle: what is heard ----

    async def on_jingle(self, iq):
        e = iq.xml.find(f"{{{JINGLE}}}jingle")
        if e is None or iq["type"] != "set":
            return
        content = e.find(f"{{{JINGLE}}}content")
        transport = None if content is None else next((c for c in content if c.tag.endswith("}transport")), None)
        if e.get("action") == "session-initiate":
            self.begin(iq["from"].full, e.get("sid"), content.get("name"), transport.get("sid"))
        iq.reply().send()
        take = getattr(self, "take_" + e.get("action").replace("-", "_"))
        self.spawn(take(transport))

    def begin(self, remote, sid, content, stream_sid):
        self.remote, self.sid, self.content, self.stream_sid = remote, sid, content, stream_sid
        self.offered, self.connection, self.pipe, self.stream, self.early = [], None, None, None, b""
        self.mine = self.their = None  # candidate-used, or -error
        self.caller = False

    async def take_session_initiate(self, transport):
        if transport.tag == f"{{{IBB}}}transport":
            await self.expect_in_band()
            await self.jingle("session-accept", self.description(), self.in_band(), responder=self.boundjid.full)
            return
        self.note(transport)
        await self.jingle("session-accept", self.description(), await self.socks5(),
                          responder=self.boundjid.full)
        await self.try_candidates()

    async def take_session_accept(self, transport):
        self.say("accepted")
        if transport.tag == f"{{{IBB}}}transport":
            block = int(transport.get("block-size"))
            self.open(InBand(self, await self["xep_0047"].open_stream(
                JID(self.remote), sid=self.stream_sid, block_size=block, use_messages=self.way == "messages")),
                "in-band")
            return
        self.note(transport)
        await self.try_candidates()

    def note(self, transport):
        """Their candidates; DST.ADDR must be what slixmpp computes."""
        self.offered = transport.findall(CANDIDATE)
        given = transport.get("dstaddr")
        if given is not None and given != self.dstaddr(self.remote, self.boundjid.full):
            self.say("failed dstaddr")

    async def try_candidates(self):
        for candidate in sorted(self.offered, key=lambda c: -int(c.get("priority"))):
            if candidate.get("type", "direct") != self.way:
                continue
            try:
                _, protocol = await self["xep_0065"]._connect_proxy(
                    self.dstaddr(self.remote, self.boundjid.full), candidate.get("host"), int(candidate.get("port")))
                await protocol.connected
            except OSError:
                continue
            self.connection = protocol
            await self.choose("candidate-used", cid=candidate.get("cid"))
            return
        await self.choose("candidate-error")

    async def choose(self, word, **attributes):
        await self.info(word, **attributes)
        self.mine = word
        await self.settle()

    async def settle(self):
        """Only one side has candidates that the other can use."""
        if (self.mine, self.their, self.way) == ("candidate-used", "candidate-error", "direct"):
            self.open(Socks5(self, self.connection), "direct")
        elif (self.mine, self.their, self.way) == ("candidate-error", "candidate-used", "ours"):
            await self.activate()

    async def take_transport_info(self, transport):
        word = transport[0].tag.split("}")[1]
        if word.startswith("candidate-"):
            self.their = word
            await self.settle()
        elif word == "activated":
            self.open(Socks5(self, self.connection), "proxy")
        elif word != "candidate":
            self.say(f"failed {word}")

    async def activate(self):
        """They have connected to our proxy."""
        plugin = self["xep_0065"]
        (jid, (host, port)), = plugin._proxies.items()
        _, protocol = await plugin._connect_proxy(self.dstaddr(self.boundjid.full, self.remote), host, int(port))
        await protocol.connected
        await plugin.activate(jid, self.stream_sid, self.remote)
        await self.info("activated", cid="relay")
        self.open(Socks5(self, protocol), "proxy")

    async def take_transport_replace(self, transport):
        self.stream_sid, self.early = transport.get("sid"), b""
        await self.expect_in_band()
        await self.jingle("transport-accept", self.in_band())

    async def take_session_terminate(self, _transport):
        self.say("terminated")

    # ---- bytes ----

    async def expect_in_band(self):
        await self["xep_0047"].api["preauthorize_sid"](self.boundjid, self.stream_sid, JID(self.remote), None)
        self.add_event_handler(f"stream:{self.stream_sid}:{self.remote}",
                               lambda stream: self.open(InBand(self, stream), "in-band"), disposable=True)

    def open(self, pipe, way):
        self.pipe = pipe
        self.say(f"path {way}")
        self.stream = Stream(pipe.write, self.say, own=self.own, theirs=self.theirs, local=self.boundjid.full,
                             remote=self.remote, initiator=self.caller)
        early, self.early = self.early, b""
        if early:
            self.stream.feed(early)

    def on_bytes(self, data):
        if self.stream is None:
            self.early += data
            return
        self.stream.feed(data)

    # ---- commands ----

    def do_answer(self, way):
        self.way = way

    async def do_call(self, to, way):
        self.way = way
        self.begin(to, self.new_id(), "stream", self.new_id())
        self.caller = True
        transport = self.in_band() if way in ("in-band", "messages") else await self.socks5()
        await self.jingle("session-initiate", self.description(), transport, initiator=self.boundjid.full)

    def do_block(self, size):
        self.block = int(size)

    def do_say(self, *words):
        self.said += 1
        self.stream.say(" ".join(words), self.said)

    def do_repeat(self, count, *words):
        self.do_say(*(list(words) * int(count)))

    def do_end(self):
        self.stream.close()


if __name__ == "__main__":
    Peer.main()
