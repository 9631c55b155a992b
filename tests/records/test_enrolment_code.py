"""The one-time code: what a person may type, and what it is worth."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.envelope.signatures import SigningKey
from kiosk.errors import EnrolmentCodeMistyped
from kiosk.records.enrolment_code import (
    ALPHABET,
    GROUP,
    SECRET_SYMBOLS,
    SYMBOLS,
    Code,
    doubtful_groups,
    parse_code,
)

CODES = st.text(st.sampled_from(ALPHABET), min_size=SECRET_SYMBOLS, max_size=SECRET_SYMBOLS)
CODE = Code("0123456789ABCDEFGH")


def test_it_has_ninety_bits_of_distinct_characters() -> None:
    assert len(set(ALPHABET)) == 32
    assert SECRET_SYMBOLS * math.log2(len(ALPHABET)) == 90
    assert not set("IOYZ") & set(ALPHABET)


def test_it_looks_like_this() -> None:
    """Printed sheets and readers depend on it."""
    assert CODE.text() == "CSE1-01234-56789-ABCDE-FGH" + CODE.text()[-2:]
    assert CODE.key("kiosk-01").public_key().fingerprint == (
        "SHA256:vQYBG9Af0g9O6OpCrp5+iWZa3quODWC3c/2/lCSacBE"
    )


def test_codes_are_drawn_afresh_from_all_characters() -> None:
    drawn = [Code.generate().secret for _ in range(200)]
    assert len(set(drawn)) == 200
    assert set("".join(drawn)) == set(ALPHABET)


@settings(database=None)
@given(CODES)
@example("CSE1" * 4 + "CS")
def test_what_is_printed_is_read(secret: str) -> None:
    assert parse_code(Code(secret).text()) == Code(secret)
    assert parse_code(Code(secret).text().removeprefix("CSE1-")) == Code(secret)


@pytest.mark.parametrize(
    "typed",
    [
        CODE.text(),
        CODE.text().lower(),
        CODE.text().replace("-", ""),
        CODE.text().removeprefix("CSE1-"),
        f"  {CODE.text().replace('-', ' ')}\r\n",
        # A keyboard of another country has another sign in the dash's place.
        CODE.text().replace("-", "ß"),
        CODE.text().replace("0", "O").replace("1", "I"),
    ],
)
def test_how_it_is_typed_does_not_matter(typed: str) -> None:
    assert parse_code(typed) == CODE


@pytest.mark.parametrize(
    "typed",
    ["", "CSE1", "hello", CODE.text()[:-1], f"{CODE.text()}0", "P-4711", "é" * 20, "\x1b[A"],
)
def test_what_is_no_code_is_said_without_repeating_it(typed: str) -> None:
    with pytest.raises(EnrolmentCodeMistyped) as caught:
        parse_code(typed)
    assert len(typed) < 4 or typed not in caught.value.sentence


def test_one_wrong_character_is_found_nearly_always() -> None:
    text = CODE.text().replace("-", "")[4:]
    passed = 0
    for place in range(SECRET_SYMBOLS):
        for other in ALPHABET.replace(text[place], ""):
            try:
                parse_code(text[:place] + other + text[place + 1 :])
            except EnrolmentCodeMistyped:
                continue
            passed += 1
    assert passed <= 3, f"{passed} of {SECRET_SYMBOLS * 31}, expected about one in 1024"


def test_a_code_is_another_key_for_each_station() -> None:
    keys = {CODE.key(name).public_line() for name in ("kiosk-01", "kiosk-02")}
    assert len(keys) == 2
    assert isinstance(CODE.key("kiosk-01"), SigningKey)


def test_it_never_shows() -> None:
    assert CODE.secret not in repr(CODE)
    assert CODE.secret not in f"{CODE.key('kiosk-01')}"


def body(code: Code) -> str:
    return code.text().replace("-", "")[4:]


@settings(database=None)
@given(CODES, st.integers(0, SYMBOLS - 1), st.sampled_from(ALPHABET))
def test_the_group_of_one_wrong_character_is_among_the_doubtful(
    secret: str, place: int, other: str
) -> None:
    right = body(Code(secret))
    wrong = right[:place] + other + right[place + 1 :]
    found = doubtful_groups(wrong)
    assert not found or place // GROUP in found
    if wrong != right:
        assert found or parse_code(wrong), "only a slip that passes by chance is not doubted"


@settings(database=None)
@given(CODES, st.integers(0, SYMBOLS - 2))
def test_neighbours_that_were_exchanged_are_doubted(secret: str, place: int) -> None:
    right = body(Code(secret))
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    found = doubtful_groups(wrong)
    assert not found or {place // GROUP, (place + 1) // GROUP} <= found


def test_few_groups_are_doubted_for_one_slip() -> None:
    """So that it helps to be told; by chance others fit as well."""
    right = body(CODE)
    counts = [
        len(doubtful_groups(right[:place] + other + right[place + 1 :]))
        for place in range(SYMBOLS)
        for other in ALPHABET.replace(right[place], "")
    ]
    assert sum(count <= 2 for count in counts) / len(counts) > 0.9


def test_a_code_that_fits_is_not_doubted() -> None:
    assert doubtful_groups(body(CODE)) == frozenset()
