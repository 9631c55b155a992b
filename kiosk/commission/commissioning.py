"""The report of a station that has just been enrolled: made by itself, kept, told in one line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.commission.checks import Result, Verdict
from kiosk.commission.filing import file_page
from kiosk.commission.place import Place
from kiosk.commission.report import as_text

FOLDER: Final = Path("/var/lib/kiosk/commissioning")
PAGE: Final = FOLDER / "check.html"
"""Signed as every page; where it is there, the station makes none by itself any more
(kiosk-commission.path)."""

TABLE: Final = FOLDER / "check.txt"
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
    with durable.translated(f"making {FOLDER}"):
        here.at(FOLDER).mkdir(mode=0o755, parents=True, exist_ok=True)
    durable.replace_file(here.at(TABLE), as_text(results).encode(), _MODE)
    # Last: by it a report counts as made.
    file_page(here.at(PAGE), results, settings, here)
    return verdict(results)


def verdict(results: Sequence[Result]) -> str:
    """Return what a person at the console needs: how it stands, what is wrong, where to read."""
    wrong = [result.name for result in results if result.finding.verdict is Verdict.WRONG]
    waiting = sum(result.finding.verdict is Verdict.UNCHECKED for result in results)
    if wrong:
        said = f"{len(wrong)} of {len(results)} checks found something wrong: {', '.join(wrong)}."
    elif waiting:
        said = f"{waiting} of {len(results)} checks could not be made."
    else:
        said = "nothing is wrong; what only hands can try is on the report."
    return f"Capture Station, commissioning: {said} {TABLE} says more; once more: `{AGAIN}`."
