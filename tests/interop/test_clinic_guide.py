"""The commands that docs/clinic.md shows for stock tools do what it says, word for word."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.envelope.container import IMAGE, SHOT
from kiosk.envelope.recipients import HYBRID, X25519, generate_identity
from kiosk.envelope.signatures import SigningKey
from tests.envelope.samples import container_of, sealed_of
from tests.interop.conftest import FOLDER

GUIDE = Path(__file__).parents[2] / "docs" / "clinic.md"
POSE_BYTES = b"landmarks"
PROVEN = [f"{part} is the signed one" for part in SHOT.parts]
IMAGE_BYTES = b"\xff\xd8 a picture \xff\xd9" * 10_000


def blocks() -> list[str]:
    """Return the shell blocks of the last chapter: age, node, what both lead to, the trail."""
    _, chapter = GUIDE.read_text(encoding="utf-8").split("\n## The same with stock tools only\n")
    return re.findall(r"^```sh\n(.*?)^```", chapter, re.DOTALL | re.MULTILINE)


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a block as if it were typed: a line that fails does not keep the next from running."""
    return subprocess.run(
        ["sh", "-u", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def desk(tmp_path: Path) -> Callable[[str], Path]:
    """Return a folder as the guide assumes it, for a kind of key."""

    def lay_out(kind: str) -> Path:
        identity, key = generate_identity(kind), SigningKey.generate()
        sealed = sealed_of(container_of(IMAGE_BYTES, key, pose=POSE_BYTES), [identity.recipient()])
        (tmp_path / "picture.age").write_bytes(sealed)
        (tmp_path / "archive.identity").write_text(f"# archive\n{identity.secret_text()}\n")
        (tmp_path / "stations").write_text(
            f'kiosk-01 namespaces="shot@capture-station" {key.public_line("room 1")}\n'
        )
        return tmp_path

    return lay_out


@pytest.mark.usefixtures("age")
def test_the_way_with_age(desk: Callable[[str], Path]) -> None:
    with_age, _, prove, _ = blocks()
    folder = desk(X25519)
    require_proven(folder, with_age, prove)


@pytest.mark.usefixtures("node")
def test_the_way_with_node(desk: Callable[[str], Path]) -> None:
    _, with_node, prove, _ = blocks()
    folder = desk(HYBRID)
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    require_proven(folder, with_node, prove)


def require_proven(folder: Path, opening: str, prove: str) -> None:
    opened = shell(opening, folder)
    assert opened.returncode == 0, opened.stderr
    proven = shell(prove, folder)
    assert proven.returncode == 0, proven.stderr
    assert 'Good "shot@capture-station" signature for kiosk-01' in proven.stdout
    assert proven.stdout.splitlines()[-3:] == PROVEN
    image = (folder / IMAGE).read_bytes()
    assert hashlib.sha256(image).digest() == hashlib.sha256(IMAGE_BYTES).digest()


@pytest.mark.usefixtures("age")
def test_the_way_with_age_finds_a_changed_picture(desk: Callable[[str], Path]) -> None:
    with_age, _, prove, _ = blocks()
    folder = desk(X25519)
    assert shell(with_age, folder).returncode == 0
    checks = prove.split("unzip shot.zip\n")[1]
    assert shell("unzip -q shot.zip", folder).returncode == 0
    (folder / IMAGE).write_bytes(IMAGE_BYTES[:-1])
    said = shell(checks, folder).stdout
    assert said.splitlines()[-3:] == ["image.jpg WAS CHANGED", *PROVEN[1:]]
    (folder / IMAGE).write_bytes(IMAGE_BYTES)
    (folder / "manifest.json").write_bytes(b"{}")
    done = shell(checks, folder)
    assert "Good" not in done.stdout
    assert "Could not verify signature" in done.stdout + done.stderr
    changed = [f"{part} WAS CHANGED" for part in SHOT.parts]
    assert done.stdout.splitlines()[-3:] == changed
