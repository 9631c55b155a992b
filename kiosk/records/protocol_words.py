"""A view in words, for a terminal: English, as all commands are."""

from __future__ import annotations

from typing import Final

from kiosk.languages.catalogue import Catalogue
from kiosk.records.sheet_words import ENGLISH
from kiosk.records.views import Code, Tolerance, View

Row = tuple[str, str]

_SHOWS: Final = {
    "both": "both sides of the patient",
    "left": "the patient's left side",
    "right": "the patient's right side",
    "back": "the patient's back",
}
_TURNS: Final = {
    "none": "the patient does not turn",
    "left": "the patient turns to their left",
    "right": "the patient turns to their right",
    "around": "the patient turns round",
}


def view_rows(view: View) -> tuple[Row, ...]:
    """Return everything that is said of a view, as pairs of a heading and its words."""
    codes = (view.code, view.region, *([view.expression] if view.expression else []))
    return (
        ("patient", view.instruction),
        ("operator", view.operator_note or "-"),
        ("shows", f"{_SHOWS[view.shows_side]}; {_TURNS[view.patient_turns]}"),
        ("pose", ENGLISH.pose(view.pose)),
        ("expression", ENGLISH.expression(view.expression, Catalogue())),
        ("framing", f"{ENGLISH.framing(view)}, light {view.light}, outline {view.silhouette}"),
        ("judged", ENGLISH.judged(view)),
        ("within", tolerance(view.tolerance)),
        ("codes", "; ".join(map(_code, codes))),
        ("orientation", view.dicom_orientation),
        ("proposed", ENGLISH.proposed(view)),
    )


def tolerance(allowed: Tolerance) -> str:
    return (
        f"yaw {allowed.yaw:g}°, pitch {allowed.pitch:g}°, roll {allowed.roll:g}°; "
        f"position {_percent(allowed.position)} of the picture's height, "
        f"size {_percent(allowed.scale)}, moving {_percent(allowed.stillness)} a second"
    )


def _code(code: Code) -> str:
    return f"{code.scheme} {code.value} {code.meaning}"


def _percent(fraction: float) -> str:
    return f"{fraction * 100:g} %"
