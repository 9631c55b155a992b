"""The trail on the disk: each act is there once it was noted, whatever happens next."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from kiosk import durable
from kiosk.capture.author import Author
from kiosk.capture.people.trail import HEAD, LONGEST_NS, MOST_ENTRIES, About, Trail
from kiosk.durable import Counter
from kiosk.envelope.audit import AUDIT, Segment, as_segment
from kiosk.envelope.bundle import read_bundle
from kiosk.envelope.recipients import X25519, generate_identity
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import ContainerError, StorageFailed, StorageFull
from kiosk.model import ClockState, Moment
from kiosk.records.audit import Act, Entry, faults
from kiosk.records.shot import PatientReference
from kiosk.spool import Spool
from tests.records.audit_samples import BOOTS

IDENTITY = generate_identity(X25519)
KEY = SigningKey.generate()
PATIENT = PatientReference(id="ZQ-4711", issuer="Lakeside Clinic")


@dataclass
class Clocks:
    """Every clock of the station, set by the test."""

    ns: int = 1
    boot: str = BOOTS[0]
    wall: str = "2026-11-25T10:00:00.000+00:00"
    clock: ClockState = ClockState.SYNCHRONISED

    def __call__(self) -> Moment:
        self.ns += 1_000
        return Moment(self.wall, self.ns, self.boot, self.clock)


class House:
    """A station's folders; each ``start`` is a program that has just been started."""

    def __init__(self, root: Path) -> None:
        self.folder, self.queue = root / "audit", root / "spool"
        self.folder.mkdir()
        self.queue.mkdir()
        self.counter = Counter(root / "sequence")
        self.counter.create()
        self.spool = Spool(self.queue, 1)
        self.clocks = Clocks()

    def start(self) -> Trail:
        author = Author("room-2", "Lakeside Clinic", KEY, [IDENTITY.recipient()], self.counter)
        trail = Trail(self.folder, self.spool, author, self.clocks)
        trail.recover()
        return trail

    def segments(self) -> list[Segment]:
        found = {}
        for entry in self.spool.entries():
            with self.spool.open(entry.name) as source:
                data = source.read()
            bundle = read_bundle(open_sealed(io.BytesIO(data), [IDENTITY]), [AUDIT])
            bundle.verify([KEY.public_key()])
            segment = as_segment(bundle)
            found[segment.manifest.sequence, len(segment.entries)] = segment
        return sorted(found.values(), key=lambda one: one.entries[0].number)

    def entries(self) -> list[Entry]:
        return [entry for segment in self.segments() for entry in segment.entries]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_what_was_noted_arrives_in_one_row(house: House) -> None:
    trail = house.start()
    assert trail.anchor() is None
    trail.note(Act.STARTED)
    trail.note(Act.SIGNED_IN, About(operator="ada"))
    trail.note(Act.PATIENT_OPENED, About(operator="ada", patient=PATIENT))
    anchor = trail.anchor()
    assert house.spool.count() == 0
    trail.close()
    (segment,) = house.segments()
    assert [entry.act for entry in segment.entries] == [
        Act.STARTED,
        Act.SIGNED_IN,
        Act.PATIENT_OPENED,
    ]
    assert segment.manifest.audit == anchor
    assert list(faults(segment.entries)) == []
    assert segment.entries[2].patient == PATIENT
    assert [path.name for path in house.folder.iterdir()] == [HEAD]


def test_a_long_trail_is_sent_in_segments_that_fit_together(house: House) -> None:
    trail = house.start()
    for _ in range(MOST_ENTRIES * 2 + 5):
        trail.note(Act.SHOT_TAKEN)
    assert [len(one.entries) for one in house.segments()] == [MOST_ENTRIES] * 2
    trail.close()
    entries = house.entries()
    assert [entry.number for entry in entries] == list(range(1, MOST_ENTRIES * 2 + 6))
    assert list(faults(entries)) == []
    assert [one.manifest.sequence for one in house.segments()] == [1, 2, 3]


def test_an_hour_closes_a_segment(house: House) -> None:
    trail = house.start()
    trail.note(Act.STARTED)
    house.clocks.ns += LONGEST_NS
    trail.note(Act.SIGNED_IN)
    assert [len(one.entries) for one in house.segments()] == [1]


def test_the_trail_goes_on_over_starts_and_jumps_of_the_clock(house: House) -> None:
    """1970, 2099, back again: the order is proven by the chain, and the clock's state is told."""
    walls = ["1970-01-01T00:00:10.000+00:00", "2099-01-01T00:00:00.000+00:00", Clocks().wall]
    for number, wall in enumerate(walls):
        house.clocks = Clocks(boot=BOOTS[number % 2], wall=wall, clock=ClockState.UNSYNCHRONISED)
        trail = house.start()
        trail.note(Act.STARTED)
        trail.note(Act.STOPPED)
        trail.close()
    entries = house.entries()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert list(faults(entries)) == []
    assert {entry.at.clock for entry in entries} == {ClockState.UNSYNCHRONISED}


def test_a_clock_that_jumps_is_written_down(house: House) -> None:
    trail = house.start()
    trail.note(Act.STARTED)
    house.clocks.wall = "1970-01-01T00:00:10.000+00:00"
    trail.note(Act.SIGNED_IN, About(operator="ada"))
    house.clocks.clock = ClockState.UNSYNCHRONISED
    trail.note(Act.SIGNED_OUT, About(operator="ada"))
    trail.note(Act.STOPPED)
    trail.close()
    said = [(entry.act, entry.detail) for entry in house.entries()]
    assert said[1][0] is Act.CLOCK_CHANGED
    assert said[1][1] is not None
    assert said[1][1].startswith("set -17")
    assert said[3] == (Act.CLOCK_CHANGED, "unsynchronised")
    assert [act for act, _ in said if act is not Act.CLOCK_CHANGED] == [
        Act.STARTED,
        Act.SIGNED_IN,
        Act.SIGNED_OUT,
        Act.STOPPED,
    ]
    assert list(faults(house.entries())) == []


