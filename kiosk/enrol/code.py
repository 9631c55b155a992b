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
_GROUP = 5
_KEY_INFO = b"capture-station/enrolment-key/v1/"
_CHECK_INFO = b"capture-station/enrolment-check/v1/"
_LOOKALIKES = str.maketrans("IO", "10")


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
        groups = [body[start : start + _GROUP] for start in range(0, len(body), _GROUP)]
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
    text = re.sub(r"[^0-9A-Za-z]", "", typed).upper().translate(_LOOKALIKES)
    size = SECRET_SYMBOLS + CHECK_SYMBOLS
    body = text.removeprefix(PREFIX) if len(text) > size else text
    if len(body) != size:
        raise EnrolmentCodeMistyped(
            f"This is not a whole enrolment code: {len(body)} characters, expected "
            f"{size} in four groups of five, as the bench printed them."
        )
    secret = body[:SECRET_SYMBOLS]
    if not set(body) <= set(ALPHABET) or _check(secret) != body[SECRET_SYMBOLS:]:
        raise EnrolmentCodeMistyped(
            "This code was mistyped or misread; look at it group by group and type it again "
            "(on the keyboard, letters and digits as on an American one)."
        )
    return Code(secret)


def _check(secret: str) -> str:
    digest = hashlib.sha256(_CHECK_INFO + secret.encode()).digest()
    return "".join(ALPHABET[octet % len(ALPHABET)] for octet in digest[:CHECK_SYMBOLS])
