"""Power cuts at many moments of a session: what the station finds when it starts again.

The state partition is rebuilt from QEMU's write log as a cut left it, checked and mounted as at a
boot, and given to the program's own start-up code.
"""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import msgspec

from kiosk import moment
from kiosk.capture.author import Author
from kiosk.capture.people.start import Means, open_office, open_texts, open_trail
from kiosk.clinic.opening import read_sealed, require_signed
from kiosk.clinic.stations import load_stations
from kiosk.config import StationConfig
from kiosk.config_reading import load
from kiosk.durable import Counter as Sequence
from kiosk.envelope.container import Shot
from kiosk.envelope.recipients import load_identities, load_recipients
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import KioskError
from kiosk.spool import Spool
from tests.deploy.debian import run
from tests.vm.clinic import Practice
from tests.vm.write_log import Replay, crash_points, put

REPAIRED = 1
"""Exit code of e2fsck that found something and mended it by itself; more is a damaged disk."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the station had said by a moment of its log.

    Attributes:
        position: entries of the log when it was seen.
        count: pictures that the screen called kept.
    """

    position: int
    count: int


@dataclass(slots=True)
class Findings:
    """What came of all points.

    Attributes:
        points: how many were looked at.
        wrong: what is wrong, with the point.
        leftovers: unfinished pictures that the program removed at its start.
        pictures: how many points had so many whole pictures.
    """

    points: int = 0
    wrong: list[str] = field(default_factory=list)
    leftovers: int = 0
    pictures: Counter[int] = field(default_factory=Counter)


