"""From the figures of a match to the sentences that the review shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guides.values import Against, Measure
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
    seen = match.deviation
    match measure:
        case Measure.YAW:
            said = _turned(words, seen.yaw or 0.0, view_yaw)
            return _degrees(words, said, match.against, seen.yaw)
        case Measure.PITCH:
            low = (seen.pitch or 0.0) > 0
            said = words.chin_low if low else words.chin_high
            return _degrees(words, said, match.against, seen.pitch)
        case Measure.ROLL:
            right = (seen.roll or 0.0) > 0
            said = words.tilted_right if right else words.tilted_left
            return _degrees(words, said, match.against, seen.roll)
        case Measure.SCALE:
            near = (seen.scale or 0.0) > 0
            said = words.near if near else words.far
            return _percent(words, said, match.against, seen.scale)
        case _:
            return _placed(words, match)


def _turned(words: GuideWording, yaw: float, view_yaw: float) -> Differs:
    """Seen in the picture, yaw > 0 is towards the patient's own left."""
    if abs(view_yaw) < _TURNED_VIEW:
        return words.turned_left if yaw > 0 else words.turned_right
    return words.turned_more if yaw * view_yaw > 0 else words.turned_less


def _placed(words: GuideWording, match: MatchSummary) -> str | None:
    """Tell the larger of the two shifts."""
    x, y = match.deviation.x, match.deviation.y
    if x is None or y is None:
        return None
    if abs(x) >= abs(y):
        said = words.placed_right if x > 0 else words.placed_left
        return _percent(words, said, match.against, x)
    return _percent(words, words.placed_low if y > 0 else words.placed_high, match.against, y)


def _other(words: GuideWording, match: MatchSummary, measure: Measure) -> str:
    if measure is Measure.STILLNESS:
        return words.moved
    cues = match.deviation.expression or ()
    said = tuple(words.missing[cue] for cue in cues if cue in words.missing)
    return said[0] if said else words.not_asked_expression


def _degrees(
    words: GuideWording, said: Differs, against: Against, value: float | None
) -> str | None:
    return None if value is None else said.against(against, words.degrees(value))


def _percent(
    words: GuideWording, said: Differs, against: Against, value: float | None
) -> str | None:
    return None if value is None else said.against(against, words.percent(value))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
