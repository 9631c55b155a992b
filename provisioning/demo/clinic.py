"""Founds the throw-away clinic: keys, station, folders, and the configuration that ties them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.clinic.keygen import KeyFiles, make_keys, make_pose_key
from kiosk.config import load
from kiosk.durable import Counter
from kiosk.envelope import recall
from kiosk.envelope.container import SHOT
from kiosk.envelope.recipients import HYBRID
from kiosk.envelope.signatures import SigningKey
from kiosk.languages.names import SOURCE, Language
from kiosk.records.protocols import load_protocol
from provisioning.demo.patient.scene import FIELD_M, camera_of
from provisioning.demo.portraits import write_portraits
from provisioning.server import ThrowawayServer

STATION = "room-demo"
PROTOCOL = "face_5"
KEPT = "kept.txt"
"""In the output folder: the views whose pictures were kept, one a line."""

SCREENS = "screens"
"""In the output folder: pictures of the screens."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """Where everything of the demo lies.

    Attributes:
        config: the station's configuration file.
        spool: the station's queue.
        keys: the clinic's identities and recipients.
        stations: the clinic's list of stations, in OpenSSH's allowed_signers format.
        opened: where the clinic files what it opens.
    """

    config: Path
    spool: Path
    keys: KeyFiles
    stations: Path
    opened: Path


@dataclass(frozen=True, slots=True)
class Sizes:
    """Width and height in pixels: of the station's window, of its pictures, of the live ones."""

    display: tuple[int, int]
    still: tuple[int, int] = (3040, 4056)
    preview: tuple[int, int] = (960, 1280)


def found(root: Path, server: ThrowawayServer, sizes: Sizes, language: Language = SOURCE) -> Clinic:
    """Make a clinic and its station below ``root``, an empty folder given as absolute path."""
    now = datetime.now(UTC)
    keys = make_keys(root / "clinic", HYBRID, now)
    pose_key = make_pose_key(root / "clinic", HYBRID, now)
    state, spool, pictures = root / "state", root / "spool", root / "pictures"
    for folder in (state, spool):
        folder.mkdir()
    signing = SigningKey.generate()
    key_file = root / "signing.key"
    key_file.touch(mode=0o600)
    key_file.write_text(signing.private_text(), encoding="ascii")
    stations = root / "clinic" / "stations"
    stations.write_text(
        f'{STATION} namespaces="{SHOT.namespace},{recall.NAMESPACE}" {signing.public_line()}\n',
        encoding="ascii",
    )
    write_portraits(pictures, load_protocol(PROTOCOL).views)
    config = root / "station.toml"
    config.write_text(
        _CONFIG.format(
            root=root,
            recipients=keys.recipients,
            pose_key=pose_key,
            sizes=sizes,
            language=language,
            server=server,
            station=STATION,
            protocol=PROTOCOL,
            focal_px=camera_of(sizes.still).focal,
            mm_per_px=FIELD_M * 1000 / sizes.still[1],
        ),
        encoding="utf-8",
    )
    Counter(load(config).station.sequence).create()
    return Clinic(config, spool, keys, stations, root / "opened")


_CONFIG = """\
[station]
name = "{station}"
clinic = "Demo Clinic"
signing_key = "{root}/signing.key"
state = "{root}/state"

[sealing]
recipients = "{recipients}"

[spool]
path = "{root}/spool"

[camera]
kind = "simulated"
pictures = "{root}/pictures"
frames_per_second = 10.0
size = [{sizes.still[0]}, {sizes.still[1]}]
preview = [{sizes.preview[0]}, {sizes.preview[1]}]
timeout_ms = 6000
exposure = {{ exposure_us = 20000, red_gain = 2.0, blue_gain = 1.6 }}
geometry = {{ focal_px = {focal_px:.1f}, mm_per_px = {mm_per_px:.6f} }}

[lights]
kind = "simulated"
level = 1.0
channels = [{{ name = "left", pin = 12 }}, {{ name = "right", pin = 13 }}]

[pedal]
kind = "simulated"
hold_off_ms = 200

[display]
size = [{sizes.display[0]}, {sizes.display[1]}]
fullscreen = false
language = "{language}"

[session]
protocol = "{protocol}"

[guide]
pose_key = "{pose_key}"

[upload]
host = "{server.host}"
port = {server.port}
user = "{server.user}"
key = "{server.client_key}"
host_key = "{server.host_key}"
folder = "{server.folder}"
"""
