"""``python3 -m provisioning.server``: the drop boxes of a clinic's server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.errors import KioskError, UsageError
from provisioning.server import host
from provisioning.server.host import Place, Station


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0 when it was done, 1 when not, 2 for a wrong command."""
    options = _parser().parse_args(arguments)
    place = Place(options.root, options.keys, options.config)
    try:
        lines = _act(place, options)
    except UsageError as error:
        print(f"{error}", file=sys.stderr)
        return 2
    except (KioskError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    print("\n".join(lines or ["nothing to change"]))
    return 0


def _act(place: Place, options: argparse.Namespace) -> list[str]:
    if options.command == "prepare":
        return host.prepare(place, exempt=options.network)
    if options.command == "add":
        return host.add(place, options.name, _read(options.key), source=str(options.key))
    if options.command == "revoke":
        return host.revoke(place, options.name)
    return _table(host.stations(place))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected a station's public key file, but: {error}") from error


def _table(stations: list[Station]) -> list[str]:
    rows = [("station", "waiting", "newest", "key")]
    for station in stations:
        newest = f"{station.newest:%Y-%m-%d %H:%M} UTC" if station.newest else "-"
        key = station.fingerprint or "revoked"
        rows.append((station.name, str(station.waiting), newest, key))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(t.ljust(w) for t, w in zip(r, widths, strict=True)).rstrip() for r in rows]


def _parser() -> argparse.ArgumentParser:
    usual = Place()
    parser = argparse.ArgumentParser(
        prog="python3 -m provisioning.server",
        description="Drop boxes for capture stations on this server; see docs/server.md.",
    )
    parser.add_argument("--root", type=Path, default=usual.root, help="of all drop boxes")
    parser.add_argument("--keys", type=Path, default=usual.keys, help="folder of the public keys")
    parser.add_argument("--config", type=Path, default=usual.config, help="file of the sshd rules")
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="make accounts, folders and sshd rules")
    prepare.add_argument(
        "--network", help="the stations' networks (10.1.2.0/24,...), not to be locked out by sshd"
    )
    add = commands.add_parser("add", help="add a station, or give it another key")
    add.add_argument("name")
    add.add_argument("key", type=Path, help="the station's public key file")
    commands.add_parser("list", help="show the stations, their keys and what waits")
    revoke = commands.add_parser("revoke", help="cut a station off, at once")
    revoke.add_argument("name")
    return parser


if __name__ == "__main__":
    sys.exit(main())
