"""The patient's page, consent and withdrawal, for the scenes and tests of screens."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from kiosk.capture.ui.entry import Character
from kiosk.capture.ui.forms.actions import (
    Answer,
    Field,
    Ink,
    Letter,
    Sign,
    Step,
    Turn,
)
from kiosk.capture.ui.forms.consent import ConsentForm
from kiosk.capture.ui.forms.withdrawal import WithdrawalForm
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import ChartModel, ConsentModel, People, Standing, UseRow
from kiosk.capture.workflow import State
from kiosk.model import ClockState
from kiosk.records.consent import Shown
from kiosk.records.consent_texts import Texts
from kiosk.records.shot import Instant
from tests.golden.scene import Scene

OPERATOR = "Dr. Helene Marchetti"
FULL_NAME, NUMBER = "Anna Maria Özil", "P-204711"
SHOWN_AT = Instant(
    wall="2026-11-26T14:05:00.000000+00:00",
    monotonic_ns=0,
    boot_id="00000000-0000-4000-8000-000000000000",
    clock=ClockState.SYNCHRONISED,
)
LANGUAGES = (("example-de", "Deutsch"), ("example-en", "English"), ("example-fr", "Français"))
BARRED = (
    "The patient does not consent to pictures for the record; none are taken unless the patient "
    "signs a new consent."
)


def uses(**standing: tuple[Standing, date | None]) -> tuple[UseRow, ...]:
    """Return the example's uses, as they stand; never asked where nothing is said."""
    rows = []
    text = Texts().load("example-en").text
    for purpose in text.purposes:
        how, since = standing.get(purpose.id, (Standing.NEVER_ASKED, None))
        channels = [(f"{purpose.id}/{one.id}", one.name) for one in purpose.channels]
        rows += [UseRow(use, how, since, name) for use, name in channels or [(purpose.id, "")]]
    return tuple(rows)


MIXED = uses(
    record=(Standing.ALLOWED, date(2026, 2, 3)),
    training=(Standing.ALLOWED, date(2026, 2, 3)),
    research=(Standing.REFUSED, date(2026, 2, 3)),
    publication=(Standing.WITHDRAWN, date(2026, 9, 30)),
    marketing=(Standing.ALLOWED, date(2026, 2, 3)),
)
CHART = ChartModel(NUMBER, FULL_NAME, date(1980, 2, 3), MIXED)


def begun(text: str = "example-en", **changes: object) -> ConsentForm:
    form = ConsentForm(Shown(Texts().load(text), SHOWN_AT))
    return replace(form, **changes)  # type: ignore[arg-type] # fields of the form


def all_answered(form: ConsentForm) -> ConsentForm:
    """Yes to the record, staff and the website, no to all else."""
    for purpose in form.text.purposes:
        yes = purpose.id in ("record", "training", "marketing")
        form = form.pressed(Answer(purpose.id, yes))
        for channel in purpose.channels:
            form = form.pressed(Answer(purpose.id, channel.id == "website", channel.id))
    return form


def guarded(form: ConsentForm) -> ConsentForm:
    form = form.pressed(Sign.GUARDIAN)
    for letter in "Johanna Özil":
        form = form.pressed(Letter(letter))
    form = form.pressed(Field.RELATION)
    for letter in "Mother":
        form = form.pressed(Letter(letter))
    return form


def born(form: ConsentForm, digits: str) -> ConsentForm:
    for digit in digits:
        form = form.pressed(Character(digit))
    return form


def signed(form: ConsentForm) -> ConsentForm:
    """Two strokes as a hand draws them."""
    for stroke, (start, length) in enumerate(((0.15, 0.45), (0.66, 0.2))):
        for i in range(60):
            t = i / 59
            x = start + length * t + 0.02 * math.sin(9 * t)
            y = 0.55 + 0.22 * math.sin(22 * t) * (1 - 0.5 * t)
            form = form.pressed(Ink(x, y, 16 * i + 2000 * stroke, begins=not i))
    return form


