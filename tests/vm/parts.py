"""The parts of the run, in order; each yields rows of the one table."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provisioning.demo import table
from tests.deploy.booted import Row
from tests.deploy.debian import run
from tests.faults.canary import scan
from tests.vm import (
    camera,
    checks,
    closed,
    enrolling,
    pins,
    plugging,
    station,
    supporting,
    tree,
    workshop,
)
from tests.vm.clinic import SIZES, Practice, founded
from tests.vm.crashes import Findings, Inspection, Kept, Opener, Recording, cut, settings_here
from tests.vm.crashes import table as cut_table
from tests.vm.guest import Guest
from tests.vm.hands import Hands
from tests.vm.image import overlay
from tests.vm.machine import Machine, MachineError, drive
from tests.vm.server import ClinicServer
from tests.vm.session import Session
from tests.vm.write_log import entries, logged_disk

NAMES: Final = ("state", "support", "probe", "plugs", "camera", "pins", "session", "cuts", "kills")

VIEWS: Final = 5
DRAIN_S: Final = 300.0
VIEW_S: Final = 10.0
"""About as long as a view's picture takes, from its instruction until it is kept."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Folders, the clinic's server, and how much is asked for.

    Attributes:
        work: kept between runs.
        run: of this run.
        server: the drop box.
        cuts, kills, seed: as of the command line.
    """

    work: Path
    run: Path
    server: ClinicServer
    cuts: int
    kills: int
    seed: int


def play(bench: Bench, only: Sequence[str]) -> Iterator[Row]:
    """Install, boot, close and enrol; then the parts asked for."""
    practice = founded(bench.run / "clinic", bench.server)
    debian = tree.unpacked(bench.work)
    tree.install(debian)
    again = tree.install(debian).splitlines()[-1].split(".")[0]
    yield "the second installation", again, "0 steps changed something"
    tree.add_harness(debian, Path(__file__).with_name("agent.py"), station.DROP_INS)
    if "pins" in only:
        workshop.put_into(debian, workshop.made(bench.work, debian))
    if "camera" in only:
        camera.put_into(debian)
    made = station.images(debian, bench.run)
    disk = drive(made.state, "state", "raw")
    with station.booted(made, made.commissioned, disk, "first", sealed=False) as (machine, guest):
        station.settle(guest, practice)
        yield "the first start, switched off", station.switch_off(machine, guest), True
    with station.booted(made, made.commissioned, disk, "second", sealed=False) as (machine, guest):
        hands, screens = Hands(guest, SIZES.display), bench.run / "enrolment-screens"
        yield from enrolling.rows(machine, guest, hands, practice, screens)
        station.start(guest)
        yield from closed.rows(guest)
        if "state" in only:
            yield from _state(guest)
        if "support" in only:
            station.start(guest)
            screens = bench.run / "support-screens"
            yield from supporting.rows(machine, guest, hands, practice, screens)
        # What acts in the program's place leaves words in its journal that no program says.
        yield from _tried(bench, guest, only)
        key = guest.run("cat", "/etc/kiosk/keys/signing-key")
        yield "switching off", station.switch_off(machine, guest), True
    if "pins" in only:
        yield from _pins(bench, practice, made)
    if "session" in only or "cuts" in only:
        yield from _session(bench, practice, made, key, cuts="cuts" in only)
    if "kills" in only:
        yield from _kills(bench, practice, made, key)


def _state(guest: Guest) -> Iterator[Row]:
    """What is so on a station that was closed by its installer and has just been enrolled."""
    yield from checks.state_rows(guest)
    yield from checks.check_rows(guest)
    yield from checks.stop_rows(guest)
    yield from checks.journal_rows(guest)
    yield from closed.opened_rows(guest)


def _tried(bench: Bench, guest: Guest, only: Sequence[str]) -> Iterator[Row]:
    """What may be done on it, and what may be plugged in."""
    if "probe" in only:
        station.unadapt(guest)
        yield from checks.probe_rows(guest, bench.server.port)
        station.adapt(guest)
    if "plugs" in only:
        yield from plugging.rows(guest)
    if "camera" in only:
        yield from camera.rows(guest)


def _pins(bench: Bench, practice: Practice, made: station.Images) -> Iterator[Row]:
    """Lamps and pedal on a header, on disks that are thrown away."""
    image = bench.run / "pins.img"
    run("cp", "--sparse=always", made.state, image)
    root = overlay(bench.run / "pins.qcow2", made.commissioned)
    disk = drive(image, "state", "raw")
    with station.booted(made, root, disk, "pins") as (machine, guest):
        yield from pins.rows(machine, guest, practice, bench.run / "pins-screens")


def _session(
    bench: Bench, practice: Practice, made: station.Images, key: str, *, cuts: bool
) -> Iterator[Row]:
    """A whole session, its state's writes logged; its pictures wait until the server is back."""
    before, image, log = (bench.run / name for name in ("before.img", "session.img", "writes.log"))
    for copy in (before, image):
        run("cp", "--sparse=always", made.state, copy)
    root, kept = overlay(bench.run / "session.qcow2", made.commissioned), list[Kept]()
    disk, before_it = logged_disk(image, log, "state"), set(bench.server.collected())
    with station.booted(made, root, disk, "session") as (machine, guest):
        station.start(guest)
        bench.server.stop()
        note = _noting(kept, log)
        hands = Hands(guest, SIZES.display)
        session = Session(machine, hands, practice, bench.run / "screens", note)
        yield "pictures kept in a session", session.play(), VIEWS
        waiting = "ls /var/spool/kiosk/*.age | wc -l"
        yield "waiting while the server is away", int(guest.run("sh", "-c", waiting)) > VIEWS, True
        unsent = entries(log)
        bench.server.start()
        yield "all was sent", _drained(guest), True
        yield "closed: units that failed, on a disk mounted read-only", _failed(guest), ""
        yield "switching off after it", station.switch_off(machine, guest), True
    yield "closed: the root's disk after it", closed.compared(root, made.commissioned), closed.SAME
    yield closed.planted_row(bench.run, made.commissioned)
    # Another part's session may have sent pictures of its own.
    arrived = [path for path in bench.server.collected() if path not in before_it]
    yield from _arrived(practice, arrived)
    yield from _traces(bench, practice, root, image, log)
    if cuts:
        recording = Recording(before, log, kept, unsent)
        inspection = _inspection(bench, practice, key)
        yield from _cut_rows(cut(recording, inspection, bench.cuts, bench.seed), bench.cuts)


