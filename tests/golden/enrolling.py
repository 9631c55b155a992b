"""A station that waits for its enrolment code, for the scenes and tests of screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from kiosk.capture.enrolling.link import Link
from kiosk.capture.ui.enrolling import EnrolModel, Refusal
from kiosk.capture.ui.entry import Character
from kiosk.capture.ui.forms.code import CodeEntry
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import State
from kiosk.enrol.sending import REFUSALS, Server, _failure
from kiosk.errors import EnrolmentError, KioskError
from kiosk.moment import require_plausible
from kiosk.records.enrolment import Enrolled, NotDone, read_answer
from kiosk.records.enrolment_code import Code
from tests.golden.scene import Scene

STATION = "kiosk-01"
UNPLUGGED = "The code reader (USB 0c2e:0b61) is not plugged in: check its cable."
CODE = Code("FSNLM5NF0BDQ0R8S4Q")
SERVER = Server("drop.lakeside.example", 22, "")
ENROLLED = Enrolled(
    station=STATION,
    server=str(SERVER),
    ssh_key="SHA256:7P0X6TnJ33XtI3VVJax+c7YHHOgec5oP4C4/8QMjhQE",
    signing_key="SHA256:uFq0mJrk5fYB0cLzH7zqI9hQw1LxO5b0a4bq3G3c7bE",
    at="2026-12-01T08:00:00+00:00",
)


def typed(text: str) -> CodeEntry:
    """Return the entry after so many keys."""
    entry = CodeEntry()
    for character in text.replace("-", ""):
        entry = entry.pressed(Character(character))
    return entry


def said(act: Callable[[], object]) -> str:
    """Return the sentence of the error that ``act`` really raises."""
    try:
        act()
    except KioskError as error:
        return error.sentence
    raise AssertionError("expected an error")


def heard(words: str) -> str:
    """Return the sentence for what ``ssh`` says."""
    return _failure(SERVER, STATION, words).sentence


def _nobody() -> str:
    """Return what is said where nobody listens."""
    link = Link(Path("/nowhere/kiosk-enrol.socket"))
    link.ask(CODE.text())
    answer = link.poll()
    assert isinstance(answer, NotDone)
    return answer.sentence


SENTENCES = {
    Refusal.UNKNOWN: heard("enrol@drop.lakeside.example: Permission denied (publickey)."),
    Refusal.EXPIRED: REFUSALS["expired"].format(station=STATION),
    Refusal.USED: REFUSALS["used"].format(station=STATION),
    Refusal.IDENTITY: heard("Host key verification failed."),
    Refusal.UNREACHABLE: heard("connect to host 192.0.2.5 port 22: No route to host"),
    Refusal.CLOCK: said(lambda: require_plausible(datetime.fromtimestamp(60, UTC))),
    Refusal.INTERRUPTED: _nobody(),
    Refusal.OTHER: said(lambda: read_answer(b"")),
}
AGAIN = frozenset(Refusal) - {Refusal.EXPIRED, Refusal.USED, Refusal.IDENTITY}


def enrol_scenes(out: ScreenModel) -> Iterator[Scene]:
    """Every screen from the code to the fingerprints."""
    new = replace(out, station=STATION)

    def at(state: State, **changes: object) -> ScreenModel:
        return replace(new, state=state, enrol=EnrolModel(**changes))  # type: ignore[arg-type]

    yield Scene("enrol", at(State.ENROL), live=True, held=CODE.text())
    yield Scene("enrol_misread", at(State.ENROL, misread=True), live=True)
    yield Scene("enrol_blind", at(State.ENROL, blind=True, reader_fault=UNPLUGGED))
    yield Scene("enrol_readerless", at(State.ENROL, reader_fault=UNPLUGGED), live=True)
    body = CODE.text().removeprefix("CSE1-")
    yield Scene("enrol_type", at(State.ENROL_TYPE, entry=typed(body[:9])))
    slip = typed(body.replace("0", "8", 1))
    yield Scene("enrol_type_slip", at(State.ENROL_TYPE, entry=slip))
    yield Scene("enrol_type_wrong", at(State.ENROL_TYPE, entry=typed("0" * 20)))
    yield Scene("enrol_type_whole", at(State.ENROL_TYPE, entry=typed(body)))
    yield Scene("enrol_asking", at(State.ENROL_ASKING))
    for refusal, sentence in SENTENCES.items():
        told = {"refusal": refusal, "sentence": sentence, "again": refusal in AGAIN}
        yield Scene(f"enrol_{refusal.name.lower()}", at(State.ENROL_REFUSED, **told))
    yield Scene("enrolled", at(State.ENROLLED, enrolled=ENROLLED))
    fault = said(_login)
    yield Scene("enrolled_fault", at(State.ENROLLED, enrolled=ENROLLED, sentence=fault))
    yield Scene("enrolled_bare", at(State.ENROLLED))


def _login() -> None:
    raise EnrolmentError(
        f"{SERVER} has closed the connection before the login; try again, and see that the server "
        "runs."
    )
