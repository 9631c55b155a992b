"""A consent text in pages, by its content alone: no font is asked.

A line is reckoned to hold as many letters as an even text of wide letters would need; what is drawn
then is never longer than what was reckoned, and shrinks a little where a clinic writes in capitals.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.consent_wording import ConsentWording
from kiosk.capture.ui.theme import Style
from kiosk.records.consent_text import ConsentText, Controller, PurposeText

EM: Final = 0.58
"""Reckoned width of a letter, as a share of the type's size."""
LEADING: Final = 1.28
GAP: Final = 16
"""Between paragraphs, nominal pixels."""
BETWEEN: Final = 44
"""Between groups."""
TOGETHER: Final = 2
"""Most purposes on one page."""


class Role(enum.Enum):
    """What a block is."""

    HEADING = enum.auto()
    BODY = enum.auto()
    NOTE = enum.auto()


STYLES: Final[dict[Role, Style]] = {
    Role.HEADING: Style(theme.HEADING.weight, 46),
    Role.BODY: Style(theme.BODY.weight, 40),
    Role.NOTE: Style(theme.NOTE.weight, 38, theme.MUTED),
}


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, or a part of one.

    Attributes:
        role: how it looks.
        text: what it says.
        height: that it is reckoned to need, nominal pixels.
        gap: above it, nominal pixels; none at the head of a page.
    """

    role: Role
    text: str
    height: int
    gap: int = GAP


Page = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """What is kept on one page where that is possible; ``fresh`` groups begin one."""

    blocks: tuple[tuple[Role, str], ...]
    fresh: bool = False
    purpose: bool = False


def text_pages(
    text: ConsentText, words: ConsentWording, size: tuple[float, float]
) -> tuple[Page, ...]:
    """Return the pages of a text.

    Args:
        text: the clinic's.
        words: headings between its parts.
        size: width and height of a page, nominal pixels.
    """
    return _paged(_groups(text, words), size)


def purpose_parts(
    purpose: PurposeText, words: ConsentWording, size: tuple[float, float]
) -> tuple[Page, ...]:
    """Return one purpose's words in pages, without its name."""
    return _paged(iter((_Group(_said(purpose, words)),)), size)


def _groups(text: ConsentText, words: ConsentWording) -> Iterator[_Group]:
    yield _Group(((Role.BODY, text.introduction),), fresh=True)
    contact = (Role.BODY, _contact(text.organisation, words))
    yield _Group(((Role.HEADING, words.asked_by), contact))
    if text.controllers:
        others = tuple((Role.BODY, _contact(one, words)) for one in text.controllers)
        yield _Group(((Role.HEADING, words.responsible), *others))
    for number, purpose in enumerate(text.purposes):
        name = (Role.HEADING, purpose.name)
        yield _Group((name, *_said(purpose, words)), fresh=not number, purpose=True)
    said = text.statements
    every = (said.refusal, said.publication, said.withdrawal, *said.further, said.understood)
    bodies = tuple((Role.BODY, one) for one in every)
    yield _Group(((Role.HEADING, words.statements), *bodies), fresh=True)
    basis = text.lawful_basis
    articles = ((Role.NOTE, basis.article_6), (Role.NOTE, basis.article_9))
    yield _Group(((Role.HEADING, words.lawful), *articles))


def _said(purpose: PurposeText, words: ConsentWording) -> tuple[tuple[Role, str], ...]:
    return (
        (Role.BODY, purpose.meaning),
        (Role.BODY, words.levels[purpose.level]),
        (Role.NOTE, words.kept.format(retention=purpose.retention)),
    )


def _contact(one: Controller, words: ConsentWording) -> str:
    return words.contact_of.format(name=one.name, contact=one.contact)


def _paged(groups: Iterator[_Group], size: tuple[float, float]) -> tuple[Page, ...]:
    pages: list[list[Block]] = []
    purposes = 0
    for group in groups:
        blocks = [_block(role, said, size[0]) for role, said in group.blocks]
        purposes = purposes + 1 if group.purpose else 0
        full = purposes > TOGETHER or (pages and not _fits(pages[-1], blocks, size[1]))
        if not pages or group.fresh or full:
            pages.append([])
            purposes = min(purposes, 1)
        for number, block in enumerate(blocks):
            gap = BETWEEN if not number else GAP
            _add(pages, Block(block.role, block.text, block.height, gap), size)
    return tuple(map(tuple, pages))


def _fits(page: list[Block], blocks: list[Block], height: float) -> bool:
    return _height(page) + BETWEEN + _height(blocks) <= height


def _height(blocks: list[Block]) -> int:
    return sum(one.height for one in blocks) + sum(one.gap for one in blocks[1:])


def _add(pages: list[list[Block]], block: Block, size: tuple[float, float]) -> None:
    """Put a block on the last page, and what is too much of it on further ones."""
    lines = _lines(block.role, block.text, size[0])
    leading = _leading(block.role)
    while lines:
        used = _height(pages[-1]) + block.gap if pages[-1] else 0
        room = int((size[1] - used) // leading)
        if room < min(len(lines), 2) and pages[-1]:
            pages.append(_carried(pages[-1]))
            continue
        now, lines = lines[: max(1, room)], lines[max(1, room) :]
        pages[-1].append(Block(block.role, " ".join(now), len(now) * leading, block.gap))
        if lines:
            pages.append([])


def _carried(page: list[Block]) -> list[Block]:
    """Take a heading that would stand alone at the foot of a page to the next one."""
    return [page.pop()] if len(page) > 1 and page[-1].role is Role.HEADING else []


def _block(role: Role, text: str, width: float) -> Block:
    return Block(role, text, len(_lines(role, text, width)) * _leading(role))


def _leading(role: Role) -> int:
    return round(STYLES[role].size * LEADING) + 1


def _lines(role: Role, text: str, width: float) -> list[str]:
    """Break a text into lines of as many letters as are reckoned to fit."""
    most = max(8, int(width / (STYLES[role].size * EM)))
    lines: list[str] = []
    line = ""
    for word in _words(text, most):
        longer = f"{line} {word}" if line else word
        if len(longer) > most:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def _words(text: str, most: int) -> Iterator[str]:
    """Words, those that are longer than a line in pieces."""
    for word in text.split():
        for start in range(0, len(word), most):
            yield word[start : start + most]
