"""Makes the page of a check: what it is headed with, and who signs it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kiosk import __version__, moment
from kiosk.commission.by_hand import by_hand
from kiosk.commission.checks import Result
from kiosk.commission.page import About, as_page, write_page
from kiosk.commission.place import Place, stored
from kiosk.config import StationConfig
from kiosk.config_reading import load
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import ConfigError, KioskError


def file_page(
    path: Path, results: Iterable[Result], settings: Path, place: Place | None = None
) -> tuple[Path, ...]:
    """Write the page of a check, signed where the station's key can be read.

    Args:
        path: of the page.
        results: what was found.
        settings: ``station.toml``, as the station sees it.
        place: where to look; the running machine unless told otherwise.

    Returns:
        What was written.

    Raises:
        StorageError: it cannot be written.
    """
    here = place or Place()
    try:
        config = load(here.at(settings))
    except ConfigError:
        config = None
    key = None if config is None else _key(config, here)
    now = moment.now()
    facts = [
        *(() if config is None else (("Station", config.station.name),)),
        *(() if config is None else (("Clinic", config.station.clinic),)),
        ("Checked at", f"{now.wall[:16].replace('T', ' ')} UTC ({now.clock.value})"),
        ("Version", __version__),
        ("Machine", _model(here)),
    ]
    fingerprint = "" if key is None else key.public_key().fingerprint
    left = () if config is None else by_hand(config)
    return write_page(path, as_page(results, About(facts, fingerprint, left)), key)


def _key(config: StationConfig, place: Place) -> SigningKey | None:
    try:
        return SigningKey.load(place.at(stored(config.station.signing_key)))
    except (KioskError, OSError):
        return None  # said on the page, and by the check of the key


def _model(place: Place) -> str:
    return place.told("/proc/device-tree/model") or "not a Raspberry Pi"
