"""Catalogues are read strictly, and written as they are read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import ConfigError
from kiosk.languages.po import FUZZY, Entry, parse, written

WRITTEN = r"""# A comment
msgid ""
msgstr ""
"Language: de\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#. for the strip
#, fuzzy, python-brace-format
msgctxt "screens.back"
msgid "Back"
msgstr "Zu"
"rück"

#~ msgid "Gone"
#~ msgstr "Fort"

msgctxt "screens.saved"
msgid "{count} \"picture\""
msgid_plural "{count}\tpictures\\"
msgstr[0] "{count} Bild"
msgstr[1] "{count} Bilder"
"""


def test_entries_are_read_with_their_comments_flags_and_forms() -> None:
    header, back, saved = parse(WRITTEN, "de.po")
    assert header.source == ("",)
    assert header.forms[0].splitlines()[0] == "Language: de"
    assert header.comments == ("# A comment",)
    assert back == Entry(
        "screens.back",
        ("Back",),
        ("Zurück",),
        ("#. for the strip",),
        frozenset({FUZZY, "python-brace-format"}),
    )
    assert not back.usable
    assert saved.source == ('{count} "picture"', "{count}\tpictures\\")
    assert saved.forms == ("{count} Bild", "{count} Bilder")
    assert saved.usable


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('msgid "a"\nmsgstr "b', 2),
        ('msgid "a"\nmsgtsr "b"', 2),
        ('"a"', 1),
        ('msgid "a"\n\nmsgstr "b"', 1),
        ('\n\nmsgid "a"\nmsgstr "\\x41"', 4),
        ('msgid "a"\nmsgid "b"\nmsgstr "c"', 2),
        ('msgid "a"\nmsgid_plural "b"\nmsgstr "c"', 3),
        ('msgstr "c"', 1),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ConfigError, match=rf"^de\.po: line {line}: .+ PO format$"):
        parse(text, "de.po")


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" \n\t")
)
ENTRIES = st.builds(
    Entry,
    st.text("abc.", min_size=1),
    st.tuples(TEXTS.filter(bool)) | st.tuples(TEXTS.filter(bool), TEXTS),
    st.just(("", "")),
    st.just(()),
    st.frozensets(st.sampled_from([FUZZY, "c-format"])),
)


@settings(max_examples=60, deadline=None)
@given(ENTRIES, st.lists(TEXTS, min_size=2, max_size=2))
def test_what_is_written_is_read_again(entry: Entry, forms: list[str]) -> None:
    count = len(entry.source)
    whole = Entry(entry.context, entry.source, tuple(forms[:count]), (), entry.flags)
    assert parse(written([whole, whole]), "x") == (whole, whole)
