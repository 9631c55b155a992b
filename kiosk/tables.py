"""Text for people on a terminal: tables, and nothing that plays tricks."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines with aligned columns, each row of as many cells as the first."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def printable(what: object) -> str:
    """Return a path, an error or a text without anything that a terminal would act upon."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(what))
