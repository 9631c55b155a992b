"""Operators as a station keeps them: wrapped keys and the roster. docs/formats/operators.md.

Nothing here can be read without badge, PIN and the server's share, but which badges there are.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

from kiosk.model import Operator, Role
from kiosk.records.shot import Record, Sha256, Slug, Text, WallTime

BadgeId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Epoch = Annotated[int, Meta(ge=1, le=1_000_000)]

SALT_SIZE: Final = 16
NONCE_SIZE: Final = 12

ROSTER: Final = "roster.json"
KEY_SUFFIX: Final = ".key.json"
"""How a station names what it keeps: the roster, and behind a badge's id its wrapped key."""


class Kdf(Record, frozen=True, kw_only=True):
    """Argon2id's parameters (RFC 9106), within what a station can bear.

    Attributes:
        salt: 16 random bytes.
        memory_kib: memory, KiB.
        passes: over the memory.
        lanes: computed side by side.
    """

    salt: Annotated[bytes, Meta(min_length=SALT_SIZE, max_length=SALT_SIZE)]
    memory_kib: Annotated[int, Meta(ge=64, le=256 * 1024)] = 64 * 1024
    passes: Annotated[int, Meta(ge=1, le=16)] = 3
    lanes: Annotated[int, Meta(ge=1, le=8)] = 4


class OperatorKey(Record, frozen=True, kw_only=True):
    """One operator's secret for one station, wrapped; every other field is authenticated with it.

    Attributes:
        station: for which it was made; another one cannot open it.
        clinic: whose register it is of.
        badge: which badge opens it.
        enrolment: of which act at the desk it came; a PIN changed at the station keeps it.
        epoch: of the pose key.
        kdf: how the PIN is stretched.
        share: SHA-256 commitment to the server's share; None where there is none.
        nonce: of the cipher.
        sealed: an :class:`OperatorSecret`, ChaCha20-Poly1305.
    """

    version: Literal[1] = 1
    station: Slug
    clinic: Text
    badge: BadgeId
    enrolment: BadgeId
    epoch: Epoch
    kdf: Kdf
    share: Sha256 | None
    nonce: Annotated[bytes, Meta(min_length=NONCE_SIZE, max_length=NONCE_SIZE)]
    sealed: Annotated[bytes, Meta(max_length=8192)]


class OperatorSecret(Record, frozen=True, kw_only=True):
    """What badge, PIN and share open.

    Attributes:
        id: of the clinic's register.
        name: of the person.
        role: what they are there for.
        supervisor: whether their badge releases others.
        temporary: whether the PIN was made by the desk and must be replaced.
        pose_key: the age identity that opens what the station keeps of patients; None of a
            technician, who has no business with patients.
    """

    id: Slug
    name: Text
    role: Role
    supervisor: bool
    temporary: bool
    pose_key: Annotated[str, Meta(max_length=256)] | None

    def __repr__(self) -> str:
        """Return what a log may show: the pose key is none of it."""
        return f"OperatorSecret(id={self.id!r})"

    def operator(self) -> Operator:
        return Operator(self.id, self.name, self.role, self.supervisor)


class RosterEntry(Record, frozen=True, kw_only=True):
    """A badge that may be used at the station."""

    badge: BadgeId
    supervisor: bool


class Roster(Record, frozen=True, kw_only=True):
    """The badges of a station, all of them: who is not here cannot sign in.

    Attributes:
        number: counts a station's rosters; an older one is refused.
        epoch: of the pose key; wrapped keys of another are refused.
    """

    version: Literal[1] = 1
    station: Slug
    clinic: Text
    number: Annotated[int, Meta(ge=1)]
    issued_at: WallTime
    epoch: Epoch
    entries: Annotated[tuple[RosterEntry, ...], Meta(max_length=200)]


class Enrolments(Record, frozen=True, kw_only=True):
    """What the desk sends to a station: the roster, and the wrapped key of each badge on it."""

    roster: Roster
    keys: Annotated[tuple[OperatorKey, ...], Meta(max_length=200)]