def _failed(guest: Guest) -> str:
    return guest.run("systemctl", "list-units", "--failed", "--plain", "--no-legend").strip()


def _inspection(bench: Bench, practice: Practice, key: str) -> Inspection:
    settings = settings_here(practice, bench.run, key)
    return Inspection(settings, Opener(practice), bench.run / "cut")


def _noting(kept: list[Kept], log: Path) -> Callable[[int], None]:
    return lambda count: kept.append(Kept(entries(log), count))


def _drained(guest: Guest) -> bool:
    deadline = time.monotonic() + DRAIN_S
    while time.monotonic() < deadline:
        if not guest.ask("sh", "-c", "ls /var/spool/kiosk | grep -c age$").out.strip("0\n"):
            return True
        time.sleep(2)
    return False


def _arrived(practice: Practice, arrived: Sequence[Path]) -> Iterator[Row]:
    """Open what arrived with the clinic's own key, and hold it against the list of stations."""
    shots = [path for path in arrived if path.suffix == ".age"]
    lines = table.examine(practice.clinic, shots, [])
    pictures = [line for line in lines if line.shot]
    yield "pictures that arrived", len(pictures), VIEWS
    for line in lines:
        yield f"arrived, opened and verified: {line.what}", line.good or line.problem, True


def _traces(bench: Bench, practice: Practice, root: Path, image: Path, log: Path) -> Iterator[Row]:
    """Look for everything personal in each disk's raw bytes, and in every write there ever was."""
    canaries = practice.canaries()
    whole = bench.run / "root-raw.img"
    run("qemu-img", "convert", "-O", "raw", root, whole)
    for name, place in (("root disk", whole), ("state disk", image), ("every write", log)):
        hits = scan(canaries, [place], also_swap=False)
        yield f"readable traces: {name}", [hit.canary for hit in hits], []
    planted = bench.run / "planted.img"
    planted.write_bytes(bytes(1_000_001) + canaries[0] + bytes(1_000_000))
    yield "a planted trace is seen", len(scan(canaries, [planted], also_swap=False)), 1
    whole.unlink()


def _cut_rows(findings: Findings, wanted: int) -> Iterator[Row]:
    for problem in findings.wrong[:20]:
        yield "power cut", problem, ""
    yield "power cuts that lost or left something", len(findings.wrong), 0
    yield "power cuts looked at", findings.points, wanted
    for name, found in cut_table(findings).items():
        yield name, found, found


def _kills(bench: Bench, practice: Practice, made: station.Images, key: str) -> Iterator[Row]:
    """Kill QEMU in the middle of sessions: the guest's own cache is lost."""
    chance = random.Random(bench.seed)
    for number in range(1, bench.kills + 1):
        image = bench.run / "killed.img"
        run("cp", "--sparse=always", made.state, image)
        root = overlay(bench.run / "killed.qcow2", made.commissioned)
        with station.booted(made, root, drive(image, "state", "raw", "writeback"), "killed") as (
            machine,
            guest,
        ):
            station.start(guest)
            bench.server.stop()
            fall = _Fall(machine, number % (VIEWS + 1), chance.uniform(0, VIEW_S))
            hands, screens = Hands(guest, SIZES.display), bench.run / "killed-screens"
            fall.ends(Session(machine, hands, practice, screens, fall.note))
            bench.server.start()
        found = closed.compared(root, made.commissioned)
        yield f"killed {number}: the root's disk", found, closed.SAME
        wrong = list(_inspection(bench, practice, key).look_at(image, fall.kept))
        yield f"killed {number}, {fall}", wrong, []
        hits = scan(practice.canaries(), [image], also_swap=False)
        yield f"killed {number}: readable traces", [hit.canary for hit in hits], []


class _Fall:
    """The power goes some seconds after the screen said that so many pictures are kept.

    Attributes:
        kept: how many it said last.
    """

    def __init__(self, machine: Machine, pictures: int, after_s: float) -> None:
        self.kept = 0
        self._machine, self._pictures, self._after_s = machine, pictures, after_s
        self._timer = threading.Timer(after_s, machine.cut_power)

    def __str__(self) -> str:
        return f"{self._after_s:.1f} s after picture {self._pictures}, {self.kept} said to be kept"

    def note(self, kept: int) -> None:
        self.kept = kept
        if kept == self._pictures:
            self._timer.start()

    def ends(self, session: Session) -> None:
        """Play a session until the power goes; MachineError if it ended otherwise before."""
        try:
            session.play()
            self._timer.join()
        except MachineError:
            self._machine.require_dead()
        finally:
            self._timer.cancel()
