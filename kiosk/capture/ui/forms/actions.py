"""What a touch means to a form, beside the keys of :mod:`kiosk.capture.ui.entry`."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Turn:
    """Go so many pages on, or back where negative."""

    pages: int


@dataclass(frozen=True, slots=True)
class Step:
    """Go to the next purpose, or back where negative."""

    steps: int


@dataclass(frozen=True, slots=True)
class ReadOn:
    """Show the next part of a purpose's words, or the first again where negative."""

    parts: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """A patient of the day's list was touched; the number is kept out of ``repr``."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Language:
    """Show the consent in another language: the name of its text's file."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no to a purpose, or to one channel of it."""

    purpose: str
    allowed: bool
    channel: str | None = None


class Field(enum.Enum):
    """Which field of the signer's page the keyboard writes into."""

    NAME = enum.auto()
    RELATION = enum.auto()
    BORN = enum.auto()


class Sign(enum.Enum):
    """What else can be touched while signing."""

    PATIENT = enum.auto()  # signs by themselves
    GUARDIAN = enum.auto()
    UNDERSTOOD = enum.auto()  # the box
    CLEAR = enum.auto()  # the pad


@dataclass(frozen=True, slots=True)
class Letter:
    """A key of the full keyboard; kept out of ``repr``."""

    text: str = field(repr=False)


class KeyboardEdit(enum.Enum):
    """Keys of the full keyboard that write nothing."""

    SHIFT = enum.auto()
    BACKSPACE = enum.auto()
    ACCENTS = enum.auto()  # the other page of letters


@dataclass(frozen=True, slots=True)
class Ink:
    """A finger on the signature pad.

    Attributes:
        x: from the left, fraction of the pad's width.
        y: from the top, fraction of its height.
        at_ms: of any clock that runs on.
        begins: whether the finger has just come down.
    """

    x: float = field(repr=False)
    y: float = field(repr=False)
    at_ms: int
    begins: bool


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A use that is to be withdrawn: a purpose, or ``purpose/channel``."""

    use: str


@dataclass(frozen=True, slots=True)
class Target:
    """A field of the touch screen's test."""

    number: int


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """A group of the enrolment code, to be typed anew; counted from 0."""

    number: int


FormAction = (
    Turn
    | Step
    | ReadOn
    | Chosen
    | Language
    | Answer
    | Field
    | Sign
    | Letter
    | KeyboardEdit
    | Ink
    | Withdraw
    | Target
    | CodeGroup
)
