"""The installer over a tree of its own: what it does once, it does not do again."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from kiosk.commission.digests import RECORD
from kiosk.commission.firewall import RULES
from kiosk.commission.machine_paths import UNITS
from kiosk.durable import Counter
from kiosk.envelope.signatures import PublicKey
from provisioning.install.keys import (
    NAMES,
    KeysStep,
    _begin_counting,
    enrolment,
    public_lines,
)
from provisioning.install.machine import InstallError, Machine, run
from provisioning.install.network import DROP_IN
from provisioning.install.packages import DEBIAN, RASPBERRY_PI
from provisioning.install.parts import PARTS
from provisioning.install.plan import CONFIG, Choices, included, steps
from provisioning.install.steps import Step, run_steps
from provisioning.install.system import DISTRIBUTION_ENABLED, ENABLED, MASKED, SwapStep

STOCK_CONFIG = """\
# For more options and information see the documentation
dtparam=audio=on
camera_auto_detect=1
display_auto_detect=1
auto_initramfs=1
dtoverlay=vc4-kms-v3d
max_framebuffers=2
disable_fw_kms_setup=1
arm_64bit=1
disable_overscan=1
arm_boost=1

[cm4]
otg_mode=1

[cm5]
dtoverlay=dwc2,dr_mode=host

[all]
"""
STOCK_CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=ab-02 rootwait quiet\n"


@dataclass
class FakeDebian:
    """Stands for apt, pip and systemd in a tree: records each command and leaves its traces."""

    root: Path
    checkout: Path
    commands: list[tuple[str, ...]] = field(default_factory=list)
    failing: str = ""

    def __call__(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        inside = tuple(command)[2:] if command[0] == "chroot" else tuple(command)
        self.commands.append(inside)
        if self.failing and self.failing in " ".join(inside):
            raise InstallError(f"`{' '.join(inside)}` ended with code 1")
        if inside[0] == "apt-get" and "install" in inside:
            assert environment == {"DEBIAN_FRONTEND": "noninteractive"}
            self._installed([word for word in inside[2:] if not word.startswith("-")])
        elif inside[1:3] == ("-m", "venv"):
            self._environment(Path(inside[-1]))
        elif "wheel" in inside:
            folder = Path(inside[inside.index("--wheel-dir") + 1])
            folder.mkdir()
            (folder / "capture_station-1-py3-none-any.whl").write_bytes(b"a wheel")
        elif inside[-1].endswith(".whl"):
            self._program(Path(inside[0]).parents[1])
        elif inside[0] == "systemd-sysusers":
            self._users()
        elif inside[0] == "systemd-tmpfiles":
            self._folders()
        return ""

    def at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _installed(self, packages: list[str]) -> None:
        status = self.at("/var/lib/dpkg/status")
        rows = [f"Package: {name}\nStatus: install ok installed\n" for name in packages]
        status.write_text(status.read_text("utf-8") + "\n".join(rows), encoding="utf-8")

    def _environment(self, folder: Path) -> None:
        if folder.is_relative_to("/opt"):
            python = self.at(f"{folder}/bin/python")
            python.parent.mkdir(parents=True)
            python.symlink_to("/usr/bin/python3")
            self.at(f"{folder}/lib/python3.11/site-packages").mkdir(parents=True)

    def _program(self, folder: Path) -> None:
        target = self.at(f"{folder}/lib/python3.11/site-packages/kiosk")
        shutil.copytree(self.checkout / "kiosk", target)

    def _users(self) -> None:
        rows = self.at("/etc/sysusers.d/kiosk.conf").read_text("utf-8").splitlines()
        parts = [row.split() for row in rows]
        users = [part[1] for part in parts if part and part[0] == "u"]
        members: dict[str, list[str]] = {part[1]: [] for part in parts if part and part[0] == "g"}
        for part in parts:
            if part and part[0] == "m":
                members.setdefault(part[2], []).append(part[1])
        self.at("/etc/passwd").write_text("".join(f"{user}:x:9:9::/:\n" for user in users))
        groups = "".join(f"{name}:x:9:{','.join(who)}\n" for name, who in members.items())
        self.at("/etc/group").write_text(groups)

    def _folders(self) -> None:
        for row in self.at("/etc/tmpfiles.d/kiosk.conf").read_text("utf-8").splitlines():
            if row.startswith("d "):
                _, path, mode, *_ = row.split()
                self.at(path).mkdir(parents=True, exist_ok=True)
                self.at(path).chmod(int(mode, 8))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "var/lib/dpkg/status": "",
        "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
        "etc/group": "root:x:0:\n",
        "etc/hostname": "room-two\n",
        "etc/fstab": "PARTUUID=ab-02 / ext4 defaults 0 1\n/dev/sda3 none swap sw 0 0\n",
        "boot/firmware/config.txt": STOCK_CONFIG,
        "boot/firmware/cmdline.txt": STOCK_CMDLINE,
        "var/swap": "what was in memory",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def small_checkout(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """The checkout without what others may be changing while this runs."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in PARTS:
        if name == "kiosk":
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (checkout / name).is_dir():
            shutil.copytree(checkout / name, folder / name, ignore=shutil.ignore_patterns("*.pyc"))
        else:
            shutil.copy(checkout / name, folder / name)
    (folder / "kiosk").mkdir()
    (folder / "kiosk/__init__.py").write_text("", encoding="ascii")
    return folder


