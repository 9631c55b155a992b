"""What is told of a head whose face does not do yet what the view asks for: what is surely off.

The landmarks of a face that smiles, or closes its eyes, lie as if the chin were lower than it is
and the head higher. Between two faces that do the same that is nothing; between one at rest and
the earlier picture of the same smile it is several degrees, and to ask for them would lead away
from the pose. So of a nod and of a height only what no expression can be the reason of is told;
the rest waits until the face is made, at a first visit too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.values import Deviation
from kiosk.records.views import Code, Tolerance


@dataclass(frozen=True, slots=True)
class Unlike:
    """How far off a head may seem, with the sign of a deviation, while the expression is missing.

    Attributes:
        pitch: degrees.
        y: heights of the picture.
    """

    pitch: float
    y: float = 0.0


_EYES_OPEN: Final = Unlike(-4.0)

UNLIKE: Final[Mapping[tuple[str, str], Unlike]] = MappingProxyType(
    {
        ("SCT", "225583004"): Unlike(-7.0, 0.04),
        ("99CAPST", "eyes-closed-gently"): _EYES_OPEN,
        ("99CAPST", "eyes-closed-tightly"): _EYES_OPEN,
        # Raised brows and pursed lips: 3 degrees at most, which is the tolerance.
    }
)
"""By scheme and value of the code: the most that was seen on 20 of the demo's patients
(docs/decisions/0081-one-steady-instruction.md)."""


def until_made(told: Deviation, code: Code, tolerance: Tolerance) -> Deviation:
    """Return a deviation of which only what is surely off is left; None where nothing is."""
    unlike = UNLIKE.get((code.scheme, code.value))
    if unlike is None:
        return told
    return replace(
        told,
        pitch=_surely(told.pitch, unlike.pitch, tolerance.pitch),
        y=_surely(told.y, unlike.y, tolerance.position),
    )


def _surely(told: float | None, seems: float, tolerance: float) -> float | None:
    """Return the least that it can be, of all from ``told`` to ``told - seems``."""
    if told is None or seems == 0.0:
        return told
    low, high = sorted((told, told - seems))
    least = max(low, 0.0) + min(high, 0.0)
    return least if abs(least) > tolerance else None
