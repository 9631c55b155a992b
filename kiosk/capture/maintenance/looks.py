"""How the station stands, line by line: the state's screen and the network's.

On the worker's thread: it reads small files. Nothing is opened that a patient's data could be in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk import __version__
from kiosk.capture.calibrated import Calibrated
from kiosk.capture.hardware.interfaces import Camera, Lights, Pedal, Reader
from kiosk.capture.maintenance.balancing import standing_line
from kiosk.capture.maintenance.machine import HOT_C, free_bytes, machine
from kiosk.capture.maintenance.staff import Staff, staff
from kiosk.capture.ui.service import Item, Line, Mark, Remark, Values
from kiosk.config import StationConfig
from kiosk.errors import KioskError, StorageError
from kiosk.model import ClockState, Moment
from kiosk.moment import wall_s
from kiosk.spool import Spool
from kiosk.spool.report import UploadReport, find
from kiosk.support_request import SupportRequest

OLD_REPORT_NS: Final = 120_000_000_000
"""The upload process tells every few seconds, also in the middle of a long file."""

_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What is looked at and tried.

    Attributes:
        config: the station's.
        camera: of the capture process.
        lights: the lamps.
        pedal: the pedal.
        reader: None where the station has none.
        spool: where sealed objects wait.
        now: every clock of the station.
        begun_ns: when the program began, monotonic nanoseconds.
        calibrated: what pictures are taken with.
        support: where a bundle is asked for, and told of.
    """

    config: StationConfig
    camera: Camera
    lights: Lights
    pedal: Pedal
    reader: Reader | None
    spool: Spool
    now: Callable[[], Moment]
    begun_ns: int
    calibrated: Calibrated
    support: SupportRequest


def state_lines(parts: Parts) -> tuple[Line, ...]:
    """Return what there is to know of the station."""
    config, now = parts.config, parts.now()
    told = machine()
    uptime = "?" if told.uptime is None else span(told.uptime)
    running = span((now.monotonic_ns - parts.begun_ns) / _S)
    report = _report(config)
    return (
        Line(Item.STATION, text=config.station.name),
        Line(Item.VERSION, text=__version__),
        Line(Item.UPTIME, Remark.UPTIME, (("machine", uptime), ("program", running))),
        *_spool(parts, now),
        _arrived(report, now),
        clock_line(now.clock),
        temperature_line(told.temperature),
        power_line(told.weak_supply),
        *_devices(parts),
        *staff_lines(staff(config.station.operators)),
    )


def network_lines(parts: Parts) -> tuple[Line, ...]:
    """Return what the upload process told of the clinic's server."""
    now = parts.now()
    first = told_line(parts)
    try:
        report = _current(parts.config, now)
    except StorageError:
        report = None
    if report is None:
        return (first,)
    return (
        Line(Item.SERVER, text=report.server),
        Line(Item.HOST_KEY, text=halved(report.host_key)),
        _ago(Item.REACHED, report.reached, now, Mark.GOOD),
        _ago(Item.ARRIVED, report.arrived, now, Mark.PLAIN),
        _trouble(report),
        first,
    )


def told_line(parts: Parts) -> Line:
    """Return whether, and when, the upload process told anything."""
    now = parts.now()
    if parts.config.metrics.folder is None:
        return Line(Item.TOLD, Remark.REPORT_OFF, mark=Mark.UNSURE)
    try:
        report = _current(parts.config, now)
    except StorageError as error:
        return Line(Item.TOLD, text=error.sentence, mark=Mark.BAD)
    if report is None:
        return Line(Item.TOLD, Remark.NO_REPORT, mark=Mark.BAD)
    age = now.monotonic_ns - report.written
    said: Values = (("span", span(age / _S)),)
    if age > OLD_REPORT_NS:
        return Line(Item.TOLD, Remark.OLD_REPORT, said, mark=Mark.BAD)
    return Line(Item.TOLD, Remark.AGO, said, mark=Mark.GOOD)


def server_line(parts: Parts) -> Line:
    """Return whether the clinic's server is reached, in one line."""
    told = told_line(parts)
    if told.mark is not Mark.GOOD:
        return told
    now = parts.now()
    report = _current(parts.config, now)
    if report is None:
        return told
    trouble = _trouble(report)
    if trouble.mark is Mark.BAD:
        return trouble
    return _ago(Item.REACHED, report.reached, now, Mark.GOOD)


def clock_line(state: ClockState) -> Line:
    """Return whether something keeps the clock right."""
    if state is ClockState.SYNCHRONISED:
        return Line(Item.CLOCK, Remark.SYNCHRONISED, mark=Mark.GOOD)
    return Line(Item.CLOCK, Remark.UNSYNCHRONISED, mark=Mark.BAD)


def temperature_line(degrees: float | None) -> Line:
    """Return how warm the processor is."""
    if degrees is None:
        return Line(Item.TEMPERATURE, Remark.NOT_TOLD)
    said = f"{degrees:.0f} °C"
    if degrees >= HOT_C:
        return Line(Item.TEMPERATURE, Remark.HOT, (("degrees", said),), mark=Mark.BAD)
    return Line(Item.TEMPERATURE, text=said, mark=Mark.GOOD)


