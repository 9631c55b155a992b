"""Bech32: the texts of keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.envelope import bech32

# From BIP-173, "Test vectors"; the last one of each list is ours.
VALID = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
]
INVALID = {
    "pzry9x0s0muk": "no separator",
    "1pzry9x0s0muk": "empty prefix",
    "x1b4n0q5v": "a character outside the alphabet",
    "li1dgmt3": "too short a checksum",
    "A1G7SGD8": "checksum of the prefix in upper case",
    "a12UEL5L": "mixed case",
    "10a06t8": "empty prefix with a checksum",
    "\x7f1axkwrx": "a prefix outside printable ASCII",
    "é12uel5l": "a prefix outside ASCII",
    "": "nothing",
}


@pytest.mark.parametrize("text", VALID)
def test_texts_of_the_standard_are_read_and_written_back(text: str) -> None:
    prefix, data = bech32.decode(text)
    assert bech32.encode(prefix, data) == text.lower()


@pytest.mark.parametrize("text", INVALID, ids=INVALID.values())
def test_malformed_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written|short|mistyped"):
        bech32.decode(text)


@given(st.binary(max_size=1500))
def test_every_length_comes_back_in_both_cases(data: bytes) -> None:
    text = bech32.encode("age1pq", data)
    assert bech32.decode(text) == ("age1pq", data)
    assert bech32.decode(text.upper()) == ("age1pq", data)


@given(st.binary(min_size=32, max_size=32), st.data())
def test_one_wrong_character_is_always_found(data: bytes, draw: st.DataObject) -> None:
    text = bech32.encode("age", data)
    place = draw.draw(st.integers(4, len(text) - 1))
    other = draw.draw(
        st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l").filter(
            lambda character: character != text[place]
        )
    )
    with pytest.raises(ValueError, match="mistyped"):
        bech32.decode(text[:place] + other + text[place + 1 :])


def test_padding_that_is_not_zero_is_refused() -> None:
    """The checksum is right here, so only the rule on padding can refuse it."""
    for spare in ([0, 0, 0, 0, 0, 0, 1], [0]):
        prefix = bech32._expand("age")
        remainder = bech32._checksum([*prefix, *spare, *[0] * 6]) ^ 1
        check = [remainder >> 5 * (5 - place) & 31 for place in range(6)]
        text = "age1" + "".join(bech32._ALPHABET[value] for value in [*spare, *check])
        with pytest.raises(ValueError, match="padded"):
            bech32.decode(text)
