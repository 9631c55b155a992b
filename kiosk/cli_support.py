"""``kiosk support``: a bundle for whoever helps, as a file, or sealed and sent for the screen."""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk import config_reading
from kiosk.cli_common import parts, station_command, with_stored_keys
from kiosk.errors import ConfigError, UsageError
from kiosk.support_request import Sealed, SupportRequest

if TYPE_CHECKING:
    from kiosk.commission.checks import Check
    from kiosk.commission.support.collect import Means

_NOT_ASKED: Final = (
    "Not asked here: a bundle for the service screen is made without a right to the network. "
    "`sudo kiosk check` on the station says it."
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    support = station_command(
        commands, "support", run, "write what is known of the station's faults into a file"
    )
    way = support.add_mutually_exclusive_group(required=True)
    way.add_argument("--out", type=Path, metavar="FILE.tar.gz", help="the file; it is made anew")
    way.add_argument(
        "--asked",
        action="store_true",
        help="answer the service screen: sealed to the clinic's keys, and sent to its server",
    )
    support.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="PART",
        help="leave this part out of the file; may be given more than once",
    )


def run(arguments: argparse.Namespace) -> int:
    """Make a bundle; return the exit code.

    Raises:
        UsageError: a part is to be left out of the one that the screen asked for.
        KioskError: it cannot be made.
    """
    if arguments.asked and arguments.without:
        raise UsageError(
            "--without is for a file (--out): the screen asks for a whole bundle, and nobody would "
            "see there what it lacks."
        )
    path = arguments.config.absolute()
    return _answer(path) if arguments.asked else _write(path, arguments.out, arguments.without)


def _write(path: Path, out: Path, without: list[str]) -> int:
    from kiosk.commission.station import station_checks  # noqa: PLC0415
    from kiosk.commission.support.bundle import write_bundle  # noqa: PLC0415

    members = write_bundle(_means(path, station_checks(path)), out, without)
    print(f"{out}: {', '.join(member.name for member in members)}")
    return 0


def _answer(path: Path) -> int:
    print(answered(path, SupportRequest()))
    return 0


def answered(path: Path, post: SupportRequest) -> str:
    """Answer a request; return a sentence about what became of it.

    Args:
        path: ``station.toml``.
        post: where it is asked, and told.

    Raises:
        KioskError: as of :func:`kiosk.commission.support.answering.answer`.
    """
    with parts("capture"):
        from kiosk.capture.maintenance.sealing import put_support  # noqa: PLC0415
    from kiosk import moment  # noqa: PLC0415
    from kiosk.commission.support.answering import Acts, answer  # noqa: PLC0415
    from kiosk.process import as_owner  # noqa: PLC0415
    from kiosk.spool import Spool  # noqa: PLC0415

    def seal(bundle: bytes) -> Sealed:
        return put_support(with_stored_keys(config_reading.load(path)), bundle, moment.now())

    def waits(name: str) -> bool:
        return name in Spool(config_reading.load(path).spool.path).names()

    acts = Acts(
        make=lambda: _made(path),
        seal=seal,
        waits=waits,
        as_asker=partial(as_owner, post.request.parent),
        clock=time.monotonic_ns,
    )
    return answer(post, acts)


def _made(path: Path) -> bytes:
    from kiosk.commission.station import station_checks  # noqa: PLC0415
    from kiosk.commission.support.bundle import make_bundle  # noqa: PLC0415

    checks = tuple(map(_without_network, station_checks(path)))
    return make_bundle(_means(path, checks)).data


def _without_network(check: Check) -> Check:
    """Leave out what only a process with a right to the network is told."""
    from kiosk.commission.checks import Check, unchecked  # noqa: PLC0415

    return Check(check.name, partial(unchecked, _NOT_ASKED)) if check.name == "firewall" else check


def _means(path: Path, checks: tuple[Check, ...]) -> Means:
    from kiosk.commission.place import Place  # noqa: PLC0415
    from kiosk.commission.support.bundle import run as run_program  # noqa: PLC0415
    from kiosk.commission.support.collect import Means  # noqa: PLC0415

    try:
        station = config_reading.load(path)
    except ConfigError:
        station = None  # what the checks say is in the bundle
    return Means(Place(), run_program, station, checks)
