"""Asks the system's own programs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from typing import Final

from kiosk.errors import StorageFailed

TIMEOUT_S: Final = 60.0

Ask = Callable[[Sequence[str]], str]
"""Runs a command and returns what it printed; raises a KioskError where it failed."""


def ask(command: Sequence[str], timeout_s: float = TIMEOUT_S) -> str:
    """Run a program of the system's and return what it printed.

    Args:
        command: program and arguments.
        timeout_s: after how many seconds it is given up.

    Raises:
        StorageFailed: it is missing, does not end, or says that it failed.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a fixed list, found by PATH as on every Debian
            command, capture_output=True, text=True, check=False, timeout=timeout_s
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StorageFailed(f"{command[0]} cannot be asked ({type(error).__name__}).") from error
    if done.returncode:
        raise StorageFailed(f"{command[0]} ended with code {done.returncode}.")
    return done.stdout
