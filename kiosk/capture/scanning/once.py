"""A code that is held still counts once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kiosk.capture.scanning.scanned import Scanned, Source

GONE_NS: Final = 1_000_000_000
"""How long a code must be out of the picture before it counts again, nanoseconds."""

LOOKS: Final = {Source.QR: 1, Source.CODE_39: 3}
"""How many looks must agree: QR codes correct their errors, Code 39 has not even a check digit."""

_BARCODE_LOOKS: Final = 2
"""Others have one check digit, and stripes of clothes and blinds do now and then fit it."""


@dataclass(slots=True)
class _Held:
    """A code in the picture: how many looks saw it, and since when none does."""

    looks: int = 0
    missed_from_ns: int | None = None


class Once:
    """Decides which codes of a row of looks are new; belongs to one thread at a time."""

    def __init__(self) -> None:
        self._held: dict[Scanned, _Held] = {}

    def new(self, codes: Iterable[Scanned], at_ns: int) -> tuple[Scanned, ...]:
        """Return which of the codes of one look count now.

        Args:
            codes: what the look saw.
            at_ns: when its picture was exposed, by the monotonic clock.
        """
        seen = tuple(codes)
        self._miss(seen, at_ns)
        return tuple(code for code in seen if self._counts(code))

    def _miss(self, seen: tuple[Scanned, ...], at_ns: int) -> None:
        for code, held in tuple(self._held.items()):
            missed_ns = held.missed_from_ns
            # Counted from the first look without it: between two looks nobody knows.
            if missed_ns is not None and at_ns - missed_ns >= GONE_NS:
                del self._held[code]
            elif code not in seen and missed_ns is None:
                held.missed_from_ns = at_ns

    def _counts(self, code: Scanned) -> bool:
        held = self._held.setdefault(code, _Held())
        held.missed_from_ns = None
        held.looks += 1
        return held.looks == LOOKS.get(code.source, _BARCODE_LOOKS)
