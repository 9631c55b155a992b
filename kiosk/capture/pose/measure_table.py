"""The table of ``kiosk guide measure``, from single measurements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from kiosk.capture.guides.directions import Facing, cue_for
from kiosk.capture.guides.meter import Axis
from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.measure import (
    KINDS,
    Bench,
    FollowUp,
    Kind,
    Truth,
    by_head,
    first_visits,
    load_truth,
)
from kiosk.records.protocols import load_library
from kiosk.tables import aligned

_FOLLOW_UPS: Final = ("yaw °", "pitch °", "roll °", "x %", "y %", "scale %")
_PERCENT: Final = np.array([1.0, 1.0, 1.0, 100.0, 100.0, 100.0])


_AXES: Final = (Axis.YAW, Axis.PITCH, Axis.ROLL, Axis.X, Axis.Y, Axis.SCALE)


def report(path: Path, model: HeadModel, progress: Callable[[str], None]) -> str:
    """Measure a folder of faces and return the table.

    Args:
        path: of the description, see :mod:`kiosk.capture.pose.measure`.
        model: of every head.
        progress: is told what is being measured.

    Raises:
        UsageError: the folder cannot be used; says what and where.
    """
    truths = load_truth(path)
    bench = Bench(path.parent, model)
    against, first, wrong = [], [], []
    for kind in KINDS:
        progress(kind.title)
        found = [
            one
            for heads in by_head(truths, kind.of).values()
            for one in bench.follow_ups(kind, heads)
        ]
        if found:
            against.append(_follow_up_row(kind, found))
            wrong.append(_wrong_row(kind, found))
        visits = first_visits(truths, kind)
        if visits:
            first.append(_first_visit_row(kind, bench, visits))
    return "\n\n".join(
        (
            "Against the baseline, mean absolute error (x, y: % of the picture's height; residual "
            "after registration:\npx of a picture 640 wide, of follow-ups within tolerance)\n"
            + aligned([("view", "pictures", *_FOLLOW_UPS, "residual px", "not seen"), *against]),
            "First visit, mean absolute error\n"
            + aligned([("view", "pictures", "yaw °", "pitch °", "roll °", "not seen"), *first]),
            "Instructions that would lead away from the target, of pictures outside tolerance\n"
            + aligned([("view", "pictures", "wrong", "%"), *wrong]),
        )
    )


def _follow_up_row(kind: Kind, found: Sequence[FollowUp | None]) -> tuple[str, ...]:
    seen = [one for one in found if one is not None]
    error = np.abs(np.array([one.error for one in seen])).mean(axis=0) * _PERCENT
    tolerance = _tolerance(kind)
    near = [one.residual for one in seen if _within(one, tolerance) and np.isfinite(one.residual)]
    residual = f"{np.mean(near):.2f}" if near else "-"
    figures = (f"{one:.2f}" for one in error)
    return kind.title, str(len(found)), *figures, residual, str(len(found) - len(seen))


def _first_visit_row(kind: Kind, bench: Bench, visits: Sequence[Truth]) -> tuple[str, ...]:
    errors = [bench.first_visit(truth) for truth in visits]
    seen = np.abs(np.array([one for one in errors if one is not None])).mean(axis=0)
    figures = (f"{one:.2f}" for one in seen)
    return kind.title, str(len(visits)), *figures, str(sum(one is None for one in errors))


def _wrong_row(kind: Kind, found: Sequence[FollowUp | None]) -> tuple[str, ...]:
    """Count pictures whose worst measured axis asks for a step away from the target."""
    outside = wrong = 0
    tolerance = _tolerance(kind)
    facing = Facing.of(kind.pose.yaw)
    for one in found:
        if one is None or _within(one, tolerance):
            continue
        outside += 1
        measured = np.add(one.error, one.true)
        worst = int(np.argmax(np.abs(measured) / tolerance))
        said = cue_for(_AXES[worst], float(measured[worst]), facing)
        wrong += said is not cue_for(_AXES[worst], one.true[worst], facing)
    share = f"{100 * wrong / outside:.1f}" if outside else "-"
    return kind.title, str(outside), str(wrong), share


def _within(one: FollowUp, tolerance: Array) -> bool:
    return bool((np.abs(one.true) <= tolerance).all())


def _tolerance(kind: Kind) -> Array:
    """Return the tolerance of the kind's view in the order of ``FollowUp.error``."""
    slack = load_library().views[kind.view].tolerance
    return np.array(
        [slack.yaw, slack.pitch, slack.roll, slack.position, slack.position, slack.scale]
    )
