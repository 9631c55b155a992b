"""Renews the catalogues after words changed: ``python -m provisioning.catalogues``.

What is new stands in each ``kiosk/languages/LANGUAGE.po`` without a translation, what changed with
its old one, marked "fuzzy" (it is not shown until somebody looked and took the mark away), what is
gone is dropped. Prints which texts of each language somebody has to look at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from string import Formatter

from kiosk.capture.ui.wording import wording_by
from kiosk.languages.catalogue import catalogue_name, catalogue_text
from kiosk.languages.names import TRANSLATED
from kiosk.languages.po import FUZZY, Entry, parse, written
from kiosk.languages.words import Collector, Message
from kiosk.records.protocols import available, load_library, load_protocol
from kiosk.records.sheet_words import expression_by, sheet_words_by
from kiosk.records.view_translation import protocol_by, view_by

_WAS = "#| "
"""Begins the comment with the former text, as gettext's own tools write it."""


def messages() -> tuple[Message, ...]:
    """Return every text that is shown, spoken or printed, in the order of the catalogues."""
    asked = Collector()
    wording_by(asked)
    sheet_words_by(asked)
    library = load_library()
    for view in library.views.values():
        view_by(asked, view)
    # Also of those that only a clinic's own views ask for.
    for code in library.codes.values():
        if code.use == "expression":
            expression_by(asked, code)
    for name in available():
        protocol_by(asked, load_protocol(name))
    return tuple(dict.fromkeys(asked.messages))


def renewed(entries: Iterable[Entry], wanted: Iterable[Message]) -> tuple[Entry, ...]:
    """Return the entries of a catalogue for the texts that are wanted now.

    Args:
        entries: its present ones, the header first.
        wanted: every text.
    """
    header, *present = entries
    plurals = max((len(e.forms) for e in present if len(e.source) > 1), default=2)
    known = {entry.context: entry for entry in present}
    return (header, *(_renewed(known.get(m.context), m, plurals) for m in wanted))


def _renewed(old: Entry | None, message: Message, plurals: int) -> Entry:
    count = 1 if len(message.source) == 1 else plurals
    if old is None or len(old.forms) != count:
        return Entry(message.context, message.source, ("",) * count)
    if old.source == message.source:
        return old
    was = tuple(f'{_WAS}msgid "{text}"' for text in old.source[:1])
    return replace(old, source=message.source, comments=was, flags=old.flags | {FUZZY})


def faults(entries: Iterable[Entry], wanted: Iterable[Message]) -> tuple[str, ...]:
    """Say what is wrong with the entries of a catalogue, its header left out; a line for each."""
    found = {(entry.context, entry.source): entry for entry in entries}
    needed = {(message.context, message.source) for message in wanted}
    missing = [f"{context}: has no translation" for context, _ in needed - set(found)]
    left = [f"{context}: this English text is no longer used" for context, _ in set(found) - needed]
    return tuple(sorted([*missing, *left, *filter(None, map(_fault, found.values()))]))


def _fault(entry: Entry) -> str:
    if not entry.usable:
        return f"{entry.context}: is not translated, or has yet to be looked at"
    expected = _fields(entry.source[-1])
    if any(_fields(form) != expected for form in entry.forms):
        return f"{entry.context}: the fields in braces are not those of the English text"
    return ""


def _fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def main() -> int:
    folder = Path(str(resources.files("kiosk.languages")))
    wanted = messages()
    for language in TRANSLATED:
        name = catalogue_name(language)
        entries = renewed(parse(catalogue_text(language), name), wanted)
        (folder / name).write_text(written(entries), encoding="utf-8")
        wrong = faults(entries[1:], wanted)
        print(f"{name}: {len(wanted)} texts, {len(wrong)} to look at", *wrong, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
