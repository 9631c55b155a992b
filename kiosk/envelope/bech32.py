"""Bech32 as age uses it: BIP-173 without its limit of 90 characters.

A hybrid recipient is about 1,960 characters long, so libraries that keep BIP-173's limit cannot
read it; without the limit the checksum still finds typing errors, it only loses its guarantee to
find every four of them. Source: C2SP age specification, "Conventions"; BIP-173.
"""

from __future__ import annotations

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6


def encode(prefix: str, data: bytes) -> str:
    """Return ``data`` under the human-readable ``prefix``, in lower case."""
    values = _split(data)
    remainder = _checksum([*_expand(prefix), *values, *[0] * _CHECKSUM_LENGTH]) ^ 1
    check = [remainder >> 5 * (5 - place) & 31 for place in range(_CHECKSUM_LENGTH)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in [*values, *check])


def decode(text: str) -> tuple[str, bytes]:
    """Return the prefix, in lower case, and the data of a Bech32 text.

    Raises:
        ValueError: mixed case, a foreign character, a wrong checksum, or padding that is not
            zero; the message completes "this is ...".
    """
    if text != text.lower() and text != text.upper():
        raise ValueError("written in mixed upper and lower case")
    lowered = text.lower()
    prefix, mark, rest = lowered.rpartition("1")
    if not (mark and prefix) or len(rest) < _CHECKSUM_LENGTH:
        raise ValueError("too short, or without a prefix")
    if not all("!" <= character <= "~" for character in prefix):
        raise ValueError("written with characters that no key has")
    try:
        values = [_VALUES[character] for character in rest]
    except KeyError as error:
        raise ValueError("written with characters that no key has") from error
    if _checksum([*_expand(prefix), *values]) != 1:
        raise ValueError("mistyped: its checksum does not match")
    return prefix, _join(values[:-_CHECKSUM_LENGTH])


def _expand(prefix: str) -> list[int]:
    codes = [ord(character) for character in prefix]
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _checksum(values: list[int]) -> int:
    """BIP-173's polymod."""
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for place, term in enumerate(_GENERATOR):
            if top >> place & 1:
                state ^= term
    return state


def _split(data: bytes) -> list[int]:
    """Cut bytes into groups of five bits, the last one padded with zeros."""
    count = -(-len(data) * 8 // 5)
    number = int.from_bytes(data) << (count * 5 - len(data) * 8)
    return [number >> 5 * place & 31 for place in reversed(range(count))]


def _join(values: list[int]) -> bytes:
    spare = len(values) * 5 % 8
    number = 0
    for value in values:
        number = number << 5 | value
    if spare > 4 or number & ((1 << spare) - 1):  # noqa: PLR2004 - a whole group of padding
        raise ValueError("badly padded")
    return (number >> spare).to_bytes(len(values) * 5 // 8)
