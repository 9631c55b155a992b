"""Lamps and pedal on the pins of a simulated header, driven by unpatched gpiozero and lgpio."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import State
from kiosk.records.protocols import load_protocol
from provisioning.demo.clinic import PROTOCOL
from tests.deploy.booted import Row
from tests.vm import station
from tests.vm.clinic import SIZES, Practice
from tests.vm.guest import Guest
from tests.vm.hands import HandsOnPins
from tests.vm.machine import Machine
from tests.vm.screens import Sheet
from tests.vm.session import Session
from tests.vm.workshop import MODULE_PLACE

LAMPS: Final = (12, 13)
PEDAL: Final = 17
"""As in the ``station.toml`` that is shipped."""

KEPT: Final = 2
"""Pictures: one kept by touch, one by pedal."""

PATIENCE_S: Final = 20.0

DARK, LIT = (0, 0), (1, 1)

REVISION: Final = "c03115"
"""Of a Raspberry Pi 4: gpiozero asks which board it is on."""

_CPUINFO = "/run/cpuinfo"
_SET_UP: Final = f"""
modprobe configfs
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
insmod /{MODULE_PLACE}
chip=/sys/kernel/config/gpio-sim/pi
mkdir -p $chip/bank0
echo 54 > $chip/bank0/num_lines
echo pinctrl-bcm2711 > $chip/bank0/label
echo 1 > $chip/live
ln -s /sys/devices/platform/$(cat $chip/dev_name)/$(cat $chip/bank0/chip_name) /run/header
(cat /proc/cpuinfo; printf 'Revision\\t: {REVISION}\\n') > {_CPUINFO}
udevadm settle
stat -c '%a %G' /dev/gpiochip0
"""

DROP_IN: Final = f"""\
[Service]
BindReadOnlyPaths={_CPUINFO}:/proc/cpuinfo
# Time to look between a process that was killed and the next one.
RestartSec=30
"""

CHECK: Final = (
    f"mount --bind {_CPUINFO} /proc/cpuinfo && SDL_VIDEODRIVER=kmsdrm exec kiosk check --json"
)
"""To be run in a mount namespace of its own."""

_KILL: Final = f"""
levels() {{ cat {" ".join(f"/run/header/sim_gpio{pin}/value" for pin in LAMPS)} | xargs; }}
pid=$(systemctl show -P MainPID kiosk-capture)
kill -9 $pid
while [ -d /proc/$pid ]; do sleep 0.05; done
levels
for i in $(seq 600); do
  [ "$(systemctl show -P SubState kiosk-capture)" = auto-restart ] && levels && exit
  sleep 0.1
done
"""

_HOLDER: Final = """
import lgpio, pathlib, time
chip = lgpio.gpiochip_open(0)
lgpio.gpio_claim_output(chip, PIN, LEVEL)
pathlib.Path("/run/held").touch()
time.sleep(1e6)
"""


class PinSession(Session):
    """A session by a pedal on a pin; notes how the lamps were on each screen that came.

    Attributes:
        seen: screen, and the levels of the lamps' pins while it was shown.
    """

    def __init__(self, machine: Machine, guest: Guest, practice: Practice, pictures: Path) -> None:
        hands = HandsOnPins(guest, SIZES.display, PEDAL)
        super().__init__(machine, hands, practice, pictures, lambda _count: None)
        self._guest = guest
        self.seen: list[tuple[State, tuple[int, ...]]] = []

    def wait(self, model: ScreenModel) -> Sheet:
        found = super().wait(model)
        wanted = LIT if model.state is State.AIM else DARK
        self.seen.append((model.state, settled(self._guest, wanted)))
        return found

    def play_and_stay(self, pictures: int) -> int:
        """Keep some pictures and stay where the next is aimed at; returns how many were kept."""
        self.sign_in()
        self.consent()
        progress = SessionProgress.begin(self._practice.cast.patient, load_protocol(PROTOCOL))
        for _ in range(pictures):
            progress = self.take(progress)
        self.aim(progress)
        return progress.accepted_count


def settled(guest: Guest, wanted: tuple[int, ...]) -> tuple[int, ...]:
    """Return the lamps' levels once they are as wanted; else as they are after a while.

    The screen that follows a picture may be there just before the worker has made them dark.
    """
    deadline = time.monotonic() + PATIENCE_S
    while (found := levels(guest)) != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def levels(guest: Guest) -> tuple[int, ...]:
    """Return what the lamps' pins carry, 0 or 1."""
    said = guest.run("cat", *(f"/run/header/sim_gpio{pin}/value" for pin in LAMPS))
    return tuple(int(word) for word in said.split())


