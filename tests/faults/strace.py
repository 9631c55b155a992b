"""Faults at system calls, planted by strace: find every call that touches a place, break each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("child.py")
KILLED = -9

_LINE = re.compile(r"^\d+\s+(?P<name>\w+)\((?P<rest>.*)$")


@dataclass(frozen=True, slots=True)
class Call:
    """One system call of a trace.

    Attributes:
        name: the system call.
        nth: its place among the calls of this name in the process, from 1 as strace counts.
        line: what strace wrote of it, descriptors with their paths.
    """

    name: str
    nth: int
    line: str

    def __str__(self) -> str:
        return f"{self.name} {self.nth}: {self.line}"


@dataclass(frozen=True, slots=True)
class Run:
    """How a child ended: exit status as subprocess tells it, its output, and its calls."""

    status: int
    output: str
    errors: str
    calls: tuple[Call, ...]


def why_not() -> str:
    """Return the reason why strace cannot be used here, or empty text."""
    try:
        probe = subprocess.run(
            ["strace", "-f", "--seccomp-bpf", "-e", "trace=close", "-o", "/dev/null", "true"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return "strace is not installed"
    return "" if probe.returncode == 0 else f"strace may not trace here: {probe.stderr.strip()}"


def run(
    arguments: Sequence[str], log: Path, *, only: Sequence[str] = (), inject: Sequence[str] = ()
) -> Run:
    """Run ``child.py`` under strace.

    Args:
        arguments: of the child.
        log: where strace may write.
        only: names of the system calls to trace; all when empty.
        inject: strace's injection expressions, such as ``fsync:error=EIO:when=2``.
    """
    command = ["strace", "-f", "-y", "-o", str(log)]
    if only:
        command += ["-e", f"trace={','.join(only)}"]
        if not any("signal=" in expression for expression in inject):
            command.append("--seccomp-bpf")  # three times as fast, but strace 6.1 loses signals
    for expression in inject:
        command += ["-e", f"inject={expression}"]
    # -S: the child needs the standard library and this checkout, nothing that is installed.
    command += [sys.executable, "-S", "-B", str(CHILD), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=30
    )
    calls = parse(log.read_text(encoding="utf-8", errors="replace"))
    return Run(ended.returncode, ended.stdout, ended.stderr, calls)


def parse(text: str) -> tuple[Call, ...]:
    counts: Counter[str] = Counter()
    calls = []
    for line in text.splitlines():
        found = _LINE.match(line)
        if found:
            counts[found["name"]] += 1
            calls.append(Call(found["name"], counts[found["name"]], line))
    return tuple(calls)


def touching(calls: Sequence[Call], place: Path) -> list[Call]:
    """Return the calls that name a place, or a file in it, by path or by descriptor."""
    inside = re.compile(rf'["<]{re.escape(str(place))}["/>]')
    return [call for call in calls if inside.search(call.line)]
