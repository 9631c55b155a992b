"""What the bootloader in a Raspberry Pi's EEPROM understands, and the form of each value.

Source: Raspberry Pi documentation, "Raspberry Pi bootloader configuration"; ``SIGNED_BOOT`` by the
signing tools. ``rpi-eeprom-config`` itself stores whatever it is given and ends with code 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.commission.forms import NUMBER, SWITCH, Form, form

LIMIT_BYTES = 4076
"""A 4 KiB sector without its file's header of 20 bytes (rpi-eeprom-config, MAX_FILE_SIZE)."""

APPENDED = "[config.txt]"
"""From this line to its end the file is none of the bootloader's: it is appended to config.txt."""


_COUNT = form(r"-1|\d{1,9}", "a whole number, or -1 for no limit")
_HEX = form(r"0x[0-9a-fA-F]{1,8}|\d{1,9}", "a number such as 0x1")
_TEXT = form(r"\S{0,64}", "one word")
_SHORT_TEXT = form(r"\S{0,32}", "one word of at most 32 characters")
_ADDRESS = form(r"(\d{1,3}\.){3}\d{1,3}|", "an IPv4 address")
_ORDER = form(
    r"0x[0-7efEF]{1,8}", "0x and one digit for each way to boot, read from the right, such as 0xf1"
)

KEYS: Mapping[str, Form] = {
    # What is booted from
    "BOOT_ORDER": _ORDER,
    "MAX_RESTARTS": _COUNT,
    "PARTITION": NUMBER,
    "PARTITION_WALK": SWITCH,
    "REBOOT_ON_FATAL_ERROR": SWITCH,
    "BOOT_WATCHDOG_TIMEOUT": NUMBER,
    "BOOT_WATCHDOG_PARTITION": NUMBER,
    "BOOTVAR0": _HEX,
    "SIGNED_BOOT": SWITCH,
    # Updates of the bootloader
    "ENABLE_SELF_UPDATE": SWITCH,
    "FREEZE_VERSION": SWITCH,
    # What it tells
    "BOOT_UART": SWITCH,
    "UART_BAUD": form(r"(?:96|192|384|576|1152|2304|4608|9216)00", "a baud rate such as 115200"),
    "DISABLE_HDMI": SWITCH,
    "HDMI_DELAY": NUMBER,
    "NETCONSOLE": _TEXT,
    "XHCI_DEBUG": _HEX,
    # Power
    "WAKE_ON_GPIO": form(r"[0-2]", "0, 1 or 2"),
    "POWER_OFF_ON_HALT": SWITCH,
    "WAIT_FOR_POWER_BUTTON": SWITCH,
    "PSU_MAX_CURRENT": form(r"[35]000", "3000 or 5000"),
    # Card, NVMe and USB
    "SD_BOOT_MAX_RETRIES": _COUNT,
    "SD_OVERCURRENT_CHECK": SWITCH,
    "SD_QUIRKS": _HEX,
    "PCIE_PROBE": SWITCH,
    "USB_MSD_BOOT_MAX_RETRIES": _COUNT,
    "USB_MSD_DISCOVER_TIMEOUT": NUMBER,
    "USB_MSD_EXCLUDE_VID_PID": _TEXT,
    "USB_MSD_LUN_TIMEOUT": NUMBER,
    "USB_MSD_PWR_OFF_TIME": NUMBER,
    "USB_MSD_STARTUP_DELAY": NUMBER,
    "VL805": SWITCH,
    "SDRAM_BANKLOW": form(r"[0-4]", "0 to 4"),
    # Network
    "NET_INSTALL_ENABLED": SWITCH,
    "NET_INSTALL_AT_POWER_ON": SWITCH,
    "NET_INSTALL_KEYBOARD_WAIT": NUMBER,
    "NET_BOOT_MAX_RETRIES": _COUNT,
    "HTTP_HOST": _TEXT,
    "HTTP_PORT": NUMBER,
    "HTTP_PATH": _TEXT,
    "HTTP_CACERT_HASH": form(r"[0-9a-fA-F]{64}|", "a SHA-256 in hexadecimal"),
    "IMAGER_REPO_URL": form(r"https?://\S+|", "an address on the web"),
    "DHCP_TIMEOUT": NUMBER,
    "DHCP_REQ_TIMEOUT": NUMBER,
    "DHCP_OPTION97": _HEX,
    "PXE_OPTION43": form(r".{0,32}", "a text of at most 32 characters"),
    "TFTP_FILE_TIMEOUT": NUMBER,
    "TFTP_IP": _ADDRESS,
    "TFTP_PREFIX": form(r"[0-2]", "0, 1 or 2"),
    "TFTP_PREFIX_STR": _SHORT_TEXT,
    "CLIENT_IP": _ADDRESS,
    "SUBNET": _ADDRESS,
    "GATEWAY": _ADDRESS,
    "MAC_ADDRESS": form(r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}|", "six bytes with colons"),
    "MAC_ADDRESS_OTP": form(r"[0-7],[0-7]|", "two rows, such as 0,1"),
}
