"""docs/formats/audit.md says of entries and acts what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from kiosk.records.audit import Entry
from kiosk.records.audit_acts import MEANINGS, SUBJECT, UID, Meaning, dicom_display

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "audit.md"


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading."""
    text = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = [line.strip("| ").split(" | ") for line in re.findall(r"^\|.*\|$", text, re.MULTILINE)]
    return [[cell.strip(" |") for cell in row] for row in found[2:]]


def test_the_page_names_every_field_of_an_entry_in_order() -> None:
    assert [row[0].strip("`") for row in rows("The entry")] == list(Entry.__struct_fields__)


def test_the_page_names_every_act_with_its_codes() -> None:
    written = {row[0].strip("`"): row[1:] for row in rows("The acts")}
    assert written == {act.value: cells(meaning) for act, meaning in MEANINGS.items()}


def cells(meaning: Meaning) -> list[str]:
    codes = [meaning.event] if meaning.subtype is None else [meaning.event, meaning.subtype]
    named = ", ".join(f"{code} {dicom_display(code)}" for code in codes)
    subject = {UID: "uid", SUBJECT: ""}.get(
        meaning.subject, meaning.subject.removeprefix("urn:capture-station:")
    )
    found = [meaning.words, named, f"{meaning.action}, {meaning.outcome}"]
    return [*found, subject] if subject else found
