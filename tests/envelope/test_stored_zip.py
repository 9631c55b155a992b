"""The ZIP: read by anybody, written in one form, and read here in that form alone."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.envelope.stored_zip import read_members, write_members
from kiosk.errors import ContainerError

LIMITS = {"image.jpg": 100_000, "shot.json": 1000, "x": 10}
MEMBERS = [("image.jpg", os.urandom(5000)), ("shot.json", b"{}"), ("x", b"")]


def written(members: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    write_members(out.write, members)
    return out.getvalue()


def read(data: bytes) -> list[tuple[str, bytes]]:
    return list(read_members(io.BytesIO(data), LIMITS))


def test_it_comes_back_and_is_always_the_same() -> None:
    data = written(MEMBERS)
    assert read(data) == MEMBERS
    assert written(MEMBERS) == data


def test_unzip_and_python_read_it(tmp_path: Path) -> None:
    path = tmp_path / "shot.zip"
    path.write_bytes(written(MEMBERS))
    subprocess.run(["unzip", "-tqq", path], check=True)
    subprocess.run(["unzip", "-qq", path, "-d", tmp_path], check=True)
    assert (tmp_path / "image.jpg").read_bytes() == MEMBERS[0][1]
    assert (tmp_path / "image.jpg").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_nothing_is_copied_whole() -> None:
    """The picture's own buffer reaches the sink, not a copy of it."""
    picture = bytearray(5000)
    given_out: list[object] = []
    write_members(given_out.append, [("image.jpg", picture)])
    assert any(piece is picture for piece in given_out)


def test_each_flipped_bit_each_cut_and_each_addition_is_refused() -> None:
    data = written([("image.jpg", b"small"), ("x", b"")])
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            with pytest.raises(ContainerError):
                read(bytes(flipped))
        with pytest.raises(ContainerError):
            read(data[:place])
    for longer in (data + b"\0", b"\0" + data, data + data):
        with pytest.raises(ContainerError):
            read(longer)


@given(st.binary(max_size=200))
def test_rubbish_is_refused_with_a_typed_error(rubbish: bytes) -> None:
    for data in (rubbish, b"PK\3\4" + rubbish):
        with pytest.raises(ContainerError):
            read(data)


def test_unexpected_doubled_and_oversized_members_are_refused() -> None:
    cases = {
        "'../../x' that is unexpected": [("../../x", b"")],
        "'/etc/passwd' that is unexpected": [("/etc/passwd", b"")],
        "'x' that is unexpected or there twice": [("x", b"1"), ("x", b"2")],
        "says it has 11 bytes, expected at most 10": [("x", bytes(11))],
    }
    for words, members in cases.items():
        with pytest.raises(ContainerError, match=words):
            read(written(members))


def test_the_zip_of_another_program_is_refused() -> None:
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as archive:
            archive.writestr("shot.json", b"{}" * 100)
        with pytest.raises(ContainerError, match="not in the one form that stations write"):
            read(out.getvalue())


def test_a_size_that_lies_allocates_nothing() -> None:
    data = bytearray(written([("x", b"1")]))
    data[18:26] = b"\xff\xff\xff\x7f" * 2
    with pytest.raises(ContainerError, match="expected at most 10"):
        read(bytes(data))


def test_names_and_sizes_that_do_not_fit_are_not_written() -> None:
    for name in ("", "n" * 65):
        with pytest.raises(ContainerError, match="does not fit"):
            written([(name, b"")])
