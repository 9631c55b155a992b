"""Ed25519 signatures in OpenSSH's own format, checked by ``ssh-keygen -Y verify`` anywhere.

Format: OpenSSH, PROTOCOL.sshsig; the armour wraps at 70 columns as ssh-keygen does.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from kiosk.errors import BadKey, SignatureError

KEY_TYPE = "ssh-ed25519"

_MAGIC = b"SSHSIG"
_VERSION = 1
_HASH = "sha512"
_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_COLUMNS = 70
_PUBLIC_SIZE = 32
_FILE_LIMIT = 16 * 1024


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key; ``raw`` is 32 bytes."""

    raw: bytes

    @classmethod
    def parse(cls, line: str) -> PublicKey:
        """Read ``ssh-ed25519 AAAA… [comment]``.

        Raises:
            BadKey: another type of key, or not a key.
        """
        kind, _, rest = line.strip().partition(" ")
        if kind != KEY_TYPE:
            raise BadKey(
                f"{kind[:40]!r} is not a type of key that stations have; expected {KEY_TYPE}."
            )
        try:
            blob = base64.b64decode(rest.split(" ")[0], validate=True)
            return cls(_public_of(blob))
        except ValueError as error:
            raise BadKey(f"The {KEY_TYPE} key is mistyped; have it sent again.") from error

    def line(self, comment: str = "") -> str:
        """Return the key as ``authorized_keys`` and ``allowed_signers`` write it."""
        encoded = base64.b64encode(_blob(self.raw)).decode("ascii")
        return f"{KEY_TYPE} {encoded} {comment}".rstrip()

    @property
    def fingerprint(self) -> str:
        """``SHA256:…``, as ``ssh-keygen -l`` prints it."""
        digest = hashlib.sha256(_blob(self.raw)).digest()
        return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A station's private key; it never shows in the representation."""

    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> SigningKey:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read an unencrypted OpenSSH private key file.

        Raises:
            BadKey: missing, unreadable, encrypted, or not Ed25519.
        """
        expected = "expected an unencrypted OpenSSH Ed25519 private key"
        try:
            with path.open("rb") as file:
                data = file.read(_FILE_LIMIT)
        except OSError as error:
            raise BadKey(f"{path}: {expected}, but: {error.strerror}.") from error
        try:
            key = load_ssh_private_key(data, password=None)
        except TypeError as error:
            raise BadKey(f"{path}: {expected}, but this one has a passphrase.") from error
        except (ValueError, UnsupportedAlgorithm) as error:
            raise BadKey(f"{path}: {expected}, but this cannot be read as one.") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey(f"{path}: {expected}, but this is a key of another type.")
        return cls(key)

    def public_key(self) -> PublicKey:
        return PublicKey(self._private.public_key().public_bytes_raw())

    def public_line(self, comment: str = "") -> str:
        """Return ``ssh-ed25519 AAAA… comment``."""
        return self.public_key().line(comment)

    def private_text(self) -> str:
        """Return the OpenSSH private key file's content: the private key itself."""
        return self._private.private_bytes(
            Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
        ).decode("ascii")

    def sign(self, message: bytes, namespace: str) -> str:
        """Return the armoured signature of ``message`` for ``namespace``, ending with a newline.

        The namespace keeps a signature made for one use from being shown for another.
        """
        signature = self._private.sign(_signed_data(message, namespace))
        blob = b"".join(
            (
                _MAGIC,
                struct.pack(">I", _VERSION),
                _string(_blob(self.public_key().raw)),
                _string(namespace.encode()),
                _string(b""),
                _string(_HASH.encode()),
                _string(_string(KEY_TYPE.encode()) + _string(signature)),
            )
        )
        return _armour(blob)


def signer_of(message: bytes, armoured: str, namespace: str) -> PublicKey:
    """Return the key that signed ``message``; whose key that is, the caller must know.

    Raises:
        SignatureError: malformed, for another namespace, or not of this message.
    """
    public, stated, signature = _parse(armoured)
    if stated != namespace:
        raise SignatureError(
            f"The signature was made for {stated[:60]!r}, expected one for {namespace!r}."
        )
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            signature, _signed_data(message, namespace)
        )
    except (InvalidSignature, ValueError) as error:
        raise SignatureError(
            "The signature does not belong to what it should sign: one of the two was changed."
        ) from error
    return PublicKey(public)


def verify(
    message: bytes, armoured: str, namespace: str, public_keys: Iterable[PublicKey]
) -> PublicKey:
    """Return the one of ``public_keys`` that signed ``message``.

    Raises:
        SignatureError: malformed, for another namespace, not of this message, or by another key.
    """
    signer = signer_of(message, armoured, namespace)
    if signer not in set(public_keys):
        raise SignatureError(
            f"Signed with the key {signer.fingerprint}, which is not among the known stations' "
            "keys; expected one of theirs."
        )
    return signer


def _signed_data(message: bytes, namespace: str) -> bytes:
    digest = hashlib.new(_HASH, message).digest()
    fields = (namespace.encode(), b"", _HASH.encode(), digest)
    return _MAGIC + b"".join(map(_string, fields))


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _blob(raw: bytes) -> bytes:
    return _string(KEY_TYPE.encode()) + _string(raw)


def _armour(blob: bytes) -> str:
    text = base64.b64encode(blob).decode("ascii")
    lines = [text[start : start + _COLUMNS] for start in range(0, len(text), _COLUMNS)]
    return "\n".join((_BEGIN, *lines, _END, ""))


def _parse(armoured: str) -> tuple[bytes, str, bytes]:
    """Return public key, namespace and raw signature; only the form that we write is read."""
    try:
        return _fields(armoured)
    except ValueError as error:
        raise SignatureError(
            "The signature cannot be read; expected an OpenSSH signature (SSHSIG) by an Ed25519 "
            "key over SHA-512."
        ) from error


def _fields(armoured: str) -> tuple[bytes, str, bytes]:
    blob = base64.b64decode("".join(armoured.split("\n")[1:-2]), validate=True)
    start = _MAGIC + struct.pack(">I", _VERSION)
    if _armour(blob) != armoured or not blob.startswith(start):
        raise ValueError("not canonical, or of another version")
    public, namespace, reserved, algorithm, signature = _strings(blob[len(start) :], 5)
    kind, raw = _strings(signature, 2)
    if (reserved, algorithm, kind) != (b"", _HASH.encode(), KEY_TYPE.encode()):
        raise ValueError("of another algorithm")
    return _public_of(public), namespace.decode(), raw


def _public_of(blob: bytes) -> bytes:
    kind, raw = _strings(blob, 2)
    if kind != KEY_TYPE.encode() or len(raw) != _PUBLIC_SIZE:
        raise ValueError("not an Ed25519 key")
    return raw


def _strings(data: bytes, count: int) -> list[bytes]:
    """Cut ``data`` into exactly ``count`` strings with a length before each."""
    found = []
    for _ in range(count):
        if len(data) < 4:  # noqa: PLR2004 - the size of a length
            raise ValueError("cut")
        size = int.from_bytes(data[:4])
        found.append(data[4 : 4 + size])
        if len(found[-1]) != size:
            raise ValueError("cut")
        data = data[4 + size :]
    if data:
        raise ValueError("too long")
    return found
