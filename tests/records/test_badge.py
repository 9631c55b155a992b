"""The text of a badge: one form, and everything else refused without being repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import BadgeError
from kiosk.records.badge import PREFIX, Badge, is_badge, parse_badge

SECRET = bytes(range(16))
TEXT = "CSB1AAAQEAYEAUDAOCAJBIFQYDIOB4OVJ4"


def test_the_form_is_the_one_that_was_printed() -> None:
    """A badge that was printed must be read for ever."""
    badge = Badge(SECRET)
    assert badge.text() == TEXT
    assert badge.id == "faf597472f4676ec638bc847f8e9a198"
    assert SECRET.hex() not in badge.id
    assert repr(badge) == "Badge()"


@given(st.binary(min_size=16, max_size=16))
def test_every_badge_comes_back(secret: bytes) -> None:
    badge = Badge(secret)
    assert parse_badge(badge.text()) == badge
    assert is_badge(badge.text())
    assert badge.text().isalnum()
    assert badge.text().isupper()


@given(st.text(max_size=60))
def test_no_other_text_is_a_badge(text: str) -> None:
    with pytest.raises(BadgeError) as error:
        parse_badge(PREFIX + text)
    assert len(text) < 12 or text not in str(error.value)


@given(st.integers(4, 33), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_character_misread_is_found(place: int, character: str) -> None:
    text = Badge(SECRET).text()
    changed = text[:place] + character + text[place + 1 :]
    if changed != text:
        with pytest.raises(BadgeError):
            parse_badge(changed)


@pytest.mark.parametrize(
    "text", ["", "DEMO-4711", "https://example.org/", "csb", "CSB2" + TEXT[4:]]
)
def test_a_patient_s_code_is_no_badge(text: str) -> None:
    assert not is_badge(text)
    with pytest.raises(BadgeError, match="not a badge"):
        parse_badge(text)
