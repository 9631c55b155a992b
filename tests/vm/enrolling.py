"""A new station's first hour: its code on its own screen, its report, and the program's start."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.capture.ui.enrolling import EnrolModel, Refusal
from kiosk.capture.ui.entry import Character
from kiosk.capture.ui.forms.code import CodeEntry
from kiosk.capture.workflow import Event, State
from kiosk.commission.commissioning import PAGE, TABLE
from kiosk.enrol.sending import Server, send
from kiosk.errors import EnrolmentCodeUnknown
from kiosk.records.enrolment import PENDING, Enrolled
from kiosk.records.enrolment_code import PREFIX, Code
from provisioning.demo.clinic import STATION
from tests.deploy.booted import Row
from tests.deploy.clinic_beside import repeatedly
from tests.deploy.first_boot import PROVEN_HERE, verified
from tests.vm.checks import CHECKED_OTHERWISE
from tests.vm.clinic import Practice
from tests.vm.guest import Guest
from tests.vm.hands import Hands
from tests.vm.machine import SERVER, Machine, MachineError
from tests.vm.player import OUT, Player, at
from tests.vm.server import ClinicServer

DEVICES: Final = (
    *("lights", "camera", "pedal", "reader", "screen"),
    *("touch screen", "input devices"),
)
"""Which the machine has, and a container has not."""

_REPORTED: Final = f"""
for i in $(seq 900); do
  [ -e {PAGE} ] && [ "$(systemctl show -P ActiveState kiosk-commission)" = inactive ] && exit
  sleep 1
done
exit 1
"""


class Newcomer(Player):
    """Enrols a station on its screen: a wrong code typed by touch, then the right one's label.

    Args:
        machine, hands, pictures: as for :class:`~tests.vm.player.Player`.
        told: what the station shows once it is enrolled.
    """

    def __init__(self, machine: Machine, hands: Hands, pictures: Path, told: Enrolled) -> None:
        super().__init__(machine, hands, pictures)
        self._told = told

    def begin(self) -> bool:
        """Wait for the screen of a station that is not enrolled."""
        self.wait(at(State.ENROL, enrol=EnrolModel()))
        return True

    def be_refused(self, code: Code, sentence: str) -> bool:
        """Type a code that the server does not know, and read why."""
        self.touch(at(State.ENROL, enrol=EnrolModel()), Event.TYPE_CODE)
        entry = CodeEntry()
        keys = self.wait(at(State.ENROL_TYPE, enrol=EnrolModel(entry)))
        for text in code.text().removeprefix(PREFIX).replace("-", ""):
            self._hands.tap(keys.button(Character(text)))
            entry = entry.pressed(Character(text))
        self.touch(at(State.ENROL_TYPE, enrol=EnrolModel(entry)), Event.CODE_GIVEN)
        refused = EnrolModel(refusal=Refusal.UNKNOWN, sentence=sentence, again=True)
        self.wait(at(State.ENROL_REFUSED, enrol=refused))
        return True

    def be_let_in(self, code: Code) -> bool:
        """Hold the label to the reader, there and then; compare the fingerprints, and go on.

        Not before the live picture: drawing it here takes longer than the kernel keeps keys.
        """
        done = at(State.ENROLLED, enrol=EnrolModel(enrolled=self._told))
        self.scan(code.text(), done)
        self.touch(done, Event.FINISH)
        return True


def rows(
    machine: Machine, guest: Guest, hands: Hands, practice: Practice, pictures: Path
) -> Iterator[Row]:
    """Enrol the station that has just been booted, and see what comes of it by itself."""
    server, wrong = practice.server, Code.generate()
    keys = {name: _fingerprint(guest, name) for name in ("ssh-key", "signing-key")}
    told = Enrolled(
        station=STATION,
        server=f"{SERVER}:{server.port}",
        ssh_key=keys["ssh-key"],
        signing_key=keys["signing-key"],
        at="2026-12-01T08:00:00+00:00",  # not shown
    )
    newcomer = Newcomer(machine, hands, pictures, told)
    yield "enrolment: its screen comes by itself", newcomer.begin(), True
    yield "enrolment: a new station at the server", server.key_of_station(), "UTC"
    refused = newcomer.be_refused(wrong, _sentence(server, wrong))
    yield "enrolment: a wrong code, told on the screen", refused, True
    yield "enrolment: the right one, and both fingerprints", newcomer.be_let_in(practice.code), True
    yield "enrolment: the server has this key", server.key_of_station(), keys["ssh-key"]
    practice.list_station()
    yield "enrolment: still pending", guest.ask("test", "-e", f"/etc/kiosk/{PENDING}").code, 1
    yield from _reported(guest, practice, pictures)
    newcomer.wait(OUT)
    yield "enrolment: then the program's first screen", True, True
    journal = guest.run("journalctl", "-b", "--no-pager", "-o", "cat")
    codes = {"its code": practice.code, "the wrong one": wrong}
    leaked = [name for name, code in codes.items() if mentions(journal, code)]
    yield "enrolment: codes in the journal", leaked, []


def _reported(guest: Guest, practice: Practice, folder: Path) -> Iterator[Row]:
    """The commissioning report, which is made by itself."""
    with repeatedly(practice.collect):
        made = guest.ask("sh", "-c", _REPORTED, timeout_s=1000)
    if made.code:
        raise MachineError(f"the station made no report of its commissioning ({PAGE})")
    ended = guest.run("systemctl", "show", "-P", "Result", "kiosk-commission").strip()
    yield "report: its unit", ended, "success"
    lines = guest.run("cat", str(TABLE)).splitlines()
    for name in (*PROVEN_HERE, *DEVICES):
        line = next((line for line in lines if line.startswith(f"{name}  ")), "not in the report")
        yield f"report: {name}", " ok " in line or line, True
    wrong = sorted(line.partition("  ")[0] for line in lines if "  WRONG  " in line)
    yield (
        "report: what is wrong",
        wrong,
        sorted(k for k, v in CHECKED_OTHERWISE.items() if v == "wrong"),
    )
    page = folder / PAGE.name
    for path in (page, page.with_name(f"{page.name}.sig")):
        there = str(PAGE.with_name(path.name))
        path.write_bytes(base64.b64decode(guest.run("base64", there)))
    signed = verified(page, practice.signing_key)
    yield "report: signed by the key that was enrolled", signed, True


def _sentence(server: ClinicServer, code: Code) -> str:
    """Return what the program says of this code: it is tried from here, too."""
    try:
        send(Server(server.host, server.port, server.host_key), STATION, code.key(STATION), b"")
    except EnrolmentCodeUnknown as error:
        return error.sentence
    raise MachineError("the server took a code that it was never told of")


def _fingerprint(guest: Guest, name: str) -> str:
    return guest.run("ssh-keygen", "-lf", f"/etc/kiosk/keys/{name}.pub").split()[1]


def mentions(journal: str, code: Code) -> bool:
    """Say whether any group of a code was written down."""
    return any(group in journal for group in code.text().split("-")[1:])
