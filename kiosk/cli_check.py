"""``kiosk check``: puts together what rooms that do not know each other find out of a station."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import config_reading
from kiosk.cli_common import parts, pins_within_reach, station_command, with_stored_keys
from kiosk.errors import ConfigError

if TYPE_CHECKING:
    from kiosk.commission.checks import Result


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    check = station_command(commands, "check", run, "say what is right and wrong here")
    check.add_argument("--json", action="store_true", help="print JSON instead of a table")
    check.add_argument(
        "--page",
        type=Path,
        metavar="FILE.html",
        help="write a page to print and file, too, and beside it the station's signature",
    )
    check.add_argument(
        "--record",
        type=Path,
        metavar="FILE.json",
        help="the same for a program, too: JSON with station and time, signed as the page is",
    )
    check.add_argument(
        "--commission",
        action="store_true",
        help="keep all of it as the report of the commissioning, and say the verdict in one line",
    )
    check.add_argument(
        "--wait",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long the clinic may take to answer the test object (default: its answer is "
        "looked for once)",
    )
    check.add_argument(
        "--letters",
        action="store_true",
        help="try nothing: look again at what the report of the commissioning waits for, and write "
        "it anew where the clinic's letters have come",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check the station; return the exit code."""
    from kiosk.commission.checks import exit_code, perform  # noqa: PLC0415
    from kiosk.commission.report import as_json, as_text  # noqa: PLC0415
    from kiosk.commission.station import station_checks  # noqa: PLC0415

    path = arguments.config.absolute()
    if arguments.letters:
        return _complete(path)
    with pins_within_reach():
        results = perform(station_checks(path, _probes(path), wait_s=arguments.wait))
    if arguments.commission:
        from kiosk.commission.commissioning import file_report  # noqa: PLC0415

        print(file_report(results, path))
    else:
        sys.stdout.write(as_json(results) if arguments.json else as_text(results))
    _file(arguments, results, path)
    return exit_code(results)


def _file(arguments: argparse.Namespace, results: Sequence[Result], path: Path) -> None:
    from kiosk.commission.filing import file_page, file_record  # noqa: PLC0415

    for file, write in ((arguments.page, file_page), (arguments.record, file_record)):
        for written in () if file is None else write(file, results, path):
            print(f"written: {written}", file=sys.stderr)


def _complete(path: Path) -> int:
    from kiosk.commission.commissioning import complete  # noqa: PLC0415

    said = complete(path)
    if said:
        print(said)
    return 0


def _probes(path: Path) -> dict[str, Callable[[], str]]:
    """Gather what tries devices and server; nothing where there is no usable configuration."""
    with parts("capture,upload"):
        from kiosk.capture import probes as devices  # noqa: PLC0415
        from kiosk.upload import probes as server  # noqa: PLC0415

    try:
        station = config_reading.load(path)
    except ConfigError:
        return {}  # the report's first line says why
    stored = with_stored_keys(station)
    reaching = server.probes(stored)
    return {**devices.probes(station), **reaching, **devices.way_probe(stored, reaching["server"])}
