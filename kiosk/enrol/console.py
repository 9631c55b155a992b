"""Asks for the code on a terminal: typed, or by a reader that types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TextIO

from kiosk.errors import ClockLost, EnrolmentError, KioskError, ServerIdentityChanged, UploadError
from kiosk.records.enrolment import Enrolled


class Ask(Protocol):
    """Shows a prompt and returns the line that was entered; raises EOFError where nobody is."""

    def __call__(self, prompt: str, /) -> str: ...


PROMPT = "Code: "


def converse(
    station: str, enrol: Callable[[str], Enrolled], ask: Ask, out: TextIO
) -> Enrolled | None:
    """Ask until the station is enrolled; None where nobody answers any more.

    Whatever can be put right by typing again or by plugging in a cable is said, and asked again.

    Args:
        station: its name, so that the right sheet is taken.
        enrol: tries one code.
        ask: asks for one line.
        out: where sentences go.

    Raises:
        KioskError: what no other code would change, such as a full disk.
    """
    out.write(f"\nThis is station {station}. Scan or type the enrolment code printed for it.\n")
    while True:
        try:
            typed = ask(PROMPT)
        except EOFError:
            return None
        if not typed.strip():
            continue
        try:
            return enrol(typed)
        except (ClockLost, EnrolmentError, UploadError) as error:
            out.write(f"{_marked(error)}{error.sentence}\n")


def _marked(error: KioskError) -> str:
    """Set apart the one case in which trying again is the wrong thing to do."""
    return "STOP. " if isinstance(error, ServerIdentityChanged) else ""
