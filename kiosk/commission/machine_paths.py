"""Places of the operating system that the installer changes and ``kiosk check`` looks at."""

from __future__ import annotations

from typing import Final

BOOT: Final = "/boot/firmware"
"""Where the boot partition is mounted."""

UNITS: Final = "/etc/systemd/system"
"""Where the installer puts units; they hide those of the distribution."""

SWAP_FILES = ("/var/swap", "/swapfile", "/swap.img")
"""Where Raspberry Pi OS and others keep swap; trixie's does not show in /proc/swaps."""

CONSOLES = (
    # No login prompt behind the kiosk's picture ...
    "getty@tty1.service",
    # ... on the header's pins, on a USB adapter ...
    "serial-getty@.service",
    # ... or wherever the kernel's own console is.
    "console-getty.service",
    # A shell without a password, by one word of cmdline.txt.
    "debug-shell.service",
    # No restart by a keyboard that somebody plugs in.
    "ctrl-alt-del.target",
)
"""Units of consoles, none of which may start: the enrolment's own asks on tty1 without them."""
