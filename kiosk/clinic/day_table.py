"""Reads the clinic's table of the day: CSV as spreadsheets write it, or JSON.

Whatever is wrong is said by line and column with what was expected there, and never repeated: it
may be a patient's name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from kiosk.errors import UsageError
from kiosk.records.worklist import Expected

_LIMIT: Final = 4 * 1024 * 1024
_SEPARATORS: Final = ",;\t"
_YES: Final = {"yes": True, "no": False}

_COLUMNS: Final[Mapping[str, str]] = {
    "number": "1 to 32 capitals, digits and dashes, with none of the dashes at an end",
    "name": "1 to 120 characters that can be shown",
    "born": "a day that there was, such as 1980-02-03, or nothing",
    "time": "a time of day such as 09:30, or nothing",
    "treatment": "at most 256 characters of one line, or nothing",
    "adult_only": "yes or no",
    "follow_up": "yes or no",
}
"""What is expected in each column."""

_NEEDED: Final = ("number", "name")
_WHOLE: Final = {"number": "0", "name": "x"}
"""A patient of whom nothing can be wrong, to try one column with."""


def read_table(path: Path) -> tuple[Expected, ...]:
    """Read a table; JSON where the file's name ends in ``.json``, otherwise CSV.

    CSV may be separated by commas, semicolons or tabs, whichever its first line has, and may begin
    with a byte order mark. Rows without any content are passed over.

    Raises:
        UsageError: names file, line and column, and what was expected; never what stands there.
    """
    text = _text(path)
    rows = _json_rows(text, path) if path.suffix == ".json" else _csv_rows(text, path)
    lines: dict[str, str] = {}
    entries = []
    for where, row in rows:
        entry = _entry(row, f"{path}, {where}")
        if (before := lines.setdefault(entry.number, where)) != where:
            raise UsageError(f"{path}, {where}: the number is that of {before}.")
        entries.append(entry)
    return tuple(entries)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{path}: expected the day's table, but: {error.strerror}.") from error
    if len(content) > _LIMIT:
        raise UsageError(f"{path}: expected at most {_LIMIT // 1024**2} MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: expected UTF-8; spreadsheets call it “CSV UTF-8” when they save."
        ) from error


def _csv_rows(text: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = [cell.strip() for cell in next(reader, [])]
        _require_columns(columns, f"{path}, line 1")
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                where = f"line {reader.line_num}"
                if len(cells) > len(columns):
                    raise UsageError(
                        f"{path}, {where}: expected {len(columns)} cells, as in the first line, "
                        f"not {len(cells)}."
                    )
                filled = {key: cell for key, cell in zip(columns, cells, strict=False) if cell}
                yield where, {key: _flag(key, cell) for key, cell in filled.items()}
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: expected CSV, but: {error}.") from error


def _json_rows(text: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        rows = msgspec.json.decode(text, type=list[dict[str, Any]])
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}: expected a list of objects, but: {error}.") from error
    for number, row in enumerate(rows, start=1):
        where = f"patient {number}"
        _require_columns(row, f"{path}, {where}")
        yield where, row


def _require_columns(columns: Iterable[str], where: str) -> None:
    names = list(columns)
    missing = [name for name in _NEEDED if name not in names]
    unknown = [name for name in names if name not in _COLUMNS]
    if missing or unknown or len(set(names)) != len(names):
        raise UsageError(
            f"{where}: expected {' and '.join(_NEEDED)}, and of {', '.join(_COLUMNS)} those that "
            "are needed, each once."
        )


def _flag(column: str, cell: str) -> str | bool:
    return _YES.get(cell.lower(), cell) if column in ("adult_only", "follow_up") else cell


def _entry(row: Mapping[str, Any], where: str) -> Expected:
    for column in dict.fromkeys((*_NEEDED, *row)):
        # One by one, for its own sentence: msgspec's would show a pattern, and no column of a date.
        try:
            msgspec.convert({**_WHOLE, column: row.get(column, "")}, Expected)
        except (msgspec.ValidationError, ValueError) as error:
            raise UsageError(f"{where}, {column}: expected {_COLUMNS[column]}.") from error
    return msgspec.convert(row, Expected)
