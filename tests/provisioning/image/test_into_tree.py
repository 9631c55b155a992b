"""The hook that makes a station of an image's tree, with the installer as a stand-in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from provisioning.install.updating import NAMESPACE, PRINCIPAL, SIGNERS

SCRIPT = Path(__file__).parents[3] / "provisioning/image/into-tree.sh"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What the installer leaves: folders, and the example for a technician."""
    for folder in ("etc/kiosk/keys", "var/lib/kiosk/capture", "var/spool/kiosk", "boot/firmware"):
        (tmp_path / "tree" / folder).mkdir(parents=True)
    return tmp_path / "tree"


def release_key(tree: Path) -> Path:
    path = tree.parent / "release.pub"
    path.write_text("ssh-ed25519 AAAAC3Nz release@bench\n", encoding="ascii")
    return path


def run(
    tree: Path, *arguments: str, install: str = "", key: Path | None = None
) -> subprocess.CompletedProcess[str]:
    tools = tree.parent / "tools"
    tools.mkdir(exist_ok=True)
    example = f"echo example >{tree}/etc/kiosk/station.toml"
    for name, act in {"systemd-sysusers": "", "python3": f"{example}\n{install}"}.items():
        path = tools / name
        path.write_text(f'#!/bin/sh\necho {name} "$@" >>{tools}/log\n{act}\n', encoding="ascii")
        path.chmod(0o755)
    return subprocess.run(
        ["sh", str(SCRIPT), str(tree), *arguments, str(key or release_key(tree))],
        env={"PATH": f"{tools}:{os.defpath}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_numbers_come_before_the_installer_and_no_setting_stays(tree: Path) -> None:
    done = run(tree, "imx708", "n")
    assert done.returncode == 0, done.stderr
    assert (tree.parent / "tools/log").read_text("ascii").splitlines() == [
        f"systemd-sysusers --root={tree} 00-capture-station-numbers.conf",
        f"python3 -m provisioning.install --root {tree} --camera imx708",
    ]
    assert not (tree / "etc/kiosk/station.toml").exists()
    assert (tree / "bootfs/capture-station.image").exists()


def test_the_clock_battery_is_handed_on(tree: Path) -> None:
    run(tree, "imx477", "y")
    assert (tree.parent / "tools/log").read_text("ascii").endswith("imx477 --clock-battery\n")


@pytest.mark.parametrize(
    "secret", ["etc/kiosk/keys/ssh-key", "var/lib/kiosk/capture/sequence", "var/spool/kiosk/x.age"]
)
def test_a_key_in_the_tree_stops_the_image(tree: Path, secret: str) -> None:
    done = run(tree, "imx708", "n", install=f"echo secret >{tree}/{secret}")
    assert done.returncode != 0
    assert secret in done.stderr
    assert not (tree / "bootfs/capture-station.image").exists()


def test_an_installer_that_fails_stops_the_image(tree: Path) -> None:
    assert run(tree, "imx708", "n", install="exit 1").returncode != 0


def test_the_image_knows_the_key_of_its_updates(tree: Path) -> None:
    run(tree, "imx708", "n")
    signers = tree / SIGNERS[1:]
    line = f'{PRINCIPAL} namespaces="{NAMESPACE}" ssh-ed25519 AAAAC3Nz'
    assert signers.read_text("ascii") == f"{line}\n"


@pytest.mark.parametrize("content", ["", "ssh-rsa AAAA\n", "-----BEGIN OPENSSH PRIVATE KEY-----\n"])
def test_without_such_a_key_there_is_no_image(tree: Path, content: str) -> None:
    key = tree.parent / "other.pub"
    key.write_text(content, encoding="ascii")
    done = run(tree, "imx708", "n", key=key)
    assert done.returncode == 1
    assert "expected a public key" in done.stderr
    assert not (tree / "bootfs").exists()
