"""Words in frozen dataclasses, and their translation field by field.

A class of words needs no code of its own to be translated: every text below it, however deep in
dataclasses, mappings and tuples, has a path of names, which is its context in the catalogues.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

_T = TypeVar("_T")

Rule = Callable[[int], int]
"""Which of a language's forms a number takes, from 0 on."""


def english(count: int) -> int:
    """The first form for one, the second for all else."""
    return 0 if count == 1 else 1


@dataclass(frozen=True, slots=True)
class Counted:
    """A text that depends on a number, ``{count}`` in it.

    Attributes:
        forms: one for each of the language's grammatical numbers.
        rule: chooses among them.
    """

    forms: tuple[str, ...]
    rule: Rule = english

    def of(self, count: int, **more: str) -> str:
        """Return the text for ``count`` things; ``more`` fills its other fields."""
        return self.forms[self.rule(count)].format(count=count, **more)


def counted(one: str, other: str) -> Counted:
    """Return an English text for one thing and for any other number of them."""
    return Counted((one, other))


class Translator(Protocol):
    """Gives the words of one language for English ones."""

    def text(self, context: str, source: str) -> str: ...
    def counted(self, context: str, source: Counted) -> Counted: ...


def translated(words: _T, translator: Translator, context: str) -> _T:
    """Return the same words in another language.

    Args:
        words: texts, counted texts, and dataclasses, mappings and tuples of words.
        translator: asked for every text.
        context: begins the path of every text.

    Raises:
        TypeError: something else is among the words.
    """
    found: _T = _translated(words, translator, context)
    return found


def _translated(words: Any, translator: Translator, path: str) -> Any:  # noqa: ANN401 - any shape
    match words:
        case str():
            return translator.text(path, words) if words else words
        case Counted():
            return translator.counted(path, words)
        case Mapping():
            return MappingProxyType(
                {
                    key: _translated(one, translator, f"{path}.{_name(key)}")
                    for key, one in words.items()
                }
            )
        case tuple():
            return tuple(_translated(w, translator, f"{path}.{n}") for n, w in enumerate(words, 1))
        case _ if is_dataclass(words) and not isinstance(words, type):
            names = (field.name for field in fields(words))
            return replace(
                words,
                **{n: _translated(getattr(words, n), translator, f"{path}.{n}") for n in names},
            )
    raise TypeError(f"{path}: words are texts, not {type(words).__name__}")


def _name(key: object) -> str:
    return key.name if isinstance(key, enum.Enum) else str(key)


@dataclass(frozen=True, slots=True)
class Message:
    """A text to be translated: where it stands, and its English forms (two where counted)."""

    context: str
    source: tuple[str, ...]


class Collector:
    """A translator that leaves all words as they are and notes what it was asked for."""

    def __init__(self) -> None:
        self.messages: Final[list[Message]] = []

    def text(self, context: str, source: str) -> str:
        self.messages.append(Message(context, (source,)))
        return source

    def counted(self, context: str, source: Counted) -> Counted:
        self.messages.append(Message(context, source.forms))
        return source
