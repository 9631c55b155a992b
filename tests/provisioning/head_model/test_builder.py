"""The head model's builder, on few heads: the whole way, and the same again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kiosk.capture.pose import head, model_file, parts
from kiosk.capture.pose.geometry import Angles
from kiosk.capture.pose.mesh import POINTS
from provisioning.demo.patient import data
from provisioning.demo.patient.data import HeadData
from provisioning.head_model.relief import relief
from provisioning.head_model.samples import Sample, rendered
from provisioning.head_model.store import note_of, store
from provisioning.head_model.training import part_ways, train
from provisioning.head_model.variety import KINDS, scene

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def heads() -> HeadData:
    return data.load()


@pytest.fixture(scope="module")
def samples(heads: HeadData) -> tuple[Sample, ...]:
    return tuple(rendered(heads, range(6), 24, seed=9))


def test_a_head_is_the_same_whichever_others_are_rendered(
    heads: HeadData, samples: tuple[Sample, ...]
) -> None:
    again = next(rendered(heads, range(3, 4), 1, seed=9))
    same = next(one for one in samples if one.head == again.head)
    assert same.pose == again.pose
    np.testing.assert_array_equal(same.mesh.points, again.mesh.points)


def test_what_is_true_of_a_sample_is_near_what_is_seen(samples: tuple[Sample, ...]) -> None:
    trusted = [one for one in samples if one.trusted]
    assert 50 < len(trusted) < len(samples)
    for one in trusted:
        nose, box = one.mesh.points[1], one.face.box
        assert np.hypot(nose[0] - one.pose.x, nose[1] - one.pose.y) < 1.2 * box[3]
        # 160 mm and more from forehead to chin, less where the head is bowed or thrown back.
        assert 70 < box[3] / one.pose.px_per_mm < 260


def test_every_kind_of_pose_is_rendered() -> None:
    rng = np.random.default_rng(2)
    scenes = [scene(rng) for _ in range(300)]
    assert sum(kind.share for kind in KINDS) < 1.0
    for kind in KINDS:
        near = [
            one
            for one in scenes
            if abs(abs(one.held.yaw) - kind.yaw) < 10 and abs(one.held.pitch - kind.pitch) < 10
        ]
        assert len(near) > 15
    sides = [one.held.yaw > 0 for one in scenes if abs(one.held.yaw) > 30]
    assert 0.35 < np.mean(sides) < 0.65


def test_a_small_model_is_trained_stored_and_read(
    heads: HeadData,
    samples: tuple[Sample, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = train(samples, (), relief(heads, 3, seed=9))
    paths = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for path in paths:
        store(model, part_ways(samples), path, note_of(heads=6, pictures=24, seed=9, faces="none"))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    monkeypatch.setattr(model_file, "FILE", paths[0])
    read = head.load_head_model()
    assert read.mean.shape == (POINTS, 3)
    np.testing.assert_allclose(read.mean, model.mean, atol=1e-3)
    assert parts.load_ways().shape == (4, 8, parts.SIDE**2)
    with np.load(paths[0], allow_pickle=False) as stored:
        note = stored["note.txt"].decode()
    assert "heads: 6\npictures of each: 24\nseed: 9\nfurther faces: none\n" in note
    # The heads it was trained on, from the front: better than the mean face alone.
    frontal = [one for one in samples if one.trusted and abs(one.seen.yaw) < 20]
    trained = [
        abs(read.of_mesh(o.mesh, o.camera).angles.pitch - o.pose.angles.pitch) for o in frontal
    ]
    alone = [abs(Angles.of(read.lay(o.mesh).rotation).pitch - o.seen.pitch) for o in frontal]
    assert np.mean(trained) < 2.0
    assert np.mean(trained) < 0.5 * np.mean(alone)


def test_relief_shows_a_face_from_its_right_side(heads: HeadData) -> None:
    found = relief(heads, 3, seed=9)
    # Halves of the window's side: the cheek is nearer than nose and lips at the right edge.
    assert found.relief[64, 70] > found.relief[64, 104] + 0.05
    assert found.weight[64, 75] > 0.9
    assert found.weight[2, 125] == 0.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--faces", "/nowhere/truth.json"],
            "/nowhere/truth.json: expected a description of faces: No such file or directory.\n",
        ),
        (["--heads", "9"], "--heads 9: expected 10 or more; fewer teach nothing.\n"),
    ],
)
def test_what_cannot_be_built_is_told_at_once(arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "provisioning.head_model", "-o", "/dev/null", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    assert done.returncode == 1
    assert done.stderr.endswith(said)
    assert "Traceback" not in done.stderr
