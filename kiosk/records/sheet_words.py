"""The words of a printed sheet about a view: in English here, else from a catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kiosk.languages.words import Counted, Translator, counted, translated
from kiosk.records.view_methods import judges_expression
from kiosk.records.views import Code, Pose, Protocol, View

CONTEXT: Final = "sheet"
"""Begins the path of every text of the sheet."""

_METHODS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "face": "by landmarks of the face",
        "profile": "by the outline of the profile",
        "body": "by the joints of the body",
        "none": "by the operator's eye: the station cannot",
    }
)
_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "code": "code",
        "region": "region",
        "expression": "expression",
        "pose": "pose",
        "framing_mm": "framing",
        "light": "light",
        "silhouette": "silhouette",
        "method": "method",
        "tolerance": "tolerance",
        "operator_note": "what the operator checks",
        "dicom_orientation": "orientation",
        "shows_side": "side shown",
        "patient_turns": "turn",
    }
)

_LEGEND: Final = (
    "Outlines are drawn as the picture is stored, not as in a mirror. Dashes: eye line (lips: "
    "between their corners) and centre line; a dash is 10\N{NO-BREAK SPACE}mm long, a tick stands "
    "every 50\N{NO-BREAK SPACE}mm. "
    "Dash and dot: Frankfort line, from the lower rim of the eye socket to the top of the ear "
    "canal, level. Short marks: chin and hairline. Yaw above 0° turns the nose to the right of the "
    "picture, pitch above 0° lowers the chin, roll above 0° tilts the head counter-clockwise in "
    "the picture."
)


@dataclass(frozen=True, slots=True)
class SheetWords:
    """The words of one language; what stands in braces is filled in by the methods below."""

    row: str = "{heading}: {words}"
    pose_heading: str = "Pose"
    expression_heading: str = "Expression"
    framing_heading: str = "Framing"
    judged_heading: str = "Judged"
    proposed_heading: str = "Proposed"
    header: str = "{name}, {views}, page {page} of {pages}. Source: {source}."
    views: Counted = counted("{count} view", "{count} views")
    legend: str = _LEGEND

    decimal_mark: str = "."
    pose_figures: str = "yaw {yaw}°, pitch {pitch}°, roll {roll}°"
    any_pose: str = "as the operator sees fit"
    any_expression: str = "does not matter"
    framing_figures: str = "{width} × {height} mm"  # noqa: RUF001 - a multiplication sign
    methods: Mapping[str, str] = field(default_factory=lambda: _METHODS)
    but_expression: str = "{method}; the expression by the operator's eye"
    fields: Mapping[str, str] = field(default_factory=lambda: _FIELDS)
    to_confirm: str = "{fields}; for a clinician to confirm"
    none_marked: str = "nothing is marked as such"

    def rows(self, view: View, translator: Translator) -> tuple[str, ...]:
        """Return what stands beside a view's outline, below what is to be said."""
        said = (
            (self.pose_heading, self.pose(view.pose)),
            (self.expression_heading, self.expression(view.expression, translator)),
            (self.framing_heading, self.framing(view)),
            (self.judged_heading, self.judged(view)),
            (self.proposed_heading, self.proposed(view)),
        )
        return tuple(self.row.format(heading=heading, words=words) for heading, words in said)

    def head(self, protocol: Protocol, page: int, pages: int) -> str:
        return self.header.format(
            name=protocol.name,
            views=self.views.of(len(protocol.views)),
            page=page,
            pages=pages,
            source=protocol.source,
        )

    def pose(self, wanted: Pose | None) -> str:
        if wanted is None:
            return self.any_pose
        figures = {name: self._number(getattr(wanted, name)) for name in ("yaw", "pitch", "roll")}
        return self.pose_figures.format(**figures)

    def expression(self, code: Code | None, translator: Translator) -> str:
        return self.any_expression if code is None else expression_by(translator, code)

    def framing(self, view: View) -> str:
        width, height = map(self._number, view.framing_mm)
        return self.framing_figures.format(width=width, height=height)

    def judged(self, view: View) -> str:
        method = self.methods[view.method]
        if view.method == "none" or view.expression is None or judges_expression(view):
            return method
        return self.but_expression.format(method=method)

    def proposed(self, view: View) -> str:
        if not view.proposed:
            return self.none_marked
        names = ", ".join(self.fields.get(name, name) for name in view.proposed)
        return self.to_confirm.format(fields=names)

    def _number(self, value: float) -> str:
        minus = "−"  # noqa: RUF001 - as people write it
        return f"{value:g}".replace("-", minus).replace(".", self.decimal_mark)


def expression_by(translator: Translator, code: Code) -> str:
    """Return the words that a translator gives for an expression; the code's own stay."""
    return translator.text(f"expressions.{code.value}", code.meaning)


ENGLISH: Final = SheetWords()


def sheet_words_by(translator: Translator) -> SheetWords:
    """Return the words that a translator gives for the English ones."""
    return translated(ENGLISH, translator, CONTEXT)
