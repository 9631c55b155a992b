"""Packets against bytes written out by hand from the draft, and what is no packet."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import TransferRefused
from kiosk.upload import sftp_wire as wire

STATUS_OK = bytes.fromhex("00000018 65 00000007 00000000 00000007") + b"Success" + bytes(4)


def test_requests_are_the_drafts_bytes() -> None:
    assert wire.init() == bytes.fromhex("00000005 01 00000003")
    assert wire.open_new(1, "a") == bytes.fromhex(
        "00000012 03 00000001 00000001 61 0000002a 00000000"
    )
    assert wire.write_head(2, b"H", 32_000, 3) + b"xyz" == (
        bytes.fromhex("00000019 06 00000002 00000001 48 0000000000007d00 00000003") + b"xyz"
    )
    assert wire.fstat(3, b"H") == bytes.fromhex("0000000a 08 00000003 00000001 48")
    assert wire.stat(4, "a") == bytes.fromhex("0000000a 11 00000004 00000001 61")
    assert wire.fsync(5, b"H") == (
        bytes.fromhex("0000001f c8 00000005 00000011")
        + b"fsync@openssh.com"
        + bytes.fromhex("00000001 48")
    )
    assert wire.rename(6, "a", "b") == bytes.fromhex("0000000f 12 00000006 00000001 61 00000001 62")
    assert wire.close(7, b"H") == bytes.fromhex("0000000a 04 00000007 00000001 48")


def test_replies_are_read() -> None:
    decoder = wire.Decoder()
    packets = struct.pack(">IBI", 31, 2, 3) + b"\x00\x00\x00\x11fsync@openssh.com\x00\x00\x00\x011"
    assert decoder.feed(packets) == [wire.Version(3, frozenset({wire.FSYNC}))]
    assert decoder.feed(STATUS_OK) == [wire.Status(7, 0, "Success")]
    assert decoder.feed(bytes.fromhex("0000000a 66 00000008 00000001 48")) == [wire.Handle(8, b"H")]
    assert decoder.feed(bytes.fromhex("00000011 69 00000009 00000001 00000000005b8d80")) == [
        wire.Attributes(9, 6_000_000)
    ]
    assert decoder.feed(bytes.fromhex("00000009 69 00000009 00000000")) == [
        wire.Attributes(9, None)
    ]


@given(st.lists(st.integers(1, 60), max_size=12))
def test_the_cuts_of_the_stream_do_not_matter(cuts: list[int]) -> None:
    stream, whole = STATUS_OK * 5, wire.Decoder().feed(STATUS_OK * 5)
    decoder, replies = wire.Decoder(), []
    for cut in cuts:
        replies += decoder.feed(stream[:cut])
        stream = stream[cut:]
    assert replies + decoder.feed(stream) == whole
    assert len(whole) == 5


@pytest.mark.parametrize(
    "packet",
    [
        "00000000",
        "7fffffff",
        "00000001 65",
        "00000005 f0 00000001",
        "00000005 65 00000001",
        "0000000a 66 00000001 000000ff 48",
        "00000009 69 00000001 00000001",
    ],
)
def test_what_is_no_reply_is_refused(packet: str) -> None:
    with pytest.raises(TransferRefused, match="not SFTP"):
        wire.Decoder().feed(bytes.fromhex(packet))


@given(st.binary(max_size=300))
def test_no_bytes_at_all_raise_anything_else(data: bytes) -> None:
    try:
        wire.Decoder().feed(data)
    except TransferRefused:
        return


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (wire.Status(1, 3, "Permission denied"), "permission denied"),
        (wire.Status(1, 4, ""), "failure"),
        (wire.Status(1, 4, "disk quota exceeded"), "failure (disk quota exceeded)"),
        (wire.Status(1, 99, ""), "status 99"),
    ],
)
def test_a_status_is_said_in_words(status: wire.Status, said: str) -> None:
    assert status.meaning == said
