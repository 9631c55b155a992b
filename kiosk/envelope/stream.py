"""The payload of an age v1 file: chunks of 64 KiB under ChaCha20-Poly1305.

Rules: C2SP age specification, "Payload" (a STREAM construction). Both directions hold one or two
chunks, whatever the size of the payload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.utils import Buffer

from kiosk.envelope.format import derive
from kiosk.errors import FormatError, IntegrityError

CHUNK = 64 * 1024
TAG = 16
NONCE = 16

Sink = Callable[[Buffer], object]
"""Takes every byte of what it is given before it returns, and keeps no reference: it is reused."""


def payload_cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    """Return the payload's cipher for a file key and the 16-byte nonce after the header."""
    return ChaCha20Poly1305(derive(file_key, salt=nonce, info=b"payload"))


class ChunkSealer:
    """Encrypts a stream of bytes-like pieces into a sink.

    Whole chunks are encrypted straight from the caller's memory; only what does not fill a chunk
    yet is copied, into a buffer that :meth:`wipe` overwrites with zeros.
    """

    def __init__(self, cipher: ChaCha20Poly1305, sink: Sink) -> None:
        self._cipher = cipher
        self._sink = sink
        self._waiting = bytearray(CHUNK)
        self._held = 0
        self._used = 0
        self._sealed = bytearray(CHUNK + TAG)
        self._counter = 0

    def write(self, data: Buffer) -> int:
        """Take all of ``data``; a chunk leaves as soon as it is known not to be the last.

        Returns:
            The number of bytes taken.
        """
        with memoryview(data) as given, given.cast("B") as view:
            size = len(view)
            place = 0
            if self._held and self._held + size > CHUNK:
                place = self._fill(view)
                self._emit(last=False)
            place = self._emit_whole(view, place)
            with view[place:] as rest:
                self._fill(rest)
            return size

    def finish(self) -> None:
        """Write the last chunk, without which nobody accepts the file."""
        self._emit(last=True)

    def wipe(self) -> None:
        """Overwrite what is still held of the plaintext."""
        with memoryview(self._waiting) as waiting:
            waiting[: self._used] = bytes(self._used)
        self._held = 0

    def _fill(self, view: memoryview) -> int:
        taken = min(CHUNK - self._held, len(view))
        # Assigning to the bytearray itself would first copy the plaintext into a third place.
        with memoryview(self._waiting) as waiting:
            waiting[self._held : self._held + taken] = view[:taken]
        self._held += taken
        self._used = max(self._used, self._held)
        return taken

    def _emit_whole(self, view: memoryview, place: int) -> int:
        """Emit whole chunks from ``place`` on while more follows; return where that ended.

        The one loop that a picture's time is spent in: everything it needs is looked up before.
        """
        encrypt_into, sink, sealed = self._cipher.encrypt_into, self._sink, self._sealed
        counter = self._counter
        end = len(view)
        while end - place > CHUNK:
            following = place + CHUNK
            encrypt_into((counter << 8).to_bytes(12), view[place:following], None, sealed)
            sink(sealed)
            counter += 1
            place = following
        self._counter = counter
        return place

    def _emit(self, *, last: bool) -> None:
        """Emit what is waiting."""
        with (
            memoryview(self._waiting) as waiting,
            memoryview(self._sealed) as sealed,
            waiting[: self._held] as chunk,
            sealed[: self._held + TAG] as part,
        ):
            self._cipher.encrypt_into(_nonce(self._counter, last=last), chunk, None, part)
            self._sink(part)
        self._counter += 1
        self._held = 0


def open_chunks(source: BinaryIO, cipher: ChaCha20Poly1305) -> Iterator[bytes]:
    """Yield the payload's verified chunks, in order; each is 1 to 65,536 bytes.

    A chunk is given out only after its own tag was checked, but the payload as a whole is proven
    only when the iterator ends without an error.

    Raises:
        IntegrityError: changed, cut, extended or put together from parts.
        FormatError: sealed by a program that breaks the format's rules.
    """
    counter = 0
    sealed = _read(source)
    while True:
        following = _read(source) if len(sealed) == CHUNK + TAG else b""
        last = not following
        chunk = _open(cipher, sealed, _nonce(counter, last=last))
        if not chunk and counter:
            raise FormatError(
                "The sealed file ends with an empty chunk, which no correct program writes; have "
                "it sealed again."
            )
        if chunk:
            yield chunk
        if last:
            return
        sealed = following
        counter += 1


def _nonce(counter: int, *, last: bool) -> bytes:
    return (counter << 8 | last).to_bytes(12)


def _open(cipher: ChaCha20Poly1305, sealed: bytes, nonce: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, None)
    except InvalidTag as error:
        raise IntegrityError(
            "The sealed file was changed, cut or extended after it was sealed; fetch it again "
            "from its source."
        ) from error


def _read(source: BinaryIO) -> bytes:
    """Read one sealed chunk; pipes may give it in pieces."""
    pieces = []
    missing = CHUNK + TAG
    while missing and (piece := source.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
