"""From samples to the numbers of a :class:`kiosk.capture.pose.cover.Readout`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from kiosk.capture.pose.cover import CHANNELS, LAYERS, Covering, Readout, as_places, on_face
from provisioning.cover_model.samples import Sample

Singles = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

_HIDDEN: Final = 64
_ROUNDS: Final = 12
_BATCH: Final = 1024
_RATE: Final = 2e-3
_DROPPED: Final = 0.2
_DECAY: Final = 0.02
"""Share of the rate by which weights shrink in each step."""

_MEAN, _SQUARE, _TINY = 0.9, 0.999, 1e-8
"""How slowly Adam forgets."""

_ON_FACE: Final = 0.6
_COVERED, _FREE = 0.5, 0.1
"""Shares of a place from which it counts as covered, and up to which as free."""

_KEPT: Final = 1 / 3
"""Share of the free places that are learnt from: there are ten times as many as covered ones. Of
faces on which something is worn all are: hair is most like a hand."""

_NOT_ZERO: Final = 0.02
"""Added to the spread of what a channel answers: some hardly ever answer anything."""


def train(samples: Sequence[Sample], seed: int) -> Readout:
    """Train a readout on all places that lie on a face and are covered or free.

    Source: D. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015; weights decay as
    in I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", 2019.
    """
    rng = np.random.default_rng(seed)
    rows, truth = _places(samples, rng)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + np.float32(_NOT_ZERO)
    rows -= mean
    rows /= spread
    weights = _fit(rows, truth.astype(np.float32), rng)
    first, bias, last, last_bias = weights
    scaled = first / spread[:, None]
    return Readout(
        layers=scaled.reshape(len(LAYERS), CHANNELS, _HIDDEN),
        bias=bias - mean @ scaled,
        last=last[:, 0],
        last_bias=last_bias,
    )


def score(readout: Readout, sample: Sample) -> float:
    """Return what the station would say of a picture; see ``kiosk.capture.pose.cover``."""
    maps = [one.astype(np.float32) for one in sample.maps]
    return Covering.read(readout, [(maps, sample.points.astype(np.float64))]).likely


def area(sample: Sample) -> float:
    """Return how much of a face is covered, 0 to 1."""
    face = on_face(sample.points.astype(np.float64))
    return float((face * sample.cover).sum() / max(float(face.sum()), 1.0))


def _places(samples: Sequence[Sample], rng: np.random.Generator) -> tuple[Singles, Flags]:
    rows, truth = [], []
    for sample in samples:
        maps = [as_places(one.astype(np.float32).transpose(1, 2, 0)) for one in sample.maps]
        face = on_face(sample.points.astype(np.float64)) > _ON_FACE
        kept = 1.0 if sample.kind == "worn" else _KEPT
        free = (sample.cover < _FREE) & (rng.random(face.shape) < kept)
        chosen = face & ((sample.cover > _COVERED) | free)
        rows.append(np.concatenate(maps, axis=2)[chosen])
        truth.append(sample.cover[chosen] > _COVERED)
    return np.concatenate(rows), np.concatenate(truth)


def _fit(rows: Singles, truth: Singles, rng: np.random.Generator) -> list[Singles]:
    """Return weights and bias of the hidden layer and of the last one."""
    inputs = rows.shape[1]
    weights = [
        _drawn(rng, (inputs, _HIDDEN), 2.0 / inputs),
        np.zeros(_HIDDEN, np.float32),
        _drawn(rng, (_HIDDEN, 1), 1.0 / _HIDDEN),
        np.zeros(1, np.float32),
    ]
    adam = _Adam(weights)
    steps = _ROUNDS * (len(rows) // _BATCH)
    for _ in range(_ROUNDS):
        order = rng.permutation(len(rows))
        for at in range(0, len(rows) - _BATCH + 1, _BATCH):
            chosen = order[at : at + _BATCH]
            kept = (rng.random((_BATCH, inputs), np.float32) > _DROPPED).astype(np.float32)
            shown = rows[chosen] * (kept / np.float32(1.0 - _DROPPED))
            slowing = 0.5 * (1.0 + np.cos(np.pi * adam.steps / steps))
            adam.step(_slopes(weights, shown, truth[chosen]), _RATE * float(slowing))
    return weights


class _Adam:
    """Changes weights in place."""

    def __init__(self, weights: list[Singles]) -> None:
        self._weights = weights
        self._means = [np.zeros_like(one) for one in weights]
        self._squares = [np.zeros_like(one) for one in weights]
        self.steps = 0

    def step(self, slopes: Sequence[Singles], rate: float) -> None:
        self.steps += 1
        for at, slope in enumerate(slopes):
            self._means[at] += (1.0 - _MEAN) * (slope - self._means[at])
            self._squares[at] += (1.0 - _SQUARE) * (slope**2 - self._squares[at])
            mean = self._means[at] / (1.0 - _MEAN**self.steps)
            near = np.sqrt(self._squares[at] / (1.0 - _SQUARE**self.steps)) + _TINY
            if slope.ndim > 1:
                self._weights[at] *= 1.0 - rate * _DECAY
            self._weights[at] -= rate * mean / near


def _slopes(weights: Sequence[Singles], shown: Singles, truth: Singles) -> list[Singles]:
    """Return how the mean log loss of places grows with each weight."""
    first, bias, last, last_bias = weights
    before = shown @ first + bias
    hidden = np.maximum(before, 0.0)
    logits = (hidden @ last + last_bias)[:, 0]
    off = ((1.0 / (1.0 + np.exp(-logits)) - truth) / len(truth))[:, None]
    back = (off @ last.T) * (before > 0.0)
    found = shown.T @ back, back.sum(axis=0), hidden.T @ off, off.sum(axis=0)
    return [np.asarray(one, np.float32) for one in found]


def _drawn(rng: np.random.Generator, shape: tuple[int, int], variance: float) -> Singles:
    return np.asarray(rng.normal(0.0, np.sqrt(variance), shape), np.float32)
