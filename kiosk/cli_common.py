"""What several commands of the front door need, none of which knows the others."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from msgspec.structs import replace

from kiosk import config_reading
from kiosk.config import StationConfig
from kiosk.errors import UsageError

Handler = Callable[[argparse.Namespace], int]


def station_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    handler: Handler,
    what: str,
) -> argparse.ArgumentParser:
    """Add a command that is about a station, told by ``--config``."""
    command = commands.add_parser(name, help=what, description=what)
    command.add_argument(
        "--config",
        type=Path,
        default=config_reading.DEFAULT_PATH,
        metavar="FILE",
        help=f"the station's configuration (default: {config_reading.DEFAULT_PATH})",
    )
    command.set_defaults(handler=handler)
    return command


@contextmanager
def parts(extras: str) -> Iterator[None]:
    """Say which part of the product is not installed here, as on a clinic's desk."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(
            f"This is not installed as a station: the library {error.name} is missing; expected "
            f"capture-station[{extras}], as provisioning.install sets it up."
        ) from error


def pins_within_reach() -> AbstractContextManager[None]:
    """Let whoever types a command try the pins, wherever that is."""
    with parts("capture"):
        from kiosk.capture.hardware.gpio import working_directory  # noqa: PLC0415

    return working_directory()


def with_stored_keys(station: StationConfig) -> StationConfig:
    """Name root's own key files: what systemd hands to a service is there only while it runs."""
    from kiosk.commission.place import stored  # noqa: PLC0415

    about, upload = station.station, station.upload
    return replace(
        station,
        station=replace(about, signing_key=stored(about.signing_key)),
        upload=replace(upload, key=stored(upload.key)),
    )