def on_pins(settings: str) -> str:
    """Return ``station.toml`` with lamps and pedal on the header, as it is shipped."""
    done = []
    for section in settings.split("\n["):
        name = section.partition("]")[0]
        if name == "lights":
            section = section.replace('kind = "simulated"', 'kind = "gpio"')  # noqa: PLW2901
        elif name == "pedal":
            section = f'pedal]\nkind = "gpio"\npin = {PEDAL}\n'  # noqa: PLW2901
        done.append(section)
    return "\n[".join(done)


def rows(machine: Machine, guest: Guest, practice: Practice, pictures: Path) -> Iterator[Row]:
    """Give the booted station a header, and use it."""
    units = ("kiosk.target", "kiosk-capture", "kiosk-upload")
    guest.run("systemctl", "stop", *units, timeout_s=300)
    yield (
        "pins: the chip, by the shipped device rule",
        guest.run("sh", "-ec", _SET_UP).strip(),
        "660 gpio",
    )
    guest.write("/etc/kiosk/station.toml", on_pins(practice.settings))
    station.add(guest, "kiosk-capture.service.d/pins.conf", DROP_IN)
    guest.run("systemctl", "daemon-reload")
    yield from _checked(guest)
    station.start(guest)
    yield from _used(machine, guest, practice, pictures)
    yield from _held(guest)


def _checked(guest: Guest) -> Iterator[Row]:
    found = _check(guest)
    for name in ("lights", "camera", "pedal"):
        verdict, sentence = found[name]
        yield f"pins: kiosk check: {name}", verdict if verdict == "ok" else sentence, "ok"
    yield "pins: lamps after the check", levels(guest), DARK


def _used(machine: Machine, guest: Guest, practice: Practice, pictures: Path) -> Iterator[Row]:
    session = PinSession(machine, guest, practice, pictures)
    yield "pins: pictures kept, each press bouncing", session.play_and_stay(KEPT), KEPT
    aimed = [found for state, found in session.seen if state is State.AIM]
    others = {found for state, found in session.seen if state is not State.AIM}
    yield "pins: lamps while a picture is aimed at", aimed, [LIT] * (KEPT + 1)
    yield "pins: lamps on every other screen", others, {DARK}
    killed, after = guest.run("sh", "-ec", _KILL, timeout_s=300).splitlines()
    yield "pins: lamps when it has just been killed", killed, "1 1"
    yield "pins: lamps after ExecStopPost=", after, "0 0"
    station.start(guest)
    yield "pins: lamps of the process started again", levels(guest), DARK


def _held(guest: Guest) -> Iterator[Row]:
    """Have another program hold a pin; it is named by the check and by the program."""
    guest.run("systemctl", "stop", "kiosk-capture", timeout_s=300)
    for name, pin in (("pedal", PEDAL), ("lights", LAMPS[0])):
        guest.run("rm", "-f", "/run/held")
        holder = _HOLDER.replace("PIN", str(pin)).replace("LEVEL", "0")
        held = ("-p", "WorkingDirectory=/run", "--unit=holder")
        guest.run("systemd-run", *held, "/usr/bin/python3", "-c", holder)
        guest.run("sh", "-c", "until [ -e /run/held ]; do sleep 0.1; done")
        yield f"pins: kiosk check: {name}, held by another", _check(guest)[name][1], HELD[name]
        since = guest.run("date", "+%s").strip()
        guest.ask("systemctl", "start", "kiosk-capture", timeout_s=300)
        told = f"journalctl --since=@{since} --no-pager -o cat -u kiosk-capture"
        said = guest.run("sh", "-c", f"{told} | grep -F 'on pin {pin}' | sort -u").strip()
        yield f"pins: what the program says: {name}", said, HELD[name]
        guest.run("systemctl", "stop", "kiosk-capture", "holder", timeout_s=300)
        guest.run("systemctl", "reset-failed")


def _check(guest: Guest) -> dict[str, tuple[str, str]]:
    """Return verdict and sentence by name."""
    said = guest.ask("unshare", "--mount", "sh", "-ec", CHECK, timeout_s=300)
    checks = json.loads(said.out)["checks"]
    return {check["name"]: (check["verdict"], check["sentence"]) for check in checks}


HELD: Final = {
    "pedal": (
        f"The foot pedal on pin {PEDAL} cannot be opened: another program or a driver holds the "
        "pin; `sudo cat /sys/kernel/debug/gpio` names it."
    ),
    "lights": (
        f"The light left on pin {LAMPS[0]} cannot be opened: another program or a driver holds "
        "the pin; `sudo cat /sys/kernel/debug/gpio` names it."
    ),
}
"""The one sentence about each."""
