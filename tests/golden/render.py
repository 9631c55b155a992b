"""Draw every screen into a folder: ``python -m tests.golden.render [--update] [FOLDER]``.

``--update`` writes the small pictures that the tests compare with; look at each before you commit.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from tests.golden.scenes import LANDSCAPE, PORTRAIT, draw, scenes

GOLDEN = Path(__file__).parent / "pictures"
SIZES = {"portrait": PORTRAIT, "landscape": LANDSCAPE}
COLOURS = 256


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
    for scene in scenes():
        for name, size in SIZES.items():
            canvas = draw(scene, size)
            picture = pixels(canvas.surface)
            cv2.imwrite(str(folder / f"{scene.name}_{name}.png"), picture)
            for text in canvas.overflows:
                sys.stdout.write(f"{scene.name}, {name}: does not fit: {text}\n")
            if options.update:
                _write_golden(GOLDEN / f"{scene.name}_{name}.png", reduced(picture))
    return 0


def _write_golden(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    from PIL import Image  # noqa: PLC0415 - only who renews the pictures needs Pillow

    image = Image.fromarray(np.ascontiguousarray(picture[..., ::-1]))
    small = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
