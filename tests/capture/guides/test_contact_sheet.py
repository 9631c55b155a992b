"""Contact sheets: every set on paper, nothing cut, every view where its title says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pygame
import pytest

from kiosk.capture.guides import contact_sheet
from kiosk.capture.guides.contact_sheet import COLUMNS, PAGE, ROWS, draw_sheets, write_sheet
from kiosk.errors import UsageError
from kiosk.languages.catalogue import Catalogue, load_catalogue
from kiosk.languages.names import LANGUAGES, TRANSLATED, Language
from kiosk.records.protocols import available, load_library, load_protocol
from kiosk.records.sheet_words import expression_by, sheet_words_by


def pixels(surface: pygame.Surface) -> npt.NDArray[np.uint8]:
    """RGB, shape (height, width, 3)."""
    width, height = surface.get_size()
    raw = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8)
    return raw.reshape(height, width, 3)


@pytest.mark.parametrize("name", available())
def test_every_set_fits_its_pages(name: str) -> None:
    protocol = load_protocol(name)
    sheets = list(draw_sheets(protocol, Catalogue()))
    assert len(sheets) == -(-len(protocol.views) // (COLUMNS * ROWS))
    for sheet in sheets:
        assert sheet.surface.get_size() == PAGE
        assert sheet.overflows == []
        picture = pixels(sheet.surface)
        ink = (picture < 128).all(axis=2)
        assert 0.01 < ink.mean() < 0.1
        # A printer's margins stay white.
        for margin in (picture[:40], picture[-40:], picture[:, :40], picture[:, -40:]):
            assert (margin == 255).all()


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("name", ["rhinoplasty", "expressions_10", "toxin", "body"])
def test_every_view_fits_in_other_languages(name: str, language: Language) -> None:
    protocol = load_protocol(name, language=language)
    overflows = [s.overflows for s in draw_sheets(protocol, load_catalogue(language))]
    assert overflows == [[]] * len(overflows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_says_which_expressions_the_operator_judges(language: Language) -> None:
    catalogue, library = load_catalogue(language), load_library()
    words = sheet_words_by(catalogue)
    for name in ("frontal_lower_teeth", "frontal_snarl", "frontal_frown", "frontal_animated"):
        judged = words.rows(library.views[name], catalogue)[3]
        assert words.expression_heading.lower() in judged.lower()
        assert words.methods["face"] in judged
    for name in ("frontal_rest", "frontal_smile", "body_front", "lips_close_up"):
        view = library.views[name]
        assert words.rows(view, catalogue)[3].endswith(words.methods[view.method])


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_expression_is_translated_on_a_sheet(language: Language) -> None:
    """Also those that only a clinic's own views ask for."""
    catalogue = load_catalogue(language)
    codes = [code for code in load_library().codes.values() if code.use == "expression"]
    assert len(codes) == 12
    assert [one for one in codes if expression_by(catalogue, one) == one.meaning] == []


def test_the_longest_words_that_a_view_may_have_fit() -> None:
    protocol = load_protocol("lips")
    sentences = ("Look straight into the camera, let your face rest " * 4)[:128].rstrip()
    longest = [
        msgspec.structs.replace(
            view,
            title="Upper body with both arms, three-quarter"[:36],
            instruction=sentences,
            operator_note=sentences,
            expression=load_library().codes["eyes_closed_tightly"],
            method="profile",
            proposed=("expression", "framing_mm", "light", "tolerance", "pose"),
        )
        for view in protocol.views
    ]
    (sheet,) = draw_sheets(msgspec.structs.replace(protocol, views=tuple(longest)), Catalogue())
    assert sheet.overflows == []


def test_a_title_without_a_space_is_drawn_whole() -> None:
    protocol = load_protocol("lips")
    view = msgspec.structs.replace(protocol.views[0], title="W" * 36)
    (sheet,) = draw_sheets(msgspec.structs.replace(protocol, views=(view,)), Catalogue())
    assert sheet.overflows == ["1. " + "W" * 36]
    title = pixels(sheet.surface)[190:250, 80:620] < 128
    # Letters to the very end of the first line, and a second line of them.
    assert title[:25, -60:].any()
    assert title[30:].any()


def test_words_that_do_not_fit_are_told_of() -> None:
    protocol = load_protocol("lips")
    view = msgspec.structs.replace(protocol.views[0], instruction="word " * 400)
    (sheet,) = draw_sheets(msgspec.structs.replace(protocol, views=(view,)), Catalogue())
    assert sheet.overflows


def test_pages_are_written_beside_each_other(tmp_path: Path) -> None:
    written = write_sheet(load_protocol("rhinoplasty"), tmp_path / "nose.png")
    assert written == (tmp_path / "nose.png", tmp_path / "nose-2.png")
    for path in written:
        assert pygame.image.load(str(path)).get_size() == PAGE
    one, two = (pixels(pygame.image.load(str(path))) for path in written)
    # Six views on the first page, three on the second: its last row is empty.
    assert (one[1250:1550] < 128).any()
    assert not (two[1250:1550] < 128).any()


def test_a_profile_is_drawn_as_the_picture_is_stored() -> None:
    """Right profile: the nose points to the right of the page, whatever the preview does."""
    views = {view.id: view for view in load_protocol("face_5").views}
    for name, nose, opposite in (("profile_right", 0.9, 0.1), ("profile_left", 0.1, 0.9)):
        outline = pixels(contact_sheet._outline(views[name]))
        height, width = outline.shape[:2]
        ink = {
            x: (outline[round(0.514 * height)][round(x * width) - 4 : round(x * width) + 5] < 128)
            for x in (nose, opposite)
        }
        assert ink[nose].any()
        assert not ink[opposite].any()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("sheet.jpg", "expected a file whose name ends in .png"), ("gone/sheet.png", "the sheet")],
)
def test_a_sheet_that_cannot_be_written_is_named(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        write_sheet(load_protocol("lips"), tmp_path / name)
    assert str(raised.value).startswith(f"{tmp_path / name}: {sentence}")
