"""Collects what goes into a support bundle: these members, and nothing else."""

from __future__ import annotations

import json
import os
import platform
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kiosk import __version__, moment
from kiosk.commission.checks import Check, perform
from kiosk.commission.digests import RECORD, file_digest
from kiosk.commission.machine_paths import BOOT
from kiosk.commission.place import SERVICES, Place
from kiosk.commission.report import as_json
from kiosk.commission.support import settings
from kiosk.commission.support.journal import LINES, blotted, kernel_text, service_text
from kiosk.commission.support.scan import FINGERPRINT
from kiosk.config import StationConfig
from kiosk.errors import KioskError
from kiosk.metrics import CAPTURE, UPLOAD
from kiosk.spool import Spool

UNITS: Final = ("kiosk.target", *SERVICES, "tmp.mount", "var-tmp.mount")

_SHOWN: Final = (
    "LoadState,UnitFileState,ActiveState,SubState,Result,NRestarts,ExecMainCode,ExecMainStatus"
)

_UNFOLLOWED: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_MOST: Final = 64 * 1024

Run = Callable[[Sequence[str]], list[str]]
"""Runs a program and returns the lines that it printed; raises StorageFailed."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the bundle.

    Attributes:
        name: of the file.
        about: what it is, in a sentence for CONTENTS.txt.
        text: what it holds.
        figures: whether the program itself made every number in it.
        public: tokens in it that look like secrets and are none.
    """

    name: str
    about: str
    text: str
    figures: bool = False
    public: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Means:
    """Where to look, and how.

    Attributes:
        place: the machine's tree.
        run: runs ``journalctl`` and ``systemctl``.
        config: the station's; None where it cannot be read, which the checks say.
        checks: those that need no device.
    """

    place: Place
    run: Run
    config: StationConfig | None
    checks: tuple[Check, ...]


def collect(means: Means) -> tuple[Member, ...]:
    """Return every member; what cannot be had says why in its own place."""
    config = means.config
    about_config = () if config is None else (_settings(config), _spool(means, config))
    figures = () if config is None or config.metrics.folder is None else _figures(means, config)
    return (
        _about(means),
        *about_config,
        _checks(means),
        _units(means),
        *(_journal(means, unit) for unit in SERVICES),
        _kernel(means),
        _files(means),
        *figures,
    )


def _about(means: Means) -> Member:
    place = means.place
    release = dict(
        line.split("=", 1) for line in _text(place, "/etc/os-release").splitlines() if "=" in line
    )
    document = {
        "program": __version__,
        "python": platform.python_version(),
        "system": release.get("PRETTY_NAME", "").strip('"'),
        "kernel": _text(place, "/proc/sys/kernel/osrelease").strip(),
        "model": _text(place, "/proc/device-tree/model").strip("\0\n"),
        "made": moment.now().wall[:19],
        "clock": moment.clock_state().value,
        "uptime_seconds": _text(place, "/proc/uptime").partition(".")[0],
    }
    return _json("about.json", "Versions, machine, time.", document)


def _settings(config: StationConfig) -> Member:
    about = "The settings; keys by fingerprint, secrets withheld."
    return _json("settings.json", about, settings.told(config))


def _spool(means: Means, config: StationConfig) -> Member:
    spool = Spool(means.place.at(config.spool.path), config.spool.reserve_mb * 1_000_000)
    try:
        backlog = spool.backlog()
        disk = os.statvfs(spool.root)
        document: dict[str, Any] = {
            "objects": backlog.count,
            "bytes": backlog.bytes,
            "oldest": backlog.oldest_ns // 1_000_000_000,
            "strangers": len(spool.strangers()),
            "free_bytes": disk.f_bavail * disk.f_frsize,
        }
    except (KioskError, OSError) as error:
        document = {"error": blotted(str(error))}
    return _json("spool.json", "How much waits to be sent; no names.", document)


def _checks(means: Means) -> Member:
    text = "\n".join(map(_blotted, as_json(perform(means.checks)).splitlines())) + "\n"
    return Member("check.json", "kiosk check, without the devices and the server.", text)


def _units(means: Means) -> Member:
    lines: list[str] = []
    for unit in UNITS:
        shown = _ran(means, ["systemctl", "show", unit, f"--property={_SHOWN}"])
        lines += (f"[{unit}]", *shown)
    return Member("units.txt", "State of the units.", "".join(f"{line}\n" for line in lines))


def _journal(means: Means, unit: str) -> Member:
    command = ["journalctl", "--unit", unit, "--output=json", "--no-pager", f"--lines={LINES}"]
    about = f"What {unit} wrote; lines of libraries left out, long numbers blotted out."
    return Member(f"journal-{unit}.txt", about, service_text(_ran(means, command), unit))


def _kernel(means: Means) -> Member:
    command = ["journalctl", "--dmesg", "--output=json", "--no-pager"]
    about = "Known complaints of the kernel since it was started."
    return Member("kernel.txt", about, kernel_text(_ran(means, command)))


def _files(means: Means) -> Member:
    """Digests of what was installed and of what the firmware reads, recorded and as they are."""
    try:
        document = json.loads(_text(means.place, RECORD) or "{}")
        recorded = dict(document.get("files", {}))
    except (ValueError, AttributeError):
        recorded = {}
    boot = means.place.at(BOOT)
    firmware = [f"{BOOT}/{path.name}" for path in sorted(boot.glob("*.txt"))]
    found = {
        path: {"recorded": recorded.get(path), "now": _digest(means.place, path)}
        for path in sorted({*recorded, *firmware})
    }
    digests = [value for row in found.values() for value in row.values() if value]
    about = "SHA-256 of installed files and of the firmware's settings: as recorded, and now."
    return _json("files.json", about, found, public=digests)


def _figures(means: Means, config: StationConfig) -> tuple[Member, ...]:
    folder = means.place.at(config.metrics.folder or "/")
    return tuple(
        Member(
            name,
            "Figures, as a collector gets them.",
            _told_by_service(folder / name),
            figures=True,
        )
        for name in (UPLOAD, CAPTURE)
        if os.path.lexists(folder / name)
    )


def _told_by_service(path: Path) -> str:
    """Return what a service left; it may have left anything, so no link is followed."""
    try:
        with os.fdopen(os.open(path, _UNFOLLOWED), "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read(_MOST).decode("utf-8", "replace")
    except OSError as error:
        return f"This cannot be read: {error.strerror}.\n"
    return "This is no ordinary file.\n"


def _json(name: str, about: str, document: object, public: Iterable[str] = ()) -> Member:
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return Member(name, about, text, figures=True, public=frozenset(public))


def _blotted(line: str) -> str:
    """Blot a line out but for the fingerprints in it."""
    parts = FINGERPRINT.split(line)
    kept = [*FINGERPRINT.findall(line), ""]
    return "".join(f"{blotted(part)}{mark}" for part, mark in zip(parts, kept, strict=True))


def _ran(means: Means, command: Sequence[str]) -> list[str]:
    try:
        return means.run(command)
    except KioskError as error:
        return [blotted(error.sentence)]


def _text(place: Place, path: Path | str) -> str:
    """Return a file's text, empty where there is none."""
    here = path if isinstance(path, Path) and path.is_relative_to(place.root) else place.at(path)
    try:
        return here.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _digest(place: Place, path: str) -> str | None:
    try:
        return file_digest(place.at(path))
    except OSError:
        return None
