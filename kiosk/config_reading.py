"""``station.toml``, read into its sections; parsing is validating.

Unknown keys are refused, paths are absolute, and what contradicts itself across sections (a pin
used twice, an exposure that the lamps' flicker would band) is found here, before any device is
opened.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from kiosk import config_faults
from kiosk.config import (
    NHS_DIGITS,
    GpioLights,
    GpioPedal,
    Patients,
    People,
    PiCamera,
    StationConfig,
    UsbPedal,
    UsbReader,
)
from kiosk.errors import BadKey, ConfigError
from kiosk.sensors import MODULES

DEFAULT_PATH = Path("/etc/kiosk/station.toml")

MISSING = b"missing"
"""What ``kiosk-capture.service`` hands over in the place of a key that is not there."""


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
    _check_camera(config, source)
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
    """Refuse a configuration that names a file which is missing, unreadable or not handed over.

    Each process calls this for the files that it itself must read: neither may read the other's
    keys. Keyword names are the keys as the person wrote them, with ``__`` for the dot.
    """
    for key, path in files.items():
        name = key.replace("__", ".")
        try:
            with path.open("rb") as file:
                begins = file.read(len(MISSING) + 1)
        except OSError as error:
            raise ConfigError(
                f"{source}: {name}: expected a readable file, but {path}: {error.strerror}"
            ) from error
        if begins == MISSING:
            raise ConfigError(
                f"{source}: {name}: root's file {path.name} is missing, which systemd hands over; "
                "`sudo kiosk check` says which one. Then restart the station."
            )


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


def _check_camera(config: StationConfig, source: str) -> None:
    camera = config.camera
    if not isinstance(camera, PiCamera):
        return
    sizes = MODULES[camera.sensor].sizes
    if camera.size not in sizes:
        raise ConfigError(
            f"{source}: camera.size: {list(camera.size)} is no picture of camera.sensor, the "
            f"{camera.sensor}; expected {' or '.join(str(list(size)) for size in sizes)}"
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
