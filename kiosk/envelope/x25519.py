"""The X25519 recipient of age, ``age1…``: for clinics whose tools do not know the hybrid yet.

Rules: C2SP age specification, "The X25519 recipient type".
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from kiosk.envelope import bech32
from kiosk.envelope.format import FILE_KEY_SIZE, Stanza, decode_base64, derive, encode_base64
from kiosk.envelope.stream import TAG
from kiosk.errors import FormatError

KIND = "X25519"
RECIPIENT_PREFIX = "age"
IDENTITY_PREFIX = "age-secret-key-"
KEY_SIZE = 32

_INFO = b"age-encryption.org/v1/X25519"
_NO_NONCE = bytes(12)
"""Each wrapping key is used once, so the rules fix the nonce at zero."""


@dataclass(frozen=True, slots=True)
class X25519Recipient:
    """A public key to seal to; ``public`` is 32 bytes."""

    public: bytes

    kind = KIND

    def __str__(self) -> str:
        return bech32.encode(RECIPIENT_PREFIX, self.public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap the 16-byte file key with a share made for this stanza alone.

        Raises:
            ValueError: the recipient is a low-order point, which is no key at all.
        """
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.public))
        key = derive(secret, salt=share + self.public, info=_INFO)
        body = ChaCha20Poly1305(key).encrypt(_NO_NONCE, file_key, None)
        return Stanza((KIND, encode_base64(share)), body)


@dataclass(frozen=True, slots=True)
class X25519Identity:
    """A private key; ``secret`` is 32 bytes and never part of the representation."""

    secret: bytes = field(repr=False)

    kind = KIND

    @classmethod
    def generate(cls) -> X25519Identity:
        return cls(secrets.token_bytes(KEY_SIZE))

    def recipient(self) -> X25519Recipient:
        return X25519Recipient(self._private().public_key().public_bytes_raw())

    def secret_text(self) -> str:
        """Return the line that an identity file holds: the private key itself."""
        return bech32.encode(IDENTITY_PREFIX, self.secret).upper()

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the stanza is for somebody else.

        Raises:
            FormatError: an X25519 stanza that no correct program writes.
        """
        if stanza.kind != KIND:
            return None
        share = required_argument(stanza, KEY_SIZE)
        require_body(stanza)
        secret = shared_secret(self._private(), share)
        salt = share + self.recipient().public
        try:
            return ChaCha20Poly1305(derive(secret, salt=salt, info=_INFO)).decrypt(
                _NO_NONCE, stanza.body, None
            )
        except InvalidTag:
            return None

    def _private(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self.secret)


def required_argument(stanza: Stanza, size: int) -> bytes:
    """Return the one argument after the type, which must be canonical base64 of ``size`` bytes."""
    try:
        _, text = stanza.arguments
        data = decode_base64(text.encode("ascii"))
    except ValueError as error:
        raise _malformed(stanza) from error
    if len(data) != size:
        raise _malformed(stanza)
    return data


def require_body(stanza: Stanza) -> None:
    """Refuse a wrapped key of another size before decrypting (partitioning oracle attacks)."""
    if len(stanza.body) != FILE_KEY_SIZE + TAG:
        raise _malformed(stanza)


def shared_secret(private: X25519PrivateKey, share: bytes) -> bytes:
    """Return the Diffie-Hellman secret; a low-order ``share`` (secret all zero) is refused."""
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as error:
        raise FormatError(
            "The sealed file was made with a low-order key share, which no correct program "
            "writes; do not trust where it came from."
        ) from error


def _malformed(stanza: Stanza) -> FormatError:
    return FormatError(
        f"The header of the sealed file has a malformed {stanza.kind} recipient; "
        "fetch the file again from its source."
    )