@pytest.fixture
def debian(tree: Path, small_checkout: Path) -> FakeDebian:
    return FakeDebian(tree, small_checkout)


@pytest.fixture
def machine(tree: Path, small_checkout: Path, debian: FakeDebian) -> Machine:
    return Machine(tree, small_checkout, debian)


def install(machine: Machine, camera: str | None = "imx708", *, battery: bool = False) -> int:
    plan = steps(machine, Choices(camera, battery))
    return run_steps(plan, machine, io.StringIO())


def snapshot(root: Path) -> dict[str, tuple[int, int, str]]:
    """Everything that a second run must leave alone: mode, inode and content of each path."""
    found = {}
    for path in sorted(root.rglob("*")):
        state = path.lstat()
        content = path.read_bytes().hex() if path.is_file() and not path.is_symlink() else ""
        found[str(path)] = (state.st_mode, state.st_ino, content)
    return found


def test_a_second_run_changes_nothing_and_runs_nothing(
    machine: Machine, debian: FakeDebian, tree: Path
) -> None:
    assert install(machine) > 10
    before = snapshot(tree)
    debian.commands.clear()
    assert install(machine, camera=None) == 0
    assert debian.commands == []
    assert snapshot(tree) == before


def test_the_station_is_as_it_must_be(machine: Machine, debian: FakeDebian, tree: Path) -> None:
    install(machine)
    packages = {word for command in debian.commands for word in command}
    assert packages >= {*DEBIAN, *RASPBERRY_PI}
    for unit, target in ENABLED.items():
        assert str((tree / f"{UNITS[1:]}/{target}.wants/{unit}").readlink()) == f"{UNITS}/{unit}"
    for unit, target in DISTRIBUTION_ENABLED.items():
        link = tree / f"{UNITS[1:]}/{target}.wants/{unit}"
        assert str(link.readlink()) == f"/usr/lib/systemd/system/{unit}"
    for unit in MASKED:
        assert str((tree / f"{UNITS[1:]}/{unit}").readlink()) == "/dev/null"
    assert str((tree / "usr/local/bin/kiosk").readlink()) == "/opt/kiosk/bin/kiosk"
    assert not (tree / "var/swap").exists()
    assert "\n# no swap on a Capture Station: /dev/sda3" in (tree / "etc/fstab").read_text("utf-8")
    assert (tree / "boot/firmware/cmdline.txt").read_text("utf-8").split()[:2] == [
        "root=PARTUUID=ab-02",
        "rootwait",
    ]
    assert (tree / str(RECORD)[1:]).exists()


def test_all_that_opens_or_closes_something_is_recorded(machine: Machine, tree: Path) -> None:
    drop_in = tree / DROP_IN[1:]
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nIPAddressAllow=192.0.2.5\n", encoding="ascii")
    install(machine)
    recorded = set(json.loads((tree / str(RECORD)[1:]).read_text("utf-8"))["files"])
    assert recorded >= {
        DROP_IN,
        RULES,
        f"{UNITS}/kiosk-capture.service",
        "/etc/sysctl.d/90-kiosk.conf",
        "/etc/systemd/journald.conf.d/90-kiosk.conf",
        "/etc/udev/rules.d/90-kiosk.rules",
        "/etc/udev/rules.d/91-kiosk-typing.rules",
        "/boot/firmware/kiosk.txt",
        "/boot/firmware/kiosk-imx708.txt",
        "/boot/firmware/kiosk-cmdline.txt",
    }


