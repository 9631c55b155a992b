"""What can be known of the image without building one: each check is shown a planted fault."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kiosk.sensors import SENSORS
from provisioning.install.packages import DEBIAN, RASPBERRY_PI, SPEECH
from tests.provisioning.image.header import faults, fields

ROOT = Path(__file__).parents[3]
IMAGE = ROOT / "provisioning/image"
LAYER = IMAGE / "layer/capture-station.yaml"
OVERLAY = IMAGE / "layer/capture-station.rootfs-overlay"
CONFIGS = sorted((IMAGE / "config").glob("*.yaml"))
BOARDS = [path for path in CONFIGS if re.search(r"-pi\d\.", path.name)]

_READ = "import sys, json, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"


def read_yaml(text: str) -> Any:  # noqa: ANN401 - whatever stands there
    """Parse by the distribution's own PyYAML, which rpi-image-gen uses as well."""
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import yaml"], check=False, capture_output=True).returncode:
        pytest.skip("this machine has no python3-yaml")
    done = subprocess.run(
        [python, "-c", _READ], input=text, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ValueError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def layer() -> dict[str, list[str]]:
    found: dict[str, list[str]] = read_yaml(LAYER.read_text("utf-8"))["mmdebstrap"]
    return found


def whole(path: Path) -> dict[str, dict[str, Any]]:
    """Merge a configuration over what it includes, section by section."""
    mine = read_yaml(path.read_text("utf-8"))
    included = mine.pop("include", None)
    base = whole(path.parent / included["file"]) if included else {}
    return {key: {**base.get(key, {}), **mine.get(key, {})} for key in {*base, *mine}}


@pytest.mark.parametrize("path", [*CONFIGS, LAYER], ids=lambda path: path.name)
def test_every_file_is_yaml_and_a_planted_tab_is_seen(path: Path) -> None:
    text = path.read_text("utf-8")
    assert isinstance(read_yaml(text), dict)
    broken = re.sub(r"^  (?=\w)", "\t", text, count=1, flags=re.MULTILINE)
    assert broken != text
    with pytest.raises(ValueError, match=r"."):
        read_yaml(broken)


def test_the_header_keeps_to_the_documentation() -> None:
    assert list(faults(LAYER.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("# METABEGIN", "# METABEGINS", "not in list"),
        ("# METAEND", "", "not in list"),
        ("X-Env-Layer-Name:", "X-Env-Layer-Nam:", "X-Env-Layer-Name is missing"),
        ("X-Env-Layer-Requires:", "X-Env-Layer-Require:", "X-Env-Layer-Require is no field"),
        ("Version: 1.0.0", "Version: 1.0", "three numbers"),
        ("Version: 1.0.0", "Version: 01.0.0", "three numbers"),
        ("# X-Env-VarPrefix: station", "#", "need X-Env-VarPrefix"),
        ("Var-camera: imx708", "Var-camera: imx219", "imx219 is not one of"),
        ("Var-clock_battery: n", "Var-clock_battery: maybe", "maybe is not one of"),
        ("Var-camera-Valid:", "Var-camera-Valids:", "is no field"),
        ("Var-camera-Desc:", "Var-camra-Desc:", "but no X-Env-Var-camra"),
        ("Valid: dir", "Valid: folder", "folder is no rule"),
        ("#  this checkout", "#this checkout", "no field"),
    ],
)
def test_each_fault_of_a_header_is_seen(old: str, new: str, words: str) -> None:
    text = LAYER.read_text("utf-8")
    assert old in text
    assert any(words in fault for fault in faults(text.replace(old, new)))


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.name)
def test_a_configuration_sets_what_the_layer_declares_and_brings_no_password(path: Path) -> None:
    config = whole(path)
    board = path.stem.rpartition("-")[2]
    assert config["device"]["layer"] == board.replace("pi", "rpi")
    assert config["image"]["layer"] == "image-rota"
    assert config["layer"] == {"app": fields(LAYER.read_text("utf-8"))["X-Env-Layer-Name"]}
    declared = fields(LAYER.read_text("utf-8"))
    assert {f"X-Env-Var-{key}" for key in config["station"]} <= set(declared)
    assert config["station"]["camera"] in declared["X-Env-Var-camera-Valid"].split(",")
    assert config["ssh"] == {"pubkey_only": "y"}
    assert not {"user1pass", "user1passhash"} & set(config["device"])


def test_every_camera_of_the_installer_can_be_chosen() -> None:
    allowed = fields(LAYER.read_text("utf-8"))["X-Env-Var-camera-Valid"].split(",")
    assert sorted(allowed) == sorted(SENSORS)


