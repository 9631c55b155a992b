"""``station.toml``, read into frozen sections; parsing is validating.

Every part of the program is handed its own section and sees nothing else. Unknown keys are
refused, paths are absolute, and what contradicts itself across sections (a pin used twice, an
exposure that the lamps' flicker would band) is found here, before any device is opened.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from kiosk import config_faults
from kiosk.errors import BadKey, ConfigError
from kiosk.languages.names import Language
from kiosk.model import CameraSettings

DEFAULT_PATH = Path("/etc/kiosk/station.toml")

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
    """The drop box; ``host_key`` is the server's public key line, pinned at enrolment."""

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


def load(path: Path = DEFAULT_PATH) -> StationConfig:
    """Read and check a station's configuration.

    Raises:
        ConfigError: one sentence naming the file, the key and what was expected.
    """
    return parse(_read(path), source=str(path))


def parse(text: str, *, source: str) -> StationConfig:
    """Parse the text of a ``station.toml``; ``source`` is how errors name it."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)[:1].lower() + str(error)[1:]
        raise ConfigError(f"{source}: this is not valid TOML: {message}") from error
    try:
        config = msgspec.convert(raw, StationConfig, dec_hook=_path)
    except msgspec.ValidationError as error:
        said = config_faults.sentence(str(error), raw, StationConfig)
        raise ConfigError(f"{source}: {said}") from error
    _check_pins(config, source)
    _check_flicker(config, source)
    _check_reader(config, source)
    _check_numbers(config.patients, source)
    _check_times(config.people, source)
    return config


@contextmanager
def named(source: str, key: str = "") -> Iterator[None]:
    """Say of a setting that is found unusable only later in which file, by which key, it stands.

    Raises:
        ConfigError: in place of a ConfigError or BadKey that does not name the file yet.
    """
    try:
        yield
    except (ConfigError, BadKey) as error:
        place = f"{source}: {key}: " if key else f"{source}: "
        raise ConfigError(place + error.sentence) from error


def require_files(source: str, **files: Path) -> None:
    """Refuse a configuration that names a file which is missing or unreadable.

    Each process calls this for the files that it itself must read: neither may read the other's
    keys. Keyword names are the keys as the person wrote them, with ``__`` for the dot.
    """
    for key, path in files.items():
        name = key.replace("__", ".")
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            raise ConfigError(
                f"{source}: {name}: expected a readable file, but {path}: {error.strerror}"
            ) from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path}: expected the station's configuration here, but: {error.strerror}"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected UTF-8 text, byte {error.start} is not") from error


def _path(kind: type, value: Any) -> Any:  # noqa: ANN401 - the signature that msgspec calls
    if kind is not Path:
        raise TypeError(f"no setting can be of the type {kind}")
    if not isinstance(value, str) or not value.startswith("/"):
        raise ValueError(f"Expected an absolute path, got {value!r}")
    return Path(value)


def _check_pins(config: StationConfig, source: str) -> None:
    used: dict[int, str] = {}
    claims: list[tuple[int, str]] = []
    if isinstance(config.lights, GpioLights):
        claims += [(c.pin, f"lights.channels[{c.name}]") for c in config.lights.channels]
    if isinstance(config.pedal, GpioPedal):
        claims.append((config.pedal.pin, "pedal.pin"))
    for pin, key in claims:
        if pin in used:
            raise ConfigError(
                f"{source}: {key}: pin {pin} is already used by {used[pin]}; "
                "expected a pin of its own for each"
            )
        used[pin] = key


def _check_times(people: People, source: str) -> None:
    if people.sign_out_s < people.blank_s:
        raise ConfigError(
            f"{source}: people.sign_out_s: {people.sign_out_s} s is before the screen goes dark; "
            f"expected at least people.blank_s, {people.blank_s}"
        )


def _check_flicker(config: StationConfig, source: str) -> None:
    """A rolling shutter shows bands unless each row sees whole periods of dimmed lamps.

    Source: gpiozero #641; software PWM jitters, so full power is exempt and dimming is not.
    """
    lights, exposure = config.lights, config.camera.exposure.exposure_us
    if not isinstance(lights, GpioLights) or lights.level == 1.0:
        return
    if exposure * lights.frequency_hz % 1_000_000:
        raise ConfigError(
            f"{source}: camera.exposure.exposure_us: {exposure} is no whole number of the "
            f"lamps' periods at lights.frequency_hz = {lights.frequency_hz} and would show bands; "
            f"expected a multiple of {1_000_000 / lights.frequency_hz:g}"
        )


def _check_reader(config: StationConfig, source: str) -> None:
    """A device whose one key is the pedal cannot be typed with: each holds it for itself alone."""
    reader, pedal = config.reader, config.pedal
    if not isinstance(reader, UsbReader) or not isinstance(pedal, UsbPedal):
        return
    if (reader.vendor, reader.product) == (pedal.vendor, pedal.product):
        raise ConfigError(
            f"{source}: reader.product: these are the pedal's USB ids; "
            "expected those of another device"
        )


def _check_numbers(patients: Patients, source: str) -> None:
    fewest, most = patients.length
    if fewest > most:
        raise ConfigError(
            f"{source}: patients.length: {fewest} is more than {most}; "
            "expected the fewest characters first"
        )
    if patients.check == "mod11" and not fewest <= NHS_DIGITS <= most:
        raise ConfigError(
            f"{source}: patients.length: numbers with the check mod11 have ten digits; "
            "expected [10, 10], or no length at all"
        )
