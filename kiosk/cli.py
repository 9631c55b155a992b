"""The front door: ``kiosk …``. Each command loads its own room and no other."""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk import __version__, cli_check, cli_support, config_reading
from kiosk.cli_common import (
    Handler,
    parts,
    pins_within_reach,
    station_command,
    with_stored_keys,
)
from kiosk.errors import UsageError
from kiosk.languages.names import Language
from kiosk.records.protocols import Protocol
from kiosk.service import EXIT_SIGNALLED, configure_journal, guarded


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 something is wrong, 2 wrong usage."""
    # Or pygame greets on the standard output when it is loaded.
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    parsed = _parser().parse_args(arguments)
    handler: Handler = parsed.handler
    return guarded(lambda: _told(handler, parsed))


def _told(handler: Handler, parsed: argparse.Namespace) -> int:
    """Run a command; whoever reads what it prints may have had enough, as ``head`` has."""
    try:
        code = handler(parsed)
        sys.stdout.flush()
    except BrokenPipeError:
        if not _nobody_reads():
            raise
        # Or Python would try to write the rest at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_SIGNALLED + signal.SIGPIPE
    return code


def _nobody_reads() -> bool:
    """Tell whether it is the pipe of the standard output whose other end is closed."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk", description="Capture Station")
    parser.add_argument("--version", action="version", version=f"Capture Station {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    capture = station_command(commands, "capture", _capture, "run the screen, camera and pedal")
    capture.add_argument(
        "--allow-swap",
        action="store_true",
        help="run although memory could be written to a disk; never where patients are",
    )
    station_command(commands, "upload", _upload, "send what is sealed to the clinic's server")
    cli_check.add_parser(commands)
    _add_firmware(commands)
    cli_support.add_parser(commands)
    station_command(commands, "lights-off", _lights_off, "make every lamp dark")
    enrol = station_command(
        commands, "enrol", _enrol, "make this station known, by its one-time code"
    )
    enrol.add_argument(
        "--screen-of",
        metavar="USER",
        help="do not ask on the terminal: the standard input is a socket, at whose other end a "
        "process of this user has the screen",
    )
    _add_provision(commands)
    what = "wipe this station for good, and certify it"
    retire = station_command(commands, "retire", _retire, what)
    retire.add_argument("folder", type=Path, metavar="FOLDER", help="for certificate and leftovers")
    retire.add_argument("--station", required=True, metavar="NAME", help="this station's name")
    what = "install the version that was in use before this one"
    commands.add_parser("back", help=what, description=what).set_defaults(handler=_back)
    _add_clinic(commands)
    _add_protocols(commands)
    _add_consent_texts(commands)
    _add_guide(commands)
    return parser


def _add_firmware(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "check the files of a boot partition, on any computer"
    firmware = commands.add_parser("firmware", help=what, description=what)
    firmware.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="config.txt (with what it includes), cmdline.txt, an include, the bootloader's *.conf",
    )
    firmware.add_argument(
        "--config", type=Path, metavar="FILE", help="a station's, to compare pins and camera with"
    )
    firmware.set_defaults(handler=_firmware)


def _add_clinic(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from kiosk.clinic.cli import add_parser  # noqa: PLC0415 - each command loads its own room

    add_parser(commands)


def _add_provision(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "write the cards of new stations"
    try:
        from provisioning.card.cli import add_parser  # noqa: PLC0415 - not there on a station
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("provisioning"):
            raise
        parser = commands.add_parser("provision", help=what, description=what)
        parser.add_argument("words", nargs=argparse.REMAINDER)
        parser.set_defaults(handler=_without_checkout)
    else:
        add_parser(commands, what)


def _without_checkout(_: argparse.Namespace) -> int:
    raise UsageError(
        "Cards are written from a checkout of this project, which is what they carry; expected "
        "`kiosk` to be installed from one with `pip install -e` (docs/technician.md)."
    )


def _add_guide(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    guide = commands.add_parser(
        "guide", help="try the pose guide", description="Try the pose guide"
    )
    acts = guide.add_subparsers(metavar="COMMAND", required=True)
    what = "measure faces whose pose is known and print the errors"
    measure = acts.add_parser("measure", help=what, description=what)
    measure.add_argument(
        "truth", type=Path, metavar="TRUTH.json", help="describes pictures in the folder it lies in"
    )
    measure.set_defaults(handler=_measure)


def _measure(arguments: argparse.Namespace) -> int:
    with parts("capture"):
        from kiosk.capture.guiding import cli  # noqa: PLC0415 - each command loads its own room

    return cli.measure(arguments)


def _add_protocols(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from kiosk.records.cli import add_parser  # noqa: PLC0415 - each command loads its own room

    add_parser(commands, _draw_sheet)


def _add_consent_texts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from kiosk.records.consent_cli import add_parser  # noqa: PLC0415 - see _add_protocols

    add_parser(commands)


def _draw_sheet(protocol: Protocol, path: Path, language: Language) -> Sequence[Path]:
    with parts("capture"):
        from kiosk.capture.guides.contact_sheet import write_sheet  # noqa: PLC0415

    return write_sheet(protocol, path, language)


def _capture(arguments: argparse.Namespace) -> int:
    with parts("capture"):
        from kiosk.capture import running  # noqa: PLC0415 - each command loads its own room

    configure_journal("kiosk-capture")
    return running.run(arguments.config, swap_allowed=arguments.allow_swap)


def _upload(arguments: argparse.Namespace) -> int:
    with parts("upload"):
        from kiosk.upload import app  # noqa: PLC0415 - each command loads its own room

    configure_journal("kiosk-upload")
    return app.run(config_reading.load(arguments.config), str(arguments.config))


def _firmware(arguments: argparse.Namespace) -> int:
    from kiosk.commission import firmware_cli  # noqa: PLC0415 - each command loads its own room

    return firmware_cli.run(arguments)


def _enrol(arguments: argparse.Namespace) -> int:
    from kiosk.enrol import cli  # noqa: PLC0415 - each command loads its own room

    path = arguments.config.absolute()
    if arguments.screen_of is not None:
        return cli.answer_screen(path, arguments.screen_of, lambda: _server_proof(path))
    return cli.run(path, lambda: _server_proof(path))


def _server_proof(path: Path) -> str:
    with parts("upload"):
        from kiosk.upload import probes  # noqa: PLC0415

    return probes.probes(with_stored_keys(config_reading.load(path)))["server"]()


def _retire(arguments: argparse.Namespace) -> int:
    from kiosk.commission.retire import cli  # noqa: PLC0415 - each command loads its own room

    return cli.run(arguments)


def _back(_: argparse.Namespace) -> int:
    from kiosk.commission.versions import go_back  # noqa: PLC0415 - each command loads its own room

    go_back()


def _lights_off(arguments: argparse.Namespace) -> int:
    from kiosk.capture.hardware.gpio import station_pins  # noqa: PLC0415
    from kiosk.capture.hardware.lights import switch_off  # noqa: PLC0415

    path = arguments.config.absolute()
    with pins_within_reach():
        switch_off(config_reading.load(path).lights, station_pins())
    return 0


if __name__ == "__main__":
    sys.exit(main())
