"""Every text has a translation in every language, for the English of today; gettext agrees."""

from __future__ import annotations

import gettext
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from kiosk.capture.ui.wording import ENGLISH, wording_in
from kiosk.errors import ConfigError
from kiosk.languages.catalogue import catalogue_name, catalogue_text, parse_catalogue
from kiosk.languages.names import TRANSLATED, Language
from kiosk.languages.po import FUZZY, Entry, parse, written
from kiosk.languages.words import Counted, Message
from provisioning.catalogues import faults, messages, renewed

WANTED = messages()
Catalogue = tuple[Entry, ...]
MSGFMT = shutil.which("msgfmt")

per_language = pytest.mark.parametrize("language", TRANSLATED)


def entries_of(language: Language) -> Catalogue:
    return parse(catalogue_text(language), catalogue_name(language))


@per_language
def test_nothing_is_missing_and_nothing_is_left_over(language: Language) -> None:
    assert faults(entries_of(language)[1:], WANTED) == ()


@per_language
def test_the_file_is_as_renewing_it_would_write_it(language: Language) -> None:
    text = catalogue_text(language)
    again = written(renewed(parse(text, "x"), WANTED))
    assert again == text, "python -m provisioning.catalogues"


def changed(place: int, change: Callable[[Entry], Entry]) -> Callable[[Catalogue], Catalogue]:
    return lambda all_: (*all_[:place], change(all_[place]), *all_[place + 1 :])


COUNTED = next(n for n, message in enumerate(WANTED) if len(message.source) > 1)
FIELDS = next(n for n, message in enumerate(WANTED) if message.context == "screens.patient_named")


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (lambda all_: all_[1:], "has no translation"),
        (
            lambda all_: (*all_, Entry("screens.gone", ("Gone",), ("Fort",))),
            "screens.gone: this English text is no longer used",
        ),
        (changed(0, lambda e: replace(e, source=("Other",))), "has no translation"),
        (changed(0, lambda e: replace(e, forms=("",))), "is not translated"),
        (changed(0, lambda e: replace(e, flags=frozenset({FUZZY}))), "yet to be looked at"),
        (changed(COUNTED, lambda e: replace(e, forms=(e.forms[0], ""))), "is not translated"),
        (
            changed(COUNTED, lambda e: replace(e, forms=(e.forms[0], "viele"))),
            "fields in braces",
        ),
        (
            changed(FIELDS, lambda e: replace(e, forms=("Nr. {nummer}",))),
            "screens.patient_named: the fields in braces are not those of the English text",
        ),
    ],
)
def test_each_planted_fault_is_found(plant: Callable[[Catalogue], Catalogue], said: str) -> None:
    found = faults(plant(entries_of("de")[1:]), WANTED)
    assert found
    assert said in "\n".join(found)


def test_renewing_keeps_marks_adds_and_drops() -> None:
    header = Entry("", ("",), ("Language: de\n",))
    kept = Entry("a", ("A",), ("Ah",))
    old = Entry("b", ("B",), ("Be",))
    gone = Entry("c", ("C",), ("Ce",))
    wanted = [Message("a", ("A",)), Message("b", ("B!",)), Message("d", ("one", "more"))]
    assert renewed([header, kept, old, gone], wanted) == (
        header,
        kept,
        Entry("b", ("B!",), ("Be",), ('#| msgid "B"',), frozenset({FUZZY})),
        Entry("d", ("one", "more"), ("", "")),
    )


@per_language
@pytest.mark.skipif(MSGFMT is None, reason="msgfmt of GNU gettext is not installed")
def test_gettext_reads_the_same_words(language: Language, tmp_path: Path) -> None:
    """Its own compiler finds no fault, and its own reader gives what ours gives."""
    source, compiled = tmp_path / "words.po", tmp_path / "words.mo"
    source.write_text(catalogue_text(language), encoding="utf-8")
    subprocess.run(
        [MSGFMT or "", "--check-format", "--check-domain", "-o", compiled, source], check=True
    )
    with compiled.open("rb") as opened:
        peer = gettext.GNUTranslations(opened)
    ours = parse_catalogue(catalogue_text(language), language)
    for message in WANTED:
        if len(message.source) == 1:
            assert ours.text(message.context, message.source[0]) == peer.pgettext(
                message.context, message.source[0]
            )
            continue
        counted = ours.counted(message.context, Counted(message.source))
        for count in (0, 1, 2, 5, 100):
            one, other = message.source
            theirs = peer.npgettext(message.context, one, other, count)
            assert counted.forms[counted.rule(count)] == theirs


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (("Plural-Forms", "Plural-Form"), r"de\.po: the header has no Plural-Forms"),
        (("nplurals=2", "nplurals=3"), r"de\.po: screens\.\S+ has 2 plural forms; expected 3"),
        (('msgctxt "', 'msgctx "'), r"de\.po: line \d+: .* PO format"),
    ],
)
def test_a_damaged_file_is_said(damage: tuple[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_catalogue(catalogue_text("de").replace(*damage), "de")


def test_a_catalogue_that_is_not_there_is_said() -> None:
    with pytest.raises(ConfigError, match=r"^it\.po: expected this catalogue .* install the"):
        catalogue_text(cast("Language", "it"))


def test_english_needs_no_catalogue() -> None:
    assert wording_in("en") == ENGLISH
