"""Draw every screen into a folder: ``python -m tests.golden.render [--update] [FOLDER]``.

``--update`` writes the small pictures that the tests compare with; look at each before you commit.
"""

from __future__ import annotations

import argparse
import sys
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from kiosk.languages.names import LANGUAGES, SOURCE
from tests.golden.scenes import LANDSCAPE, PORTRAIT, draw, scenes

GOLDEN = Path(__file__).parent / "pictures"
SIZES = {"portrait": PORTRAIT, "landscape": LANDSCAPE}
COLOURS = 256
TRANSLATED_SCENES = (
    *(("aim_far", "portrait"), ("review_comparable", "portrait")),
    *(("patient", "landscape"), ("view", "landscape")),
)
"""What is kept of other languages, in folders of their names: where most words stand closest."""


def pixels(surface: pygame.Surface) -> npt.NDArray[np.uint8]:
    """The surface as BGR, shape (height, width, 3)."""
    rgb = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8)
    width, height = surface.get_size()
    return np.asarray(cv2.cvtColor(rgb.reshape(height, width, 3), cv2.COLOR_RGB2BGR), np.uint8)


def reduced(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Half the size, as the golden pictures are."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Draw every screen into a folder.")
    parser.add_argument("--update", action="store_true", help=f"also renew {GOLDEN.name}/*.png")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/screens"))
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    for language, scene, name in product(LANGUAGES, scenes(), SIZES):
        canvas = draw(scene, SIZES[name], language=language)
        picture = pixels(canvas.surface)
        place = Path("" if language == SOURCE else language, f"{scene.name}_{name}.png")
        (folder / place).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(folder / place), picture)
        for text in canvas.overflows:
            sys.stdout.write(f"{place}: does not fit: {text}\n")
        if options.update and (language == SOURCE or (scene.name, name) in TRANSLATED_SCENES):
            _write_golden(GOLDEN / place, reduced(picture))
    return 0


def _write_golden(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    from PIL import Image  # noqa: PLC0415 - only who renews the pictures needs Pillow

    path.parent.mkdir(exist_ok=True)
    image = Image.fromarray(np.ascontiguousarray(picture[..., ::-1]))
    small = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
