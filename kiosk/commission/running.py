"""Checks that what was installed is what holds: kernel settings, the firmware's mailbox, consoles.

A later file of another name, or somebody's command, may say otherwise than the files as shipped.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from typing import Final

from kiosk.commission.asking import Ask
from kiosk.commission.checks import Finding, not_applicable, not_installed, ok, wrong
from kiosk.commission.digests import RECORD
from kiosk.commission.machine_paths import CONSOLES, UNITS
from kiosk.commission.place import Place

SETTINGS: Final = "/etc/sysctl.d/90-kiosk.conf"
MAILBOX: Final = "/dev/vcio"
MAILBOX_MODE: Final = 0o600

_WANTED_BY: Final = (UNITS, "/run/systemd/system", "/usr/local/lib/systemd/system")
ACTIVE: Final = (
    *("systemctl", "list-units", "--plain", "--no-legend", "--state=active,activating,reloading"),
    *("*getty*.service", "debug-shell.service"),
)


def kernel_settings(place: Place) -> Finding:
    """Compare the kernel's settings with those of the file that was installed (sysctl.d(5))."""
    if not place.exists(RECORD):
        return not_installed()
    for key, value, may_lack in _settings(place.read(SETTINGS)):
        path = f"/proc/sys/{key.replace('.', '/')}"
        if may_lack and not place.exists(path):
            continue
        found = place.read(path).strip()
        if not _holds(found, value, may_lack=may_lack):
            return wrong(
                f"{key} is {found!r}; expected {value!r} ({SETTINGS}). Another file says otherwise "
                "later, or somebody has set it: `systemd-analyze cat-config sysctl.d` names the "
                "file; remove it, then restart the station."
            )
    return ok(f"The kernel has the settings of {SETTINGS}.")


def mailbox(place: Place) -> Finding:
    """Check that nobody but root asks the firmware, which hands out the device's one-time key."""
    if not place.exists(MAILBOX):
        return not_applicable(f"This machine has no {MAILBOX}.")
    state = place.at(MAILBOX).stat()
    mode = stat.S_IMODE(state.st_mode)
    if mode != MAILBOX_MODE or state.st_uid not in {0, place.uid}:
        return wrong(
            f"{MAILBOX} has mode {mode:04o} and belongs to user number {state.st_uid}; expected "
            f"{MAILBOX_MODE:04o} and root (udev/rules.d/90-kiosk.rules), because it hands out the "
            "device's one-time key. Look for another rule in /etc/udev/rules.d, or restart."
        )
    return ok(f"{MAILBOX} is root's alone.")


def consoles(place: Place, ask: Ask) -> Finding:
    """Check that no console asks for a login or opens a shell, now or at the next start.

    Raises:
        KioskError: systemd cannot be asked.
    """
    if not place.exists(RECORD):
        return not_installed()
    unmasked = [unit for unit in CONSOLES if not _masked(place, unit)]
    if unmasked:
        return wrong(
            f"{', '.join(unmasked)} may start; expected it to be masked. "
            "Run `python3 -m provisioning.install`."
        )
    enabled = sorted(set(_enabled(place)))
    if enabled:
        return wrong(
            f"{', '.join(enabled)} starts with the station and asks for a login; run "
            f"`sudo systemctl mask --now {' '.join(enabled)}`."
        )
    active = [line.split()[0] for line in ask(ACTIVE).splitlines() if line.strip()]
    if active:
        return wrong(
            f"{', '.join(active)} runs and asks for a login; `sudo systemctl stop "
            f"{' '.join(active)}`, or restart the station."
        )
    return ok("No console asks for a login.")


def _settings(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield key, value, and whether a kernel may lack it, which a dash before the key says."""
    for line in text.splitlines():
        if line.strip() and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            yield key.strip().removeprefix("-"), value.strip(), key.startswith("-")


def _holds(found: str, value: str, *, may_lack: bool) -> bool:
    """Of a list, a kernel that may lack something may lack part of it, too."""
    return found == value or (may_lack and " " in value and set(found.split()) <= {*value.split()})


def _enabled(place: Place) -> Iterator[str]:
    for folder in _WANTED_BY:
        for link in place.at(folder).glob("*.wants/*getty*.service"):
            if not _masked(place, link.name) and not _by_template(place, link.name):
                yield link.name


def _by_template(place: Place, unit: str) -> bool:
    """Whether a unit's template is masked, and so the unit, unless it has a file of its own."""
    template = f"{unit.partition('@')[0]}@.service"
    return _masked(place, template) and not place.exists(f"{UNITS}/{unit}")


def _masked(place: Place, unit: str) -> bool:
    path = place.at(f"{UNITS}/{unit}")
    return path.is_symlink() and str(path.readlink()) == "/dev/null"
