"""Every step of the installation, in order."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.commission.bootloader import WANTED
from kiosk.commission.firewall import RULES, STATION_RULES
from kiosk.commission.firmware import include_names
from kiosk.commission.kernel_arguments import WANTED as WANTED_ARGUMENTS
from kiosk.commission.machine_paths import BOOT, UNITS
from kiosk.commission.root import CLOSING
from kiosk.commission.typing_rules import SHIPPED
from kiosk.commission.typing_rules import STATION_RULES as TYPING_RULES
from kiosk.sensors import SENSORS
from provisioning.install import bootloader, closing, firmware, network
from provisioning.install.files import FileStep, MergedStep, Placed, StarterStep
from provisioning.install.firewall import FirewallStep
from provisioning.install.keys import KeysStep
from provisioning.install.machine import InstallError, Machine
from provisioning.install.network import STATION
from provisioning.install.packages import (
    DEBIAN,
    RASPBERRY_PI,
    SPEECH,
    PackagesStep,
)
from provisioning.install.record import RecordStep
from provisioning.install.steps import Step
from provisioning.install.system import (
    FoldersStep,
    LinksStep,
    SwapStep,
    UsersStep,
    unit_links,
    without_swap,
)
from provisioning.install.typing_rules import TypingRulesStep
from provisioning.install.versions import PruneStep, SwitchStep, VersionStep

CONFIG = f"{BOOT}/config.txt"
CMDLINE = f"{BOOT}/cmdline.txt"
ARGUMENTS = "firmware_config/cmdline.txt"

_UNIT_FILES = FileStep(
    "units",
    tuple(
        Placed(f"systemd/{name}", f"{UNITS}/{name}")
        for name in (
            "kiosk.target",
            "kiosk-capture.service",
            "kiosk-upload.service",
            "kiosk-enrol.service",
            "kiosk-commission.service",
            "kiosk-commission.path",
            "kiosk-commission-letters.service",
            "kiosk-commission-letters.timer",
            "kiosk-support.service",
            "kiosk-support.path",
            "kiosk-enrol.socket",
            "kiosk-enrol@.service",
            "nftables.service.d/kiosk.conf",
            "tmp.mount",
            "var-tmp.mount",
        )
    ),
    after=("systemctl", "daemon-reload"),
)
_USER_FILES = FileStep(
    "users and folders, described",
    (
        Placed("systemd/sysusers.d/kiosk.conf", "/etc/sysusers.d/kiosk.conf"),
        Placed("systemd/tmpfiles.d/kiosk.conf", "/etc/tmpfiles.d/kiosk.conf"),
    ),
)
_SYSTEM_FILES = FileStep(
    "system settings",
    (
        Placed("systemd/sysctl.d/90-kiosk.conf", "/etc/sysctl.d/90-kiosk.conf"),
        Placed("systemd/modules-load.d/kiosk.conf", "/etc/modules-load.d/kiosk.conf"),
        Placed("systemd/system.conf.d/kiosk.conf", "/etc/systemd/system.conf.d/kiosk.conf"),
        Placed("systemd/logind.conf.d/kiosk.conf", "/etc/systemd/logind.conf.d/kiosk.conf"),
        Placed("firmware_config/swap.conf.d/99-kiosk.conf", "/etc/rpi/swap.conf.d/99-kiosk.conf"),
    ),
    after=("/usr/lib/systemd/systemd-sysctl",),
)
_JOURNAL_FILES = FileStep(
    "where the journal lies",
    (
        Placed(
            "systemd/journald.conf.d/90-kiosk.conf", "/etc/systemd/journald.conf.d/90-kiosk.conf"
        ),
    ),
    # What was logged so far stays readable where it lies.
    after=("systemctl", "restart", "systemd-journald"),
)
_UDEV_FILES = FileStep(
    "device rules",
    (Placed("firmware_config/udev/90-kiosk.rules", "/etc/udev/rules.d/90-kiosk.rules"),),
    after=("udevadm", "control", "--reload"),
)
_LINKS = "units enabled and masked, the command"
_STATION = StarterStep(
    "station.toml to fill in",
    Placed("provisioning/install/station.toml.example", STATION),
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the technician chose.

    Attributes:
        camera: its sensor; None: as before.
        clock_battery: whether the clock has its rechargeable battery.
        writable_root: a bench, where everything may be written to.
    """

    camera: str | None = None
    clock_battery: bool = False
    writable_root: bool = False


