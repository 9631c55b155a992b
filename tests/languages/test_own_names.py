"""Languages are called as they call themselves."""

from __future__ import annotations

import pytest

from kiosk.languages.names import LANGUAGES
from kiosk.languages.own_names import OWN_NAMES, own_name


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("en", "English"),
        ("de-AT", "Deutsch (AT)"),
        ("zh-Hant", "zh-Hant"),
        ("sr-Latn", "Српски (Latn)"),
    ],
)
def test_a_tag_becomes_a_name_and_two_texts_stay_apart(tag: str, name: str) -> None:
    assert own_name(tag) == name


def test_every_language_of_the_station_has_a_name() -> None:
    assert set(LANGUAGES) <= set(OWN_NAMES)
    assert len(set(OWN_NAMES.values())) == len(OWN_NAMES)
