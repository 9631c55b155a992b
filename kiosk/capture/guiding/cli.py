"""``kiosk guide …``: how well this station's guide measures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk.capture.pose.head import load_head_model
from kiosk.capture.pose.measure_table import report


def measure(arguments: argparse.Namespace) -> int:
    """Print the table of errors on a folder of faces whose pose is known."""
    path: Path = arguments.truth

    def progress(what: str) -> None:
        print(f"measuring {what} …", file=sys.stderr)

    print(report(path, load_head_model(), progress))
    return 0
