"""``kiosk enrol``: make this station known to the clinic's server, by the code from the bench."""

from __future__ import annotations

import pwd
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kiosk import config_reading
from kiosk.enrol.answering import answer
from kiosk.enrol.console import converse
from kiosk.enrol.sending import send
from kiosk.enrol.station import Home, enrol
from kiosk.errors import KioskError, UsageError
from kiosk.records.enrolment import Done, Enrolled


def answer_screen(path: Path, user: str, proof: Callable[[], str]) -> int:
    """Enrol by the code that the screen hands over on the standard input, and answer it.

    Args:
        path: ``station.toml``.
        user: whose process the screen is.
        proof: as for :func:`run`.

    Returns:
        0: the screen was answered, whatever the answer.

    Raises:
        UsageError: there is no such user, or the standard input is no socket.
        KioskError: as for :func:`kiosk.enrol.answering.answer`.
    """
    config = config_reading.load(path)
    home = Home(_now, path.parent)
    try:
        number = pwd.getpwnam(user).pw_uid
        connection = socket.socket(fileno=sys.stdin.fileno())
    except (KeyError, OSError) as error:
        raise UsageError(
            f"The screen cannot be answered ({error}); expected a user of this name, and "
            "kiosk-enrol.socket to start this."
        ) from error
    with connection:
        said = answer(connection, number, lambda typed: enrol(typed, config, home, send), proof)
    match said:
        case Done(enrolled=done, fault=fault):
            print(_report(done))
            print(f"Its first login failed: {fault}" if fault else "It can log in.")
        case _:
            print(said.sentence)
    return 0


def run(path: Path, proof: Callable[[], str], folder: Path | None = None) -> int:
    """Enrol on the terminal, then log in to the drop box as proof.

    Args:
        path: ``station.toml``.
        proof: logs in with the station's own key; returns a sentence, or raises a KioskError.
        folder: of the settings; the one that ``path`` lies in where it is left out.

    Returns:
        0 enrolled and proven, 1 not.
    """
    config = config_reading.load(path)
    home = Home(_now, folder or path.parent)
    done = converse(
        config.station.name, lambda typed: enrol(typed, config, home, send), input, sys.stdout
    )
    if done is None:
        raise UsageError("Nobody entered a code; expected a terminal, or a reader that types.")
    print(_report(done))
    try:
        print(proof())
    except KioskError as error:
        print(f"Enrolled, but its first login failed: {error.sentence}", file=sys.stderr)
        return 1
    return 0


def _report(done: Enrolled) -> str:
    return (
        f"{done.station} is enrolled at {done.server}.\n"
        f"  signing key {done.signing_key}\n"
        f"  upload key  {done.ssh_key}\n"
        "Next: have the clinic list the signing key, then `sudo kiosk check`."
    )


def _now() -> datetime:
    return datetime.now(UTC)
