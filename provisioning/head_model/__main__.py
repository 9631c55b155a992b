"""``python -m provisioning.head_model``: render heads, measure them, train, say how well."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2

from kiosk.errors import KioskError
from provisioning.demo.patient import data
from provisioning.head_model import command
from provisioning.head_model.relief import relief
from provisioning.head_model.report import all_held_out, each_held_out, every_fifth_held_out
from provisioning.head_model.samples import Sample, described, rendered
from provisioning.head_model.store import note_of, store
from provisioning.head_model.training import part_ways, train

_HEADS, _EACH = 200, 24
_RELIEF_HEADS = 60

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
    command.require_enough(heads)
    extra: tuple[Sample, ...] = ()
    used = "none"
    if faces is not None:
        extra = described(faces, _EXTRA_COUNTS)
        used = command.used(len({one.head for one in extra}), faces)
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
    what = "Build the model that heads are measured with, from rendered heads."
    return command.parser("provisioning.head_model", what, _HEADS)


if __name__ == "__main__":
    sys.exit(main())
