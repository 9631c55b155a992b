"""``python -m provisioning.cover_model``: render heads and hands, train, say how well."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

import numpy as np

from kiosk.capture.pose.cover import SURE, Readout
from kiosk.capture.pose.models import DIGESTS, FACE_MESH
from kiosk.errors import KioskError
from provisioning.cover_model.looks import LOOKS
from provisioning.cover_model.samples import Sample, described, rendered
from provisioning.cover_model.training import area, score, train
from provisioning.head_model import command
from provisioning.head_model.store import write

_HEADS: Final = 140
_FIFTH: Final = 5
_AREAS: Final = ((0.03, 0.06), (0.06, 0.12), (0.12, 1.0))


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the model; return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        _build(chosen)
    except KioskError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _build(chosen: argparse.Namespace) -> None:
    heads, seed = int(chosen.heads), int(chosen.seed)
    command.require_enough(heads)
    own = list(rendered(range(heads), seed, chosen.workers, chosen.look))
    further: list[Sample] = []
    used = "none"
    if chosen.faces is not None:
        further = list(described(chosen.faces, seed, chosen.workers, chosen.look))
        used = command.used(len(_heads(further)), chosen.faces)
    _print_held_out("every fifth head held out", own, further, _heads(own)[::_FIFTH], seed)
    for head in _heads(further):
        _print_held_out(f"further head {head} held out", further, own, [head], seed)
    write(chosen.o, arrays(train([*own, *further], seed)), note(heads, seed, used))
    print(f"{chosen.o}: {chosen.o.stat().st_size} bytes")


def _print_held_out(
    title: str, some: Sequence[Sample], others: Sequence[Sample], heads: Sequence[str], seed: int
) -> None:
    """Train without some heads, and print how well they are told."""
    known = [*others, *(one for one in some if one.head not in heads)]
    print(f"{title}:")
    for line in report(train(known, seed), [one for one in some if one.head in heads]):
        print("  " + line)


def _heads(samples: Sequence[Sample]) -> list[str]:
    """Return whose samples they are, in their order."""
    return list(dict.fromkeys(one.head for one in samples))


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


def note(heads: int, seed: int, faces: str) -> str:
    """Return what is noted about a model.

    Args:
        heads: how many were rendered.
        seed: of chance.
        faces: which others were used, or that none were.
    """
    lines = (
        "Trained by provisioning/cover_model on rendered heads and hands; no real people.",
        f"heads: {heads}",
        f"seed: {seed}",
        f"further faces: {faces}",
        f"{FACE_MESH}: SHA-256 {DIGESTS[FACE_MESH]}",
    )
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    what = "Build the model that tells hands over faces, from rendered heads and hands."
    parser = command.parser("provisioning.cover_model", what, _HEADS)
    parser.add_argument(
        "--look", choices=LOOKS, default="ahead", help="at faces ahead or aside; ahead if left out"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes; 2 if left out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
