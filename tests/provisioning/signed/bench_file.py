"""The rules of the signing bench's configuration, as rpi-sb-provisioner documents them.

docs/config_vars.md of that project; it takes a name that it does not know without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

VALUES = {
    "PROVISIONING_STYLE": r"secure-boot",
    "CUSTOMER_KEY_FILE_PEM": r"/\S+|CHANGE-ME",
    "CUSTOMER_KEY_PKCS11_NAME": r"'(?:pkcs11:object=[^;]+;type=private|CHANGE-ME)'",
    "GOLD_MASTER_OS_FILE": r"/\S+|CHANGE-ME",
    "RPI_DEVICE_STORAGE_TYPE": r"sd|emmc|nvme",
    "RPI_DEVICE_BOOT_ORDER_MATCH_STORAGE": r"[01]",
    "RPI_DEVICE_STORAGE_CIPHER": r"aes-xts-plain64|xchacha12,aes-adiantum-plain64",
    "RPI_DEVICE_FAMILY": r"[45]",
    "RPI_DEVICE_BOOTLOADER_CONFIG_FILE": r"(?:/|CHANGE-ME/)\S+",
    "RPI_DEVICE_FIRMWARE_FILE": r"/\S+",
    "RPI_DEVICE_RPIBOOT_GPIO": r"[245678]",
    "RPI_SB_PROVISIONER_MANUFACTURING_DB": r"/\S+",
}
MANDATORY = frozenset(
    {
        *("PROVISIONING_STYLE", "GOLD_MASTER_OS_FILE", "RPI_DEVICE_FAMILY"),
        *("RPI_DEVICE_STORAGE_TYPE", "RPI_DEVICE_BOOTLOADER_CONFIG_FILE"),
    }
)
KEYS = {"CUSTOMER_KEY_FILE_PEM", "CUSTOMER_KEY_PKCS11_NAME"}


def settings(text: str) -> dict[str, str]:
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def faults(text: str) -> Iterator[str]:
    """Name what the bench would take and not do."""
    found = settings(text)
    for name, value in found.items():
        if name not in VALUES:
            yield f"{name} is no setting"
        elif not re.fullmatch(VALUES[name], value):
            yield f"{name} cannot be {value}"
    for name in sorted(MANDATORY - set(found)):
        yield f"{name} is missing"
    if len(KEYS & set(found)) != 1:
        yield "expected exactly one key"
    if found.get("RPI_DEVICE_FAMILY") == "4" and "RPI_DEVICE_RPIBOOT_GPIO" not in found:
        yield "a board of family 4 needs RPI_DEVICE_RPIBOOT_GPIO"
