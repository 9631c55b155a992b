"""The patient's page, the consent form and withdrawal: what can be touched, and what it means."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pygame
import pytest

from kiosk.capture.ui import theme
from kiosk.capture.ui.forms.actions import (
    Answer,
    Field,
    KeyboardEdit,
    Letter,
    ReadOn,
    Sign,
    Step,
    Turn,
    Withdraw,
)
from kiosk.capture.ui.forms.consent import PAD_ASPECT, ConsentForm
from kiosk.capture.ui.forms.keyboard import ACCENTS, LETTERS, Keyboard
from kiosk.capture.ui.forms.withdrawal import WithdrawalForm
from kiosk.capture.ui.inputs import Touches
from kiosk.capture.ui.keyboard import arranged, keyboard_keys
from kiosk.capture.ui.layout import TOUCH, Rect, make_layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import ChartModel, People, Standing, UseRow
from kiosk.capture.ui.screens import PADS, SCREENS
from kiosk.capture.ui.screens.chart import table, warnings
from kiosk.capture.ui.screens.consent_signer import (
    age_told,
    born_shown,
    focused,
    told_of_age,
)
from kiosk.capture.ui.widgets import Action, Button, Kind
from kiosk.capture.ui.wording import ENGLISH
from kiosk.capture.ui.wordings import Wordings
from kiosk.capture.workflow import TABLE, Event, State
from kiosk.model import ClockState
from tests.golden.consenting import (
    CHART,
    all_answered,
    begun,
    born,
    consent_scenes,
    guarded,
    signed,
)
from tests.golden.scenes import LANDSCAPE, PORTRAIT, scenes

OUT = ScreenModel(State.SIGNED_OUT, clinic="Clinic", station="room-2", clock="14:05")
SCENES = {scene.name: scene.model for scene in consent_scenes(OUT)}
SCENES["consent_fault"] = next(s.model for s in scenes() if s.name == "consent_fault")
sizes = pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])


def shown(model: ScreenModel, size: tuple[int, int] = PORTRAIT) -> tuple[Button, ...]:
    return SCREENS[model.state].buttons(make_layout(size), ENGLISH, model)


def by_action(model: ScreenModel) -> dict[Action, Button]:
    return {button.action: button for button in shown(model)}


def obvious(model: ScreenModel) -> Button:
    (found,) = (button for button in shown(model) if button.kind is Kind.PRIMARY)
    return found


def with_form(model: ScreenModel, form: ConsentForm) -> ScreenModel:
    consent = replace(model.people.consent, form=form)
    return replace(model, people=replace(model.people, consent=consent))


@sizes
@pytest.mark.parametrize("name", SCENES)
def test_every_button_does_what_it_says_when_it_is_touched(
    name: str, size: tuple[int, int]
) -> None:
    model, touches = SCENES[name], Touches(keyboard=False)
    buttons = shown(model, size)
    for button in buttons:
        x, y = button.rect.centre
        place = {"finger_id": 1, "x": x / size[0], "y": y / size[1]}
        events = [pygame.event.Event(e, place) for e in (pygame.FINGERDOWN, pygame.FINGERUP)]
        pad = PADS[model.state](make_layout(size)) if model.state in PADS else None
        read = touches.read(
            events, buttons, model.state, lambda u, v: (u * size[0], v * size[1]), pad
        )
        assert read.actions == ((button.action,) if button.enabled else ())
        if isinstance(button.action, Event):
            assert (model.state, button.action) in TABLE


@pytest.mark.parametrize("name", [n for n in SCENES if SCENES[n].state.name.startswith("CHART")])
def test_the_patients_page_offers_what_the_consent_allows(name: str) -> None:
    model = SCENES[name]
    allowed = model.state is State.CHART_ALLOWED
    assert obvious(model).action is (Event.START if allowed else Event.ASK_CONSENT)
    assert (Event.ASK_WITHDRAWAL in by_action(model)) == bool(
        model.people.chart and model.people.chart.withdrawable
    )
    assert {Event.BACK, Event.ASK_CONSENT} <= set(by_action(model))


def test_the_page_says_go_on_once_a_session_has_begun() -> None:
    assert obvious(SCENES["chart"]).label == ENGLISH.consent.begin
    assert obvious(SCENES["chart_warned"]).label == ENGLISH.consent.go_on


def test_warnings_say_why_and_what_a_missing_picture_means() -> None:
    chart = ChartModel("1", barred="No.", without_baseline=("Left profile",))
    barred, missing = warnings(chart, ENGLISH)
    assert barred == "No picture may be taken now. No."
    assert "Left profile" in missing
    assert "insurer may then decline" in missing
    assert "before the treatment" in missing
    (many,) = warnings(ChartModel("1", without_baseline=("A view",) * 10), ENGLISH)
    assert "10 views" in many
    assert "A view" not in many
    assert warnings(CHART, ENGLISH) == ()


def test_uses_are_told_in_words_and_with_their_day() -> None:
    told = {line.name: line.standing for line in table(CHART.uses, ENGLISH, 20)}
    assert told["Treatment record"] == "allowed since 3 February 2026"
    assert told["Clinical research"] == "refused on 3 February 2026"
    assert told["Scientific publication"] == "withdrawn on 30 September 2026"
    assert told["Showing to the public: Our website"] == "allowed since 3 February 2026"
    unknown = (UseRow("marketing/social-media", Standing.LAPSED),)
    assert table(unknown, ENGLISH, 20)[0][:2] == (
        "Showing to the public: social media",
        "has run out",
    )


def test_channels_are_counted_where_there_is_no_room_for_a_line_each() -> None:
    channels = [UseRow("record", Standing.ALLOWED)]
    channels += [
        UseRow(f"marketing/c{i}", Standing.ALLOWED if i < 2 else Standing.REFUSED) for i in range(8)
    ]
    lines = table(tuple(channels), ENGLISH, 8)
    assert [line.name for line in lines] == [
        "Treatment record",
        "Showing to the public: allowed in 2 of 8 places",
    ]
    assert len(table(tuple(channels), ENGLISH, 9)) == 9


def test_only_the_last_page_of_the_text_leads_to_the_questions() -> None:
    model, pages = SCENES["consent_text"], 0
    while (onward := obvious(model).action) is not Event.READY:
        assert onward == Turn(1)
        form = model.people.consent.form
        assert form is not None
        model, pages = with_form(model, form.pressed(Turn(1))), pages + 1
        assert by_action(model)[Turn(-1)].enabled
    assert pages >= 3
    # A page behind the last one is the last one, and back leads to the one before it.
    beyond = begun(page=99)
    assert obvious(with_form(model, beyond)).action is Event.READY
    assert by_action(with_form(model, beyond))[Turn(pages - 1 - 99)].enabled


def test_no_answer_is_given_for_the_patient_and_none_stands_out() -> None:
    model = SCENES["consent_record"]
    buttons = by_action(model)
    yes, no = buttons[Answer("record", allowed=True)], buttons[Answer("record", allowed=False)]
    assert (yes.kind, yes.icon) == (no.kind, no.icon) == (Kind.QUIET, "")
    assert yes.rect[1:] == no.rect[1:]
    assert not buttons[Step(1)].enabled
    refused = by_action(SCENES["consent_record_refused"])
    assert refused[Answer("record", allowed=False)].kind is Kind.CHOSEN
    assert refused[Answer("record", allowed=True)].kind is Kind.QUIET
    assert refused[Event.READY].enabled


def test_each_place_is_asked_once_the_purpose_is_allowed() -> None:
    form = all_answered(begun()).pressed(Step(4))
    model = with_form(SCENES["consent_record"], form)
    assert by_action(model)[Event.READY].enabled
    here = Answer("marketing", allowed=True, channel="website")
    assert by_action(model)[here].kind is Kind.CHOSEN
    nowhere = with_form(model, form.pressed(replace(here, allowed=False)))
    assert not by_action(nowhere)[Event.READY].enabled
    no = with_form(model, form.pressed(Answer("marketing", allowed=False)))
    assert here not in by_action(no)


def test_stepping_stays_within_the_purposes_and_begins_at_their_first_words() -> None:
    form = begun(part=3)
    assert form.pressed(Step(1)).step == 1
    assert form.pressed(Step(1)).part == 0
    assert form.pressed(Step(-1)).step == 0
    assert form.pressed(Step(9)).step == 4
    assert form.pressed(ReadOn(1)).part == 4
    assert form.pressed(ReadOn(-9)).part == 0


def test_a_date_of_birth_is_typed_day_first_and_must_be_a_day() -> None:
    form = replace(begun(), treatment="toxin-or-filler").pressed(Sign.PATIENT)
    assert focused(form) is Field.BORN
    assert born_shown("0302", ENGLISH) == "03.02.YYYY"
    assert not born(form, "0302198").signer_known
    assert not born(form, "31022010").signer_known
    known = born(form, "03021980")
    assert known.born_on == date(1980, 2, 3)
    assert known.signer_known


RULE = "Botulinum toxin or filler for cosmetic purposes: only from 18 years of age."


@pytest.mark.parametrize(
    ("digits", "treatment", "said", "ink"),
    [
        ("", "toxin-or-filler", RULE, theme.MUTED),
        ("26112008", "toxin-or-filler", "26 November 2008", theme.TEXT),
        ("27112008", "toxin-or-filler", RULE, theme.WARNING),
        ("30022000", "toxin-or-filler", "This is no date of birth.", theme.WARNING),
        ("01012027", "toxin-or-filler", "This is no date of birth.", theme.WARNING),
        ("", "adult", "", theme.MUTED),
        ("27112008", "adult", "27 November 2008", theme.TEXT),
    ],
)
def test_what_a_date_of_birth_means_is_said(
    digits: str, treatment: str, said: str, ink: theme.Colour
) -> None:
    form = born(replace(begun(), treatment=treatment), digits)
    told, colour = age_told(ENGLISH, form, treatment)
    assert told.startswith(said)
    assert bool(told) == bool(said)
    assert colour == ink


def test_a_guardian_is_named_before_anything_is_signed() -> None:
    model = SCENES["consent_signer"]
    form = model.people.consent.form
    assert form is not None
    assert not by_action(model)[Event.READY].enabled
    asked = with_form(model, form.pressed(Sign.GUARDIAN))
    assert {Field.NAME, Field.RELATION} <= set(by_action(asked))
    assert not by_action(asked)[Event.READY].enabled
    assert by_action(with_form(model, guarded(form)))[Event.READY].enabled


def test_who_is_too_young_for_the_treatment_gets_no_further() -> None:
    form = replace(begun(), treatment="toxin-or-filler")
    for signer in (form.pressed(Sign.PATIENT), guarded(form)):
        assert not born(signer, "27112008").signer_known
        assert born(signer, "26112008").signer_known


@pytest.mark.parametrize(
    ("day", "clock", "missing"),
    [
        (date(2008, 11, 27), ClockState.SYNCHRONISED, True),
        (date(2008, 11, 26), ClockState.SYNCHRONISED, False),
        (date(2008, 11, 27), ClockState.UNSYNCHRONISED, False),
        (None, ClockState.SYNCHRONISED, False),
    ],
)
def test_a_known_minor_does_not_sign_alone(
    day: date | None,
    clock: ClockState,
    missing: bool,  # noqa: FBT001 - a case
) -> None:
    form = begun()
    at = msgspec.structs.replace(form.shown.at, clock=clock)
    form = replace(form, shown=replace(form.shown, at=at)).with_born(day)
    alone = form.pressed(Sign.PATIENT)
    assert (alone.guardian_missing, alone.signer_known) == (missing, not missing)
    assert (told_of_age(ENGLISH, alone)[0] != "") == missing
    assert guarded(form).signer_known
    assert alone.born == "", "the record has it only where an age is demanded"
    assert signed(all_answered(alone)).result().born == (None if day is None else day.isoformat())


def test_a_date_of_birth_that_the_clinic_knows_is_typed_already() -> None:
    form = replace(begun(), treatment="toxin-or-filler").with_born(date(1980, 2, 3))
    assert form.born == "03021980"
    assert form.pressed(Sign.PATIENT).signer_known


@pytest.mark.parametrize("rows", [LETTERS, ACCENTS], ids=["letters", "accents"])
@pytest.mark.parametrize("width", [990, 1200])
def test_every_letter_has_a_key_for_a_gloved_finger(rows: tuple[str, ...], width: int) -> None:
    keyboard = Keyboard(shift=False, accents=rows is ACCENTS)
    area = Rect(0, 0, width, 730)
    keys = keyboard_keys(area, keyboard, ENGLISH.consent, 1.0)
    letters = {key.action.text for key in keys if isinstance(key.action, Letter)}
    assert letters == set("".join(rows)) | {" "}
    assert set(KeyboardEdit) <= {key.action for key in keys}
    assert all(min(key.rect.w, key.rect.h) >= TOUCH for key in keys)


def test_a_narrow_keyboard_follows_the_alphabet() -> None:
    assert arranged(LETTERS, 10)[1] == "qwertyuiop"
    assert arranged(LETTERS, 8)[:2] == ("abcdefgh", "ijklmnop")
    assert max(map(len, arranged(LETTERS, 8))) <= 8


@sizes
def test_the_pad_has_its_aspect(size: tuple[int, int]) -> None:
    pad = PADS[State.CONSENT_SIGN](make_layout(size))
    assert pad.w / pad.h == pytest.approx(PAD_ASPECT, rel=0.01)


def test_it_is_signed_only_when_all_is_there() -> None:
    assert obvious(SCENES["consent_sign_ready"]).enabled
    form = SCENES["consent_sign_ready"].people.consent.form
    assert form is not None
    for lacking in (form.pressed(Sign.CLEAR), form.pressed(Sign.UNDERSTOOD)):
        assert not obvious(with_form(SCENES["consent_sign_ready"], lacking)).enabled


def test_many_uses_are_withdrawn_page_by_page() -> None:
    rows = tuple(UseRow(f"marketing/c{i}", Standing.ALLOWED, None, f"Place {i}") for i in range(25))
    people = People(chart=ChartModel("1", uses=rows))
    found: set[Action] = set()
    form = WithdrawalForm()
    for _ in range(9):
        model = ScreenModel(State.WITHDRAW, "C", "s", "", people=replace(people, withdrawal=form))
        found |= {b.action for b in shown(model) if isinstance(b.action, Withdraw)}
        form = form.pressed(Turn(1))
    assert found == {Withdraw(row.use) for row in rows}
    assert form.pressed(Withdraw("record")).chosen == "record"


def test_a_patient_is_asked_in_the_language_of_their_text() -> None:
    words = Wordings("de")
    model = SCENES["consent_record"]
    assert words.of(model).consent.yes == "Yes"
    assert words.of(with_form(model, begun("example-fr"))).consent.yes == "Oui"
    assert words.of(SCENES["chart"]).consent.yes == "Ja"
    assert words.of(SCENES["consent_opening"]).consent.yes == "Ja"
