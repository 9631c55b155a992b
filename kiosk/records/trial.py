"""What a test object says: that a station can seal and send. docs/formats/trial.md."""

from __future__ import annotations

from typing import Literal

from kiosk.records.shot import Instant, Record, Slug, Text


class TrialRecord(Record, frozen=True, kw_only=True):
    """The one part that every test object has; nothing of a person.

    Attributes:
        station: which one.
        clinic: whose.
        at: when it was made.
        software: name and version of the program.
    """

    version: Literal[1] = 1
    station: Slug
    clinic: Text
    at: Instant
    software: Text


def filed_under(station: str, number: int, at: str) -> tuple[str, ...]:
    """Return where a clinic files a test object: the folders, and the name before any suffix.

    Args:
        station: which one's.
        number: the manifest's count.
        at: the record's wall clock, ISO 8601.
    """
    return "trials", station, f"{number:06d}_{at[:10]}"
