from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from kiosk.capture.ui import screens, theme
from kiosk.capture.ui.model import Backlog
from kiosk.capture.ui.theme import Colour, contrast
from kiosk.capture.ui.wording import ENGLISH
from kiosk.capture.workflow import State

FOLDER = Path(screens.__file__).parents[1]
DRAWING = sorted({*FOLDER.glob("screens/*.py"), FOLDER / "chrome.py", FOLDER / "widgets.py"})


@pytest.mark.parametrize(("ink", "ground"), theme.TEXT_PAIRS)
def test_text_has_at_least_seven_to_one(ink: Colour, ground: Colour) -> None:
    assert contrast(ink, ground) >= 7.0


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    assert contrast((10, 20, 30), (10, 20, 30)) == 1.0


def test_type_is_large_enough_for_one_and_a_half_metres() -> None:
    styles = [value for value in vars(theme).values() if isinstance(value, theme.Style)]
    assert min(style.size for style in styles) >= 36
    assert min(theme.TITLE.size, theme.DISPLAY.size) >= 72


@pytest.mark.parametrize("path", DRAWING, ids=lambda path: path.name)
def test_no_words_stand_outside_the_wording(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    } | {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    words = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documentation
        and re.search(r"[A-Za-z]{2,}\s+[A-Za-z]{2,}|^[A-Z][a-z]+$", node.value)
    ]
    assert words == []


def test_every_fault_has_its_words() -> None:
    faults = {s for s in State if s.name.endswith("_FAULT")}
    assert set(ENGLISH.notices) == faults | {State.SHOT_REFUSED, State.OUT_OF_ORDER}


PRACTITIONER = Path(__file__).parents[3] / "docs" / "practitioner.md"


def test_the_practitioners_page_uses_the_screens_own_words() -> None:
    page = PRACTITIONER.read_text(encoding="utf-8")
    missing = [n.title for n in ENGLISH.notices.values() if f"| **{n.title}** |" not in page]
    assert missing == [], "titles of notices"
    named = (
        *(ENGLISH.sign_in.sign_in, ENGLISH.patient_title, ENGLISH.patient_continue, ENGLISH.ready),
        *(ENGLISH.skip, ENGLISH.end_session, ENGLISH.back, ENGLISH.aim_prompt, ENGLISH.accept),
        *(ENGLISH.review_title, ENGLISH.retake, ENGLISH.summary_title, ENGLISH.take_skipped),
        *(ENGLISH.summary_title_partial, ENGLISH.finish, ENGLISH.try_again, ENGLISH.discard),
        ENGLISH.confirm_discard_title,
        *(screen.title for screen in ENGLISH.sign_in.hold_ups.values()),
        *(screen.title for screen in ENGLISH.sign_in.pins.values()),
        *(ENGLISH.sign_in.sign_out, ENGLISH.sign_in.day_title, ENGLISH.sign_in.scan_card),
        *(ENGLISH.sign_in.type_number, ENGLISH.sign_in.open_chart),
    )
    assert [words for words in named if f"*{words}*" not in page] == []


ALARMING = re.compile(r"\b(error|failed|failure|fatal|crash|corrupt|lost|danger|!)", re.IGNORECASE)


@pytest.mark.parametrize("state", ENGLISH.notices, ids=lambda s: s.name)
def test_faults_are_said_calmly_and_name_what_to_do(state: State) -> None:
    notice = ENGLISH.notices[state]
    assert not ALARMING.search(notice.title + notice.advice)
    assert re.search(r"try again|keep the same position", notice.advice, re.IGNORECASE)


@pytest.mark.parametrize(
    ("backlog", "said"),
    [
        (Backlog(), "0 pictures on this station"),
        (Backlog(0, sent=12), "Sent, not yet confirmed: 12"),
        (Backlog(3, sent=12), "Not yet sent: 3"),
        (Backlog(1), "Not yet sent: 1"),
        (Backlog(3), "Not yet sent: 3"),
        (Backlog(3, "14:02"), "Not yet sent: 3, nothing since 14:02"),
        (Backlog(3, "14:02", stranger=True), "Server not recognised, call IT. Not yet sent: 3"),
        (Backlog(stranger=True), "Server not recognised, call IT. Not yet sent: 0"),
        (Backlog(0, "", unreadable=True), "What is not yet sent cannot be counted"),
    ],
)
def test_the_backlog_is_always_said(backlog: Backlog, said: str) -> None:
    assert ENGLISH.backlog(backlog) == said
