"""Places of the operating system that the installer changes and ``kiosk check`` looks at."""

from __future__ import annotations

SWAP_FILES = ("/var/swap", "/swapfile", "/swap.img")
"""Where Raspberry Pi OS and others keep swap; trixie's does not show in /proc/swaps."""
