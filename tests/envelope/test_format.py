"""The header: what is written is read back, and nothing else is read."""

from __future__ import annotations

import hmac
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.envelope.format import (
    HEADER_LIMIT,
    VERSION_LINE,
    Stanza,
    check_mac,
    decode_base64,
    derive,
    emit_header,
    encode_base64,
    read_header,
)
from kiosk.errors import EnvelopeError, FormatError, IntegrityError

KEY = bytes(range(16))
VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=90)
STANZAS = st.lists(
    st.builds(
        Stanza,
        st.lists(VISIBLE, min_size=1, max_size=4).map(tuple),
        st.one_of(st.binary(max_size=200), st.sampled_from([bytes(48), bytes(96), bytes(47)])),
    ),
    min_size=1,
    max_size=4,
)


@given(STANZAS)
def test_any_header_comes_back(stanzas: list[Stanza]) -> None:
    written = emit_header(stanzas, KEY)
    source = io.BytesIO(written + b"payload")
    header = read_header(source)
    check_mac(header, KEY)
    assert header.stanzas == tuple(stanzas)
    assert source.read() == b"payload"


@given(STANZAS, st.data())
def test_a_changed_header_never_passes(stanzas: list[Stanza], draw: st.DataObject) -> None:
    """Any one byte set to anything else: refused while reading, or by the MAC."""
    written = bytearray(emit_header(stanzas, KEY))
    place = draw.draw(st.integers(0, len(written) - 1))
    written[place] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(EnvelopeError) as caught:
        check_mac(read_header(io.BytesIO(bytes(written))), KEY)
    assert isinstance(caught.value, FormatError | IntegrityError)


@given(st.binary(max_size=300))
def test_rubbish_after_the_version_line_is_refused_with_a_typed_error(rubbish: bytes) -> None:
    for text in (rubbish, VERSION_LINE + rubbish, VERSION_LINE + b"-> " + rubbish):
        with pytest.raises(FormatError):
            read_header(io.BytesIO(text))


def test_another_key_does_not_match_the_mac() -> None:
    header = read_header(io.BytesIO(emit_header([Stanza(("a",), b"b")], KEY)))
    with pytest.raises(IntegrityError, match="was changed"):
        check_mac(header, bytes(16))


def test_a_header_without_recipients_is_refused() -> None:
    with pytest.raises(FormatError, match="no recipient at all"):
        read_header(io.BytesIO(emit_header([], KEY)))


def test_a_line_of_more_than_64_columns_is_refused_under_a_good_mac() -> None:
    covered = VERSION_LINE + b"-> x\n" + b"A" * 68 + b"\n---"
    mac = hmac.digest(derive(KEY, salt=b"", info=b"header"), covered, "sha256")
    with pytest.raises(FormatError, match="a line of more than 64 columns"):
        read_header(io.BytesIO(covered + b" " + encode_base64(mac).encode() + b"\n"))


def test_armour_is_named() -> None:
    with pytest.raises(FormatError, match="ASCII armour"):
        read_header(io.BytesIO(b"-----BEGIN AGE ENCRYPTED FILE-----\n"))


def test_an_endless_header_is_refused_before_it_fills_the_memory() -> None:
    source = io.BytesIO(VERSION_LINE + b"-> x\n\n" * HEADER_LIMIT)
    with pytest.raises(FormatError, match=f"more than {HEADER_LIMIT} bytes"):
        read_header(source)
    assert source.tell() <= HEADER_LIMIT + len(b"-> x\n")
    with pytest.raises(FormatError, match="an endless line"):
        read_header(io.BytesIO(VERSION_LINE + b"-> " + b"x" * 100_000))


@given(st.binary(max_size=100))
def test_base64_is_canonical_or_refused(data: bytes) -> None:
    text = encode_base64(data)
    assert "=" not in text
    assert decode_base64(text.encode()) == data


@pytest.mark.parametrize("text", [b"AA==", b"AB", b"A", b"AA\n", b"A-_A", b" AAA", b"AAA\xff"])
def test_other_base64_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="base64"):
        decode_base64(text)
