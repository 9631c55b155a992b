"""Levels of light as the pins can do them."""

from __future__ import annotations

from kiosk.errors import LightError


def whole_percent(level: float) -> float:
    """Round a level to the steps that the pins can do, hundredths of full power.

    Raises:
        LightError: below 0, above 1, or no number.
    """
    if not 0.0 <= level <= 1.0:
        raise LightError(f"The lights cannot be set to {level}; expected a level from 0 to 1.")
    return round(level * 100) / 100


def require_lamp(name: str, names: tuple[str, ...]) -> None:
    """Refuse a lamp that is not there.

    Raises:
        LightError: ``name`` is none of ``names``.
    """
    if name not in names:
        raise LightError(f"There is no lamp {name!r}; expected one of {', '.join(names)}.")
