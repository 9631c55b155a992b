"""What the upload process tells: read by Prometheus' own parser, and by the capture process."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kiosk import __version__
from kiosk.capture.maintenance.figures import capture_figures
from kiosk.capture.maintenance.machine import Machine
from kiosk.capture.maintenance.staff import Staff
from kiosk.errors import (
    LoginRefused,
    ServerUnreachable,
    StorageFailed,
    TransferRefused,
    UploadError,
)
from kiosk.metrics import CAPTURE, UPLOAD, publish
from kiosk.model import ClockState, Moment
from kiosk.spool import Spool
from kiosk.spool.report import REPORT, find
from kiosk.upload.ledger import Ledger
from kiosk.upload.telling import PERIOD_S, Clocks, Server, Telling
from kiosk.upload.transfer import Job, Outcome
from kiosk.upload.uploader import Uploader
from tests.upload.conftest import Clock
from tests.upload.test_uploader import Script, arrived, fill, refused

BOOT = "00000000-0000-4000-8000-000000000000"
SERVER = Server("sftp.clinic.example:22", "SHA256:abcd")


@dataclass
class Times:
    """A clock that moves when the test says so."""

    ns: int = 10_000_000_000
    state: ClockState = ClockState.SYNCHRONISED

    def now(self) -> Moment:
        second = self.ns // 10**9 % 60
        wall = f"2026-11-26T14:05:{second:02d}.000+00:00"
        return Moment(wall, self.ns, BOOT, self.state)

    def clocks(self) -> Clocks:
        return Clocks(lambda: self.ns, self.now)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    (tmp_path / "spool").mkdir()
    return Spool(tmp_path / "spool")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "metrics").mkdir()
    return tmp_path / "metrics"


def figures(folder: Path, name: str = UPLOAD) -> dict[str, float]:
    """Return every sample by its name and label."""
    found = {}
    for family in text_string_to_metric_families((folder / name).read_text("utf-8")):
        for sample in family.samples:
            label = "".join(f"{{{value}}}" for value in sample.labels.values())
            found[f"{sample.name}{label}"] = sample.value
    return found


def test_figures_say_what_waits_and_what_came_of_it(spool: Spool, folder: Path) -> None:
    times = Times()
    ledger = Ledger(times.now)
    telling = Telling(folder, SERVER, spool, ledger, times.clocks())
    fill(spool, b"one", b"three")
    telling.tell()
    before = figures(folder)
    assert before[f"kiosk_build_info{{{__version__}}}"] == 1
    assert (before["kiosk_spool_objects"], before["kiosk_spool_bytes"]) == (2, 8)
    assert before["kiosk_spool_free_bytes"] > 0
    assert before["kiosk_upload_last_success_timestamp_seconds"] == 0
    assert before["kiosk_upload_failures_total{server-unreachable}"] == 0
    assert before["kiosk_clock_synchronised"] == 1
    ledger.reached()
    ledger.took(3)
    ledger.took(5)
    ledger.failed(ServerUnreachable("No."))
    ledger.refused(TransferRefused("No."))
    ledger.refused(StorageFailed("The card."))
    times.ns += round(PERIOD_S * 1e9)
    times.state = ClockState.UNSYNCHRONISED
    telling.tell()
    after = figures(folder)
    assert after["kiosk_upload_objects_total"] == 2
    assert after["kiosk_upload_bytes_total"] == 8
    assert after["kiosk_upload_failures_total{server-unreachable}"] == 1
    assert after["kiosk_upload_failures_total{login-refused}"] == 0
    assert after["kiosk_upload_refusals_total{transfer-refused}"] == 1
    assert after["kiosk_upload_refusals_total{storage-failed}"] == 1
    assert after["kiosk_upload_last_success_timestamp_seconds"] == 1_795_701_910
    assert after["kiosk_clock_synchronised"] == 0


def test_the_age_of_the_oldest_is_by_the_wall_clock_and_never_negative(
    spool: Spool, folder: Path
) -> None:
    """A station without a network begins in 1970, and what it saved then is old later."""
    fill(spool, b"one")
    for times, least, most in ((Times(), 0, 10**9), (_in_1970(), 0, 0)):
        Telling(folder, SERVER, spool, Ledger(), times.clocks()).tell()
        assert least <= figures(folder)["kiosk_spool_oldest_age_seconds"] <= most


def _in_1970() -> Times:
    class Early(Times):
        def now(self) -> Moment:
            return Moment("1970-01-01T00:05:00.000+00:00", self.ns, BOOT, self.state)

    return Early()


def test_it_tells_now_and_then_and_not_at_every_turn(spool: Spool, folder: Path) -> None:
    times = Times()
    telling = Telling(folder, SERVER, spool, Ledger(times.now), times.clocks())
    telling.tell()
    (folder / UPLOAD).unlink()
    times.ns += round(PERIOD_S * 1e9) - 1
    telling.tell()
    assert not (folder / UPLOAD).exists()
    times.ns += 1
    telling.tell()
    assert (folder / UPLOAD).exists()


def test_the_report_is_what_the_screen_reads(spool: Spool, folder: Path) -> None:
    times = Times()
    ledger = Ledger(times.now)
    telling = Telling(folder, SERVER, spool, ledger, times.clocks())

    def told() -> tuple[int | None, int | None, str, str]:
        times.ns += round(PERIOD_S * 1e9)
        telling.tell()
        report = find(folder)
        assert report is not None
        assert (report.boot, report.server, report.host_key) == (BOOT, SERVER.name, "SHA256:abcd")
        assert report.written == times.ns
        return report.reached, report.arrived, report.error, report.code

    assert told() == (None, None, "", "")
    ledger.failed(LoginRefused("The server does not let the station in."))
    refusal = ("The server does not let the station in.", "login-refused")
    assert told() == (None, None, *refusal)
    ledger.reached()
    reached = times.ns
    assert told() == (reached, None, *refusal)
    ledger.took(3)
    assert told() == (reached, times.ns - round(PERIOD_S * 1e9), "", "")
    assert (folder / REPORT).stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_gone_holds_up_nothing_and_is_said_once(
    spool: Spool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    times = Times()
    telling = Telling(tmp_path / "gone", SERVER, spool, Ledger(), times.clocks())
    for _ in range(3):
        telling.tell()
        times.ns += 60 * 10**9
    assert len(caplog.records) == 1
    assert "nobody can be told how uploads fare" in caplog.records[0].message


def test_nobody_is_told_where_that_is_not_wanted(spool: Spool) -> None:
    def never() -> int:
        raise AssertionError("no clock is asked")

    Telling(None, SERVER, spool, Ledger(), Clocks(never)).tell()


def run(spool: Spool, script: Script, ledger: Ledger, fails: list[UploadError]) -> None:
    clock = Clock(lambda: not spool.entries())

    def connect() -> Script:
        if fails:
            raise fails.pop(0)
        return script

    Uploader(spool, lambda: nullcontext(connect()), clock, ledger=ledger).run()


def test_the_ledger_is_told_of_everything_by_the_loop(spool: Spool) -> None:
    fill(spool, b"one", b"three")
    ledger, script = Ledger(), Script()
    refusals = [refused]

    def answer(job: Job) -> Outcome:
        return refusals.pop()(job) if refusals else arrived(job)

    script.answer = answer
    run(spool, script, ledger, [ServerUnreachable("No."), LoginRefused("No.")])
    assert (ledger.arrived, ledger.arrived_bytes) == (2, 8)
    assert dict(ledger.failures) == {"server-unreachable": 1, "login-refused": 1}
    assert dict(ledger.refusals) == {"transfer-refused": 1}
    assert ledger.trouble is None, "all has arrived since"
    assert ledger.reached_at is not None
    assert ledger.arrived_at is not None


def test_the_two_processes_tell_no_figure_twice(spool: Spool, folder: Path) -> None:
    """Node exporter refuses a name that stands in two files with another help."""
    times = Times()
    Telling(folder, SERVER, spool, Ledger(), times.clocks()).tell()
    publish(
        folder,
        CAPTURE,
        capture_figures(Staff(6, 14), Machine(54.2, weak_supply=True, uptime=1.0), times.now()),
    )
    capture = figures(folder, CAPTURE)
    assert not capture.keys() & figures(folder).keys()
    assert capture["kiosk_people_enrolled"] == 6
    assert capture["kiosk_temperature_celsius"] == 54.2
    assert capture["kiosk_supply_weak"] == 1
    publish(
        folder, CAPTURE, capture_figures(StorageFailed("x"), Machine(None, None, None), times.now())
    )
    assert figures(folder, CAPTURE).keys() == {"kiosk_capture_told_timestamp_seconds"}


def test_a_damaged_report_is_said(folder: Path, spool: Spool) -> None:
    assert find(folder) is None
    times = Times()
    Telling(folder, SERVER, spool, Ledger(), times.clocks()).tell()
    document = json.loads((folder / REPORT).read_text("utf-8"))
    (folder / REPORT).write_text(json.dumps({**document, "patient": "x"}), encoding="utf-8")
    with pytest.raises(StorageFailed, match=r"upload\.json is no report of the upload process"):
        find(folder)
    report = dict(document, reached=-1)
    (folder / REPORT).write_text(json.dumps(report), encoding="utf-8")
    with pytest.raises(StorageFailed):
        find(folder)
