"""The support bundle, as the service screen asks for it and tells how far it has come.

This process makes none and may start nothing: it leaves a request, and reads what is told.
"""

from __future__ import annotations

from typing import Final

from kiosk.capture.maintenance.looks import Parts, halved, span
from kiosk.capture.maintenance.sending import Sender
from kiosk.capture.ui.service import Item, Line, Mark, Remark
from kiosk.errors import StorageError
from kiosk.moment import wall_s
from kiosk.records.audit import Act
from kiosk.support_request import Stage, Told

TAKEN_S: Final = 30.0
"""systemd starts the unit at once, and it takes the request away before all else."""

MADE_NS: Final = 180_000_000_000
"""Longer than kiosk-support.service may take: what is not made by then is not made."""

_S: Final = 1_000_000_000


def ask(parts: Parts, sender: Sender) -> Line:
    """Leave a request, once it is written down who asks.

    Raises:
        StorageError: it cannot be written down, or left.
    """
    sender.note(Act.SUPPORT_ASKED, None, None)
    parts.support.ask()
    return Line(Item.SUPPORT, Remark.SUPPORT_ASKED)


def support_lines(parts: Parts) -> tuple[Line, ...]:
    """Return how far the newest bundle has come."""
    now = parts.now()
    try:
        asked, told = parts.support.asked(), parts.support.last()
        waiting = parts.spool.names()
    except StorageError as error:
        return (Line(Item.SUPPORT, text=error.sentence, mark=Mark.BAD),)
    if asked is not None:
        return (asked_line(wall_s(now) - asked),)
    return told_lines(told, waiting, now.monotonic_ns)


def asked_line(waited_s: float) -> Line:
    """Return what is said of a request that lies there since so many seconds."""
    if abs(waited_s) > TAKEN_S:
        return Line(Item.SUPPORT, Remark.SUPPORT_NOT_TAKEN, mark=Mark.BAD)
    return Line(Item.SUPPORT, Remark.SUPPORT_ASKED, mark=Mark.PENDING)


def told_lines(told: Told | None, waiting: frozenset[str], now_ns: int) -> tuple[Line, ...]:
    """Return what is said of what the unit told last.

    Args:
        told: None where nothing was told since the machine was started.
        waiting: names of what has not been sent yet.
        now_ns: monotonic nanoseconds.
    """
    if told is None:
        return (Line(Item.SUPPORT, Remark.SUPPORT_NEVER),)
    since = (("span", span((now_ns - told.at) / _S)),)
    ago = Line(Item.TOLD, Remark.AGO, since)
    match told.stage:
        case Stage.REFUSED:
            why = Line(Item.REASON, text=told.why, mark=Mark.BAD)
            return Line(Item.SUPPORT, Remark.SUPPORT_REFUSED, mark=Mark.BAD), ago, why
        case Stage.SEALED:
            sent = told.name not in waiting
            remark = Remark.SUPPORT_SENT if sent else Remark.SUPPORT_WAITS
            return (
                Line(Item.SUPPORT, remark, mark=Mark.GOOD if sent else Mark.PENDING),
                ago,
                Line(Item.FILED, text=_broken(told.filed)),
                Line(Item.OBJECT, text=halved(told.name)),
            )
        case Stage.MAKING if now_ns - told.at > MADE_NS:
            return (Line(Item.SUPPORT, Remark.SUPPORT_BROKEN_OFF, mark=Mark.BAD), ago)
        case Stage.MAKING:
            return (Line(Item.SUPPORT, Remark.SUPPORT_MAKING, mark=Mark.PENDING),)


def _broken(filed: str) -> str:
    """Return a path over several lines, so that it can be read and none of it is cut."""
    folder, _, name = filed.rpartition("/")
    stem, dot, suffix = name.partition(".")
    return f"{folder}/\n{stem}\n{dot}{suffix}"
