"""An act killed before each call that changes the disk, and then run again.

``killed.py MODULE DIRECTORY``: the module has ``prepare(root)``, ``act(root)``, ``between(root)``
and ``check(root)``; the last two return what is wrong, in words, after the kill and after the next
run. Prints a line for each wrong thing, then how many places there were. The process is of its
own so that it can fork: every kill is a real SIGKILL of a real process.
"""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CALLS = ("fsync", "rename", "replace", "link", "unlink", "remove", "mkdir", "rmdir", "write")


def places(module: str, root: Path) -> tuple[int, list[str]]:
    """Run a module's act in a process of its own; return how many places there were, and faults."""
    done = subprocess.run(
        [sys.executable, "-B", __file__, module, str(root)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *wrong, count = done.stdout.splitlines()
    return int(count), wrong


def main() -> int:
    scene: Any = importlib.import_module(sys.argv[1])
    for place in itertools.count(1):
        root = Path(sys.argv[2], f"{place:03}")
        root.mkdir()
        scene.prepare(root)
        said: list[str] = []
        ended = _forked(lambda r=root: scene.act(r), _Killer(place))  # type: ignore[misc]
        if ended == 0:
            if found := scene.check(root):
                print(f"without any kill: {found}")
            print(place - 1)
            return 0
        if ended != -signal.SIGKILL:
            said.append(f"ended with {ended}")
        said += [f"after the kill: {one}" for one in scene.between(root)]
        if again := _forked(lambda r=root: scene.act(r)):  # type: ignore[misc]
            said.append(f"the next run ended with {again}")
        said += [f"after the next run: {one}" for one in scene.check(root)]
        for one in said:
            print(f"place {place}: {one}")
    raise AssertionError


class _Killer:
    """Kills this process before the so-manieth of the calls."""

    def __init__(self, place: int) -> None:
        self._left = place

    def install(self) -> None:
        for name in CALLS:
            setattr(os, name, self._counted(getattr(os, name)))

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - any call of the system
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call


def _forked(act: Callable[[], object], killer: _Killer | None = None) -> int:
    """Run an act in a child of this process; return its exit code, negative for a signal."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        # What the act says is not what this program says.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if killer is not None:
            killer.install()
        act()
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
