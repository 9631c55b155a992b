"""The server's pinned public key: what it is and how people compare it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Self

from kiosk.errors import ConfigError

_ALGORITHMS = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
"""Signature algorithms by kind of key; RSA with SHA-1 is not among them (RFC 8332)."""


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key as SSH sends it; ``kind`` is the name that the key itself starts with."""

    kind: str
    blob: bytes

    @classmethod
    def parse(cls, line: str, setting: str = "upload.host_key") -> Self:
        """Read a line such as ``ssh-ed25519 AAAA… comment``.

        Args:
            line: the key.
            setting: which has it, for the error.

        Raises:
            ConfigError: it is not a public key of a kind that can be pinned.
        """
        kind, _, rest = line.strip().partition(" ")
        try:
            key = cls.of(base64.b64decode(rest.split()[0], validate=True))
        except (IndexError, binascii.Error) as error:
            raise ConfigError(_expected(line, setting)) from error
        if key.kind != kind or kind not in _ALGORITHMS:
            raise ConfigError(_expected(line, setting))
        return key

    @classmethod
    def of(cls, blob: bytes) -> Self:
        length = int.from_bytes(blob[:4], "big")
        return cls(blob[4 : 4 + length].decode("ascii", errors="replace"), blob)

    @property
    def algorithms(self) -> tuple[str, ...]:
        return _ALGORITHMS[self.kind]

    @property
    def fingerprint(self) -> str:
        """As ``ssh-keygen -l`` prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii")
        return f"SHA256:{digest.rstrip('=')}"


def _expected(line: str, setting: str) -> str:
    return (
        f"{setting}: {line!r} is no public key; expected one line as the server's "
        "/etc/ssh/ssh_host_ed25519_key.pub has it, such as 'ssh-ed25519 AAAA…'"
    )
