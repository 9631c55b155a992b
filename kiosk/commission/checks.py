"""One check of a station, what it found, and how a list of them is run to its end."""

from __future__ import annotations

import enum
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kiosk.errors import KioskError

Probe = Callable[[], str]
"""Tries one thing for real; returns what it found in one sentence or raises a KioskError."""


class Verdict(enum.Enum):
    OK = "ok"
    WRONG = "wrong"
    NOT_APPLICABLE = "not applicable"
    UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; ``sentence`` says what is there, or what is wrong and what to do."""

    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    run: Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the report."""

    name: str
    finding: Finding


def ok(sentence: str) -> Finding:
    return Finding(Verdict.OK, sentence)


def wrong(sentence: str) -> Finding:
    return Finding(Verdict.WRONG, sentence)


def not_applicable(sentence: str) -> Finding:
    return Finding(Verdict.NOT_APPLICABLE, sentence)


def unchecked(sentence: str) -> Finding:
    return Finding(Verdict.UNCHECKED, sentence)


def not_installed() -> Finding:
    """Say of a check of what the installer left that there is nothing to compare with."""
    return not_applicable("Nothing was installed on this machine by provisioning.install.")


def first_of(found: Sequence[object]) -> str:
    """Return the first of some faults, and how many more there are."""
    more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
    return f"{found[0]}{more}"


def from_probe(name: str, probe: Probe) -> Check:
    """Make a check of a device or the server from what another room offers."""
    return Check(name, lambda: ok(probe()))


def perform(checks: Sequence[Check]) -> tuple[Result, ...]:
    """Run every check, the last one first; none can keep another from running.

    Devices and the way to the server stand last and take a minute, in which the desk's letters
    come that others ask about.

    Returns:
        What they found, in their own order.
    """
    found = [Result(check.name, _find(check)) for check in reversed(checks)]
    return tuple(reversed(found))


def exit_code(results: Iterable[Result]) -> int:
    """Return 0 when nothing is wrong, else 1."""
    return int(any(result.finding.verdict is Verdict.WRONG for result in results))


def _find(check: Check) -> Finding:
    try:
        return check.run()
    except KioskError as error:
        return wrong(error.sentence)
    except Exception as error:  # noqa: BLE001 - a fault of one check is a finding, told in full
        place = traceback.extract_tb(error.__traceback__)[-1]
        return wrong(
            f"The check itself failed with {type(error).__name__}: {error} "
            f"({place.filename}, line {place.lineno}); please report it as a fault of the program."
        )
