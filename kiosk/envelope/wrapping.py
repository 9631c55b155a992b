"""An operator's secret under badge, PIN and share: all of them, and exactly this file's fields.

    key = HKDF-SHA256(Argon2id(PIN, salt) ‖ badge secret ‖ share, info)
    sealed = ChaCha20-Poly1305(key, nonce, secret, every other field of the file)

The PIN alone is found by trying: it has six to eight digits. The badge's 128 bits or the share's
256 make trying hopeless (docs/decisions/0090).
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kiosk.envelope.bundle import encode_record, parse_record
from kiosk.envelope.format import derive
from kiosk.errors import ContainerError, OperatorKeyError, ShareMissing
from kiosk.records.badge import Badge
from kiosk.records.operators import NONCE_SIZE, SALT_SIZE, Kdf, OperatorKey, OperatorSecret

SHARE_SIZE: Final = 32

_INFO = b"capture-station/operator-key/v1"
_SHARE_INFO = b"capture-station/share-id/v1"


@dataclass(frozen=True, slots=True)
class Factors:
    """What an operator brings, and what the server adds; nothing of it shows in logs.

    Attributes:
        badge: the badge.
        pin: digits.
        share: 32 bytes from the server; None where the station has none.
    """

    badge: Badge
    pin: str = field(repr=False)
    share: bytes | None = field(repr=False, default=None)


def new_kdf(memory_kib: int = 64 * 1024, passes: int = 3, lanes: int = 4) -> Kdf:
    """Return parameters with a new salt; the defaults are RFC 9106's second recommendation."""
    return Kdf(salt=os.urandom(SALT_SIZE), memory_kib=memory_kib, passes=passes, lanes=lanes)


def share_id(share: bytes | None) -> str | None:
    """Return the commitment by which a missing or wrong share is told before a PIN counts."""
    return None if share is None else hashlib.sha256(_SHARE_INFO + share).hexdigest()


def wrap(secret: OperatorSecret, factors: Factors, blank: OperatorKey) -> OperatorKey:
    """Seal a secret into a file.

    Args:
        secret: what is kept.
        factors: what will open it.
        blank: the file's other fields; its share, nonce and content are made anew, and its salt
            should have been.
    """
    fields = msgspec.structs.replace(
        blank, share=share_id(factors.share), nonce=os.urandom(NONCE_SIZE), sealed=b""
    )
    cipher = ChaCha20Poly1305(_key(fields, factors))
    sealed = cipher.encrypt(fields.nonce, encode_record(secret, "operator"), _context(fields))
    return msgspec.structs.replace(fields, sealed=sealed)


def require_share(file: OperatorKey, share: bytes | None) -> None:
    """Make sure that the share is the one of a file, before any PIN is tried.

    Raises:
        ShareMissing: it is missing or another one.
    """
    if file.share != share_id(share):
        raise ShareMissing(
            "The clinic's server has not given its part of the key, or has taken it back; without "
            "it nobody can sign in here. Check the network, then ask the clinic's desk."
        )


def unwrap(file: OperatorKey, factors: Factors) -> OperatorSecret | None:
    """Open a file; None if it cannot be opened with this badge and PIN.

    Raises:
        ShareMissing: the server's share is missing or another one; no PIN was tried.
        OperatorKeyError: it was opened, but is no operator's secret.
    """
    require_share(file, factors.share)
    cipher = ChaCha20Poly1305(_key(file, factors))
    try:
        text = cipher.decrypt(file.nonce, file.sealed, _context(file))
    except InvalidTag:
        return None
    try:
        return parse_record(text, "operator", OperatorSecret)
    except ContainerError as error:
        raise OperatorKeyError(
            "This badge's file was opened but has something else in it; have the clinic's desk "
            "enrol the badge again."
        ) from error


def _key(file: OperatorKey, factors: Factors) -> bytes:
    kdf = file.kdf
    stretched = Argon2id(
        salt=kdf.salt,
        length=32,
        iterations=kdf.passes,
        lanes=kdf.lanes,
        memory_cost=kdf.memory_kib,
    ).derive(factors.pin.encode("utf-8"))
    material = stretched + factors.badge.secret + (factors.share or b"")
    return derive(material, salt=kdf.salt, info=_INFO)


def _context(file: OperatorKey) -> bytes:
    """Return the one text of everything that is bound to what is sealed."""
    return encode_record(msgspec.structs.replace(file, sealed=b""), "operator's file")
