"""Which side of a patient a view shows: whether everything that it says of that agrees.

A picture under the wrong side in a patient's record is a grave error. Only what is certain is
refused: who stands before a fixed camera with the nose to the right of the picture (yaw > 0) has
turned to their left and shows their right side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from kiosk.errors import ConfigError
from kiosk.records.views import View

_HARDLY: Final = 20.0
"""Degrees of yaw up to which nobody needs to have turned, and a close-up may be of either side."""

_SIDEWAYS: Final = 60.0
"""Degrees from which the picture shows one side alone."""

_FROM_BEHIND: Final = 90.0
"""Degrees from which something of the back is seen, and one may have turned round."""

_NO_LONGER: Final = 120.0
"""Degrees from which it is a view from behind, which shows both sides again."""

_AWAY: Final = 160.0
"""Degrees from which the sign of yaw tells nothing: one may have turned either way."""

_LEVEL: Final = 45.0
"""Degrees of pitch and roll up to which the picture's rows run across the patient."""

_OPPOSITE: Final[Mapping[str, str]] = MappingProxyType({"left": "right", "right": "left"})

_SIDES_OF_CODES: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("SCT", "399173006"): "left",  # left lateral
        ("SCT", "260421001"): "left",  # oblique, left side shown
        ("SCT", "399198007"): "right",  # right lateral
        ("SCT", "260424009"): "right",  # oblique, right side shown
    }
)
_FRONTAL: Final = ("SCT", "399033003")
_POSTERIOR: Final = ("99CAPST", "posterior")

_Fault = tuple[str, str] | None
"""The key, and what is wrong with it and was expected."""


def check_sides(view: View, where: str) -> None:
    """Refuse a view that contradicts itself about sides.

    Raises:
        ConfigError: beginning with ``where``, then the key.
    """
    for find in _CHECKS:
        if (fault := find(view)) is not None:
            key, said = fault
            raise ConfigError(f"{where}.{key}: {said}")


def _turn_and_side(view: View) -> _Fault:
    turn = view.patient_turns
    if turn != view.shows_side or turn not in _OPPOSITE:
        return None
    other = _OPPOSITE[turn]
    return "shows_side", (
        f"a patient who turns to their {turn} shows their {other} side, not the {turn} one; "
        f'expected "{other}", or patient_turns = "{other}"'
    )


def _yaw_and_turn(view: View) -> _Fault:
    if view.pose is None:
        return None
    allowed = _turns_to(view.pose.yaw, judged=view.method != "none")
    if view.patient_turns in allowed:
        return None
    return "patient_turns", (
        f'"{view.patient_turns}" does not lead to {_yaw(view.pose.yaw)}; '
        f"expected {_listed(allowed)}, or another yaw"
    )


def _turns_to(yaw: float, *, judged: bool) -> tuple[str, ...]:
    """Return what a patient may do to get to a yaw, the likeliest first."""
    size = abs(yaw)
    if size == 0.0:
        # In a close-up something else than the head may turn.
        return ("none",) if judged else ("none", "left", "right")
    if size > _AWAY:
        return ("around", "left", "right")
    towards = "left" if yaw > 0 else "right"
    if size < _HARDLY:
        return (towards, "none")
    return (towards, "around") if size >= _FROM_BEHIND else (towards,)


def _yaw_and_side(view: View) -> _Fault:
    if view.pose is None:
        return None
    allowed = _sides_at(view.pose.yaw, judged=view.method != "none")
    if view.shows_side in allowed:
        return None
    return "shows_side", (
        f'{_yaw(view.pose.yaw)} does not show "{view.shows_side}"; '
        f"expected {_listed(allowed)}, or another yaw"
    )


def _sides_at(yaw: float, *, judged: bool) -> tuple[str, ...]:
    """Return what a picture may show at a yaw, the likeliest first."""
    size = abs(yaw)
    if size > _AWAY:
        return ("back", "both", "left", "right")
    if size == 0.0 or (size < _HARDLY and not judged):
        return ("both", "left", "right")
    side = _side_at(yaw)
    if size <= _SIDEWAYS:
        return (side, "both")
    if size < _FROM_BEHIND:
        return (side,)
    return (side, "back") if size < _NO_LONGER else (side, "back", "both")


def _outline(view: View) -> _Fault:
    side = view.silhouette.rpartition("_")[2]
    if side not in _OPPOSITE:
        return None
    other = _OPPOSITE[side]
    turned = view.pose is not None and 0.0 < abs(view.pose.yaw) <= _AWAY
    shown = _side_at(view.pose.yaw) if view.pose is not None and turned else view.shows_side
    if shown != other:
        return None
    return "silhouette", (
        f"{view.silhouette!r} is the outline of the {side} side, but the view shows the {other} "
        f"one; expected an outline of that side"
    )


def _code(view: View) -> _Fault:
    code = view.code.scheme, view.code.value
    side = _SIDES_OF_CODES.get(code, view.shows_side)
    if side != view.shows_side:
        return "code", (
            f'"{view.code.meaning}" is the code of a view that shows "{side}", but shows_side is '
            f'"{view.shows_side}"; expected a code for that, or shows_side = "{side}"'
        )
    if code == _FRONTAL and view.shows_side == "back":
        return "code", _unlike(view, 'shows_side = "back"')
    if view.pose is None:
        return None
    size = abs(view.pose.yaw)
    if (code == _FRONTAL and size > _SIDEWAYS) or (code == _POSTERIOR and size < _FROM_BEHIND):
        return "code", _unlike(view, f"a yaw of {view.pose.yaw:g}°")
    return None


def _unlike(view: View, other: str) -> str:
    return (
        f'"{view.code.meaning}" and {other} contradict each other; '
        "expected the code of what the picture shows"
    )


def _orientation(view: View) -> _Fault:
    """Compare what the rows of the picture run towards; only for a patient who is upright."""
    pose, rows = view.pose, view.dicom_orientation.partition("\\")[0]
    if pose is None or max(abs(pose.pitch), abs(pose.roll)) > _LEVEL:
        return None
    size, (ahead, behind) = abs(pose.yaw), ("A", "P") if pose.yaw > 0 else ("P", "A")
    if _HARDLY <= size <= _AWAY and behind in rows:
        return "dicom_orientation", _runs(rows, pose.yaw, ahead)
    if size <= _SIDEWAYS and "R" in rows:
        return "dicom_orientation", _runs(rows, pose.yaw, "L")
    if size >= _NO_LONGER and "L" in rows:
        return "dicom_orientation", _runs(rows, pose.yaw, "R")
    return None


def _runs(rows: str, yaw: float, wanted: str) -> str:
    return (
        f'at {_yaw(yaw)} the rows of the picture do not run towards "{rows}"; '
        f'expected "{wanted}" before the backslash'
    )


def _side_at(yaw: float) -> str:
    return "right" if yaw > 0 else "left"


def _yaw(yaw: float) -> str:
    if not 0.0 < abs(yaw) <= _AWAY:
        return f"a yaw of {yaw:g}°"
    turned, shown = ("left", "right") if yaw > 0 else ("right", "left")
    return f"a yaw of {yaw:g}° (a turn to the patient's {turned}, which shows their {shown} side)"


def _listed(words: Iterable[str]) -> str:
    return " or ".join(f'"{word}"' for word in words)


_CHECKS: Final[tuple[Callable[[View], _Fault], ...]] = (
    _turn_and_side,
    _yaw_and_turn,
    _yaw_and_side,
    _outline,
    _code,
    _orientation,
)
