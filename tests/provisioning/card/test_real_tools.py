"""The card's files as the real tools read them, and typing errors that they find."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioning.card import contents
from provisioning.card.contents import Release
from provisioning.card.order import Wanted, load_bench, take
from tests.provisioning.card.conftest import ROOT, Desk

SCRIPTS = ("place.sh", "first-boot.sh", "firstrun.sh")
HERE = ROOT / "provisioning/card"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tool() -> Run:
    def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed on this machine")
        return subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def seed(bench: Desk, tmp_path: Path) -> Path:
    """The three files of cloud-init."""
    now = datetime(2026, 12, 1, tzinfo=UTC)
    order = take(load_bench(bench.clinic), Wanted("kiosk-01", "imx708"), now)
    folder = tmp_path / "seed"
    folder.mkdir()
    for name, content in contents.starters(order, Release.TRIXIE).items():
        (folder / name).write_bytes(content)
    return folder


def schema(tool: Run, path: Path, *kind: str) -> subprocess.CompletedProcess[str]:
    return tool("cloud-init", "schema", *kind, "--config-file", path)


def test_cloud_init_has_nothing_against_the_user_data(tool: Run, seed: Path) -> None:
    done = schema(tool, seed / "user-data")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Valid" in done.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("#cloud-config", "#cloud-confg"),
        ("  - [systemctl,", "  - {systemctl: 1,"),
        ("lock_passwd: true", "lock_passwd: perhaps"),
        ("  - name: technician", "  - nme: technician"),
        ("disable_root: true", "disable_root: [true"),
        ("  - [sh,", "  - {sh: 1,"),
        ("manage_etc_hosts: false", "manage_etc_hosts: nobody"),
    ],
)
def test_a_planted_typo_in_the_user_data_is_seen(tool: Run, seed: Path, old: str, new: str) -> None:
    path = seed / "user-data"
    text = path.read_text("ascii")
    assert old in text
    path.write_text(text.replace(old, new), encoding="ascii")
    assert schema(tool, path).returncode != 0


def test_the_user_data_says_these_things_and_no_other(seed: Path) -> None:
    """Cloud-init of Debian 12 lets unknown keys pass, and any word for `ssh_pwauth`."""
    lines = (seed / "user-data").read_text("ascii").splitlines()
    assert [line for line in lines if re.match(r"\w", line)] == [
        *("hostname: kiosk-01", "manage_etc_hosts: false", "users:", "ssh_pwauth: false"),
        *("disable_root: true", "runcmd:"),
    ]


def test_the_network_of_the_card_is_well_formed(tool: Run, seed: Path) -> None:
    if "network-config" not in tool("cloud-init", "schema", "--help").stdout:
        pytest.skip("this machine's cloud-init cannot check network-config (before 23.4)")
    kind = ("--schema-type", "network-config")
    path = seed / "network-config"
    assert schema(tool, path, *kind).returncode == 0
    path.write_text(path.read_text("ascii").replace("ethernets", "ethernts"), encoding="ascii")
    assert schema(tool, path, *kind).returncode != 0


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_shell_has_nothing_against_the_scripts(tool: Run, name: str, tmp_path: Path) -> None:
    assert tool("sh", "-n", HERE / name).returncode == 0
    broken = tmp_path / name
    broken.write_text((HERE / name).read_text("utf-8") + "\nif true; then\n", encoding="utf-8")
    assert tool("sh", "-n", broken).returncode != 0


@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_has_nothing_against_the_scripts(tool: Run, name: str, tmp_path: Path) -> None:
    done = tool("shellcheck", HERE / name)
    assert done.returncode == 0, done.stdout
    broken = tmp_path / name
    text = (HERE / name).read_text("utf-8")
    broken.write_text(text + "\nrm -rf $undefined/*\n", encoding="utf-8")
    assert tool("shellcheck", broken).returncode != 0


def verify(tool: Run, unit: Path) -> str:
    done = tool("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)
    # The program comes with the card, and is not on this machine.
    missing = "Command /var/lib/capture-station/first-boot is not executable: No such file"
    return "\n".join(line for line in done.stderr.splitlines() if missing not in line)


def test_the_unit_of_the_first_boot_is_well_formed(tool: Run, tmp_path: Path) -> None:
    name = "capture-station-first-boot.service"
    assert verify(tool, HERE / name) == ""
    text = (HERE / name).read_text("utf-8")
    for old, new in (
        ("Restart=on-failure", "Restart=on-failur"),
        ("[Service]", "[Servise]"),
        ("TimeoutStartSec=infinity", "TimeoutStartSec=for ever"),
        ("WantedBy=", "WantedBay="),
    ):
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
        assert verify(tool, tmp_path / name) != "", old
