"""A support bundle, from a technician's press on the screen to the clinic that opens it."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.workflow import Event, State
from kiosk.clinic.kinds import filing_of
from kiosk.clinic.opening import read_sealed, require_signed
from kiosk.clinic.stations import load_stations
from kiosk.envelope.recipients import load_identities
from kiosk.envelope.trial import SUPPORT
from kiosk.support_request import REQUEST, TOLD
from tests.deploy.booted import Row
from tests.faults.canary import scan
from tests.vm.checks import CHECKED_OTHERWISE
from tests.vm.clinic import Practice
from tests.vm.guest import Guest
from tests.vm.hands import Hands
from tests.vm.machine import Machine
from tests.vm.session import Session

PATIENCE_S: Final = 900.0
"""The longest that a bundle may take: it is made in seconds where nothing is emulated."""

NAME: Final = "Zdenka Uhlířová"
"""Somebody whose name is planted where the bundle looks."""

_LIST: Final = "ls -A /var/spool/kiosk | grep -E 'age$|part$' | sort"
_PLANT: Final = f"""
sed 's/^PRETTY_NAME=.*/PRETTY_NAME="{NAME}"/' /usr/lib/os-release > /run/os-release
mount --bind /run/os-release /usr/lib/os-release
"""
_LINK: Final = f"runuser -u kiosk-capture -- ln -s /etc/kiosk/keys/signing-key {REQUEST}"
_PRESS: Final = f"runuser -u kiosk-capture -- touch {REQUEST}"


class Technician(Session):
    """A technician at the station's screen."""

    def sign_in(self) -> None:
        self.enter(self._practice.technician)
        self.touch(self._at(State.SERVICE), Event.SHOW_SUPPORT)

    def press(self) -> None:
        """Press, as soon as the button may be pressed."""
        self.touch(self.idle, Event.RUN)

    def leave(self) -> None:
        self.touch(self.idle, Event.BACK)
        self.touch(self._at(State.SERVICE), Event.SIGN_OUT)
        self.wait(self._at(State.SIGNED_OUT))

    @property
    def idle(self) -> ScreenModel:
        """The screen while no bundle is on its way."""
        return self._at(State.SERVICE_SUPPORT)


def rows(
    machine: Machine, guest: Guest, hands: Hands, practice: Practice, pictures: Path
) -> Iterator[Row]:
    """Ask for bundles on the screen of a station that runs, and see what comes of each."""
    technician = Technician(machine, hands, practice, pictures, lambda _count: None)
    technician.sign_in()
    before = set(practice.server.collected())
    technician.press()
    told = _told(guest, after=0)
    yield "support: asked for on the screen", told.get("why") or told["stage"], "sealed"
    technician.wait(technician.idle)
    yield "support: it has left the station", _names(guest), []
    arrived = [path for path in practice.server.collected() if path not in before]
    yield (
        "support: what arrived is what the screen names",
        [p.name for p in arrived],
        [told["name"]],
    )
    yield from _opened(practice, arrived[0], told["filed"], pictures)
    guest.run("sh", "-ec", _PLANT)
    technician.press()
    refused = _told(guest, after=told["at"])
    why = refused.get("why") or refused["stage"]
    told_so = "a word that may be a name" in why
    yield "support: with a name in it, none is made", told_so or why, True
    yield "support: the name is not repeated", NAME.split()[1] in json.dumps(refused), False
    yield "support: and none is sent", _names(guest), []
    guest.run("umount", "/usr/lib/os-release")
    technician.wait(technician.idle)
    technician.leave()
    yield from _attacked(guest)
    yield from _killed(guest)
    later = [path for path in practice.server.collected() if path not in {*before, *arrived}]
    whole = sum(_holds_bundle(practice, path) for path in later)
    yield "support: bundles that arrived after it, whole", whole, 1


