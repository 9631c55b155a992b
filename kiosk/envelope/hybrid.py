"""The post-quantum recipient of age, ``age1pq…``: ML-KEM-768 and X25519 together, under HPKE.

Rules: C2SP age specification, "The MLKEM768-X25519 hybrid post-quantum recipient type"; the KEM is
that of filippo.io/hpke-pq (X-Wing): an identity is a seed of 32 bytes that SHAKE-256 expands to
the seed of ML-KEM (64 bytes) and the X25519 key (32 bytes).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from kiosk.envelope import bech32
from kiosk.envelope.format import Stanza, encode_base64
from kiosk.envelope.x25519 import KEY_SIZE, require_body, required_argument, shared_secret

KIND = "mlkem768x25519"
RECIPIENT_PREFIX = "age1pq"
IDENTITY_PREFIX = "age-secret-key-pq-"
SEED_SIZE = 32
PUBLIC_SIZE = 1184 + KEY_SIZE
"""An ML-KEM-768 encapsulation key, then an X25519 public key."""
ENCAPSULATED_SIZE = 1088 + KEY_SIZE
"""An ML-KEM-768 ciphertext, then an X25519 share."""

_ML_KEM_SEED_SIZE = 64
_INFO = b"age-encryption.org/mlkem768x25519"


@dataclass(frozen=True, slots=True)
class HybridRecipient:
    """A public key to seal to; ``public`` is 1,216 bytes.

    Raises:
        ValueError: on construction, if this is no valid pair of keys.
    """

    public: bytes
    _key: hpke.MLKEM768X25519PublicKey = field(init=False, repr=False, compare=False)

    kind = KIND

    def __post_init__(self) -> None:
        # Parsed once: it costs a fifth of what wrapping a file key does.
        key = hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.public[:-KEY_SIZE]),
            X25519PublicKey.from_public_bytes(self.public[-KEY_SIZE:]),
        )
        object.__setattr__(self, "_key", key)

    def __str__(self) -> str:
        return bech32.encode(RECIPIENT_PREFIX, self.public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap the 16-byte file key with HPKE's single-shot seal.

        Raises:
            ValueError: the X25519 half is a low-order point, which is no key at all.
        """
        sealed = _suite().encrypt(file_key, self._key, _INFO)
        encapsulated = encode_base64(sealed[:ENCAPSULATED_SIZE])
        return Stanza((KIND, encapsulated), sealed[ENCAPSULATED_SIZE:])


@dataclass(frozen=True, slots=True)
class HybridIdentity:
    """A private key; ``seed`` is 32 bytes and never part of the representation."""

    seed: bytes = field(repr=False)

    kind = KIND

    @classmethod
    def generate(cls) -> HybridIdentity:
        return cls(secrets.token_bytes(SEED_SIZE))

    def recipient(self) -> HybridRecipient:
        ml_kem, x25519 = self._private()
        public = ml_kem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        return HybridRecipient(public)

    def secret_text(self) -> str:
        """Return the line that an identity file holds: the private key itself."""
        return bech32.encode(IDENTITY_PREFIX, self.seed).upper()

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the stanza is for somebody else.

        Raises:
            FormatError: a hybrid stanza that no correct program writes.
        """
        if stanza.kind != KIND:
            return None
        encapsulated = required_argument(stanza, ENCAPSULATED_SIZE)
        require_body(stanza)
        ml_kem, x25519 = self._private()
        # The HPKE suite reports a low-order share only as a bad tag: as "not for this identity".
        shared_secret(x25519, encapsulated[-KEY_SIZE:])
        try:
            return _suite().decrypt(
                encapsulated + stanza.body, hpke.MLKEM768X25519PrivateKey(ml_kem, x25519), _INFO
            )
        except InvalidTag:
            return None

    def _private(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        expanded = hashlib.shake_256(self.seed).digest(_ML_KEM_SEED_SIZE + KEY_SIZE)
        return (
            MLKEM768PrivateKey.from_seed_bytes(expanded[:_ML_KEM_SEED_SIZE]),
            X25519PrivateKey.from_private_bytes(expanded[_ML_KEM_SEED_SIZE:]),
        )


def _suite() -> hpke.Suite:
    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
