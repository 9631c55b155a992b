"""Enrolling and withdrawing operators at the desk."""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from kiosk.clinic.desk import Desk, Enrolled, Post, Register, StationFile
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.letter import Kind
from kiosk.envelope.wrapping import Factors, new_kdf, wrap
from kiosk.errors import UsageError
from kiosk.model import Role
from kiosk.records.badge import Badge
from kiosk.records.operators import (
    Enrolments,
    OperatorKey,
    OperatorSecret,
    Roster,
    RosterEntry,
)

_PIN_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Hardness:
    """Argon2id's cost; see ``records.operators.Kdf``."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is to be enrolled, and where."""

    name: str
    role: Role
    supervisor: bool
    stations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Issued:
    """What is handed to the operator: kept nowhere at the desk.

    Attributes:
        person: as the register has them.
        badge: to be printed.
        pin: good for the first time at each station.
        letters: what was written for the stations.
    """

    person: Enrolled
    badge: Badge = field(repr=False)
    pin: str = field(repr=False)
    letters: tuple[Path, ...]


def add(
    desk: Desk,
    who: Newcomer,
    post: Post,
    hardness: Hardness = Hardness(),
) -> Issued:
    """Make a badge and a first PIN, and write to the stations.

    Args:
        desk: whose operator it is.
        who: name, role and stations.
        post: where letters go, and when.
        hardness: of trying PINs.

    Raises:
        UsageError: a station is not at this desk, or none was named.
        StorageError: something could not be written; what was is of no use to anybody.
    """
    if not who.stations:
        raise UsageError("Expected at least one station where the badge may be used.")
    register, badge, pin = desk.register, Badge.generate(), _pin()
    stations = [desk.station(name) for name in dict.fromkeys(who.stations)]
    person = Enrolled(
        id=_new_id(register, who.name),
        name=who.name,
        role=who.role,
        supervisor=who.supervisor,
        badge=badge.id,
        stations=tuple(station.name for station in stations),
        enrolled_at=post.now.isoformat(timespec="seconds"),
    )
    pose = desk.pose.secret_text()
    register = msgspec.structs.replace(register, operators=(*register.operators, person))
    desk.keep(register)
    letters = []
    for station in stations:
        factors = Factors(badge, pin, station.share)
        blank = _blank(register, station.name, badge.id, hardness)
        key = wrap(_secret(person, pose), factors, blank)
        grown = msgspec.structs.replace(station, keys=(*station.keys, key))
        letters.append(_send(desk, register, grown, post))
    return Issued(person, badge, pin, tuple(letters))


def revoke(desk: Desk, operator: str, post: Post) -> tuple[Path, ...]:
    """Withdraw an operator's badge from every station.

    Raises:
        UsageError: nobody of that id has a badge.
        StorageError: a station could not be written to.
    """
    register = desk.register
    person = next((one for one in register.operators if one.id == operator), None)
    if person is None or person.revoked_at is not None:
        raise UsageError(f"{operator}: expected the id of an operator who has a badge.")
    stamp = post.now.isoformat(timespec="seconds")
    gone = msgspec.structs.replace(person, revoked_at=stamp)
    operators = tuple(gone if one is person else one for one in register.operators)
    register = msgspec.structs.replace(register, operators=operators)
    desk.keep(register)
    letters = []
    for name in person.stations:
        station = desk.station(name)
        keys = tuple(key for key in station.keys if key.badge != person.badge)
        letters.append(_send(desk, register, msgspec.structs.replace(station, keys=keys), post))
    return tuple(letters)


def _send(desk: Desk, register: Register, station: StationFile, post: Post) -> Path:
    """Write the roster with every key of a station, so that no letter depends on one before."""
    supervisors = {one.badge for one in register.operators if one.supervisor}
    roster = Roster(
        station=station.name,
        clinic=register.clinic,
        number=station.numbers.get(Kind.OPERATORS, 0) + 1,
        issued_at=post.now.isoformat(timespec="seconds"),
        epoch=register.epoch,
        entries=tuple(
            RosterEntry(badge=key.badge, supervisor=key.badge in supervisors)
            for key in station.keys
        ),
    )
    body = encode_record(Enrolments(roster=roster, keys=station.keys), "operators")
    return desk.send(station, Kind.OPERATORS, body, post)


def _secret(person: Enrolled, pose: str) -> OperatorSecret:
    return OperatorSecret(
        id=person.id,
        name=person.name,
        role=person.role,
        supervisor=person.supervisor,
        temporary=True,
        pose_key=None if person.role is Role.TECHNICIAN else pose,
    )


def _blank(register: Register, station: str, badge: str, hardness: Hardness) -> OperatorKey:
    """Return a station's file with nothing sealed in it yet."""
    return OperatorKey(
        station=station,
        clinic=register.clinic,
        badge=badge,
        enrolment=os.urandom(16).hex(),
        epoch=register.epoch,
        kdf=new_kdf(hardness.memory_kib, hardness.passes, hardness.lanes),
        share=None,
        nonce=bytes(12),
        sealed=b"",
    )


def _pin() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(_PIN_DIGITS))


def _new_id(register: Register, name: str) -> str:
    """Make an id of a name; with a number behind it where somebody had it, even years ago."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].strip("-") or "operator"
    taken = {one.id for one in register.operators}
    number = 1
    while (candidate := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return candidate
