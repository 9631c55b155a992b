"""What the day's list says of consents: only what is proven and whole, from whichever station."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.capture.people.day import Day
from kiosk.clinic.desk import Desk
from kiosk.envelope.letter import Address, Kind, mailbox_name
from kiosk.records.consent import Decision
from kiosk.records.consent_history import digest_of, entry_of
from kiosk.records.shot import PatientReference
from kiosk.records.worklist import Worklist
from kiosk.spool.inbox import Inbox
from tests.clinic.conftest import Clinic, Run
from tests.clinic.consenting import Consenting
from tests.records.consent_samples import given, withdrawn

CLINIC, ROOM = "clinic.example", "room-2"
TABLE = "number,name\nP-4711,Maria Schmidt\nP-4712,José Núñez\n"
FIRST = given()
SECOND = withdrawn(
    Decision(purpose="training", allowed=False), previous=digest_of(FIRST), station="kiosk-02"
)


class Morning:
    """A desk that sends the day's list to a third station."""

    def __init__(self, consenting: Consenting, run: Run) -> None:
        self.consenting, self._run = consenting, run
        self.root = consenting.clinic.folder
        run("desk", "init", "--clinic", CLINIC, "--desk", self.root / "desk")
        self._send("desk", "station", ROOM)
        self.desk = Desk(self.root / "desk")
        (self.root / "day.csv").write_text(TABLE, encoding="utf-8")
        (self.root / "operators").mkdir()

    def push(self, *more: object) -> tuple[int, str]:
        """Send the list; return the exit code and what was said."""
        capsys = self.consenting.capsys
        capsys.readouterr()
        code = self._send(
            "worklist", "push", self.root / "day.csv", "--station", ROOM, "--day", "2026-11-26",
            *more,
        )  # fmt: skip
        said = capsys.readouterr()
        return code, said.out + said.err

    def push_with_consents(self) -> tuple[int, str]:
        stations = self.consenting.clinic.stations
        return self.push("--pictures", self.consenting.pictures, "--stations", stations)

    def arrived(self) -> Worklist:
        """Return the list as the station opens it."""
        mailbox = mailbox_name(self.desk.station(ROOM).mailbox, Kind.DAY)
        inbox = Inbox(self.root / "inbox")
        inbox.prepare()
        letter = (self.root / "server" / ROOM / "out" / f"{mailbox}.age").read_bytes()
        (self.root / "inbox" / "day.letter").write_bytes(letter)
        address = Address(ROOM, CLINIC, self.desk.key.public_key())
        worklist = Day(inbox, self.root / "operators", address).open(self.desk.pose)
        assert worklist is not None
        return worklist

    def _send(self, *words: object) -> int:
        return self._run(*words, "--desk", self.root / "desk", "--server", self.root / "server")


@pytest.fixture
def morning(clinic: Clinic, run: Run, capsys: pytest.CaptureFixture[str]) -> Morning:
    return Morning(Consenting(clinic, run, capsys), run)


def test_consents_of_every_station_go_with_the_list(morning: Morning) -> None:
    morning.consenting.act(FIRST)
    morning.consenting.act(SECOND)
    morning.consenting.shot(digest_of(FIRST), 100)
    morning.consenting.open()
    code, said = morning.push_with_consents()
    assert code == 0
    assert "With it goes what 1 of them consented to." in said
    worklist = morning.arrived()
    assert worklist.acts("P-4711") == (entry_of(FIRST), entry_of(SECOND))
    assert worklist.acts("P-4712") == ()


def test_without_the_pictures_nothing_is_said_of_consents(morning: Morning) -> None:
    morning.consenting.act(FIRST)
    morning.consenting.open()
    code, said = morning.push()
    assert code == 0
    assert "for that give --pictures" in said
    assert morning.arrived().consents == ()
    code, said = morning.push("--pictures", morning.consenting.pictures)
    assert code == 2
    assert "with --pictures give --stations" in said


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("changed", "signature.png"),
        ("unsigned", "not among the known stations' keys"),
        ("hole", "follows one that is not here"),
        ("tail", "is not here"),
    ],
)
def test_a_patient_whose_consents_are_in_doubt_is_left_out(
    morning: Morning, damage: str, said: str
) -> None:
    if damage != "hole":
        morning.consenting.act(FIRST)
    if damage == "hole":
        morning.consenting.act(SECOND)
    if damage == "tail":
        morning.consenting.shot(digest_of(SECOND), 400)
    morning.consenting.open()
    if damage == "changed":
        spoil(next(morning.consenting.pictures.rglob("*.signature.png")))
    if damage == "unsigned":
        other = morning.consenting.clinic.signing["stranger"].public_line()
        morning.consenting.clinic.stations.write_text(f"kiosk-01 {other}\n")
    code, told = morning.push_with_consents()
    assert code == 1
    assert "LEFT OUT  what P-4711 consented to: " in told
    assert said in told
    assert morning.arrived().consents == ()
    assert len(morning.arrived().entries) == 2, "the list itself is sent"


def test_another_clinic_s_patient_of_the_same_number_is_nobody_here(morning: Morning) -> None:
    there = given(patient=PatientReference(id="P-4711", issuer="elsewhere.example"))
    morning.consenting.act(there)
    morning.consenting.open()
    assert morning.push_with_consents()[0] == 0
    assert morning.arrived().consents == ()


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"!")
