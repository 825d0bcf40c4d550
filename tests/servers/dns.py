# SPDX-License-Identifier: MIT
"""A DNS server for a network that a test made: dns.py ADDRESS PORT NAME=ADDRESS... Names that end in one
of those are there too, each with that PORT for XMPP clients (SRV). Says "ready"."""
import socket
import struct
import sys


A, SRV = 1, 33
CLIENT = "_xmpp-client._tcp."


def encode(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def data_of(kind, name, names, port):
    """The content of each record of that kind that a name has."""
    if kind == SRV and name.startswith(CLIENT) and name[len(CLIENT):] in names:
        return [struct.pack("!HHH", 0, 0, port) + encode(name[len(CLIENT):])]
    if kind == A and not name.startswith("_"):
        return [socket.inet_aton(address) for known, address in names.items()
                if name == known or name.endswith("." + known)]
    return []


def answer(question, names, port):
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode().lower())
        at += 1 + question[at]
    kind = struct.unpack("!H", question[at + 1:at + 3])[0]
    name = ".".join(labels)
    found = data_of(kind, name, names, port)
    known = any(name == n or name.endswith("." + n) for n in names)
    head = question[:2] + struct.pack("!HHHHH", 0x8580 | (0 if known else 3), 1, len(found), 0, 0)
    records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(d)) + d for d in found)
    return head + question[12:at + 5] + records


def main(address, port, *pairs):
    names = dict(pair.split("=") for pair in pairs)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    print("ready", flush=True)
    while True:
        question, client = server.recvfrom(2048)
        server.sendto(answer(question, names, int(port)), client)


main(*sys.argv[1:])
