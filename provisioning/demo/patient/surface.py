"""Normals of a mesh."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


def vertex_normals(vertices: Floats, triangles: Numbers) -> Floats:
    """Return each vertex's outward normal, (n, 3), the mean over its faces weighted by area."""
    at = vertices[triangles]
    faces = np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])
    flat = triangles.ravel()
    sums = [np.bincount(flat, np.repeat(faces[:, k], 3), len(vertices)) for k in range(3)]
    normals = np.stack(sums, axis=1)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.maximum(length, 1e-30))
