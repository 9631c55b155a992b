"""Running sessions of a station's account: found, and ended for certain."""

from __future__ import annotations

import os
import re
import select
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kiosk.errors import ServiceError

_PATIENCE_MS = 10_000
"""The longest that a killed process may take to be gone."""

_ROUNDS = 20


def end(name: str, uid: int) -> list[str]:
    """End every session of an account, half-made logins included; nothing runs for it afterwards.

    Call it when the account can log in no more: what begins later is not looked for.

    Raises:
        ServiceError: a process does not end.
    """
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        found = set(_processes(name, uid))
        if not found:
            break
        for pid in found:
            _end(pid, name)
        ended |= found
    else:
        raise ServiceError(
            f"new processes of {name} keep appearing; expected its key to be refused"
        )
    return [f"{len(ended)} processes of its sessions were ended"] if ended else []


def _processes(name: str, uid: int) -> Iterator[int]:
    """Processes of an account, and root's ``sshd`` processes that serve it.

    By their real user, because sshd's own folder in /proc belongs to root; and by the title that
    ``sshd`` gives to the process of a login, for one that is not a session yet: its account was
    asked for before the account was shut out, and ``sshd`` does not ask again.
    """
    serving = re.compile(
        rb"sshd(?:-session|-auth)?: " + re.escape(name.encode()) + rb"(?:[ @\0]|$)"
    )
    owned = re.compile(rf"^Uid:\t{uid}\t", re.MULTILINE)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        with suppress(FileNotFoundError, ProcessLookupError):
            status = (entry / "status").read_text(encoding="utf-8", errors="replace")
            dead = re.search(r"^State:\t[ZX]", status, re.MULTILINE)
            if dead is None and (
                owned.search(status) or serving.match((entry / "cmdline").read_bytes())
            ):
                yield int(entry.name)


def _end(pid: int, name: str) -> None:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
        poll = select.poll()
        poll.register(process, select.POLLIN)
        if not poll.poll(_PATIENCE_MS):
            raise ServiceError(
                f"the process {pid} of {name} does not end; expected it to be killed"
            )
    finally:
        os.close(process)
