"""The sections of ``station.toml``, frozen, each setting with its range.

Every part of the program is handed its own section and sees nothing else.
:mod:`kiosk.config_reading` reads the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kiosk.languages.names import Language
from kiosk.model import CameraSettings
from kiosk.sensors import Sensor

Pin = Annotated[int, Meta(ge=0, le=27)]
"""A GPIO of the 40-pin header, by its BCM number."""

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}\Z",
        description="small letters, digits and dashes, at most 63",
    ),
]
Positive = Annotated[int, Meta(gt=0)]
UsbId = Annotated[int, Meta(ge=0, le=0xFFFF)]
Side = Annotated[int, Meta(ge=64, le=16384, multiple_of=2)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the file; subclasses repeat the options because type checkers ask for it."""


class Station(Section, frozen=True, kw_only=True):
    """Who this station is; ``signing_key`` is an unencrypted OpenSSH Ed25519 private key."""

    name: Name
    clinic: Annotated[str, Meta(min_length=1, max_length=80)]
    signing_key: Path
    state: Path

    @property
    def sequence(self) -> Path:
        """The counter of this station's shots; made once, when the station is set up."""
        return self.state / "sequence"

    @property
    def baselines(self) -> Path:
        """The folder of sealed pose descriptors that follow-ups are guided by."""
        return self.state / "baselines"

    @property
    def operators(self) -> Path:
        """The folder of the operators' wrapped keys, and of the day's list."""
        return self.state / "operators"

    @property
    def consents(self) -> Path:
        """The folder of sealed histories of consents."""
        return self.state / "consents"

    @property
    def audit(self) -> Path:
        """The folder of the audit trail's open segment."""
        return self.state / "audit"


class Sealing(Section, frozen=True, kw_only=True):
    """``recipients``: a file with one age recipient per line, ``#`` starts a comment."""

    recipients: Path


class SpoolSection(Section, frozen=True, kw_only=True):
    path: Path
    reserve_mb: Annotated[int, Meta(ge=1)] = 256


class Exposure(Section, frozen=True, kw_only=True):
    """The fixed exposure of every shot; see :class:`kiosk.model.CameraSettings`."""

    exposure_us: Annotated[int, Meta(ge=10, le=1_000_000)]
    analogue_gain: Annotated[float, Meta(ge=1.0, le=64.0)] = 1.0
    red_gain: Annotated[float, Meta(gt=0.0, le=32.0)] = 1.0
    blue_gain: Annotated[float, Meta(gt=0.0, le=32.0)] = 1.0
    lens_position: Annotated[float, Meta(ge=0.0, le=32.0)] | None = None

    def settings(self) -> CameraSettings:
        return CameraSettings(
            self.exposure_us,
            self.analogue_gain,
            (self.red_gain, self.blue_gain),
            self.lens_position,
        )


class Geometry(Section, frozen=True, kw_only=True):
    """How the camera sees the subject plane, measured when the station is set up.

    ``focal_px``: focal length, ``mm_per_px``: size of a pixel at the subject plane; both for
    pictures of the full ``size``.
    """

    focal_px: Annotated[float, Meta(gt=0.0)]
    mm_per_px: Annotated[float, Meta(gt=0.0)]


class CameraCommon(Section, frozen=True, kw_only=True):
    """Sizes are width and height of the sensor's picture, before ``rotation`` (clockwise)."""

    size: tuple[Side, Side]
    preview: tuple[Side, Side]
    exposure: Exposure
    rotation: Literal[0, 90, 180, 270] = 0
    timeout_ms: Positive = 5000
    geometry: Geometry | None = None


class PiCamera(CameraCommon, frozen=True, kw_only=True, tag_field="kind", tag="picamera2"):
    """``sensor``: which module is built in; what is found must have it, and ``size`` be its own."""

    sensor: Sensor
    index: Annotated[int, Meta(ge=0, le=7)] = 0


class Webcam(CameraCommon, frozen=True, kw_only=True, tag_field="kind", tag="webcam"):
    device: Path


class SimulatedCamera(CameraCommon, frozen=True, kw_only=True, tag_field="kind", tag="simulated"):
    """Plays the photographs of a folder; for demonstrations and tests, never chosen by itself."""

    pictures: Path
    frames_per_second: Annotated[float, Meta(gt=0, le=120)] = 30.0


class LightChannel(Section, frozen=True, kw_only=True):
    name: Name
    pin: Pin


class LightsCommon(Section, frozen=True, kw_only=True):
    """``level``: 0 to 1 of full power, what every shot is lit with."""

    level: Annotated[float, Meta(ge=0.0, le=1.0)] = 1.0
    settle_ms: Annotated[int, Meta(ge=0, le=10_000)] = 150


class GpioLights(LightsCommon, frozen=True, kw_only=True, tag_field="kind", tag="gpio"):
    channels: Annotated[tuple[LightChannel, ...], Meta(min_length=1)]
    frequency_hz: Annotated[int, Meta(ge=50, le=10_000)] = 1000


class SimulatedLights(LightsCommon, frozen=True, kw_only=True, tag_field="kind", tag="simulated"):
    channels: Annotated[tuple[LightChannel, ...], Meta(min_length=1)]


class PedalCommon(Section, frozen=True, kw_only=True):
    hold_off_ms: Annotated[int, Meta(ge=0, le=5_000)] = 400


class GpioPedal(PedalCommon, frozen=True, kw_only=True, tag_field="kind", tag="gpio"):
    pin: Pin


