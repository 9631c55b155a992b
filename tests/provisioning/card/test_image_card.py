"""The card of a station whose system came as an image: the same folder, taken at the start."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk import cli
from kiosk.config_reading import parse
from provisioning.card import contents, writing
from provisioning.card.contents import Release
from provisioning.card.order import Order, Wanted, load_bench, take
from tests.provisioning.card.conftest import ROOT, Desk

OVERLAY = ROOT / "provisioning/image/layer/capture-station.rootfs-overlay"
SCRIPT = OVERLAY / "usr/local/libexec/capture-station/take-card"
TECHNICIAN = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI technician@bench\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A station started from an image for the first time, before its card was written."""
    root = tmp_path / "tree"
    for folder in ("bootfs", "etc/kiosk", "home/technician"):
        (root / folder).mkdir(parents=True)
    for name in ("autoboot.txt", "capture-station.image"):
        (root / "bootfs" / name).touch()
    return root


def order(bench: Desk) -> Order:
    return take(load_bench(bench.clinic), Wanted("kiosk-01", "imx708"), datetime.now(tz=UTC))


def write(bench: Desk, tree: Path, program: bytes) -> Path:
    boot = tree / "bootfs"
    card = writing.boot_partition(boot, None)
    assert card.release is Release.IMAGE
    made = order(bench)
    writing.write(card, contents.parts(made, program), contents.starters(made, card.release))
    return boot / "capture-station"


def start(tree: Path) -> subprocess.CompletedProcess[str]:
    tools = tree.parent / "tools"
    tools.mkdir(exist_ok=True)
    for name, act in {"chown": "", "sync": "", "hostname": f'cp "$2" {tools}/called'}.items():
        (tools / name).write_text(f"#!/bin/sh\n{act}\n", encoding="ascii")
        (tools / name).chmod(0o755)
    return subprocess.run(
        ["sh", str(SCRIPT)],
        env={"PATH": f"{tools}:{os.defpath}", "CARD_ROOT": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_but_the_folder_is_written(bench: Desk, tree: Path, program: bytes) -> None:
    before = {path.name for path in (tree / "bootfs").iterdir()}
    write(bench, tree, program)
    after = {path.name for path in (tree / "bootfs").iterdir()}
    assert after - before == {"capture-station"}


def test_a_release_said_by_hand_is_not_believed_over_the_image(tree: Path) -> None:
    """As bookworm's, its kernel's arguments would be changed and it would never start again."""
    card = writing.boot_partition(tree / "bootfs", Release.BOOKWORM)
    assert card.release is Release.IMAGE


def test_the_folder_fits_beside_what_starts(bench: Desk, program: bytes) -> None:
    """The partition has 32 MB, and a card leaves half of it free."""
    files = contents.parts(order(bench), program)
    assert sum(len(content) for content in files.values()) < 12 * 2**20


def test_the_station_takes_its_name_and_settings(bench: Desk, tree: Path, program: bytes) -> None:
    write(bench, tree, program)
    done = start(tree)
    assert done.returncode == 0, done.stderr
    settings = tree / "etc/kiosk"
    config = parse((settings / "station.toml").read_text("utf-8"), source="tree")
    assert config.station.name == "kiosk-01"
    assert "age1" in (settings / "recipients.txt").read_text("ascii")
    assert (settings / "enrolment-pending").exists()
    assert (tree.parent / "tools/called").read_text("ascii") == "kiosk-01\n"
    assert not list(settings.glob("**/*.new"))


def test_what_was_changed_on_the_station_stays(bench: Desk, tree: Path, program: bytes) -> None:
    write(bench, tree, program)
    start(tree)
    (tree / "etc/kiosk/station.toml").write_text("# by hand\n", encoding="ascii")
    assert start(tree).returncode == 0
    assert (tree / "etc/kiosk/station.toml").read_text("ascii") == "# by hand\n"


def test_an_enrolled_station_takes_nothing_more(bench: Desk, tree: Path, program: bytes) -> None:
    folder = write(bench, tree, program)
    start(tree)
    (tree / "etc/kiosk/enrolment-pending").unlink()
    (tree / "etc/kiosk/enrolled.json").write_text("{}", encoding="ascii")
    before = (tree / "etc/kiosk/recipients.txt").read_text("ascii")
    (folder / "recipients.txt").write_text("age1theirs\n", encoding="ascii")
    (folder / "SHA256SUMS").unlink()
    assert start(tree).returncode == 0
    assert (tree / "etc/kiosk/recipients.txt").read_text("ascii") == before
    assert not (tree / "etc/kiosk/enrolment-pending").exists()


def test_half_a_card_is_refused(bench: Desk, tree: Path, program: bytes) -> None:
    folder = write(bench, tree, program)
    (folder / "recipients.txt").write_text("age1theirs\n", encoding="ascii")
    done = start(tree)
    assert done.returncode != 0
    assert "not written to its end" in done.stderr
    assert not (tree / "etc/kiosk/recipients.txt").exists()


def test_a_card_without_the_folder_says_what_to_do(tree: Path) -> None:
    done = start(tree)
    assert done.returncode != 0
    assert "`kiosk provision card`" in done.stderr


def test_a_technician_s_key_is_let_in(bench: Desk, tree: Path, program: bytes) -> None:
    folder = write(bench, tree, program)
    (folder / "technician.pub").write_text(TECHNICIAN, encoding="ascii")
    sums = subprocess.run(
        [
            "sha256sum",
            *(p.name for p in folder.iterdir() if p.is_file() and p.name != "SHA256SUMS"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    (folder / "SHA256SUMS").write_text(sums.stdout, encoding="ascii")
    assert start(tree).returncode == 0
    keys = tree / "home/technician/.ssh/authorized_keys"
    assert keys.read_text("ascii") == TECHNICIAN
    assert keys.stat().st_mode & 0o777 == 0o600


def test_a_table_gives_folders_for_the_image_too(bench: Desk, tmp_path: Path) -> None:
    table = bench.write("stations.csv", "station,camera,clock_battery\nkiosk-01,imx708,\n")
    command = ["provision", "card", "--inventory", str(table), "--release", "image"]
    command += ["--clinic", str(bench.clinic), "--out", str(tmp_path / "cards")]
    assert cli.main([*command, "--codes", str(tmp_path / "codes")]) == 0
    assert [path.name for path in (tmp_path / "cards/kiosk-01").iterdir()] == ["capture-station"]