class Opener:
    """Opens what is in a spool with the clinic's key, each content once."""

    def __init__(self, practice: Practice) -> None:
        self._identities = load_identities(practice.clinic.keys.archive)
        self._stations = load_stations(practice.clinic.stations)
        self._known: dict[bytes, tuple[int, bool]] = {}

    def look_at(self, path: Path) -> tuple[int, bool]:
        """Return an object's sequence number, and whether it is a picture.

        Raises:
            KioskError: it cannot be opened, or is not signed by the station.
        """
        digest = sha256(path.read_bytes()).digest()
        if digest not in self._known:
            found = read_sealed(path, self._identities)
            require_signed(found, self._stations)
            self._known[digest] = (found.manifest.sequence, isinstance(found, Shot))
        return self._known[digest]


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded of a session.

    Attributes:
        before: the state's disk as it was before.
        log: every write since, by QEMU.
        kept: what the screen had said, in order.
        until: entries of the log while nothing was sent yet; of later cuts the server may have the
            pictures.
    """

    before: Path
    log: Path
    kept: list[Kept]
    until: int


def cut(recording: Recording, inspection: Inspection, wanted: int, seed: int) -> Findings:
    """Look at the disk after ``wanted`` power cuts during a recording; ``seed`` of all chance."""
    chance, work = random.Random(seed), inspection.place.parent
    base = work / "cut-base.img"
    run("cp", "--sparse=always", recording.before, base)
    replay, findings = Replay(recording.log, base, chance), inspection.findings
    for point in crash_points(len(replay.writes), wanted, chance):
        late = list(replay.at(point))
        # A name of its own each time: a loop device lets go of its file a moment after its
        # unmounting, and with the same file it would come back with what it remembers.
        image = work / f"cut-{findings.points}.img"
        run("cp", "--sparse=always", base, image)
        with image.open("r+b") as disk:
            for offset, octets in late:
                put(disk, offset, octets)
        known = [one.count for one in recording.kept if one.position <= point <= recording.until]
        for problem in inspection.look_at(image, max(known, default=0)):
            findings.wrong.append(f"after {point} writes: {problem}")
        findings.points += 1
        image.unlink()
    base.unlink()
    return findings


@dataclass(frozen=True, slots=True)
class Inspection:
    """Looks at a state's disk as a station does when it starts.

    Attributes:
        settings: the station's; paths are replaced.
        opener: of the pictures.
        place: where disks are mounted, in a folder for copies.
        findings: what came of it.
    """

    settings: StationConfig
    opener: Opener
    place: Path
    findings: Findings = field(default_factory=Findings)

    def look_at(self, image: Path, said: int) -> Iterator[str]:
        """Check, mount and start on a disk; yields what is wrong, in words.

        Args:
            image: of the disk; it is changed.
            said: how many pictures the screen had called kept.
        """
        checked = subprocess.run(
            ["e2fsck", "-p", str(image)], capture_output=True, text=True, check=False
        )
        if checked.returncode > REPAIRED:
            yield f"e2fsck ended with {checked.returncode}: {checked.stdout.strip()}"
            return
        with _mounted(image, self.place):
            if not (self.place / "lib/capture/sequence").exists():
                yield "the counter is gone"
                return
            try:
                self.findings.leftovers += _start(self.place, self.settings)
            except KioskError as error:
                yield f"the program does not start: {error}"
                return
            yield from self._spool(said)

    def _spool(self, said: int) -> Iterator[str]:
        """Open all that waits: every picture called kept is there, and no number comes twice."""
        folder = self.place / "spool"
        spool, numbers, pictures = Spool(folder), Counter[int](), 0
        yield from (f"{name} does not belong into the spool" for name in spool.strangers())
        for entry in spool.entries():
            try:
                number, picture = self.opener.look_at(folder / entry.name)
            except KioskError as error:
                yield f"{entry.name} ({entry.size} bytes): {error}"
                continue
            # A segment of the audit trail may be sent twice, as it is.
            numbers[number] += picture
            pictures += picture
        self.findings.pictures[pictures] += 1
        if pictures < said:
            yield f"the screen had said {said} pictures, and {pictures} are there"
        yield from (f"number {number} came {n} times" for number, n in numbers.items() if n > 1)


def _start(place: Path, settings: StationConfig) -> int:
    """Do what the capture process does with its disk when it starts, and when it ends."""
    source = str(place.parent / "station.toml")
    config = _at(settings, place)
    spool = Spool(config.spool.path, config.spool.reserve_mb * 1_000_000)
    removed = spool.recover()
    sequence = Sequence(config.station.sequence)
    sequence.require()
    author = Author(
        station=config.station.name,
        issuer=config.station.clinic,
        key=SigningKey.load(config.station.signing_key),
        recipients=load_recipients(config.sealing.recipients),
        sequence=sequence,
    )
    means = Means(spool, author, None, lambda: 0, moment.now)
    texts, _ = open_texts(config, source)
    trail = open_trail(config, means)
    with open_office(config, source, means, texts, trail):
        pass
    return removed


def _at(settings: StationConfig, place: Path) -> StationConfig:
    """Return the station's settings for its disk mounted here."""
    station = msgspec.structs.replace(settings.station, state=place / "lib/capture")
    spool = msgspec.structs.replace(settings.spool, path=place / "spool")
    return msgspec.structs.replace(settings, station=station, spool=spool)


def settings_here(practice: Practice, folder: Path, signing_key: str) -> StationConfig:
    """Return the station's settings with its own key, all of it readable on this machine."""
    key = folder / "station-signing-key"
    key.touch(mode=0o600)
    key.write_text(signing_key, encoding="ascii")
    text = practice.settings
    for old, new in (
        ("/run/credentials/kiosk-capture.service/signing-key", str(key)),
        ("/etc/kiosk/recipients.txt", str(practice.clinic.keys.recipients)),
    ):
        text = text.replace(old, new)
    path = folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


@contextmanager
def _mounted(image: Path, place: Path) -> Iterator[None]:
    place.mkdir(exist_ok=True)
    run("mount", "-o", "loop", image, place)
    try:
        yield
    finally:
        run("umount", place)


def table(findings: Findings) -> Mapping[str, object]:
    """Return what is printed of it."""
    spread = ", ".join(f"{n} pictures: {c}" for n, c in sorted(findings.pictures.items()))
    return {
        "whole pictures found": spread,
        "unfinished pictures cleared away": findings.leftovers,
    }
