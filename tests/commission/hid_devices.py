"""Report descriptors of input devices, as real ones send them, and devices in a tree of sysfs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

KEYBOARD: Final = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501"
    "050819012905910295017503910395067508150025650507190029658100c0"
)
"""The boot keyboard of USB HID 1.11, appendix E.6; readers and pedals send the same."""

MOUSE: Final = bytes.fromhex(
    "05010902a1010901a100050919012903150025019503750181029501750581030501"
    "093009311581257f750895028106c0c0"
)
"""The boot mouse of appendix E.10."""

TOUCH: Final = bytes.fromhex(
    "050d0904a1010922a1020942150025017501950181029507810309517508950126ff008102"
    "0501a40930263f1f75109501810209318102b4c0050d0954257f7508950181020955257fb102c0"
)
"""A panel with one finger's worth of fields, contact identifiers, count and maximum."""

SETTINGS: Final = bytes.fromhex("050d090ea10109521500250a75089501b102c0")
"""A digitizer's settings (device configuration)."""

BLOB: Final = bytes.fromhex("0600ff0901a10109c5150026ff007508960001b102c0")
"""What Microsoft asks panels to bring, on a page of the maker's own."""

CONSUMER: Final = bytes.fromhex("050c0901a1011500250109e909ea750195028102950675018103c0")
"""Loudness keys, as loudspeakers have them."""

POWER: Final = bytes.fromhex("05010980a101198129831500250175019503810295058103c0")
"""System control: power, sleep, wake."""


def plug(  # noqa: PLR0913 - what a device is
    root: Path,
    name: str,
    ids: tuple[int, int],
    *,
    bus: int = 3,
    driver: str = "",
    descriptor: bytes = KEYBOARD,
) -> None:
    """Put one device into a tree, as the kernel shows it.

    Args:
        root: of the tree.
        name: by its own word.
        ids: vendor and product.
        bus: 3 is USB.
        driver: none, or the name of the one that it has.
        descriptor: told only of a device that has a driver (Linux 6.12).
    """
    vendor, product = ids
    devices = root / "sys/bus/hid/devices"
    devices.mkdir(parents=True, exist_ok=True)
    number = len(list(devices.iterdir())) + 1
    folder = devices / f"{bus:04X}:{vendor:04X}:{product:04X}.{number:04X}"
    folder.mkdir()
    uevent = f"HID_ID={bus:04X}:{vendor:08X}:{product:08X}\nHID_NAME={name}\n"
    (folder / "uevent").write_text((f"DRIVER={driver}\n" if driver else "") + uevent)
    (folder / "report_descriptor").write_bytes(descriptor if driver else b"")
    if driver:
        place = root / "sys/bus/hid/drivers" / driver
        place.mkdir(parents=True, exist_ok=True)
        (folder / "driver").symlink_to(place)
