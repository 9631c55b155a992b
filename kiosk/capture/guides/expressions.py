"""What is missing from the expression that a view asks for.

From MediaPipe's 52 blendshapes (0 to 1, names as in ARKit) and how far the eyes are open. Only
what was seen to work on faces of known expression is asked for (docs/decisions/
0081-one-steady-instruction.md has the table); of all else nothing is required, and the view says
that the operator confirms it.

Faces are not even, least of all those of patients with a palsy. So a movement counts as made when
the better side makes it, and a face as not at rest only when both sides move.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.values import Cue
from kiosk.records.protocols import Code


@dataclass(frozen=True, slots=True)
class FaceActs:
    """What one face does.

    Attributes:
        scores: blendshape name to score, 0 to 1.
        right_eye, left_eye: the patient's own; height of the opening over its width (the aspect
            ratio of Soukupova and Cech, 2016).
        lips: the gap between them over the height of the face.
        corners: how far those of the mouth lie above its middle, over the height of the face.
        right_brow, left_brow: how high it stands above the corners of its eye, over the width
            across both eyes.
        mouth: width of it over that across both eyes.
        yaw, pitch: of the head, degrees; the eyes are foreshortened by them.
    """

    scores: Mapping[str, float]
    right_eye: float
    left_eye: float
    lips: float
    corners: float
    right_brow: float
    left_brow: float
    mouth: float
    yaw: float = 0.0
    pitch: float = 0.0

    @property
    def eyes_open(self) -> float:
        """How far the wider eye is open, seen from the front; of a turned face the near one."""
        return max(self._openings)

    @property
    def eye_closed(self) -> float:
        """The same of the eye that is closed further."""
        return min(self._openings)

    @property
    def _openings(self) -> tuple[float, ...]:
        near_only = abs(self.yaw) > _ONE_EYE_FROM
        right, left = self.right_eye, self.left_eye
        seen = (right if self.yaw > 0 else left,) if near_only else (right, left)
        return tuple(one / math.cos(math.radians(self.pitch)) for one in seen)

    def most(self, *names: str) -> float:
        """Return the greatest of these scores: the better side."""
        return max(self.scores[name] for name in names)

    def least(self, *names: str) -> float:
        """Return the least of these scores: what both sides do."""
        return min(self.scores[name] for name in names)

    @property
    def corners_up(self) -> float:
        """How far the corners of the mouth are raised, as if seen from the front."""
        return self.corners + _CORNERS_PER_DEGREE * self.pitch

    def brow_raised(self, rest: FaceActs) -> float:
        """How much higher the brow stands that was raised more, over the width across the eyes."""
        return max(self.right_brow - rest.right_brow, self.left_brow - rest.left_brow)


COMPARABLE: Final = 12.0
"""Degrees of yaw or pitch between a face and its rest, or between a view and a shot of it."""

_ONE_EYE_FROM: Final = 20.0
"""Degrees of yaw from which the far eye looks wider open than it is."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that an expression needs.

    Attributes:
        cue: what is said while it is missing.
        missing: of the face now, and of the same face at rest where that is known; None where it
            cannot be told without.
    """

    cue: Cue
    missing: Callable[[FaceActs, FaceActs | None], bool | None]


def is_rest(code: Code | None) -> bool:
    """Whether a face that does what is asked for is at rest."""
    return code is not None and (code.scheme, code.value) in _AT_REST


def missing_cues(
    code: Code, face: FaceActs, rest: FaceActs | None = None
) -> tuple[Cue, ...] | None:
    """Return what the face lacks, the most telling first; None where that cannot be judged.

    Args:
        code: of the expression that the view asks for.
        face: as it is now.
        rest: the same face at rest, from an earlier picture of about the same pose; sharpens the
            checks that depend on how somebody is made, and raised brows and pursed lips are told
            by nothing else. Of another pose it is left out: where a brow stands changes with pitch
            as much as by raising it.
    """
    checks = CHECKS.get((code.scheme, code.value))
    if checks is None:
        return None
    comparable = rest if rest is not None and _same_pose(face, rest) else None
    told = [(check.cue, check.missing(face, comparable)) for check in checks]
    if any(missing is None for _, missing in told):
        return None
    return tuple(cue for cue, missing in told if missing)


def _same_pose(face: FaceActs, rest: FaceActs) -> bool:
    return max(abs(face.yaw - rest.yaw), abs(face.pitch - rest.pitch)) <= COMPARABLE


def _eyes_shut(face: FaceActs, rest: FaceActs | None) -> bool:
    """Against the own eyes at rest where they are known: narrow eyes are open eyes."""
    return face.eyes_open < (_OPEN_OF_REST * rest.eyes_open if rest else _OPEN)


def _eyes_quite_shut(face: FaceActs, _rest: FaceActs | None) -> bool:
    """For expressions that narrow the eyes by themselves."""
    return face.eyes_open < _SHUT


def _eyes_not_shut(face: FaceActs, rest: FaceActs | None) -> bool:
    """Told by the eye that closes further, and by its lids or by the score of a blink.

    The mesh does not see on every face where the lids meet, least of all on dark ones.
    """
    lids_apart = face.eye_closed > (_SHUT_OF_REST * rest.eye_closed if rest else _SHUT)
    return lids_apart and face.most("eyeBlinkLeft", "eyeBlinkRight") < _BLINK


def _no_smile(face: FaceActs, rest: FaceActs | None) -> bool:
    """Of what is left above the rest; some smile with the corners of the mouth, not by score."""
    names = ("mouthSmileLeft", "mouthSmileRight")
    if rest is None:
        return face.most(*names) < _SMILE
    raised = face.corners_up - rest.corners_up
    return raised < _CORNERS_RISE and face.most(*names) < _above(rest.most(*names), _SMILE)


def _no_brow_raise(face: FaceActs, rest: FaceActs | None) -> bool | None:
    """Told by where the brows are: their score is 0.9 at rest for some and 0.0 raised for others.

    How high brows stand differs more between persons than between a person's rest and a raise.
    """
    return None if rest is None else face.brow_raised(rest) < _BROWS_RISE


def _mouth_not_open(face: FaceActs, _rest: FaceActs | None) -> bool:
    return face.scores["jawOpen"] < _OPEN_WIDE


def _lips_apart(face: FaceActs, rest: FaceActs | None) -> bool:
    """Told by where the lips are: the score of the jaw is as high for some closed mouths."""
    return face.lips > (rest.lips + _APART_FROM_REST if rest else _APART)


def _no_pucker(face: FaceActs, rest: FaceActs | None) -> bool | None:
    """Two signs: a mouth that became narrow, and the score.

    Of the score what is left above the rest counts: some lips look pursed to the network when they
    are not.
    """
    if rest is None:
        return None
    names = ("mouthPucker", "mouthFunnel")
    wide = face.mouth > _NARROW_OF_REST * rest.mouth
    return wide or face.most(*names) < _above(rest.most(*names), _PUCKER)


def _above(rest: float, share: float) -> float:
    """Return the score that is by a share of what is left above that of the rest."""
    return rest + share * (1.0 - rest)


def _at_work(face: FaceActs, rest: FaceActs | None) -> bool:
    """Whether a face that should rest smiles or, where its rest is known, raises its brows.

    A smile is what is left above the rest: some mouths, and more of them seen from below, look as
    if they smiled a little when they do not. Where the rest is not known the corners of the mouth
    must be raised as well. Closed lids seem to raise the brows.
    """
    score = face.least("mouthSmileLeft", "mouthSmileRight")
    if rest is None:
        return score > _AT_WORK and face.corners_up > _RAISED
    already = rest.least("mouthSmileLeft", "mouthSmileRight")
    if score > _above(already, _AT_WORK):
        return True
    # Turned or thrown back, a few degrees of pose move the brow about as far as raising it does.
    ahead = max(abs(face.yaw), abs(face.pitch)) <= _BROWS_WITHIN
    return ahead and not _eyes_shut(face, rest) and face.brow_raised(rest) > _BROWS_RISE


# Thresholds: half-way expressions of the five heads must fail where they can, rest must pass.
_OPEN: Final = 0.20
"""Open eyes of the heads measured 0.29 to 0.36, half closed 0.13 to 0.24, closed to 0.08. Living
people have narrower eyes than these heads, and nobody may be told for ever to open them."""

_OPEN_OF_REST: Final = 0.8
_SHUT: Final = 0.12
_SHUT_OF_REST: Final = 0.4
_BLINK: Final = 0.45
"""Closed eyes of 25 heads score 0.49 and more, open ones up to 0.30; half closed 0.15 to 0.39 of
five heads, 0.31 to 0.68 of twenty."""

_SMILE: Final = 0.3
_AT_WORK: Final = 0.3
_CORNERS_PER_DEGREE: Final = 0.00015
"""By how much higher they seem with each degree that the head is thrown back: the mean of 60
rendered heads at rest from the front is -0.0115, of those thrown back by 35 degrees -0.0065."""

_RAISED: Final = 0.002
"""At rest, from the front, those heads have -0.002 at most, half smiling 0.002 at least."""

_CORNERS_RISE: Final = 0.025
"""At rest the same heads rose by up to 0.007, with an open mouth 0.018, with a smile by 0.028."""

_BROWS_RISE: Final = 0.02
"""Of 25 heads at rest up to 0.007 within 3 degrees of the known rest, and up to 0.014 within 12;
raised 0.026 and more, half raised 0.013 to 0.028."""

_BROWS_WITHIN: Final = 20.0
"""Degrees of yaw and pitch up to which a face at rest is told to rest its brows."""

_OPEN_WIDE: Final = 0.35
_APART: Final = 0.05
"""At rest 65 rendered heads measured up to 0.042, most less than 0.02; half open 0.050 and more."""

_APART_FROM_REST: Final = 0.03
_PUCKER: Final = 0.5
_NARROW_OF_REST: Final = 0.9
"""Pursed lips of 20 heads are 0.40 to 0.74 as wide as at rest, half pursed ones up to 0.87; at rest
and with other expressions 0.92 and more."""

_EYES_OPEN: Final = Check(Cue.EYES_OPEN, _eyes_shut)
_EYES_NOT_SHUT: Final = Check(Cue.EYES_OPEN, _eyes_quite_shut)
_EYES_CLOSED: Final = Check(Cue.EYES_CLOSED, _eyes_not_shut)
_LIPS_TOGETHER: Final = Check(Cue.LIPS_TOGETHER, _lips_apart)
_RELAX: Final = Check(Cue.RELAX, _at_work)

CHECKS: Final[Mapping[tuple[str, str], tuple[Check, ...]]] = MappingProxyType(
    {
        # lips_relaxed
        ("SCT", "1336028006"): (_LIPS_TOGETHER, _RELAX, _EYES_OPEN),
        # lips_closed
        ("SCT", "1336029003"): (_LIPS_TOGETHER, _RELAX, _EYES_OPEN),
        # smile
        ("SCT", "225583004"): (Check(Cue.SMILE, _no_smile), _EYES_NOT_SHUT),
        # mouth_open
        ("SCT", "262016004"): (Check(Cue.MOUTH_OPEN, _mouth_not_open), _EYES_NOT_SHUT),
        # brow_raise
        ("99CAPST", "brow-raise"): (Check(Cue.BROWS_UP, _no_brow_raise), _EYES_NOT_SHUT),
        # How tightly cannot be told: the same score comes of both.
        ("99CAPST", "eyes-closed-gently"): (_EYES_CLOSED,),
        ("99CAPST", "eyes-closed-tightly"): (_EYES_CLOSED,),
        ("99CAPST", "pucker"): (Check(Cue.PUCKER, _no_pucker), _EYES_NOT_SHUT),
        # Not here, because nothing of them can be measured: frown, animated, lower-teeth, snarl.
    }
)
"""By scheme and value of the code; as many as ``kiosk.records.view_methods`` knows."""

_AT_REST: Final = (("SCT", "1336028006"), ("SCT", "1336029003"))
