"""Reference lines of a view: what must be level, upright or where, as pieces to be drawn.

Eye line and centre line are plain dashes, the Frankfort line has a dot between its dashes, chin and
hairline are short marks. Dashes are counted from where eye line and centre line cross. Where the
picture is calibrated, each dash and each gap of those two is 10 mm long at the subject plane, and a
tick stands every 50 mm.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.capture.guides.silhouette import (
    FRAME_ASPECT,
    Box,
    Field,
    Line,
    Points,
    Silhouette,
    frame_of,
)

_PLAIN: Final = (0.018, 0.018)
_FRANKFORT: Final = (0.036, 0.011, 0.005, 0.011)
"""Lengths of dash and gap in turn, shares of the frame's height."""

_DASH_MM: Final = 10.0
_TICK_MM: Final = 50.0
_TICK: Final = 0.01
_MARK: Final = 0.04
"""Half of a tick's and of a mark's length, shares of the frame's height."""

_WIDTH: Final = FRAME_ASPECT
"""The frame's width; like all places in this module in heights of the frame."""

_Span = tuple[float, float]
_Piece = tuple[str, Points]


def reference_lines(
    silhouette: Silhouette, box: Box, *, mirror: bool, field: Field | None = None
) -> tuple[Line, ...]:
    """Return the pieces in pixels of the picture ``box``.

    ``Line.part`` is ``eye``, ``centre``, ``frankfort``, ``chin``, ``hairline`` or ``tick``.
    """
    shown = silhouette.mirrored() if mirror else silhouette
    frame = frame_of(silhouette, box, field)
    place = np.array([frame.x, frame.y])
    pieces = [*_lines(shown, ruled=field is not None and field.measured), *_marks(shown)]
    return tuple(Line(part, points * frame.height + place) for part, points in pieces)


def _lines(shown: Silhouette, *, ruled: bool) -> list[_Piece]:
    eye, centre, frankfort = shown.eye_line, shown.centre_line, shown.frankfort_line
    x0, y0 = _WIDTH * (0.5 if centre is None else centre), 0.5 if eye is None else eye
    plain = (_DASH_MM / shown.height_mm,) * 2 if ruled else _PLAIN
    every = _TICK_MM / shown.height_mm if ruled else None
    found: list[_Piece] = []
    if eye is not None:
        found += _level("eye", y0, _dashes(x0, _WIDTH, plain))
        for x in _rungs(x0, _WIDTH, every):
            found += _upright("tick", x, [(y0 - _TICK, y0 + _TICK)])
    if centre is not None:
        found += _upright("centre", x0, _dashes(y0, 1.0, plain))
        for y in _rungs(y0, 1.0, every):
            found += _level("tick", y, [(x0 - _TICK, x0 + _TICK)])
    if frankfort is not None:
        found += _level("frankfort", frankfort, _dashes(x0, _WIDTH, _FRANKFORT))
    return found


def _marks(shown: Silhouette) -> list[_Piece]:
    found: list[_Piece] = []
    for part, mark in (("chin", shown.chin_mark), ("hairline", shown.hairline_mark)):
        if mark is not None:
            x = _WIDTH * mark[0]
            found += _level(part, mark[1], [(x - _MARK, x + _MARK)])
    return found


def _level(part: str, y: float, spans: list[_Span]) -> list[_Piece]:
    return [(part, np.array([[a, y], [b, y]])) for a, b in spans]


def _upright(part: str, x: float, spans: list[_Span]) -> list[_Piece]:
    return [(part, np.array([[x, a], [x, b]])) for a, b in spans]


def _dashes(zero: float, length: float, pattern: tuple[float, ...]) -> list[_Span]:
    """Divide what lies between 0 and ``length`` into dashes, both ways from ``zero``.

    ``pattern`` is dash, gap, dash, gap and so on.
    """
    back = [(zero - b, zero - a) for a, b in _pieces(zero, pattern)]
    return back + [(zero + a, zero + b) for a, b in _pieces(length - zero, pattern)]


def _pieces(length: float, pattern: tuple[float, ...]) -> list[_Span]:
    found: list[_Span] = []
    at, number = 0.0, 0
    while at < length:
        end = min(at + pattern[number % len(pattern)], length)
        if number % 2 == 0:
            found.append((at, end))
        at, number = end, number + 1
    return found


def _rungs(zero: float, length: float, every: float | None) -> list[float]:
    """Return the places of ticks between 0 and ``length``; none at ``zero`` itself."""
    if every is None:
        return []
    first, last = int(np.ceil(-zero / every)), int(np.floor((length - zero) / every))
    return [zero + n * every for n in range(first, last + 1) if n]
