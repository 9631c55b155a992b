"""What the machine's player knows by itself: keys of codes, and one screen from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from kiosk.capture.hardware.key_map import KEY_ENTER, SHIFTS, typed
from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.forms.pin import PinEntry
from kiosk.capture.ui.layout import Rect
from kiosk.capture.ui.model import Backlog, ScreenModel
from kiosk.capture.ui.people import People, SignInModel
from kiosk.capture.workflow import Event, State
from kiosk.languages.own_names import own_name
from kiosk.records.badge import Badge
from kiosk.records.consent_texts import Texts
from kiosk.records.protocols import load_protocol
from tests.capture.people.house import TEXT
from tests.vm.clinic import SIZES
from tests.vm.hands import RANGE, Hands
from tests.vm.screens import sheet
from tests.vm.session import LANGUAGES

OUT = ScreenModel(State.SIGNED_OUT, clinic="Clinic", station="room", clock="10:00")


class Recorder:
    """Stands for the guest and keeps what its devices would send."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, int, int]] = []

    def feel(self, _device: str, events: Sequence[tuple[int, int, int]]) -> None:
        self.sent += events


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def hands(recorder: Recorder) -> Hands:
    return Hands(recorder, SIZES.display)  # type: ignore[arg-type] # what is used of a guest


@pytest.mark.parametrize("text", [Badge(bytes(range(16))).text(), "PAT-12/x Y", "a:B"])
def test_a_code_is_typed_as_the_product_reads_it(
    hands: Hands, recorder: Recorder, text: str
) -> None:
    hands.scan(text)
    read, shift = "", False
    for kind, code, value in recorder.sent:
        if kind == 1 and code in SHIFTS:
            shift = bool(value)
        elif kind == 1 and value == 1:
            read += "\n" if code == KEY_ENTER else typed(code, shift=shift)
    assert read == f"{text}\n"


def test_a_touch_is_where_it_was_meant(hands: Hands, recorder: Recorder) -> None:
    hands.tap(Rect(298, 500, 4, 24))
    at = {code: value for kind, code, value in recorder.sent if kind == 3}
    assert at[53] / RANGE * 600 == pytest.approx(300.5, abs=0.2)
    assert at[54] / RANGE * 1024 == pytest.approx(512.5, abs=0.2)


def test_no_two_touches_are_at_one_point(hands: Hands, recorder: Recorder) -> None:
    """The kernel would not tell of the second, and SDL takes what it was never told for 0."""
    hands.tap(Rect(298, 500, 4, 24))
    hands.tap(Rect(298, 700, 4, 24))
    columns = [value for kind, code, value in recorder.sent if (kind, code) == (3, 53)]
    assert len(columns) == len(set(columns)) == 2


def pin(state: State, digits: str) -> ScreenModel:
    return replace(OUT, state=state, people=People(sign_in=SignInModel(PinEntry(digits))))


def view(number: int) -> ScreenModel:
    progress = SessionProgress.begin("P-1", load_protocol("face_5"))
    for _ in range(number):
        progress = progress.accepted()
    return replace(OUT, state=State.VIEW, progress=progress)


ALIKE = (
    *(OUT, *(pin(State.PIN, "12345678"[:typed]) for typed in range(9)), pin(State.NEW_PIN, "")),
    *(pin(State.NEW_PIN, "1"), pin(State.NEW_PIN, "1234567")),
    *(pin(State.NEW_PIN_AGAIN, ""), view(0), view(1), view(4)),
)


@pytest.mark.parametrize("number", range(len(ALIKE)))
def test_a_screen_is_told_from_those_that_look_alike(number: int) -> None:
    wanted = sheet(ALIKE[number], SIZES.display)
    shown = [other for other in ALIKE if wanted.is_shown(sheet(other, SIZES.display).picture)]
    assert shown == [ALIKE[number]]


def test_what_changes_by_itself_does_not_matter() -> None:
    later = replace(OUT, clock="23:59", backlog=Backlog(7, "14:00"))
    assert sheet(OUT, SIZES.display).is_shown(sheet(later, SIZES.display).picture)


def test_a_black_screen_and_one_of_another_size_are_none() -> None:
    wanted = sheet(OUT, SIZES.display)
    assert not wanted.is_shown(np.zeros_like(wanted.picture))
    assert not wanted.is_shown(np.zeros((10, 10), np.int16))


def test_a_button_is_found_by_what_it_means() -> None:
    wanted = sheet(OUT, SIZES.display)
    assert wanted.layout.content.contains(*wanted.button(Event.START).centre)
    with pytest.raises(KeyError):
        wanted.button(Event.FINISH)


def test_the_consent_texts_are_those_of_the_program() -> None:
    """Their buttons are looked for by the words that the station writes on them."""
    shipped = {(one.name, own_name(one.text.language)) for one in Texts().load_all()}
    assert set(LANGUAGES) == shipped
    assert LANGUAGES[0][0] == TEXT
