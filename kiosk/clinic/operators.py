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
class Admission:
    """One more station for somebody, and the badge, which is held to the desk's reader for it."""

    station: str
    badge: Badge = field(repr=False)


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
    stations = [desk.addressee(name) for name in dict.fromkeys(who.stations)]
    person = Enrolled(
        id=_new_id(register, who.name),
        name=who.name,
        role=who.role,
        supervisor=who.supervisor,
        badge=badge.id,
        stations=tuple(station.name for station in stations),
        enrolled_at=post.issued_at,
    )
    register = msgspec.structs.replace(register, operators=(*register.operators, person))
    desk.keep(register)
    letters = [
        _admitted(desk, station, person, Factors(badge, pin, station.share), post, hardness)
        for station in stations
    ]
    return Issued(person, badge, pin, tuple(letters))


def admit(
    desk: Desk, operator: str, where: Admission, post: Post, hardness: Hardness = Hardness()
) -> str:
    """Let an operator use the badge at one more station; return the first PIN there.

    Args:
        desk: whose operator it is.
        operator: the id.
        where: which station, and the badge.
        post: where letters go, and when.
        hardness: of trying PINs.

    Raises:
        UsageError: nobody of that id has this badge, or it is good there already.
        StorageError: the station could not be written to; ``revoke`` it there and try again.
    """
    person, station = _person(desk.register, operator), desk.addressee(where.station)
    if person.revoked_at is not None or where.badge.id != person.badge:
        raise UsageError(f"This is not a badge with which {operator} may sign in.")
    if station.name in person.stations:
        raise UsageError(f"{operator} may sign in at {station.name} already.")
    person = msgspec.structs.replace(person, stations=(*person.stations, station.name))
    _keep(desk, person)
    pin = _pin()
    _admitted(desk, station, person, Factors(where.badge, pin, station.share), post, hardness)
    return pin


def revoke(desk: Desk, operator: str, post: Post, station: str | None = None) -> tuple[Path, ...]:
    """Withdraw an operator's badge, from one station or, which may be repeated, for good.

    A station that was stolen is not written to.

    Args:
        desk: whose operator it is.
        operator: the id.
        post: where letters go, and when.
        station: from which alone; None: from every one, and for ever.

    Raises:
        UsageError: nobody has that id, or the badge is not good at the station.
        StorageError: a station could not be written to.
    """
    person = _person(desk.register, operator)
    leaves = person.stations if station is None else (station,)
    if station is None and person.revoked_at is None:
        stamp = post.issued_at
        _keep(desk, msgspec.structs.replace(person, revoked_at=stamp))
    elif station is not None:
        if station not in person.stations:
            raise UsageError(f"{operator} may not sign in at {station}.")
        stays = tuple(name for name in person.stations if name != station)
        _keep(desk, msgspec.structs.replace(person, stations=stays))
    stations = [desk.station(name) for name in leaves]
    return tuple(
        send_roster(desk, one, post) for one in stations if desk.stolen_at(one.name) is None
    )


def send_roster(desk: Desk, station: StationFile, post: Post) -> Path:
    """Write a station's roster with every key of it, so that no letter depends on one before.

    Who is on it says the register alone: a key of anybody else is dropped.

    Raises:
        StorageError: the station could not be written to.
    """
    register = desk.register
    here = {one.badge: one for one in register.operators if _may(one, station.name)}
    keys = tuple(key for key in station.keys if key.badge in here)
    roster = Roster(
        station=station.name,
        clinic=register.clinic,
        number=station.numbers.get(Kind.OPERATORS, 0) + 1,
        issued_at=post.issued_at,
        epoch=register.epoch,
        entries=tuple(
            RosterEntry(badge=key.badge, supervisor=here[key.badge].supervisor) for key in keys
        ),
    )
    body = encode_record(Enrolments(roster=roster, keys=keys), "operators")
    return desk.send(msgspec.structs.replace(station, keys=keys), Kind.OPERATORS, body, post)


def _may(person: Enrolled, station: str) -> bool:
    return person.revoked_at is None and station in person.stations


def _admitted(  # noqa: PLR0913, PLR0917 - who, where, by what, when
    desk: Desk,
    station: StationFile,
    person: Enrolled,
    factors: Factors,
    post: Post,
    hardness: Hardness,
) -> Path:
    """Wrap an operator's key for one station and write to it."""
    blank = _blank(desk.register, station.name, person.badge, hardness)
    key = wrap(_secret(person, desk.pose.secret_text()), factors, blank)
    return send_roster(desk, msgspec.structs.replace(station, keys=(*station.keys, key)), post)


def _person(register: Register, operator: str) -> Enrolled:
    for one in register.operators:
        if one.id == operator:
            return one
    raise UsageError(f"{operator}: expected the id of an operator of this desk.")


def _keep(desk: Desk, person: Enrolled) -> None:
    register = desk.register
    people = tuple(person if one.id == person.id else one for one in register.operators)
    desk.keep(msgspec.structs.replace(register, operators=people))


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
