"""From a badge and a PIN to an operator and the key that they may use; on the worker's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from kiosk.capture.people.key_files import KeyFiles
from kiosk.capture.people.pins import require_fit
from kiosk.capture.people.tries import Chance, Tries
from kiosk.envelope.recipients import Identity, parse_identity
from kiosk.envelope.wrapping import Factors, new_kdf, require_share, unwrap, wrap
from kiosk.errors import BadgeError, BadKey, OperatorKeyError, PinError
from kiosk.model import Operator
from kiosk.records.badge import Badge
from kiosk.records.operators import OperatorSecret

Shares = Callable[[], bytes | None]
"""Gives the server's share, 32 bytes; None while there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What badge and PIN opened.

    Attributes:
        operator: who it is.
        badge: the badge's id.
        pose_key: opens what the station keeps of patients; None of a technician.
        temporary: whether the PIN must be replaced before anything else.
    """

    operator: Operator
    badge: str
    pose_key: Identity | None = field(repr=False)
    temporary: bool


class SignIn:
    """Tries badges and PINs.

    Args:
        files: the operators' files.
        tries: counts wrong PINs.
        share: gives the server's share.
    """

    def __init__(self, files: KeyFiles, tries: Tries, share: Shares) -> None:
        self._files, self._tries, self._share = files, tries, share

    def receive(self, body: bytes) -> None:
        """Take in operators that the desk sent; arguments and errors of ``KeyFiles.receive``."""
        listed, gone = self._files.receive(body)
        for badge in listed:
            self._tries.enrol(badge)
        for badge in gone:
            self._tries.forget(badge)

    def lists(self, badge: str) -> bool:
        """Whether a badge of this id may be used here; errors of ``KeyFiles.lists``."""
        return self._files.lists(badge)

    def look_up(self, badge: Badge) -> Chance:
        """Return whether a badge may try a PIN now.

        Raises:
            BadgeError: it is not enrolled here.
            OperatorKeyError: its file cannot be used.
        """
        self._files.read(badge)
        return self._tries.chance(badge.id)

    def open(self, badge: Badge, pin: str) -> Opened:
        """Try a PIN.

        Raises:
            PinError: it is wrong.
            BadgeLocked: it was not tried: too many were wrong, or too shortly before.
            ShareMissing: it was not tried, and does not count.
            BadgeError, OperatorKeyError: the badge cannot be used here.
            StorageError: it was not tried, because it could not be counted.
        """
        return _opened(badge, self._secret(badge, pin))

    def change_pin(self, badge: Badge, pin: str, new: str) -> Opened:
        """Replace the PIN by the operator's own.

        Raises:
            PinUnfit: the new one may not be chosen; nothing was tried.
            PinError: the present one is wrong.
            StorageError: the present one is still in force.
            BadgeLocked, ShareMissing, BadgeError, OperatorKeyError: as for :meth:`open`.
        """
        require_fit(new, pin)
        secret = msgspec.structs.replace(self._secret(badge, pin), temporary=False)
        file = self._files.read(badge)
        kdf = new_kdf(file.kdf.memory_kib, file.kdf.passes, file.kdf.lanes)
        blank = msgspec.structs.replace(file, kdf=kdf)
        self._files.replace(wrap(secret, Factors(badge, new, self._share()), blank))
        return _opened(badge, secret)

    def release(self, badge: str, supervisor: Badge) -> None:
        """Give a locked badge its ten tries back.

        Args:
            badge: the locked one's id.
            supervisor: whose badge is held to the station.

        Raises:
            BadgeError: that is no supervisor's badge of this station, or the locked one itself.
            StorageError: it is still locked.
        """
        entry = self._files.entry(supervisor)
        able = entry.supervisor and entry.badge != badge
        if not able or self._tries.chance(entry.badge).locked:
            raise BadgeError(
                "This badge cannot release another one; expected the badge of a supervisor that "
                "is not locked itself."
            )
        self._tries.clear(badge)

    def _secret(self, badge: Badge, pin: str) -> OperatorSecret:
        file = self._files.read(badge)
        factors = Factors(badge, pin, self._share())
        require_share(file, factors.share)
        self._tries.begin(badge.id)
        secret = unwrap(file, factors)
        if secret is None:
            self._tries.failed(badge.id)
            raise PinError("This PIN is wrong.")
        self._tries.clear(badge.id)
        return secret


def _opened(badge: Badge, secret: OperatorSecret) -> Opened:
    try:
        key = None if secret.pose_key is None else parse_identity(secret.pose_key)
    except BadKey as error:
        raise OperatorKeyError(
            "This badge's file has an unusable key in it; have the clinic's desk enrol the badge "
            "again."
        ) from error
    return Opened(secret.operator(), badge.id, key, secret.temporary)
