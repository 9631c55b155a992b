"""A signed update goes into the other half of the card; anything else leaves that half alone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioning.install.machine import InstallError, Machine
from provisioning.install.updating import HALVES, NAMESPACE, PRINCIPAL, SIGNERS, main, update

TOOLS = ("ssh-keygen", "zstd", "img2simg", "simg2img")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)),
    reason=f"this machine lacks one of {', '.join(TOOLS)} (zstd, android-sdk-libsparse-utils)",
)

BLOCK = 4096
"""Sparse images consist of such blocks."""


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)


class Station:
    """A station of an image: the half that does not run is two files."""

    def __init__(self, root: Path, checkout: Path) -> None:
        self.machine = Machine(root / "root", checkout)
        self.keys, self.file = root / "keys", root / "update.tar.zst"
        self.keys.mkdir()
        for device in HALVES.values():
            self.half(device).parent.mkdir(parents=True, exist_ok=True)
            self.half(device).write_bytes(b"before" + bytes(3 * BLOCK))
        signers = self.machine.at(SIGNERS)
        signers.parent.mkdir(parents=True)
        public = self.key("release").with_suffix(".pub").read_text("ascii")
        signers.write_text(f'{PRINCIPAL} namespaces="{NAMESPACE}" {public}', encoding="ascii")

    def half(self, device: str) -> Path:
        return self.machine.at(device)

    def key(self, name: str) -> Path:
        path = self.keys / name
        if not path.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)
        return path

    def build(self, *parts: str) -> None:
        """Make what rpi-image-gen leaves: sparse images, packed."""
        folder = self.file.with_name("built")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for part in parts:
            (folder / "raw").write_bytes(part.encode() + bytes(2 * BLOCK - len(part)))
            run("img2simg", folder / "raw", folder / part)
        run("tar", "-I", "zstd", "-C", folder, "-cf", self.file, *parts)

    def sign(self, name: str = "release", namespace: str = NAMESPACE) -> None:
        self.file.with_name(f"{self.file.name}.sig").unlink(missing_ok=True)
        run("ssh-keygen", "-Y", "sign", "-f", self.key(name), "-n", namespace, self.file)

    def untouched(self) -> bool:
        return all(self.half(one).read_bytes().startswith(b"before") for one in HALVES.values())


@pytest.fixture
def station(tmp_path: Path, checkout: Path) -> Station:
    made = Station(tmp_path, checkout)
    made.build(*HALVES)
    made.sign()
    return made


def test_a_signed_update_is_written_whole_and_leaves_nothing_beside_it(station: Station) -> None:
    said = update(station.machine, station.file)
    assert said.endswith('reboot "0 tryboot"')
    for part, device in HALVES.items():
        assert station.half(device).read_bytes()[: 2 * BLOCK].rstrip(b"\0") == part.encode()
    assert not list(station.file.parent.glob(".update-*"))


def changed(station: Station) -> None:
    with station.file.open("r+b") as file:
        file.seek(20)
        file.write(b"\xff\xff")


def by_another(station: Station) -> None:
    station.sign("somebody")


def for_something_else(station: Station) -> None:
    station.sign(namespace="check@capture-station")


def without_signature(station: Station) -> None:
    station.file.with_name(f"{station.file.name}.sig").unlink()


def without_a_key(station: Station) -> None:
    station.machine.at(SIGNERS).unlink()


def half_an_update(station: Station) -> None:
    station.build("boot")
    station.sign()


def no_archive(station: Station) -> None:
    station.file.write_bytes(b"no archive")
    station.sign()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (changed, "is not signed by the key of this station's image"),
        (by_another, "is not signed by the key"),
        (for_something_else, "is not signed by the key"),
        (without_signature, "update.tar.zst.sig is not there"),
        (without_a_key, "release-signers is not there"),
        (half_an_update, "cannot be unpacked"),
        (no_archive, "cannot be unpacked"),
    ],
)
def test_anything_else_leaves_the_other_half_alone(
    station: Station, spoil: Callable[[Station], None], words: str
) -> None:
    spoil(station)
    with pytest.raises(InstallError, match=words):
        update(station.machine, station.file)
    assert station.untouched()
    assert not list(station.file.parent.glob(".update-*"))


def test_a_station_with_one_system_says_so(station: Station) -> None:
    station.half(HALVES["boot"]).unlink()
    with pytest.raises(InstallError, match="expected a station of an image with two systems"):
        update(station.machine, station.file)


def test_a_part_that_is_no_image_is_named_and_the_running_system_is_as_it_was(
    station: Station,
) -> None:
    folder = station.file.with_name("built")
    (folder / "boot").write_bytes(b"no sparse image")
    run("tar", "-I", "zstd", "-C", folder, "-cf", station.file, *HALVES)
    station.sign()
    with pytest.raises(InstallError, match="simg2img"):
        update(station.machine, station.file)


def test_the_command_wants_one_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: capture-station-update" in capsys.readouterr().err
