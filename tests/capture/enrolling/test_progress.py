"""The code while it is typed, read, refused and done with, without any device."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import errors
from kiosk.capture.enrolling.progress import Progress
from kiosk.capture.enrolling.refusals import AGAIN, refusal_of
from kiosk.capture.flow.enrolling import Act
from kiosk.capture.ui.enrolling import Refusal
from kiosk.capture.ui.entry import Character, Edit
from kiosk.capture.ui.forms.actions import CodeGroup
from kiosk.capture.ui.forms.code import TYPED, CodeEntry
from kiosk.capture.workflow import Event, State
from kiosk.records.enrolment import Done, NotDone
from kiosk.records.enrolment_code import ALPHABET, GROUP, SYMBOLS, Code
from tests.golden.enrolling import CODE, ENROLLED, typed

E, S = Event, State
BODY = CODE.text().removeprefix("CSE1-").replace("-", "")


def typing() -> Progress:
    progress = Progress()
    progress.touched(E.TYPE_CODE)
    return progress


def asking() -> Progress:
    progress = Progress()
    assert progress.read(CODE.text()) == (Act.ASK,)
    return progress


def refused(error: type[errors.KioskError]) -> Progress:
    progress = asking()
    progress.answered(NotDone(code=error.code, sentence="sentence"))
    return progress


def test_a_code_that_is_held_up_is_handed_over_at_once() -> None:
    progress = asking()
    assert (progress.state, progress.code) == (S.ENROL_ASKING, CODE.text())


def test_of_two_codes_the_first_counts() -> None:
    progress = asking()
    other = Code.generate().text()
    assert progress.read(other) == ()
    assert progress.read("hello") == ()
    assert (progress.code, progress.shown.misread) == (CODE.text(), False)


@pytest.mark.parametrize("text", ["", "hello", "CSB1" + "A" * 30, CODE.text()[:-1] + "0"])
def test_what_is_no_code_is_said_and_not_handed_over(text: str) -> None:
    progress = Progress()
    assert progress.read(text) == ()
    assert (progress.state, progress.shown.misread, progress.code) == (S.ENROL, True, "")
    progress.touched(E.TYPE_CODE)
    assert not progress.shown.misread


def test_a_typed_code_is_handed_over_once_its_check_fits() -> None:
    progress = typing()
    for character in BODY[:-1]:
        progress.touched(Character(character))
        assert progress.touched(E.CODE_GIVEN) == ()
    progress.touched(Character(BODY[-1]))
    assert progress.touched(E.CODE_GIVEN) == (Act.ASK,)
    assert progress.code == CODE.text()


def test_keys_write_nowhere_else() -> None:
    progress = Progress()
    progress.touched(Character("A"))
    assert progress.shown.entry == CodeEntry()


def test_only_answers_answer() -> None:
    """No button, whatever it says, passes for the server."""
    for event in (E.ENROLLED, E.ENROLMENT_REFUSED):
        progress = asking()
        assert progress.touched(event) == ()
        assert progress.state is S.ENROL_ASKING


@pytest.mark.parametrize(
    ("error", "refusal", "again"),
    [
        (errors.EnrolmentCodeUnknown, Refusal.UNKNOWN, True),
        (errors.EnrolmentCodeExpired, Refusal.EXPIRED, False),
        (errors.EnrolmentCodeUsed, Refusal.USED, False),
        (errors.ServerIdentityChanged, Refusal.IDENTITY, False),
        (errors.ServerUnreachable, Refusal.UNREACHABLE, True),
        (errors.ClockLost, Refusal.CLOCK, True),
        (errors.EnrolmentInterrupted, Refusal.INTERRUPTED, True),
        (errors.EnrolmentRefused, Refusal.OTHER, True),
        (errors.StorageFull, Refusal.OTHER, True),
    ],
)
def test_each_refusal_has_its_words_and_its_way_on(
    error: type[errors.KioskError], refusal: Refusal, *, again: bool
) -> None:
    progress = refused(error)
    assert progress.state is S.ENROL_REFUSED
    assert (progress.shown.refusal, progress.shown.sentence) == (refusal, "sentence")
    assert progress.shown.again is again
    assert progress.touched(E.TRY_AGAIN) == ((Act.ASK,) if again else ())
    assert bool(progress.code) is True


def test_codes_of_errors_are_each_known_once() -> None:
    assert {refusal_of(code) for code in ("", "storage", "enrolment")} == {Refusal.OTHER}
    assert set(Refusal) > AGAIN


def test_another_code_forgets_the_one_before() -> None:
    progress = refused(errors.EnrolmentCodeExpired)
    assert progress.touched(E.BACK) == (Act.FORGET,)
    assert (progress.state, progress.code) == (S.ENROL, "")


def test_when_nobody_is_there_the_code_is_forgotten_and_the_reason_stays() -> None:
    progress = refused(errors.ServerUnreachable)
    assert progress.happened(E.SIGN_OUT_DUE) == (Act.FORGET,)
    assert (progress.state, progress.code, progress.shown.again) == (S.ENROL_REFUSED, "", False)
    assert progress.shown.refusal is Refusal.UNREACHABLE
    assert progress.touched(E.TRY_AGAIN) == ()
    half = typing()
    half.touched(Character("A"))
    half.happened(E.SIGN_OUT_DUE)
    assert (half.state, half.shown.entry) == (S.ENROL, CodeEntry())


def test_it_ends_with_what_was_written_down_and_without_the_code() -> None:
    progress = asking()
    assert progress.answered(Done(enrolled=ENROLLED, fault="no login")) == (Act.FORGET,)
    assert (progress.state, progress.code) == (S.ENROLLED, "")
    assert (progress.shown.enrolled, progress.shown.sentence) == (ENROLLED, "no login")
    assert progress.enrolled(None) == ()
    assert progress.shown.enrolled == ENROLLED, "the first word counts"
    assert progress.touched(E.FINISH) == (Act.LEAVE,)


def test_neither_shows_the_code() -> None:
    progress = typing()
    for character in BODY:
        progress.touched(Character(character))
    assert not any(group in repr(progress.shown) for group in CODE.text().split("-")[1:])


codes = st.text(st.sampled_from(ALPHABET), min_size=18, max_size=18).map(Code)


@settings(database=None)
@given(codes)
def test_what_is_printed_can_be_typed(code: Code) -> None:
    assert typed(code.text().removeprefix("CSE1-")).valid


@settings(database=None)
@given(codes)
def test_a_reader_that_types_writes_what_is_printed(code: Code) -> None:
    """It begins with ``CSE1-``, which the screen has already."""
    entry = CodeEntry()
    for character in code.text():
        assert character in TYPED
        entry = entry.pressed(Character(character))
    assert entry.valid


@settings(database=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(TYPED + "é ").map(Character),
            st.sampled_from(list(Edit)),
            st.integers(0, 3).map(CodeGroup),
        )
    )
)
def test_whatever_is_touched_the_entry_is_a_possible_one(touches: list[object]) -> None:
    entry = CodeEntry()
    for touch in touches:
        entry = entry.pressed(touch)  # type: ignore[arg-type] # drawn from all of them
        assert all(len(group) <= GROUP and set(group) <= set(ALPHABET) for group in entry.groups)
        assert 0 <= entry.at < 4
        assert entry.whole == (len(entry.body) == SYMBOLS)
        assert not entry.valid or entry.whole
        assert not entry.doubtful or (entry.whole and not entry.valid)


def test_a_group_is_typed_anew_and_the_slip_is_gone() -> None:
    entry = typed(BODY.replace("0", "8", 1))
    assert (entry.valid, entry.doubtful) == (False, frozenset({1}))
    entry = entry.pressed(CodeGroup(1))
    assert entry.groups[1] == ""
    for character in BODY[5:10]:
        entry = entry.pressed(Character(character))
    assert entry.valid


def test_what_looks_alike_is_taken_for_what_it_is() -> None:
    entry = CodeEntry().pressed(Character("O")).pressed(Character("I"))
    assert entry.body == "01"


def test_backspace_goes_back_over_groups() -> None:
    entry = typed(BODY[:6])
    for _ in range(6):
        entry = entry.pressed(Edit.BACKSPACE)
    assert (entry.body, entry.at) == ("", 0)
    assert entry.pressed(Edit.BACKSPACE) == CodeEntry()