def _opened(practice: Practice, path: Path, filed: str, folder: Path) -> Iterator[Row]:
    """Open what arrived with the clinic's key, and look for everybody in it."""
    clinic = practice.clinic
    bundle = read_sealed(path, load_identities(clinic.keys.archive))
    require_signed(bundle, load_stations(clinic.stations))
    filing = filing_of(bundle.kind.format)
    place, name = filing.place(bundle)
    yield "support: opened and proven at the clinic", filing.says(bundle), "support bundle"
    yield "support: filed where the screen says", f"{'/'.join(place)}/{name}.{SUPPORT}", filed
    unpacked = folder / "bundle"
    with tarfile.open(fileobj=io.BytesIO(bundle.members[SUPPORT])) as archive:
        archive.extractall(unpacked, filter="data")
    canaries = practice.canaries()
    hits = scan(canaries, [unpacked], also_swap=False)
    yield "support: readable traces", [hit.canary for hit in hits], []
    (unpacked / "planted").write_bytes(canaries[0])
    yield "support: a planted trace is seen", len(scan(canaries, [unpacked], also_swap=False)), 1
    said = json.loads((unpacked / "support" / "check.json").read_text(encoding="utf-8"))
    wrong = {row["name"]: row["sentence"] for row in said["checks"] if row["verdict"] == "wrong"}
    known = {name for name, verdict in CHECKED_OTHERWISE.items() if verdict == "wrong"}
    # What is wrong in it alone, its sandbox has made wrong.
    yield (
        "support: checks that are wrong in it alone",
        {n: wrong[n] for n in wrong.keys() - known},
        {},
    )


def _holds_bundle(practice: Practice, path: Path) -> bool:
    """Say whether one is in it; what is not whole does not open and ends the run."""
    bundle = read_sealed(path, load_identities(practice.clinic.keys.archive))
    return SUPPORT in bundle.members


def _attacked(guest: Guest) -> Iterator[Row]:
    """Lay a link in the request's place, as the capture process's user could."""
    digest = "sha256sum /etc/kiosk/keys/signing-key | cut -c1-16"
    key, before = guest.run("sh", "-c", digest).strip(), _now(guest)["at"]
    guest.run("sh", "-ec", f"{_LINK}; while [ -L {REQUEST} ]; do sleep 0.2; done", timeout_s=300)
    _settled(guest)
    yield "support: a link as request, what it led to", guest.run("sh", "-c", digest).strip(), key
    yield "support: and when something was told last", _now(guest)["at"], before
    mode = guest.run("stat", "-c", "%a %U", str(TOLD)).strip()
    yield "support: who may write what is told", mode, "644 root"
    guest.run("systemctl", "reset-failed", "kiosk-support.service")


def _killed(guest: Guest) -> Iterator[Row]:
    """Kill it while it makes one; then press again."""
    before = _now(guest)["at"]
    guest.run("sh", "-ec", _PRESS)
    making = _told(guest, after=before, at_work=True)
    guest.run("systemctl", "kill", "--signal=KILL", "kiosk-support.service")
    _settled(guest)
    yield "support: killed, what lies in the spool", _names(guest), []
    guest.run("sh", "-ec", _PRESS)
    again = _told(guest, after=making["at"])
    yield "support: pressed again", again.get("why") or again["stage"], "sealed"
    _settled(guest)
    yield "support: and sent", _names(guest), []
    failed = guest.run("systemctl", "list-units", "--failed", "--plain", "--no-legend").strip()
    yield "support: units that failed after it", failed, ""


def _told(guest: Guest, *, after: int, at_work: bool = False) -> dict[str, Any]:
    """Wait for what is told after a moment: what became of it, or that it is at work."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        told = _now(guest)
        if told["at"] > after and (told["stage"] == "making") == at_work:
            break
        time.sleep(0.2)
    return told


def _now(guest: Guest) -> dict[str, Any]:
    """Return what is told now."""
    text = guest.ask("cat", str(TOLD)).out
    told: dict[str, Any] = json.loads(text) if text else {"stage": "nothing", "at": 0}
    return told


def _settled(guest: Guest) -> None:
    active = "systemctl show -P ActiveState kiosk-support.service"
    guest.run("sh", "-c", f"while [ $({active}) = activating ]; do sleep 0.2; done", timeout_s=600)


def _names(guest: Guest) -> list[str]:
    """Return what lies in the spool, once the upload process has had time to send it."""
    deadline = time.monotonic() + 120.0
    while (names := guest.ask("sh", "-c", _LIST).out.split()) and time.monotonic() < deadline:
        time.sleep(1)
    return names
