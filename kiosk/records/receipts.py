"""What the clinic's receipt says: which sealed objects of a station it has, and their digests.

The body of a letter, in the form of sha256sum(1): ``<SHA-256>  <name>``, a line for each object,
the oldest first. So ``sha256sum -c`` proves the clinic's sealed originals by the same lines.
``docs/formats/letters.md``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.errors import LetterRefused

MOST: Final = 9000
"""Objects that one letter names. A line has at most 112 bytes, so they fit into a letter's MiB.

A station that has 9,000 pictures waiting holds some 40 GB: its card is full before a letter is.
"""

NAME: Final = re.compile(r"(?P<object>[0-9a-f]{32})(?P<again>-[0-9a-f]{8})?\.age")
"""A sealed object's name on the server; what follows the dash tells two of one name apart."""

_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S+)")


@dataclass(frozen=True, slots=True)
class Taken:
    """One sealed object that the clinic has.

    Attributes:
        name: as it lay on the server, matching :data:`NAME`.
        sha256: of the sealed file, 64 hexadecimal digits.
    """

    name: str
    sha256: str

    @property
    def object(self) -> str:
        """The name by which the station knows it."""
        return object_of(self.name)


def object_of(name: str) -> str:
    """Return the name in the station's spool of what lay on the server under ``name``.

    Raises:
        ValueError: it is no name of a sealed object.
    """
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} is no name of a sealed object")
    return f"{found['object']}.age"


def line_of(taken: Taken) -> str:
    """Return its line, with the newline."""
    return f"{taken.sha256}  {taken.name}\n"


def parse_line(line: str) -> Taken | None:
    """Read a line without its newline; None where it is no such line."""
    found = _LINE.fullmatch(line)
    if found is None or NAME.fullmatch(found[2]) is None:
        return None
    return Taken(found[2], found[1])


def body_of(taken: Sequence[Taken]) -> bytes:
    """Return the body of a letter that names the newest; ``taken`` has the oldest first."""
    return "".join(map(line_of, taken[-MOST:])).encode("ascii")


def parse_body(body: bytes) -> tuple[Taken, ...]:
    """Read a letter's body.

    Raises:
        LetterRefused: it is none, or names more than a letter may.
    """
    lines = body.decode("latin-1").split("\n")
    found = [parse_line(line) for line in lines[:-1]]
    taken = tuple(one for one in found if one is not None)
    if lines[-1] or len(taken) != len(found) or len(taken) > MOST:
        raise LetterRefused(
            f"The letter of the kind “receipts” cannot be read: expected at most {MOST} lines as "
            "sha256sum prints them."
        )
    return taken


def digests(taken: Iterable[Taken]) -> Mapping[str, frozenset[str]]:
    """Return, by the station's name of each object, every digest that a receipt names for it."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in taken:
        found[one.object].add(one.sha256)
    return {name: frozenset(values) for name, values in found.items()}
