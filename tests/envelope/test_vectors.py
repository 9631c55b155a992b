"""The age project's own vectors: what must open, and what must be refused as what."""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.envelope.format import emit_header, read_header
from kiosk.envelope.recipients import Identity, parse_identity
from kiosk.envelope.seal import open_sealed
from kiosk.errors import FormatError, IntegrityError, NotForThisIdentity

FOLDER = Path(__file__).parent / "vectors"
NAMES = sorted(
    path.name for path in FOLDER.iterdir() if path.suffix != ".md" and path.name[0] != "."
)

# A passphrase opens nothing here, so the one good file with a passphrase is for somebody else.
OTHERWISE = {"scrypt": "no match"}

# The reference gives out a whole chunk that stands last without being marked as the last one, and
# a chunk marked as the last one though more follows; both are released there before the error.
# We look ahead and release neither.
RELEASES_LESS = {
    "stream_no_final_full",
    "stream_no_final_two_chunks_full",
    "stream_trailing_garbage_long",
    "stream_trailing_garbage_short",
    "stream_two_final_chunks",
    "stream_two_final_chunks_full",
    "stream_two_final_chunks_second",
}


@dataclass(frozen=True)
class Vector:
    expect: str
    payload: str | None
    file_key: bytes | None
    identities: list[Identity]
    sealed: bytes


def vector(name: str) -> Vector:
    head, _, sealed = (FOLDER / name).read_bytes().partition(b"\n\n")
    fields = [line.split(": ", 1) for line in head.decode().splitlines()]
    known = dict(fields)
    return Vector(
        OTHERWISE.get(name, known["expect"]),
        known.get("payload"),
        bytes.fromhex(known["file key"]) if "file key" in known else None,
        [parse_identity(value) for key, value in fields if key == "identity"],
        zlib.decompress(sealed) if "compressed" in known else sealed,
    )


def outcome(case: Vector) -> tuple[str, bytes]:
    """Return what became of it in the words of the vectors, and what was given out."""
    try:
        payload = open_sealed(io.BytesIO(case.sealed), case.identities)
    except FormatError:
        return "header failure", b""
    except IntegrityError:
        return "HMAC failure", b""
    except NotForThisIdentity:
        return "no match", b""
    released = b""
    try:
        for chunk in payload:
            released += chunk
    except (IntegrityError, FormatError):
        return "payload failure", released
    return "success", released


def test_no_vector_got_lost() -> None:
    assert len(NAMES) == 88


@pytest.mark.parametrize("name", NAMES)
def test_each_vector_ends_as_the_specification_says(name: str) -> None:
    case = vector(name)
    result, released = outcome(case)
    assert result == case.expect
    if case.payload is None or result == "no match":
        assert not released
    else:
        whole = hashlib.sha256(released).hexdigest() == case.payload
        assert whole == (name not in RELEASES_LESS)


@pytest.mark.parametrize("name", NAMES)
def test_each_header_that_is_read_is_written_back_byte_for_byte(name: str) -> None:
    case = vector(name)
    if case.expect not in {"success", "payload failure"} or case.file_key is None:
        return
    header = read_header(io.BytesIO(case.sealed))
    written = emit_header(header.stanzas, case.file_key)
    assert case.sealed.startswith(written)
