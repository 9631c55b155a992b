"""What a technician measured with a grey card: ``calibration.json`` in the station's state."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta

from kiosk import durable
from kiosk.envelope.bundle import encode_record, parse_record
from kiosk.records.shot import Instant, Printable, Record, Slug

LASTS: Final = timedelta(days=365)
"""How long a calibration is taken for fresh: lamps and filters change by their use."""

_LIMIT: Final = 64 * 1024
_MODE: Final = 0o600

Gain = Annotated[float, Meta(gt=0.0, le=32.0)]
Level = Annotated[float, Meta(ge=0.0, le=255.0)]


class Calibration(Record, frozen=True, kw_only=True):
    """The white balance that made a grey card neutral, proven by a picture of the card.

    Attributes:
        at: when.
        operator: id of who did it; None where nobody was signed in.
        model: of the camera that it was done with, as the camera tells it.
        serial: the same; empty where the camera tells none.
        colour_gains: of red and blue against green.
        card: red, green and blue of the card in the picture that proved it, levels of 255.
    """

    version: Literal[1] = 1
    at: Instant
    operator: Slug | None
    model: Printable
    serial: Printable
    colour_gains: tuple[Gain, Gain]
    card: tuple[Level, Level, Level]

    def is_old(self, now: datetime) -> bool:
        """Whether it was done longer than a year before ``now``, which has a time zone."""
        return now - datetime.fromisoformat(self.at.wall) > LASTS


def read_calibration(path: Path) -> Calibration | None:
    """Return what is kept; None where nothing is.

    Raises:
        StorageError: it cannot be read.
        ContainerError: it is damaged.
    """
    text = durable.read_if_there(path, _LIMIT)
    return None if text is None else parse_record(text, path.name, Calibration)


def keep_calibration(path: Path, calibration: Calibration) -> None:
    """Put it into the place of the one before.

    Raises:
        StorageError: it is not kept; the one before still is.
        ContainerError: a field has a value that readers would refuse.
    """
    durable.replace_file(path, encode_record(calibration, "calibration"), _MODE)
