"""The station's pins: one explicit factory, never gpiozero's own choice, and one way to fail.

gpiozero picks a pin factory by trying several and warning (its ``Device._default_pin_factory``);
the last one it tries pokes registers and knows no PWM. On a station only lgpio is right, so it is
made here by name, and whatever is in its way is said.
"""

from __future__ import annotations

import functools
import os
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from kiosk.errors import DeviceError

_BUSY = "GPIO busy"
"""lgpio's words for a pin that somebody else has (lgErr.c, LG_GPIO_BUSY)."""

_DIRECTORY = "LG_WD"
"""lgpio's own variable for another directory than the working directory."""

PinFactory = Callable[[], Any]
"""Makes, or returns again, a ``gpiozero.pins.Factory``; called only where pins are configured."""


def station_pins() -> PinFactory:
    """Return a factory of the station's real pins, opened when first called and then shared.

    Lights and pedal must share one: gpiozero knows by it which pins are taken.
    """
    return functools.cache(real_pin_factory)


def real_pin_factory() -> Any:  # noqa: ANN401 - gpiozero has no types
    """Open the station's pins through lgpio.

    Returns:
        A ``gpiozero.pins.lgpio.LGPIOFactory``.

    Raises:
        DeviceError: lgpio is missing, its working directory cannot be written, or this machine
            has no GPIO that this user may open.
    """
    _require_working_directory()
    try:
        # lgpio makes files and starts a thread when it is imported.
        from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415
    except ImportError as error:
        raise DeviceError(
            f"The pins cannot be used, because lgpio is missing ({error}); expected Debian's "
            "package python3-lgpio, visible to this program's Python."
        ) from error
    with translated(
        DeviceError,
        "The pins cannot be opened; expected a Raspberry Pi and the right to use /dev/gpiochip0 "
        "(group gpio)",
    ):
        return LGPIOFactory()


@contextmanager
def translated(kind: type[DeviceError], what: str) -> Iterator[None]:
    """Turn whatever the pin libraries raise into one error of ours.

    Args:
        kind: class to raise.
        what: the beginning of the sentence, without a full stop: what failed and where.

    Raises:
        DeviceError: of class ``kind``.
    """
    try:
        yield
    except DeviceError as error:
        raise (error if isinstance(error, kind) else kind(error.sentence)) from error
    except Exception as error:
        # gpiozero keeps a pin for a device that could not be opened for as long as that exists, and
        # the frames of its error hold it.
        traceback.clear_frames(error.__traceback__)
        # lgpio.error, gpiozero's tree and OSError have no nearer base in common.
        raise kind(f"{what}: {_told(error)}.") from error


def _told(error: Exception) -> str:
    # lgpio raises a class of its own, whose text alone tells one failure from another.
    if _BUSY in str(error):
        return (
            "another program or a driver holds the pin; `sudo cat /sys/kernel/debug/gpio` names it"
        )
    return str(error) or type(error).__name__


@contextmanager
def working_directory() -> Iterator[None]:
    """Give lgpio a directory that it may write to, where the one a person stands in is none.

    A unit has its own; the system of a station is read-only, and so is most of where one types.

    Raises:
        DeviceError: no temporary one can be made either.
    """
    with ExitStack() as leaving:
        try:
            _require_working_directory()
        except DeviceError as refused:
            try:
                temporary = tempfile.TemporaryDirectory(prefix="kiosk-pins-")
            except OSError as error:
                raise refused from error
            os.environ[_DIRECTORY] = leaving.enter_context(temporary)
            leaving.callback(os.environ.pop, _DIRECTORY, None)
        yield


def _require_working_directory() -> None:
    """Refuse a working directory in which lgpio cannot make its notification pipe.

    lgpio then fails with an error that names neither the directory nor the reason (gpiozero
    #1106, #1130).
    """
    directory = os.environ.get(_DIRECTORY) or "."
    try:
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise DeviceError(
            f"The pins cannot be used, because lgpio must be able to write into its working "
            f"directory {os.path.realpath(directory)}: {error.strerror}; expected "
            "WorkingDirectory= of the service to be a runtime directory of its own."
        ) from error