class UsbPedal(PedalCommon, frozen=True, kw_only=True, tag_field="kind", tag="usb"):
    """``vendor`` and ``product`` are USB ids; ``key`` is an evdev name such as ``KEY_B``."""

    vendor: UsbId
    product: UsbId
    key: Annotated[str, Meta(pattern=r"^(KEY|BTN)_[A-Z0-9_]+\Z", description="a key such as KEY_B")]


class SimulatedPedal(PedalCommon, frozen=True, kw_only=True, tag_field="kind", tag="simulated"):
    pass


class UsbReader(Section, frozen=True, kw_only=True, tag_field="kind", tag="usb"):
    """A code or NFC reader that types like a keyboard and ends with Enter, by its USB ids."""

    vendor: UsbId
    product: UsbId


class SimulatedReader(Section, frozen=True, kw_only=True, tag_field="kind", tag="simulated"):
    pass


NHS_DIGITS = 10
"""How many digits a number with the check ``mod11`` has."""

NumberLength = Annotated[int, Meta(ge=1, le=32)]


class Patients(Section, frozen=True, kw_only=True):
    """How the clinic numbers its patients; ``kiosk/records/numbers.py`` says what each rule is.

    ``length``: the fewest and the most characters of a number; ``prefix``: what the codes on
    patients' cards begin with and the number does not have.
    """

    check: Literal[
        "none", "luhn", "mod11", "iso7064-mod11-2", "iso7064-mod11-10", "iso7064-mod97-10"
    ] = "none"
    # Not "one number or two": msgspec 0.22 reads memory that is not its own for such a union.
    length: tuple[NumberLength, NumberLength] = (1, 32)
    prefix: Annotated[
        str,
        Meta(
            pattern=r"^(?=.*[^0-9])[!-~]{1,64}\Z",
            description="1 to 64 letters, digits and signs without spaces, not digits alone",
        ),
    ] = ""


class Display(Section, frozen=True, kw_only=True):
    """``size``: the panel as the display driver sees it; ``rotation`` turns our picture on it.

    ``language``: of everything that is shown and spoken.
    """

    size: tuple[Side, Side]
    rotation: Literal[0, 90, 180, 270] = 0
    fullscreen: bool = True
    mirror_preview: bool = True
    language: Language = "en"


class Session(Section, frozen=True, kw_only=True):
    """``protocol``: the set of views photographed; ``protocols``: a folder of the clinic's own.

    Without the folder only the program's sets are known, files of ``kiosk/records/data/protocols``.
    """

    protocol: Annotated[
        str, Meta(pattern=r"^[a-z0-9_]+\Z", description="a set of views such as face_5")
    ]
    protocols: Path | None = None
    jpeg_quality: Annotated[int, Meta(ge=50, le=100)] = 95
    chroma: Literal["4:4:4", "4:2:0"] = "4:4:4"


class Guide(Section, frozen=True, kw_only=True):
    """How patients are guided.

    ``shoot_by_itself``: take the picture after a second of match and stillness; ``voice``: what
    speaks the instructions; ``remember``: keep the pose of each patient's first visit, sealed, to
    guide the next ones by; ``recall``: ask the clinic, when a patient's page is opened, for the
    pictures of their baselines, to be compared with at review.
    """

    shoot_by_itself: bool = False
    voice: Literal["off", "espeak-ng"] = "off"
    remember: bool = True
    recall: bool = False


class People(Section, frozen=True, kw_only=True):
    """Who may use the station, and for how long without an act.

    ``desk``: the public key line of the clinic's desk, whose letters are taken; ``mailbox``: under
    which names those lie on the server, known to the desk and the station alone; ``share``: a
    folder in memory for the server's part of the operators' keys, left out where there is none;
    ``consent_texts``: a folder of the clinic's own; ``consent_text``: which is shown first.
    """

    desk: Annotated[
        str,
        Meta(
            pattern=r"^ssh-ed25519 \S+",
            description="the desk's public key line, as `kiosk clinic desk station` prints it",
        ),
    ]
    mailbox: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z", description="32 hexadecimal digits")]
    share: Path | None = None
    blank_s: Annotated[int, Meta(ge=10, le=600)] = 60
    sign_out_s: Annotated[int, Meta(ge=30, le=1800)] = 180
    shift_hours: Annotated[int, Meta(ge=1, le=12)] = 8
    consent_texts: Path | None = None
    consent_text: str = "example-en"


class Upload(Section, frozen=True, kw_only=True):
    """The drop box; ``host_key`` is the server's public key line, pinned at enrolment.

    ``receipts``: what was sent stays here, sealed, until the desk's receipt names it with the same
    SHA-256; only where the clinic runs the collector, which writes receipts.
    """

    host: Annotated[str, Meta(min_length=1)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 22
    user: Name
    key: Path
    host_key: Annotated[
        str,
        Meta(
            pattern=r"^(ssh|ecdsa)-\S+ \S+",
            description="the server's public key line, such as ssh-ed25519 AAAA…",
        ),
    ]
    folder: str = "in"
    receipts: bool = False


class Metrics(Section, frozen=True, kw_only=True):
    """How the station fares, for programs that collect figures, and for the technician's screen.

    ``folder``: in memory, and both processes write into it; left out where nobody is told.
    """

    folder: Path | None = None


class StationConfig(Section, frozen=True, kw_only=True):
    station: Station
    sealing: Sealing
    spool: SpoolSection
    camera: PiCamera | Webcam | SimulatedCamera
    lights: GpioLights | SimulatedLights
    pedal: GpioPedal | UsbPedal | SimulatedPedal
    reader: UsbReader | SimulatedReader | None = None
    patients: Patients = Patients()
    display: Display
    session: Session
    guide: Guide = Guide()
    people: People
    upload: Upload
    metrics: Metrics = Metrics()
