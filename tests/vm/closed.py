"""What may be written to on a closed station, and by whom, where a real kernel says so."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.commission.root import CLOSING
from tests.deploy.booted import Row
from tests.deploy.debian import ToolError, run
from tests.vm.guest import Guest
from tests.vm.image import overlay

SHUT: Final = ("/", "/etc", "/usr", "/opt/kiosk.versions", "/root", "/var/lib/dpkg", "/boot")
"""A few places of the system; root itself is refused there."""

CAPTURE, UPLOAD, NOBODY = "kiosk-capture", "kiosk-upload", "nobody"
OPEN: Final = {
    "/etc/kiosk": {"root"},
    "/etc/kiosk/keys": {"root"},
    "/var/spool/kiosk": {"root", CAPTURE, UPLOAD},
    "/var/lib/kiosk": {"root"},
    "/var/lib/kiosk/capture": {"root", CAPTURE},
    "/var/lib/kiosk/commissioning": {"root"},
    "/var/lib/systemd": {"root"},
    "/home": {"root"},
    "/var/log": {"root"},
}
"""Place that stays open, and who may write there."""

SAME: Final = "Images are identical."
PLANTED: Final = 1_234_567_680
"""Offset of a byte within the system's own file system; the first of a sector, as it is told."""

REFUSED: Final = "Read-only file system"
_MARK: Final = "written-here"

# Prints each user that can make a file there.
_WHO: Final = f"""
for user in root {CAPTURE} {UPLOAD} {NOBODY}; do
  runuser -u $user -- touch PLACE/{_MARK} 2>/dev/null && echo $user
  rm -f PLACE/{_MARK}
done
"""


def rows(guest: Guest) -> Iterator[Row]:
    """Try to write as root, then as each of the station's users."""
    for place in SHUT:
        yield f"closed: root writes into {place}", _written(guest, place), REFUSED
    for place, users in OPEN.items():
        said = guest.run("sh", "-c", _WHO.replace("PLACE", place)).split()
        yield f"closed: who may write into {place}", sorted(said), sorted(users)


def opened_rows(guest: Guest) -> Iterator[Row]:
    """Open it as a technician does, and close it again."""
    guest.run("systemctl", "stop", CLOSING)
    yield "closed: opened by a technician", _written(guest, "/usr"), "written"
    guest.run("rm", f"/usr/{_MARK}")
    guest.run("systemctl", "start", CLOSING)
    yield "closed: and closed again", _written(guest, "/usr"), REFUSED


def compared(root: Path, before: Path) -> str:
    """Hold a root's disk against the one it began as, byte for byte; returns what was found."""
    words = ["qemu-img", "compare", str(root), str(before)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise ToolError(f"{' '.join(words)}: {done.stderr}")
    return done.stdout.strip()


def planted_row(folder: Path, before: Path) -> Row:
    """Change one byte of a disk's; it must be seen, or the comparison says nothing."""
    changed = overlay(folder / "changed.qcow2", before)
    run("qemu-io", "-c", f"write -P 0xa5 {PLANTED} 1", changed)
    found = compared(changed, before)
    changed.unlink()
    return (
        "a byte that is changed on a disk is seen",
        found,
        f"Content mismatch at offset {PLANTED}!",
    )


def _written(guest: Guest, place: str) -> str:
    path = f"{place.rstrip('/')}/{_MARK}"
    said = guest.ask("touch", path)
    return said.err.rpartition(": ")[2].strip() if said.code else "written"
