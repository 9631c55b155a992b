from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.capture.ui.entry import CHARACTERS, MAX_LENGTH, Character, Edit, Key, PatientEntry

KEYS: st.SearchStrategy[Key] = st.one_of(
    st.sampled_from(list(Edit)), st.builds(Character, st.characters(codec="latin-1"))
)


def typed(text: str) -> PatientEntry:
    entry = PatientEntry()
    for letter in text:
        entry = entry.pressed(Character(letter))
    return entry


@pytest.mark.parametrize("text", ["1", "204711", "P-2047", "A1-B2", "Z" * MAX_LENGTH])
def test_numbers_that_can_be_used(text: str) -> None:
    assert typed(text).text == text
    assert typed(text).valid


@pytest.mark.parametrize("text", ["", "-", "-12", "12-"])
def test_numbers_that_cannot_be_used(text: str) -> None:
    assert not typed(text).valid


@pytest.mark.parametrize("text", ["a", " ", "/", ".", "é", "\n", "12"])
def test_keys_add_one_known_character_each(text: str) -> None:
    assert PatientEntry().pressed(Character(text)).text == ""


def test_corrections() -> None:
    entry = typed("123").pressed(Edit.BACKSPACE)
    assert entry.text == "12"
    assert entry.pressed(Edit.CLEAR).text == ""
    assert PatientEntry().pressed(Edit.BACKSPACE).text == ""


def test_pages_of_keys_keep_the_number() -> None:
    entry = typed("12").pressed(Edit.LETTERS)
    assert (entry.text, entry.letters) == ("12", True)
    assert not entry.pressed(Edit.DIGITS).letters


@given(st.lists(KEYS, max_size=80))
def test_no_sequence_of_keys_leaves_the_rules(keys: list[Key]) -> None:
    entry = PatientEntry()
    for key in keys:
        entry = entry.pressed(key)
        assert len(entry.text) <= MAX_LENGTH
        assert set(entry.text) <= CHARACTERS


def test_the_number_is_never_printed() -> None:
    assert "4711" not in repr(typed("4711"))
    assert "4711" not in repr(Character("4711"))
