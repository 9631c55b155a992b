"""What a technician's test object says: that a station can seal and send. docs/formats/trial.md."""

from __future__ import annotations

from typing import Literal

from kiosk.records.shot import Instant, Record, Slug, Text


class TrialRecord(Record, frozen=True, kw_only=True):
    """The one part of a test object; nothing of a person.

    Attributes:
        station: which one.
        clinic: whose.
        at: when the test was made.
        software: name and version of the program.
    """

    version: Literal[1] = 1
    station: Slug
    clinic: Text
    at: Instant
    software: Text
