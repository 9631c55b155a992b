"""Check of the bootloader's settings in the EEPROM, as the running firmware hands them on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kiosk.commission import eeprom
from kiosk.commission.checks import Finding, not_applicable, ok, unchecked, wrong
from kiosk.commission.machine_paths import BOOT
from kiosk.commission.place import Place

WANTED: Final = f"{BOOT}/kiosk-eeprom.conf"
"""Where the installer puts ``firmware_config/eeprom.conf``; the firmware does not read it there."""

_TREE: Final = "/sys/firmware/devicetree/base"
_ALIAS: Final = f"{_TREE}/aliases/blconfig"
"""Names the node of the memory in which the bootloader leaves its settings (rpi-eeprom-config)."""

_DEVICES: Final = "/sys/bus/nvmem/devices"


def bootloader(place: Place) -> Finding:
    """Compare what the bootloader was started with to what a station asks of it.

    Raises:
        StorageFailed: what is there cannot be read.
    """
    if not place.exists(WANTED):
        return not_applicable("Nothing was asked of a bootloader on this machine.")
    device = _device(place)
    if device is None:
        return not_applicable("This machine has no bootloader that tells of its settings.")
    if place.uid != 0:
        return unchecked("Only root sees the bootloader's settings; run `sudo kiosk check`.")
    wanted = place.read(WANTED)
    present = place.read(device)
    missing = eeprom.differences(present, wanted)
    if missing:
        return wrong(
            f"The bootloader has {', '.join(missing)}. Run `python3 -m provisioning.install` and "
            "restart; a board that starts only what is signed is set at the signing bench."
        )
    added = eeprom.appended(present)
    if added:
        return wrong(
            f"The bootloader adds {len(added)} lines to config.txt, beginning with {added[0]!r}, "
            "which no file on the card shows; take them out by `sudo -E rpi-eeprom-config --edit`."
        )
    return ok(f"The bootloader has the {len(eeprom.settings(wanted))} settings of a station.")


def _device(place: Place) -> Path | None:
    """Return the file with the bootloader's settings, or None."""
    alias = place.told(_ALIAS)
    if not alias:
        return None
    node = place.at(f"{_TREE}{alias}").resolve()
    for device in sorted(place.at(_DEVICES).glob("*")):
        if (device / "of_node").resolve() == node and (device / "nvmem").exists():
            return Path(_DEVICES) / device.name / "nvmem"
    return None
