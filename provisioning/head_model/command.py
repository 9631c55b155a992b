"""What the commands that train models on rendered heads have in common."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Final

from kiosk.errors import UsageError

_LEAST_HEADS: Final = 10


def parser(program: str, description: str, heads: int) -> argparse.ArgumentParser:
    """Return a parser of what every such command is told; ``heads``: how many if left out."""
    made = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    made.add_argument("-o", type=Path, required=True, metavar="FILE", help="what to write")
    made.add_argument(
        "--faces", type=Path, metavar="TRUTH.json", help="further faces with known pose"
    )
    made.add_argument("--heads", type=int, default=heads, help=f"to render; {heads} if left out")
    made.add_argument("--seed", type=int, default=1, help="of chance; 1 if left out")
    return made


def require_enough(heads: int) -> None:
    """Refuse to train on too little.

    Raises:
        UsageError: fewer heads than teach anything.
    """
    if heads < _LEAST_HEADS:
        raise UsageError(f"--heads {heads}: expected {_LEAST_HEADS} or more; fewer teach nothing.")


def used(heads: int, faces: Path) -> str:
    """Return what a model's note says of further faces: of how many heads, and which."""
    digest = hashlib.sha256(faces.read_bytes()).hexdigest()
    return f"{heads} rendered heads, described by SHA-256 {digest}"
