"""How well a model tells poses of heads that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from kiosk.capture.pose.geometry import Angles
from kiosk.capture.pose.head import HeadModel, side_of
from kiosk.capture.pose.measure import KINDS, near
from kiosk.capture.pose.relative import turned
from provisioning.head_model.samples import Sample

Errors = tuple[float, float, float]
Trained = Callable[[Sequence[Sample]], HeadModel]

_FIFTH = 5


def every_fifth_held_out(samples: Sequence[Sample], trained: Trained) -> Iterator[str]:
    """Train on four fifths of the heads; yield lines about the others."""
    heads = list(dict.fromkeys(one.head for one in samples))
    held_out = set(heads[::_FIFTH])
    model = trained([one for one in samples if one.head not in held_out])
    yield from all_held_out([one for one in samples if one.head in held_out], model)


def all_held_out(samples: Sequence[Sample], model: HeadModel) -> Iterator[str]:
    """Yield lines about heads of which none was trained on."""
    yield from _lines(samples, [error_of(model, one) for one in samples])


def each_held_out(samples: Sequence[Sample], trained: Trained) -> Iterator[str]:
    """Train anew for each head, on all others; yield lines about all of them."""
    tested, errors = [], []
    for head in dict.fromkeys(one.head for one in samples):
        model = trained([one for one in samples if one.head != head])
        of_head = [one for one in samples if one.head == head]
        tested += of_head
        errors += [error_of(model, one) for one in of_head]
    yield from _lines(tested, errors)


def error_of(model: HeadModel, sample: Sample) -> Errors:
    """Return measured yaw, pitch and roll less true ones, degrees."""
    if sample.trusted:
        told = model.of_mesh(sample.mesh, sample.camera).angles
    else:
        told = model.of_side(sample.face, sample.mesh, side_of(sample.face), sample.camera).angles
    true = sample.pose.angles
    return turned(told.yaw - true.yaw), told.pitch - true.pitch, turned(told.roll - true.roll)


def _lines(samples: Sequence[Sample], errors: Sequence[Errors]) -> Iterator[str]:
    """Yield a line for each view: mean absolute errors, the mean over heads."""
    for kind in KINDS:
        by_head: dict[str, list[Errors]] = {}
        for sample, error in zip(samples, errors, strict=True):
            if near(sample.pose.angles, kind.pose):
                by_head.setdefault(sample.head, []).append(error)
        if by_head:
            means = [np.abs(found).mean(axis=0) for found in by_head.values()]
            said = Angles(*(float(one) for one in np.mean(means, axis=0)))
            pictures = sum(len(found) for found in by_head.values())
            yield (
                f"{kind.title:8}  yaw {said.yaw:5.2f}°  pitch {said.pitch:5.2f}°  "
                f"roll {said.roll:5.2f}°  ({len(by_head)} heads, {pictures} pictures)"
            )
