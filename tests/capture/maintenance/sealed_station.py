"""A station with real keys and folders, as its own configuration names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from kiosk.config import StationConfig
from kiosk.config_reading import parse
from kiosk.durable import Counter
from kiosk.envelope.recipients import Identity, generate_identity
from kiosk.envelope.signatures import SigningKey
from tests.deploy.firewalled import ROOT


@dataclass(frozen=True)
class Made:
    """What stands; ``identity`` is the clinic's, and belongs on no station."""

    config: StationConfig
    key: SigningKey
    identity: Identity


def founded(place: Path) -> Made:
    """Make one in a folder."""
    key, identity = SigningKey.generate(), generate_identity()
    (place / "key").write_text(key.private_text(), encoding="ascii")
    (place / "key").chmod(0o600)
    (place / "recipients").write_text(f"{identity.recipient()}\n", encoding="ascii")
    for name in ("state", "spool"):
        (place / name).mkdir()
    config = configured(place)
    Counter(config.station.sequence).create()
    return Made(config, key, identity)


def configured(place: Path) -> StationConfig:
    """Return the configuration of the one in a folder."""
    text = (ROOT / "provisioning/install/station.toml.example").read_text("utf-8")
    desk = SigningKey.generate().public_line("desk")
    text = text.replace('desk = "CHANGE-ME"', f'desk = "{desk}"')
    text = text.replace('host_key = "CHANGE-ME"', 'host_key = "ssh-ed25519 AAAA"')
    text = text.replace('mailbox = "CHANGE-ME"', f'mailbox = "{"0" * 32}"')
    text = text.replace("CHANGE-ME", "room-2")
    config = parse(text, source="station.toml")
    return replace(
        config,
        station=replace(config.station, signing_key=place / "key", state=place / "state"),
        sealing=replace(config.sealing, recipients=place / "recipients"),
        spool=replace(config.spool, path=place / "spool", reserve_mb=1),
    )
