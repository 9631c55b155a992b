"""From the figures of a match to the sentences that the review shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guides.values import Against, Deviation, Measure
from kiosk.capture.ui.guide_wording import Differs, GuideWording

_TURNED_VIEW: Final = 15.0
"""From so many degrees of yaw on, a view counts as turned, and its deviation as more or less."""

_MOST: Final = 3
"""So many differences are told; the farthest from its tolerance first."""


@dataclass(frozen=True, slots=True)
class MatchSaid:
    """What the review says: how it is, and what can be done (empty where nothing need be)."""

    finding: str
    advice: str = ""


def match_said(words: GuideWording, match: MatchSummary, view_yaw: float = 0.0) -> MatchSaid:
    """Say how well a shot matched.

    Args:
        words: the language.
        match: the figures.
        view_yaw: the view's own yaw, degrees; 0 where it has none. It decides between "turned
            less" and "turned to the left".
    """
    if match.within is None and match.deviation.perhaps_covered and not match.unjudged:
        return MatchSaid(words.perhaps_covered)
    if match.within is None or all(r.share is None for r in match.readings):
        return MatchSaid(words.match_unknown)
    if match.within:
        return MatchSaid(_within(words, match, view_yaw))
    outside = tuple(r.measure for r in match.outside)
    told = _told(words, match, outside[:_MOST], view_yaw)
    rest = []
    if match.unjudged:
        rest.append(words.unjudged(match.unjudged))
    elif 0 < len(outside) <= _MOST and len(outside) < len(match.readings):
        rest.append(words.rest_within)
    return MatchSaid(
        _sentence(words.and_then.join((*((told,) if told else ()), *rest))), words.keep_or_retake
    )


def _within(words: GuideWording, match: MatchSummary, view_yaw: float) -> str:
    baseline = match.against is Against.BASELINE
    head = words.matches_baseline if baseline else words.matches_view
    measured = [r for r in match.readings if r.share and r.measure not in _NOT_FIGURES]
    if not measured:
        return head
    farthest = max(measured, key=lambda r: abs(r.share or 0.0)).measure
    told = _figure(words, match, farthest, view_yaw)
    return f"{head} {words.largest.format(told)}" if told else head


def _told(
    words: GuideWording, match: MatchSummary, measures: tuple[Measure, ...], view_yaw: float
) -> str:
    """Join the differences: those with a figure, "than last time", then the others."""
    figures = tuple(
        said
        for measure in measures
        if measure not in _NOT_FIGURES and (said := _figure(words, match, measure, view_yaw))
    )
    told = words.listed(figures)
    if told and match.against is Against.BASELINE:
        told += words.than_last_time
    others = [_other(words, match, measure) for measure in measures if measure in _NOT_FIGURES]
    return ", ".join((*((told,) if told else ()), *others))


_NOT_FIGURES: Final = frozenset({Measure.EXPRESSION, Measure.STILLNESS})


def _figure(
    words: GuideWording, match: MatchSummary, measure: Measure, view_yaw: float
) -> str | None:
    """Tell one difference with its figure; None where there is none."""
    value, over, under = _ways(words, match.deviation, view_yaw)[measure]
    if value is None:
        return None
    figure = words.percent if measure in _SHARES else words.degrees
    return (over if value > 0 else under).against(match.against, figure(value))


_SHARES: Final = frozenset({Measure.POSITION, Measure.SCALE})
"""What is told in per cent, not in degrees."""

_Ways = tuple[float | None, Differs, Differs]
"""How far off, and how it is told above 0 and below."""


def _ways(words: GuideWording, seen: Deviation, view_yaw: float) -> Mapping[Measure, _Ways]:
    return {
        Measure.POSITION: _placed(words, seen),
        Measure.SCALE: (seen.scale, words.near, words.far),
        Measure.YAW: _turned(words, seen, view_yaw),
        Measure.PITCH: (seen.pitch, words.chin_low, words.chin_high),
        Measure.ROLL: (seen.roll, words.tilted_right, words.tilted_left),
        Measure.LEAN_AHEAD: (seen.pitch, words.leaning_forward, words.leaning_backward),
        Measure.LEAN_ASIDE: (seen.roll, words.leaning_right, words.leaning_left),
    }


def _turned(words: GuideWording, seen: Deviation, view_yaw: float) -> _Ways:
    """Seen in the picture, yaw > 0 is towards the patient's own left."""
    if abs(view_yaw) < _TURNED_VIEW:
        return seen.yaw, words.turned_left, words.turned_right
    if view_yaw > 0:
        return seen.yaw, words.turned_more, words.turned_less
    return seen.yaw, words.turned_less, words.turned_more


def _placed(words: GuideWording, seen: Deviation) -> _Ways:
    """Return the larger of the two shifts, of which one alone may be known."""
    across: _Ways = (seen.x, words.placed_right, words.placed_left)
    along: _Ways = (seen.y, words.placed_low, words.placed_high)
    return max(across, along, key=lambda way: -1.0 if way[0] is None else abs(way[0]))


def _other(words: GuideWording, match: MatchSummary, measure: Measure) -> str:
    if measure is Measure.STILLNESS:
        return words.moved
    cues = match.deviation.expression or ()
    said = tuple(words.missing[cue] for cue in cues if cue in words.missing)
    return said[0] if said else words.not_asked_expression


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
