"""The lamps are dark after every end of the process that lit them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.children import INTERRUPTIBLE

ROOT = Path(__file__).parents[3]
CHILD = Path(__file__).parent / "lights_fake" / "child.py"


def run(way: str, record: Path, number: signal.Signals | None = None) -> tuple[int, bool]:
    """Run the child to its end; return its exit code and whether its lamps were ever lit."""
    record.touch()
    child = subprocess.Popen(
        [*INTERRUPTIBLE, sys.executable, str(CHILD), way, str(record)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    with child, child.stdout:
        was_lit = child.stdout.readline() == b"lit\n"
        if number is not None:
            child.send_signal(number)
        return child.wait(60), was_lit


def states(record: Path) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for line in record.read_text(encoding="ascii").splitlines():
        name, state = line.split()
        found.setdefault(name, []).append(float(state))
    return found


@pytest.mark.parametrize(
    ("way", "number", "code"),
    [
        ("normal_end", None, 0),
        ("exception", None, 1),
        ("exception_in_block", None, 1),
        ("sys_exit", None, 3),
        ("wait", signal.SIGTERM, 128 + signal.SIGTERM),
        ("wait", signal.SIGINT, 128 + signal.SIGINT),
        ("stop_signal", signal.SIGTERM, 0),
        ("stop_signal", signal.SIGINT, 0),
    ],
)
def test_dark_after(tmp_path: Path, way: str, number: signal.Signals | None, code: int) -> None:
    record = tmp_path / "pins"
    assert run(way, record, number) == (code, True)
    for name, history in states(record).items():
        assert max(history) > 0, f"{name} was never lit: the test shows nothing"
        assert history[-1] == 0.0, f"{name} was left on"


def test_switched_off_after_a_kill(tmp_path: Path) -> None:
    record = tmp_path / "pins"
    code, was_lit = run("wait", record, signal.SIGKILL)
    assert (code, was_lit) == (-signal.SIGKILL, True)
    assert [history[-1] for history in states(record).values()] == [1.0, 1.0]
    code, _ = run("off_from_outside", record)
    assert code == 0
    assert [history[-1] for history in states(record).values()] == [0.0, 0.0]
