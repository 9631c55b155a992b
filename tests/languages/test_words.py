"""Any dataclass of words is translated by the paths of its fields, with no code of its own."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pytest

from kiosk.languages.catalogue import Catalogue
from kiosk.languages.po import FUZZY, Entry
from kiosk.languages.words import Collector, Counted, Message, counted, translated


class Colour(enum.Enum):
    RED = enum.auto()


@dataclass(frozen=True, slots=True)
class Inner:
    hello: str = "Hello"
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Outer:
    inner: Inner = Inner()
    colours: Mapping[Colour, Inner] = field(
        default_factory=lambda: MappingProxyType({Colour.RED: Inner("Red")})
    )
    days: tuple[str, ...] = ("Monday", "Tuesday")
    pictures: Counted = counted("{count} picture of {whom}", "{count} pictures of {whom}")


def french(count: int) -> int:
    return int(count > 1)


def entry(context: str, source: str, form: str, *flags: str) -> Entry:
    return Entry(context, (source,), (form,), (), frozenset(flags))


def test_every_text_has_its_path() -> None:
    collector = Collector()
    assert translated(Outer(), collector, "top") == Outer()
    assert collector.messages == [
        Message("top.inner.hello", ("Hello",)),
        Message("top.colours.RED.hello", ("Red",)),
        Message("top.days.1", ("Monday",)),
        Message("top.days.2", ("Tuesday",)),
        Message("top.pictures", ("{count} picture of {whom}", "{count} pictures of {whom}")),
    ]


def test_each_text_is_taken_from_the_catalogue_by_its_path() -> None:
    pictures = Outer().pictures.forms
    catalogue = Catalogue(
        [
            entry("top.inner.hello", "Hello", "Bonjour"),
            entry("top.colours.RED.hello", "Red", "Rouge"),
            entry("top.days.2", "Tuesday", "mardi"),
            Entry("top.pictures", pictures, ("{count} photo", "{count} photos de {whom}")),
        ],
        french,
    )
    words = translated(Outer(), catalogue, "top")
    assert words.inner == Inner("Bonjour")
    assert words.colours == {Colour.RED: Inner("Rouge")}
    assert words.days == ("Monday", "mardi")
    assert [words.pictures.of(n, whom="A") for n in (0, 1, 2)] == [
        "0 photo",
        "1 photo",
        "2 photos de A",
    ]
    assert [Outer().pictures.of(n, whom="A")[:10] for n in (0, 1)] == ["0 pictures", "1 picture "]


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry("top.inner.hello", "Good day", "Guten Tag")],
        [entry("top.hello", "Hello", "Hallo")],
        [entry("top.inner.hello", "Hello", "")],
        [entry("top.inner.hello", "Hello", "Hallo", FUZZY)],
    ],
    ids=["missing", "of a former text", "of another place", "empty", "not looked at"],
)
def test_what_has_no_translation_stays_as_it_was_given(entries: list[Entry]) -> None:
    """A side that was corrected in English must not be shown as it was before in German."""
    assert translated(Outer(), Catalogue(entries), "top").inner.hello == "Hello"


def test_anything_else_among_words_is_refused() -> None:
    @dataclass(frozen=True)
    class Odd:
        seconds: float = 3.0

    with pytest.raises(TypeError, match=r"^top\.seconds: words are texts, not float$"):
        translated(Odd(), Collector(), "top")
