"""Every screen against the small pictures that somebody looked at and approved.

``python -m tests.golden.render --update`` renews them. Rasterisers of fonts differ a little from
machine to machine, so a mean difference decides, of the whole and of its worst part.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from kiosk.languages.names import SOURCE, TRANSLATED, Language
from tests.golden.render import GOLDEN, SIZES, TRANSLATED_SCENES, pixels, reduced
from tests.golden.scenes import Scene, draw, scenes

MEAN, WORST = 1.5, 8.5
"""Levels of 255: over the picture, and over its worst block of 1/16 of each side."""

SCENES = list(scenes())


def differences(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> tuple[float, float]:
    difference = cv2.absdiff(one, other).mean(axis=2).astype(np.float32)
    blocks = cv2.resize(difference, (16, 16), interpolation=cv2.INTER_AREA)
    return float(np.mean(difference)), float(np.max(np.asarray(blocks)))


@pytest.mark.parametrize("orientation", SIZES)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_screen_looks_as_approved(scene: Scene, orientation: str, tmp_path: Path) -> None:
    _compare(scene, orientation, SOURCE, GOLDEN, tmp_path)


@pytest.mark.parametrize(("name", "orientation"), TRANSLATED_SCENES)
@pytest.mark.parametrize("language", TRANSLATED)
def test_in_other_languages_too(
    name: str, orientation: str, language: Language, tmp_path: Path
) -> None:
    (scene,) = (scene for scene in SCENES if scene.name == name)
    _compare(scene, orientation, language, GOLDEN / language, tmp_path)


def _compare(
    scene: Scene, orientation: str, language: Language, folder: Path, tmp_path: Path
) -> None:
    drawn = reduced(pixels(draw(scene, SIZES[orientation], language=language).surface))
    path = folder / f"{scene.name}_{orientation}.png"
    approved = cv2.imread(str(path))
    assert approved is not None, f"{path} is missing: python -m tests.golden.render --update"
    assert approved.shape == drawn.shape
    mean, worst = differences(drawn, np.asarray(approved, np.uint8))
    if mean > MEAN or worst > WORST:
        cv2.imwrite(str(tmp_path / path.name), drawn)
        pytest.fail(f"{path.name} differs by {mean:.2f} ({worst:.1f} at worst): {tmp_path}")


def test_no_approved_picture_is_left_over() -> None:
    wanted = {f"{scene.name}_{orientation}.png" for scene in SCENES for orientation in SIZES}
    assert {path.name for path in GOLDEN.glob("*.png")} == wanted
    translated = {f"{name}_{orientation}.png" for name, orientation in TRANSLATED_SCENES}
    for language in TRANSLATED:
        assert {path.name for path in (GOLDEN / language).glob("*.png")} == translated


@pytest.mark.parametrize(
    "path", sorted(GOLDEN.rglob("*.png")), ids=lambda p: str(p.relative_to(GOLDEN))
)
def test_approved_pictures_are_small(path: Path) -> None:
    assert path.stat().st_size <= 60_000
