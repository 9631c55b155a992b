"""The collector answers stations that ask for earlier pictures of whom the day's list expects."""

from __future__ import annotations

import io
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.clinic.desk import KEY, Desk, Post
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.container import Shot, read_shot
from kiosk.envelope.letter import Kind, mailbox_name
from kiosk.envelope.recall import write_request
from kiosk.envelope.recipients import X25519, Identity, generate_identity, load_recipients
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.records.recall import RecallRequest, Wanted
from kiosk.records.shot import PatientReference
from kiosk.records.worklist import Expected, Worklist
from tests.clinic.collect_samples import NAME, SECOND, STATIONS, Collect, House
from tests.envelope.samples import INSTANT, sealed_of

FIRST, PATIENT, IMAGE = STATIONS[0], "P-4711", "2.25.1"
NONE = "0 taken, 0 there already, 0 set aside, 0 failed, 0 answered, 1 unanswered"


@dataclass
class Asking:
    """A station with a patient in the chair, of whom the clinic has one picture.

    Attributes:
        collect: runs the collector with the desk.
        session: opens the answers.
    """

    house: House
    collect: Callable[..., tuple[int, list[str]]]
    session: Identity

    @property
    def desk(self) -> Desk:
        return Desk(self.house.root / "desk")

    def expect(self, *numbers: str, days: int = 0, station: str = FIRST) -> Path:
        """Send a list for today, or for some days later."""
        now = datetime.now(UTC).astimezone() + timedelta(days=days)
        worklist = Worklist(
            station=station,
            clinic=NAME,
            day=now.date().isoformat(),
            entries=tuple(Expected(number=number, name="Maria Muster") for number in numbers),
        )
        body = encode_record(worklist, "day's list")
        to = self.desk.station(station)
        return self.desk.send(to, Kind.DAY, body, Post(self.house.server, now), sealed=True)

    def ask(self, *images: str, names: tuple[str, ...] = (), box: str = FIRST) -> Path:
        request = RecallRequest(
            station=FIRST,
            asked_at=INSTANT,
            session="2.25.9",
            patient=PatientReference(id=PATIENT, issuer="clinic.example"),
            recipient=str(self.session.recipient()),
            pictures=tuple(
                Wanted(image=image, answer=names[n] if names else f"{n:032x}")
                for n, image in enumerate(images or (IMAGE,))
            ),
        )
        out = io.BytesIO()
        write_request(out.write, request, self.house.signing[FIRST])
        sealed = sealed_of(out.getvalue(), load_recipients(self.house.keys.recipients))
        return self.house.put(sealed, box, f"{os.urandom(16).hex()}.ask")

    def answer(self, number: int = 0, box: str = FIRST) -> Path:
        return self.house.server / box / "out" / f"{number:032x}.age"

    def opened(self, number: int = 0) -> Shot:
        return read_shot(open_sealed(io.BytesIO(self.answer(number).read_bytes()), [self.session]))


@pytest.fixture
def asking(house: House, collect: Collect) -> Asking:
    def by_desk(*more: object) -> tuple[int, list[str]]:
        return collect(*house.desk_arguments(), *more)

    house.shot(1, uid=IMAGE)
    assert by_desk()[0] == 0
    return Asking(house, by_desk, generate_identity(X25519))


def test_who_is_on_the_days_list_is_answered_for(asking: Asking) -> None:
    asking.expect("P-9", PATIENT)
    request = asking.ask()
    code, said = asking.collect()
    assert code == 0
    assert said == [
        f"answered      {FIRST} {request.name}: an earlier picture",
        "0 taken, 0 there already, 0 set aside, 0 failed, 1 answered, 0 unanswered",
    ]
    shot = asking.opened()
    assert shot.record.uids.image == IMAGE
    assert shot.verify([asking.house.signing[FIRST].public_key()])
    assert stat.S_IMODE(asking.answer().stat().st_mode) == 0o440, "the server tells it by that"
    assert not request.exists()
    assert [path for path in asking.answer().parent.iterdir() if path.name.startswith(".")] == []
    assert asking.collect()[1] == [NONE.replace("1 un", "0 un")]


