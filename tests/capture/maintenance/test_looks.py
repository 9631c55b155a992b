"""What the technician is told: of the machine, the spool, the desk's letters and the server."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import moment
from kiosk.capture.maintenance.looks import (
    OLD_REPORT_NS,
    Parts,
    clock_line,
    network_lines,
    server_line,
    span,
    state_lines,
    told_line,
)
from kiosk.capture.maintenance.machine import Machine, free_bytes, machine
from kiosk.capture.maintenance.staff import Staff, staff
from kiosk.capture.ui.service import Item, Line, Mark, Remark
from kiosk.config import Metrics, StationConfig
from kiosk.errors import KioskError
from kiosk.model import ClockState
from kiosk.spool.report import REPORT, UploadReport, leave
from tests.capture.bench import Bench, set_up
from tests.capture.people.clinic_keys import Person

S = 1_000_000_000


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with set_up(tmp_path, people=(Person(id="ben"),)) as made:
        yield made


def parts(bench: Bench) -> Parts:
    return bench.maintenance._parts


def lines(found: tuple[Line, ...]) -> dict[Item, Line]:
    return {line.item: line for line in found}


def report(**changes: object) -> UploadReport:
    now = moment.now()
    made = UploadReport(
        boot=now.boot_id, written=now.monotonic_ns, server="192.0.2.5:22", host_key="SHA256:abcd"
    )
    fields = {name: getattr(made, name) for name in UploadReport.__struct_fields__}
    return UploadReport(**{**fields, **changes})


def test_the_state_counts_what_waits_and_who_is_enrolled(bench: Bench) -> None:
    before = bench.spool.count()  # the patient's consent among it
    for content in (b"one", b"two"):
        with bench.spool.put() as writer:
            writer.write(content)
    found = lines(state_lines(parts(bench)))
    assert found[Item.STATION].text == "room-2"
    assert found[Item.WAITING].text == str(before + 2)
    assert found[Item.OLDEST].remark is Remark.AGO
    assert found[Item.DISK].remark is Remark.FREE
    assert found[Item.OPERATORS].text == "2"
    assert dict(found[Item.LETTERS].values) == {"operators": "1", "day": "0"}
    assert found[Item.PEDAL].remark is Remark.THERE
    assert found[Item.LIGHT].text == "left (12), right (13)"
    assert found[Item.CAMERA_MODE].text == "64 x 48, 64 x 64"
    assert found[Item.ARRIVED].remark is Remark.NO_REPORT


def test_what_is_wrong_is_marked(bench: Bench) -> None:
    bench.pedal.unplug()
    bench.spool.root.rename(bench.spool.root.with_name("gone"))
    (bench.house.root / "operators/roster.json").write_text("{}", encoding="ascii")
    found = lines(state_lines(parts(bench)))
    for item in (Item.PEDAL, Item.WAITING, Item.OPERATORS):
        assert found[item].mark is Mark.BAD
        assert found[item].text
    bench.spool.root.with_name("gone").rename(bench.spool.root)


def test_the_network_says_what_the_upload_process_told(bench: Bench) -> None:
    now = moment.now().monotonic_ns
    leave(bench.house.root, report(reached=now - 70 * S, arrived=now - 3700 * S))
    found = lines(network_lines(parts(bench)))
    assert found[Item.SERVER].text == "192.0.2.5:22"
    assert found[Item.HOST_KEY].text.replace("\n", "") == "SHA256:abcd"
    assert found[Item.REACHED] == Line(Item.REACHED, Remark.AGO, (("span", "1 min"),), mark=GOOD)
    assert found[Item.ARRIVED].values == (("span", "1 h 1 min"),)
    assert found[Item.TROUBLE].remark is Remark.NO_TROUBLE
    assert found[Item.TOLD].mark is GOOD
    assert server_line(parts(bench)).item is Item.REACHED
    assert lines(state_lines(parts(bench)))[Item.ARRIVED].values == (("span", "1 h 1 min"),)


GOOD = Mark.GOOD


def test_trouble_is_said_in_its_own_words(bench: Bench) -> None:
    leave(bench.house.root, report(error="The server does not answer.", failed=1))
    found = lines(network_lines(parts(bench)))
    assert found[Item.TROUBLE] == Line(
        Item.TROUBLE, text="The server does not answer.", mark=Mark.BAD
    )
    assert server_line(parts(bench)) == found[Item.TROUBLE]
    assert found[Item.REACHED] == Line(Item.REACHED, Remark.NOT_YET, mark=Mark.UNSURE)


def test_a_report_that_proves_nothing_is_not_believed(bench: Bench) -> None:
    folder, here = bench.house.root, parts(bench)
    assert told_line(here) == Line(Item.TOLD, Remark.NO_REPORT, mark=Mark.BAD)
    leave(folder, report(boot="another boot"))
    assert told_line(here).remark is Remark.NO_REPORT
    assert network_lines(here) == (told_line(here),)
    leave(folder, report(written=moment.now().monotonic_ns - OLD_REPORT_NS - S))
    assert told_line(here).remark is Remark.OLD_REPORT
    assert server_line(here).mark is Mark.BAD
    (folder / REPORT).write_text("{", encoding="ascii")
    assert told_line(here).mark is Mark.BAD
    assert "is no report of the upload process" in told_line(here).text
    off = dataclasses.replace(here, config=_with(here, Metrics(folder=None)))
    assert told_line(off) == Line(Item.TOLD, Remark.REPORT_OFF, mark=Mark.UNSURE)


def _with(here: Parts, metrics: Metrics) -> StationConfig:
    fields = {name: getattr(here.config, name) for name in here.config.__struct_fields__}
    return type(here.config)(**{**fields, "metrics": metrics})


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (90_000, "1 d 1 h"),
        (-5, "0 s"),
    ],
)
def test_lengths_of_time_are_said_in_signs(seconds: float, said: str) -> None:
    assert span(seconds) == said


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")


@pytest.mark.parametrize(("alarm", "weak"), [("0", False), ("1", True), ("?", None)])
def test_the_machine_tells_what_it_knows(tmp_path: Path, alarm: str, *, weak: bool | None) -> None:
    assert machine(tmp_path) == Machine(None, None, None)
    write(tmp_path / "sys/class/thermal/thermal_zone0/temp", "54200\n")
    write(tmp_path / "sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    write(tmp_path / "sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    write(tmp_path / "sys/class/hwmon/hwmon1/in0_lcrit_alarm", f"{alarm}\n")
    write(tmp_path / "proc/uptime", "273600.25 1000.00\n")
    assert machine(tmp_path) == Machine(54.2, weak, 273600.25)


def test_a_disk_that_cannot_be_asked_is_none(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "gone") is None
    assert free_bytes(tmp_path)


def test_nobody_has_been_enrolled_yet(tmp_path: Path) -> None:
    assert staff(tmp_path) == Staff()
    assert isinstance(staff(tmp_path / "gone"), Staff)
    (tmp_path / "roster.json").mkdir()
    assert isinstance(staff(tmp_path), KioskError)


def test_the_clock_is_right_or_is_not() -> None:
    assert clock_line(ClockState.SYNCHRONISED).mark is Mark.GOOD
    assert clock_line(ClockState.UNSYNCHRONISED).mark is Mark.BAD
