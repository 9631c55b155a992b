"""The end of a station: what is taken along, what is left, and who says so."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kiosk import durable, moment
from kiosk.capture.author import Author
from kiosk.capture.people.trail import Trail
from kiosk.cli import main
from kiosk.commission.asking import Ask
from kiosk.commission.digests import tree_digest
from kiosk.commission.retire.certificate import NAME, NAMESPACE, SIGNATURE, Certificate
from kiosk.commission.retire.cli import report
from kiosk.commission.retire.retiring import Order, retire
from kiosk.commission.retire.taking import FOLDER
from kiosk.commission.retire.wiping import wipe_folder
from kiosk.config_reading import load
from kiosk.durable import Counter
from kiosk.envelope.audit import AUDIT, as_segment
from kiosk.envelope.bundle import parse_record, read_bundle
from kiosk.envelope.recipients import X25519, generate_identity
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import KioskError, StorageError, StorageFailed, UsageError
from kiosk.records.audit import Act
from kiosk.spool import Spool
from kiosk.spool.sent import Sent
from tests.commission.conftest import CLINIC, STATION, StationTree

IDENTITY = generate_identity(X25519)
KEY = "/etc/kiosk/keys/signing-key"
SECRET = b"a patient's name, sealed"


class Machine:
    """The commands that are run, and what they answer."""

    def __init__(self, *running: str, refuses: bool = False) -> None:
        self.running, self.refuses = running, refuses
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, command: Sequence[str]) -> str:
        self.asked.append(tuple(command))
        if command[0] == "fstrim":
            if self.refuses:
                raise StorageFailed("fstrim ended with code 1.")
            return ""
        return "active\n" if command[-1] in self.running else "inactive\n"


class Scene:
    """A station in use: two objects that wait, one that was sent, and acts of the last minutes."""

    def __init__(self, station: StationTree, target: Path) -> None:
        self.station = dataclasses.replace(station, place=dataclasses.replace(station.place, uid=0))
        self.target = target
        root = station.at("/var/spool/kiosk")
        spool = Spool(root, 1)
        self.names = [self._put(spool, bytes([n]) * 5000 + SECRET) for n in range(3)]
        sent = Sent(root)
        sent.prepare()
        sent.note(self.names[0], "0" * 64)
        self._note(spool)
        (station.at("/var/lib/kiosk/commissioning")).mkdir()
        station.write("/var/lib/kiosk/commissioning/check.html", "<!doctype html>")

    @staticmethod
    def _put(spool: Spool, content: bytes) -> str:
        with spool.put() as writer:
            writer.write(content)
        return writer.name

    def _note(self, spool: Spool) -> None:
        folder = self.station.at("/var/lib/kiosk/capture/audit")
        folder.mkdir()
        counter = Counter(folder.parent / "sequence")
        counter.create()
        key = SigningKey.load(self.station.at(KEY))
        author = Author(STATION, CLINIC, key, [IDENTITY.recipient()], counter)
        trail = Trail(folder, spool, author, moment.now)
        trail.recover()
        trail.note(Act.STARTED)
        trail.note(Act.STOPPED)

    def retire(self, ask: Ask | None = None) -> Certificate:
        order = Order(STATION, self.target)
        return retire(order, self.station.config, ask or Machine(), self.station.place)

    def left(self) -> list[str]:
        """Return what is left of the station's files that are its own."""
        root = self.station.place.root
        folders = ("etc/kiosk", "var/lib/kiosk", "var/spool/kiosk", "run/kiosk-share")
        found = [path for folder in folders for path in (root / folder).rglob("*")]
        return sorted(str(path.relative_to(root)) for path in found if not path.is_dir())

    def certificate(self) -> Certificate:
        return parse_record((self.target / NAME).read_bytes(), NAME, Certificate)


