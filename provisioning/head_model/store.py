"""The file in which a head model is kept, with a note of where it comes from."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.geometry import Array
from kiosk.capture.pose.head import HeadModel
from kiosk.capture.pose.models import DIGESTS, FACE_MESH, YUNET

NOTE: Final = "note.txt"

_TIMELESS: Final = (1980, 1, 1, 0, 0, 0)
"""The same numbers give the same bytes, whenever they are written."""


def store(model: HeadModel, parts: Array, path: Path, note: str) -> None:
    """Write an ``.npz`` with a member of text that numpy does not mind.

    Args:
        model: of every head.
        parts: see ``kiosk.capture.pose.parts``.
        path: of the file.
        note: see :func:`note_of`.
    """
    write(path, _arrays(model, parts), note)


def write(path: Path, arrays: Mapping[str, npt.NDArray[np.floating]], note: str) -> None:
    """Write members and a note; the same give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in arrays.items():
            content = io.BytesIO()
            np.save(content, values, allow_pickle=False)
            archive.writestr(_member(f"{name}.npy"), content.getvalue())
        archive.writestr(_member(NOTE), note)


def note_of(*, heads: int, pictures: int, seed: int, faces: str) -> str:
    """Return what is noted about a model.

    Args:
        heads: how many were rendered.
        pictures: of each.
        seed: of chance.
        faces: which others were used, or that none were.
    """
    lines = [
        "Trained by provisioning/head_model on rendered heads; no picture of a real person.",
        f"heads: {heads}",
        f"pictures of each: {pictures}",
        f"seed: {seed}",
        f"further faces: {faces}",
        *(f"{name}: SHA-256 {DIGESTS[name]}" for name in (YUNET, FACE_MESH)),
    ]
    return "\n".join(lines) + "\n"


def _arrays(model: HeadModel, parts: Array) -> Mapping[str, npt.NDArray[np.floating]]:
    """Return a model's members, rounded to what they are worth."""
    singles = {
        name: np.asarray(getattr(model, name), np.float32)
        for name in ("mean", "weights", "side_mean", "side_weights")
    }
    # 1434 numbers for each of 120 ways: half precision errs by a thousandth of each.
    halves = {
        name: np.asarray(getattr(model, name), np.float16)
        for name in ("basis", "side_basis", "relief", "relief_weight")
    }
    return {**singles, **halves, "parts": np.asarray(parts, np.float16)}


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIMELESS)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