def unknown(packages: set[str]) -> set[str]:
    """Return which of these Debian does not have, by this machine's own index."""
    if shutil.which("apt-cache") is None:
        pytest.skip("this machine has no apt-cache")
    said = subprocess.run(
        ["apt-cache", "pkgnames"], capture_output=True, text=True, check=True
    ).stdout.split()
    if len(said) < 10_000:
        pytest.skip("this machine's index of Debian was not fetched (apt-get update)")
    return packages - set(said)


def test_the_packages_are_those_of_the_installer_and_debian_has_them() -> None:
    packages = layer()["packages"]
    assert len(packages) == len(set(packages))
    assert set(packages) >= {*DEBIAN, *RASPBERRY_PI, *SPEECH}
    assert unknown(set(packages) - set(RASPBERRY_PI)) == set()


def test_a_package_with_a_typing_error_is_not_found() -> None:
    assert unknown({"python3-evdevv", "python3-evdev"}) == {"python3-evdevv"}


def missing_paths(hooks: list[str]) -> set[str]:
    """Return what the hooks name of ours and is not there: files of the checkout, units."""
    text = "\n".join(hooks)
    files = re.findall(r"\$IGconf_station_checkout/(\S+)", text)
    units = re.findall(r"enable-units \S+ (.+)", text)
    named = {name: ROOT / name for name in files}
    for unit in " ".join(units).split():
        named[unit] = OVERLAY / f"etc/systemd/system/{unit}.service"
    assert named
    return {name for name, path in named.items() if not path.is_file()}


def test_what_the_hooks_name_is_there() -> None:
    hooks = layer()["customize-hooks"]
    assert missing_paths(hooks) == set()
    assert missing_paths([hook.replace("into-tree", "in-tree") for hook in hooks])
    assert missing_paths([hook.replace("-card", "-crad") for hook in hooks])


def test_the_checkout_is_found_from_the_layer() -> None:
    relative = fields(LAYER.read_text("utf-8"))["X-Env-Var-checkout"]
    assert relative.startswith("${DIRECTORY}/")
    found = (LAYER.parent / relative.removeprefix("${DIRECTORY}/")).resolve()
    assert (found / "pyproject.toml").is_file()


def test_everything_that_can_be_run_may_be() -> None:
    local = OVERLAY / "usr/local"
    programs = ("libexec/capture-station/take-card", "sbin/capture-station-update")
    for path in (IMAGE / "into-tree.sh", *(local / name for name in programs)):
        assert path.stat().st_mode & 0o111 == 0o111, path


def described(kind: str, text: str) -> list[list[str]]:
    rows = [line.split() for line in text.splitlines()]
    return [row for row in rows if row and row[0] == kind]


def lost_with_the_slot(shared: str) -> list[str]:
    """Return folders of the station that would stay behind in the other slot, or be read-only."""
    paths = [line.removeprefix("Path=") for line in shared.splitlines() if "Path=" in line]
    made = described("d", (ROOT / "systemd/tmpfiles.d/kiosk.conf").read_text("utf-8"))
    folders = [row[1] for row in made if not row[1].startswith("/run/")]
    assert len(folders) > 5
    return [path for path in folders if not any(Path(path).is_relative_to(p) for p in paths)]


def test_what_a_station_keeps_outlives_the_slot() -> None:
    shared = (OVERLAY / "etc/rpi-image-gen/slot-shared.d/capture-station.conf").read_text("utf-8")
    assert "\nVersion=1\n" in shared
    assert lost_with_the_slot(shared) == []
    assert "/var/spool/kiosk" in lost_with_the_slot(shared.replace("/var/spool", "/var/spol"))


def without_number(numbers: str) -> set[str]:
    """Return users and groups that own something lasting and have no number of their own."""
    users = {row[1]: row[2].split(":")[0] for row in described("u", numbers)}
    groups = {row[1]: row[2] for row in described("g", numbers)}
    assert len(set(groups.values())) == len(groups)
    assert all(groups[name] == number for name, number in users.items())
    made = described("d", (ROOT / "systemd/tmpfiles.d/kiosk.conf").read_text("utf-8"))
    owners = {name for row in made for name in row[3:5]} - {"root"}
    ours = described("u", (ROOT / "systemd/sysusers.d/kiosk.conf").read_text("utf-8"))
    return ({row[1] for row in ours} | owners) - set(groups)


def test_who_owns_what_lasts_has_the_same_number_in_every_image() -> None:
    path = OVERLAY / "etc/sysusers.d/00-capture-station-numbers.conf"
    numbers = path.read_text("utf-8")
    assert without_number(numbers) == set()
    assert without_number(numbers.replace("g kiosk-spool 701\n", "")) == {"kiosk-spool"}
    # Debian gives numbers to others from 999 downwards (systemd-sysusers) and 100 upwards.
    assert all(700 < int(row[2]) < 800 for row in described("g", numbers))