def steps(
    machine: Machine, choices: Choices, resolver: network.Resolver = network.resolve
) -> tuple[Step, ...]:
    """Return the steps for this machine.

    Raises:
        InstallError: a Raspberry Pi, but nobody said which camera it has.
    """
    has_firmware = machine.at(CONFIG).exists()
    packages = (
        *DEBIAN,
        *(RASPBERRY_PI if has_firmware else ()),
        *(SPEECH if _speaks(machine) else ()),
    )
    firmware_steps = _firmware(machine, choices) if has_firmware else ()
    shipped = [_UNIT_FILES, _USER_FILES, _SYSTEM_FILES, _JOURNAL_FILES, _UDEV_FILES]
    shipped += [step for step in firmware_steps if isinstance(step, FileStep)]
    recorded = (
        *(file.target for step in shipped for file in step.files),
        *(network.DROP_IN, RULES, SHIPPED),
        # An image's stations fill their sets themselves (settling.py).
        *((STATION_RULES, TYPING_RULES) if machine.live else ()),
        *(f"{UNITS}/{name}" for name in (CLOSING, *closing.mount_units(machine))),
    )
    here = (KeysStep(), network.step(network.DROP_IN, resolver)) if machine.live else ()
    return (
        PackagesStep(packages),
        *(VersionStep(), SwitchStep(), PruneStep()),
        *(_USER_FILES, UsersStep(), FoldersStep()),
        *(_SYSTEM_FILES, _JOURNAL_FILES, _UDEV_FILES),
        MergedStep("no swap in fstab", "/etc/fstab", _fstab),
        SwapStep(),
        *firmware_steps,
        *(_UNIT_FILES, LinksStep(unit_links(), _LINKS), _STATION, *here),
        FirewallStep(resolver),
        TypingRulesStep(TYPING_RULES if machine.live else None),
        *(closing.steps(machine, writable=choices.writable_root) if machine.live else ()),
        RecordStep(recorded),
        # Last: a board whose bootloader refuses has everything else.
        *((bootloader.step(machine),) if has_firmware and machine.live else ()),
    )


def included(machine: Machine, choices: Choices) -> tuple[str, ...]:
    """Return the names of the files that ``config.txt`` is to include, in order.

    What an earlier run included stays unless chosen otherwise now.
    """
    present = include_names(machine.read(CONFIG) or "")
    cameras = [camera for camera in SENSORS if f"kiosk-{camera}.txt" in present]
    camera = choices.camera or (cameras[0] if len(cameras) == 1 else None)
    if camera is None:
        raise InstallError(
            f"This is a Raspberry Pi, but which camera it has was not said; "
            f"expected --camera {' or --camera '.join(SENSORS)}."
        )
    battery = "kiosk-clock-battery.txt"
    wanted = ("kiosk.txt", f"kiosk-{camera}.txt")
    return (*wanted, battery) if choices.clock_battery or battery in present else wanted


def _speaks(machine: Machine) -> bool:
    """Whether the station's settings, where there are any yet, ask for a voice."""
    try:
        settings = tomllib.loads(machine.read(STATION) or "")
    except tomllib.TOMLDecodeError:
        # Being filled in; the service says what is wrong with it, and where.
        return False
    guide = settings.get("guide")
    return isinstance(guide, dict) and guide.get("voice") in SPEECH


def _firmware(machine: Machine, choices: Choices) -> tuple[Step, ...]:
    names = included(machine, choices)
    texts = {name: machine.source(f"firmware_config/{name}") for name in names}
    arguments = machine.source(ARGUMENTS)
    files = [Placed(f"firmware_config/{name}", f"{BOOT}/{name}") for name in names]
    # To compare with; neither firmware nor bootloader reads them there.
    files += [Placed(bootloader.SOURCE, WANTED), Placed(ARGUMENTS, WANTED_ARGUMENTS)]
    return (
        FileStep("firmware settings", tuple(files)),
        MergedStep("config.txt", CONFIG, _merge(lambda text: firmware.merge_config(text, texts))),
        MergedStep(
            "kernel arguments",
            CMDLINE,
            _merge(lambda text: firmware.merge_cmdline(text, arguments)),
        ),
    )


def _merge(change: Callable[[str], str]) -> Callable[[Machine, str | None], str | None]:
    return lambda _, present: None if present is None else change(present)


def _fstab(_: Machine, present: str | None) -> str | None:
    return without_swap(present)
