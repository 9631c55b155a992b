"""What a code said, as it came from the camera or a reader, before anybody trusts it."""

from __future__ import annotations

import enum
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from kiosk.errors import CodeRefused

LIMIT: Final = 128
"""The most characters of a code that is used: a badge has 34, a patient's number 32 after whatever
the clinic's cards begin with."""

_TOO_LONG: Final = (
    f"This code is too long; expected at most {LIMIT} characters, as on an operator's badge or a "
    "patient's card."
)


class Source(enum.Enum):
    """By which way a code came; all but the last are what the camera reads."""

    QR = "QR"
    EAN_13 = "EAN_13"
    EAN_8 = "EAN_8"
    UPC_A = "UPC_A"
    CODE_128 = "CODE_128"
    CODE_39 = "CODE_39"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Scanned:
    """One code; its content, which may be the secret of a badge, never shows in ``repr``."""

    content: bytes = field(repr=False)
    source: Source

    def text(self) -> str:
        """Return the content as a text of 1 to ``LIMIT`` characters that can be shown.

        Raises:
            CodeRefused: it is none; the sentence repeats nothing of it.
        """
        # UTF-8 has at most four bytes a character.
        if len(self.content) > 4 * LIMIT:
            raise CodeRefused(_TOO_LONG)
        text = ""
        # Not raised from the decoder's error, which has the content in it.
        with suppress(UnicodeDecodeError):
            text = self.content.decode("utf-8")
        if not text or not text.isprintable():
            raise CodeRefused(
                "This code is no readable text; expected an operator's badge or a patient's card."
            )
        if len(text) > LIMIT:
            raise CodeRefused(_TOO_LONG)
        return text
