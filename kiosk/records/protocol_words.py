"""A view in words: what a practitioner reads of it, in a terminal and on a printed sheet."""

from __future__ import annotations

from typing import Final

from kiosk.records.views import Code, Pose, Tolerance, View

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
_METHODS: Final = {
    "face": "by landmarks of the face",
    "profile": "by the outline of the profile",
    "body": "by the joints of the body",
    "none": "by the operator's eye: the station cannot",
}
_FIELDS: Final = {
    "framing_mm": "framing",
    "operator_note": "what the operator checks",
    "dicom_orientation": "orientation",
    "shows_side": "side shown",
    "patient_turns": "turn",
}
"""Fields whose names are no words."""


def view_rows(view: View) -> tuple[Row, ...]:
    """Return everything that is said of a view, as pairs of a heading and its words."""
    codes = (view.code, view.region, *([view.expression] if view.expression else []))
    return (
        ("patient", view.instruction),
        ("operator", view.operator_note or "-"),
        ("shows", f"{_SHOWS[view.shows_side]}; {_TURNS[view.patient_turns]}"),
        ("pose", pose(view.pose)),
        ("expression", expression(view)),
        ("framing", f"{framing(view)}, light {view.light}, outline {view.silhouette}"),
        ("judged", _METHODS[view.method]),
        ("within", tolerance(view.tolerance)),
        ("codes", "; ".join(map(_code, codes))),
        ("orientation", view.dicom_orientation),
        ("proposed", proposed(view)),
    )


def sheet_rows(view: View) -> tuple[Row, ...]:
    """Return what stands beside a view's outline on a printed sheet, below what is to be said."""
    return (
        ("Pose", pose(view.pose)),
        ("Expression", expression(view)),
        ("Framing", framing(view)),
        ("Judged", _METHODS[view.method]),
        ("Proposed", proposed(view)),
    )


def pose(wanted: Pose | None) -> str:
    if wanted is None:
        return "as the operator sees fit"
    parts = (("yaw", wanted.yaw), ("pitch", wanted.pitch), ("roll", wanted.roll))
    return ", ".join(f"{name} {_number(value)}°" for name, value in parts)


def framing(view: View) -> str:
    width, height = view.framing_mm
    return f"{width:g} × {height:g} mm"  # noqa: RUF001 - a multiplication sign


def expression(view: View) -> str:
    return "does not matter" if view.expression is None else view.expression.meaning.lower()


def tolerance(allowed: Tolerance) -> str:
    return (
        f"yaw {allowed.yaw:g}°, pitch {allowed.pitch:g}°, roll {allowed.roll:g}°; "
        f"position {_percent(allowed.position)} of the picture's height, "
        f"size {_percent(allowed.scale)}, moving {_percent(allowed.stillness)} a second"
    )


def proposed(view: View) -> str:
    if not view.proposed:
        return "nothing: all of it is confirmed"
    fields = ", ".join(_FIELDS.get(field, field) for field in view.proposed)
    return f"{fields}; for a clinician to confirm"


def _code(code: Code) -> str:
    return f"{code.scheme} {code.value} {code.meaning}"


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")  # noqa: RUF001 - a minus sign, as people write it


def _percent(fraction: float) -> str:
    return f"{fraction * 100:g} %"
