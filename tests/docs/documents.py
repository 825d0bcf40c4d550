# SPDX-License-Identifier: MIT
"""What the tests of the documents share: the documents, and what a stream really sends."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT / "docs" / "schema"
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()

HEADER = ("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
          " from='romeo@forza' version='1.0'>")
END = "</stream:stream>"


def sent(program):
    """(meeting, party, piece of XML) of all that the program prints, in order."""
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    return [tuple(line.split("\t")) for line in done.stdout.splitlines() if line.count("\t") == 2]


def phases(pieces):
    """{(meeting, party): [pieces before TLS, pieces inside]}: each begins with a header."""
    out = {}
    for meeting, party, piece in pieces:
        found = out.setdefault((meeting, party), [])
        if piece.startswith("<?xml"):
            found.append([])
        found[-1].append(piece)
    return out


def streams(pieces):
    """(where, document): each side's stream, before TLS and inside, as a whole document."""
    out = []
    for (meeting, party), found in phases(pieces).items():
        for number, phase in enumerate(found):
            text = "".join(phase)
            out.append((f"{meeting} {party} {'inside' if number else 'clear'}",
                        text if text.endswith(END) else text + END))
    return out


def examples(kind):
    """The code blocks of that kind in the protocol."""
    return re.findall(rf"^ *```{kind}\n(.*?)^ *```$", PROTOCOL, re.S | re.M)


def as_stream(example):
    """An example of the protocol as a document: some begin with a header, most don't."""
    text = example if "<stream:stream" in example else HEADER + example
    return text if END in text else text + END
