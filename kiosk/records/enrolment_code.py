"""The one-time code: 90 secret bits that a person can type, and the SSH key that they are.

``CSE1`` and twenty characters in groups of five: 18 carry five bits each, two are a check, which
finds what was mistyped and proves nothing. Both ends derive the same Ed25519 key from code and
station name. The server gets the public half alone, so there is nothing on it to be guessed
offline but a key of 90 bits; docs/decisions/0066 has the numbers.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.envelope.format import derive
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import EnrolmentCodeMistyped

PREFIX: Final = "CSE1"
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWX"
"""32 characters: without I and O, which are read as 1 and 0, and without Y and Z, which change
places between keyboards."""

SECRET_SYMBOLS, CHECK_SYMBOLS = 18, 2
SYMBOLS: Final = SECRET_SYMBOLS + CHECK_SYMBOLS
GROUP: Final = 5
"""Characters between two dashes."""

LOOKALIKES: Final = str.maketrans("IO", "10")
"""For ``str.translate``: what is read for a character of :data:`ALPHABET`, and which one it is."""

_KEY_INFO = b"capture-station/enrolment-key/v1/"
_CHECK_INFO = b"capture-station/enrolment-check/v1/"


@dataclass(frozen=True, slots=True)
class Code:
    """What the technician scans or types; it never shows in the representation.

    Attributes:
        secret: 18 characters of :data:`ALPHABET`.
    """

    secret: str = field(repr=False)

    @classmethod
    def generate(cls) -> Code:
        return cls("".join(secrets.choice(ALPHABET) for _ in range(SECRET_SYMBOLS)))

    def text(self) -> str:
        """Return it as it is printed, and as its QR code says it."""
        body = self.secret + _check(self.secret)
        groups = [body[start : start + GROUP] for start in range(0, len(body), GROUP)]
        return "-".join((PREFIX, *groups))

    def key(self, station: str) -> SigningKey:
        """Return the SSH key that this code is for one station, and for no other."""
        seed = derive(self.secret.encode(), salt=b"", info=_KEY_INFO + station.encode())
        return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))


def parse_code(typed: str) -> Code:
    """Read a code as it was scanned or typed; case, spaces and dashes do not matter.

    Raises:
        EnrolmentCodeMistyped: anything else.
    """
    # Before capitals are made: ß, where some keyboards have the dash, would become two letters.
    text = re.sub(r"[^0-9A-Za-z]", "", typed).upper().translate(LOOKALIKES)
    body = text.removeprefix(PREFIX) if len(text) > SYMBOLS else text
    if len(body) != SYMBOLS:
        raise EnrolmentCodeMistyped(
            f"This is not a whole enrolment code: {len(body)} characters, expected "
            f"{SYMBOLS} in four groups of five, as the bench printed them."
        )
    if not _fits(body):
        raise EnrolmentCodeMistyped(
            "This code was mistyped or misread; look at it group by group and type it again "
            "(on the keyboard, letters and digits as on an American one)."
        )
    return Code(body[:SECRET_SYMBOLS])


def doubtful_groups(body: str) -> frozenset[int]:
    """Return in which groups a slip would explain that the check does not fit.

    A slip is one wrong character, or two neighbours exchanged. The check is over the whole code, so
    this is where to look first and no proof: more than one slip can fit by chance.

    Args:
        body: the twenty characters of a code without ``CSE1`` and dashes, of :data:`ALPHABET`.

    Returns:
        Groups, counted from 0; none where the check fits or no such slip explains it.
    """
    if _fits(body):
        return frozenset()
    return frozenset(
        place // GROUP for places, other in _slips(body) if _fits(other) for place in places
    )


def _slips(body: str) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield what may have been meant, and at which places it differs."""
    for place in range(len(body)):
        before, after = body[:place], body[place + 1 :]
        yield from (((place,), before + other + after) for other in ALPHABET)
    for place in range(len(body) - 1):
        exchanged = body[place + 1] + body[place]
        yield (place, place + 1), body[:place] + exchanged + body[place + 2 :]


def _fits(body: str) -> bool:
    secret, check = body[:SECRET_SYMBOLS], body[SECRET_SYMBOLS:]
    return set(body) <= set(ALPHABET) and _check(secret) == check


def _check(secret: str) -> str:
    digest = hashlib.sha256(_CHECK_INFO + secret.encode()).digest()
    return "".join(ALPHABET[octet % len(ALPHABET)] for octet in digest[:CHECK_SYMBOLS])
