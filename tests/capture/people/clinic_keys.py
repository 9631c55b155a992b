"""Operators of a made-up clinic, wrapped with parameters that cost nothing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.capture.people.key_files import KeyFiles
from kiosk.capture.people.pins import require_fit
from kiosk.capture.people.signing_in import SignIn
from kiosk.capture.people.tries import Tries
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.recipients import X25519, Identity, generate_identity
from kiosk.envelope.wrapping import Factors, new_kdf, wrap
from kiosk.errors import PinUnfit
from kiosk.model import Role
from kiosk.records.badge import Badge
from kiosk.records.operators import (
    Enrolments,
    OperatorKey,
    OperatorSecret,
    Roster,
    RosterEntry,
)

STATION, CLINIC = "room-2", "Lakeside Clinic"
WALL = "2026-11-25T08:00:00+00:00"
PIN = "730916"
S = 1_000_000_000


def chosen_pin() -> str:
    """Return eight digits that nobody else has, of those that the station lets anybody choose."""
    while True:
        digits = str(secrets.randbelow(9 * 10**7) + 10**7)
        with suppress(PinUnfit):  # one of ten thousand is a repetition
            require_fit(digits, "")
            return digits


@dataclass
class Clock:
    """Monotonic nanoseconds that the test sets."""

    ns: int = 5 * S

    def __call__(self) -> int:
        return self.ns


@dataclass(frozen=True)
class Person:
    """An operator with the badge in hand."""

    badge: Badge = field(default_factory=Badge.generate)
    pin: str = PIN
    role: Role = Role.PRACTITIONER
    supervisor: bool = False
    temporary: bool = False
    name: str = "Dr. Ada Example"
    id: str = "ada"
    enrolment: str = field(default_factory=lambda: os.urandom(16).hex())


@dataclass(frozen=True)
class Desk:
    """What the clinic's desk holds of one station."""

    station: str = STATION
    clinic: str = CLINIC
    epoch: int = 1
    pose: Identity = field(default_factory=lambda: generate_identity(X25519))
    share: bytes | None = None

    def key(self, person: Person) -> OperatorKey:
        pose = None if person.role is Role.TECHNICIAN else self.pose.secret_text()
        secret = OperatorSecret(
            id=person.id,
            name=person.name,
            role=person.role,
            supervisor=person.supervisor,
            temporary=person.temporary,
            pose_key=pose,
        )
        blank = OperatorKey(
            station=self.station,
            clinic=self.clinic,
            badge=person.badge.id,
            enrolment=person.enrolment,
            epoch=self.epoch,
            kdf=new_kdf(memory_kib=64, passes=1, lanes=1),
            share=None,
            nonce=bytes(12),
            sealed=b"",
        )
        return wrap(secret, Factors(person.badge, person.pin, self.share), blank)

    def body(self, persons: Sequence[Person], number: int = 1) -> bytes:
        roster = Roster(
            station=self.station,
            clinic=self.clinic,
            number=number,
            issued_at=WALL,
            epoch=self.epoch,
            entries=tuple(
                RosterEntry(badge=one.badge.id, supervisor=one.supervisor) for one in persons
            ),
        )
        keys = tuple(self.key(one) for one in persons)
        return encode_record(Enrolments(roster=roster, keys=keys), "operators")


def station(
    folder: Path, clock: Callable[[], int], share: bytes | None = None, name: str = STATION
) -> SignIn:
    """Return what a station that has just been started makes of a folder."""
    folder.mkdir(mode=0o700, exist_ok=True)
    return SignIn(KeyFiles(folder, name, CLINIC), Tries(folder, clock), lambda: share)