def power_line(weak: bool | None) -> Line:  # noqa: FBT001 - what the kernel told
    """Return whether the supply is strong enough."""
    if weak is None:
        return Line(Item.POWER, Remark.NOT_TOLD)
    if weak:
        return Line(Item.POWER, Remark.POWER_LOW, mark=Mark.BAD)
    return Line(Item.POWER, Remark.POWER_FINE, mark=Mark.GOOD)


def pedal_line(pedal: Pedal) -> Line:
    """Return whether the pedal is there."""
    return _device(Item.PEDAL, pedal.fault())


def reader_line(reader: Reader | None) -> Line:
    """Return whether the reader is there."""
    if reader is None:
        return Line(Item.READER, Remark.NO_READER)
    return _device(Item.READER, reader.fault())


def staff_lines(found: Staff | KioskError) -> tuple[Line, ...]:
    """Return how many can sign in, and which letters of the desk have come."""
    if isinstance(found, KioskError):
        return (Line(Item.OPERATORS, text=found.sentence, mark=Mark.BAD),)
    if not found.enrolled:
        return (Line(Item.OPERATORS, Remark.NOBODY_ENROLLED, mark=Mark.BAD),)
    numbers = (("operators", str(found.roster)), ("day", str(found.day or 0)))
    return (
        Line(Item.OPERATORS, text=str(found.enrolled)),
        Line(Item.LETTERS, Remark.LETTERS, numbers),
    )


def span(seconds: float) -> str:
    """Return a length of time in signs that every language shares: ``42 s``, ``3 d 4 h``."""
    whole = max(0, round(seconds))
    for unit, size, smaller, part in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60)):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole // 60} min" if whole >= 60 else f"{whole} s"  # noqa: PLR2004 - of a minute


def halved(fingerprint: str) -> str:
    """Return a fingerprint over two lines, so that it can be read and none of it is cut."""
    middle = len(fingerprint) // 2
    return f"{fingerprint[:middle]}\n{fingerprint[middle:]}"


def _spool(parts: Parts, now: Moment) -> tuple[Line, ...]:
    try:
        backlog = parts.spool.backlog()
    except StorageError as error:
        return (Line(Item.WAITING, text=error.sentence, mark=Mark.BAD),)
    free = free_bytes(parts.spool.root)
    room = Line(Item.DISK, Remark.NOT_TOLD)
    if free is not None:
        room = Line(Item.DISK, Remark.FREE, (("size", _size(free)),))
    oldest = Line(Item.OLDEST, Remark.NONE)
    if backlog.count:
        # The file's own time is of the wall clock, and so is this.
        since = max(0.0, wall_s(now) - backlog.oldest_ns / _S)
        oldest = Line(Item.OLDEST, Remark.AGO, (("span", span(since)),))
    return Line(Item.WAITING, text=str(backlog.count)), oldest, room


def _devices(parts: Parts) -> tuple[Line, ...]:
    identity, config = parts.camera.identity, parts.config
    still, preview = parts.camera.still_size, config.camera.preview
    mode = f"{still[0]} x {still[1]}, {preview[0]} x {preview[1]}"
    lamps = ", ".join(f"{one.name} ({one.pin})" for one in config.lights.channels)
    return (
        Line(Item.CAMERA, text=" ".join(filter(None, (identity.model, identity.serial)))),
        Line(Item.CAMERA_MODE, text=mode),
        standing_line(parts.calibrated, identity, parts.now()),
        Line(Item.LIGHT, text=lamps),
        pedal_line(parts.pedal),
        reader_line(parts.reader),
    )


def _device(item: Item, fault: str) -> Line:
    if fault:
        return Line(item, text=fault, mark=Mark.BAD)
    return Line(item, Remark.THERE, mark=Mark.GOOD)


def _report(config: StationConfig) -> UploadReport | None:
    """Return the newest report, None also where it cannot be read: the network's screen says so."""
    folder = config.metrics.folder
    try:
        return None if folder is None else find(folder)
    except StorageError:
        return None


def _current(config: StationConfig, now: Moment) -> UploadReport | None:
    """Return the newest report of this boot; errors of :func:`kiosk.spool.report.find`."""
    folder = config.metrics.folder
    report = None if folder is None else find(folder)
    return report if report is not None and report.boot == now.boot_id else None


def _arrived(report: UploadReport | None, now: Moment) -> Line:
    if report is None or report.boot != now.boot_id:
        return Line(Item.ARRIVED, Remark.NO_REPORT)
    return _ago(Item.ARRIVED, report.arrived, now, Mark.PLAIN)


def _trouble(report: UploadReport) -> Line:
    if report.error:
        return Line(Item.TROUBLE, text=report.error, mark=Mark.BAD)
    return Line(Item.TROUBLE, Remark.NO_TROUBLE)


def _ago(item: Item, since: int | None, now: Moment, mark: Mark) -> Line:
    if since is None:
        return Line(item, Remark.NOT_YET, mark=Mark.PLAIN if mark is Mark.PLAIN else Mark.UNSURE)
    return Line(item, Remark.AGO, (("span", span((now.monotonic_ns - since) / _S)),), mark=mark)


def _size(number: int) -> str:
    gigabyte = 1_000_000_000
    return f"{number // gigabyte} GB" if number >= gigabyte else f"{number // 1_000_000} MB"
