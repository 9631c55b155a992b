"""Hands that are drawn, and the readout that is trained on them: on little, the whole way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from kiosk.capture.pose import cover, model_file
from kiosk.capture.pose.cover import CHANNELS, PLACES
from provisioning.cover_model.__main__ import arrays, note
from provisioning.cover_model.hand import FILE, Gesture, Hand, HandData, Skin, draw, load, posed
from provisioning.cover_model.looks import LOOKS
from provisioning.cover_model.samples import Sample, rendered
from provisioning.cover_model.training import area, score, train
from provisioning.demo.patient import data as patients
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.person import PERSONS
from provisioning.demo.patient.pose import Attitude, Pinhole
from provisioning.demo.patient.render import Renderer
from provisioning.head_model.store import write

MODULE = Path(__file__).parents[3] / "provisioning/cover_model"
CAMERA = Pinhole(320, 240, 600.0)


@pytest.fixture(scope="module")
def data() -> HandData:
    return load()


def held(data: HandData, curl: float, *, left: bool = False) -> np.typing.NDArray[np.float64]:
    gesture = Gesture((10.0, *[curl] * 4), 0.0, 0.0, np.eye(3), left=left)
    return posed(data, np.full(4, 0.25), gesture)


def test_the_hand_is_the_one_that_its_origin_is_told_of() -> None:
    digest = hashlib.sha256((MODULE / FILE).read_bytes()).hexdigest()
    assert digest in (MODULE / "README.md").read_text(encoding="utf-8")


def test_fingers_bend_to_the_palm(data: HandData) -> None:
    flat, bent, fist = (held(data, curl) for curl in (0.0, 30.0, 80.0))
    tip = int(np.argmax(flat[:, 1]))
    # From the middle finger's root, metres; the palm faces the viewer.
    assert 0.06 < flat[tip, 1] < 0.12
    assert bent[tip, 2] > flat[tip, 2] + 0.02
    assert fist[:, 1].max() < 0.02


def test_a_left_hand_mirrors_a_right_one(data: HandData) -> None:
    right, left = held(data, 30.0), held(data, 30.0, left=True)
    np.testing.assert_allclose(left, right * [-1.0, 1.0, 1.0])


def test_a_hand_covers_what_it_is_drawn_over(data: HandData) -> None:
    picture = np.full((240, 320, 3), 40, np.uint8)
    skin = Skin(np.array([120.0, 150.0, 200.0]), None)
    hand = Hand(held(data, 5.0) + np.array([0.0, 0.0, -1.0]), left=False, skin=skin)
    share = draw(picture, data, hand, CAMERA, Lamps())
    there = share > 0.9
    assert 2000 < there.sum() < 20_000
    assert picture[there].mean() > 80
    assert picture[share == 0].max() <= 40


def test_a_hand_beside_the_picture_changes_nothing(data: HandData) -> None:
    picture = np.full((240, 320, 3), 40, np.uint8)
    hand = Hand(
        held(data, 5.0) + np.array([3.0, 0.0, -1.0]), left=False, skin=Skin(np.ones(3), None)
    )
    assert not draw(picture, data, hand, CAMERA, Lamps()).any()
    assert (picture == 40).all()


@pytest.fixture(scope="module")
def samples() -> Mapping[str, tuple[Sample, ...]]:
    """Of one head that is looked at ahead, and of two that are seen from the side."""
    heads = {"ahead": range(4, 5), "aside": range(4, 6)}
    return {look: tuple(rendered(one, 9, 2, look)) for look, one in heads.items()}


def test_a_head_is_the_same_whichever_others_are_rendered(
    samples: Mapping[str, tuple[Sample, ...]],
) -> None:
    again = tuple(rendered(range(5, 6), 9, 1, "aside"))
    same = [one for one in samples["aside"] if one.head == "rendered 5"]
    assert [one.kind for one in same] == [one.kind for one in again]
    for one, other in zip(same, again, strict=True):
        np.testing.assert_array_equal(one.maps[0], other.maps[0])
        np.testing.assert_array_equal(one.cover, other.cover)


@pytest.mark.parametrize("look", LOOKS)
def test_samples_are_of_every_kind_and_only_what_is_covered_says_so(
    look: str, samples: Mapping[str, tuple[Sample, ...]]
) -> None:
    found = samples[look]
    assert {one.kind for one in found} == {"bare", "worn", "hand", "patch"}
    for one in found:
        if one.kind in {"bare", "worn"}:
            assert area(one) == pytest.approx(0.0)
    assert sum(area(one) > 0.03 for one in found) > len(found) / 4


@pytest.mark.parametrize("yaw", [-80.0, 80.0])
def test_a_side_is_looked_at_with_its_nose_to_the_right(yaw: float) -> None:
    """Whichever side it is; what covers it is mirrored along with it."""
    heads = patients.load()
    head = Head.make(heads, PERSONS["anna"])
    held = Pinhole(640, 480, 1250.0)
    picture = Renderer(head, held).picture(Attitude(yaw=yaw), Lamps())
    before = np.zeros(picture.shape[:2])
    before[:, 320:] = 1.0
    look = LOOKS["aside"]()
    bare = look.lay(picture)
    assert bare is not None
    seen = look.seen(picture, bare, before)
    assert seen is not None
    nose = seen.cover[:, -4:].mean()
    assert nose == pytest.approx(1.0 if yaw > 0 else 0.0)
    assert LOOKS["ahead"]().lay(picture) is None


def sample(rng: np.random.Generator, points: np.typing.NDArray[np.float16], at: int) -> Sample:
    """Return a sample in which one channel is higher where something lies over the face."""
    over = np.zeros((PLACES, PLACES), np.float16)
    if at:
        over[at : at + 3, 6:9] = 1.0
    maps = [np.zeros((CHANNELS, side, side), np.float16) for side in (16, 8, 4)]
    for one in maps:
        one[:10] = rng.normal(0, 1, (10, *one.shape[1:]))
    maps[0][5] += 10 * over
    return Sample("one", "hand" if at else "bare", tuple(maps), points, over)


def test_what_tells_is_learnt_stored_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    turn = np.linspace(0, 2 * np.pi, 478)
    points = (0.5 + 0.33 * np.stack([np.cos(turn), np.sin(turn)], axis=1)).astype(np.float16)
    known = [sample(rng, points, at) for at in [0, 5, 8, 10] * 100]
    paths = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for path in paths:
        write(path, arrays(train(known, 4)), note(1, 4, "none"))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    monkeypatch.setattr(model_file, "COVER_MODEL", paths[0])
    readout = cover.load_readouts().ahead
    free = [score(readout, sample(rng, points, 0)) for _ in range(20)]
    told = [score(readout, sample(rng, points, 7)) for _ in range(20)]
    assert min(told) > max(free) + 1.0
