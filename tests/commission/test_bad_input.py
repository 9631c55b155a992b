"""Bad input, and where each is told: by which row of `kiosk check`, and on which screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kiosk.capture import probes
from kiosk.capture.enrolling.refusals import refusal_of
from kiosk.capture.hardware.webcam import WebcamDevice
from kiosk.capture.ui.enrol_wording import EnrolWording
from kiosk.capture.ui.enrolling import Refusal
from kiosk.capture.ui.model import Backlog
from kiosk.capture.ui.wording import ENGLISH
from kiosk.capture.workflow import State
from kiosk.commission import machine
from kiosk.commission.checks import Check, Finding, Verdict, perform
from kiosk.commission.station import station_checks
from kiosk.config import Webcam
from kiosk.config_reading import load
from kiosk.enrol.sending import REFUSALS
from kiosk.enrol.station import Home, enrol
from kiosk.errors import (
    CameraError,
    ClockLost,
    EnrolmentCodeExpired,
    EnrolmentCodeUnknown,
    KioskError,
    ServerIdentityChanged,
)
from kiosk.model import ClockState
from kiosk.moment import require_plausible
from kiosk.records.enrolment import PENDING, REFUSAL
from kiosk.records.enrolment_code import Code
from tests.capture import bench as capture
from tests.commission.conftest import asked

NOW, LOST = datetime(2026, 12, 1, 8, 0, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)
SETTINGS = Path("/etc/kiosk/station.toml")


@dataclass(frozen=True)
class Told:
    """What a check's row says, and what the station's own screen says: each names what to do."""

    row: Finding
    title: str
    advice: str
    sentence: str


Case = Callable[[Any, Path, pytest.MonkeyPatch], Told]


def row(station: Any, name: str, *more: Check) -> Finding:  # noqa: ANN401 - conftest's StationTree
    every = (*station_checks(station.toml, None, station.place, asked), *more)
    return next(found.finding for found in perform([c for c in every if c.name == name]))


def refused(station: Any, error: KioskError | None, now: datetime = NOW) -> Told:  # noqa: ANN401
    """Enrol by the station's own function, at a server that answers so."""
    station.write(f"/etc/kiosk/{PENDING}", "")
    for key in ("ssh-key", "signing-key"):
        station.write(f"/etc/kiosk/keys/{key}.pub", station.desk.public_line())

    def send(*_: object) -> None:
        assert error is not None
        raise error

    code = Code.generate()
    with pytest.raises(KioskError) as caught:
        enrol(code.text(), station.config, Home(lambda: now, station.at("/etc/kiosk")), send)
    assert code.secret not in station.at(f"/etc/kiosk/{REFUSAL}").read_text("utf-8")
    means = refusal_of(caught.value.code)
    assert means is not Refusal.OTHER
    said = EnrolWording().refusals[means]
    return Told(row(station, "enrolment"), said.title, said.lead, caught.value.sentence)


def out_of_order(found: Finding, sentence: str) -> Told:
    notice = ENGLISH.notices[State.OUT_OF_ORDER]
    return Told(found, notice.title, notice.advice, sentence)


def wrong_code(station: Any, _: Path, __: object) -> Told:  # noqa: ANN401
    return refused(station, EnrolmentCodeUnknown("The server does not know this code."))


def expired_code(station: Any, _: Path, __: object) -> Told:  # noqa: ANN401
    sentence = REFUSALS["expired"].format(station="room-2")
    return refused(station, EnrolmentCodeExpired(sentence))


def wrong_server_key(station: Any, _: Path, __: object) -> Told:  # noqa: ANN401
    return refused(station, ServerIdentityChanged("It shows another host key than the card's."))


def clock_at_enrolment(station: Any, _: Path, __: object) -> Told:  # noqa: ANN401
    return refused(station, None, LOST)


def clock_of_a_started_station(_: Any, __: Path, ___: object) -> Told:  # noqa: ANN401
    (found,) = perform(
        [Check("clock", lambda: machine.clock(lambda: ClockState.SYNCHRONISED, LOST))]
    )
    with pytest.raises(ClockLost) as caught:
        require_plausible(LOST)
    return out_of_order(found.finding, caught.value.sentence)


def no_camera(_: Any, folder: Path, __: object) -> Told:  # noqa: ANN401
    config = capture.settings(folder, folder)
    absent = Webcam(**{**_common(config.camera), "device": Path("/dev/video63")})
    with pytest.raises(CameraError) as caught:
        WebcamDevice(absent).start()
    tried = probes.probes(replace(config, camera=absent))["camera"]
    (found,) = perform([Check("camera", lambda: Finding(Verdict.OK, tried()))])
    return out_of_order(found.finding, _shown_without(folder, caught.value))


