"""What may be written into a log: codes, counts and our own sentences; nothing of a patient.

A log is read by technicians, kept for months and copied in support cases. So the rule is turned
round: whatever is not known to be harmless is withheld. A line of the log is the constant text in
our source, numbers, members of enumerations, errors of ours, and text that the programmer marked
as :class:`Public`. Of foreign libraries only name, place and level appear, because their messages
are put together from what they were given. Of an exception that is not ours the classes and places
appear, but neither its text nor any value: ``KeyError('Anna …')`` is how a name would get out.
"""

from __future__ import annotations

import enum
import logging
import sys
import time
import traceback
from collections import deque
from contextlib import suppress
from types import ModuleType, TracebackType
from typing import TextIO

from kiosk.errors import KioskError

WITHHELD = "[withheld]"

OWN = "kiosk"
"""Root of our loggers; loggers of every other name are foreign."""


_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG_PRIORITY = 7


class Public(str):
    """Text that says nothing about a patient: the name of a view, a state, an error's code."""

    __slots__ = ()


class DiscreetFormatter(logging.Formatter):
    """Formats a record by the rule above; ``message_of`` and ``format`` never raise.

    A record whose arguments do not fit its text is shown by its place alone.
    """

    def format(self, record: logging.LogRecord) -> str:
        text = message_of(record)
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}\n{describe(record.exc_info[1])}"
        return text


class JournalHandler(logging.Handler):
    """Writes records to systemd's journal, an error's code in the field ``KIOSK_CODE``.

    Of our own rather than systemd-python's, which adds all attributes of the record, its
    arguments and the exception among them.
    """

    def __init__(self, name: str, journal: ModuleType) -> None:
        super().__init__()
        self._name = name
        self._journal = journal
        self.setFormatter(DiscreetFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, str | int] = {
            "SYSLOG_IDENTIFIER": self._name,
            "PRIORITY": str(priority_of(record.levelno)),
            "LOGGER": record.name,
            "CODE_FILE": record.pathname,
            "CODE_LINE": record.lineno,
            "CODE_FUNC": record.funcName or "",
        }
        if code := code_of(record):
            fields["KIOSK_CODE"] = code
        try:
            self._journal.send(self.format(record), **fields)
        except Exception:  # noqa: BLE001 - logging's own rule: nobody fails because of a log
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say on standard error that the journal takes no records; logging's own way shows them."""
        with suppress(OSError):
            sys.stderr.write(f"the journal refused a record of {record.filename}:{record.lineno}\n")


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes records to standard error where no journal listens."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.setFormatter(DiscreetFormatter())

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Show nothing: there is no other place to tell it, and logging's own way shows values."""


class RingHandler(logging.Handler):
    """Keeps the last lines in memory, by the same rule as the journal, for who may not read that.

    Args:
        size: how many; the oldest go first.
    """

    def __init__(self, size: int = 200) -> None:
        super().__init__()
        self.setFormatter(DiscreetFormatter())
        self._lines: deque[str] = deque(maxlen=size)

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what is kept, newest first: time of day, how urgent, text."""
        return tuple(reversed(self._lines))

    def emit(self, record: logging.LogRecord) -> None:
        at = time.strftime("%H:%M:%S", time.localtime(record.created))
        # Of an exception the first line says what, the others only where.
        text = self.format(record).partition("\n")[0]
        self._lines.append(f"{at} {record.levelname.lower()}: {text}")


def message_of(record: logging.LogRecord) -> str:
    """Return the text of a record, with every argument that may say something withheld."""
    place = f"{record.filename}:{record.lineno}"
    if record.name != OWN and not record.name.startswith(f"{OWN}."):
        return f"{record.name} ({place}): {record.levelname.lower()} {WITHHELD}"
    if not isinstance(record.msg, str):
        return f"{place}: {_argument(record.msg)}"
    arguments = record.args
    try:
        if isinstance(arguments, dict):
            return record.msg % {key: _argument(value) for key, value in arguments.items()}
        return record.msg % tuple(map(_argument, arguments)) if arguments else record.msg
    except (TypeError, ValueError, KeyError):
        return f"{place}: {WITHHELD}"


def priority_of(level: int) -> int:
    """Return the syslog priority of a level of Python's logging, 2 (critical) to 7 (debug)."""
    return next((value for limit, value in _PRIORITIES if level >= limit), _DEBUG_PRIORITY)


def code_of(record: logging.LogRecord) -> str:
    """Return the code of the error that a record is about, or empty text."""
    about: list[object] = []
    if record.exc_info:
        about.append(record.exc_info[1])
    if isinstance(record.args, tuple):
        about += record.args
    about.append(record.msg)
    return next((item.code for item in about if isinstance(item, KioskError)), "")


def describe(error: BaseException) -> str:
    """Describe an exception and what caused it: classes and places, sentences only of our own.

    Returns:
        One line for each exception, outermost first, each followed by its frames, innermost last.
    """
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(("caused by " if lines else "") + _headline(current))
        lines += [f"  {frame}" for frame in _frames(current.__traceback__)]
        if isinstance(current, BaseExceptionGroup):
            lines += [f"  with {_headline(each)}" for each in current.exceptions]
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return "\n".join(lines)


def _headline(error: BaseException) -> str:
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    if isinstance(error, KioskError):
        return f"{name} [{error.code}]: {error.sentence}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name} [errno {error.errno}]"
    return name


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(trace)
    ]


def _argument(value: object) -> object:
    """Return ``value`` where it can say nothing about a person, its class in brackets elsewhere."""
    if value is None or isinstance(value, int | float | Public):
        return value
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, KioskError):
        return value.sentence
    if isinstance(value, BaseException):
        return _headline(value)
    return WITHHELD
