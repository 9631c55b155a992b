"""Shutting a station out: for good, or until somebody lets it in again. What it sent stays."""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from pathlib import Path

from provisioning.server import dropbox, enrolment, listing, rules, sessions, system
from provisioning.server.place import Place


def revoke(place: Place, name: str) -> list[str]:
    """Refuse a station's key from now on, end its sessions, and remove what waits for it.

    What waits in ``out`` may be the server's share: a station that gets a key of the same name
    later must not find it there.

    Raises:
        UsageError: not root, or there is no such station.
        ServiceError: a session does not end.
    """
    system.require_root()
    listing.require_station(name)
    key = place.keys / name
    done = []
    if key.exists():
        key.unlink()
        done.append(f"the key of {name} was removed")
    done += enrolment.forget(place, name)
    done += sessions.end(name, pwd.getpwnam(name).pw_uid)
    removed = system.emptied(place.root / name / dropbox.OUTBOX)
    return done + ([f"{removed} files that waited for {name} were removed"] if removed else [])


def quarantine(place: Place, name: str) -> list[str]:
    """Refuse a station's logins, end its sessions, and set aside what the collector has not taken.

    Its key, its account and everything that it sent are kept; :func:`release` undoes it.

    Raises:
        UsageError: not root, or there is no such station.
        ServiceError: a command of the system failed, a session does not end, or ``sshd`` does not
            apply rules that would keep the station out.
    """
    system.require_root()
    listing.require_station(name)
    rules.require_applied(place, name)
    joined = system.join(name, dropbox.QUARANTINED)
    done = [f"{name} is quarantined: its logins are refused"] if joined else []
    done += sessions.end(name, pwd.getpwnam(name).pw_uid)
    inbox, aside = place.root / name / dropbox.INBOX, place.root / name / dropbox.ASIDE
    system.directory(aside, 0, 0, 0o700)
    moved = _moved(inbox, aside)
    return done + (
        [f"{moved} files that waited for the collector were set aside in {aside}"] if moved else []
    )


def release(place: Place, name: str) -> list[str]:
    """Let a station in again that was quarantined; the collector finds what was set aside.

    Raises:
        UsageError: not root, or there is no such station.
        ServiceError: a command of the system failed.
    """
    system.require_root()
    listing.require_station(name)
    inbox, aside = place.root / name / dropbox.INBOX, place.root / name / dropbox.ASIDE
    moved = 0
    if aside.is_dir():
        moved = _moved(aside, inbox)
        aside.rmdir()
    done = [f"{moved} files were put back for the collector"] if moved else []
    if system.leave(name, dropbox.QUARANTINED):
        done.append(f"{name} is released: its logins are accepted again")
    return done


def _moved(source: Path, target: Path) -> int:
    """Move everything; nothing is ever replaced. Return how many."""
    moved = 0
    for path in sorted(source.iterdir()):
        with suppress(FileNotFoundError):  # the collector has just taken it
            path.rename(_free(target / path.name))
            moved += 1
    return moved


def _free(path: Path) -> Path:
    found, number = path, 1
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.name}.{number}")
    return found
