"""The clinic's table of the day: as spreadsheets write it, and every fault by line and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.clinic.day_table import read_table
from kiosk.errors import UsageError
from kiosk.records.worklist import Expected

HEAD = "number,name,born,time,treatment,adult_only,follow_up"
MARIA = Expected(
    number="P-4711", name="Maria Schmidt", born="1980-02-03", time="09:30", adult_only=True
)
JOSE = Expected(number="P-4712", name="José Núñez", treatment="Filler, lips", follow_up=True)
ROWS = (
    "P-4711,Maria Schmidt,1980-02-03,09:30,,yes,no",
    'P-4712,José Núñez,,,"Filler, lips",,YES',
)
SECRETS = ("Maria", "p-1", "1980-02-30", "25:00", "maybe")


def read(folder: Path, content: str | bytes, name: str = "today.csv") -> tuple[Expected, ...]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_each_way_a_spreadsheet_writes_is_read(
    tmp_path: Path, separator: str, end: str, mark: str
) -> None:
    quoted = "Filler, lips"
    lines = [HEAD, *ROWS, ",,,,,,", ""]
    text = end.join(lines).replace(quoted, "\0").replace(",", separator).replace("\0", quoted)
    assert read(tmp_path, mark + text) == (MARIA, JOSE)


def test_columns_stand_in_any_order_and_only_two_are_needed(tmp_path: Path) -> None:
    assert read(tmp_path, "name,number\nMaria,P-1\n") == (Expected(number="P-1", name="Maria"),)
    assert read(tmp_path, "name,number\n") == ()


def test_the_same_as_json(tmp_path: Path) -> None:
    rows = [
        {"number": "P-4711", "name": "Maria Schmidt", "born": "1980-02-03", "time": "09:30"}
        | {"adult_only": True, "treatment": None},
        {"number": "P-4712", "name": "José Núñez", "treatment": "Filler, lips", "follow_up": True},
    ]
    assert read(tmp_path, json.dumps(rows), "today.json") == (MARIA, JOSE)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("p-1,Maria", "line 2, number: expected 1 to 32 capitals, digits and dashes"),
        (",Maria", "line 2, number: expected 1 to 32 capitals"),
        ("P-1,", "line 2, name: expected 1 to 120 characters that can be shown"),
        ("P-1,Ma\u202eria", "line 2, name: expected 1 to 120"),
        ("P-1,Maria,1980-02-30", "line 2, born: expected a day that there was, such as 1980-02-03"),
        ("P-1,Maria,3.2.1980", "line 2, born: expected a day"),
        ("P-1,Maria,,25:00", "line 2, time: expected a time of day such as 09:30"),
        ("P-1,Maria,,9:30", "line 2, time: expected a time of day"),
        ("P-1,Maria,,,,maybe", "line 2, adult_only: expected yes or no"),
        ("\nP-0,Anna\nP-1,Maria,,,,,maybe", "line 4, follow_up: expected yes or no"),
        ("P-1,Maria\n\nP-1,Martha", "line 4: the number is that of line 2"),
        ("P-1,Maria,,,,,,,x", "line 2: expected 7 cells, as in the first line, not 9"),
        (f"P-1,Maria,,,{'x' * 257}", "line 2, treatment: expected at most 256 characters"),
        ('P-1,"Maria', "line 2: expected CSV, but: unexpected end of data"),
    ],
)
def test_a_bad_row_is_named_by_line_and_column(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, f"{HEAD}\n{rows}\n")
    assert said in str(caught.value)
    assert not any(secret in str(caught.value) for secret in SECRETS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: expected number and name, and of number, name, born"),
        (b"number,born\nP-1,\n", "line 1: expected number and name"),
        (b"number,name,phone\nP-1,Maria,1\n", "line 1: expected number and name"),
        (b"number,name,name\nP-1,Maria,1\n", "those that are needed, each once"),
        (b"number,name\nP-1,M\xfcller\n", "expected UTF-8; spreadsheets call it"),
        (b"x" * (4 * 1024 * 1024 + 1), "expected at most 4 MB"),
    ],
)
def test_a_file_that_is_no_such_table(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, content)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "expected a list of objects"),
        ("[1]", "expected a list of objects"),
        ("[", "expected a list of objects"),
        ('[{"number": "P-1"}]', "patient 1: expected number and name"),
        ('[{"number": 5, "name": "Maria"}]', "patient 1, number: expected 1 to 32"),
        ('[{"number": "P-1", "name": "Maria", "adult_only": "maybe"}]', "adult_only: expected yes"),
    ],
)
def test_json_that_is_no_such_table(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, content, "today.json")
    assert said in str(caught.value)
    assert "Maria" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected the day's table, but: No such file"):
        read_table(tmp_path / "today.csv")


@given(st.lists(st.text(max_size=20), max_size=6), st.sampled_from(["today.csv", "today.json"]))
def test_any_text_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], name: str
) -> None:
    folder = tmp_path_factory.mktemp("table")
    text = "\n".join(["number,name,born", *rows]) if name.endswith("csv") else json.dumps(rows)
    try:
        read(folder, text, name)
    except UsageError as error:
        assert str(error).startswith(str(folder))  # noqa: PT017 - both ends are right
