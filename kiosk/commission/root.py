"""The closed system: which places of it may be written to, and whether all else is read-only.

Standard library alone: the installer makes units of the same table.
"""

from __future__ import annotations

from typing import Final

from kiosk.commission.checks import Finding, not_installed, ok, wrong
from kiosk.commission.digests import RECORD
from kiosk.commission.machine_paths import BOOT, UNITS
from kiosk.commission.place import Place

CLOSING: Final = "kiosk-readonly.service"
"""Makes the root read-only at each start; stopping it opens the root until it is started again."""

KEPT: Final = (
    # Settings: the enrolment leaves its receipt there, and a technician edits them.
    "/etc/kiosk",
    # State and the commissioning reports.
    "/var/lib/kiosk",
    "/var/spool/kiosk",
    # What systemd remembers: the last time that was right (timesyncd), the random seed, timers.
    "/var/lib/systemd",
    # Who logs in: a technician's copies and bundles, Ansible's own files.
    "/home",
)
"""Written to, and on the card."""

IN_MEMORY: Final = (
    "/var/log",
    # Leases of either program that asks for an address.
    "/var/lib/dhcp",
    "/var/lib/NetworkManager",
)
"""Written to, and gone when the power is."""

_MOUNTS: Final = "/proc/1/mounts"
"""As the machine sees them: a unit's own view is read-only by its sandbox."""


def root(place: Place) -> Finding:
    """Check that nothing but the places of the tables can be written to."""
    if not place.exists(RECORD):
        return not_installed()
    if not place.exists(f"{UNITS}/sysinit.target.wants/{CLOSING}"):
        return wrong(
            "Everything on this station can be written to: it was installed with --writable-root, "
            "for a bench; run `python3 -m provisioning.install` without."
        )
    options = mounts(place.read(_MOUNTS))
    closed = ["/", *([BOOT] if BOOT in options else [])]
    opened = [path for path in closed if "ro" not in options.get(path, ())]
    if opened:
        return wrong(
            f"{' and '.join(opened)} can be written to, as for a technician's changes or before "
            f"the first restart; `sudo systemctl restart {CLOSING}` closes it."
        )
    shut = [path for path in (*KEPT, *IN_MEMORY) if "rw" not in options.get(path, ())]
    if shut:
        return wrong(
            f"{', '.join(shut)} cannot be written to, because it is no mount of its own; expected "
            f"its unit to be started (`systemctl --failed`)."
        )
    return ok(f"The system is read-only but for {', '.join(KEPT)}, and what is in memory.")


def mounts(text: str) -> dict[str, tuple[str, ...]]:
    """Return the options of each mount point, from ``/proc/PID/mounts``; the last one counts."""
    rows = [line.split() for line in text.splitlines()]
    return {row[1]: tuple(row[3].split(",")) for row in rows if len(row) > 3}  # noqa: PLR2004
