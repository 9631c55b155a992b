"""The step by which nothing types on a station but its pedal, its reader and its panel."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any, Final

from kiosk.commission.typing_rules import SHIPPED, named, rules
from provisioning.install.files import differing, write_differing
from provisioning.install.machine import InstallError, Machine
from provisioning.install.network import PLACEHOLDER, STATION

SOURCE: Final = "firmware_config/udev/91-kiosk-typing.rules"

_RELOAD: Final = ("udevadm", "control", "--reload")
_LOOK_AGAIN: Final = ("udevadm", "trigger", "--subsystem-match=hid", "--action=add", "--settle")


@dataclass(frozen=True, slots=True)
class TypingRulesStep:
    """udev's rules are in their files, and what is plugged in was looked at by them.

    ``station_rules``: where those made from the settings go; None in the tree of an image, whose
    stations make them themselves (settling.py).
    """

    station_rules: str | None
    name: str = "who may type"

    def missing(self, machine: Machine) -> str:
        return differing(machine, self._files(machine))

    def apply(self, machine: Machine) -> None:
        write_differing(machine, self._files(machine))
        if machine.live:
            machine.run(*_RELOAD)
            # Whoever fills in the settings may do so by a keyboard, and keeps it until the restart.
            if PLACEHOLDER not in repr(_settings(machine)):
                machine.run(*_LOOK_AGAIN)

    def _files(self, machine: Machine) -> dict[str, str]:
        shipped = {SHIPPED: machine.source(SOURCE)}
        if self.station_rules is None:
            return shipped
        return {self.station_rules: station_rules(machine), **shipped}


def station_rules(machine: Machine) -> str:
    """Return the rules of the machine's own settings.

    Raises:
        InstallError: the settings cannot be read, or a device is not named by USB ids.
    """
    try:
        return rules(named(_settings(machine)))
    except ValueError as error:
        raise _unfit(error) from error


def _settings(machine: Machine) -> dict[str, Any]:
    try:
        return tomllib.loads(machine.read(STATION) or "")
    except tomllib.TOMLDecodeError as error:
        raise _unfit(error) from error


def _unfit(error: ValueError) -> InstallError:
    return InstallError(
        f"{STATION} does not say which devices may type ({error}); `kiosk check` says what else "
        "is wrong with it."
    )
