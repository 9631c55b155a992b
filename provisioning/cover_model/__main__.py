"""``python -m provisioning.cover_model``: render heads and hands, train, say how well."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from kiosk.capture.pose.cover import SURE, Readout
from kiosk.capture.pose.models import DIGESTS, FACE_MESH
from kiosk.errors import KioskError, UsageError
from provisioning.cover_model.samples import Sample, rendered
from provisioning.cover_model.training import area, score, train
from provisioning.head_model.store import write

_HEADS: Final = 140
_LEAST_HEADS: Final = 10
_FIFTH: Final = 5
_AREAS: Final = ((0.03, 0.06), (0.06, 0.12), (0.12, 1.0))


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the model; return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        _build(chosen.o, chosen.heads, chosen.seed, chosen.workers)
    except KioskError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _build(to: Path, heads: int, seed: int, workers: int) -> None:
    if heads < _LEAST_HEADS:
        raise UsageError(f"--heads {heads}: expected {_LEAST_HEADS} or more; fewer teach nothing.")
    samples = list(rendered(range(heads), seed, workers))
    others = [one for one in samples if one.head % _FIFTH]
    held_out = [one for one in samples if not one.head % _FIFTH]
    print(f"{len(samples)} pictures; every fifth head held out:")
    for line in report(train(others, seed), held_out):
        print("  " + line)
    write(to, arrays(train(samples, seed)), note(heads, seed))
    print(f"{to}: {to.stat().st_size} bytes")


def report(readout: Readout, samples: Sequence[Sample]) -> list[str]:
    """Return how many are told to be covered: of faces that are not, and by how much is."""
    lines = [
        f"{kind}: " + _told(readout, [one for one in samples if one.kind == kind])
        for kind in ("bare", "worn")
    ]
    for kind in ("hand", "patch"):
        for low, high in _AREAS:
            some = [one for one in samples if one.kind == kind and low <= area(one) < high]
            lines.append(f"{kind} over {low:.0%} to {high:.0%} of it: " + _told(readout, some))
    return lines


def _told(readout: Readout, samples: Sequence[Sample]) -> str:
    return f"{sum(score(readout, one) > SURE for one in samples)} of {len(samples)} told"


def arrays(readout: Readout) -> dict[str, np.typing.NDArray[np.floating]]:
    """Return the file's members, rounded to what they are worth."""
    return {
        "layers": readout.layers.astype(np.float16),
        **{name: getattr(readout, name) for name in ("bias", "last", "last_bias")},
    }


def note(heads: int, seed: int) -> str:
    """Return what is noted about a model."""
    lines = (
        "Trained by provisioning/cover_model on rendered heads and hands; no real people.",
        f"heads: {heads}",
        f"seed: {seed}",
        f"{FACE_MESH}: SHA-256 {DIGESTS[FACE_MESH]}",
    )
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m provisioning.cover_model",
        description="Build the model that tells hands over faces, from rendered heads and hands.",
    )
    parser.add_argument("-o", type=Path, required=True, metavar="FILE", help="what to write")
    parser.add_argument(
        "--heads", type=int, default=_HEADS, help=f"to render; {_HEADS} if left out"
    )
    parser.add_argument("--seed", type=int, default=1, help="of chance; 1 if left out")
    parser.add_argument("--workers", type=int, default=2, help="processes; 2 if left out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
