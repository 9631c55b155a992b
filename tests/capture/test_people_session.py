"""Signing in, opening patients, consent and withdrawal through the whole loop, with real keys."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk import moment
from kiosk.capture.people.tries import MOST
from kiosk.capture.scanning.scanned import Scanned, Source
from kiosk.capture.ui.entry import Character, Edit
from kiosk.capture.ui.forms.actions import Answer, Chosen, Field, Ink, Letter, Sign, Withdraw
from kiosk.capture.ui.people import DayNote, Standing
from kiosk.capture.ui.widgets import Action
from kiosk.capture.workflow import Event, State
from kiosk.clinic.kinds import KINDS
from kiosk.envelope.audit import AUDIT, as_segment
from kiosk.envelope.bundle import read_bundle
from kiosk.envelope.consent import CONSENT, as_consent
from kiosk.envelope.container import SHOT, read_shot
from kiosk.errors import StorageFailed
from kiosk.model import ClockState, Role
from kiosk.records.audit import Act, Entry, faults
from kiosk.records.worklist import Expected, Worklist
from tests.capture.bench import LIMITS, PATIENT, Bench, S, set_up
from tests.capture.people.clinic_keys import Person

TOM = Person(id="tom", name="Tom Technician", role=Role.TECHNICIAN)
SUE = Person(id="sue", name="Sue Supervisor", supervisor=True)
EVE = Person(id="eve", name="Eve Example", temporary=True)
INK = [
    Ink(0.1, 0.5, 0, begins=True),
    Ink(0.5, 0.2, 40, begins=False),
    Ink(0.9, 0.6, 90, begins=False),
]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Bench]:
    """A station whose patient has not been asked for consent."""
    with set_up(tmp_path, consents=False, people=(TOM, SUE, EVE)) as made:
        yield made


def type_pin(bench: Bench, pin: str) -> None:
    bench.touch(*map(Character, pin), Event.PIN_GIVEN)


def trail(bench: Bench) -> list[Entry]:
    """Return every entry, once the open segment was sent."""
    bench.rest()
    bench.house.trail.close()
    found: list[Entry] = []
    for container in bench.containers(AUDIT):
        found += as_segment(read_bundle(io.BytesIO(container), KINDS)).entries
    return sorted(found, key=lambda entry: entry.number)


def sign(bench: Bench, allowed: Callable[[str], bool]) -> None:
    """Answer every purpose of the text, and sign."""
    bench.touch(Event.ASK_CONSENT)
    bench.until_state(State.CONSENT_TEXT)
    bench.until(lambda: bench.screen.shown[-1].people.consent.form is not None)
    form = bench.screen.shown[-1].people.consent.form
    assert form is not None
    answers: list[Action] = []
    for purpose in form.text.purposes:
        answers.append(Answer(purpose.id, allowed(purpose.id)))
        answers += [Answer(purpose.id, allowed(purpose.id), one.id) for one in purpose.channels]
    bench.touch(Event.READY)
    bench.until_state(State.CONSENT_CHOICES)
    bench.touch(*answers, Event.READY)
    bench.until_state(State.CONSENT_SIGNER)
    bench.touch(Sign.PATIENT, Event.READY)
    bench.until_state(State.CONSENT_SIGN)
    bench.touch(Sign.UNDERSTOOD, *INK, Event.CONSENT_GIVEN)


def open_unasked(bench: Bench) -> None:
    bench.sign_in()
    bench.touch(Event.TYPE_NUMBER)
    bench.until_state(State.PATIENT)
    bench.touch(*map(Character, PATIENT), Event.PATIENT_GIVEN)
    bench.until_state(State.CHART)


def test_consent_opens_the_way_and_is_bound_to_the_picture(fresh: Bench) -> None:
    open_unasked(fresh)
    chart = fresh.screen.shown[-1].people.chart
    assert chart is not None
    assert "There is no consent on record" in chart.barred
    assert {row.standing for row in chart.uses} == {Standing.NEVER_ASKED}
    fresh.step_on_pedal()
    fresh.touch(Event.START)
    assert fresh.state is State.CHART
    sign(fresh, lambda purpose: purpose in ("record", "training"))
    fresh.until_state(State.CHART_ALLOWED)
    chart = fresh.screen.shown[-1].people.chart
    assert chart is not None
    assert chart.barred == ""
    assert chart.withdrawable == ("record", "training")
    fresh.touch(Event.START)
    fresh.until_state(State.VIEW)
    fresh.shoot()
    fresh.step_on_pedal()
    fresh.until_state(State.VIEW)
    (given,) = [as_consent(read_bundle(io.BytesIO(c), KINDS)) for c in fresh.containers(CONSENT)]
    shot = read_shot(io.BytesIO(fresh.containers(SHOT)[0]))
    assert given.record.operator.name == "Dr. Ada Example"
    assert [one.purpose for one in given.record.decisions if one.allowed] == ["record", "training"]
    assert shot.record.consent == shot.manifest.consent == given.digest
    assert shot.record.operator is not None
    assert shot.record.operator.id == "ada"
    assert shot.manifest.audit is not None


def test_the_languages_of_the_texts_are_called_as_they_call_themselves(fresh: Bench) -> None:
    open_unasked(fresh)
    fresh.touch(Event.ASK_CONSENT)
    fresh.until_state(State.CONSENT_TEXT)
    languages = fresh.screen.shown[-1].people.consent.languages
    assert [name for _, name in languages] == ["English", "Deutsch", "Français"]


def test_withdrawing_the_record_in_a_session_closes_the_pedal(bench: Bench) -> None:
    bench.begin()
    bench.touch(Event.OPEN_CHART)
    bench.until_state(State.CHART_ALLOWED)
    bench.touch(Event.ASK_WITHDRAWAL)
    bench.until_state(State.WITHDRAW)
    bench.touch(Withdraw("record"))
    bench.until_state(State.CONFIRM_WITHDRAW)
    bench.touch(Event.CONFIRM)
    bench.until_state(State.CHART)
    bench.step_on_pedal()
    bench.touch(Event.START)
    assert bench.state is State.CHART
    chart = bench.screen.shown[-1].people.chart
    assert chart is not None
    assert "does not consent" in chart.barred
    assert {row.standing for row in chart.uses if row.use == "record"} == {Standing.WITHDRAWN}
    acts = [as_consent(read_bundle(io.BytesIO(c), KINDS)) for c in bench.containers(CONSENT)]
    assert [act.record.kind for act in acts] == ["given", "withdrawn"]
    assert acts[1].record.previous == acts[0].digest


def test_everything_that_is_done_leaves_its_trail(fresh: Bench) -> None:
    fresh.until_state(State.SIGNED_OUT)
    fresh.scan(fresh.house.ada.badge.text())
    fresh.until_state(State.PIN)
    type_pin(fresh, "111333")
    fresh.until(lambda: "wrong" in fresh.screen.shown[-1].people.problem)
    fresh.until_state(State.PIN)
    fresh.clock.ahead_ns += 10 * S
    type_pin(fresh, fresh.house.ada.pin)
    fresh.until_state(State.DAY)
    fresh.touch(Event.TYPE_NUMBER)
    fresh.until_state(State.PATIENT)
    fresh.touch(*map(Character, PATIENT), Event.PATIENT_GIVEN)
    fresh.until_state(State.CHART)
    sign(fresh, lambda purpose: purpose == "record")
    fresh.until_state(State.CHART_ALLOWED)
    fresh.touch(Event.START)
    fresh.until_state(State.VIEW)
    fresh.shoot()
    fresh.touch(Event.RETAKE)
    fresh.until_state(State.AIM)
    fresh.step_on_pedal()
    fresh.until_state(State.REVIEW)
    fresh.step_on_pedal()
    fresh.until_state(State.VIEW)
    fresh.finish()
    fresh.touch(Event.SIGN_OUT)
    fresh.until_state(State.SIGNED_OUT)
    entries = trail(fresh)
    assert [entry.act for entry in entries] == [
        Act.SIGN_IN_FAILED,
        Act.SIGNED_IN,
        Act.PATIENT_OPENED,
        Act.CONSENT_SHOWN,
        Act.CONSENT_GIVEN,
        Act.SESSION_BEGUN,
        Act.SHOT_TAKEN,
        Act.SHOT_DISCARDED,
        Act.SHOT_TAKEN,
        Act.SHOT_ACCEPTED,
        Act.OBJECT_SAVED,
        Act.PATIENT_CLOSED,
        Act.SIGNED_OUT,
    ]
    assert list(faults(entries)) == []
    assert {entry.operator for entry in entries} == {None, "ada"}
    assert entries[-1].detail == "by touch"
    of_patient = [entry for entry in entries if entry.patient is not None]
    assert {entry.patient.id for entry in of_patient if entry.patient} == {PATIENT}
    assert of_patient[0].act is Act.PATIENT_OPENED
    shot = read_shot(io.BytesIO(fresh.containers(SHOT)[0]))
    assert shot.manifest.audit is not None
    assert shot.manifest.audit.entries == 10
    about = [entry.subject for entry in entries if entry.act.value.startswith("shot-")]
    first, retaken, second, accepted = about
    assert first == retaken != second
    assert second == accepted == shot.record.uids.image


def test_what_left_the_station_is_written_down_and_the_trail_itself_is_not(bench: Bench) -> None:
    bench.until_state(State.SIGNED_OUT)
    bench.clock.ahead_ns += 31 * S
    bench.settle(2)
    bench.rest()
    bench.house.trail.note(Act.STARTED)
    bench.house.trail.close()
    bench.clock.ahead_ns += 31 * S
    bench.settle(2)
    bench.rest()
    names = {entry.name for entry in bench.spool.entries()}
    (segment,) = bench.house.trail.sent
    for name in names:
        bench.spool.remove(name)
    bench.clock.ahead_ns += 31 * S
    bench.settle(2)
    entries = trail(bench)
    assert [entry.act for entry in entries] == [Act.OBJECT_UPLOADED]
    assert {entry.subject for entry in entries} == names - {segment}


def test_without_a_trail_no_picture_is_shown(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.begin()
    bench.aim()
    bench.rest()

    def full(*_: object, **__: object) -> None:
        raise StorageFailed("The disk answered no.")

    monkeypatch.setattr(bench.house.trail, "note", full)
    bench.camera.may_finish.set()
    bench.step_on_pedal()
    bench.until_state(State.STORAGE_FAULT)
    assert all(model.review is None for model in bench.screen.shown)
    monkeypatch.undo()


def test_a_technician_sees_the_machine_and_no_patient(fresh: Bench) -> None:
    fresh.until_state(State.SIGNED_OUT)
    fresh.scan(TOM.badge.text())
    fresh.until_state(State.PIN)
    type_pin(fresh, TOM.pin)
    fresh.until_state(State.SERVICE)
    assert fresh.screen.shown[-1].people.operator == "Tom Technician"
    fresh.touch(Event.TYPE_NUMBER, Event.SCAN)
    assert fresh.state is State.SERVICE
    fresh.touch(Event.SIGN_OUT)
    fresh.until_state(State.SIGNED_OUT)
    assert [e.act for e in trail(fresh)] == [Act.SIGNED_IN, Act.SERVICE_ENTERED, Act.SIGNED_OUT]


def test_a_first_pin_is_replaced_before_anything_else(fresh: Bench) -> None:
    fresh.until_state(State.SIGNED_OUT)
    fresh.scan(EVE.badge.text())
    fresh.until_state(State.PIN)
    type_pin(fresh, EVE.pin)
    fresh.until_state(State.NEW_PIN)
    type_pin(fresh, "123456")
    fresh.until_state(State.NEW_PIN_AGAIN)
    type_pin(fresh, "123456")
    fresh.until(lambda: "no row of digits" in fresh.screen.shown[-1].people.problem)
    fresh.until_state(State.NEW_PIN)
    type_pin(fresh, "804172")
    fresh.until_state(State.NEW_PIN_AGAIN)
    type_pin(fresh, "804173")
    fresh.until_state(State.NEW_PIN)
    type_pin(fresh, "804172")
    fresh.until_state(State.NEW_PIN_AGAIN)
    type_pin(fresh, "804172")
    fresh.until_state(State.DAY)
    fresh.touch(Event.SIGN_OUT)
    fresh.until_state(State.SIGNED_OUT)
    fresh.scan(EVE.badge.text())
    fresh.until_state(State.PIN)
    type_pin(fresh, "804172")
    fresh.until_state(State.DAY)
    assert "804172" not in repr(fresh.screen.shown)


def test_a_locked_badge_is_released_by_a_supervisor(fresh: Bench) -> None:
    fresh.until_state(State.SIGNED_OUT)
    fresh.scan(fresh.house.ada.badge.text())
    fresh.until_state(State.PIN)
    for left in reversed(range(MOST)):
        type_pin(fresh, "111333")
        fresh.until(lambda left=left: fresh.screen.shown[-1].people.sign_in.left == left)  # type: ignore[misc]
        fresh.clock.ahead_ns += 5 * S
        fresh.until(lambda: fresh.state in (State.PIN, State.LOCKED))
        if fresh.state is State.PIN:
            wait = fresh.screen.shown[-1].people.sign_in.wait_s
            for _ in range(wait // 30 + 1):
                # Somebody is there all the while, or the badge would be forgotten.
                fresh.clock.ahead_ns += 30 * S
                fresh.touch(Character("9"))
            fresh.touch(Edit.CLEAR)
    assert fresh.state is State.LOCKED
    fresh.scan(EVE.badge.text())
    fresh.until(lambda: "cannot release" in fresh.screen.shown[-1].people.problem)
    fresh.scan(SUE.badge.text())
    fresh.until_state(State.PIN)
    type_pin(fresh, fresh.house.ada.pin)
    fresh.until_state(State.DAY)
    acts = [entry.act for entry in trail(fresh)]
    assert acts.count(Act.SIGN_IN_FAILED) == MOST
    assert Act.BADGE_LOCKED in acts
    assert Act.BADGE_RELEASED in acts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CSB1AAAA", "not read whole"),
        ("4711", "not a badge"),
        ("https://example.org/", "not a badge"),
        ("x" * 1000, "too long"),
    ],
)
def test_what_is_no_badge_is_refused_in_one_sentence(fresh: Bench, text: str, said: str) -> None:
    fresh.until_state(State.SIGNED_OUT)
    fresh.scan(text)
    assert said in fresh.screen.shown[-1].people.problem
    assert fresh.state is State.SIGNED_OUT


def test_a_reader_that_is_gone_is_said_where_it_is_needed(bench: Bench) -> None:
    bench.sign_in()
    bench.house.reader.unplug()
    bench.app.step()
    assert "not plugged in" in bench.screen.shown[-1].people.problem
    bench.open_patient()
    assert bench.screen.shown[-1].people.problem == ""
    bench.touch(Event.BACK)
    bench.until_state(State.DAY)
    bench.house.reader.plug_in()
    bench.app.step()
    assert bench.screen.shown[-1].people.problem == ""


def worklist(day: str) -> Worklist:
    return Worklist(
        station="room-2",
        clinic="Lakeside Clinic",
        day=day,
        entries=(
            Expected(number=PATIENT, name="Maria Schmidt", born="1980-02-03", time="09:30"),
            Expected(number="ZQ-8", name="José Núñez", adult_only=True, follow_up=True),
        ),
    )


def test_a_minor_of_the_day_does_not_sign_alone(
    fresh: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = moment.now
    synchronised = ClockState.SYNCHRONISED
    monkeypatch.setattr(moment, "now", lambda: dataclasses.replace(real(), clock=synchronised))
    today = fresh.house.instant().wall[:10]
    young = Expected(number=PATIENT, name="Mia Schmidt", born=f"{int(today[:4]) - 17}-01-01")
    fresh.house.send_day(
        Worklist(station="room-2", clinic="Lakeside Clinic", day=today, entries=(young,))
    )
    fresh.sign_in()
    fresh.touch(Chosen(PATIENT))
    fresh.until_state(State.CHART)
    fresh.touch(Event.ASK_CONSENT)
    fresh.until_state(State.CONSENT_TEXT)
    fresh.until(lambda: fresh.screen.shown[-1].people.consent.form is not None)
    fresh.touch(Event.READY)
    fresh.touch(Answer("record", allowed=True))
    form = fresh.screen.shown[-1].people.consent.form
    assert form is not None
    answers = [Answer(one.id, allowed=False) for one in form.text.purposes[1:]]
    fresh.touch(*answers, Event.READY)
    fresh.until_state(State.CONSENT_SIGNER)
    fresh.touch(Sign.PATIENT, Event.READY)
    assert fresh.state is State.CONSENT_SIGNER
    fresh.touch(Sign.GUARDIAN, *map(Letter, "Ada"), Field.RELATION, *map(Letter, "mother"))
    fresh.touch(Event.READY)
    fresh.until_state(State.CONSENT_SIGN)
    fresh.touch(Sign.UNDERSTOOD, *INK, Event.CONSENT_GIVEN)
    fresh.until_state(State.CHART_ALLOWED)
    (given,) = [as_consent(read_bundle(io.BytesIO(c), KINDS)) for c in fresh.containers(CONSENT)]
    assert given.record.form is not None
    assert given.record.form.signer.role == "guardian"
    assert given.record.form.age is None, "no age is demanded, so none is recorded"


def test_a_patient_of_the_day_is_masked_until_chosen(bench: Bench) -> None:
    today = bench.house.instant().wall[:10]
    bench.house.send_day(worklist(today))
    bench.sign_in()
    day = bench.screen.shown[-1].people.day
    assert day.note is DayNote.NONE
    assert [(row.name, row.last, row.time) for row in day.rows] == [
        ("M… S…", "…Q-9", "09:30"),
        ("J… N…", "…Q-8", ""),
    ]
    bench.touch(Chosen(PATIENT))
    bench.until_state(State.CHART_ALLOWED)
    chart = bench.screen.shown[-1].people.chart
    assert chart is not None
    assert chart.name == "Maria Schmidt"
    assert "Schmidt" not in repr(bench.screen.shown)
    bench.touch(Event.BACK)
    bench.until_state(State.DAY)
    assert bench.screen.shown[-1].people.chart is None


@pytest.mark.parametrize(
    ("clock", "note"),
    [
        (ClockState.SYNCHRONISED, DayNote.OTHER_DAY),
        (ClockState.UNSYNCHRONISED, DayNote.NONE),
    ],
)
def test_another_day_s_list_is_not_today_s(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, clock: ClockState, note: DayNote
) -> None:
    real = moment.now
    monkeypatch.setattr(moment, "now", lambda: dataclasses.replace(real(), clock=clock))
    bench.house.send_day(worklist("2020-01-01"))
    bench.sign_in()
    assert bench.screen.shown[-1].people.day.note is note


def test_a_badge_before_the_camera_is_read(bench: Bench) -> None:
    bench.until_state(State.SIGNED_OUT)
    bench.touch(Event.START)
    bench.until_state(State.BADGE)
    assert bench.house.scanner.started == 1
    badge = bench.house.ada.badge.text().encode()
    bench.house.scanner.seen = [Scanned(badge, Source.QR)]
    bench.until_state(State.PIN)


def test_a_patient_s_card_opens_their_page(bench: Bench) -> None:
    bench.sign_in()
    bench.touch(Event.SCAN)
    bench.until_state(State.SCAN_CARD)
    bench.scan(bench.house.ada.badge.text())
    assert "operator's badge" in bench.screen.shown[-1].people.problem
    bench.scan(PATIENT)
    bench.until_state(State.CHART_ALLOWED)


def test_nobody_there_first_dark_then_out(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    shown = bench.screen.shown[-1].review
    assert shown is not None
    bench.clock.ahead_ns += LIMITS.blank_ns + S
    bench.settle(2)
    assert (bench.state, bench.screen.shown[-1].blanked) == (State.REVIEW, True)
    bench.step_on_pedal()
    assert (bench.state, bench.screen.shown[-1].blanked) == (State.REVIEW, False)
    bench.clock.ahead_ns += LIMITS.blank_ns + S
    bench.settle(2)
    bench.touch(Event.ACCEPT)
    assert (bench.state, bench.screen.shown[-1].blanked) == (State.REVIEW, False)
    bench.clock.ahead_ns += LIMITS.sign_out_ns + S
    bench.until_state(State.SIGNED_OUT)
    assert not shown.pixels.any()
    assert bench.shots() == 0
    people = bench.screen.shown[-1].people
    assert (people.operator, people.chart) == ("", None)
    assert trail(bench)[-1].detail == "by time"


def test_who_is_withdrawn_while_signed_in_is_signed_out(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    shown = bench.screen.shown[-1].review
    assert shown is not None
    ben = Person(id="ben")
    bench.house.send_operators(bench.house.ada, ben)
    bench.clock.ahead_ns += 31 * S
    bench.settle(2)
    bench.rest()
    bench.settle(2)
    assert bench.state is State.REVIEW, "who is still on the list goes on"
    bench.house.send_operators(ben, number=3)
    bench.clock.ahead_ns += 31 * S
    bench.until_state(State.SIGNED_OUT)
    assert not shown.pixels.any()
    assert bench.shots() == 0
    out = trail(bench)[-1]
    assert (out.act, out.detail) == (Act.SIGNED_OUT, "badge withdrawn")
    bench.scan(bench.house.ada.badge.text())
    bench.settle()
    assert "was withdrawn" in bench.screen.shown[-1].people.problem
    bench.scan(ben.badge.text())
    bench.until_state(State.PIN)


def test_a_picture_that_was_kept_is_saved_before_who_is_withdrawn_goes(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    bench.house.send_operators(Person(id="ben"))
    bench.clock.ahead_ns += 31 * S
    bench.touch(Event.ACCEPT)
    bench.until_state(State.SIGNED_OUT)
    assert bench.shots() == 1


def test_while_aiming_the_lamps_go_out_first_and_the_time_runs_on(bench: Bench) -> None:
    bench.begin()
    bench.aim()
    bench.rest()
    bench.clock.ahead_ns += LIMITS.blank_ns + S
    bench.settle(2)
    bench.rest()
    assert bench.screen.states()[-1] is State.VIEW
    assert bench.lights.level() == 0.0
    bench.clock.ahead_ns += LIMITS.sign_out_ns - LIMITS.blank_ns
    bench.settle(3)
    assert bench.state is State.SIGNED_OUT


def test_a_shift_ends_even_under_the_hands(bench: Bench) -> None:
    bench.begin()
    for _ in range(8 * 60 + 1):
        bench.clock.ahead_ns += 60 * S - 1
        bench.touch(Event.BACK)
    bench.until_state(State.SIGNED_OUT)


def test_what_is_being_saved_is_saved_before_anybody_is_signed_out(bench: Bench) -> None:
    bench.begin()
    bench.shoot()
    bench.root.rename(bench.root.with_name("gone"))
    bench.step_on_pedal()
    bench.until_state(State.SAVE_FAULT)
    bench.clock.ahead_ns += LIMITS.shift_ns
    bench.settle(3)
    assert bench.state is State.SAVE_FAULT
    bench.root.with_name("gone").rename(bench.root)
    bench.touch(Event.TRY_AGAIN)
    bench.touch(Event.TRY_AGAIN)
    bench.until_state(State.SIGNED_OUT)
    assert bench.shots() == 1
