"""An operator's badge: 128 secret bits as a QR code, or in the memory of an NFC tag.

The text is ``CSB1``, 26 characters of base32 and 4 of a check, in the capitals and digits that a QR
code packs best. The check finds what a reader got wrong; it proves nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from typing import Final

from kiosk.envelope.format import derive
from kiosk.errors import BadgeError

PREFIX: Final = "CSB1"
SECRET_SIZE: Final = 16

_TEXT_SIZE = len(PREFIX) + 26 + 4
_ID_INFO = b"capture-station/badge-id/v1"
_CHECK_INFO = b"capture-station/badge-check/v1"
_EXPECTED = "expected the code of an operator's badge, as the clinic's desk prints it"


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge carries; it never shows in the representation.

    Attributes:
        secret: 16 bytes.
    """

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Badge:
        return cls(os.urandom(SECRET_SIZE))

    @property
    def id(self) -> str:
        """32 hexadecimal digits that name the badge and tell nothing of its secret."""
        return derive(self.secret, salt=b"", info=_ID_INFO)[:16].hex()

    def text(self) -> str:
        """Return what the QR code says: the secret itself."""
        return f"{PREFIX}{_base32(self.secret)}{_check(self.secret)}"


def is_badge(text: str) -> bool:
    """Say whether a scanned text is meant to be a badge, so that it is never taken for a patient.

    Whether it is one is found by :func:`parse_badge`.
    """
    return text.strip().upper().startswith(PREFIX)


def parse_badge(text: str) -> Badge:
    """Read what a badge says.

    Raises:
        BadgeError: anything else; the sentence never repeats the text.
    """
    if not is_badge(text):
        raise BadgeError(f"This is not a badge; {_EXPECTED}.")
    if len(text) != _TEXT_SIZE or not text.isascii():
        raise BadgeError(f"This badge was not read whole; {_EXPECTED}. Hold it still once more.")
    body, check = text[len(PREFIX) : -4], text[-4:]
    try:
        secret = base64.b32decode(body + "=" * 6)
    except ValueError as error:
        raise BadgeError(f"This badge was misread; {_EXPECTED}.") from error
    if _base32(secret) != body or _check(secret) != check:
        raise BadgeError(f"This badge was misread; {_EXPECTED}. Hold it still once more.")
    return Badge(secret)


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=")


def _check(secret: bytes) -> str:
    return _base32(hashlib.sha256(_CHECK_INFO + secret).digest())[:4]
