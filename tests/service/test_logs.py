"""What reaches a log: nothing that could say who the patient is."""

from __future__ import annotations

import enum
import io
import logging
from pathlib import Path

import pytest

from kiosk.errors import StorageFull
from kiosk.logs import (
    WITHHELD,
    DiscreetFormatter,
    Public,
    StderrHandler,
    code_of,
    describe,
    message_of,
    priority_of,
)

SECRET = "Annegret Mustermann 4711-0815"


class Step(enum.Enum):
    AIM = "the value is not shown"


def record(
    text: object, *arguments: object, name: str = "kiosk.spool", error: BaseException | None = None
) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.WARNING, "/x/spool.py", 42, text, arguments, info, "put")


def shown(*arguments: object, name: str = "kiosk.spool") -> str:
    return DiscreetFormatter().format(record(*arguments, name=name))


def test_numbers_states_and_public_text_are_shown() -> None:
    text = shown("%s: %d sealed in %.1f ms, %s", Public("face_front"), 3, 12.34, Step.AIM)
    assert text == "face_front: 3 sealed in 12.3 ms, AIM"


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        SECRET.encode(),
        [SECRET],
        {"name": SECRET},
        Path("/spool") / SECRET,
        KeyError(SECRET),
    ],
    ids=lambda value: type(value).__name__,
)
def test_everything_else_is_withheld(value: object) -> None:
    assert SECRET not in shown("patient %s", value)
    assert SECRET not in shown("patient %r", value)
    if not isinstance(value, str):  # a text is taken for the constant one of our source
        assert SECRET not in shown(value)


def test_a_mapping_of_arguments_is_withheld_too() -> None:
    one = record("patient %(name)s, %(count)d", {"name": SECRET, "count": 2})
    assert message_of(one) == f"patient {WITHHELD}, 2"


def test_arguments_that_do_not_fit_show_the_place() -> None:
    assert shown("%d pictures", SECRET) == f"spool.py:42: {WITHHELD}"


@pytest.mark.parametrize("name", ["paramiko.transport", "kioskish", "py.warnings", "root"])
def test_of_a_foreign_library_only_the_place_is_shown(name: str) -> None:
    text = shown(f"sending {SECRET}", name=name)
    assert text == f"{name} (spool.py:42): warning {WITHHELD}"


def test_an_error_of_ours_is_shown_with_its_code() -> None:
    full = StorageFull("The disk of this station is full.")
    assert shown("%s", full) == full.sentence
    assert code_of(record("%s", full)) == "storage-full"
    assert code_of(record("saving failed", error=full)) == "storage-full"
    assert code_of(record("%d left", 3)) == ""


def failing(secret: str) -> None:
    try:
        int(secret)
    except ValueError as error:
        full = StorageFull("The disk is full.")
        raise ExceptionGroup(secret, [full, KeyError(secret)]) from error


def test_an_exception_is_described_without_a_value() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        failing(SECRET)
    text = describe(caught.value)
    assert SECRET not in text
    for part in ("ExceptionGroup", "StorageFull [storage-full]: The disk is full.", "KeyError"):
        assert part in text
    assert "caused by ValueError" in text
    assert "test_logs.py:" in text
    assert " in failing" in text


def test_an_exception_that_causes_itself_is_described_once() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert describe(first).count("ValueError") == 1


def test_the_file_of_an_oserror_is_withheld_and_its_number_shown() -> None:
    assert describe(OSError(28, "No space left", SECRET)) == "OSError [errno 28]"


def test_a_handler_that_cannot_write_does_not_show_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    closed = io.StringIO()
    handler = StderrHandler(closed)
    closed.close()
    handler.handle(record(f"patient {SECRET}", SECRET))
    assert SECRET not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("level", "priority"), [(50, 2), (40, 3), (30, 4), (20, 6), (10, 7), (35, 4)]
)
def test_levels_are_syslog_priorities(level: int, priority: int) -> None:
    assert priority_of(level) == priority
