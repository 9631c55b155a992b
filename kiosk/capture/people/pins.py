"""Which digits may be a PIN."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from kiosk.errors import PinUnfit

SHORTEST: Final = 6
LONGEST: Final = 8

_LEAST_DIFFERENT: Final = 3


def may_be_pin(digits: str) -> bool:
    """Say whether these can be a PIN at all: six to eight digits of ASCII."""
    return SHORTEST <= len(digits) <= LONGEST and digits.isascii() and digits.isdigit()


def require_fit(digits: str, before: str) -> None:
    """Make sure that a new PIN is not among the first that anybody would try.

    Args:
        digits: the new PIN.
        before: the present one.

    Raises:
        PinUnfit: it may not be chosen; the sentence says why and never repeats it.
    """
    if not may_be_pin(digits):
        raise PinUnfit(f"Expected a PIN of {SHORTEST} to {LONGEST} digits.")
    if digits == before:
        raise PinUnfit("This is the PIN that is to be replaced; expected another one.")
    if len(set(digits)) < _LEAST_DIFFERENT:
        raise PinUnfit(f"Too easy to guess; expected at least {_LEAST_DIFFERENT} different digits.")
    if _runs(digits):
        raise PinUnfit("Too easy to guess; expected no row of digits such as 123456.")
    if _repeats(digits):
        raise PinUnfit("Too easy to guess; expected no repetition such as 123123.")


def _runs(digits: str) -> bool:
    """Whether each digit follows the one before, upwards or downwards, 0 after 9."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(digits)}
    return steps in ({1}, {9})


def _repeats(digits: str) -> bool:
    return any(digits == (digits[:size] * len(digits))[: len(digits)] for size in (1, 2, 3, 4))
