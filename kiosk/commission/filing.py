"""Files a check as a page and as a record: what it is headed with, and who signs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from kiosk import __version__, moment
from kiosk.commission.by_hand import by_hand
from kiosk.commission.checks import Result
from kiosk.commission.page import About, as_page, write_signed
from kiosk.commission.place import Place, stored
from kiosk.commission.report import as_json
from kiosk.config import StationConfig
from kiosk.config_reading import load
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import ConfigError, KioskError

LABELS: Final = {
    "station": "Station",
    "clinic": "Clinic",
    "checked_at": "Checked at",
    "letters_read_at": "Letters read at",
    "version": "Version",
    "machine": "Machine",
}
"""What both forms are headed with: its name in the record, and on the page."""


def file_page(
    path: Path,
    results: Iterable[Result],
    settings: Path,
    place: Place | None = None,
    facts: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """Write the page of a check, signed where the station's key can be read.

    Args:
        path: of the page.
        results: what was found.
        settings: ``station.toml``, as the station sees it.
        place: where to look; the running machine unless told otherwise.
        facts: what it is headed with, by the names of :data:`LABELS`; of the station as it is now,
            unless told otherwise.

    Returns:
        What was written.

    Raises:
        StorageError: it cannot be written.
    """
    here = place or Place()
    config = _config(settings, here)
    key = _key(config, here)
    said = facts_now(settings, here) if facts is None else facts
    headed = [(label, said[name]) for name, label in LABELS.items() if name in said]
    fingerprint = "" if key is None else key.public_key().fingerprint
    left = () if config is None else by_hand(config)
    page = as_page(results, About(headed, fingerprint, left))
    return write_signed(path, page, key)


def file_record(
    path: Path,
    results: Iterable[Result],
    settings: Path,
    place: Place | None = None,
    facts: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """Write the same as :func:`file_page` as JSON, for programs; it is signed in the same way."""
    here = place or Place()
    said = facts_now(settings, here) if facts is None else facts
    return write_signed(path, as_json(results, said), _key(_config(settings, here), here))


def facts_now(settings: Path, place: Place) -> dict[str, str]:
    """Return what a check made now is headed with, by the names of :data:`LABELS`."""
    config = _config(settings, place)
    named = {}
    if config is not None:
        named = {"station": config.station.name, "clinic": config.station.clinic}
    machine = place.told("/proc/device-tree/model") or "not a Raspberry Pi"
    return {**named, "checked_at": clock_now(), "version": __version__, "machine": machine}


def clock_now() -> str:
    """Return the time as reports have it, with what the clock is worth."""
    now = moment.now()
    return f"{now.wall[:16].replace('T', ' ')} UTC ({now.clock.value})"


def _config(settings: Path, place: Place) -> StationConfig | None:
    try:
        return load(place.at(settings))
    except ConfigError:
        return None  # the first line of the findings says why


def _key(config: StationConfig | None, place: Place) -> SigningKey | None:
    if config is None:
        return None
    try:
        return SigningKey.load(place.at(stored(config.station.signing_key)))
    except (KioskError, OSError):
        return None  # said on the page, and by the check of the key
