"""Networks and the head model: what is said where a file is missing or another one."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from kiosk.capture.pose import cover, head, model_file, models
from kiosk.capture.pose.models import (
    BLENDSHAPES,
    DIGESTS,
    FACE_MESH,
    YUNET,
    load_network,
    model_bytes,
)
from kiosk.errors import ConfigError

REPOSITORY = Path(__file__).parents[3]
SHIPPED = REPOSITORY / "kiosk/capture/pose/models"


@pytest.mark.parametrize("name", DIGESTS)
def test_each_shipped_network_is_the_published_one(name: str) -> None:
    content = model_bytes(name).tobytes()
    assert content == (SHIPPED / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == DIGESTS[name]


def test_every_shipped_network_is_named_with_its_licence() -> None:
    told = (SHIPPED / "README.md").read_text()
    shipped = {path.name for path in SHIPPED.iterdir()} - {"README.md", "LICENSE-yunet.txt"}
    assert shipped == set(DIGESTS)
    assert all(f"| {name} |" in told for name in shipped)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "models"
    shutil.copytree(SHIPPED, copy)
    monkeypatch.setattr(models, "_FOLDER", copy)
    return copy


def test_a_missing_network_is_told_with_what_to_do(folder: Path) -> None:
    (folder / FACE_MESH).unlink()
    said = (
        f"{FACE_MESH}: expected this model among the program's data, but: [Errno 2] No such file "
        f"or directory: '{folder / FACE_MESH}'; install the program again"
    )
    with pytest.raises(ConfigError, match=f"^{re.escape(said)}$"):
        load_network(FACE_MESH)


@pytest.mark.parametrize("name", [YUNET, FACE_MESH, BLENDSHAPES])
def test_a_network_with_one_other_bit_is_not_loaded(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    got = hashlib.sha256(content).hexdigest()
    said = (
        f"{name}: this is not the model that was published: expected SHA-256 {DIGESTS[name]}, got "
        f"{got}; install the program again"
    )
    with pytest.raises(ConfigError, match=f"^{re.escape(said)}$"):
        load_network(name)


def damaged_at(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 0xFF
    return bytes(changed)


COVER_MODELS = (model_file.COVER_MODEL, model_file.ASIDE_COVER_MODEL)

TRAINED: Mapping[str, tuple[Path, Callable[[], object]]] = {
    "FILE": (model_file.FILE, head.load_head_model),
    "COVER_MODEL": (model_file.COVER_MODEL, cover.load_readouts),
    "ASIDE_COVER_MODEL": (model_file.ASIDE_COVER_MODEL, cover.load_readouts),
}


@pytest.mark.parametrize("fault", ["missing", "empty", "cut", "text", "flipped", "lacking"])
@pytest.mark.parametrize("trained", TRAINED)
def test_a_damaged_model_of_heads_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: str, fault: str
) -> None:
    shipped, load = TRAINED[trained]
    content = shipped.read_bytes()
    path = tmp_path / shipped.name
    if fault == "lacking":
        with np.load(shipped, allow_pickle=False) as whole:
            one = whole.files[0]
            np.savez(path, **{one: whole[one]})
    elif fault != "missing":
        changed = {
            "empty": b"",
            "cut": content[: len(content) // 2],
            "text": b"a head, one would think\n",
            "flipped": damaged_at(content, len(content) // 2),
        }
        path.write_bytes(changed[fault])
    monkeypatch.setattr(model_file, trained, path)
    begins = f"{shipped.name}: expected this model among the program's data, but: "
    with pytest.raises(ConfigError, match=f"^{re.escape(begins)}.+; install the program again$"):
        load()


def test_the_head_model_says_where_it_comes_from() -> None:
    with np.load(model_file.FILE, allow_pickle=False) as stored:
        note = stored["note.txt"].decode()
    assert f"{FACE_MESH}: SHA-256 {DIGESTS[FACE_MESH]}" in note
    assert f"{YUNET}: SHA-256 {DIGESTS[YUNET]}" in note
    assert re.search(r"^seed: \d+$", note, re.MULTILINE)
    assert re.search(r"^further faces: \w", note, re.MULTILINE)


@pytest.mark.parametrize("file", COVER_MODELS, ids=lambda file: file.name)
def test_the_models_of_covers_say_where_they_come_from(file: Path) -> None:
    with np.load(file, allow_pickle=False) as stored:
        note = stored["note.txt"].decode()
    assert f"{FACE_MESH}: SHA-256 {DIGESTS[FACE_MESH]}" in note
    assert re.search(r"^heads: \d+\nseed: \d+\nfurther faces: \w", note, re.MULTILINE)


def test_the_models_of_heads_stay_small() -> None:
    assert model_file.FILE.stat().st_size <= 700_000
    assert all(file.stat().st_size <= 60_000 for file in COVER_MODELS)
