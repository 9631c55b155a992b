"""What is to be written, checked before the first byte is: every fault has its one sentence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from kiosk import config_reading
from kiosk.config import Section, StationConfig
from kiosk.envelope.recipients import load_recipients
from kiosk.envelope.signatures import PublicKey
from kiosk.errors import BadKey, ConfigError, UsageError
from kiosk.moment import require_plausible
from kiosk.records.consent_texts import Texts, own_texts
from kiosk.records.data_files import own_files
from kiosk.sensors import MODULES, SENSORS
from kiosk.upload.host_key import HostKey
from provisioning.card.settings import with_value
from provisioning.server.dropbox import station_name

CHECKOUT: Final = Path(__file__).parents[2]
EXAMPLE: Final = CHECKOUT / "provisioning/install/station.toml.example"
_CONSENT, _PROTOCOLS = "/etc/kiosk/consent", "/etc/kiosk/protocols"
_Path = Annotated[str, Meta(min_length=1)]


class ServerSection(Section, frozen=True, kw_only=True):
    """The clinic's server; ``announce`` is a command that takes a ticket on its input."""

    host: Annotated[str, Meta(min_length=1)]
    host_key: str
    port: Annotated[int, Meta(ge=1, le=65535)] = 22
    announce: tuple[str, ...] = ()


class ClinicFile(Section, frozen=True, kw_only=True):
    """``clinic.toml``: what all stations of a clinic have in common; paths are beside the file.

    ``people``: the folder with what the desk printed for each station, ``NAME.toml``;
    ``settings``: a ``station.toml`` to start from; ``tickets``: where the bench keeps them.
    """

    clinic: Annotated[str, Meta(min_length=1, max_length=80)]
    recipients: _Path = "recipients.txt"
    people: _Path = "people"
    consent_texts: _Path | None = None
    protocols: _Path | None = None
    settings: _Path | None = None
    technician_key: _Path | None = None
    tickets: _Path = "tickets"
    server: ServerSection


@dataclass(frozen=True, slots=True)
class Bench:
    """The clinic's file, and the folder that it lies in."""

    folder: Path
    file: ClinicFile

    def at(self, name: str) -> Path:
        return self.folder / name

    def people(self, station: str) -> Path:
        """Return the file with what the desk printed for a station."""
        return self.at(self.file.people) / f"{station}.toml"

    @property
    def tickets(self) -> Path:
        """The folder with what the server is to be told of each station's code."""
        return self.at(self.file.tickets)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One station, as the command line or a row of the inventory names it."""

    station: str
    camera: str
    clock_battery: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that goes onto one card, in order.

    Attributes:
        settings: the text of ``station.toml``, and what the program makes of it.
        recipients: the text of the recipients file.
        files: the clinic's own texts and sets, by their path on the card.
        technician: a public key line, or None for a station that nobody logs in to.
    """

    wanted: Wanted
    settings: str
    config: StationConfig
    recipients: bytes
    files: dict[str, bytes]
    technician: str | None