def test_a_picture_that_has_just_arrived_is_answered_with_by_the_same_run(asking: Asking) -> None:
    asking.expect(PATIENT)
    asking.house.shot(2, uid="2.25.5")
    asking.ask("2.25.5", IMAGE)
    assert asking.collect()[0] == 0
    assert [asking.opened(n).record.uids.image for n in (0, 1)] == ["2.25.5", IMAGE]


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(lambda _: None, id="no list"),
        pytest.param(lambda asking: asking.expect("P-9"), id="somebody else"),
        pytest.param(lambda asking: asking.expect(PATIENT, days=-1), id="yesterday"),
        pytest.param(lambda asking: asking.expect(PATIENT, days=1), id="tomorrow"),
        pytest.param(lambda asking: asking.expect(PATIENT, station=SECOND), id="another station"),
    ],
)
def test_nobody_else_is_and_the_request_waits_for_the_desk(
    asking: Asking, listed: Callable[[Asking], object]
) -> None:
    """A stolen station could ask for anybody."""
    listed(asking)
    request = asking.ask()
    assert asking.collect() == (0, [NONE])
    assert asking.collect("--quiet") == (0, [])
    assert not asking.answer().exists()
    asking.expect(PATIENT)
    assert asking.collect()[0] == 0
    assert asking.answer().exists()
    assert not request.exists()


def test_a_picture_that_is_not_there_yet_does_not_hold_up_the_others(asking: Asking) -> None:
    asking.expect(PATIENT)
    request = asking.ask("2.25.77", IMAGE)
    code, said = asking.collect()
    assert (code, said[-1][-24:]) == (0, "1 answered, 1 unanswered")
    before = asking.answer(1).read_bytes()
    assert request.exists()
    assert asking.collect("--quiet") == (0, []), "what was answered is not answered again"
    assert asking.answer(1).read_bytes() == before


def test_a_list_that_is_not_the_desks_counts_for_nothing(asking: Asking) -> None:
    """Whoever works on the server can put a file there, and has no key of the desk's."""
    key = asking.house.root / "desk" / KEY
    own = key.read_bytes()
    key.write_text(SigningKey.generate().private_text())
    asking.expect(PATIENT)
    key.write_bytes(own)
    asking.ask()
    code, said = asking.collect()
    assert code == 1
    assert "is not used" in said[-2]
    assert not asking.answer().exists()


def test_a_request_in_another_stations_drop_box_is_refused(asking: Asking) -> None:
    asking.expect(PATIENT)
    asking.expect(PATIENT, station=SECOND)
    asking.ask(box=SECOND)
    code, said = asking.collect()
    assert code == 1
    assert "expected the station's own" in said[0]
    assert not asking.answer(box=SECOND).exists()
    assert not asking.answer().exists()


def test_a_stolen_station_is_answered_nothing(asking: Asking) -> None:
    asking.expect(PATIENT)
    asking.desk.mark_stolen(FIRST, "2026-11-25T18:00:00+00:00")
    asking.ask()
    code, said = asking.collect()
    assert (code, said[-1][-24:]) == (0, "0 answered, 0 unanswered")
    assert not asking.answer().exists()


def test_without_a_desk_nobody_knows_who_is_expected(asking: Asking, collect: Collect) -> None:
    asking.expect(PATIENT)
    request = asking.ask()
    assert collect() == (0, ["0 taken, 0 there already, 0 set aside, 0 failed"])
    assert request.exists()


def test_no_letter_is_replaced_by_an_answer_of_its_name(asking: Asking) -> None:
    """A station knows the names of its own letters, and nothing else of it may end them."""
    letter = asking.expect(PATIENT)
    before = letter.read_bytes()
    name = mailbox_name(asking.desk.station(FIRST).mailbox, Kind.DAY)
    asking.ask(names=(name,))
    asking.collect()
    assert letter.read_bytes() == before


def test_answers_and_requests_of_an_hour_ago_are_removed_and_nothing_else(
    asking: Asking,
) -> None:
    """They would fill the disk of the drop box until the station is shut out."""
    letter = asking.expect(PATIENT)
    asking.ask()
    asking.collect()
    stale = asking.ask("2.25.77", names=("f" * 32,))
    fresh = asking.ask("2.25.78", names=("e" * 32,))
    receipts = set(asking.answer().parent.iterdir()) - {letter, asking.answer()}
    assert len(receipts) == 1
    long_ago = time.time() - 3700
    for path in (letter, asking.answer(), stale, *receipts):
        os.utime(path, (long_ago, long_ago))
    assert asking.collect("--quiet") == (0, [])
    assert not asking.answer().exists()
    assert not stale.exists()
    assert fresh.exists()
    assert set(letter.parent.iterdir()) == {letter, *receipts}


def test_junk_among_the_requests_stops_nothing(asking: Asking) -> None:
    asking.expect(PATIENT)
    asking.house.put(b"junk", FIRST, f"{'0' * 32}.ask")
    (asking.house.inbox() / f"{'1' * 32}.ask").mkdir()
    os.utime(asking.house.inbox() / f"{'1' * 32}.ask", (1, 1))
    asking.ask()
    code, said = asking.collect()
    assert code == 1
    assert said[-1].endswith("2 failed, 1 answered, 0 unanswered")
    assert asking.answer().exists()
