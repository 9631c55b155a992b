"""A support bundle that the screen has asked for: once, sealed to the clinic, or said why not."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from kiosk import cli_support, moment
from kiosk.capture.maintenance.sealing import put_support
from kiosk.cli import main
from kiosk.clinic.kinds import KINDS
from kiosk.commission.support.answering import Acts, answer
from kiosk.config import StationConfig
from kiosk.envelope.bundle import read_bundle
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.trial import SUPPORT, as_trial
from kiosk.errors import ConfigError, KioskError, StorageFull, SupportRefused, UsageError
from kiosk.spool import Spool
from kiosk.support_request import Sealed, Stage, SupportRequest, Told
from tests.capture.maintenance.sealed_station import Made, founded
from tests.commission.support_scene import BUNDLE, post
from tests.faults import killed

DONE = Sealed("0" * 32 + ".age", "trials/room-2/000007_2026-11-26.support.tar.gz")


@pytest.fixture
def here(tmp_path: Path) -> SupportRequest:
    for name in ("capture", "support"):
        (tmp_path / name).mkdir()
    return post(tmp_path)


class Station:
    """What is asked of it; ``waiting`` are the names in its spool."""

    def __init__(self) -> None:
        self.made = 0
        self.waiting: set[str] = set()
        self.fault: KioskError | None = None
        self.seen: list[Told | None] = []

    def acts(self, here: SupportRequest) -> Acts:
        def make() -> bytes:
            self.seen.append(here.last())
            assert here.asked() is None, "taken away before anything is done"
            self.made += 1
            if self.fault is not None:
                raise self.fault
            return BUNDLE

        def seal(bundle: bytes) -> Sealed:
            assert bundle == BUNDLE
            self.waiting.add(DONE.name)
            return DONE

        return Acts(make, seal, self.waiting.__contains__, nullcontext, lambda: 7)


def test_a_request_is_answered_once_and_told_step_by_step(here: SupportRequest) -> None:
    station = Station()
    here.ask()
    assert DONE.name in answer(here, station.acts(here))
    assert station.seen == [Told(stage=Stage.MAKING, at=7)]
    assert here.last() == Told(stage=Stage.SEALED, at=7, name=DONE.name, filed=DONE.filed)
    with pytest.raises(UsageError, match="Nobody has asked"):
        answer(here, station.acts(here))
    assert station.made == 1


def test_no_other_is_made_while_one_waits(here: SupportRequest) -> None:
    """Or whoever asks again and again could fill the disk."""
    station = Station()
    for _ in range(5):
        here.ask()
        answer(here, station.acts(here))
    assert station.made == 1
    station.waiting.clear()
    here.ask()
    answer(here, station.acts(here))
    assert station.made == 2


@pytest.mark.parametrize(
    "fault",
    [
        SupportRefused("journal.txt, line 3, has a word that may be a name."),
        StorageFull("The disk is too full."),
    ],
)
def test_what_keeps_it_from_being_made_is_told(here: SupportRequest, fault: KioskError) -> None:
    station = Station()
    station.fault = fault
    here.ask()
    with pytest.raises(type(fault)):
        answer(here, station.acts(here))
    assert here.last() == Told(stage=Stage.REFUSED, at=7, why=fault.sentence)
    assert station.waiting == set()
    station.fault = None
    here.ask()
    answer(here, station.acts(here))
    assert station.waiting == {DONE.name}


def test_what_is_no_request_is_not_answered(here: SupportRequest) -> None:
    station = Station()
    here.request.symlink_to("/etc/hostname")
    with pytest.raises(UsageError, match="expected an empty file"):
        answer(here, station.acts(here))
    assert (station.made, here.last()) == (0, None)


def test_a_damaged_note_does_not_keep_the_next_one_from_being_made(here: SupportRequest) -> None:
    here.told.write_bytes(b"\0")
    here.ask()
    assert "is sealed" in answer(here, Station().acts(here))


def test_the_request_is_taken_with_the_rights_of_who_asks(here: SupportRequest) -> None:
    inside = []

    @contextmanager
    def asker() -> Iterator[None]:
        inside.append(here.asked() is not None)
        yield
        inside.append(here.asked() is None)

    here.ask()
    answer(here, replace(Station().acts(here), as_asker=asker))
    assert inside == [True, True]


def test_the_clinic_alone_opens_it_and_knows_whose_it_is(tmp_path: Path) -> None:
    made = founded(tmp_path)
    sealed = put_support(made.config, BUNDLE, moment.now())
    (path,) = (tmp_path / "spool").iterdir()
    assert path.name == sealed.name
    assert BUNDLE not in path.read_bytes()
    opened = as_trial(
        read_bundle(open_sealed(io.BytesIO(path.read_bytes()), [made.identity]), KINDS)
    )
    opened.verify([made.key.public_key()])
    assert opened.members[SUPPORT] == BUNDLE
    day = opened.record.at.wall[:10]
    assert sealed.filed == f"trials/room-2/{opened.manifest.sequence:06d}_{day}.support.tar.gz"


def without_recipients(made: Made) -> StationConfig:
    made.config.sealing.recipients.unlink()
    return made.config


def without_room(made: Made) -> StationConfig:
    spool = msgspec.structs.replace(made.config.spool, reserve_mb=10**9)
    return msgspec.structs.replace(made.config, spool=spool)


@pytest.mark.parametrize(
    ("spoiled", "error", "words"),
    [
        (without_recipients, ConfigError, "sealing.recipients"),
        (without_room, StorageFull, "too full"),
    ],
)
def test_nothing_is_left_of_one_that_cannot_be_sealed(
    tmp_path: Path,
    spoiled: Callable[[Made], StationConfig],
    error: type[KioskError],
    words: str,
) -> None:
    config = spoiled(founded(tmp_path))
    with pytest.raises(error, match=words):
        put_support(config, BUNDLE, moment.now())
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_kill_before_any_step_sends_no_half_bundle_and_a_new_press_works(tmp_path: Path) -> None:
    count, wrong = killed.places("tests.commission.support_scene", tmp_path)
    assert wrong == []
    assert count > 15, "places at which it was killed"


def test_the_command_answers_with_a_bundle_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the real programs of the system, whatever they answer here."""
    made = founded(tmp_path)
    for name in ("capture", "support"):
        (tmp_path / name).mkdir()
    here = post(tmp_path)
    monkeypatch.setattr("kiosk.config_reading.load", lambda _: made.config)
    here.ask()
    said = cli_support.answered(tmp_path / "station.toml", here)
    told = here.last()
    assert told is not None
    assert told.name in said
    (path,) = (tmp_path / "spool").iterdir()
    assert path.name == told.name
    assert told.name in Spool(tmp_path / "spool").names()


def test_the_screen_is_answered_with_a_whole_bundle(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["support", "--asked", "--without", "journal.txt"]) == 2
    assert "--without is for a file (--out)" in capsys.readouterr().err