def test_libraries_come_as_locked_wheels_only(machine: Machine, debian: FakeDebian) -> None:
    install(machine)
    from_lock = [command for command in debian.commands if "-r" in command]
    assert len(from_lock) == 2
    for command in from_lock:
        assert {"--require-hashes", "--only-binary=:all:"} <= set(command)
    (ours,) = [command for command in debian.commands if command[-1].endswith(".whl")]
    assert {"--no-index", "--no-deps"} <= set(ours)


def test_an_image_gets_no_keys(machine: Machine, debian: FakeDebian, tree: Path) -> None:
    install(machine)
    assert not any("ssh-keygen" in command for command in debian.commands)
    assert list((tree / "etc/kiosk/keys").iterdir()) == []


def test_a_failed_step_stops_and_the_next_run_goes_on(
    machine: Machine, debian: FakeDebian, tree: Path
) -> None:
    debian.failing = "--require-hashes"
    with pytest.raises(InstallError, match="code 1"):
        install(machine)
    assert not (tree / "etc/systemd/system/kiosk.target").exists()
    debian.failing = ""
    install(machine)
    assert install(machine) == 0


def test_what_was_changed_by_hand_is_put_right_but_not_station_toml(
    machine: Machine, tree: Path
) -> None:
    install(machine)
    unit = tree / "etc/systemd/system/kiosk-upload.service"
    shipped = unit.read_text("utf-8")
    unit.write_text(shipped.replace("IPAddressDeny=any", ""), encoding="utf-8")
    station = tree / "etc/kiosk/station.toml"
    station.write_text("filled in", encoding="utf-8")
    (tree / "var/spool/kiosk").chmod(0o777)
    (tree / "etc/systemd/system/getty@tty1.service").unlink()
    (tree / "etc/sysctl.d/90-kiosk.conf").chmod(0o666)
    group = tree / "etc/group"
    group.write_text(group.read_text("utf-8").replace(",kiosk-upload", ""), encoding="utf-8")
    assert install(machine) == 5
    assert ",kiosk-upload" in group.read_text("utf-8")
    assert stat.S_IMODE((tree / "etc/sysctl.d/90-kiosk.conf").stat().st_mode) == 0o644
    assert unit.read_text("utf-8") == shipped
    assert station.read_text("utf-8") == "filled in"
    assert stat.S_IMODE((tree / "var/spool/kiosk").stat().st_mode) == 0o2770


def test_a_dry_run_changes_nothing(machine: Machine, debian: FakeDebian, tree: Path) -> None:
    before = snapshot(tree)
    out = io.StringIO()
    assert run_steps(steps(machine, Choices("imx477")), machine, out, dry=True) > 10
    assert snapshot(tree) == before
    assert debian.commands == []
    assert "would change" in out.getvalue()


def test_a_step_that_did_not_help_is_an_error(machine: Machine) -> None:
    class Useless:
        name = "useless"

        def missing(self, machine: Machine) -> str:
            return f"{machine.root} is not there"

        def apply(self, machine: Machine) -> None:
            machine.runner(("true",), {})

    step: Step = Useless()
    with pytest.raises(InstallError, match="useless: this was done, and still"):
        run_steps([step], machine, io.StringIO())


def test_a_pi_needs_its_camera_named_once(machine: Machine) -> None:
    with pytest.raises(InstallError, match="--camera imx477 or --camera imx708"):
        steps(machine, Choices())
    install(machine, "imx477")
    assert included(machine, Choices()) == ("kiosk.txt", "kiosk-imx477.txt")
    install(machine, "imx708", battery=True)
    text = machine.read(CONFIG) or ""
    assert [line for line in text.splitlines() if line.startswith("include")] == [
        "include kiosk.txt",
        "include kiosk-imx708.txt",
        "include kiosk-clock-battery.txt",
    ]


def test_a_plain_debian_gets_neither_firmware_nor_pi_packages(
    machine: Machine, debian: FakeDebian, tree: Path
) -> None:
    shutil.rmtree(tree / "boot")
    install(machine, camera=None)
    words = {word for command in debian.commands for word in command}
    assert not words & set(RASPBERRY_PI)
    assert not (tree / "boot").exists()


