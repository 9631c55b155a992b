"""The clinic of the machine's station: its keys, drop box and people, and what gives them away.

Everything is the demo's own; only what differs on an installed station is put into its settings.
"""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from kiosk import config
from kiosk.capture.hardware.simulated_camera import SimulatedCamera
from kiosk.capture.picture import jpeg
from kiosk.capture.picture.jpeg import Encoding
from kiosk.config_reading import load
from kiosk.model import Frame
from provisioning.demo.clinic import Cast, Clinic, Sizes, deliver, found
from provisioning.server import ThrowawayServer
from tests.capture.people.clinic_keys import chosen_pin
from tests.faults.canary import image_canaries
from tests.vm import input_ids as ids
from tests.vm.machine import SERVER

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
    """

    clinic: Clinic
    server: ThrowawayServer
    cast: Cast
    own_pin: str
    settings: str

    @property
    def photograph(self) -> Path:
        return self.clinic.config.parent / "pictures" / f"{PHOTOGRAPH}.png"

    def list_station(self, public_line: str) -> None:
        """Have the clinic believe the key that the station itself made."""
        path = self.clinic.stations
        head, _, _ = path.read_text(encoding="ascii").rpartition('" ')
        path.write_text(f'{head}" {public_line}\n', encoding="ascii")

    def canaries(self) -> list[bytes]:
        """Return what must not be found anywhere: people, PINs, badge, the picture's own bytes."""
        member = self.clinic.member
        frame = self._frame()
        with ThreadPoolExecutor(1) as pool:
            picture = bytes(jpeg.encode(frame, Encoding(95, "4:4:4", 0), pool))
        texts = (self.cast.patient, self.cast.name, self.cast.operator, self.own_pin, member.pin)
        return [
            *(text.encode() for text in texts),
            member.badge.text().encode(),
            member.badge.secret,
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


def founded(root: Path, server: ThrowawayServer) -> Practice:
    """Found the clinic below ``root``, an empty folder, beside a running server."""
    unique = secrets.token_hex(6)
    cast = Cast(f"Dr. Ada {unique}", f"ZQ{unique.upper()}", f"Maria {unique[::-1]}")
    root.mkdir()
    clinic = found(root, server, SIZES, cast=cast)
    deliver(clinic, server.path.parent / "out")
    _make_unique(root / "pictures" / f"{PHOTOGRAPH}.png")
    return Practice(clinic, server, cast, chosen_pin(), _installed(clinic, server))


def _installed(clinic: Clinic, server: ThrowawayServer) -> str:
    """Return the demo's settings with what differs on an installed station."""
    root = clinic.config.parent
    text = clinic.config.read_text(encoding="utf-8")
    credentials = "/run/credentials/kiosk-{}.service/{}"
    vendor, product = ids.PEDAL
    pedal = f'kind = "usb"\nvendor = {vendor:#06x}\nproduct = {product:#06x}\nkey = "KEY_B"'
    vendor, product = ids.READER
    reader = f'kind = "usb"\nvendor = {vendor:#06x}\nproduct = {product:#06x}'
    for old, new in (
        (f"{root}/signing.key", credentials.format("capture", "signing-key")),
        (str(server.client_key), credentials.format("upload", "ssh-key")),
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
