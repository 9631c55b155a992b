"""MakeHuman's base mesh, which of its faces a portrait shows, and where in the atlas they lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from provisioning.demo.patient import atlas
from provisioning.demo.patient.data import Material

Floats = npt.NDArray[np.float64]

_SIDE_DM = 2.6
_BOTTOM_DM = 2.4
_NECK_DEPTH_DM = 0.15
_HEM_DM = ((-0.3, 0.5, 1.2), (0.56, 0.64, 0.74))
"""The gown's hem runs around the neck's axis: depth, and distance from the axis there."""

_HEM_WIDE_DM = 0.22
"""So far from the hem the gown is cut by its texture; beyond that it is a solid mesh."""

_NO_SKIN_DM = 0.5
"""So far outside the hem nobody sees the skin under the gown."""

_ISLANDS = (
    ((6.0, 7.0), (8.0, 9.0)),
    ((6.0, 7.0), (6.5, 7.1)),
    ((-9.0, -7.0), (6.0, 7.0)),
    ((7.0, 7.5), (7.0, 7.5)),
)
"""Ranges of lowest and highest point, decimetres: head, inner mouth, torso, sockets of the eyes."""


class Corner(NamedTuple):
    vertex: int
    uv: int


Face = tuple[Corner, ...]


@dataclass(frozen=True, slots=True)
class Mesh:
    """A Wavefront mesh: ``vertices`` (n, 3) in decimetres, ``uvs`` (m, 2) from the lower left."""

    vertices: Floats
    uvs: Floats
    groups: dict[str, list[Face]]


Places = dict[Corner, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Part:
    """Faces of one material, and where in the atlas each of their corners lies, pixels."""

    material: Material
    faces: list[Face]
    places: Places


def read_mesh(path: Path) -> Mesh:
    vertices, uvs = [], []
    groups: dict[str, list[Face]] = {}
    faces: list[Face] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        match line.split():
            case ["v", *numbers]:
                vertices.append([float(n) for n in numbers[:3]])
            case ["vt", *numbers]:
                uvs.append([float(n) for n in numbers[:2]])
            case ["g", name, *_]:
                faces = groups.setdefault(name, [])
            case ["f", *corners]:
                faces.append(tuple(_corner(c) for c in corners))
    return Mesh(np.array(vertices), np.array(uvs), groups)


def _corner(text: str) -> Corner:
    vertex, uv = text.split("/")[:2]
    return Corner(int(vertex) - 1, int(uv) - 1)


def portrait_parts(mesh: Mesh) -> list[Part]:
    head, mouth, torso, *sockets = _body(mesh)
    tights = _above(mesh, mesh.groups["helper-tights"], _BOTTOM_DM)
    gown = [face for face in tights if min(_beyond_hem(mesh, face)) > _HEM_WIDE_DM]
    collar = [face for face in tights if max(_beyond_hem(mesh, face)) > -_HEM_WIDE_DM]
    collar = [face for face in collar if min(_beyond_hem(mesh, face)) <= 2 * _HEM_WIDE_DM]
    torso = _above(mesh, torso, _BOTTOM_DM)
    torso = [face for face in torso if min(_beyond_hem(mesh, face)) < _NO_SKIN_DM]
    parts = [
        Part(Material.SKIN, head, {c: atlas.of_uv(*mesh.uvs[c.uv]) for f in head for c in f}),
        _plain(Material.SKIN, torso, atlas.Patch.TORSO),
        _plain(Material.SKIN, mouth, atlas.Patch.MOUTH),
        *(_plain(Material.SKIN, socket, atlas.Patch.SOCKET) for socket in sockets),
        _plain(Material.GOWN, gown, atlas.Patch.GOWN),
        _collar(mesh, collar),
        _plain(Material.TEETH, mesh.groups["helper-upper-teeth"], atlas.Patch.TEETH),
        _plain(Material.TEETH, mesh.groups["helper-lower-teeth"], atlas.Patch.TEETH),
        _plain(Material.TONGUE, mesh.groups["helper-tongue"], atlas.Patch.TONGUE),
    ]
    for side in "lr":
        parts.append(_eye(mesh, mesh.groups[f"helper-{side}-eye"]))
        parts += [_lashes(mesh, mesh.groups[f"helper-{side}-eyelashes-{n}"]) for n in (1, 2)]
    return parts


def _body(mesh: Mesh) -> list[list[Face]]:
    """Return the skin of head, inner mouth, torso and the two sockets of the eyes."""
    islands = _islands(mesh.groups["body"])
    found = []
    for (low, low_to), (high_from, high) in _ISLANDS:
        for island in islands:
            bottom, top = _span(mesh, island)
            if low < bottom < low_to and high_from < top < high:
                found.append(island)
    return found


def _islands(faces: list[Face]) -> list[list[Face]]:
    """Group faces that hang together in the texture."""
    parent: dict[int, int] = {}

    def find(uv: int) -> int:
        parent.setdefault(uv, uv)
        while parent[uv] != uv:
            parent[uv] = uv = parent[parent[uv]]
        return uv

    for face in faces:
        for corner in face[1:]:
            parent[find(corner.uv)] = find(face[0].uv)
    islands: dict[int, list[Face]] = {}
    for face in faces:
        islands.setdefault(find(face[0].uv), []).append(face)
    return list(islands.values())


def _span(mesh: Mesh, faces: list[Face]) -> tuple[float, float]:
    height = mesh.vertices[[c.vertex for face in faces for c in face], 1]
    return float(np.min(height)), float(np.max(height))


def _above(mesh: Mesh, faces: list[Face], bottom: float) -> list[Face]:
    kept = []
    for face in faces:
        at = mesh.vertices[[c.vertex for c in face]]
        if np.min(at[:, 1]) > bottom and np.max(np.abs(at[:, 0])) < _SIDE_DM:
            kept.append(face)
    return kept


def _beyond_hem(mesh: Mesh, face: Face) -> Floats:
    """Return how far outside the gown's hem each corner of a face lies, decimetres."""
    at = mesh.vertices[[c.vertex for c in face]]
    distance = np.hypot(at[:, 0], at[:, 2] - _NECK_DEPTH_DM)
    return np.asarray(distance - np.interp(at[:, 2], *_HEM_DM))


