"""Letters that the fonts lack are refused by name and place; the fonts themselves are asked."""

from __future__ import annotations

import io
from importlib import resources
from pathlib import Path

import pygame
import pytest

from kiosk.capture.ui.theme import Weight
from kiosk.errors import ConfigError
from kiosk.records.letters import can_draw, require_drawable
from kiosk.records.protocol_check import check_paths
from kiosk.records.protocols import load_protocol
from tests.records.conftest import Change


@pytest.mark.parametrize("weight", Weight, ids=lambda weight: weight.name)
def test_the_fonts_draw_what_is_said_to_be_drawn(weight: Weight) -> None:
    """A letter that a font lacks looks like one of a script that it lacks as a whole."""
    pygame.font.init()
    place = resources.files("kiosk.capture.ui") / "fonts" / weight.file
    font = pygame.font.Font(io.BytesIO(place.read_bytes()), 40)

    def drawn(code: int) -> bytes:
        try:
            image = font.render(chr(code), False, "white", "black")  # noqa: FBT003
        except pygame.error:  # it has no width
            return none
        return pygame.image.tobytes(image, "RGB")

    none = b""
    none = drawn(0x6F22)
    assert drawn(0x0E01) == none
    asked = [*range(0x20, 0x7F), *range(0xA0, 0x2500), 0x1F600, 0xFE0F]
    letters = {one for one in asked if drawn(one) != none}
    assert letters == {one for one in asked if can_draw(chr(one))}


@pytest.mark.parametrize(
    "text",
    [
        "¾ links, größer „so“",
        "Œuvre à l'œil\N{NARROW NO-BREAK SPACE}!",
        "Ελληνικά",
        "Українська",
        "Łódź",
        "gro\N{COMBINING DIAERESIS}ße",
        "",
    ],
)
def test_what_european_clinics_write_can_be_drawn(text: str) -> None:
    require_drawable(text, "t")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Von vorn \N{GRINNING FACE}", "letter 10 of this text is '😀' (U+1F600, GRINNING FACE)"),
        ("\N{ARABIC LETTER ALEF}", "letter 1 of this text is 'ا' (U+0627, ARABIC LETTER ALEF)"),  # noqa: RUF001
        ("a\N{HEBREW LETTER ALEF}b", "letter 2 of this text is 'א' (U+05D0, HEBREW LETTER ALEF)"),
        ("正面", "letter 1 of this text is '正' (U+6B63, CJK UNIFIED IDEOGRAPH-6B63)"),
        ("a\N{RIGHT-TO-LEFT MARK}", "letter 2 of this text is '\\u200f' (U+200F, RIGHT-TO-LEFT"),
        ("a\N{SOFT HYPHEN}b", "letter 2 of this text is '\\xad' (U+00AD, SOFT HYPHEN), which"),
        ("a\uf000", "letter 2 of this text is '\\uf000' (U+F000, without a name)"),
    ],
)
def test_a_letter_that_the_fonts_lack_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        require_drawable(text, "views.toml: views.own.title")
    assert raised.value.sentence.startswith(f"views.toml: views.own.title: {said}")
    assert "; expected letters of Latin" in raised.value.sentence


@pytest.mark.parametrize(
    ("name", "old", "key"),
    [
        ("views.toml", '"Nape"\nshort', "views.nape.title"),
        ("views.toml", '"Nape"\ninstruction', "views.nape.short"),
        ("views.toml", '"Turn', "views.nape.instruction"),
        ("views.toml", '"Lean', "views.nape.operator_note"),
        ("views.toml", '"Chin', "views.nape.expression"),
        ("neck.toml", '"Neck', "title"),
        ("neck.toml", '"The', "source"),
    ],
)
def test_every_text_that_is_drawn_is_asked(
    own: Path, change: Change, name: str, old: str, key: str
) -> None:
    code = 'chin = { scheme = "99CLINIC", value = "chin", meaning = "Chin up" }'
    change("views.toml", "[codes]", f"[codes]\n{code}")
    change("views.toml", 'light = "even"', 'light = "even"\noperator_note = "Lean"')
    change("views.toml", 'region = "nape"', 'region = "nape"\nexpression = "chin"')
    assert len(load_protocol("neck", own).views) == 2
    path = change(name, old, f'"\N{CJK UNIFIED IDEOGRAPH-6B63}{old[1:]}')
    (verdict,) = check_paths([path], None)
    assert verdict.said.startswith(f"{path}: {key}: letter 1 of this text is '正' (U+6B63")