def test_a_program_that_was_killed_loses_no_act(house: House) -> None:
    house.start().note(Act.STARTED)
    second = house.start()
    second.note(Act.SIGNED_IN, About(operator="ada"))
    second.note(Act.SIGN_IN_FAILED)
    third = house.start()
    third.note(Act.STARTED)
    third.close()
    acts = [Act.STARTED, Act.SIGNED_IN, Act.SIGN_IN_FAILED, Act.STARTED]
    assert [entry.act for entry in house.entries()] == acts
    assert list(faults(house.entries())) == []


class Killed(BaseException):
    """The program ends here."""


CALLS = ("fsync", "rename", "unlink", "open", "write")


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the program end before its n-th call that changes the disk."""

    def plant(after: int) -> None:
        calls = count()

        def wrap(real: Callable[..., object]) -> Callable[..., object]:
            def call(*args: object, **kwargs: object) -> object:
                if next(calls) >= after:
                    raise Killed
                return real(*args, **kwargs)

            return call

        for name in CALLS:
            monkeypatch.setattr(os, name, wrap(getattr(os, name)))
        for name in ("rename", "unlink"):
            monkeypatch.setattr(Path, name, wrap(getattr(Path, name)))

    return plant


@pytest.mark.parametrize("after", range(62))
def test_killed_at_each_call_the_trail_is_whole(
    tmp_path: Path,
    killer: Callable[[int], None],
    after: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House(tmp_path)
    trail = house.start()
    trail.note(Act.STARTED)
    acknowledged = 1
    killer(after)
    with pytest.raises(Killed):  # noqa: PT012 - at another call each time
        for _ in range(2):
            trail.note(Act.SHOT_TAKEN)
            acknowledged += 1
        trail.close()
        trail.note(Act.SHOT_ACCEPTED)
        acknowledged += 1
    monkeypatch.undo()
    again = house.start()
    again.note(Act.STOPPED)
    again.close()
    entries = house.entries()
    numbers = [entry.number for entry in entries]
    assert numbers == list(range(1, len(entries) + 1))
    assert len(entries) - 1 >= acknowledged, "an act that was answered to is lost"
    assert list(faults(entries)) == []


def full(*_: object, **__: object) -> None:
    raise StorageFull("The disk is full.")


def test_a_full_disk_refuses_the_act_and_leaves_the_trail_as_it_was(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = house.start()
    trail.note(Act.STARTED)
    before = trail.anchor()

    with monkeypatch.context() as patched:
        patched.setattr(durable, "replace_file", full)
        with pytest.raises(StorageFull):
            trail.note(Act.SHOT_TAKEN)
    assert trail.anchor() == before
    trail.note(Act.SHOT_ACCEPTED)
    trail.close()
    assert [entry.act for entry in house.entries()] == [Act.STARTED, Act.SHOT_ACCEPTED]
    assert list(faults(house.entries())) == []


def test_a_spool_that_refuses_keeps_the_segment_open(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = house.start()
    trail.note(Act.STARTED)

    def refuse() -> None:
        raise StorageFull("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(house.spool, "put", refuse)
        with pytest.raises(StorageFull):
            trail.close()
    trail.note(Act.STOPPED)
    trail.close()
    assert [entry.number for entry in house.entries()] == [1, 2]


def test_a_segment_that_was_sent_is_never_continued(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent, but that could not be written down: one number must not be of two segments."""
    trail = house.start()
    trail.note(Act.STARTED)

    with monkeypatch.context() as patched:
        patched.setattr(durable, "replace_file", full)
        with pytest.raises(StorageFull):
            trail.close()
    trail.note(Act.SIGNED_IN)
    trail = house.start()
    trail.note(Act.STOPPED)
    trail.close()
    segments = house.segments()
    assert [one.manifest.sequence for one in segments] == [1, 2, 3]
    assert list(faults(house.entries())) == []
    assert [entry.number for entry in house.entries()] == [1, 2, 3]


def test_a_damaged_end_is_not_papered_over(house: House) -> None:
    trail = house.start()
    trail.note(Act.STARTED)
    trail.close()
    (house.folder / HEAD).write_bytes(b"0000000000000000 \n")
    with pytest.raises(StorageFailed, match="is not begun anew"):
        house.start()


def test_nothing_in_clear_is_on_the_disk(house: House) -> None:
    trail = house.start()
    about = About("ada-example", PATIENT, "subject-7", "frontal_rest")
    trail.note(Act.PATIENT_OPENED, about)
    trail.close()
    trail.note(Act.PATIENT_OPENED, about)
    assert (house.spool.count(), len(list(house.folder.glob("*.open")))) == (1, 1)
    for path in [*house.folder.iterdir(), *house.queue.iterdir()]:
        content = path.read_bytes() + path.name.encode()
        for secret in (b"ada-example", b"ZQ-4711", b"subject-7", b"frontal", b"patient-opened"):
            assert secret not in content


def test_what_no_trail_may_say_leaves_it_as_it_was(house: House) -> None:
    trail = house.start()
    trail.note(Act.STARTED)
    with pytest.raises(ContainerError):
        trail.note(Act.SIGNED_IN, About(operator="Not A Slug"))
    trail.close()
    assert [entry.act for entry in house.entries()] == [Act.STARTED]
