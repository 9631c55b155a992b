"""The findings as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from kiosk.commission.checks import Finding, Result, Verdict

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
    return "\n".join([*lines, "", summary(rows)[0], ""])


def as_json(results: Iterable[Result], facts: Mapping[str, str] | None = None) -> str:
    """Return ``{"wrong": N, "checks": [{"name", "verdict", "sentence"}, …]}``.

    Args:
        results: what was found.
        facts: what it is headed with, each a text of its own, before ``wrong``.
    """
    rows = tuple(results)
    document = {
        **(facts or {}),
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


def from_json(text: str) -> tuple[dict[str, str], tuple[Result, ...]]:
    """Return the facts and the findings of what :func:`as_json` wrote.

    Raises:
        ValueError: it is something else.
    """
    try:
        document = json.loads(text)
        rows = tuple(
            Result(row["name"], Finding(Verdict(row["verdict"]), row["sentence"]))
            for row in document["checks"]
        )
        facts = {name: value for name, value in document.items() if isinstance(value, str)}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("no findings of a check") from error
    return facts, rows


def summary(rows: Sequence[Result]) -> tuple[str, bool]:
    """Return how it stands in one sentence, and whether that is good; for every form alike."""
    count = Counter(row.finding.verdict for row in rows)
    left = count[Verdict.UNCHECKED]
    if count[Verdict.WRONG]:
        found = f"{count[Verdict.WRONG]} of {len(rows)} checks found something wrong"
        return (f"{found}; {left} could not be checked." if left else f"{found}."), False
    if left:
        return f"{left} of {len(rows)} checks could not be made.", False
    skipped = count[Verdict.NOT_APPLICABLE]
    return f"Nothing is wrong: {count[Verdict.OK]} ok, {skipped} not applicable here.", True
