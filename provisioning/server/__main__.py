"""``python3 -m provisioning.server``: the drop boxes of a clinic's server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import KioskError, UsageError
from kiosk.tables import aligned
from provisioning.server import enrolment, host, limit, listing, shutting_out
from provisioning.server.check import running
from provisioning.server.listing import Station
from provisioning.server.place import Place

DONE, FAILED, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Returns:
        0 when it was done, 1 when not or when an attack succeeded, 2 for a wrong command, 3 when
        an attack could not be tried.
    """
    options = _parser().parse_args(arguments)
    place = Place(options.root, options.keys, options.config, options.enrolments)
    try:
        code, lines = _act(place, options)
    except UsageError as error:
        print(f"{error}", file=sys.stderr)
        return USAGE
    except (KioskError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return running.NOT_TRIED if options.command == "check" else FAILED
    print("\n".join(lines or ["nothing to change"]))
    return code


def _act(place: Place, options: argparse.Namespace) -> tuple[int, list[str]]:
    if options.command == "check":
        return running.check(place, port=options.port)
    return DONE, _changed(place, options)


def _changed(place: Place, options: argparse.Namespace) -> list[str]:
    if options.command == "prepare":
        return host.prepare(place, exempt=options.network, limit_gb=options.limit_gb)
    if options.command == "add":
        return host.add(place, options.name, _read(options.key), source=str(options.key))
    if options.command == "expect":
        return _expect(place, options.ticket)
    if options.command in _OF_STATION:
        act, _ = _OF_STATION[options.command]
        return act(place, options.name)
    if options.command == "list":
        return [_table(listing.stations(place))]
    return limit.look_after(place)


def _enrolment(place: Place, name: str) -> list[str]:
    return [enrolment.request_of(place, name).rstrip("\n")]


_OF_STATION = {
    "enrolment": (_enrolment, "show how a station enrolled, for the clinic"),
    "revoke": (shutting_out.revoke, "cut a station off for good, at once"),
    "quarantine": (
        shutting_out.quarantine,
        "refuse a station's logins, and set aside what the collector has not taken",
    ),
    "release": (shutting_out.release, "let a station in again that was quarantined"),
}


def _expect(place: Place, paths: Sequence[str]) -> list[str]:
    now = datetime.now(UTC)
    read = [(path, _ticket(path)) for path in paths]
    return [note for path, text in read for note in host.expect(place, text, source=path, now=now)]


def _ticket(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: expected a ticket, but: {error.strerror}") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected a station's public key file, but: {error}") from error


def _table(stations: list[Station]) -> str:
    rows = [("station", "waiting", "newest", "key")]
    for station in stations:
        newest = f"{station.newest:%Y-%m-%d %H:%M} UTC" if station.newest else "-"
        key = " ".join(
            filter(None, (_set_aside(station), station.fingerprint or _keyless(station)))
        )
        rows.append((station.name, str(station.waiting), newest, key))
    return aligned(rows)


def _set_aside(station: Station) -> str:
    full = "full," if station.full else ""
    aside = f"quarantined, {station.aside} files aside," if station.quarantined else ""
    return f"{full} {aside}".strip()


def _keyless(station: Station) -> str:
    if station.expected is None:
        return "revoked"
    verb = "may enrol until" if station.expected > datetime.now(UTC) else "code expired at"
    return f"{verb} {station.expected:%Y-%m-%d %H:%M} UTC"


def _parser() -> argparse.ArgumentParser:
    usual = Place()
    parser = argparse.ArgumentParser(
        prog="python3 -m provisioning.server",
        description="Drop boxes for capture stations on this server; see docs/server.md.",
    )
    parser.add_argument("--root", type=Path, default=usual.root, help="of all drop boxes")
    parser.add_argument("--keys", type=Path, default=usual.keys, help="folder of the public keys")
    parser.add_argument("--config", type=Path, default=usual.config, help="file of the sshd rules")
    parser.add_argument(
        "--enrolments", type=Path, default=usual.enrolments, help="folder of the one-time codes"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="make accounts, folders and sshd rules")
    prepare.add_argument(
        "--network", help="the stations' networks (10.1.2.0/24,...), not to be locked out by sshd"
    )
    prepare.add_argument(
        "--limit-gb",
        type=float,
        metavar="GB",
        help="what a station may hold on this server before it is shut out (default: as before, "
        f"or {limit.USUAL_GB:g})",
    )
    commands.add_parser("limit", help="shut out who holds too much, and let in who no longer does")
    add = commands.add_parser("add", help="add a station, or give it another key")
    add.add_argument("name")
    add.add_argument("key", type=Path, help="the station's public key file")
    expected = commands.add_parser("expect", help="let a station enrol itself, once, by its code")
    expected.add_argument(
        "ticket", nargs="+", help="what `kiosk provision card` wrote; - for standard input"
    )
    commands.add_parser("list", help="show the stations, their keys and what waits")
    for command, (_, what) in _OF_STATION.items():
        commands.add_parser(command, help=what).add_argument("name")
    checked = commands.add_parser(
        "check", help="attack this server from a throw-away station's key, and say what came of it"
    )
    checked.add_argument(
        "--port", type=int, help="on which its sshd listens (default: as its configuration says)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
