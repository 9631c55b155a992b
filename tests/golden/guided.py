"""What the guide may say, measure and draw, for the scenes and the tests of screens."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from kiosk.capture.guides.company import MADE_ALONG, TOGETHER
from kiosk.capture.guides.directions import Facing, cue_for
from kiosk.capture.guides.match import DrawnBaseline, MatchSummary
from kiosk.capture.guides.values import (
    Against,
    Amount,
    Cue,
    Deviation,
    Guidance,
    Instruction,
    Measure,
    Reading,
    Sight,
)

OF_HEADS = tuple(one for one in Measure if one not in (Measure.LEAN_AHEAD, Measure.LEAN_ASIDE))
"""What a view of a face may have; of a trunk it is never more."""

FAR = (-1.8, 0.9, 6.0, -2.2, 0.7, 0.0, 0.4)
NEAR = (0.4, -0.3, 0.6, 0.2, 1.7, 0.0, 0.3)
WITHIN = (0.2, -0.3, 0.5, 0.1, -0.4, 0.0, 0.2)
UNKNOWN = (None,) * 7


def readings(shares: tuple[float | None, ...]) -> tuple[Reading, ...]:
    return tuple(Reading(m, share) for m, share in zip(OF_HEADS, shares, strict=True))


def guidance(
    cue: Cue,
    shares: tuple[float | None, ...] = NEAR,
    amount: Amount = Amount.PLAIN,
    held: float = 0.0,
    also: Instruction | None = None,
) -> Guidance:
    """Guidance that is within tolerance when every reading is."""
    found = readings(shares)
    said = Instruction(cue, amount, also)
    return Guidance(said, found, all(r.within for r in found), held)


def pairs(facing: Facing) -> Iterator[Instruction]:
    """Yield all that may be asked for in one sentence."""
    for axis, others in TOGETHER.items():
        for _, other in others:
            for way, other_way in itertools.product((-1.0, 1.0), repeat=2):
                for amount, also in itertools.product(Amount, repeat=2):
                    along = Instruction(cue_for(other, other_way, facing), also)
                    yield Instruction(cue_for(axis, way, facing), amount, along)
        for cue in MADE_ALONG:
            for way, amount in itertools.product((-1.0, 1.0), Amount):
                yield Instruction(cue_for(axis, way, facing), amount, Instruction(cue))


def baseline() -> DrawnBaseline:
    """Outline and landmarks of the mannequin, as if it had sat a little lower and to the side."""
    aspect, shift = 0.75, np.array([0.02, 0.012])
    t = np.linspace(0.0, 2 * np.pi, 80)
    head = np.stack([aspect * (0.5 + 0.275 * np.cos(t)), 0.43 + 0.3 * np.sin(t)], axis=1)
    eyes = [
        np.stack(
            [aspect * (x + 0.05 * np.cos(t)), 0.405 + 0.015 * np.sin(t)],
            axis=1,
        )
        for x in (0.38, 0.62)
    ]
    mouth = np.stack([aspect * (0.5 + 0.085 * np.cos(t)), 0.59 + 0.016 * np.sin(t)], axis=1)
    points = ((0.38, 0.405), (0.62, 0.405), (0.5, 0.53), (0.415, 0.59), (0.585, 0.59), (0.5, 0.73))
    landmarks = np.array([(aspect * x, y) for x, y in points])
    return DrawnBaseline(tuple(line + shift for line in (head, *eyes, mouth)), landmarks + shift)


def match(*, within: bool | None, against: Against = Against.BASELINE) -> MatchSummary:
    """Figures of a shot within tolerance, outside, or not judged."""
    if within is None:
        return MatchSummary(Deviation(Sight.UNCLEAR, against), readings(UNKNOWN), None)
    seen = Deviation(
        Sight.CLEAR,
        against,
        yaw=-0.8 if within else -3.4,
        pitch=0.3 if within else 2.6,
        roll=-0.2,
        x=0.004,
        y=-0.002,
        scale=0.006,
        expression=() if within else (Cue.EYES_OPEN,),
        motion=0.002,
    )
    shares = (0.2, 0.3, -0.4, 0.15, -0.13, 0.0, 0.1)
    far = (0.2, 0.3, -1.7, 1.3, -0.13, 2.0, 0.1)
    return MatchSummary(seen, readings(shares if within else far), within, 0.5)


def perhaps_covered() -> MatchSummary:
    """Figures of a shot within tolerance, over whose face something may lie."""
    found = match(within=True)
    return replace(found, deviation=replace(found.deviation, perhaps_covered=True), within=None)
