"""The scanner finds what is planted, wherever it is planted."""

from __future__ import annotations

import base64
import os
import random
from pathlib import Path

import pytest

from tests.faults.canary import (
    CHUNK,
    Hit,
    encodings,
    image_canaries,
    kernel_views,
    scan,
    swap_areas,
)

NAME = "Zoë Kanärienvogel".encode()
NUMBER = b"P-4711-0815"


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def found(root: Path, *canaries: bytes) -> list[Hit]:
    return scan(canaries, [root], also_swap=False)


def test_clean_places_have_no_hits(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(noise(3 * CHUNK))
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("nowhere")
    assert found(tmp_path, NAME, NUMBER, noise(24, 7)) == []


@pytest.mark.parametrize("canary", [NAME, NUMBER, noise(24, 7)], ids=["name", "number", "bytes"])
def test_every_encoding_is_found_at_every_alignment(canary: bytes, tmp_path: Path) -> None:
    for encoding, octets in encodings(canary).items():
        for shift in range(4):
            path = tmp_path / "file"
            path.write_bytes(noise(400 + shift) + octets + noise(3))
            hits = {(h.where, h.encoding, h.offset) for h in found(tmp_path, canary)}
            assert ("content", encoding, 400 + shift) in hits, (encoding, shift)


@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_anything_around_it_is_found(before: int, encode: object, tmp_path: Path) -> None:
    assert callable(encode)
    (tmp_path / "file").write_bytes(encode(noise(before) + NAME + b"and more"))
    assert found(tmp_path, NAME)


def test_json_and_python_text_are_found(tmp_path: Path) -> None:
    (tmp_path / "json").write_text('{"name": "Zo\\u00eb Kan\\u00e4rienvogel"}')
    (tmp_path / "log").write_text(f"could not handle {NAME!r}")
    assert {hit.path.name for hit in found(tmp_path, NAME)} == {"json", "log"}


@pytest.mark.parametrize("around", [CHUNK, 2 * CHUNK])
def test_a_canary_across_the_chunks_is_found(around: int, tmp_path: Path) -> None:
    for into in (1, 2, 3, 5, len(NUMBER) - 1):
        data = bytearray(noise(around + 100))
        data[around - into : around - into + len(NUMBER)] = NUMBER
        (tmp_path / "file").write_bytes(data)
        assert [hit.offset for hit in found(tmp_path, NUMBER)] == [around - into]


def test_the_first_and_the_last_bytes_are_searched(tmp_path: Path) -> None:
    for extra in range(4):
        (tmp_path / "file").write_bytes(NUMBER + noise(9 + extra) + NAME)
        assert {hit.canary for hit in found(tmp_path, NUMBER, NAME)} == {0, 1}


def test_names_links_and_attributes_are_searched(tmp_path: Path) -> None:
    inner = tmp_path / os.fsdecode(b"of " + NAME)
    inner.mkdir()
    (inner / "a link").symlink_to(os.fsdecode(b"/srv/" + NUMBER))
    (inner / "file").touch()
    try:
        os.setxattr(inner / "file", "user.comment", NUMBER)
    except OSError as error:
        pytest.skip(f"no extended attributes here: {error.strerror}")
    hits = {(hit.path.name, hit.where, hit.canary) for hit in found(tmp_path, NAME, NUMBER)}
    assert hits == {
        (inner.name, "name", 0),
        ("a link", "link", 1),
        ("file", "attribute", 1),
    }


def test_a_root_may_be_a_file_and_missing_roots_prove_nothing(tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(noise(10_000) + NUMBER)
    assert [hit.offset for hit in found(image, NUMBER)] == [10_000]
    with pytest.raises(FileNotFoundError):
        found(tmp_path / "no", NUMBER)


def test_a_file_that_cannot_be_read_is_no_proof(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    (tmp_path / "closed").touch(mode=0)
    with pytest.raises(PermissionError):
        found(tmp_path, NUMBER)


def test_a_read_error_is_no_proof() -> None:
    memory = Path("/proc/self/mem")  # nothing is mapped at its beginning: the kernel answers EIO
    with pytest.raises(OSError, match="Input/output error"):
        found(memory, NUMBER)


def test_short_canaries_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 6 bytes"):
        found(tmp_path, b"short")


def test_swap_areas_and_write_back_files_are_read_from_the_system(tmp_path: Path) -> None:
    table = tmp_path / "swaps"
    table.write_text(
        "Filename Type Size Used Priority\n"
        "/dev/zram0 partition 1 0 100\n/dev/sda3 partition 1 0 -2\n/swapfile file 1 0 -3\n"
    )
    extra = tmp_path / "swap"
    assert swap_areas(table, extra) == [Path("/dev/sda3"), Path("/swapfile")]
    extra.touch()
    assert swap_areas(table, extra)[-1] == extra


def test_kernel_views_are_left_out_and_disks_are_not() -> None:
    text = (
        "22 1 0:20 / /proc rw,nosuid - proc proc rw\n"
        "23 1 8:1 / /home rw shared:1 - ext4 /dev/sda1 rw\n"
        "24 1 0:21 / /tmp rw - tmpfs tmpfs rw\n"
    )
    assert kernel_views(text) == {"/proc"}


def test_image_canaries_are_distinctive_and_found_in_a_copy(tmp_path: Path) -> None:
    jpeg = b"\xff\xd8" + b"tables" * 100 + b"\xff\xda" + noise(50_000)
    picked = image_canaries(jpeg)
    assert len(picked) == 8
    assert all(len(window) == 24 and jpeg.index(window) > 600 for window in picked)
    (tmp_path / "copy").write_bytes(b"\0" * 13 + jpeg)
    assert {hit.canary for hit in found(tmp_path, *picked)} == set(range(8))


def test_a_picture_of_one_colour_gives_no_canaries() -> None:
    with pytest.raises(ValueError, match="0 of 8"):
        image_canaries(b"\x80" * 100_000)
