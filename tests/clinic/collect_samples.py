"""A clinic with a library, and drop boxes on a server, for tests of the collector."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kiosk.clinic.desk import Desk
from kiosk.clinic.keygen import KeyFiles, make_keys
from kiosk.envelope.audit import seal_segment
from kiosk.envelope.consent import Act as Consented
from kiosk.envelope.consent import write_consent
from kiosk.envelope.letter import Address, Kind, Letter, mailbox_name, read_letter
from kiosk.envelope.recipients import X25519, load_recipients
from kiosk.envelope.signatures import SigningKey
from kiosk.records.audit import BEGINNING, SALT_SIZE, Act, Entry, line_of
from tests.envelope.samples import INSTANT, container_of, head_of, sealed_of, station_shot
from tests.records.consent_samples import PICTURE, given, text

STATIONS = ("kiosk-01", "kiosk-02")
NAME = "Clinic by the Park"
SECOND = STATIONS[1]

Collect = Callable[..., tuple[int, list[str]]]
"""Runs the collector; returns its exit code and what it said, line by line."""


@dataclass(frozen=True)
class House:
    """Folders and keys of a clinic, and the arguments by which it collects."""

    root: Path
    keys: KeyFiles
    signing: Mapping[str, SigningKey]

    @property
    def server(self) -> Path:
        return self.root / "server"

    @property
    def library(self) -> Path:
        return self.root / "library"

    @property
    def sealed(self) -> Path:
        return self.root / "sealed"

    def inbox(self, station: str = STATIONS[0]) -> Path:
        return self.server / station / "in"

    def arguments(self, *more: object) -> list[object]:
        return [
            *("collect", "--server", self.server, "--stations", self.root / "stations"),
            *("--identity", self.keys.archive, "--library", self.library),
            *("--sealed", self.sealed, *more),
        ]

    def desk_arguments(self) -> list[object]:
        return ["--desk", self.root / "desk"]

    def shot(  # noqa: PLR0913 - what a shot says
        self,
        sequence: int,
        *,
        station: str = STATIONS[0],
        box: str = "",
        signed_by: str = "",
        patient: str = "P-4711",
        uid: str = "2.25.1001",
    ) -> Path:
        """Seal a shot as a station would, and put it into a drop box, the station's own or not."""
        image, record, head = station_shot(station, sequence, patient)
        uids = msgspec.structs.replace(record.uids, image=uid)
        record = msgspec.structs.replace(record, uids=uids)
        whole = container_of(image, self.signing[signed_by or station], record, head)
        return self.put(sealed_of(whole, load_recipients(self.keys.recipients)), box or station)

    def segment(self, sequence: int) -> Path:
        """Seal a segment of the audit trail and put it into the first station's drop box."""
        entry = Entry(
            number=1,
            act=Act.STARTED,
            at=INSTANT,
            salt=bytes(SALT_SIZE),
            previous=BEGINNING.digest,
        )
        head = head_of(station=STATIONS[0], sequence=sequence, consent=None)
        recipients = load_recipients(self.keys.recipients)
        key = self.signing[STATIONS[0]]
        sealed, _ = seal_segment([line_of(entry)], BEGINNING, head, key, recipients)
        return self.put(sealed, STATIONS[0])

    def consent(self, sequence: int) -> Path:
        """Seal an act of consent and put it into the first station's drop box."""
        record = given()
        out = io.BytesIO()
        head = head_of(station=record.station, sequence=sequence, consent=None)
        act = Consented(record, text().content, PICTURE)
        write_consent(out.write, act, head, self.signing[record.station])
        return self.put(
            sealed_of(out.getvalue(), load_recipients(self.keys.recipients)), record.station
        )

    def put(self, content: bytes, box: str = STATIONS[0], name: str = "") -> Path:
        path = self.inbox(box) / (name or f"{os.urandom(16).hex()}.age")
        path.write_bytes(content)
        return path

    def letter(self, station: str = STATIONS[0]) -> Letter | None:
        """Return the letter of receipts that lies on the server, as the station reads it."""
        desk = Desk(self.root / "desk")
        name = mailbox_name(desk.station(station).mailbox, Kind.RECEIPTS)
        path = self.server / station / "out" / f"{name}.age"
        if not path.exists():
            return None
        address = Address(station, NAME, desk.key.public_key())
        return read_letter(path.read_bytes(), Kind.RECEIPTS, address)


def house_in(root: Path) -> House:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    keys = make_keys(root / "keys", X25519, now)
    signing = {name: SigningKey.generate() for name in (*STATIONS, "stranger")}
    lines = [f"{name} {signing[name].public_line()}\n" for name in STATIONS]
    (root / "stations").write_text("".join(lines))
    desk = Desk.found(root / "desk", NAME, now)
    for name in STATIONS:
        desk.add_station(name, share=False)
        for folder in ("in", "out"):
            (root / "server" / name / folder).mkdir(parents=True)
    return House(root, keys, signing)


def contents(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def quarantined(house: House, station: str = "kiosk-01") -> dict[str, str]:
    """Return the reason beside each file in quarantine, by the file's name."""
    folder = house.server / station / "quarantine"
    if not folder.exists():
        return {}
    files = [path for path in folder.iterdir() if path.suffix != ".txt"]
    return {path.name: (folder / f"{path.name}.txt").read_text() for path in files}