def consent_scenes(out: ScreenModel) -> Iterator[Scene]:
    """Every screen from the patient's page to a consent that is recorded, or taken back."""

    def at(state: State, people: People, **changes: object) -> ScreenModel:
        people = replace(people, operator=OPERATOR)
        return replace(out, state=state, people=people, **changes)  # type: ignore[arg-type]

    yield from _charts(at)
    yield from _forms(at)
    chosen = People(chart=CHART, withdrawal=WithdrawalForm("marketing/website"))
    record = People(chart=CHART, withdrawal=WithdrawalForm("record"))
    yield Scene("withdraw", at(State.WITHDRAW, People(chart=CHART)))
    yield Scene("confirm_withdraw", at(State.CONFIRM_WITHDRAW, chosen))
    yield Scene("confirm_withdraw_record", at(State.CONFIRM_WITHDRAW, record))
    yield Scene("consent_saving", at(State.CONSENT_SAVING, chosen))


def _charts(at: Callable[..., ScreenModel]) -> Iterator[Scene]:
    new = ChartModel(
        NUMBER,
        FULL_NAME,
        date(1980, 2, 3),
        uses(),
        barred="There is no consent on record for this patient; ask for it before pictures are "
        "taken.",
    )
    yield Scene("chart_new", at(State.CHART, People(chart=new)))
    back = replace(
        CHART,
        uses=uses(
            record=(Standing.WITHDRAWN, date(2026, 9, 30)),
            training=(Standing.ALLOWED, date(2026, 2, 3)),
        ),
        barred=BARRED,
        without_baseline=("Left oblique (45°)", "Left profile"),
    )
    yield Scene("chart_withdrawn", at(State.CHART, People(chart=back)))
    yield Scene("chart", at(State.CHART_ALLOWED, People(chart=CHART)))
    views = ("Face, frontal", "Left oblique (45°)", "Right oblique (45°)", "Left profile")
    warned = replace(CHART, name="", born=None, without_baseline=views, in_session=True)
    yield Scene("chart_warned", at(State.CHART_ALLOWED, People(chart=warned)))


def _forms(at: Callable[..., ScreenModel]) -> Iterator[Scene]:
    def consent(state: State, form: ConsentForm | None) -> ScreenModel:
        model = ConsentModel(form, LANGUAGES, NUMBER, FULL_NAME)
        return at(state, People(chart=CHART, consent=model))

    form = begun()
    answered = all_answered(form)
    yield Scene("consent_opening", consent(State.CONSENT_TEXT, None))
    yield Scene("consent_text", consent(State.CONSENT_TEXT, form))
    yield Scene("consent_text_purposes", consent(State.CONSENT_TEXT, form.pressed(Turn(1))))
    yield Scene("consent_text_last", consent(State.CONSENT_TEXT, form.pressed(Turn(99))))
    yield Scene("consent_record", consent(State.CONSENT_CHOICES, form))
    refused = form.pressed(Answer("record", allowed=False))
    yield Scene("consent_record_refused", consent(State.CONSENT_CHOICES, refused))
    last = answered.pressed(Step(4))
    yield Scene("consent_channels", consent(State.CONSENT_CHOICES, last))
    yield Scene("consent_signer", consent(State.CONSENT_SIGNER, answered))
    aged = replace(answered, treatment="toxin-or-filler")
    typing = replace(aged.pressed(Sign.PATIENT), focus=Field.BORN)
    yield Scene("consent_signer_age", consent(State.CONSENT_SIGNER, born(typing, "030219")))
    child = born(guarded(aged), "31022010")
    yield Scene("consent_signer_guardian", consent(State.CONSENT_SIGNER, child))
    minor = replace(answered, known_born=date(2011, 5, 4)).pressed(Sign.PATIENT)
    yield Scene("consent_signer_minor", consent(State.CONSENT_SIGNER, minor))
    yield Scene("consent_sign", consent(State.CONSENT_SIGN, guarded(answered)))
    ready = signed(answered.pressed(Sign.PATIENT).pressed(Sign.UNDERSTOOD))
    yield Scene("consent_sign_ready", consent(State.CONSENT_SIGN, ready))
