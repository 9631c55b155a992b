"""Who signs what a station seals, and for whom it is sealed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.durable import Counter
from kiosk.envelope.bundle import AuditAnchor, ManifestHead
from kiosk.envelope.recipients import Recipient
from kiosk.envelope.signatures import SigningKey
from kiosk.records.shot import Instant


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
