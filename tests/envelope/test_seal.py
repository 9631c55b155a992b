"""Sealing and opening: what goes in comes out, and nothing that was touched does."""

from __future__ import annotations

import io
import os
import tracemalloc
from typing import BinaryIO

import pytest
from cryptography.utils import Buffer
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.envelope.format import read_header
from kiosk.envelope.recipients import HYBRID, X25519, Identity, generate_identity
from kiosk.envelope.seal import SealingWriter, open_sealed
from kiosk.envelope.stream import CHUNK, NONCE, TAG
from kiosk.envelope.x25519 import X25519Recipient
from kiosk.errors import (
    BadKey,
    EnvelopeError,
    FormatError,
    IntegrityError,
    NotForThisIdentity,
)
from tests.envelope.samples import sealed_of

SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK + 7]


@pytest.fixture(scope="module", params=[HYBRID, X25519])
def identity(request: pytest.FixtureRequest) -> Identity:
    return generate_identity(request.param)


def opened(sealed: bytes, identity: Identity) -> bytes:
    return open_sealed(io.BytesIO(sealed), [identity]).read()


@pytest.mark.parametrize("size", SIZES)
def test_every_size_comes_back(identity: Identity, size: int) -> None:
    payload = os.urandom(size)
    sealed = sealed_of(payload, [identity.recipient()])
    assert opened(sealed, identity) == payload
    body = len(sealed) - header_size(sealed) - NONCE
    assert body == size + max(1, -(-size // CHUNK)) * TAG, "one chunk for each 64 KiB, no more"


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 3 * CHUNK), max_size=6),
    st.lists(st.integers(1, 2 * CHUNK), min_size=1, max_size=4),
)
def test_any_pieces_in_and_any_pieces_out(pieces: list[int], reads: list[int]) -> None:
    key = generate_identity(X25519)
    payload = [os.urandom(size) for size in pieces]
    out = io.BytesIO()
    with SealingWriter(out.write, [key.recipient()]) as writer:
        for piece in payload:
            assert writer.write(memoryview(piece)) == len(piece)
    reader = open_sealed(io.BytesIO(out.getvalue()), [key])
    read = b"".join(reader.read(size) for size in reads)
    assert read == b"".join(payload)[: sum(reads)]
    assert read + b"".join(reader) == b"".join(payload)


def test_either_recipient_opens_it_and_nobody_else(identity: Identity) -> None:
    recovery = generate_identity(identity.kind)
    sealed = sealed_of(b"picture", [identity.recipient(), recovery.recipient()])
    assert opened(sealed, identity) == opened(sealed, recovery) == b"picture"
    for kind in (HYBRID, X25519):
        with pytest.raises(NotForThisIdentity, match="sealed to other keys"):
            opened(sealed, generate_identity(kind))


def test_two_files_of_the_same_bytes_share_nothing(identity: Identity) -> None:
    first, second = (sealed_of(bytes(1000), [identity.recipient()]) for _ in range(2))
    start = header_size(first)
    assert first[start:] != second[start:]
    assert first[start : start + NONCE] != second[start : start + NONCE]


def test_kinds_are_never_mixed_and_somebody_must_be_able_to_open() -> None:
    mixed = [generate_identity(kind).recipient() for kind in (HYBRID, X25519)]
    for recipients, words in ((mixed, "are mixed"), ([], "There is no recipient")):
        out = io.BytesIO()
        with pytest.raises(BadKey, match=words):
            SealingWriter(out.write, recipients)
        assert out.getvalue() == b""


def test_a_low_order_recipient_made_by_hand_is_a_typed_error() -> None:
    with pytest.raises(BadKey, match="not a usable public key"):
        SealingWriter(io.BytesIO().write, [X25519Recipient(bytes(32))])


def test_each_flipped_bit_and_each_cut_of_a_small_file_is_refused(identity: Identity) -> None:
    payload = b"a small picture"
    sealed = sealed_of(payload, [identity.recipient()])
    for place in range(len(sealed)):
        require_refused(sealed[:place], identity)
        for bit in range(8):
            flipped = bytearray(sealed)
            flipped[place] ^= 1 << bit
            require_refused(bytes(flipped), identity)


def test_a_touched_large_file_gives_out_only_verified_chunks(identity: Identity) -> None:
    payload = os.urandom(3 * CHUNK + 5000)
    sealed = sealed_of(payload, [identity.recipient()])
    start = header_size(sealed) + NONCE
    edges = [start + number * (CHUNK + TAG) for number in range(4)]
    places = {edge + near for edge in edges for near in (-TAG - 1, -TAG, -1, 0, 1, 30_000)}
    places |= {len(sealed) - 1, len(sealed) - TAG, start - 1, start - NONCE}
    for place in sorted(place for place in places if place < len(sealed)):
        flipped = bytearray(sealed)
        flipped[place] ^= 0x10
        whole = max(0, place - start) // (CHUNK + TAG)
        assert released(bytes(flipped), identity) == payload[: whole * CHUNK]
        cut = released(sealed[:place], identity)
        assert payload.startswith(cut)
        assert len(cut) <= whole * CHUNK


