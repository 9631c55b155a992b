"""The operators' files of a station: what the clinic's desk sent, and PINs changed here since."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.envelope.bundle import encode_record, parse_record
from kiosk.errors import BadgeError, ContainerError, LetterRefused, OperatorKeyError
from kiosk.records.badge import Badge
from kiosk.records.operators import (
    KEY_SUFFIX,
    ROSTER,
    Enrolments,
    OperatorKey,
    Roster,
    RosterEntry,
)

__all__ = ["ROSTER", "KeyFiles"]

NUMBER: Final = "roster.number"

_LIMIT: Final = 256 * 1024


class KeyFiles:
    """Reads and replaces the files; for one thread.

    Args:
        folder: it must exist, mode 0700.
        station: this station's name.
        clinic: the clinic's.
    """

    def __init__(self, folder: Path, station: str, clinic: str) -> None:
        self._folder = folder
        self._station, self._clinic = station, clinic

    def receive(self, body: bytes) -> tuple[frozenset[str], frozenset[str]]:
        """Take in what the desk sent, whose origin the caller has proven.

        A file whose enrolment is the one here already is kept as it is: the operator may have
        changed the PIN meanwhile. The roster is written last, so that a power cut between leaves
        the old one in force.

        Returns:
            The badges on the roster now, and those that are gone.

        Raises:
            LetterRefused: for another station or clinic, older than the roster here, or not whole.
            StorageError: the disk refuses.
        """
        try:
            sent = parse_record(body, "operators", Enrolments)
        except ContainerError as error:
            raise LetterRefused(f"The list of operators cannot be used: {error}") from error
        roster = sent.roster
        names = {(roster.station, roster.clinic)}
        names |= {(key.station, key.clinic) for key in sent.keys}
        if names != {(self._station, self._clinic)}:
            raise LetterRefused(
                "The list of operators is for another station or clinic; it is not used."
            )
        newest = self._newest()
        if roster.number <= newest:
            raise LetterRefused(
                f"The list of operators has the number {roster.number}, and this station has had "
                f"{newest}; an older one is not used."
            )
        listed = frozenset(entry.badge for entry in roster.entries)
        if {key.badge for key in sent.keys} != listed or len(listed) != len(roster.entries):
            raise LetterRefused("The list of operators does not fit its keys; it is not used.")
        for key in sent.keys:
            self._place(key)
        durable.replace_file(self._folder / ROSTER, encode_record(roster, "roster"))
        durable.replace_file(self._folder / NUMBER, durable.number_line(roster.number))
        return listed, self._remove_unlisted(listed)

    def lists(self, badge: str) -> bool:
        """Whether a badge of this id is on the roster.

        Raises:
            OperatorKeyError: the roster is damaged.
        """
        return self._listed(badge) is not None

    def entry(self, badge: Badge) -> RosterEntry:
        """Return what the roster says of a badge.

        Raises:
            BadgeError: nothing, or there is no roster.
            OperatorKeyError: the roster is damaged.
        """
        entry = self._listed(badge.id)
        if entry is None:
            raise BadgeError(
                "This badge is not enrolled at this station, or was withdrawn; expected one that "
                "the clinic's desk has sent to this station."
            )
        return entry

    def read(self, badge: Badge) -> OperatorKey:
        """Return the wrapped key of a badge on the roster.

        Raises:
            BadgeError: it is not on the roster.
            OperatorKeyError: missing, damaged, or another station's, clinic's, badge's or epoch's.
        """
        self.entry(badge)
        roster = self._roster()
        try:
            key = parse_record(self._read(self._path(badge.id)), "operator's file", OperatorKey)
        except ContainerError as error:
            raise _damaged() from error
        said = (key.station, key.clinic, key.badge, key.epoch)
        if roster is None or said != (self._station, self._clinic, badge.id, roster.epoch):
            raise _damaged()
        return key

    def replace(self, key: OperatorKey) -> None:
        """Keep a key wrapped under another PIN, in the place of the one before.

        Raises:
            StorageError: the one before is still in force.
        """
        durable.replace_file(self._path(key.badge), encode_record(key, "operator's file"))

    def _place(self, key: OperatorKey) -> None:
        path = self._path(key.badge)
        try:
            here = parse_record(self._read(path), "operator's file", OperatorKey)
        except (ContainerError, OperatorKeyError):
            self.replace(key)
            return
        if (here.enrolment, here.epoch) != (key.enrolment, key.epoch):
            self.replace(key)

    def _listed(self, badge: str) -> RosterEntry | None:
        roster = self._roster()
        entries = () if roster is None else roster.entries
        return next((entry for entry in entries if entry.badge == badge), None)

    def _roster(self) -> Roster | None:
        path = self._folder / ROSTER
        if not os.path.lexists(path):
            return None
        try:
            return parse_record(self._read(path), "roster", Roster)
        except ContainerError as error:
            raise OperatorKeyError(
                "The list of operators on this station is damaged; have the clinic's desk send it "
                "again."
            ) from error

    def _newest(self) -> int:
        """Return the highest number seen, even where the roster is gone or damaged.

        Raises:
            LetterRefused: the note of it is damaged.
            StorageError: it cannot be read.
        """
        try:
            roster = self._roster()
        except OperatorKeyError:
            # A new letter is what mends it; an old one the note keeps out.
            roster = None
        noted = durable.noted_number(self._folder / NUMBER)
        if noted is None:
            raise LetterRefused(
                "The station's note of the newest list of operators is damaged; have a technician "
                "look at it. Who could sign in before still can."
            )
        # A power cut between the two leaves the roster ahead of the note.
        return max(noted, 0 if roster is None else roster.number)

    def _remove_unlisted(self, listed: frozenset[str]) -> frozenset[str]:
        gone = set()
        with durable.translated(f"removing withdrawn badges in {self._folder}"):
            for path in self._folder.glob(f"*{KEY_SUFFIX}"):
                badge = path.name.removesuffix(KEY_SUFFIX)
                if badge not in listed:
                    path.unlink()
                    gone.add(badge)
            durable.sync_directory(self._folder)
        return frozenset(gone)

    def _path(self, badge: str) -> Path:
        return self._folder / f"{badge}{KEY_SUFFIX}"

    def _read(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(_LIMIT)
        except OSError as error:
            raise _damaged() from error


def _damaged() -> OperatorKeyError:
    return OperatorKeyError(
        "This badge's file on the station is missing, damaged or belongs elsewhere; have the "
        "clinic's desk enrol the badge again."
    )