@pytest.fixture
def scene(station: StationTree, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(station, tmp_path_factory.mktemp("stick") / "room-2")


def stock_verifies(folder: Path, signers: Path) -> bool:
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", STATION, "-n", NAMESPACE]
    done = subprocess.run(
        [*command, "-s", str(folder / SIGNATURE)],
        input=(folder / NAME).read_bytes(),
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def signers_of(scene: Scene, folder: Path) -> Path:
    """Return the list by which the clinic knows the station, made while it has its key."""
    public = SigningKey.load(scene.station.at(KEY)).public_line(STATION)
    path = folder / "signers"
    path.write_text(f"{STATION} {public}\n")
    return path


def test_nothing_is_left_and_a_stock_tool_proves_who_said_so(scene: Scene, tmp_path: Path) -> None:
    signers = signers_of(scene, tmp_path)
    machine = Machine()
    done = scene.retire(machine)
    assert scene.left() == []
    assert done == scene.certificate()
    assert (done.station, done.clinic, done.trimmed) == (STATION, CLINIC, True)
    assert stock_verifies(scene.target, signers)
    said = json.loads((scene.target / NAME).read_text())
    said["wiped"] = []
    (scene.target / NAME).write_text(json.dumps(said))
    assert not stock_verifies(scene.target, signers)
    trimmed = [command[1] for command in machine.asked if command[0] == "fstrim"]
    assert trimmed == ["/var/spool/kiosk", "/var/lib/kiosk/capture", "/etc/kiosk"]


def test_a_card_that_takes_nothing_back_is_wiped_and_that_is_said(scene: Scene) -> None:
    assert not scene.retire(Machine(refuses=True)).trimmed
    assert scene.left() == []
    assert not scene.certificate().trimmed


def test_where_nobody_can_say_what_runs_nothing_is_wiped(scene: Scene) -> None:
    def silent(command: Sequence[str]) -> str:
        raise StorageFailed(f"{command[0]} cannot be asked (FileNotFoundError).")

    before = tree_digest(scene.station.place.root)
    with pytest.raises(StorageFailed, match="systemctl cannot be asked"):
        scene.retire(silent)
    assert tree_digest(scene.station.place.root) == before


def test_what_the_clinic_may_not_have_is_taken_along_sealed(scene: Scene) -> None:
    originals = {
        name: scene.station.at(f"/var/spool/kiosk/{name}").read_bytes() for name in scene.names
    }
    done = scene.retire()
    folder = scene.target / FOLDER
    assert {one.name for one in done.taken} == {path.name for path in folder.iterdir()}
    assert {name: (folder / name).read_bytes() for name in scene.names} == originals
    (audit,) = [path for path in folder.iterdir() if path.name.startswith("audit-")]
    bundle = read_bundle(open_sealed(io.BytesIO(audit.read_bytes()), [IDENTITY]), [AUDIT])
    assert [entry.act for entry in as_segment(bundle).entries] == [Act.STARTED, Act.STOPPED]


def test_bytes_are_overwritten_before_their_names_go(scene: Scene, tmp_path: Path) -> None:
    """A second name of each file shows what becomes of its bytes."""
    paths = [f"/var/spool/kiosk/{name}" for name in scene.names]
    paths += [KEY, "/etc/kiosk/keys/ssh-key", "/etc/kiosk/station.toml"]
    witnesses = {path: tmp_path / f"witness-{n}" for n, path in enumerate(paths)}
    for path, witness in witnesses.items():
        os.link(scene.station.at(path), witness)
    scene.retire()
    for path, witness in witnesses.items():
        content = witness.read_bytes()
        assert content, path
        assert content == bytes(len(content)), path


def test_links_are_removed_and_not_followed(scene: Scene, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("stays")
    for target in (outside / "file", outside, outside / "nothing"):
        (scene.station.at("/var/spool/kiosk") / f"link-{target.name}").symlink_to(target)
    scene.retire()
    assert scene.left() == []
    assert (outside / "file").read_text() == "stays"


def test_certificates_count_what_was_in_each_folder(scene: Scene) -> None:
    spool = scene.station.at("/var/spool/kiosk")
    files = [path for path in spool.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    done = scene.retire()
    (said,) = [one for one in done.wiped if one.folder == "/var/spool/kiosk"]
    assert (said.files, said.size) == (len(files), size)
    assert size > 3 * 5000


@pytest.mark.parametrize(
    ("change", "machine", "sentence"),
    [
        ({"uid": 1000}, Machine(), "Wiping a station needs root (sudo)."),
        ({"station": "room-3"}, Machine(), "This station is 'room-2', not 'room-3'"),
        ({}, Machine("kiosk-upload.service"), "kiosk-upload.service still runs"),
        ({"folder": "/var/spool/kiosk/here"}, Machine(), "is wiped with the station"),
        ({"folder": "/etc/kiosk"}, Machine(), "is wiped with the station"),
    ],
)
def test_it_is_refused_before_anything_changes(
    scene: Scene, change: dict[str, Any], machine: Machine, sentence: str
) -> None:
    before = tree_digest(scene.station.place.root)
    place = dataclasses.replace(scene.station.place, uid=change.get("uid", 0))
    folder = change.get("folder")
    order = Order(
        change.get("station", STATION), scene.target if folder is None else place.at(folder)
    )
    with pytest.raises(UsageError) as caught:
        retire(order, scene.station.config, machine, place)
    assert sentence in str(caught.value)
    assert tree_digest(scene.station.place.root) == before
    assert not scene.target.exists()


def test_a_medium_that_takes_nothing_costs_nothing(scene: Scene) -> None:
    scene.target.parent.joinpath("room-2").write_text("a file in the folder's place")
    before = tree_digest(scene.station.place.root)
    with pytest.raises(StorageError, match="room-2"):
        scene.retire()
    assert tree_digest(scene.station.place.root) == before


def test_a_medium_that_forgets_costs_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def forget(path: Path, data: bytes, mode: int = 0o600) -> None:
        path.write_bytes(bytes(len(data)))
        path.chmod(mode)

    monkeypatch.setattr(durable, "replace_file", forget)
    before = tree_digest(scene.station.place.root)
    with pytest.raises(StorageError, match="is not what was written there; take another medium"):
        scene.retire()
    assert tree_digest(scene.station.place.root) == before


class Cut(BaseException):
    """The power goes."""


def cut_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let the power go at the so-manieth time that names are made durable."""
    sync = durable.sync_directory
    steps = iter(range(1_000_000))

    def last(path: Path) -> None:
        if next(steps) == step:
            raise Cut
        sync(path)

    monkeypatch.setattr(durable, "sync_directory", last)


def test_wherever_it_is_cut_off_it_is_begun_again_and_loses_nothing(
    station: StationTree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each step is its own station, in a copy of the same tree."""
    begun = Scene(station, Path("unused"))
    signers = signers_of(begun, tmp_path_factory.mktemp("clinic"))
    steps = 0
    while _survives(begun, tmp_path_factory.mktemp("cut"), signers, steps):
        steps += 1
    assert steps > 20


def _survives(begun: Scene, folder: Path, signers: Path, step: int) -> bool:
    """Return whether there was such a step."""
    root = folder / "station"
    subprocess.run(["cp", "-a", begun.station.place.root, root], check=True)
    place = dataclasses.replace(begun.station.place, root=root)
    order = Order(STATION, folder / "stick")

    def again() -> None:
        retire(order, load(place.at("/etc/kiosk/station.toml")), Machine(), place)

    with pytest.MonkeyPatch.context() as patch:
        cut_at(patch, step)
        try:
            again()
        except Cut:
            cut = True
        else:
            cut = False
    if place.exists(KEY):  # else only the settings can be left, and the certificate is whole
        again()
    assert not place.exists(KEY)
    assert stock_verifies(order.folder, signers)
    said = parse_record((order.folder / NAME).read_bytes(), NAME, Certificate)
    names = {one.name for one in said.taken}
    assert set(begun.names) <= names
    assert len(names) == len(begun.names) + 1
    left = [path for path in (root / "etc/kiosk").rglob("*") if path.is_file()]
    assert left in ([], [root / "etc/kiosk/station.toml"])
    return cut


def test_what_comes_while_it_is_wiped_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").write_text("first")
    sync = durable.sync_directory

    def late(path: Path) -> None:
        sync(path)
        (path / "two").write_text("late")

    monkeypatch.setattr(durable, "sync_directory", late)
    with pytest.raises(StorageError, match="is not empty after it was wiped"):
        wipe_folder(tmp_path, "/var/spool/kiosk")


def test_a_key_that_cannot_be_read_costs_nothing(scene: Scene) -> None:
    scene.station.at(KEY).write_text("no key")
    before = tree_digest(scene.station.place.root)
    with pytest.raises(KioskError, match="signing-key"):
        scene.retire()
    assert tree_digest(scene.station.place.root) == before


def test_the_command_refuses_another_s_name(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = scene.station.at("/etc/kiosk/station.toml")
    code = main(["retire", str(scene.target), "--station", "room-9", "--config", str(toml)])
    assert code != 0
    expected = "'room-2', not 'room-9'" if os.geteuid() == 0 else "needs root"
    assert expected in capsys.readouterr().err
    assert scene.left()


def test_the_command_says_what_is_left_to_do(scene: Scene) -> None:
    done = scene.retire()
    text = report(done, Path("/media/stick/room-2"))
    assert "taken along     4 sealed objects in /media/stick/room-2/sealed" in text
    assert "free space      trimmed" in text
    assert "Revoke the station at the server and at the desk." in text
