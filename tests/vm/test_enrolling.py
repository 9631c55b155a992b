"""Quick tests of what the machine's enrolment stands on: its screens told apart, and its places."""

from __future__ import annotations

import pytest

from kiosk.capture.ui.enrolling import EnrolModel, Refusal
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import State
from kiosk.commission.root import KEPT
from kiosk.records.enrolment import Enrolled
from kiosk.records.enrolment_code import Code
from tests.golden.enrolling import SENTENCES, typed
from tests.vm.clinic import SIZES
from tests.vm.closed import OPEN, SHUT
from tests.vm.enrolling import mentions
from tests.vm.player import OUT, at
from tests.vm.screens import Sheet, sheet
from tests.vm.tree import STATE_FOLDERS

BODY = Code("0" * 18).text().removeprefix("CSE1-")
KEYS = ("SHA256:" + "1a2B" * 10 + "xyz", "SHA256:" + "9f8E" * 10 + "wvu")


def enrol(state: State, **changes: object) -> ScreenModel:
    return at(state, enrol=EnrolModel(**changes))  # type: ignore[arg-type]


def refused(refusal: Refusal, sentence: str = "") -> ScreenModel:
    told = sentence or SENTENCES[refusal]
    return enrol(State.ENROL_REFUSED, refusal=refusal, sentence=told, again=True)


def done(ssh_key: str, signing_key: str, fault: str = "") -> ScreenModel:
    one = Enrolled(station="s", server="x:22", ssh_key=ssh_key, signing_key=signing_key, at="x")
    return enrol(State.ENROLLED, enrolled=one, sentence=fault)


ALIKE = (
    *(OUT, enrol(State.ENROL), enrol(State.ENROL, misread=True)),
    enrol(State.ENROL, reader_fault="The reader that types codes is not plugged in."),
    *(enrol(State.ENROL_TYPE), enrol(State.ENROL_TYPE, entry=typed(BODY))),
    *(refused(refusal) for refusal in (Refusal.UNKNOWN, Refusal.UNREACHABLE, Refusal.CLOCK)),
    refused(Refusal.UNKNOWN, SENTENCES[Refusal.CLOCK]),
    *(done(*KEYS), done(*reversed(KEYS)), done(*KEYS, "It cannot log in.")),
    done(KEYS[0], KEYS[0]),
)


@pytest.fixture(scope="module")
def sheets() -> list[Sheet]:
    return [sheet(model, SIZES.display) for model in ALIKE]


@pytest.mark.parametrize("number", range(len(ALIKE)))
def test_a_screen_is_told_from_those_that_look_alike(sheets: list[Sheet], number: int) -> None:
    shown = [n for n, other in enumerate(sheets) if sheets[number].is_shown(other.picture)]
    assert shown == [number]


def test_all_that_a_closed_station_writes_to_is_on_the_partition_for_it() -> None:
    assert set(STATE_FOLDERS.values()) == set(KEPT)
    assert set(KEPT) < set(OPEN)
    assert not set(OPEN) & set(SHUT)


def test_any_group_of_a_code_is_a_mention() -> None:
    code = Code.generate()
    groups = code.text().split("-")[1:]
    assert mentions(f"x {groups[2]} y", code)
    assert not mentions("CSE1- and nothing more", code)
