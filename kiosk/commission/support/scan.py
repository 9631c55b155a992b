"""Looks through a bundle before it is written: for keys, badges, patients' numbers, and names.

Pure: contents in, places out. What is found is never repeated, only where.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.commission.support.vocabulary import WORD
from kiosk.records.badge import PREFIX


class Leak(enum.Enum):
    """What must not be in a bundle; the value is how it is said."""

    KEY = "something that looks like a key or another secret"
    BADGE = "something that looks like the code of a badge"
    NUMBER = "something that looks like a patient's number"
    NAME = "a word that may be a name"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something was found; lines count from 1."""

    member: str
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What is harmless, and what a patient's number begins with here.

    Attributes:
        words: every word that may stand in a text.
        public: whole tokens that look like secrets and are none, such as digests of files.
        prefix: of the codes on patients' cards; empty where they have none.
        figures: members whose numbers the program has made itself.
    """

    words: frozenset[str]
    public: frozenset[str] = frozenset()
    prefix: str = ""
    figures: frozenset[str] = frozenset()


_MARKS: Final = re.compile(
    r"PRIVATE KEY|AGE-SECRET-KEY|AGE-PLUGIN|openssh-key-v1|b3BlbnNzaC1rZXktdjE|BEGIN AGE"
)
"""What private keys begin with: OpenSSH's, PEM's, age's."""

FINGERPRINT: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
"""Of a public key, as ``ssh-keygen -l`` prints it: made to be told to others."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
"""What base64 is written with, and paths and names of figures as well."""

_ALWAYS: Final = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}|[A-Z2-7]{24,}")
"""Hexadecimals of 16 bytes, base32 of 15: no path and no sentence has such a run."""

_RANDOM: Final = 0.25
"""Share of neighbours of another kind (small, capital, digit), signs left out. Of random bytes in
base64 it is 0.65 (of 42 neighbours less than 0.4 once in a million); of paths below 0.15."""

_LONG_NUMBER: Final = re.compile(r"\d{5,}")
_MARKED_NUMBER: Final = re.compile(r"\b[A-Z]{1,6}-\d+\b")

_MOST: Final = 20
"""Places that are told; one is enough to refuse."""


def leaks(members: Mapping[str, str], rules: Rules) -> tuple[Place, ...]:
    """Return where something stands that must not leave the station."""
    found = (
        Place(name, number, leak.value)
        for name, text in members.items()
        for number, line in enumerate(text.splitlines(), start=1)
        for leak in _in_line(line, rules, figures=name in rules.figures)
    )
    return tuple(itertools.islice(dict.fromkeys(found), _MOST))


def _in_line(line: str, rules: Rules, *, figures: bool) -> Iterator[Leak]:
    line = FINGERPRINT.sub("", line)
    if PREFIX.lower() in line.lower():
        yield Leak.BADGE
    if _MARKS.search(line) or any(_secrets(line, rules)):
        yield Leak.KEY
    if _numbered(line, rules, figures=figures):
        yield Leak.NUMBER
    if any(_is_name(word, rules) for word in WORD.findall(line)):
        yield Leak.NAME


def _secrets(line: str, rules: Rules) -> Iterator[str]:
    """Yield every run of characters that looks like a secret and is not known to be none."""
    random = filter(_random, _TOKEN.findall(line))
    for run in itertools.chain(_ALWAYS.findall(line), random):
        if run not in rules.public:
            yield run


def _random(token: str) -> bool:
    kinds = [_kind(character) for character in token if character.isalnum()]
    return sum(a != b for a, b in itertools.pairwise(kinds)) > _RANDOM * len(kinds)


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    return "small" if character.islower() else "capital"


def _numbered(line: str, rules: Rules, *, figures: bool) -> bool:
    if rules.prefix and rules.prefix.lower() in line.lower():
        return True
    if not figures and _LONG_NUMBER.search(line):
        return True
    marked = _MARKED_NUMBER.findall(line)
    return any(one.partition("-")[0] not in rules.words for one in marked)


def _is_name(word: str, rules: Rules) -> bool:
    """Names begin with a capital, or have letters that English has not."""
    if len(word) < 2 or word in rules.words:  # noqa: PLR2004 - one letter names nobody
        return False
    return word[0].isupper() or not word.isascii()
