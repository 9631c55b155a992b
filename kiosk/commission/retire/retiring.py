"""The order of a station's end, so that a run that was cut off is simply begun again.

First what the clinic lacks is taken along; then all is wiped but settings and signing key; then the
key signs the certificate; and only then it goes itself, the settings after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import __version__, moment
from kiosk.commission.asking import Ask
from kiosk.commission.commissioning import FOLDER as REPORTS
from kiosk.commission.place import KEYS, SERVICES, SETTINGS, Place, stored
from kiosk.commission.retire.certificate import Certificate, write_certificate
from kiosk.commission.retire.taking import FOLDER, take_along
from kiosk.commission.retire.wiping import files_in, wipe_files, wipe_folder
from kiosk.config import StationConfig
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import StorageError, UsageError
from kiosk.records.shot import Instant

STATION: Final = "station.toml"
_STOPPED: Final = frozenset({"inactive", "failed"})
IN_MEMORY: Final = ("/run/kiosk-share", "/run/kiosk-metrics")


@dataclass(frozen=True, slots=True)
class Order:
    """What a technician has asked for.

    Attributes:
        station: the name as it was typed, so that it is this one that is wiped.
        folder: where certificate and sealed objects go; on a medium that stays.
    """

    station: str
    folder: Path


def retire(order: Order, config: StationConfig, ask: Ask, place: Place) -> Certificate:
    """Wipe the station and certify it.

    Args:
        order: what was asked for.
        config: of the station.
        ask: runs ``systemctl`` and ``fstrim``.
        place: the station.

    Raises:
        UsageError: it must not be wiped, or not like this; nothing was changed.
        BadKey: the signing key cannot be read; nothing was changed.
        StorageError: systemd cannot be asked, or something could not be taken along, wiped or
            written; run it again.
    """
    _require_ready(order, config, ask, place)
    signing = place.at(stored(config.station.signing_key))
    key = SigningKey.load(signing)
    spool, state = place.at(config.spool.path), place.at(config.station.state)
    taken = take_along(spool, state / "audit", order.folder / FOLDER)
    folders = (config.spool.path, config.station.state, REPORTS, *map(Path, IN_MEMORY))
    wiped = [wipe_folder(place.at(path), str(path)) for path in folders if place.exists(path)]
    wipe_files(path for path in files_in(place.at(KEYS)) if path != signing)
    certificate = Certificate(
        station=config.station.name,
        clinic=config.station.clinic,
        software=__version__,
        key=key.public_key().fingerprint,
        at=Instant.of(moment.now()),
        machine=_told(place, ("/proc/device-tree/model", "/proc/device-tree/serial-number")),
        storage=_told(place, [f"/sys/block/mmcblk0/device/{one}" for one in ("name", "serial")]),
        taken=taken,
        wiped=tuple(wiped),
        trimmed=_trimmed(ask, folders[:2]),
    )
    write_certificate(order.folder, certificate, key)
    _wipe_settings(place.at(SETTINGS), signing)
    _trimmed(ask, [SETTINGS])
    return certificate


def _trimmed(ask: Ask, folders: Sequence[Path]) -> bool:
    """Give back the free space of these folders' file systems; whether all of it was taken."""
    # Not "--all": it passes over a root whose mount is read-only.
    refused = 0
    for folder in folders:
        try:
            ask(("fstrim", str(folder)))
        except StorageError:
            refused += 1  # said in the certificate, and no reason to keep anything
    return not refused


def _wipe_settings(folder: Path, signing: Path) -> None:
    """Wipe the settings, the key after them, and last what a run that is begun again must read."""
    last = [signing, folder / STATION]
    wipe_files(path for path in files_in(folder) if path not in last)
    wipe_files(path for path in last if path.is_file())


def _require_ready(order: Order, config: StationConfig, ask: Ask, place: Place) -> None:
    name = config.station.name
    if place.uid != 0:
        raise UsageError("Wiping a station needs root (sudo).")
    if order.station != name:
        raise UsageError(f"This station is {name!r}, not {order.station!r}; nothing was wiped.")
    if running := [unit for unit in SERVICES if _runs(unit, ask)]:
        raise UsageError(
            f"{' and '.join(running)} still runs; expected `sudo systemctl stop kiosk.target` "
            "before. Nothing was wiped."
        )
    doomed = [place.at(one) for one in (config.spool.path, config.station.state, SETTINGS)]
    target = order.folder.resolve()
    if any(target.is_relative_to(one.resolve()) for one in doomed):
        raise UsageError(
            f"{order.folder} is wiped with the station; expected a folder on a medium that stays."
        )


def _runs(unit: str, ask: Ask) -> bool:
    state = ask(("systemctl", "show", "--property=ActiveState", "--value", unit)).strip()
    return state not in _STOPPED


def _told(place: Place, paths: Sequence[str]) -> str:
    """Return what the system says in these files, "unknown" where it says nothing."""
    return ", ".join(filter(None, map(place.told, paths))) or "unknown"
