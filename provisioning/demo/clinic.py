"""Founds the throw-away clinic: keys, station, folders, and the configuration that ties them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from kiosk.clinic import operators
from kiosk.clinic.desk import Desk, Post
from kiosk.clinic.keygen import KeyFiles, make_keys
from kiosk.clinic.kinds import KINDS
from kiosk.clinic.operators import Hardness, Newcomer
from kiosk.config_reading import load
from kiosk.durable import Counter
from kiosk.envelope import recall
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.letter import Kind, mailbox_name
from kiosk.envelope.recipients import HYBRID
from kiosk.envelope.signatures import SigningKey
from kiosk.languages.names import SOURCE, Language
from kiosk.model import Role
from kiosk.records.badge import Badge
from kiosk.records.protocols import load_protocol
from kiosk.records.worklist import Expected, Worklist
from kiosk.spool.inbox import INBOX, Inbox
from provisioning.demo.patient.scene import FIELD_M, camera_of
from provisioning.demo.portraits import write_badge_in_view, write_portraits

STATION = "room-demo"
CLINIC = "Demo Clinic"
BADGE = "badge"
"""Name of the photograph of the badge that the simulated camera can show."""

_NAMESPACES = (*(kind.namespace for kind in KINDS), recall.NAMESPACE)
PROTOCOL = "face_5"
KEPT = "kept.txt"
"""In the output folder: the views whose pictures were kept, one a line."""

SCREENS = "screens"
"""In the output folder: pictures of the screens."""


@dataclass(frozen=True, slots=True)
class Member:
    """An operator's badge, and the PIN that the desk made for the first time."""

    badge: Badge
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Clinic:
    """Where everything of the demo lies.

    Attributes:
        config: the station's configuration file.
        spool: the station's queue.
        keys: the clinic's identities and recipients.
        stations: the clinic's list of stations, in OpenSSH's allowed_signers format.
        opened: the clinic's library.
        sealed: where the clinic keeps the sealed originals.
        desk: the desk's folder.
        letters: what the desk has written to the station.
        member: who may sign in.
    """

    config: Path
    spool: Path
    keys: KeyFiles
    stations: Path
    opened: Path
    sealed: Path
    desk: Path
    letters: Path
    member: Member


@dataclass(frozen=True, slots=True)
class Sizes:
    """Width and height in pixels: of the station's window, of its pictures, of the live ones."""

    display: tuple[int, int]
    still: tuple[int, int] = (3040, 4056)
    preview: tuple[int, int] = (960, 1280)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: the operator's name, and number and name of the patient who comes."""

    operator: str = "Dr. Ada Example"
    patient: str = "DEMO-4711"
    name: str = "Maria Muster"


DEMO = Cast()


class DropBox(Protocol):
    """Where the station's pictures go, as ``station.toml`` has it."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def client_key(self) -> Path: ...
    @property
    def host_key(self) -> str: ...
    @property
    def folder(self) -> str: ...


def found(
    root: Path,
    server: DropBox,
    sizes: Sizes,
    language: Language = SOURCE,
    cast: Cast = DEMO,
) -> Clinic:
    """Make a clinic and its station below ``root``, an empty folder given as absolute path."""
    now = datetime.now(UTC)
    keys = make_keys(root / "clinic", HYBRID, now)
    desk, member = _desk(root, now.astimezone(), cast)
    state, spool, pictures = root / "state", root / "spool", root / "pictures"
    for folder in (state, spool):
        folder.mkdir()
    signing = SigningKey.generate()
    key_file = root / "signing.key"
    key_file.touch(mode=0o600)
    key_file.write_text(signing.private_text(), encoding="ascii")
    stations = root / "clinic" / "stations"
    stations.write_text(
        f'{STATION} namespaces="{",".join(_NAMESPACES)}" {signing.public_line()}\n',
        encoding="ascii",
    )
    write_portraits(pictures, load_protocol(PROTOCOL).views)
    write_badge_in_view(pictures / f"{BADGE}.png", member.badge)
    config = root / "station.toml"
    config.write_text(
        _CONFIG.format(
            root=root,
            recipients=keys.recipients,
            desk=desk.key.public_line("desk"),
            mailbox=desk.station(STATION).mailbox,
            sizes=sizes,
            language=language,
            server=server,
            station=STATION,
            clinic=CLINIC,
            protocol=PROTOCOL,
            focal_px=camera_of(sizes.still).focal,
            mm_per_px=FIELD_M * 1000 / sizes.still[1],
        ),
        encoding="utf-8",
    )
    Counter(load(config).station.sequence).create()
    return Clinic(
        config,
        spool,
        keys,
        stations,
        root / "opened",
        root / "sealed",
        desk.folder,
        root / "letters",
        member,
    )


def _desk(root: Path, now: datetime, cast: Cast) -> tuple[Desk, Member]:
    """Found the desk, enrol an operator, and write today's list to the station."""
    desk, post = Desk.found(root / "desk", CLINIC, now), Post(root / "letters", now)
    desk.add_station(STATION, share=False)
    who = Newcomer(cast.operator, Role.PRACTITIONER, supervisor=False, stations=[STATION])
    issued = operators.add(desk, who, post, Hardness(memory_kib=1024, passes=1, lanes=1))
    worklist = Worklist(
        station=STATION,
        clinic=CLINIC,
        day=now.date().isoformat(),
        entries=(
            Expected(number=cast.patient, name=cast.name, born="1980-02-03", time="09:30"),
            Expected(number="DEMO-4712", name="José Núñez", time="10:15", adult_only=True),
            Expected(number="DEMO-4713", name="Zoë Þórsdóttir", time="11:00", follow_up=True),
        ),
    )
    body = encode_record(worklist, "day's list")
    desk.send(desk.station(STATION), Kind.DAY, body, post, sealed=True)
    return desk, Member(issued.badge, issued.pin)


def deliver(clinic: Clinic, outbox: Path) -> None:
    """Put the desk's letters where the station fetches them, as who keeps the server would."""
    outbox.mkdir(exist_ok=True)
    for letter in sorted((clinic.letters / STATION / "out").iterdir()):
        (outbox / letter.name).write_bytes(letter.read_bytes())
        (outbox / letter.name).chmod(0o644)


def write_member(clinic: Clinic, path: Path) -> None:
    """Write badge and first PIN into a file for its owner alone."""
    path.touch(mode=0o600)
    path.write_text(f"{clinic.member.badge.text()} {clinic.member.pin}\n", encoding="ascii")


def hand_over(clinic: Clinic) -> None:
    """Put the desk's letters into the station's own inbox, where no upload process runs."""
    people = load(clinic.config).people
    inbox = Inbox(clinic.spool / INBOX)
    inbox.prepare()
    for kind in (Kind.OPERATORS, Kind.DAY):
        name = f"{mailbox_name(people.mailbox, kind)}.age"
        letter = (clinic.letters / STATION / "out" / name).read_bytes()
        with inbox.receive(kind.value, len(letter)) as incoming:
            incoming.write(letter)
            incoming.keep()


_CONFIG = """\
[station]
name = "{station}"
clinic = "{clinic}"
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
recall = true

[reader]
kind = "simulated"

[people]
desk = "{desk}"
mailbox = "{mailbox}"

[upload]
host = "{server.host}"
port = {server.port}
user = "{server.user}"
key = "{server.client_key}"
host_key = "{server.host_key}"
folder = "{server.folder}"
"""
