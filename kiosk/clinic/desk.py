"""The desk's folder: its signing key, the pose key, the stations that it writes to.

    desk.key, desk.pub      what letters are signed with, and what stations know it by
    pose.identity           the pose key of this epoch
    desk.json               the clinic's name, the epoch, the operators
    stations/NAME.json      a station's mailbox, its share, the numbers of its letters, its keys
    stations/NAME.stolen    since when a station is stolen; nothing is written to it
    server.toml             how the server is told that a station is stolen; the clinic writes it

Whoever has this folder can enrol operators and send lists; it opens no picture.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kiosk.clinic.storage import make_folders, write_new
from kiosk.durable import replace_file, translated
from kiosk.envelope.bundle import encode_record, parse_record
from kiosk.envelope.letter import Heading, Kind, mailbox_name, write_letter
from kiosk.envelope.recipients import HYBRID, Identity, generate_identity, load_identity
from kiosk.envelope.signatures import SigningKey
from kiosk.envelope.wrapping import SHARE_SIZE
from kiosk.errors import UsageError
from kiosk.model import Role
from kiosk.records.operators import BadgeId, Epoch, OperatorKey
from kiosk.records.shot import Record, Slug, Text, WallTime

KEY, PUBLIC, POSE, REGISTER, STATIONS = (
    "desk.key",
    "desk.pub",
    "pose.identity",
    "desk.json",
    "stations",
)
_LIMIT = 4 * 1024 * 1024
_LETTER_MODE = 0o640
"""The drop box's folder gives its group, the stations', to what is put there."""


class Enrolled(Record, frozen=True, kw_only=True):
    """One person in the clinic's register; a person who is withdrawn stays in it.

    Attributes:
        id: never given to anybody else.
        badge: the badge's id; what the badge says is kept nowhere.
        stations: where the badge may be used.
    """

    id: Slug
    name: Text
    role: Role
    supervisor: bool
    badge: BadgeId
    stations: tuple[Slug, ...]
    enrolled_at: WallTime
    revoked_at: WallTime | None = None


class Register(Record, frozen=True, kw_only=True):
    """The clinic, and who has a badge."""

    version: Literal[1] = 1
    clinic: Text
    epoch: Epoch
    operators: tuple[Enrolled, ...] = ()


class StationFile(Record, frozen=True, kw_only=True):
    """What the desk knows of one station.

    Attributes:
        mailbox: 32 hexadecimal digits, known to the desk and the station alone.
        share: the server's part of its operators' keys, 32 bytes; None where it has none.
        numbers: of the last letter of each kind.
        keys: the wrapped keys that were sent to it.
    """

    version: Literal[1] = 1
    name: Slug
    mailbox: BadgeId
    share: Annotated[bytes, Meta(min_length=SHARE_SIZE, max_length=SHARE_SIZE)] | None
    numbers: dict[Kind, int]
    keys: tuple[OperatorKey, ...] = ()

    def __repr__(self) -> str:
        """Return what a log may show: the mailbox and the share are none of it."""
        return f"StationFile(name={self.name!r})"


@dataclass(frozen=True, slots=True)
class Post:
    """Where letters go, and when.

    Attributes:
        server: the folder of all drop boxes; letters are put into ``NAME/out`` in it.
        now: the time of issue, with its offset.
    """

    server: Path
    now: datetime

    def path(self, station: StationFile, kind: Kind) -> Path:
        """Return where a station fetches its letters of a kind."""
        return self.server / station.name / "out" / f"{mailbox_name(station.mailbox, kind)}.age"

    @property
    def issued_at(self) -> str:
        """The time of issue as letters have it."""
        return self.now.isoformat(timespec="seconds")

    def put(self, path: Path, letter: bytes) -> None:
        """Write a letter to where a station fetches it; the one before is replaced.

        Raises:
            StorageError: it cannot be written.
        """
        with translated(f"writing {path}"):
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        replace_file(path, letter, _LETTER_MODE)


class Desk:
    """Reads and writes the folder; for one program at a time.

    ``folder`` is where everything of the desk lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def found(cls, folder: Path, clinic: str, now: datetime) -> Desk:
        """Make a new desk.

        Raises:
            UsageError: there is one in the folder already.
            StorageError: it cannot be written.
        """
        if os.path.lexists(folder / REGISTER):
            raise UsageError(f"{folder}: there is a desk in this folder already.")
        key, pose = SigningKey.generate(), generate_identity(HYBRID)
        stamp = now.isoformat(timespec="seconds")
        about = f"# created: {stamp}\n# role: pose\n# public key: {pose.recipient()}\n"
        register = Register(clinic=clinic, epoch=1)
        contents = {
            KEY: key.private_text().encode("ascii"),
            PUBLIC: f"{key.public_line('desk')}\n".encode("ascii"),
            POSE: f"{about}{pose.secret_text()}\n".encode("ascii"),
            REGISTER: encode_record(register, "desk"),
        }
        with translated(f"making a desk in {folder}"):
            make_folders(folder, STATIONS)
            for name, content in contents.items():
                write_new(folder / name, content)
        return cls(folder)

    @property
    def key(self) -> SigningKey:
        return SigningKey.load(self.folder / KEY)

    @property
    def pose(self) -> Identity:
        return load_identity(self.folder / POSE)

    @property
    def register(self) -> Register:
        return parse_record(self._read(REGISTER), REGISTER, Register)

    def keep(self, register: Register) -> None:
        replace_file(self.folder / REGISTER, encode_record(register, "desk"))

    def add_station(self, name: str, *, share: bool) -> StationFile:
        """Write a new station down.

        Args:
            name: as its ``station.toml`` has it.
            share: whether the server keeps a part of its operators' keys.

        Raises:
            UsageError: it is there already.
        """
        if os.path.lexists(self._path(name)):
            raise UsageError(f"{name}: this station is at the desk already.")
        station = StationFile(
            name=name,
            mailbox=os.urandom(16).hex(),
            share=os.urandom(SHARE_SIZE) if share else None,
            numbers={},
        )
        self.keep_station(station)
        return station

    def station(self, name: str) -> StationFile:
        """Return what is known of a station.

        Raises:
            UsageError: it is not at this desk.
        """
        if not os.path.lexists(self._path(name)):
            known = ", ".join(sorted(self.station_names())) or "none yet"
            raise UsageError(f"{name}: expected a station of this desk: {known}.")
        return parse_record(self._read(f"{STATIONS}/{name}.json"), name, StationFile)

    def addressee(self, name: str) -> StationFile:
        """Return a station that may be written to.

        Raises:
            UsageError: it is not at this desk, or it was stolen.
        """
        station, since = self.station(name), self.stolen_at(name)
        if since is not None:
            raise UsageError(
                f"{name}: this station was stolen, and nothing is sent to it since {since}; one "
                "that turns up again is set up under another name."
            )
        return station

    def stolen_at(self, name: str) -> str | None:
        """Return since when a station is out of the clinic's hands; None where it is not."""
        path = self._stolen(name)
        if not os.path.lexists(path):
            return None
        return self._read(f"{STATIONS}/{path.name}").decode("ascii", "replace").strip()

    def mark_stolen(self, name: str, since: str) -> None:
        """Write nothing to a station any more; the first mark stays.

        Raises:
            StorageError: it cannot be written.
        """
        if self.stolen_at(name) is None:
            replace_file(self._stolen(name), f"{since}\n".encode("ascii"))

    def station_names(self) -> Iterator[str]:
        for path in (self.folder / STATIONS).glob("*.json"):
            yield path.name.removesuffix(".json")

    def keep_station(self, station: StationFile) -> None:
        replace_file(self._path(station.name), encode_record(station, "station"))

    def send(
        self, station: StationFile, kind: Kind, body: bytes, post: Post, *, sealed: bool = False
    ) -> Path:
        """Write a letter to where the station fetches it; the one before is replaced.

        Args:
            station: to which.
            kind: of letter.
            body: what is sent.
            post: where to and when.
            sealed: whether only who is signed in at the station can open it.

        Raises:
            StorageError: it cannot be written; its number is then left out.
            LetterRefused: it is too large.
        """
        number = station.numbers.get(kind, 0) + 1
        station = msgspec.structs.replace(station, numbers={**station.numbers, kind: number})
        heading = Heading(station.name, self.register.clinic, kind, number, post.issued_at)
        seal_to = [self.pose.recipient()] if sealed else []
        letter = write_letter(heading, body, self.key, seal_to)
        # Before the letter is out: no two letters ever have one number.
        self.keep_station(station)
        path = post.path(station, kind)
        post.put(path, letter)
        return path

    def withdraw(self, station: StationFile, kind: Kind, post: Post) -> bool:
        """Remove a letter from the server; whether there was one."""
        path = post.path(station, kind)
        with translated(f"removing {path}"):
            there = os.path.lexists(path)
            path.unlink(missing_ok=True)
        return there

    def _path(self, name: str) -> Path:
        return self.folder / STATIONS / f"{name}.json"

    def _stolen(self, name: str) -> Path:
        return self.folder / STATIONS / f"{name}.stolen"

    def _read(self, name: str) -> bytes:
        path = self.folder / name
        try:
            with path.open("rb") as file:
                return file.read(_LIMIT)
        except OSError as error:
            raise UsageError(
                f"{path}: expected a file of the desk, but: {error.strerror}."
            ) from error
