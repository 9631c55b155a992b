"""Who signs what a station seals, and for whom it is sealed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk import __version__
from kiosk.config import StationConfig
from kiosk.config_reading import named, require_files
from kiosk.durable import Counter
from kiosk.envelope.bundle import AuditAnchor, ManifestHead
from kiosk.envelope.recipients import Recipient, load_recipients
from kiosk.envelope.signatures import SigningKey
from kiosk.records.shot import Instant

SOFTWARE: Final = f"Capture Station {__version__}"
"""What records call this program."""


def _no_trail() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Author:
    """Who signs and for whom it is sealed.

    Attributes:
        station: the station's name.
        issuer: the clinic, which gives the patients' numbers.
        key: the station's signing key.
        recipients: the clinic's archive and recovery keys.
        sequence: counts what the station seals.
        anchor: says how far the audit trail has come.
    """

    station: str
    issuer: str
    key: SigningKey
    recipients: Sequence[Recipient]
    sequence: Counter
    anchor: Callable[[], AuditAnchor | None] = _no_trail

    def head(self, sequence: int, sealed_at: Instant, consent: str | None = None) -> ManifestHead:
        """Return what the manifest of an object says beside its parts."""
        return ManifestHead(
            station=self.station, sequence=sequence, sealed_at=sealed_at, consent=consent
        )


def author_of(config: StationConfig, source: str) -> Author:
    """Return who signs for a station, and for whom.

    Raises:
        ConfigError: a file that the configuration names is missing; ``source`` says which one's.
        BadKey: the signing key or a recipient cannot be read.
    """
    require_files(
        source,
        station__signing_key=config.station.signing_key,
        sealing__recipients=config.sealing.recipients,
    )
    with named(source, "station.signing_key"):
        key = SigningKey.load(config.station.signing_key)
    with named(source, "sealing.recipients"):
        recipients = load_recipients(config.sealing.recipients)
    return Author(
        station=config.station.name,
        issuer=config.station.clinic,
        key=key,
        recipients=recipients,
        sequence=Counter(config.station.sequence),
    )