def load_bench(path: Path) -> Bench:
    """Read ``clinic.toml``.

    Raises:
        ConfigError: it cannot be read or used; names file and key.
    """
    try:
        file = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), ClinicFile)
    except OSError as error:
        raise ConfigError(
            f"{path}: expected the clinic's file (docs/technician.md), but: {error.strerror}"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{path}: {error}") from error
    HostKey.parse(file.server.host_key, f"{path}: [server] host_key")
    return Bench(path.parent, file)


def take(bench: Bench, wanted: Wanted, now: datetime) -> Order:
    """Check everything about one card.

    Args:
        bench: the clinic's file.
        wanted: which station.
        now: this computer's wall clock, with its offset.

    Raises:
        UsageError: a name, camera or file that cannot be used.
        ConfigError: settings that no station could use.
        BadKey: recipients, the desk's or the technician's key that cannot be read.
        ClockLost: this computer's clock cannot be right.
    """
    require_plausible(now, "This computer's clock")
    station_name(wanted.station)
    if wanted.camera not in SENSORS:
        raise UsageError(
            f"{wanted.station}: {wanted.camera!r} is no camera of a station; expected "
            f"{' or '.join(SENSORS)}"
        )
    settings = _settings(bench, wanted)
    config = config_reading.parse(settings, source=f"station.toml of {wanted.station}")
    _check_keys(config)
    return Order(
        wanted,
        settings,
        config,
        _recipients(bench.at(bench.file.recipients)),
        dict(_own_files(bench)),
        _technician(bench),
    )


def _settings(bench: Bench, wanted: Wanted) -> str:
    file = bench.file
    base = EXAMPLE if file.settings is None else bench.at(file.settings)
    text = _read(base, "the settings to start from").decode("utf-8")
    values: list[tuple[str, str, Any]] = [
        ("station", "name", wanted.station),
        ("station", "clinic", file.clinic),
        ("upload", "host", file.server.host),
        ("upload", "port", file.server.port),
        ("upload", "user", wanted.station),
        ("upload", "host_key", " ".join(file.server.host_key.split()[:2])),
        *(("people", key, value) for key, value in _people(bench, wanted.station).items()),
    ]
    values += _camera(text, wanted.camera)
    if file.consent_texts is not None:
        values.append(("people", "consent_texts", _CONSENT))
        if file.settings is None:
            values.append(("people", "consent_text", _first_text(bench.at(file.consent_texts))))
    if file.protocols is not None:
        values.append(("session", "protocols", _PROTOCOLS))
    for section, key, value in values:
        text = with_value(text, section, key, value)
    return text


def _camera(text: str, camera: str) -> Iterator[tuple[str, str, Any]]:
    """Name the sensor; a size that is one of its own stays, such as the half of it."""
    try:
        present = tomllib.loads(text).get("camera")
    except tomllib.TOMLDecodeError:
        return  # said when the whole is parsed
    if not isinstance(present, dict) or present.get("kind") != "picamera2":
        return
    (module,) = (module for sensor, module in MODULES.items() if sensor == camera)
    yield "camera", "sensor", camera
    if present.get("size") not in [list(size) for size in module.sizes]:
        yield "camera", "size", module.sizes[0]
        yield "camera", "preview", module.preview
    exposure = present.get("exposure")
    told = isinstance(exposure, dict) and "lens_position" in exposure
    if module.lens_position is not None and not told:
        yield "camera.exposure", "lens_position", module.lens_position


def _people(bench: Bench, station: str) -> dict[str, str]:
    """Return what the desk printed for a station: its key, the mailbox, perhaps the share."""
    path = bench.people(station)
    expected = (
        f"expected what `kiosk clinic desk station {station}` printed, a section [people] with "
        "desk and mailbox"
    )
    try:
        people = tomllib.loads(_read(path, "the desk's lines").decode("utf-8"))["people"]
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise UsageError(f"{path}: {expected}") from error
    known = {"desk", "mailbox", "share"}
    if not isinstance(people, dict) or not {"desk", "mailbox"} <= set(people) <= known:
        raise UsageError(f"{path}: {expected}")
    if not all(isinstance(value, str) for value in people.values()):
        raise UsageError(f"{path}: {expected}")
    return people


def _check_keys(config: StationConfig) -> None:
    try:
        PublicKey.parse(config.people.desk)
    except BadKey as error:
        raise BadKey(f"people.desk: {error.sentence}") from error


def _recipients(path: Path) -> bytes:
    if len(load_recipients(path)) == 1:
        raise BadKey(
            f"{path}: there is one recipient; expected the clinic's archive key and its recovery "
            "key, or pictures are lost with the one key."
        )
    return _read(path, "the clinic's recipients")


def _own_files(bench: Bench) -> dict[str, bytes]:
    found = {}
    file = bench.file
    if file.consent_texts is not None:
        Texts(bench.at(file.consent_texts)).load_all()
        for path in own_texts(bench.at(file.consent_texts)):
            found[f"consent/{path.name}"] = _read(path, "a consent text")
    if file.protocols is not None:
        for path in own_files(bench.at(file.protocols), "sets"):
            found[f"protocols/{path.name}"] = _read(path, "a set of views")
    return found


def _first_text(folder: Path) -> str:
    return Texts(folder).names()[0]


def _technician(bench: Bench) -> str | None:
    if bench.file.technician_key is None:
        return None
    path = bench.at(bench.file.technician_key)
    text = _read(path, "the technician's public key").decode("utf-8", "replace").strip()
    try:
        HostKey.parse(text)
    except ConfigError as error:
        raise UsageError(
            f"{path}: expected one public key such as 'ssh-ed25519 AAAA…'; never a private one"
        ) from error
    if "\n" in text:
        raise UsageError(f"{path}: expected one public key on one line")
    return text


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: expected {what}, but: {error.strerror}") from error
