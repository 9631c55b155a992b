"""The machine as a station: made once, commissioned once, then booted as often as needed."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.records.enrolment import PENDING
from tests.vm.clinic import PHOTOGRAPH, PICTURES, SIZES, Practice
from tests.vm.guest import Guest
from tests.vm.image import initramfs, overlay, root_image, state_image
from tests.vm.machine import CONSOLE, Boot, Disk, Machine, MachineError, drive
from tests.vm.tree import CHECKOUT, Tree

DROP_INS: Final = {
    # No GPU here; llvmpipe writes code and runs it, which the sandbox refuses, softpipe does not.
    # Emulated, what takes a second on a Pi takes ten, and beside other work minutes: judging one
    # picture. One that hangs says where each thread is.
    "kiosk-capture.service.d/vm.conf": """\
[Service]
Environment=GALLIUM_DRIVER=softpipe PYTHONFAULTHANDLER=1
WatchdogSignal=SIGABRT
TimeoutStartSec=300
TimeoutStopSec=120
WatchdogSec=600
""",
    "kiosk-support.service.d/vm.conf": "[Service]\nTimeoutStartSec=900\n",
    "kiosk-upload.service.d/vm.conf": "[Service]\nTimeoutStartSec=300\nTimeoutStopSec=60\n",
}
"""Additions to the shipped units, none of which opens anything; in place while the program runs."""

_RUN: Final = "/run/systemd/system"

STOP_S: Final = 240.0

PANIC: Final = "Kernel panic - not syncing"


@dataclass(frozen=True, slots=True)
class Images:
    """Files below ``folder``: the root as installed, later as commissioned, and the state."""

    folder: Path
    kernel: Path

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd"

    @property
    def root(self) -> Path:
        return self.folder / "root.img"

    @property
    def commissioned(self) -> Path:
        return self.folder / "commissioned.qcow2"

    @property
    def state(self) -> Path:
        return self.folder / "state.img"


def images(tree: Tree, folder: Path) -> Images:
    """Make everything that is booted."""
    made = Images(folder, tree.kernel)
    initramfs(tree, made.initrd)
    root_image(tree, made.root)
    state_image(tree, made.state)
    overlay(made.commissioned, made.root)
    return made


@contextmanager
def booted(
    made: Images, root: Path, state: Disk, name: str, *, sealed: bool = True
) -> Iterator[tuple[Machine, Guest]]:
    """Boot with these disks; the power is cut at the end unless the guest switched itself off.

    Args:
        made: kernel and initramfs.
        root: image of its disk.
        state: the other disk.
        name: of the folder for what comes of it.
        sealed: the root's file system itself is mounted read-only, as on an image; else for
            writing, as on a technician's card, and only the product closes it.
    """
    disks = (drive(root, "root", "qcow2"), state)
    mode = ("ro",) if sealed else ("rw",)
    boot = Boot(made.kernel, made.initrd, disks, SIZES.display, mode)
    machine, guest = awake(boot, made.folder / name)
    with machine:
        try:
            yield machine, guest
        except MachineError:
            _keep_journal(guest, machine.folder / "journal.txt")
            raise
        finally:
            guest.close()


def awake(boot: Boot, folder: Path) -> tuple[Machine, Guest]:
    """Start it and wait for its agent; once more where the emulated kernel panicked before that.

    Emulated on two processors, one can meet the breakpoint that the other has just patched away
    from a jump label, which kills the kernel within its first seconds.

    Raises:
        MachineError: it does not answer, or panicked twice.
    """
    try:
        return _started(boot, folder)
    except MachineError:
        kept = panic_kept(folder / CONSOLE)
        if kept is None:
            raise
    print(f"the emulated kernel panicked and is started again: {kept}", flush=True)
    return _started(boot, folder)


def _started(boot: Boot, folder: Path) -> tuple[Machine, Guest]:
    machine = Machine(boot, folder)
    try:
        return machine, Guest(machine)
    except MachineError:
        machine.kill()
        raise


def panic_kept(console: Path) -> Path | None:
    """Put a console's log that tells of a kernel's panic aside; None if it tells of none."""
    if PANIC not in console.read_text(encoding="utf-8", errors="replace"):
        return None
    return console.rename(console.with_suffix(".panic"))


def _keep_journal(guest: Guest, path: Path) -> None:
    """Write down what a machine said that did not do what was expected, if it still answers."""
    with contextlib.suppress(MachineError):
        told = guest.ask("journalctl", "-b", "--no-pager", "-o", "short-monotonic")
        path.write_text(told.out, encoding="utf-8")


def settle(guest: Guest, practice: Practice) -> None:
    """Do what a card and its first boot do: settings, the mark of a new station, the installer.

    The installer makes the keys, opens the way to the server and closes the system, from the next
    start on.
    """
    guest.write("/etc/kiosk/station.toml", practice.settings)
    recipients = practice.clinic.keys.recipients.read_text(encoding="utf-8")
    guest.write("/etc/kiosk/recipients.txt", recipients)
    photograph = base64.b64encode(practice.photograph.read_bytes()).decode("ascii")
    guest.run("mkdir", "-p", PICTURES)
    guest.run("sh", "-c", f"base64 -d > {PICTURES}/{PHOTOGRAPH}.png", stdin=photograph)
    guest.run("touch", f"/etc/kiosk/{PENDING}")
    install = f"cd /{CHECKOUT} && python3 -m provisioning.install"
    guest.run("sh", "-c", install, timeout_s=600)


def unadapt(guest: Guest) -> None:
    """Take the drop-ins away until the next start, or :func:`adapt`: the units as shipped."""
    for path in DROP_INS:
        add(guest, path, None)
    guest.run("systemctl", "daemon-reload")


def adapt(guest: Guest) -> None:
    """Put them back."""
    remove(guest, *DROP_INS)


def add(guest: Guest, path: str, text: str | None) -> None:
    """Add a drop-in until the next start, or hide the one that comes with the machine.

    A closed system has no other place for it; systemd.unit(5) has it go before ``/usr``.
    """
    full = f"{_RUN}/{path}"
    guest.run("mkdir", "-p", str(Path(full).parent))
    if text is None:
        guest.run("ln", "-sf", "/dev/null", full)
    else:
        guest.write(full, text)


def remove(guest: Guest, *paths: str) -> None:
    """Take back what :func:`add` did."""
    guest.run("rm", "-f", *(f"{_RUN}/{path}" for path in paths))
    guest.run("systemctl", "daemon-reload")


def start(guest: Guest) -> None:
    """Start the station's services and wait until both are ready."""
    units = ("kiosk.target", "kiosk-capture", "kiosk-upload")
    guest.run("systemctl", "start", *units, timeout_s=600)


def switch_off(machine: Machine, guest: Guest) -> bool:
    """Have the guest end by itself, with everything written."""
    guest.ask("systemctl", "poweroff", "--no-block")
    return machine.switched_off(STOP_S)
