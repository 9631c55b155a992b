"""Cards with codes as real pixels, held before a camera: turned, tilted, blurred, dim, noisy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from barcode import Code39, Code128

from kiosk.model import Frame, FrameMetadata, PixelLayout, Pixels

BADGE = "CSB1MFRGGZDFMZTWQ2LKNNWG23TPOBYXE7A2"
EAN13 = "4006381333931"
EAN8 = "96385074"
UPC_A = "036000291452"

_DISTANCE = 2000.0
"""Of the eye that perspective is drawn for, pixels."""

_LEFT = [
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
]
"""EAN's digits 0 to 9 by the left set with odd parity (ISO/IEC 15420); the others follow of it."""
_RIGHT = [digit.translate(str.maketrans("01", "10")) for digit in _LEFT]
_EVEN = [digit[::-1] for digit in _RIGHT]
_PARITY = [
    "OOOOOO",
    "OOEOEE",
    "OOEEOE",
    "OOEEEO",
    "OEOOEE",
    "OEEOOE",
    "OEEEOO",
    "OEOEOE",
    "OEOEEO",
    "OEEOEO",
]


@dataclass(frozen=True)
class Held:
    """How a card is held before the camera.

    ``size``: width of the code in pixels; ``turn``, ``tilt``: degrees; ``blur``: of a Gaussian, in
    pixels; ``light``, ``contrast``: 1 is all; ``noise``: standard deviation in grey levels;
    ``glare``: brightness of a lamp's reflection, in grey levels; ``cover``: part of the code's side
    that a finger covers in the middle of its right edge.
    """

    size: int = 250
    turn: float = 0.0
    tilt: float = 0.0
    blur: float = 0.0
    light: float = 1.0
    contrast: float = 1.0
    noise: float = 3.0
    glare: float = 0.0
    cover: float = 0.0


def qr(text: str) -> Pixels:
    """Return a QR code with its quiet zone, 8 pixels a module."""
    modules = np.asarray(cv2.QRCodeEncoder.create().encode(text), np.uint8)
    return _framed(_enlarged(modules, 8), 16)


def ean(digits: str) -> Pixels:
    """Return EAN-13 (13 digits), UPC-A (12) or EAN-8 (8) with its quiet zone, 4 pixels a module."""
    numbers = [int(digit) for digit in (digits if len(digits) != 12 else "0" + digits)]
    if len(numbers) == 8:
        left, right = [_LEFT[number] for number in numbers[:4]], numbers[4:]
    else:
        first, *rest = numbers
        sets = {"O": _LEFT, "E": _EVEN}
        left = [
            sets[parity][number] for number, parity in zip(rest[:6], _PARITY[first], strict=True)
        ]
        right = rest[6:]
    bits = "101" + "".join(left) + "01010" + "".join(_RIGHT[number] for number in right) + "101"
    line = np.array([[0 if bit == "1" else 255 for bit in bits]], np.uint8)
    return _framed(_enlarged(np.repeat(line, 40, axis=0), 4), 44)


def bars(kind: str, text: str) -> Pixels:
    """Return a Code 128 or Code 39 (``code128``, ``code39``) with its quiet zone."""
    code = Code128(text) if kind == "code128" else Code39(text, add_checksum=False)
    (modules,) = code.build()
    line = np.array([[0 if module == "1" else 255 for module in modules]], np.uint8)
    return _framed(_enlarged(np.repeat(line, 40, axis=0), 4), 44)


def shown(code: Pixels, held: Held, size: tuple[int, int] = (1280, 960), seed: int = 1) -> Pixels:
    """Return the brightness of a picture of the card, shape (height, width)."""
    random = np.random.default_rng(seed)
    width, height = size
    card = code.astype(np.float32)
    if held.cover:
        side = round(card.shape[0] * held.cover)
        top = (card.shape[0] - side) // 2
        card[top : top + side, -side:] = 120
    card = 128 + (card - 128) * held.contrast
    matrix = _place(card.shape[:2], held, size)
    # Finer than the picture: what would alias is smoothed first, as a lens does.
    coarser = card.shape[1] / held.size
    if coarser > 1:
        card = np.asarray(cv2.GaussianBlur(card, (0, 0), 0.4 * coarser), np.float32)
    covers = cv2.warpPerspective(np.ones_like(card), matrix, size)
    room = cv2.resize(random.uniform(60, 200, (12, 16)), size, interpolation=cv2.INTER_CUBIC)
    picture = room * (1 - covers) + cv2.warpPerspective(card, matrix, size) * covers
    if held.glare:
        rows, columns = np.mgrid[:height, :width]
        away = (columns - width / 2 - held.size / 4) ** 2 + (rows - height / 2) ** 2
        picture += held.glare * np.exp(-away / (2 * (held.size / 5) ** 2))
        picture = np.clip(picture, 0, 255)
    if held.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), held.blur)
    picture = picture * held.light + random.normal(0, held.noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def frame_of(grey: Pixels, layout: PixelLayout = PixelLayout.I420, at_ns: int = 0) -> Frame:
    """Return a frame without colour whose brightness is ``grey``."""
    height, width = grey.shape
    if layout is PixelLayout.BGR:
        pixels = np.repeat(grey[:, :, None], 3, axis=2)
    else:
        chroma = np.full((height // 2, width), 128, np.uint8)
        pixels = np.concatenate([grey, chroma])
    return Frame(pixels, layout, width, height, FrameMetadata(at_ns, None))


def _place(shape: tuple[int, ...], held: Held, size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Return the homography that puts the card into the middle of the picture."""
    rows, columns = shape[:2]
    scale = held.size / columns
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    turn, tilt = math.radians(held.turn), math.radians(held.tilt)
    turned = (corners - (columns / 2, rows / 2)) * scale
    turned = turned @ [
        [math.cos(turn), math.sin(turn)],
        [-math.sin(turn), math.cos(turn)],
    ]
    across, down = turned[:, 0] * math.cos(tilt), turned[:, 1]
    nearer = _DISTANCE / (_DISTANCE + turned[:, 0] * math.sin(tilt))
    target = np.stack([across * nearer, down * nearer], axis=1) + np.array(size) / 2
    return np.asarray(cv2.getPerspectiveTransform(corners, target.astype(np.float32)), np.float64)


def _enlarged(modules: npt.NDArray[np.uint8], factor: int) -> Pixels:
    return np.repeat(np.repeat(modules, factor, axis=0), factor, axis=1)


def _framed(code: Pixels, edge: int) -> Pixels:
    return np.pad(code, edge, constant_values=255)
