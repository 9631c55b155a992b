"""Which settings of ``config.txt`` the Raspberry Pi's firmware understands, and their values.

As far as a station may come across them. Source: the "config.txt" chapters of the Raspberry Pi
documentation (common, boot, memory, GPIO, video, overclocking, conditional filters).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kiosk.commission.forms import NUMBER, SWITCH, Form, form

LINE_LENGTH = 98
"""Characters of a line that the firmware reads; the rest is dropped without a word."""

WITHOUT_EQUALS = frozenset({"include", "initramfs"})

_ANY = form(r".*", "anything")
_SIGNED = form(r"-?\d{1,9}", "a whole number")
_ADDRESS = form(r"0x[0-9a-fA-F]{1,8}|\d{1,10}", "a number such as 0x1000")
_FILE = form(r"[^\s/]\S*", "a file on the boot partition")
_PREFIX = form(r"\S*", "the beginning of a path, such as os/")

KEYS: Mapping[str, Form] = {
    # Looked at by themselves.
    **dict.fromkeys((*WITHOUT_EQUALS, "dtoverlay", "dtparam", "gpio"), _ANY),
    # Device tree and detection
    "camera_auto_detect": SWITCH,
    "display_auto_detect": SWITCH,
    "device_tree": form(r"\S*", "a file on the boot partition, or nothing"),
    "device_tree_address": _ADDRESS,
    "dtdebug": SWITCH,
    "overlay_prefix": _PREFIX,
    "force_eeprom_read": SWITCH,
    "disable_poe_fan": SWITCH,
    # Booting
    "arm_64bit": SWITCH,
    "armstub": _FILE,
    "auto_initramfs": SWITCH,
    "boot_delay": NUMBER,
    "boot_delay_ms": NUMBER,
    "boot_ramdisk": SWITCH,
    "boot_load_flags": _ADDRESS,
    "boot_watchdog_timeout": NUMBER,
    "boot_watchdog_partition": NUMBER,
    "bootloader_update": SWITCH,
    "cmdline": form("cmdline.txt", "cmdline.txt, which `kiosk check` reads, or no such line"),
    "disable_splash": SWITCH,
    "eeprom_write_protect": form(r"-1|[01]", "-1, 0 or 1"),
    "enable_gic": SWITCH,
    "enable_jtag_gpio": SWITCH,
    "enable_rp1_uart": SWITCH,
    "enable_uart": SWITCH,
    "fixup_file": _FILE,
    "init_uart_baud": NUMBER,
    "kernel": _FILE,
    "kernel_address": _ADDRESS,
    "kernel_watchdog_timeout": NUMBER,
    "kernel_watchdog_partition": NUMBER,
    "lock_device_key_write": SWITCH,
    "lock_device_private_key": SWITCH,
    "os_check": SWITCH,
    "os_prefix": _PREFIX,
    "otg_mode": SWITCH,
    "pciex4_reset": SWITCH,
    "program_pubkey": SWITCH,
    "revoke_devkey": SWITCH,
    "start_debug": SWITCH,
    "start_file": _FILE,
    "start_x": SWITCH,
    "sha256": SWITCH,
    "uart_2ndstage": SWITCH,
    "upstream_kernel": SWITCH,
    "usb_max_current_enable": SWITCH,
    # Memory and clocks
    "arm_boost": SWITCH,
    "arm_freq": NUMBER,
    "arm_freq_min": NUMBER,
    "core_freq": NUMBER,
    "core_freq_min": NUMBER,
    "force_turbo": SWITCH,
    "gpu_mem": NUMBER,
    "initial_turbo": NUMBER,
    "over_voltage": _SIGNED,
    "over_voltage_delta": _SIGNED,
    "temp_limit": NUMBER,
    "temp_soft_limit": NUMBER,
    "total_mem": NUMBER,
    "power_force_3v3_pwm": SWITCH,
    # Display
    "disable_fw_kms_setup": SWITCH,
    "disable_overscan": SWITCH,
    "display_lcd_rotate": _ADDRESS,
    "framebuffer_depth": NUMBER,
    "hdmi_blanking": form(r"[0-2]", "0, 1 or 2"),
    "hdmi_enable_4kp60": SWITCH,
    "hdmi_force_hotplug": SWITCH,
    "hdmi_group": form(r"[0-2]", "0, 1 or 2"),
    "hdmi_mode": NUMBER,
    "lcd_rotate": NUMBER,
    "max_framebuffers": form(r"-1|\d", "-1, or how many"),
    # Licences of codecs
    "decode_MPG2": _ANY,
    "decode_WVC1": _ANY,
}
"""Each setting and the form of its value."""

MODELS = frozenset(
    {
        *("pi0", "pi0w", "pi02", "pi1", "pi2", "pi3", "pi3+", "pi4", "pi400", "pi5", "pi500"),
        *("cm0", "cm1", "cm3", "cm3+", "cm4", "cm4s", "cm5"),
    }
)
"""Filters of which one replaces the other, because a board is one model."""

STATION_MODELS = ("pi4", "pi5")
"""The boards that a station is made of."""

OTHER_FILTERS = re.compile(
    r"all|none|tryboot|board-type=0x[0-9a-fA-F]+|EDID=\S+|0x[0-9a-fA-F]{1,16}"
    r"|gpio\d{1,2}=[01]|HDMI:[01]|partition=\d+|boot_(?:count|arg1)\S*|bootvar0\S*"
)

PIN_ATTRIBUTES = re.compile(r"ip|op|a[0-8]|dh|dl|pu|pd|pn|np|no")

HEADER_PINS = range(28)
