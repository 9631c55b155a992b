"""A Raspberry Pi's bootloader in a tree: how the firmware hands its settings on to Linux."""

from __future__ import annotations

from pathlib import Path

from kiosk.commission.bootloader import WANTED
from kiosk.commission.eeprom import merge

SHIPPED = (Path(__file__).parents[2] / "firmware_config/eeprom.conf").read_text("utf-8")
ALIAS = "sys/firmware/devicetree/base/aliases/blconfig"
SETTINGS = "sys/bus/nvmem/devices/rmem1/nvmem"

_NODE = "reserved-memory/nvram@1"


def plant_bootloader(root: Path) -> None:
    """Leave a bootloader with a station's settings, and another such memory beside it."""
    base = root / "sys/firmware/devicetree/base"
    for name, node in (("rmem0", "reserved-memory/nvram@0"), ("rmem1", _NODE)):
        (base / node).mkdir(parents=True)
        device = root / "sys/bus/nvmem/devices" / name
        device.mkdir(parents=True)
        (device / "of_node").symlink_to(base / node)
        (device / "nvmem").write_text("another's", encoding="ascii")
    (root / ALIAS).parent.mkdir()
    (root / ALIAS).write_text(f"/{_NODE}\0", encoding="ascii")
    (root / SETTINGS).write_text(merge("[all]\nWAKE_ON_GPIO=1\n", SHIPPED) + "\0" * 7, "utf-8")
    wanted = root / WANTED.lstrip("/")
    wanted.parent.mkdir(parents=True, exist_ok=True)
    wanted.write_text(SHIPPED, encoding="utf-8")
