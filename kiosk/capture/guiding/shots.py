"""What is told and kept of a shot's pose."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiosk.capture.guides.choice import Aim
from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guides.meter import is_within, read
from kiosk.capture.pose import descriptor
from kiosk.capture.pose.judge import Judged
from kiosk.capture.pose.registration import Registration
from kiosk.records.shot import MatchRecord


@dataclass(frozen=True, slots=True, eq=False)
class ShotPose:
    """How the patient was held in one shot.

    Attributes:
        summary: for the screen.
        descriptor: for later visits, as it is written; None where the pose could not be measured.
        registration: how the baseline lies over it, for pictures of the size ``measured``; None
            where there is none to lay.
        measured: width and height, pixels.
    """

    summary: MatchSummary
    descriptor: bytes | None
    registration: Registration | None
    measured: tuple[int, int]


def pose_of(judged: Judged, aim: Aim, measured: tuple[int, int]) -> ShotPose:
    """Return what is told and kept of a judged shot, measured at the size ``measured``."""
    deviation, registration = judged.deviation, judged.registration
    rows = read(deviation, aim.tolerances)
    outside = any(row.share is not None and not row.within for row in rows)
    # What is not outside and not wholly within was not wholly judged.
    within = False if outside else is_within(deviation, aim.tolerances) or None
    residual = None if registration is None else registration.residual_px
    summary = MatchSummary(deviation, rows, within, residual)
    kept = None if judged.descriptor is None else descriptor.write(judged.descriptor)
    return ShotPose(summary, kept, registration, measured)


def match_record(summary: MatchSummary) -> MatchRecord:
    """Return a match as it is written down with the shot."""
    seen = summary.deviation
    missing, x, y = seen.expression, _rounded(seen.x, 4), _rounded(seen.y, 4)
    return MatchRecord(
        against=seen.against.value,
        yaw_deg=_rounded(seen.yaw, 2),
        pitch_deg=_rounded(seen.pitch, 2),
        roll_deg=_rounded(seen.roll, 2),
        offset=None if x is None or y is None else (x, y),
        scale=None if seen.scale is None else _rounded(1.0 + seen.scale, 4),
        expression_missing=None if missing is None else tuple(cue.name.lower() for cue in missing),
        motion=_rounded(seen.motion, 4),
        within_tolerance=summary.within,
        residual_px=_rounded(summary.residual_px, 2),
    )


def _rounded(value: float | None, digits: int) -> float | None:
    """Round; what is no number was not measured, whatever division made it."""
    return None if value is None or not math.isfinite(value) else round(value, digits)