@pytest.mark.parametrize(
    ("guide", "wanted"),
    [
        ("", False),
        ('[guide]\nvoice = "off"\n', False),
        ('[guide]\nvoice = "espeak-ng"\n', True),
        ("[guide\n", False),
        ("guide = 3\n", False),
    ],
)
def test_speech_is_installed_where_the_station_is_to_speak(
    machine: Machine, debian: FakeDebian, tree: Path, guide: str, *, wanted: bool
) -> None:
    settings = tree / "etc/kiosk/station.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(guide, encoding="utf-8")
    install(machine)
    words = {word for command in debian.commands for word in command}
    assert ("espeak-ng" in words) is wanted


def test_keys_are_made_here_once_and_closed(tree: Path, small_checkout: Path) -> None:
    """With the real ssh-keygen; the tree's path stands for the root."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed on this machine")

    def here(command: Sequence[str], environment: Mapping[str, str]) -> str:
        inside = command[2:] if command[0] == "chroot" else command
        if inside[0] == "chown":  # there is no such user on this machine
            owned.append(inside[1:])
            return ""
        mapped = [f"{tree}{word}" if word.startswith("/etc/") else word for word in inside]
        return run(mapped, environment)

    owned: list[Sequence[str]] = []
    machine = Machine(tree, small_checkout, here)
    folder, state = tree / "etc/kiosk/keys", tree / "var/lib/kiosk/capture"
    folder.mkdir(parents=True)
    state.mkdir(parents=True)
    half = folder / ".ssh-key.new"
    half.write_text("what a power cut left", encoding="ascii")
    assert run_steps([KeysStep()], machine, io.StringIO()) == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*NAMES, *(f"{name}.pub" for name in NAMES)]
    )
    for name in NAMES:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    lines = public_lines(machine)
    assert lines["ssh-key"].startswith("ssh-ed25519 ")
    assert lines["ssh-key"].endswith(" ssh-key@room-two")
    said = enrolment(machine)
    assert said[1::2] == [lines["signing-key"], lines["ssh-key"]], "bare, to be copied as they are"
    for name, head in zip(("signing-key", "ssh-key"), said[::2], strict=True):
        key = PublicKey.parse(" ".join(lines[name].split()[:2]))
        assert head == f"/etc/kiosk/keys/{name}.pub, fingerprint {key.fingerprint}:"
    assert owned == [("kiosk-capture:kiosk-spool", "/var/lib/kiosk/capture/.sequence.new")]
    assert Counter(state / "sequence").next() == 1
    assert run_steps([KeysStep()], machine, io.StringIO()) == 0
    assert public_lines(machine) == lines
    (folder / "ssh-key").chmod(0o644)
    assert run_steps([KeysStep()], machine, io.StringIO()) == 1
    assert public_lines(machine) == lines
    # The shots of a key that is gone are not counted on by another.
    (folder / "signing-key").unlink()
    with pytest.raises(InstallError, match="not the signing key that it counted for"):
        run_steps([KeysStep()], machine, io.StringIO())


def test_a_counter_that_never_counted_is_a_power_cut_and_no_loss(
    tree: Path, small_checkout: Path
) -> None:
    machine = Machine(tree, small_checkout, lambda _command, _environment: "")
    state = tree / "var/lib/kiosk/capture"
    state.mkdir(parents=True)
    Counter(state / "sequence").create()
    _begin_counting(machine)
    assert Counter(state / "sequence").next() == 1


def test_a_command_that_fails_is_told_with_what_it_said(tree: Path, small_checkout: Path) -> None:
    machine = replace(Machine(tree, small_checkout), root=Path("/"))
    with pytest.raises(InstallError, match="ended with code 7; it said: no such thing"):
        machine.run("sh", "-c", "echo no such thing >&2; exit 7")
    with pytest.raises(InstallError, match="cannot be run: No such file"):
        machine.run("/nowhere/tool")


def test_a_file_is_whole_or_not_there(machine: Machine, tree: Path) -> None:
    (tree / "etc/kiosk").mkdir()
    (tree / "etc/kiosk/station.toml").mkdir()
    with pytest.raises(InstallError, match=r"/etc/kiosk/station.toml cannot be written"):
        machine.write("/etc/kiosk/station.toml", "text", 0o644)
    assert [path.name for path in (tree / "etc/kiosk").iterdir()] == ["station.toml"]


def test_swap_files_go(machine: Machine, tree: Path) -> None:
    assert SwapStep().missing(machine) == "/var/swap must go"
    SwapStep().apply(machine)
    assert SwapStep().missing(machine) == ""
    assert os.listdir(tree / "var") == ["lib"]  # noqa: PTH208 - names are wanted