def test_chunks_cannot_be_moved_dropped_doubled_or_added(identity: Identity) -> None:
    payload = os.urandom(3 * CHUNK)
    sealed = sealed_of(payload, [identity.recipient()])
    start = header_size(sealed) + NONCE
    step = CHUNK + TAG
    head, *chunks = sealed[:start], *(sealed[start + n * step :][:step] for n in range(3))
    for order in ([1, 0, 2], [0, 2], [0, 1], [0, 0, 1, 2], [2], [0, 1, 2, 2], []):
        with pytest.raises(IntegrityError):
            opened(head + b"".join(chunks[number] for number in order), identity)
    with pytest.raises(IntegrityError):
        opened(sealed + b"\0", identity)


def test_an_exception_leaves_a_file_that_nobody_accepts(identity: Identity) -> None:
    for size in (0, 10, CHUNK, 3 * CHUNK):
        out = io.BytesIO()
        with pytest.raises(KeyError):
            fail_inside(SealingWriter(out.write, [identity.recipient()]), bytes(size))
        assert len(released(out.getvalue(), identity)) <= max(0, size - 1) // CHUNK * CHUNK


def test_a_sink_that_fails_ends_it_without_a_last_chunk(identity: Identity) -> None:
    out = io.BytesIO()
    calls = 0

    def failing(data: Buffer) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise OSError(28, "No space left on device")
        out.write(data)

    with (
        pytest.raises(OSError, match="No space"),
        SealingWriter(failing, [identity.recipient()]) as writer,
    ):
        writer.write(bytes(5 * CHUNK))
    assert not released(out.getvalue(), identity)


def test_the_buffers_are_wiped_however_it_ends(identity: Identity) -> None:
    for give_up in (False, True):
        writer = SealingWriter(io.BytesIO().write, [identity.recipient()])
        writer.write(b"secret")
        assert bytes(writer._chunks._waiting).startswith(b"secret")
        (writer.abandon if give_up else writer.finish)()
        assert not any(writer._chunks._waiting)
        for after in (writer.finish, lambda writer=writer: writer.write(b"more")):
            with pytest.raises(EnvelopeError, match="finished or given up"):
                after()


def test_memory_does_not_grow_with_the_picture(identity: Identity) -> None:
    """The sink never sees a piece larger than a chunk, and the input is never copied whole."""
    largest = 0

    def sink(data: Buffer) -> None:
        nonlocal largest
        largest = max(largest, memoryview(data).nbytes)

    picture = bytearray(40 * CHUNK)
    tracemalloc.start()
    try:
        with SealingWriter(sink, [identity.recipient()]) as writer:
            writer.write(picture)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert largest == CHUNK + TAG
    assert peak < 10 * CHUNK


def test_a_pipe_that_gives_single_bytes_is_read_as_well(identity: Identity) -> None:
    class Drip(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1, 7001))

    payload = os.urandom(CHUNK + 100)
    source: BinaryIO = Drip(sealed_of(payload, [identity.recipient()]))
    assert open_sealed(source, [identity]).read() == payload


def header_size(sealed: bytes) -> int:
    source = io.BytesIO(sealed)
    read_header(source)
    return source.tell()


def released(sealed: bytes, identity: Identity) -> bytes:
    """Return what is given out of a file that must be refused before its end."""
    out = bytearray()
    with pytest.raises((FormatError, IntegrityError, NotForThisIdentity)):
        drain(sealed, identity, out)
    return bytes(out)


def drain(sealed: bytes, identity: Identity, out: bytearray) -> None:
    for chunk in open_sealed(io.BytesIO(sealed), [identity]):
        out += chunk


def fail_inside(writer: SealingWriter, payload: bytes) -> None:
    with writer:
        writer.write(payload)
        raise KeyError


def require_refused(sealed: bytes, identity: Identity) -> None:
    assert released(sealed, identity) == b""


def test_after_a_failed_sink_nothing_more_is_sealed(identity: Identity) -> None:
    """A retry would encrypt other bytes under a nonce that was used already."""
    pieces: list[bytes] = []

    def failing(data: Buffer) -> None:
        pieces.append(bytes(data))
        if len(pieces) == 2:
            raise OSError(28, "No space left on device")

    writer = SealingWriter(failing, [identity.recipient()])
    with pytest.raises(OSError, match="No space"):
        writer.write(bytes(3 * CHUNK))
    with pytest.raises(EnvelopeError, match="finished or given up"):
        writer.write(b"other bytes")
    with pytest.raises(EnvelopeError, match="finished or given up"):
        writer.finish()
    assert len(pieces) == 2
