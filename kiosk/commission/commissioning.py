"""The report of a station that has just been enrolled: made by itself, kept, told in one line.

What only a letter can answer (who may sign in, whether the clinic has opened the test object) may
come later than the report. It is looked at again when letters have come, by itself, and the report
is written anew; nothing that takes camera, lamps or screen is tried again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.commission.checks import Result, Verdict, perform
from kiosk.commission.filing import clock_now, facts_now, file_page, file_record
from kiosk.commission.place import Place
from kiosk.commission.report import as_text, from_json
from kiosk.commission.station import station_checks
from kiosk.errors import StorageFailed

FOLDER: Final = Path("/var/lib/kiosk/commissioning")
PAGE: Final = FOLDER / "check.html"
"""Signed as every page; where it is there, the station makes none by itself any more
(kiosk-commission.path)."""

TABLE: Final = FOLDER / "check.txt"
RECORD: Final = FOLDER / "check.json"
WAITS: Final = FOLDER / "waits-for-letters"
"""There while a row of :data:`BY_LETTER` is not ok: these rows, one a line. Its time is that of the
last look that changed nothing, else 1970 (kiosk-commission-letters.service)."""

BY_LETTER: Final = ("server share", "operators", "opened by clinic")
"""The rows that a letter of the desk answers, and nothing at the station."""

AGAIN: Final = "sudo systemctl start kiosk-commission"
_MODE: Final = 0o644


def file_report(results: Sequence[Result], settings: Path, place: Place | None = None) -> str:
    """File a check as the report of the commissioning, in place of an earlier one.

    Args:
        results: what was found.
        settings: ``station.toml``, as the station sees it.
        place: where to look and to write; the running machine unless told otherwise.

    Returns:
        The verdict, for the console: one line.

    Raises:
        StorageError: it cannot be written.
    """
    here = place or Place()
    return _file(results, settings, here, facts_now(settings, here))


def complete(settings: Path, place: Place | None = None) -> str:
    """Look again at what the report waits for, and write it anew where that has changed.

    Args:
        settings: ``station.toml``, as the station sees it.
        place: where to look and to write; the running machine unless told otherwise.

    Returns:
        The verdict in one line; empty where nothing has changed, or nothing is waited for.

    Raises:
        StorageError: the report cannot be read or written.
    """
    here = place or Place()
    if not here.exists(WAITS):
        return ""
    with durable.translated(f"touching {WAITS}"):
        # First: what comes from here on is newer, and is looked at the next time.
        here.at(WAITS).touch()
    facts, before = _kept(here)
    after = _looked_again(before, settings, here)
    # Nothing left to wait for, and still marked: cut off while the page was written.
    if after == before and _waited(after):
        return ""
    return _file(after, settings, here, {**facts, "letters_read_at": clock_now()})


def verdict(results: Sequence[Result]) -> str:
    """Return what a person at the console needs: how it stands, what is wrong, where to read."""
    wrong = [result.name for result in results if result.finding.verdict is Verdict.WRONG]
    unmade = [result.name for result in results if result.finding.verdict is Verdict.UNCHECKED]
    if wrong:
        said = f"{len(wrong)} of {len(results)} checks found something wrong: {', '.join(wrong)}."
    elif unmade:
        said = f"{len(unmade)} of {len(results)} checks could not be made: {', '.join(unmade)}."
    else:
        said = "nothing is wrong; what only hands can try is on the report."
    waited = _waited(results)
    if waited:
        said += f" It is completed by itself when the clinic's letters come ({', '.join(waited)})."
    return f"Capture Station, commissioning: {said} {TABLE} says more; once more: `{AGAIN}`."


def _file(results: Sequence[Result], settings: Path, place: Place, facts: Mapping[str, str]) -> str:
    with durable.translated(f"making {FOLDER}"):
        place.at(FOLDER).mkdir(mode=0o755, parents=True, exist_ok=True)
    durable.replace_file(place.at(TABLE), as_text(results).encode(), _MODE)
    file_record(place.at(RECORD), results, settings, place, facts)
    waited = _waited(results)
    if waited:
        _wait_for(waited, place)
    # Last: by it a report counts as made.
    file_page(place.at(PAGE), results, settings, place, facts)
    if not waited:
        with durable.translated(f"removing {WAITS}"):
            place.at(WAITS).unlink(missing_ok=True)
    return verdict(results)


def _waited(results: Iterable[Result]) -> list[str]:
    open_ = (Verdict.WRONG, Verdict.UNCHECKED)
    return [row.name for row in results if row.name in BY_LETTER and row.finding.verdict in open_]


def _wait_for(names: Sequence[str], place: Place) -> None:
    path = place.at(WAITS)
    durable.replace_file(path, ("\n".join(names) + "\n").encode(), _MODE)
    # A letter may have come since its row was looked at.
    os.utime(path, (0, 0))


def _kept(place: Place) -> tuple[dict[str, str], tuple[Result, ...]]:
    try:
        return from_json(place.read(RECORD))
    except ValueError as error:
        raise StorageFailed(
            f"{RECORD} is no report of this program's; expected a new one: `{AGAIN}`."
        ) from error


def _looked_again(before: Sequence[Result], settings: Path, place: Place) -> tuple[Result, ...]:
    waited = _waited(before)
    checks = [check for check in station_checks(settings, place=place) if check.name in waited]
    found = {result.name: result for result in perform(checks)}
    return tuple(found.get(row.name, row) for row in before)
