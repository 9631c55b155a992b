"""``python -m provisioning.head_model``: render heads, measure them, train, say how well."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2

from kiosk.errors import KioskError, UsageError
from provisioning.demo.patient import data
from provisioning.head_model.relief import relief
from provisioning.head_model.report import all_held_out, each_held_out, every_fifth_held_out
from provisioning.head_model.samples import Sample, described, rendered
from provisioning.head_model.store import note_of, store
from provisioning.head_model.training import part_ways, train

_HEADS, _EACH = 200, 24
_RELIEF_HEADS = 60
_LEAST_HEADS = 10

_EXTRA_COUNTS = 150.0
"""What one head of further faces counts, in rendered pictures: it differs more from those than
they do from each other."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the model; return the exit code."""
    chosen = _parser().parse_args(arguments)
    # One thread sums in one order: the same seed gives the same model.
    cv2.setNumThreads(1)
    try:
        _build(chosen.o, chosen.faces, chosen.heads, chosen.seed)
    except KioskError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _build(to: Path, faces: Path | None, heads: int, seed: int) -> None:
    if heads < _LEAST_HEADS:
        raise UsageError(f"--heads {heads}: expected {_LEAST_HEADS} or more; fewer teach nothing.")
    extra: tuple[Sample, ...] = ()
    used = "none"
    if faces is not None:
        extra = described(faces, _EXTRA_COUNTS)
        digest = hashlib.sha256(faces.read_bytes()).hexdigest()
        used = f"{len({one.head for one in extra})} rendered heads, described by SHA-256 {digest}"
    patients = data.load()
    of_profiles = relief(patients, min(heads, _RELIEF_HEADS), seed)
    own = list(rendered(patients, range(heads), _EACH, seed))
    print(f"{len(own)} of {heads * _EACH} pictures with a face; every fifth head held out:")
    for line in every_fifth_held_out(own, lambda others: train(others, (), of_profiles)):
        print("  " + line)
    if extra:
        print("further faces, trained on none of them:")
        for line in all_held_out(extra, train(own, (), of_profiles)):
            print("  " + line)
        print("further faces, each of their heads held out:")
        for line in each_held_out(extra, lambda others: train(own, others, of_profiles)):
            print("  " + line)
    model = train(own, extra, of_profiles)
    note = note_of(heads=heads, pictures=_EACH, seed=seed, faces=used)
    store(model, part_ways(own), to, note)
    print(f"{to}: {to.stat().st_size} bytes")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m provisioning.head_model",
        description="Build the model that heads are measured with, from rendered heads.",
    )
    parser.add_argument("-o", type=Path, required=True, metavar="FILE", help="what to write")
    parser.add_argument(
        "--faces", type=Path, metavar="TRUTH.json", help="further faces with known pose"
    )
    parser.add_argument(
        "--heads", type=int, default=_HEADS, help=f"to render; {_HEADS} if left out"
    )
    parser.add_argument("--seed", type=int, default=1, help="of chance; 1 if left out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
