"""The station's settings as they may be told: by a list of what is kept, all else withheld."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from kiosk.config import StationConfig

WITHHELD: Final = "[withheld]"

_DEVICE: Final = "*"
"""All fields of a device's section: pins, sizes, ids of USB."""

KEPT: Final[Mapping[str, frozenset[str]]] = {
    "station": frozenset({"name", "clinic", "state"}),
    "sealing": frozenset({"recipients"}),
    "spool": frozenset({"path", "reserve_mb"}),
    "camera": frozenset({_DEVICE}),
    "lights": frozenset({_DEVICE}),
    "pedal": frozenset({_DEVICE}),
    "reader": frozenset({_DEVICE}),
    "patients": frozenset({"check", "length"}),
    "display": frozenset({_DEVICE}),
    "session": frozenset({"protocol", "protocols", "jpeg_quality", "chroma"}),
    "guide": frozenset({"shoot_by_itself", "voice", "remember", "recall"}),
    "people": frozenset(
        {"share", "blank_s", "sign_out_s", "shift_hours", "consent_texts", "consent_text"}
    ),
    "upload": frozenset({"host", "port", "user", "folder", "receipts"}),
    "metrics": frozenset({"folder"}),
}
"""What is told of each section; a new setting is withheld until it is written down here."""

_FINGERPRINTS: Final = {("people", "desk"), ("upload", "host_key")}
"""Public keys: told by their fingerprints, which is what people compare."""


def told(config: StationConfig) -> dict[str, Any]:
    """Return the settings by section, without keys, the mailbox's name, and whatever is unknown."""
    document: dict[str, Any] = msgspec.to_builtins(config, enc_hook=_plain)
    return {name: _section(name, value) for name, value in document.items() if value is not None}


def names(config: StationConfig) -> tuple[str, ...]:
    """Return the names in what is told: of clinic, station, lamps and server."""
    lamps = (channel.name for channel in config.lights.channels)
    host = (config.upload.host, config.upload.user)
    return (config.station.name, config.station.clinic, *host, *lamps)


def _section(name: str, value: dict[str, Any]) -> dict[str, Any]:
    kept = KEPT.get(name, frozenset())
    return {
        key: _fingerprint(str(one))
        if (name, key) in _FINGERPRINTS
        else one
        if key in kept or _DEVICE in kept
        else WITHHELD
        for key, one in value.items()
    }


def _fingerprint(line: str) -> str:
    try:
        blob = base64.b64decode(line.split()[1], validate=True)
    except (IndexError, binascii.Error):
        return "no key that can be read"
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return f"SHA256:{digest.rstrip('=')}"


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value).__name__)
