"""A station is stolen: what the desk does about it, each part however the others went.

    letters   what waits for the station is removed, the server's share first, and the desk sends
              it nothing more
    server    refuses its key, ends its sessions, and removes what waits there: a command of the
              clinic's own, in ``server.toml`` in the desk's folder
    list      what it signs from then on is believed no more; what it signed before stays proven

Every part may be repeated. docs/decisions/0117.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from kiosk.clinic.desk import Desk, Post
from kiosk.clinic.station_ends import end_station
from kiosk.envelope.letter import Kind
from kiosk.errors import ConfigError, KioskError, ServiceError

SETTINGS: Final = "server.toml"

_PATIENCE_S: Final = 60.0
"""Seconds that the server may take; it ends sessions and removes files."""

_LETTERS: Final = (Kind.SHARE, *(kind for kind in Kind if kind is not Kind.SHARE))


class ServerCommands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``server.toml``.

    Attributes:
        revoke: a command and its words; the station's name is put behind them.
    """

    revoke: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theft:
    """What is known of it.

    Attributes:
        station: its name at the desk.
        since: from when on nothing of it is believed, with its offset.
        listed: the clinic's list of stations.
    """

    station: str
    since: datetime
    listed: Path


@dataclass(frozen=True, slots=True)
class Part:
    """What became of a part, in a sentence; ``todo`` is what is left to people, or empty."""

    name: str
    said: str
    todo: str = ""


def cut_off(desk: Desk, theft: Theft, post: Post) -> tuple[Part, ...]:
    """Do every part; one that fails does not stop the others.

    Raises:
        UsageError: the station is not at this desk; nothing was done.
    """
    desk.station(theft.station)
    parts: Sequence[tuple[str, Callable[[], str], str]] = (
        ("letters", lambda: _letters(desk, theft, post), f"remove what is in {post.server}"),
        ("server", lambda: _server(desk, theft.station), _on_server(theft.station)),
        ("list", lambda: _list(theft), f"end its line in {theft.listed}"),
    )
    return tuple(_done(*part) for part in parts)


def _on_server(station: str) -> str:
    """What somebody has to type at the server where the desk cannot have it done."""
    return f"on the server: sudo python3 -m provisioning.server revoke {station}"


def _done(name: str, act: Callable[[], str], todo: str) -> Part:
    try:
        return Part(name, act())
    except KioskError as error:
        return Part(name, error.sentence, todo)


def _letters(desk: Desk, theft: Theft, post: Post) -> str:
    station = desk.station(theft.station)
    # Before letters are removed: nobody else at the desk writes one meanwhile.
    desk.mark_stolen(station.name, theft.since.isoformat(timespec="seconds"))
    removed = [kind.value for kind in _LETTERS if desk.withdraw(station, kind, post)]
    what = f"removed from {post.server}: {', '.join(removed)}" if removed else "none waits"
    return f"{what}; nothing is sent to it any more"


def _list(theft: Theft) -> str:
    end = end_station(theft.listed, theft.station, theft.since)
    return f"what it signs after {end:%Y-%m-%d %H:%M:%S} UTC is believed no more ({theft.listed})"


def _server(desk: Desk, station: str) -> str:
    command = [*_settings(desk.folder / SETTINGS).revoke, station]
    try:
        done = subprocess.run(  # noqa: S603 - the clinic's own command; the name is a checked one
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceError(f"The server could not be told: `{command[0]}`: {error}.") from error
    if done.returncode != 0:
        raise ServiceError(f"The server was told and refused: {_last(done.stderr)}")
    return "; ".join(done.stdout.decode("utf-8", "replace").strip().splitlines())


def _last(said: bytes) -> str:
    return (said.decode("utf-8", "replace").strip().splitlines() or ["it gave no reason"])[-1]


def _settings(path: Path) -> ServerCommands:
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=ServerCommands)
    except OSError as error:
        raise ConfigError(
            f"{path}: expected the command that has the server revoke a station, but: "
            f"{error.strerror}."
        ) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(f"{path}: {error}.") from error
    if not found.revoke:
        raise ConfigError(f"{path}: expected a command in `revoke`, and its words.")
    return found
