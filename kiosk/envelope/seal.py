"""Sealing a stream to the clinic, and opening what was sealed.

Bytes pass through in chunks of 64 KiB: neither direction ever holds a whole picture.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.utils import Buffer

from kiosk.envelope.format import FILE_KEY_SIZE, Header, check_mac, emit_header, read_header
from kiosk.envelope.recipients import Identity, Recipient, require_one_kind
from kiosk.envelope.stream import NONCE, ChunkSealer, Sink, open_chunks, payload_cipher
from kiosk.errors import BadKey, EnvelopeError, FormatError, NotForThisIdentity

_SCRYPT = "scrypt"


class SealingWriter:
    """Seals what is written to it and gives the ciphertext to ``write``, piece by piece.

    As a context manager it finishes on success only: after an exception the file is left without
    its last chunk, and no reader accepts it. Whatever happens, its buffers are wiped.
    """

    def __init__(self, write: Sink, recipients: Sequence[Recipient]) -> None:
        """Write the header.

        Args:
            write: takes each piece whole, before it returns; the buffer is used again afterwards.
            recipients: one or more, all of one kind.

        Raises:
            BadKey: no recipient, kinds mixed, or a low-order public key.
        """
        require_one_kind(recipients)
        file_key = secrets.token_bytes(FILE_KEY_SIZE)
        nonce = secrets.token_bytes(NONCE)
        try:
            stanzas = [recipient.wrap(file_key) for recipient in recipients]
        except ValueError as error:
            raise BadKey(
                "A recipient is not a usable public key; have the clinic's recipients sent again."
            ) from error
        write(emit_header(stanzas, file_key) + nonce)
        self._chunks = ChunkSealer(payload_cipher(file_key, nonce), write)
        self._closed = False

    def write(self, data: Buffer) -> int:
        """Seal all of ``data``, any C-contiguous bytes-like object, and return its size in bytes.

        If the sink fails, the file is given up: going on could use a nonce for two chunks.

        Raises:
            EnvelopeError: already finished or given up.
        """
        self._require_open()
        try:
            return self._chunks.write(data)
        except BaseException:
            self.abandon()
            raise

    def finish(self) -> None:
        """Write the last chunk; the sealed file is whole when this returns.

        Raises:
            EnvelopeError: already finished or given up.
        """
        self._require_open()
        self._closed = True
        try:
            self._chunks.finish()
        finally:
            self._chunks.wipe()

    def abandon(self) -> None:
        """Wipe the buffers and leave the file unfinished; does nothing after ``finish``."""
        self._closed = True
        self._chunks.wipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None or self._closed:
            self.abandon()
        else:
            self.finish()

    def _require_open(self) -> None:
        if self._closed:
            raise EnvelopeError(
                "The sealed file is finished or given up; expected a new one for each shot."
            )


class OpenedPayload:
    """The plaintext of a sealed file, read as a stream.

    What ``read`` returns was verified chunk by chunk, but the whole is proven only when it has
    returned empty bytes: who writes to disk writes to a temporary name and renames after that.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """Return ``size`` bytes, fewer only at the end; all that is left if negative.

        Raises:
            IntegrityError: changed, cut or extended since it was sealed.
            FormatError: sealed by a program that breaks the format's rules.
        """
        pieces = []
        missing = size
        while missing:
            if not self._rest:
                self._rest = memoryview(next(self._chunks, b""))
                if not self._rest:
                    break
            piece = self._rest[:missing] if missing > 0 else self._rest
            self._rest = self._rest[len(piece) :]
            missing -= len(piece) if missing > 0 else 0
            pieces.append(piece)
        return b"".join(pieces)

    def __iter__(self) -> Iterator[bytes]:
        """Yield what is left, in verified chunks."""
        if self._rest:
            rest, self._rest = bytes(self._rest), memoryview(b"")
            yield rest
        yield from self._chunks


def open_sealed(source: BinaryIO, identities: Sequence[Identity]) -> OpenedPayload:
    """Open a sealed file with the first identity that fits.

    The header is read and verified here, the payload while the result is read. Errors of
    ``source`` itself pass through: it belongs to the caller.

    Raises:
        FormatError: not a well-formed age file.
        NotForThisIdentity: sealed to other keys, or with a passphrase.
        IntegrityError: the header was changed since it was sealed.
    """
    header = read_header(source)
    file_key = _unwrap(header, identities)
    check_mac(header, file_key)
    nonce = source.read(NONCE)
    if len(nonce) != NONCE:
        raise FormatError(
            "The sealed file ends right after its header; fetch it again from its source."
        )
    return OpenedPayload(open_chunks(source, payload_cipher(file_key, nonce)))


def _unwrap(header: Header, identities: Sequence[Identity]) -> bytes:
    kinds = [stanza.kind for stanza in header.stanzas]
    if _SCRYPT in kinds:
        if len(kinds) > 1:
            raise FormatError(
                "The sealed file has a passphrase beside other recipients, which the format "
                "forbids; do not trust where it came from."
            )
        raise NotForThisIdentity(
            "The file is sealed with a passphrase, not to a clinic's key; no station does that."
        )
    for identity in identities:
        for stanza in header.stanzas:
            file_key = identity.unwrap(stanza)
            if file_key is not None:
                return file_key
    raise NotForThisIdentity(
        "The file is sealed to other keys than the identity given; expected the clinic's archive "
        "or recovery identity of the time when the picture was taken."
    )
