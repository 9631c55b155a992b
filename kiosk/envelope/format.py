"""The header of an age v1 file: stanzas and the MAC line, read as strictly as the rules demand.

Rules: C2SP age specification (c2sp.org/age), "Header". Only the binary form is read and written;
ASCII armour is for mail, not for pictures.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.errors import FormatError, IntegrityError

VERSION_LINE = b"age-encryption.org/v1\n"
FILE_KEY_SIZE = 16
MAC_SIZE = 32
COLUMNS = 64
HEADER_LIMIT = 128 * 1024
"""Bytes that a header may take before we stop reading; some sixty hybrid recipients."""

_LINE_LIMIT = 16 * 1024
_ARGUMENT = re.compile(r"[!-~]+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*")
_ARMOUR = b"-----BEGIN AGE ENCRYPTED FILE"


@dataclass(frozen=True, slots=True)
class Stanza:
    """The file key, wrapped for one recipient.

    Attributes:
        arguments: the type first; each one or more visible ASCII characters.
        body: the wrapped key.
    """

    arguments: tuple[str, ...]
    body: bytes

    @property
    def kind(self) -> str:
        return self.arguments[0]


@dataclass(frozen=True, slots=True)
class Header:
    """A header as it was read; it is not authentic before :func:`check_mac` said so.

    Attributes:
        stanzas: one or more.
        mac: 32 bytes.
        covered: the bytes that the MAC covers, up to and including ``---``.
    """

    stanzas: tuple[Stanza, ...]
    mac: bytes
    covered: bytes


def derive(key_material: bytes, *, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 to 32 bytes, the only key derivation that age has."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt or None, info=info).derive(key_material)


def encode_base64(data: bytes) -> str:
    """Standard base64 without padding."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64(text: bytes) -> bytes:
    """Decode standard, canonical base64 without padding.

    Raises:
        ValueError: padding, a foreign character, or spare bits that are not zero.
    """
    if not _BASE64.fullmatch(text):
        raise ValueError("foreign character in base64")
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("cut base64") from error
    if encode_base64(data).encode() != text:
        raise ValueError("base64 that is not canonical")
    return data


def emit_header(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    """Return the whole header for ``stanzas``, with the MAC that ``file_key`` gives."""
    covered = VERSION_LINE + b"".join(map(_emit_stanza, stanzas)) + b"---"
    mac = encode_base64(_mac(covered, file_key)).encode()
    return covered + b" " + mac + b"\n"


def read_header(source: BinaryIO) -> Header:
    """Read a header from the start of ``source``, which is left at the payload's first byte.

    Raises:
        FormatError: anything but a well-formed age v1 header.
    """
    return _HeaderReader(source).read()


def check_mac(header: Header, file_key: bytes) -> None:
    """Raise IntegrityError unless the header is the one that the sealer wrote."""
    if not hmac.compare_digest(header.mac, _mac(header.covered, file_key)):
        raise IntegrityError(
            "The header of the sealed file was changed after it was sealed; fetch it again from "
            "its source."
        )


def _mac(covered: bytes, file_key: bytes) -> bytes:
    return hmac.digest(derive(file_key, salt=b"", info=b"header"), covered, "sha256")


def _emit_stanza(stanza: Stanza) -> bytes:
    body = encode_base64(stanza.body)
    lines = [body[start : start + COLUMNS] for start in range(0, len(body), COLUMNS)]
    if len(body) % COLUMNS == 0:
        lines.append("")
    return "\n".join([" ".join(("->", *stanza.arguments)), *lines, ""]).encode("ascii")


class _HeaderReader:
    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._covered = bytearray()

    def read(self) -> Header:
        self._version()
        stanzas: list[Stanza] = []
        while (line := self._line()).startswith(b"->"):
            self._covered += line + b"\n"
            stanzas.append(self._stanza(line))
        if not line.startswith(b"--- "):
            raise _malformed("a line that is neither a recipient nor the MAC")
        if not stanzas:
            raise _malformed("no recipient at all")
        mac = self._base64(line.removeprefix(b"--- "), "MAC")
        if len(mac) != MAC_SIZE:
            raise _malformed(f"a MAC of {len(mac)} bytes, expected {MAC_SIZE}")
        return Header(tuple(stanzas), mac, bytes(self._covered) + b"---")

    def _version(self) -> None:
        start = self._source.readline(len(VERSION_LINE))
        if start == VERSION_LINE:
            self._covered += start
            return
        if start.startswith(_ARMOUR[: len(VERSION_LINE)]):
            raise FormatError(
                "The file is sealed in ASCII armour, which is not read here; take the armour off "
                "first, with the age command for example."
            )
        raise FormatError(
            "The file is not a sealed file: expected it to begin with "
            f"{VERSION_LINE.decode().strip()!r}."
        )

    def _line(self) -> bytes:
        line = self._source.readline(_LINE_LIMIT)
        if not line.endswith(b"\n"):
            cut = len(line) < _LINE_LIMIT
            raise _malformed("an end in the middle of the header" if cut else "an endless line")
        if len(self._covered) + len(line) > HEADER_LIMIT:
            raise _malformed(f"more than {HEADER_LIMIT} bytes")
        return line[:-1]

    def _stanza(self, line: bytes) -> Stanza:
        mark, *arguments = line.decode("latin-1").split(" ")
        if mark != "->" or not arguments or not all(map(_ARGUMENT.fullmatch, arguments)):
            raise _malformed("a recipient line with missing, empty or unprintable arguments")
        body = bytearray()
        columns = COLUMNS
        while columns == COLUMNS:
            text = self._line()
            self._covered += text + b"\n"
            columns = len(text)
            if columns > COLUMNS:
                raise _malformed(f"a line of more than {COLUMNS} columns")
            body += self._base64(text, "recipient's body")
        return Stanza(tuple(arguments), bytes(body))

    def _base64(self, text: bytes, what: str) -> bytes:
        try:
            return decode_base64(text)
        except ValueError as error:
            raise _malformed(f"a {what} with {error}") from error


def _malformed(what: str) -> FormatError:
    return FormatError(
        f"The header of the sealed file is not well-formed: it has {what}; "
        "fetch the file again from its source."
    )
