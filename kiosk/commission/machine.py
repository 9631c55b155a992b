"""Checks of the machine around the program: nothing readable reaches a disk, the time is right."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk import process
from kiosk.commission.checks import Finding, not_applicable, ok, wrong
from kiosk.commission.digests import RECORD
from kiosk.commission.machine_paths import SWAP_FILES
from kiosk.commission.place import Place
from kiosk.model import ClockState
from kiosk.moment import require_plausible

MEMORY_FILE_SYSTEMS = frozenset({"tmpfs", "ramfs"})
TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - looked at, never written to

_TIMESYNCD = "/run/systemd/timesync/synchronized"
_OTHER_SOURCES = {"chrony": "/run/chrony/chronyd.pid", "ntpd": "/run/ntpd.pid"}

_STALE_S = 6 * 3600.0
"""timesyncd asks at least every 2048 s (timesyncd.conf(5), PollIntervalMaxSec=)."""

CORE_PATTERN = "|/bin/false"

JOURNALS = ("/run/log/journal", "/var/log/journal")
"""In memory, and on the disk."""


def swap(place: Place) -> Finding:
    """Check that no memory can be written to a disk as swap: the facts on which a start is refused.

    Raises:
        ServiceError: there is swap in use, or memory that is written back.
    """
    process.refuse_swap(
        place.at("/proc/swaps"), place.at("/sys/block"), place.at("/var/swap"), required=True
    )
    for path in SWAP_FILES:
        if place.exists(path):
            return wrong(
                f"{path} exists and may hold memory from before; run "
                "`python3 -m provisioning.install`, which removes it."
            )
    return ok("There is no swap of any kind.")


def core_dumps(place: Place) -> Finding:
    """Check that no crashed program's memory is kept.

    A limit of 0 in the units does not bind where the pattern is a pipe (core(5)).
    """
    pattern = place.read("/proc/sys/kernel/core_pattern").strip()
    if pattern != CORE_PATTERN:
        return wrong(
            f"The kernel hands the memory of crashed programs to {pattern!r}; expected "
            f"{CORE_PATTERN!r} (sysctl.d/90-kiosk.conf)."
        )
    if place.read("/proc/sys/fs/suid_dumpable").strip() != "0":
        return wrong("Programs that change their user may be dumped; expected fs.suid_dumpable=0.")
    return ok("No memory of a crashed program is kept.")


def temporary_folders(place: Place) -> Finding:
    """Check that temporary files live in memory."""
    types = _mounted(place.read("/proc/mounts"))
    on_disk = [path for path in TEMPORARY if types.get(path) not in MEMORY_FILE_SYSTEMS]
    if on_disk:
        return wrong(
            f"{' and '.join(on_disk)} would keep temporary files on the card; expected tmpfs "
            "(tmp.mount and var-tmp.mount)."
        )
    return ok("Temporary files stay in memory.")


def journal(place: Place) -> Finding:
    """Check that the journal is kept in memory: by the file that journald has open.

    Where it keeps it on the disk it removes the one in memory (systemd-journald(8), "FILES").
    """
    # Not said: machine-id(5) asks to keep it to oneself, and it looks like a secret.
    machine_id = place.read("/etc/machine-id").strip()
    in_memory, on_disk = JOURNALS
    if place.exists(f"{in_memory}/{machine_id}/system.journal"):
        return ok("The journal is kept in memory, until the power goes.")
    if place.exists(f"{on_disk}/{machine_id}/system.journal"):
        return wrong(
            f"The journal is written to the card ({on_disk}); expected it in memory "
            "(journald.conf.d/90-kiosk.conf). `systemd-analyze cat-config systemd/journald.conf` "
            "names the file that says otherwise; remove it, then "
            "`systemctl restart systemd-journald`."
        )
    return wrong(
        f"There is no journal, so nothing will tell what went wrong; expected one in "
        f"{in_memory} (`systemctl status systemd-journald`)."
    )


def clock(state: Callable[[], ClockState], now: datetime) -> Finding:
    """Check that the clock can be right, and that something keeps it so; ``state`` asks the kernel.

    Raises:
        ClockLost: it has certainly lost the time.
    """
    require_plausible(now)
    if state() is ClockState.SYNCHRONISED:
        return ok("The clock is synchronised.")
    return wrong(
        "The clock is not synchronised, so the time of a shot cannot be trusted; check the network "
        "and the time server (`timedatectl timesync-status`)."
    )


def time_source(place: Place, now: Callable[[], float] = time.time) -> Finding:
    """Say what keeps the clock right, and when it last did.

    systemd-timesyncd touches a file at each answer of a server (its man page, "FILES"); of chrony
    and ntpd it is only seen that they run.
    """
    touched = place.at(_TIMESYNCD)
    if touched.exists():
        age = max(0.0, now() - touched.stat().st_mtime)
        if age > _STALE_S:
            return wrong(
                f"systemd-timesyncd has heard of no time server for {age / 3600:.0f} hours; check "
                "the network (`timedatectl timesync-status`)."
            )
        return ok(f"systemd-timesyncd, last answered {age / 60:.0f} minutes ago.")
    for name, pid in _OTHER_SOURCES.items():
        if place.exists(pid):
            return ok(f"{name} runs.")
    return wrong(
        "Nothing keeps the clock right, or no time server has answered since the start; expected "
        "systemd-timesyncd with a server that this network reaches (/etc/systemd/timesyncd.conf)."
    )


def user(place: Place) -> Finding:
    """Say whether this user can see what the other checks look at."""
    if place.uid == 0:
        return ok("The checks run as root and see everything.")
    if place.exists(RECORD):
        return wrong("The checks need root to see keys and spool; run `sudo kiosk check`.")
    return not_applicable("This is no installed station; the checks see what this user sees.")


def _mounted(mounts: str) -> dict[str, str]:
    """Return the type of file system by mount point; the last mount hides earlier ones."""
    rows = (line.split() for line in mounts.splitlines())
    return {str(Path(row[1])): row[2] for row in rows if len(row) > 2}  # noqa: PLR2004 - columns
