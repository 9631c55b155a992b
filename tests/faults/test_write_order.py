"""What a power cut can leave depends on the order of syncs and renames: read it from the kernel."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults import strace
from tests.faults.scenes import SCENES
from tests.faults.strace import Call

pytestmark = pytest.mark.skipif(bool(strace.why_not()), reason=strace.why_not() or "runs")


def steps(act: str, home: Path) -> tuple[Path, list[Call]]:
    scene = next(scene for scene in SCENES if scene.act == act)
    root = home / "place"
    root.mkdir()
    scene.prepare(root)
    run = strace.run([act, str(root)], home / "log")
    assert run.status == 0, run.errors
    told = [call for call in run.calls if "write(1<" in call.line]
    mine = {*strace.touching(run.calls, root), *told}
    return root, [call for call in run.calls if call in mine]


def shorthand(calls: list[Call], root: Path, names: dict[str, str]) -> list[str]:
    """Tell a trace in words of ``names``: pattern of a line (after the root's path) to a word."""
    place = re.escape(str(root))
    told = []
    for call in calls:
        for pattern, word in names.items():
            if re.search(pattern.replace("ROOT", place), call.line):
                told.append(word)
    return told


def test_a_shot_is_on_the_disk_before_it_is_called_saved(tmp_path: Path) -> None:
    root, calls = steps("put", tmp_path)
    begin = next(i for i, call in enumerate(calls) if "O_EXCL" in call.line)
    order = shorthand(
        calls[begin:],
        root,
        {
            r"\bwrite\(\d+<ROOT/\w+\.part>": "write",
            r"\butimensat\(\d+<ROOT/\w+\.part>": "times",
            r"\bf(data)?sync\(\d+<ROOT/\w+\.part>": "sync data",
            r"\brename\w*\(.*\.part\".*\.age\"": "rename",
            r"\bfsync\(\d+<ROOT>\)": "sync names",
            r"\bwrite\(1<.*saved": "saved",
        },
    )
    assert order == [*["write"] * 3, "times", "sync data", "rename", "sync names", "saved"]


def test_leftovers_are_gone_for_good_before_the_first_shot(tmp_path: Path) -> None:
    root, calls = steps("put", tmp_path)
    order = shorthand(
        calls,
        root,
        {r"\bunlink\w*\(.*\.part\"": "unlink", r"\bfsync\(\d+<ROOT>\)": "sync", "O_EXCL": "create"},
    )
    assert order[:3] == ["unlink", "sync", "create"]


def test_an_object_is_gone_for_good_before_it_is_called_removed(tmp_path: Path) -> None:
    root, calls = steps("take", tmp_path)
    order = shorthand(
        calls,
        root,
        {r"\bunlink\w*\(.*\.age\"": "unlink", r"\bfsync\(\d+<ROOT>\)": "sync", "removed": "said"},
    )
    assert order == ["unlink", "sync", "said"] * 2


@pytest.mark.parametrize(
    ("act", "name", "told"), [("count", "sequence", 2), ("replace", "state", 1)]
)
def test_state_is_on_the_disk_before_it_is_told(
    act: str, name: str, told: int, tmp_path: Path
) -> None:
    root, calls = steps(act, tmp_path)
    order = shorthand(
        calls,
        root,
        {
            rf"\bwrite\(\d+<ROOT/\.{name}\.new>": "write",
            rf"\bfsync\(\d+<ROOT/\.{name}\.new>": "sync data",
            rf"\brename\w*\(.*\.{name}\.new\".*/{name}\"": "rename",
            r"\bfsync\(\d+<ROOT>\)": "sync names",
            r"\bwrite\(1<": "told",
        },
    )
    assert order == ["write", "sync data", "rename", "sync names", "told"] * told
