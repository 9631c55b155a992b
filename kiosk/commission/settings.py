"""Checks of ``station.toml`` and of the files that it names."""

from __future__ import annotations

import stat
from pathlib import Path

from kiosk.commission.checks import Finding, ok, wrong
from kiosk.commission.place import Place, stored
from kiosk.config import StationConfig
from kiosk.envelope.recipients import load_recipients
from kiosk.envelope.signatures import SigningKey
from kiosk.spool import Spool

PLACEHOLDER = "CHANGE-ME"
"""What the example puts where only the technician knows the value."""

LARGEST_SHOT = 32 * 1_000_000
"""Bytes that a sealed 12-megapixel picture stays well below."""

SPOOL_MODE = 0o2770


def not_filled_in(path: Path, place: Place) -> str:
    """Return a sentence about the example's first line that nobody filled in, or empty text."""
    text = place.read(path) if place.exists(path) else ""
    for number, line in enumerate(text.splitlines(), start=1):
        if PLACEHOLDER in line and not line.lstrip().startswith("#"):
            return (
                f"{path}, line {number} still says {PLACEHOLDER}: {line.strip()}; expected this "
                "station's own value."
            )
    return ""


def configuration(config: StationConfig, path: Path, place: Place) -> Finding:
    """Say whose station this is, and refuse an example that was not filled in."""
    fault = not_filled_in(path, place)
    if fault:
        return wrong(fault)
    return ok(f"{path} is in order: station {config.station.name} of {config.station.clinic}.")


def private_key(path: Path, place: Place) -> Finding:
    """Check that a private key can be used, and by nobody but its owner."""
    kept = stored(path)
    fault = _exposed(kept, place) or _closed_to_us(kept, place)
    if fault:
        return wrong(fault)
    public = SigningKey.load(place.at(kept)).public_key()
    return ok(f"{kept} is readable by its owner only; its public key is {public.fingerprint}.")


def recipients(path: Path, place: Place) -> Finding:
    """Check that pictures can be sealed, and to more than one key."""
    found = load_recipients(place.at(path))
    if place.at(path).stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return wrong(
            f"{path} can be changed by others than its owner, who could add a key of their own; "
            "expected mode 0644."
        )
    if len(found) == 1:
        return wrong(
            f"{path} names one recipient; expected the clinic's archive key and its recovery key, "
            "or pictures are lost with the one key."
        )
    kinds = ", ".join(sorted({recipient.kind for recipient in found}))
    return ok(f"{path} names {len(found)} recipients ({kinds}).")


def spool(config: StationConfig, place: Place) -> Finding:
    """Check that a shot could be saved now, that no stranger reads the spool, and what waits."""
    path = config.spool.path
    folder = place.at(path)
    queue = Spool(folder, config.spool.reserve_mb * 1_000_000)
    queue.require_room(LARGEST_SHOT)
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & stat.S_IRWXO:
        return wrong(
            f"{path} has mode {mode:04o} and is open to every user; expected {SPOOL_MODE:04o}."
        )
    strangers = queue.strangers()
    if strangers:
        return wrong(
            f"{path} holds {len(strangers)} files that are no sealed pictures, such as "
            f"{strangers[0]}; have them looked at and removed."
        )
    return ok(f"{path} has room; {queue.backlog().count} pictures wait to be uploaded.")


def _exposed(path: Path, place: Place) -> str:
    try:
        state = place.at(path).lstat()
    except FileNotFoundError:
        return f"{path} is missing; expected a private key that was made on this station."
    except PermissionError:
        return f"{path} may not be looked at by this user; run `kiosk check` as root."
    if not stat.S_ISREG(state.st_mode):
        return f"{path} is no regular file; expected a private key."
    mode = stat.S_IMODE(state.st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"{path} has mode {mode:04o}, and others than its owner may use it; expected 0600."
    if state.st_uid not in {0, place.uid}:
        return f"{path} belongs to user number {state.st_uid}; expected root."
    return ""


def _closed_to_us(path: Path, place: Place) -> str:
    state = place.at(path).lstat()
    if place.uid not in {0, state.st_uid}:
        return f"{path} may not be read by this user; run `kiosk check` as root."
    return ""
