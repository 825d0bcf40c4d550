# SPDX-License-Identifier: MIT
"""What the tests of the house rules share: where things are and how they are read."""
import os
import pathlib
import re
import shlex

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src"
INCLUDE = ROOT / "include"

# No rule may pass because it looked at nothing.
LEAST_SOURCES = 8


def compiler():
    """The C compiler of this build, as a list of words."""
    return shlex.split(os.environ.get("CC", "cc"))


def sources(*folders):
    """Every C file below the folders, those that an editor left behind excepted."""
    found = [p for folder in folders for p in sorted(folder.rglob("*.[ch]"))
             if not p.name.startswith(".")]
    assert len(found) >= LEAST_SOURCES or folders == (INCLUDE,), f"nothing to check in {folders}"
    return found


def public_headers():
    found = sorted((INCLUDE / "troth").glob("*.h"))
    assert found, "no public headers"
    return found


def without_comments(text):
    """C without comments, strings kept; line numbers stay right."""
    token = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.S)
    return token.sub(lambda m: m[0] if m[0][0] == '"' else "\n" * m[0].count("\n"), text)


def public_functions(header):
    """The functions a header declares, in its order: names before a '(' that begin a prototype."""
    text = without_comments(header.read_text())
    text = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", text, flags=re.M)  # directives
    text = re.sub(r"\bTROTH_API_(?:BEGIN|END)\b", "", text)
    text = re.sub(r"\bTROTH_PRINTF\([^)]*\)|\bTROTH_MUST_USE\b", "", text)
    while "{" in text:  # bodies, from the inside: structs, enums, inline functions
        text, count = re.subn(r"\{[^{}]*\}", ";", text)
        assert count, f"{header}: unbalanced braces"
    names = []
    for statement in text.split(";"):
        if "typedef" in statement or "static inline" in statement:
            continue
        match = re.match(r"[^()]*?\b(troth_\w+)\s*\(", statement, re.S)
        if match:
            names.append(match.group(1))
    return names


def read_map(path):
    """The names that a version script exports."""
    text = without_comments(path.read_text())
    exported = text[text.index("global:"):text.index("local:")]
    return re.findall(r"\b(troth_\w+);", exported)


def read_symbols(path):
    """{symbol@node: version} of a deb-symbols(5) file."""
    return dict(line.split()[:2] for line in path.read_text().splitlines() if line.startswith(" "))


def layers():
    """The folders of src/, lowest first, in the order in which src/meson.build names them."""
    text = re.sub(r"#.*", "", (SRC / "meson.build").read_text())
    named = []
    for word in re.findall(r"'(\w+)'", text):
        if (SRC / word).is_dir() and word not in named:
            named.append(word)
    return named
