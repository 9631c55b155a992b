"""The translated words of one language, from its file beside this one."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable
from importlib import resources
from typing import Final

from kiosk.errors import ConfigError
from kiosk.languages.names import SOURCE, Language
from kiosk.languages.po import Entry, parse
from kiosk.languages.words import Counted, Rule, english

_PLURALS: Final = re.compile(
    r"^Plural-Forms: nplurals=(?P<count>\d); plural=(?P<rule>.+);$", re.MULTILINE
)


class Catalogue:
    """Gives translations; what has none for exactly this English text stays as it was given.

    So a clinic's own views are shown in the clinic's words, and a translation of a sentence that
    has changed since is never shown for the new one.

    Args:
        entries: those with a translation.
        rule: the language's plurals.
    """

    def __init__(self, entries: Iterable[Entry] = (), rule: Rule = english) -> None:
        self._forms = {(e.context, e.source): e.forms for e in entries if e.usable}
        self._rule = rule

    def text(self, context: str, source: str) -> str:
        return self._forms.get((context, (source,)), (source,))[0]

    def counted(self, context: str, source: Counted) -> Counted:
        forms = self._forms.get((context, source.forms))
        return source if forms is None else Counted(forms, self._rule)


def load_catalogue(language: Language) -> Catalogue:
    """Read a language's catalogue; that of English, the source text, is empty.

    Raises:
        ConfigError: it cannot be read or is no catalogue.
    """
    return (
        Catalogue() if language == SOURCE else parse_catalogue(catalogue_text(language), language)
    )


def catalogue_name(language: Language) -> str:
    return f"{language}.po"


def catalogue_text(language: Language) -> str:
    """Return the text of a language's file.

    Raises:
        ConfigError: it cannot be read.
    """
    name = catalogue_name(language)
    try:
        return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{name}: expected this catalogue among the program's files, but: {error}; "
            "install the program again"
        ) from error


def parse_catalogue(text: str, language: Language) -> Catalogue:
    """Make a catalogue of the text of its file.

    Raises:
        ConfigError: with the line that is not understood, or what its header lacks.
    """
    name = catalogue_name(language)
    header, *entries = parse(text, name) or (Entry("", ("",), ("",)),)
    plurals = _PLURALS.search(header.forms[0])
    if plurals is None:
        raise ConfigError(f"{name}: the header has no Plural-Forms; expected the language's rule")
    count = int(plurals["count"])
    wrong = [e for e in entries if len(e.forms) != (1 if len(e.source) == 1 else count)]
    if wrong:
        raise ConfigError(
            f"{name}: {wrong[0].context} has {len(wrong[0].forms)} plural forms; expected {count}"
        )
    return Catalogue(entries, gettext.c2py(plurals["rule"]))
