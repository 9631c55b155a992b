"""What several of the clinic's commands have in common on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from kiosk.clinic.desk import Post
from kiosk.envelope.recipients import Identity, load_identities

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no other name for it
Handler = Callable[[argparse.Namespace], int]
"""Carries a command out; returns the exit code."""

Guard = Callable[[Handler], Handler]
"""Turns errors into exit codes."""


def add_identity(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "-i",
        "--identity",
        type=Path,
        action="append",
        default=[],
        required=required,
        metavar="IDENTITY",
        help="the clinic's identity file, for what is sealed; may be given more than once",
    )


def identities_of(args: argparse.Namespace) -> list[Identity]:
    """Return every identity of the files that were given; errors as of ``load_identities``."""
    return [one for path in args.identity for one in load_identities(path)]


def add_stations(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--stations",
        type=Path,
        required=required,
        metavar="ALLOWED_SIGNERS",
        help="the stations' public keys, in OpenSSH's allowed_signers format"
        + ("" if required else "; without them nobody knows who signed"),
    )


def add_desk(
    parser: argparse.ArgumentParser, *, required: bool = True, what: str = "the desk's folder"
) -> None:
    parser.add_argument("--desk", type=Path, required=required, metavar="DIR", help=what)


def add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--server",
        type=Path,
        required=True,
        metavar="DIR",
        help="the folder of all drop boxes, with STATION/out in it",
    )


def post_of(args: argparse.Namespace) -> Post:
    return Post(args.server, local_now())


def local_now() -> datetime:
    return datetime.now(UTC).astimezone()
