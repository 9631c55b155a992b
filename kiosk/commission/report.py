"""The findings as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable

from kiosk.commission.checks import Result, Verdict

WIDTH = 100
"""Columns of the table, at most."""

_MARKS = {
    Verdict.OK: "ok",
    Verdict.WRONG: "WRONG",
    Verdict.NOT_APPLICABLE: "-",
    Verdict.UNCHECKED: "-",
}


def as_text(results: Iterable[Result]) -> str:
    """Return one table: check, verdict, sentence; and a last line that counts."""
    rows = tuple(results)
    names = max((len(row.name) for row in rows), default=0)
    marks = max(len(mark) for mark in _MARKS.values())
    lines: list[str] = []
    for row in rows:
        head = f"{row.name:<{names}}  {_MARKS[row.finding.verdict]:<{marks}}  "
        lines += textwrap.wrap(
            row.finding.sentence,
            width=WIDTH,
            initial_indent=head,
            subsequent_indent=" " * len(head),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [head.rstrip()]
    return "\n".join([*lines, "", _summary(rows), ""])


def as_json(results: Iterable[Result]) -> str:
    """Return ``{"wrong": N, "checks": [{"name", "verdict", "sentence"}, …]}``."""
    rows = tuple(results)
    document = {
        "wrong": sum(row.finding.verdict is Verdict.WRONG for row in rows),
        "checks": [
            {
                "name": row.name,
                "verdict": row.finding.verdict.value,
                "sentence": row.finding.sentence,
            }
            for row in rows
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _summary(rows: tuple[Result, ...]) -> str:
    count = Counter(row.finding.verdict for row in rows)
    if count[Verdict.WRONG]:
        found = f"{count[Verdict.WRONG]} of {len(rows)} checks found something wrong"
        left = count[Verdict.UNCHECKED]
        return f"{found}; {left} could not be checked." if left else f"{found}."
    skipped = count[Verdict.NOT_APPLICABLE]
    return f"Nothing is wrong: {count[Verdict.OK]} ok, {skipped} not applicable here."