def _common(section: Any) -> dict[str, Any]:  # noqa: ANN401 - a camera's section
    known = set(Webcam.__struct_fields__)
    return {key: getattr(section, key) for key in section.__struct_fields__ if key in known}


def _shown_without(folder: Path, error: CameraError) -> str:
    """Return what the running program shows of a camera that does not start."""
    folder = folder / "running"
    folder.mkdir()
    with capture.set_up(folder) as bench:
        bench.until_state(State.SIGNED_OUT)
        bench.camera.live_failure = bench.camera.failure = error
        bench.until_state(State.OUT_OF_ORDER)
        return bench.screen.shown[-1].fault


def wrong_overlay(station: Any, folder: Path, patch: pytest.MonkeyPatch) -> Told:  # noqa: ANN401
    """The driver finds no camera without its overlay, which the screen says; the row says why."""
    station.at("/boot/firmware/kiosk-imx477.txt").unlink()
    seen = no_camera(station, folder, patch)
    return Told(row(station, "firmware"), seen.title, seen.advice, seen.sentence)


def two_lamps_on_one_pin(station: Any, _: Path, __: object) -> Told:  # noqa: ANN401
    path = station.at(station.toml)
    text = path.read_text("utf-8")
    path.write_text(text.replace("pin = 13", "pin = 12"))
    assert path.read_text("utf-8") != text
    with pytest.raises(KioskError) as caught:
        load(path)
    return out_of_order(row(station, "configuration"), caught.value.sentence)


def full_card(station: Any, folder: Path, patch: pytest.MonkeyPatch) -> Told:  # noqa: ANN401
    with capture.set_up(folder) as bench:
        bench.begin()
        real = os.statvfs(folder)
        patch.setattr(os, "statvfs", lambda _: _full(real))
        bench.aim()
        bench.until_state(State.STORAGE_FAULT)
        shown = bench.screen.shown[-1]
    notice = ENGLISH.notices[State.STORAGE_FAULT]
    return Told(row(station, "spool"), notice.title, notice.advice, shown.fault)


def _full(real: os.statvfs_result) -> os.statvfs_result:
    """f_bfree and f_bavail, statvfs(3)."""
    return os.statvfs_result((*real[:3], 0, 0, *real[5:]))


CASES: Sequence[tuple[Case, str, str]] = (
    # what, in the row, on the screen
    (wrong_code, "The last try, 2026-12-01 08:00 UTC: The server does not know", "not know"),
    (expired_code, "This code has expired; have a new one made", "expired"),
    (wrong_server_key, "another host key", "ask the clinic's IT"),
    (clock_at_enrolment, "clock says 1970", "clock is not set"),
    (clock_of_a_started_station, "clock says 1970", "clock says 1970"),
    (no_camera, "/dev/video63", "/dev/video63"),
    (wrong_overlay, "kiosk-imx477.txt", "/dev/video63"),
    (two_lamps_on_one_pin, "pin 12", "pin 12"),
    (full_card, "MB are needed", "MB are needed"),
)


@pytest.mark.parametrize(
    ("case", "words"),
    [(case, words) for case, *words in CASES],
    ids=[case.__name__ for case, *_ in CASES],
)
def test_bad_input_is_named_by_the_check_and_on_the_screen(
    station: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: Case,
    words: tuple[str, str],
) -> None:
    folder = tmp_path / "beside"
    folder.mkdir()
    told = case(station, folder, monkeypatch)
    in_row, on_screen = words
    assert told.row.verdict is Verdict.WRONG
    assert in_row in told.row.sentence
    assert "\n" not in told.row.sentence
    said = f"{told.title} {told.advice} {told.sentence}"
    assert on_screen.lower() in said.lower()
    assert told.advice
    assert "\n" not in told.sentence


def test_a_wrong_server_key_of_a_started_station_is_on_every_screen() -> None:
    """By what the upload process tells: tests/capture/test_backlog.py."""
    assert "Server not recognised, call IT" in ENGLISH.backlog(Backlog(2, stranger=True))


def test_the_last_refusal_goes_with_the_enrolment(station: Any) -> None:  # noqa: ANN401
    refused(station, EnrolmentCodeUnknown("The server does not know this code."))
    home = Home(lambda: NOW, station.at("/etc/kiosk"))
    enrol(Code.generate().text(), station.config, home, lambda *_: None)
    assert not station.at(f"/etc/kiosk/{REFUSAL}").exists()
    assert not station.at(f"/etc/kiosk/{PENDING}").exists()


@pytest.mark.parametrize("content", ["", "{}", "[1]"])
def test_a_refusal_of_another_version_hides_nothing(
    station: Any,  # noqa: ANN401
    content: str,
) -> None:
    station.write(f"/etc/kiosk/{PENDING}", "")
    station.write(f"/etc/kiosk/{REFUSAL}", content)
    assert "waits for its enrolment code" in row(station, "enrolment").sentence
