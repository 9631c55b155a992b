"""The clinic of the machine's station: its keys, drop box and people, and what gives them away.

Everything is the demo's own; only what differs on an installed station is put into its settings.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from kiosk import config
from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.picture import jpeg
from kiosk.capture.picture.jpeg import Encoding
from kiosk.clinic import operators
from kiosk.clinic.desk import Desk, Post
from kiosk.clinic.operators import Hardness, Newcomer
from kiosk.config_reading import load
from kiosk.enrol.request import Ticket, read_request
from kiosk.model import Frame, Role
from kiosk.records.enrolment_code import Code
from provisioning.card import codes
from provisioning.demo.clinic import STATION, Cast, Clinic, Member, Sizes, deliver, found
from tests.capture.people.clinic_keys import chosen_pin
from tests.deploy.debian import ROOT
from tests.faults.canary import image_canaries
from tests.vm import input_ids as ids
from tests.vm.machine import SERVER
from tests.vm.server import ClinicServer

SIZES = Sizes(display=(600, 1024), still=(1200, 1600), preview=(480, 640))
PHOTOGRAPH = "frontal_rest"
PICTURES = "/usr/share/kiosk-vm"
"""On the station: the one photograph that its simulated camera plays."""


@dataclass(frozen=True, slots=True)
class Practice:
    """The clinic, its server, and people whose names and numbers occur nowhere else.

    Attributes:
        clinic: keys, desk, letters; its ``config`` is the demo's, for a station on this machine.
        server: the drop box.
        cast: who plays.
        own_pin: what the operator chooses.
        settings: ``station.toml`` of the installed station.
        technician: who may look at the station itself.
        code, ticket: by which the station enrols, and what the server was told of it.
    """

    clinic: Clinic
    server: ClinicServer
    cast: Cast
    own_pin: str
    settings: str
    technician: Member
    code: Code = field(repr=False)
    ticket: Ticket

    @property
    def photograph(self) -> Path:
        return self.clinic.config.parent / "pictures" / f"{PHOTOGRAPH}.png"

    @property
    def signing_key(self) -> str:
        """The public key line of the station, as it enrolled; its code proves it.

        Raises:
            KioskError: it has not, or somebody else has.
        """
        return read_request(self.server.request(), self.ticket).signing_key

    def list_station(self) -> None:
        """Have the clinic believe the key by which the station enrolled."""
        path = self.clinic.stations
        head, _, _ = path.read_text(encoding="ascii").rpartition('" ')
        path.write_text(f'{head}" {self.signing_key}\n', encoding="ascii")

    def collect(self) -> None:
        """Take in what has arrived, and answer the station with a receipt, as a timer does."""
        clinic, root = self.clinic, self.clinic.config.parent
        command = [
            *(sys.executable, "-m", "kiosk.cli", "clinic"),
            *("collect", "--server", self.server.boxes, "--stations", clinic.stations),
            *("--identity", clinic.keys.archive, "--library", root / "library"),
            *("--desk", root / "desk"),
        ]
        # A run that has nothing to take fails nobody; what comes of it, the station is asked.
        subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, check=False)

    def canaries(self) -> list[bytes]:
        """Return what must be found nowhere: people, PINs, badge, code, the picture's bytes."""
        member = self.clinic.member
        frame = self._frame()
        with ThreadPoolExecutor(1) as pool:
            picture = bytes(jpeg.encode(frame, Encoding(95, "4:4:4", 0), pool))
        both = (member, self.technician)
        cast = (self.cast.patient, self.cast.name, self.cast.operator, self.own_pin)
        texts = (*cast, *(one.pin for one in both), *(one.badge.text() for one in both))
        return [
            *(text.encode() for text in texts),
            *(one.badge.secret for one in both),
            self.code.secret.encode(),
            self.code.text().encode(),
            *image_canaries(frame.pixels.tobytes()),
            *image_canaries(picture),
        ]

    def _frame(self) -> Frame:
        """The very frame that the station's camera takes of the photograph played."""
        section = load(self.clinic.config).camera
        assert isinstance(section, config.SimulatedCamera)
        camera = SimulatedCamera(section, light_level=lambda: 1.0)
        camera.show(PHOTOGRAPH)
        camera.start()
        try:
            return camera.capture(time.monotonic_ns())
        finally:
            camera.close()


def founded(root: Path, server: ClinicServer) -> Practice:
    """Found the clinic below ``root``, an empty folder, beside a running server that expects it."""
    unique = secrets.token_hex(6)
    cast = Cast(f"Dr. Ada {unique}", f"ZQ{unique.upper()}", f"Maria {unique[::-1]}")
    root.mkdir()
    clinic = found(root, server, SIZES, cast=cast)
    technician = _technician(root, f"Tom {unique[:5]}")
    issued = codes.issue(STATION, 24, datetime.now(UTC))
    server.expect(codes.keep_ticket(root / "tickets", issued.ticket))
    deliver(clinic, server.outbox)
    _make_unique(root / "pictures" / f"{PHOTOGRAPH}.png")
    settings = _installed(clinic, server)
    return Practice(
        clinic, server, cast, chosen_pin(), settings, technician, issued.code, issued.ticket
    )


def _technician(root: Path, name: str) -> Member:
    """Enrol one at the desk, beside the demo's practitioner."""
    desk, post = Desk(root / "desk"), Post(root / "letters", datetime.now(UTC).astimezone())
    who = Newcomer(name, Role.TECHNICIAN, supervisor=False, stations=[STATION])
    issued = operators.add(desk, who, post, Hardness(memory_kib=1024, passes=1, lanes=1))
    return Member(issued.badge, issued.pin)


def _installed(clinic: Clinic, server: ClinicServer) -> str:
    """Return the demo's settings with what differs on an installed station."""
    root = clinic.config.parent
    text = clinic.config.read_text(encoding="utf-8")
    vendor, product = ids.PEDAL
    pedal = f'kind = "usb"\nvendor = {vendor:#06x}\nproduct = {product:#06x}\nkey = "KEY_B"'
    vendor, product = ids.READER
    reader = f'kind = "usb"\nvendor = {vendor:#06x}\nproduct = {product:#06x}'
    for old, new in (
        (f"{root}/signing.key", "/run/credentials/kiosk-capture.service/signing-key"),
        (f"{root}/state", "/var/lib/kiosk/capture"),
        (str(clinic.keys.recipients), "/etc/kiosk/recipients.txt"),
        (f"{root}/spool", "/var/spool/kiosk"),
        ('path = "/var/spool/kiosk"', 'path = "/var/spool/kiosk"\nreserve_mb = 16'),
        (f"{root}/pictures", PICTURES),
        # What takes a second on a Pi takes ten when it is emulated on shared processors.
        ("timeout_ms = 6000", "timeout_ms = 60000"),
        ('[pedal]\nkind = "simulated"', f"[pedal]\n{pedal}"),
        ('[reader]\nkind = "simulated"', f"[reader]\n{reader}"),
        ("fullscreen = false", "fullscreen = true"),
        ("[people]\n", "[people]\nblank_s = 600\nsign_out_s = 1800\n"),
        (f'host = "{server.host}"', f'host = "{SERVER}"'),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def _make_unique(photograph: Path) -> None:
    """Grain that no other picture in the world has, so that only this one's traces are found."""
    pixels = np.asarray(Image.open(photograph).convert("RGB")).astype(np.int16)
    grain = np.random.default_rng().integers(-3, 4, pixels.shape, dtype=np.int16)
    Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8)).save(photograph)
