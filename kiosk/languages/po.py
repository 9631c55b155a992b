"""Reads and writes catalogues in gettext's PO format, which every translator's tool knows.

Read are comments, flags, ``msgctxt``, ``msgid``, ``msgid_plural``, ``msgstr`` and ``msgstr[N]``;
obsolete entries (``#~``) are passed over. Source: the manual of GNU gettext, chapter 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from kiosk.errors import ConfigError

FUZZY: Final = "fuzzy"
"""The flag of a translation that somebody has yet to look at."""

_LINE: Final = re.compile(
    r'(?:(?P<keyword>msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)\s+)?"(?P<text>.*)"\s*'
)
_ESCAPE: Final = re.compile(r"\\(.)")
_UNESCAPED: Final = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPED: Final = {code: f"\\{letter}" for letter, code in _UNESCAPED.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One text and its translation.

    Attributes:
        context: where the text belongs; with the text it is the key of the entry.
        source: the text in English, without and with a plural: one or two forms.
        forms: its translation, as many forms as the language has; empty ones where there is none.
        comments: lines from ``#`` on, without flags.
        flags: such as ``fuzzy``.
    """

    context: str
    source: tuple[str, ...]
    forms: tuple[str, ...]
    comments: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()

    @property
    def usable(self) -> bool:
        """Whether it is translated, and nobody has yet to look at it."""
        return all(self.forms) and FUZZY not in self.flags


@dataclass(slots=True)
class _Open:
    """An entry while its lines are read."""

    texts: dict[str, str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    last: str = ""

    def take(self, keyword: str | None, text: str) -> None:
        self.last = keyword or self.last
        if (keyword and keyword in self.texts) or not self.last:
            raise ValueError(f"{keyword or 'a text'} was not expected here")
        self.texts[self.last] = self.texts.get(self.last, "") + _unescaped(text)

    def entry(self) -> Entry:
        if "msgid" not in self.texts:
            raise ValueError("an entry without msgid")
        source = tuple(self.texts[k] for k in ("msgid", "msgid_plural") if k in self.texts)
        keys = ["msgstr"] if len(source) == 1 else sorted(k for k in self.texts if "[" in k)
        if not keys or any(key not in self.texts for key in keys):
            raise ValueError("an entry without msgstr")
        forms = tuple(self.texts[key] for key in keys)
        context = self.texts.get("msgctxt", "")
        return Entry(context, source, forms, tuple(self.comments), frozenset(self.flags))


def parse(text: str, name: str) -> tuple[Entry, ...]:
    """Read a catalogue; the first entry is its header, with an empty source.

    Args:
        text: of the file.
        name: how errors call it.

    Raises:
        ConfigError: with the line that is not understood.
    """
    found = (_entry(block, name) for block in _blocks(text))
    return tuple(entry for entry in found if entry is not None)


def _entry(block: list[tuple[int, str]], name: str) -> Entry | None:
    """Read one entry; None where nothing but comments stands."""
    one, at = _Open(), 0
    try:
        for at, line in block:  # noqa: B007 - where it broke off
            _take(one, line)
        return one.entry() if one.texts else None
    except ValueError as error:
        raise ConfigError(
            f"{name}: line {at}: {error}; expected entries in gettext's PO format"
        ) from error


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """Yield the lines of each entry with their numbers; an empty line ends one."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            block.append((number, line.strip()))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _take(one: _Open, line: str) -> None:
    if line.startswith("#,"):
        one.flags.update(flag.strip() for flag in line[2:].split(","))
    elif line.startswith("#"):
        if not line.startswith("#~"):
            one.comments.append(line)
    else:
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"{line[:40]!r} is not understood")
        one.take(found["keyword"], found["text"])


def _unescaped(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        if found[1] not in _UNESCAPED:
            raise ValueError(f"the escape {found[0]!r} is not known")
        return _UNESCAPED[found[1]]

    return _ESCAPE.sub(letter, text)


def written(entries: Iterable[Entry]) -> str:
    """Return the text of a catalogue; one text stands on one line, the header excepted."""
    return "\n".join("".join(f"{line}\n" for line in _lines(entry)) for entry in entries)


def _lines(entry: Entry) -> Iterator[str]:
    yield from entry.comments
    if entry.flags:
        yield f"#, {', '.join(sorted(entry.flags))}"
    if entry.context:
        yield f"msgctxt {_quoted(entry.context)}"
    if entry.source == ("",):
        yield 'msgid ""'
        yield 'msgstr ""'
        yield from (_quoted(line) for line in entry.forms[0].splitlines(keepends=True))
        return
    for keyword, text in zip(("msgid", "msgid_plural"), entry.source, strict=False):
        yield f"{keyword} {_quoted(text)}"
    if len(entry.source) == 1:
        yield f"msgstr {_quoted(entry.forms[0])}"
        return
    for number, text in enumerate(entry.forms):
        yield f"msgstr[{number}] {_quoted(text)}"


def _quoted(text: str) -> str:
    return f'"{"".join(_ESCAPED.get(letter, letter) for letter in text)}"'