def _collar(mesh: Mesh, faces: list[Face]) -> Part:
    """Lay the gown around its hem into its patch, by how far outside the hem it is."""
    left, top, width, height = atlas.Patch.COLLAR.box
    places = {}
    for face in faces:
        for corner, beyond in zip(face, _beyond_hem(mesh, face), strict=True):
            share = np.clip(beyond / (2 * atlas.COLLAR_REACH) + 0.5, 0.01, 0.99)
            places[corner] = (left + width / 2, top + height * float(share))
    return Part(Material.COLLAR, faces, places)


def _plain(material: Material, faces: list[Face], patch: atlas.Patch) -> Part:
    return Part(material, faces, {c: patch.middle for face in faces for c in face})


def _eye(mesh: Mesh, faces: list[Face]) -> Part:
    """Lay the pupil into the patch's middle and rings around it by their angle from it."""
    vertices = sorted({c.vertex for face in faces for c in face})
    at = mesh.vertices[vertices]
    outward = at - (at.min(axis=0) + at.max(axis=0)) / 2
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    angle = np.arccos(np.clip(outward[:, 2], -1.0, 1.0))
    ring = outward[:, :2] / np.maximum(np.linalg.norm(outward[:, :2], axis=1, keepdims=True), 1e-9)
    reach = (atlas.EYE_RADIUS / atlas.EYE_REACH) * angle[:, None] * ring
    x, y = atlas.Patch.EYE.middle
    place = {v: (x + r[0], y - r[1]) for v, r in zip(vertices, reach, strict=True)}
    return Part(Material.EYE, faces, {c: place[c.vertex] for face in faces for c in face})


def _lashes(mesh: Mesh, faces: list[Face]) -> Part:
    """Lay a strip of lashes into its patch: along it to the right, from roots to tips upwards."""
    corners = sorted({c for face in faces for c in face})
    skin = mesh.vertices[sorted({c.vertex for face in mesh.groups["body"] for c in face})]
    at = mesh.vertices[[c.vertex for c in corners]]
    off = np.array([np.linalg.norm(skin - p, axis=1).min() for p in at])
    tip = np.clip(off / np.quantile(off, 0.9), 0.0, 1.0)
    along = mesh.uvs[[c.uv for c in corners], 0]
    along = (along - np.min(along)) / np.ptp(along)
    left, top, width, height = atlas.Patch.LASHES.box
    x = left + 2 + along * (width - 4)
    y = top + height - 2 - tip * (height - 4)
    return Part(Material.LASHES, faces, dict(zip(corners, zip(x, y, strict=True), strict=True)))
