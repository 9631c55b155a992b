"""What the real director says of a patient who holds a pose, with the meter that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.director import Director
from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guides.values import Against, Deviation, Guidance, Sight
from kiosk.capture.guiding.shots import pose_of
from kiosk.capture.guiding.views import aim_of
from kiosk.capture.pose.judge import Judged
from kiosk.records.views import View

_FRAME_NS: Final = 66_000_000
_FRAMES: Final = 40

_IN_POSE: Final = Deviation(
    Sight.CLEAR, yaw=0.6, pitch=-0.4, roll=0.3, x=0.003, y=-0.004, scale=0.006, expression=()
)
OFF: Final[Mapping[str, Deviation]] = MappingProxyType(
    {
        "far": replace(_IN_POSE, yaw=-11.0, roll=2.0, x=0.02),
        "near": replace(_IN_POSE, roll=-5.0, x=0.01),
        "turn_and_chin": replace(_IN_POSE, yaw=-11.0, pitch=-9.0, x=0.02),
        "aslant": replace(_IN_POSE, x=-0.05, y=0.05),
        "near_and_low": replace(_IN_POSE, y=0.05, scale=0.06),
        "ready": _IN_POSE,
        "baseline": replace(_IN_POSE, x=0.02, y=0.012, scale=-0.05, against=Against.BASELINE),
        "no_face": Deviation(Sight.NO_PERSON),
        "cannot_judge": Deviation(Sight.UNCLEAR),
        "perhaps_covered": replace(_IN_POSE, perhaps_covered=True),
    }
)
"""Patients, by the name of the picture."""

OFF_OF_BODIES: Final[Mapping[str, Deviation]] = MappingProxyType(
    {
        "leaning": Deviation(
            Sight.CLEAR, Against.BASELINE, pitch=8.0, x=0.01, y=-0.004, scale=0.006
        ),
        "wrong_side": Deviation(Sight.CLEAR, Against.VIEW, yaw=-170.0),
    }
)
"""The same of trunks that are seen from the side."""

LOOKING: Final = "looking"
"""Whoever has not been looked at yet."""


def match_of(name: str, view: View) -> MatchSummary:
    """Return how well a shot of one of them matches."""
    seen = replace({**OFF, **OFF_OF_BODIES}[name], motion=0.003)
    return pose_of(Judged(seen), aim_of(view), (480, 640)).summary


def guidance_of(name: str, view: View, *, held: float = 0.0) -> Guidance:
    """Return what is said of one of them who has sat so for some seconds, or of ``LOOKING``."""
    director = Director(aim_of(view), shoot_by_itself=False)
    if name == LOOKING:
        return director.now(_FRAME_NS)
    seen = {**OFF, **OFF_OF_BODIES}[name]
    if seen.sight is Sight.CLEAR:
        seen = replace(seen, motion=0.003)
    for number in range(_FRAMES):
        said = director.see(seen, (number + 1) * _FRAME_NS)
    return replace(said, held=held)
