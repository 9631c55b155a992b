"""Signing in, the technician's page, and the day's list, for the scenes and tests of screens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from kiosk.capture.people.pins import require_fit
from kiosk.capture.scanning.scanned import Scanned, Source
from kiosk.capture.ui.entry import PatientEntry
from kiosk.capture.ui.forms.day import DayForm
from kiosk.capture.ui.forms.pin import PinEntry
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import DayModel, DayNote, DayRow, People, SignInModel
from kiosk.capture.workflow import State
from kiosk.errors import CodeRefused, PinError
from kiosk.records.worklist import masked, masked_number
from tests.golden.scene import Scene

OPERATED = People(operator="Dr. Helene Marchetti")

_NAMES = (
    *("Anna Maria Özil", "Jean-Luc Picot", "Ingrid Vandenberghe", "Mario Conti", "Yusuf Demir"),
    *(
        "Charlotte Brandt",
        "Noémie Lefèvre",
        "Karl-Heinz Obermüller",
        "Ana Sousa da Silva",
        "Li Wei",
    ),
)


def day(count: int, **changes: object) -> DayModel:
    """Return the list of a day with so many patients."""
    rows = tuple(
        DayRow(
            number=f"P-{204711 + 37 * i}",
            name=masked(_NAMES[i % len(_NAMES)]),
            last=masked_number(f"P-{204711 + 37 * i}"),
            time=f"{8 + i // 3:02d}:{i % 3 * 20:02d}",
        )
        for i in range(count)
    )
    made = DayModel(rows=rows, day=date(2026, 11, 26), note=DayNote.NONE)
    return replace(made, **changes)  # type: ignore[arg-type] # fields of the model


def _weak_pin() -> str:
    try:
        require_fit("123456", "271828")
    except PinError as error:
        return str(error)
    raise AssertionError("expected an error")


def _bad_code() -> str:
    try:
        Scanned(b"\xff\xfe", Source.QR).text()
    except CodeRefused as error:
        return str(error)
    raise AssertionError("expected an error")


def sign_in_scenes(out: ScreenModel) -> Iterator[Scene]:
    """Every screen between a signed-out station and the patient's page."""

    def at(state: State, people: People, **changes: object) -> ScreenModel:
        return replace(out, state=state, people=people, **changes)  # type: ignore[arg-type]

    def pin(state: State, digits: str, problem: str = "", **told: int) -> ScreenModel:
        sign_in = SignInModel(PinEntry(digits), **told)
        return at(state, People(sign_in=sign_in, problem=problem))

    refused = People(problem=_bad_code())
    yield Scene("badge", at(State.BADGE, People()), live=True)
    yield Scene("badge_refused", at(State.BADGE, refused), live=True)
    yield Scene("badge_waiting", at(State.BADGE, People()))
    yield Scene("pin", pin(State.PIN, "2718"))
    yield Scene("pin_complete", pin(State.PIN, "27182818"))
    yield Scene("pin_wait", pin(State.PIN, "", "This PIN is wrong.", wait_s=64, left=3))
    yield Scene("checking", at(State.CHECKING, People()))
    yield Scene("new_pin", pin(State.NEW_PIN, "", _weak_pin()))
    yield Scene("new_pin_again", pin(State.NEW_PIN_AGAIN, "314159"))
    yield Scene("locked", at(State.LOCKED, People()), live=True)
    yield Scene("day", at(State.DAY, replace(OPERATED, day=day(7))))
    yield Scene("day_pages", at(State.DAY, replace(OPERATED, day=day(23, form=DayForm(1)))))
    missing = DayModel(note=DayNote.MISSING)
    yield Scene("day_missing", at(State.DAY, replace(OPERATED, day=missing)))
    other = day(4, note=DayNote.OTHER_DAY, day=date(2026, 11, 25))
    refused = replace(OPERATED, day=other, problem=_bad_code())
    yield Scene("day_other", at(State.DAY, refused))
    yield Scene("scan_card", at(State.SCAN_CARD, OPERATED), live=True)
    typed = PatientEntry("P-2047")
    problem = "This number is not among those of the clinic: its last digit is a check digit that "
    problem = problem + "does not fit the rest; expected 3."
    yield Scene(
        "patient_refused",
        at(State.PATIENT, replace(OPERATED, problem=problem), entry=typed),
    )
    yield Scene("opening", at(State.OPENING, OPERATED))
