"""``make bench``: every figure beside its peer, with the machine it was measured on.

``python -m tests.benchmarks [NAME…]`` runs only the named ones (``seal``, ``upload``, …).
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import subprocess
import sys
from pathlib import Path

from kiosk.tables import aligned
from tests.benchmarks.row import Row

HEADINGS = ("what", "ours", "peer", "ratio", "aim", "", "peer is")


def main() -> int:
    names = sorted(path.stem.removeprefix("bench_") for path in _here().glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    wanted = parser.parse_args().names or names
    if unknown := set(wanted) - set(names):
        parser.error(
            f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(names)}"
        )
    if len(wanted) == 1:
        rows = importlib.import_module(f"tests.benchmarks.bench_{wanted[0]}").run()
        print(f"\n{wanted[0]}\n{aligned([HEADINGS, *map(_cells, rows)])}")
        return 0
    print(machine(), flush=True)
    # Each in a process of its own: what one leaves in caches and heaps is not another's.
    codes = [subprocess.call([sys.executable, "-m", "tests.benchmarks", name]) for name in wanted]
    return max(codes)


def machine() -> str:
    """Say where this was measured: processor, cores, kernel, Python."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0))
    name = models[0] if models else platform.machine()
    return f"{name}, {cores} cores, Linux {platform.release()}, Python {platform.python_version()}"


def _cells(row: Row) -> tuple[str, ...]:
    figure = row.ours if row.ratio is None else row.ratio
    verdict = "" if row.aim is None else "reached" if figure <= row.aim else "MISSED"
    return (
        row.name,
        f"{row.ours:.2f} {row.unit}",
        "" if row.peer is None else f"{row.peer:.2f} {row.unit}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.aim is None else f"{row.aim:g}",
        verdict,
        row.peer_name,
    )


def _here() -> Path:
    return Path(__file__).parent


if __name__ == "__main__":
    sys.exit(main())
