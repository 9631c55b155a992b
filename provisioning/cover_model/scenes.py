"""How heads are held of which it is learnt: as chance will have it, and what is rare among that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from provisioning.head_model.variety import Scene, scene

SHOWN: Final = 60.0
"""Degrees of yaw up to which the mesh is laid."""

_SCENES: Final = 5
"""Of each head, as chance will have it."""

_BOWED: Final = 4
"""Further scenes of each head, bowed; among the others hardly one is, see ``variety.KINDS``."""

_BOW: Final = ((0.0, 6.0), (20.0, 46.0), (0.0, 4.0))
"""Their yaw (mean, spread), pitch (from, to) and roll (mean, spread), degrees."""

_MADE: Final = (("pucker", (0.4, 1.0)), ("eyes_closed", (0.7, 1.0)))
"""Faces of which there are further scenes, and how much of each; among the others one in twenty
has pursed lips or closed eyes, and the network answers otherwise for those."""

_EACH: Final = 2
"""Scenes of each of these faces."""

_ASIDE_SCENES: Final = 5
_ASIDE: Final = (55.0, 105.0)
"""Degrees of yaw, to either side; what a mesh is trusted of among them is left out."""

_NODS, _LEANS = 9.0, 6.0
"""Standard deviations of pitch and roll of a head that is seen from the side, degrees."""


def ahead(rng: np.random.Generator) -> Iterator[Scene]:
    """Yield what is shown of one head where a mesh can be laid."""
    for _ in range(_SCENES):
        yield _shown(rng)
    for name, (low, high) in _MADE:
        for _ in range(_EACH):
            yield _making(_shown(rng), name, rng.uniform(low, high))
    for _ in range(_BOWED):
        seen, (yaw, pitch, roll) = scene(rng), _BOW
        held = replace(
            seen.held, yaw=rng.normal(*yaw), pitch=rng.uniform(*pitch), roll=rng.normal(*roll)
        )
        yield replace(seen, held=held)


def aside(rng: np.random.Generator) -> Iterator[Scene]:
    """Yield what is shown of one head from the side."""
    for _ in range(_ASIDE_SCENES):
        seen = scene(rng)
        yaw = float(rng.choice((-1.0, 1.0))) * rng.uniform(*_ASIDE)
        nod, lean = rng.normal(0.0, _NODS), rng.normal(0.0, _LEANS)
        yield replace(seen, held=replace(seen.held, yaw=yaw, pitch=nod, roll=lean))


def _shown(rng: np.random.Generator) -> Scene:
    """Return a scene in which a mesh can be laid."""
    wanted = scene(rng)
    while abs(wanted.held.yaw) > SHOWN:
        wanted = scene(rng)
    return wanted


def _making(seen: Scene, face: str, much: float) -> Scene:
    return replace(seen, held=replace(seen.held, expression={face: much}))
