"""Which input devices may type: where udev's rules for it lie, and what station.toml adds to them.

Standard library alone: the installer writes the same rules before anything else is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

SHIPPED: Final = "/etc/udev/rules.d/91-kiosk-typing.rules"
"""Lets nobody type but whom the station's rules name, and panels; the same on every station."""

STATION_RULES: Final = "/etc/udev/rules.d/89-kiosk-station.rules"
"""Whom this station's settings name; read by udev before the shipped ones."""

VOLATILE_RULES: Final = "/run/udev/rules.d/89-kiosk-station.rules"
"""The same on an image, whose system cannot be written to; made at each start."""

PANEL: Final = "panel"

Ids = tuple[int, int]
"""A device's USB vendor and product, each 0 to 0xFFFF."""

_LARGEST: Final = 0xFFFF


def named(settings: Mapping[str, Any]) -> dict[str, Ids]:
    """Return the input devices that a station's settings name, by what each is.

    Args:
        settings: the sections of ``station.toml``, as TOML or JSON have them.

    Raises:
        ValueError: one is named by something else than two USB ids; says where.
    """
    return dict(_named(settings))


def _named(settings: Mapping[str, Any]) -> Iterator[tuple[str, Ids]]:
    for key in ("pedal", "reader"):
        section = settings.get(key)
        if section is not None and _table(section, key).get("kind") == "usb":
            yield key, _ids(section, key)
    touch = _table(settings.get("display") or {}, "display").get("touch")
    if touch is not None:
        yield PANEL, _ids(_table(touch, "display.touch"), "display.touch")


def rules(devices: Mapping[str, Ids]) -> str:
    """Return the text of the station's rules for udev.

    Args:
        devices: as :func:`named` returns them.
    """
    lines = [
        "# Written by provisioning.install from /etc/kiosk/station.toml.",
        "# Run the installer again when the pedal, the reader or the panel changes.",
        *(
            f'SUBSYSTEM=="hid", ENV{{MODALIAS}}=="hid:b0003g*v{vendor:08X}p{product:08X}", '
            f'ENV{{KIOSK_TYPING}}="{what}"'
            for what, (vendor, product) in devices.items()
        ),
    ]
    if PANEL in devices:
        lines.append('SUBSYSTEM=="hid", ENV{KIOSK_PANEL}="named"')
    return "".join(f"{line}\n" for line in lines)


def _table(value: object, key: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{key} is no table")  # noqa: TRY004 - the file's fault, not the program's
    return value


def _ids(section: Mapping[str, Any], key: str) -> Ids:
    found = section.get("vendor"), section.get("product")
    match found:
        case (int(vendor), int(product)) if min(found) >= 0 and max(found) <= _LARGEST:
            return vendor, product
    raise ValueError(f"{key} needs vendor and product, USB ids such as 0x0C2E")
