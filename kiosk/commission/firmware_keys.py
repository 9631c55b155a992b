"""What the Raspberry Pi's firmware understands, as far as a station may come across it.

Sources: the "config.txt" chapters of the Raspberry Pi documentation (common, boot, memory, GPIO,
video, overclocking, conditional filters) and the overlays' own README for pins and parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LINE_LENGTH = 98
"""Characters of a line that the firmware reads; the rest is dropped without a word."""

WITHOUT_EQUALS = frozenset({"include", "initramfs"})

KEYS = WITHOUT_EQUALS | frozenset(
    {
        "dtoverlay",
        "dtparam",
        "gpio",
        # Device tree and detection
        "camera_auto_detect",
        "display_auto_detect",
        "device_tree",
        "device_tree_address",
        "dtdebug",
        "overlay_prefix",
        "force_eeprom_read",
        "disable_poe_fan",
        # Booting
        "arm_64bit",
        "armstub",
        "auto_initramfs",
        "boot_delay",
        "boot_delay_ms",
        "boot_ramdisk",
        "boot_load_flags",
        "boot_watchdog_timeout",
        "boot_watchdog_partition",
        "bootloader_update",
        "cmdline",
        "disable_splash",
        "eeprom_write_protect",
        "enable_gic",
        "enable_jtag_gpio",
        "enable_rp1_uart",
        "enable_uart",
        "fixup_file",
        "init_uart_baud",
        "kernel",
        "kernel_address",
        "kernel_watchdog_timeout",
        "kernel_watchdog_partition",
        "lock_device_key_write",
        "lock_device_private_key",
        "os_check",
        "os_prefix",
        "otg_mode",
        "pciex4_reset",
        "program_pubkey",
        "revoke_devkey",
        "start_debug",
        "start_file",
        "start_x",
        "sha256",
        "uart_2ndstage",
        "upstream_kernel",
        "usb_max_current_enable",
        # Memory and clocks
        "arm_boost",
        "arm_freq",
        "arm_freq_min",
        "core_freq",
        "core_freq_min",
        "force_turbo",
        "gpu_mem",
        "initial_turbo",
        "over_voltage",
        "over_voltage_delta",
        "temp_limit",
        "temp_soft_limit",
        "total_mem",
        "power_force_3v3_pwm",
        # Display
        "disable_fw_kms_setup",
        "disable_overscan",
        "display_lcd_rotate",
        "framebuffer_depth",
        "hdmi_blanking",
        "hdmi_enable_4kp60",
        "hdmi_force_hotplug",
        "hdmi_group",
        "hdmi_mode",
        "lcd_rotate",
        "max_framebuffers",
        # Licences of codecs
        "decode_MPG2",
        "decode_WVC1",
    }
)

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

OVERLAY_PINS: Mapping[str, Mapping[str, int]] = {
    "disable-bt": {},
    "disable-wifi": {},
    "dpi24": {f"dpi{pin}": pin for pin in range(28)},
    "gpio-fan": {"gpiopin": 12},
    "gpio-ir": {"gpio_pin": 18},
    "gpio-led": {"gpio": 0},
    "gpio-poweroff": {"gpiopin": 26},
    "gpio-shutdown": {"gpio_pin": 3},
    "hifiberry-dac": {f"i2s{pin}": pin for pin in range(18, 22)},
    "i2c-gpio": {"i2c_gpio_sda": 23, "i2c_gpio_scl": 24},
    "i2c-rtc": {"sda": 2, "scl": 3},
    "imx477": {},
    "imx708": {},
    "pps-gpio": {"gpiopin": 18},
    "pwm": {"pin": 18},
    "pwm-2chan": {"pin": 18, "pin2": 19},
    "spi0-1cs": {"cs0_pin": 8, "miso": 9, "mosi": 10, "sclk": 11},
    "spi0-2cs": {"cs0_pin": 8, "cs1_pin": 7, "miso": 9, "mosi": 10, "sclk": 11},
    "uart0": {"txd0_pin": 14, "rxd0_pin": 15},
    "vc4-kms-v3d": {},
    "w1-gpio": {"gpiopin": 4},
}
"""Pins that an overlay takes, by the parameter that moves them and the pin without it."""

BOARD_PARAMETER_PINS: Mapping[str, tuple[int, ...]] = {
    "i2c": (2, 3),
    "i2c1": (2, 3),
    "i2c_arm": (2, 3),
    "i2s": (18, 19, 20, 21),
    "spi": (7, 8, 9, 10, 11),
    "uart0": (14, 15),
}
"""Pins that ``dtparam=NAME=on`` takes."""
