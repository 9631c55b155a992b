"""Recipients (public keys to seal to) and identities (private keys), in text and in files.

A recipients file holds one ``age1…`` or ``age1pq…`` a line, normally two: the clinic's archive key
and its offline recovery key. An identity file holds one or more ``AGE-SECRET-KEY-…`` lines. ``#``
starts a comment in both, as with the age command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kiosk.envelope import bech32, hybrid, x25519
from kiosk.envelope.format import FILE_KEY_SIZE
from kiosk.envelope.hybrid import HybridIdentity, HybridRecipient
from kiosk.envelope.x25519 import X25519Identity, X25519Recipient
from kiosk.errors import BadKey

Recipient = X25519Recipient | HybridRecipient
Identity = X25519Identity | HybridIdentity

X25519 = x25519.KIND
HYBRID = hybrid.KIND

_FILE_LIMIT = 1024 * 1024
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One row of the table at the end of this file."""

    recipient_size: int
    recipient: Callable[[bytes], Recipient]
    identity_size: int
    identity: Callable[[bytes], Identity]
    generate: Callable[[], Identity]


def parse_recipient(text: str) -> Recipient:
    """Read one ``age1…`` or ``age1pq…``.

    Raises:
        BadKey: not a recipient of a kind that we seal to, or not a usable public key.
    """
    if text.upper().startswith(x25519.IDENTITY_PREFIX.upper()):
        # Without the text: it would spread a secret into logs.
        raise BadKey(
            "This is an identity (a private key), where a recipient (age1… or age1pq…) was "
            "expected; it must not be kept here."
        )
    prefix, data = _decode(text, "a recipient (age1… or age1pq…)")
    kind = _RECIPIENTS.get(prefix)
    if kind is None or len(data) != kind.recipient_size:
        raise BadKey(
            f"{_short(text)} is not a recipient; expected one that begins with age1pq1 or age1."
        )
    try:
        recipient = kind.recipient(data)
        recipient.wrap(bytes(FILE_KEY_SIZE))
    except ValueError as error:
        raise BadKey(f"{_short(text)} is not a usable public key; have it sent again.") from error
    return recipient


def parse_identity(text: str) -> Identity:
    """Read one ``AGE-SECRET-KEY-1…`` or ``AGE-SECRET-KEY-PQ-1…``.

    Raises:
        BadKey: anything else; the message never repeats the text.
    """
    prefix, data = _decode(text, "an identity (AGE-SECRET-KEY-…)", secret=True)
    kind = _IDENTITIES.get(prefix)
    if kind is None or len(data) != kind.identity_size or text != text.upper():
        raise BadKey("This is not an identity; expected AGE-SECRET-KEY-PQ-1… or AGE-SECRET-KEY-1….")
    return kind.identity(data)


def generate_identity(kind: str = HYBRID) -> Identity:
    """Make a new identity of ``kind``: :data:`HYBRID` or :data:`X25519`."""
    return _KINDS[kind].generate()


def load_recipients(path: Path) -> tuple[Recipient, ...]:
    """Read a recipients file: one or more, all of one kind, none twice.

    Raises:
        BadKey: names the file and, where there is one, the line.
    """
    recipients = _load(path, parse_recipient, "recipient")
    require_one_kind(recipients, where=f"{path}: ")
    if len(set(recipients)) < len(recipients):
        raise BadKey(
            f"{path}: the same recipient stands there twice; expected the archive key and "
            "another one for recovery."
        )
    return recipients


def load_identities(path: Path) -> tuple[Identity, ...]:
    """Read an identity file: one or more, of any kind.

    Raises:
        BadKey: names the file and, where there is one, the line.
    """
    return _load(path, parse_identity, "identity")


def load_identity(path: Path) -> Identity:
    """Read an identity file that has exactly one.

    Raises:
        BadKey: names the file and, where there is one, the line.
    """
    identities = load_identities(path)
    if len(identities) > 1:
        raise BadKey(f"{path}: there are {len(identities)} identities in this file; expected one.")
    return identities[0]


def require_one_kind(recipients: Sequence[Recipient], *, where: str = "") -> None:
    """Refuse to seal to nobody, or to hybrid and X25519 keys at once.

    A file is as safe against a quantum computer as its weakest recipient, so the age
    specification says that the kinds should not be mixed; the age command refuses it too.

    Raises:
        BadKey: begins with ``where``.
    """
    kinds = {recipient.kind for recipient in recipients}
    if not kinds:
        raise BadKey(f"{where}There is no recipient; expected one or more lines age1pq… or age1….")
    if len(kinds) > 1:
        raise BadKey(
            f"{where}Hybrid (age1pq…) and X25519 (age1…) recipients are mixed, which would leave "
            "the pictures as weak as the weaker kind; expected all of one kind."
        )


def _load(path: Path, parse: Callable[[str], _Key], what: str) -> tuple[_Key, ...]:
    found = []
    for number, line in enumerate(_read(path, what).splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            found.append(parse(text))
        except BadKey as error:
            raise BadKey(f"{path}, line {number}: {error.sentence}") from error
    if not found:
        raise BadKey(f"{path}: there is no {what} in this file; expected one a line.")
    return tuple(found)


def _read(path: Path, what: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_LIMIT + 1)
    except OSError as error:
        raise BadKey(
            f"{path}: expected a file with one {what} a line, but: {error.strerror}."
        ) from error
    if data.startswith((b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED")):
        raise BadKey(
            f"{path}: this {what} file is itself encrypted, probably with a passphrase; decrypt "
            "it first, with the age command for example."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadKey(f"{path}: expected a text file with one {what} a line.") from error
    if len(data) > _FILE_LIMIT:
        raise BadKey(f"{path}: expected a text file with one {what} a line, not more than 1 MB.")
    return text


def _decode(text: str, expected: str, *, secret: bool = False) -> tuple[str, bytes]:
    try:
        return bech32.decode(text)
    except ValueError as error:
        name = "The text" if secret else _short(text)
        raise BadKey(f"{name} is {error}; expected {expected}.") from error


def _short(text: str) -> str:
    """Shorten a public key for a message: a hybrid one has some two thousand characters."""
    limit = 24
    return repr(text if len(text) <= limit else text[:limit] + "…")


_KINDS = {
    HYBRID: _Kind(
        recipient_size=hybrid.PUBLIC_SIZE,
        recipient=HybridRecipient,
        identity_size=hybrid.SEED_SIZE,
        identity=HybridIdentity,
        generate=HybridIdentity.generate,
    ),
    X25519: _Kind(
        recipient_size=x25519.KEY_SIZE,
        recipient=X25519Recipient,
        identity_size=x25519.KEY_SIZE,
        identity=X25519Identity,
        generate=X25519Identity.generate,
    ),
}
_RECIPIENTS = {
    hybrid.RECIPIENT_PREFIX: _KINDS[HYBRID],
    x25519.RECIPIENT_PREFIX: _KINDS[X25519],
}
_IDENTITIES = {
    hybrid.IDENTITY_PREFIX: _KINDS[HYBRID],
    x25519.IDENTITY_PREFIX: _KINDS[X25519],
}
