"""A fault at every system call that touches the spool or durable state.

The calls are found by tracing a clean run; then one process is run for each call and fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import strace
from tests.faults.scenes import SCENES, Scene
from tests.faults.strace import KILLED, Call, Run

pytestmark = pytest.mark.skipif(bool(strace.why_not()), reason=strace.why_not() or "runs")

STATUS = {"ENOSPC": 10, "EROFS": 11, "EIO": 12}

every_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.act)


def clean(scene: Scene, home: Path) -> tuple[Run, Path]:
    root = home / "clean"
    root.mkdir()
    scene.prepare(root)
    run = strace.run([scene.act, str(root)], home / "log")
    assert run.status == 0, run.errors
    assert scene.check(root, run) == []
    return run, root


def points(scene: Scene, home: Path) -> list[Call]:
    run, root = clean(scene, home)
    found = strace.touching(run.calls, root)
    assert len(found) >= 5, "the trace shows no calls on the directory"
    return found


def broken(
    scene: Scene, home: Path, calls: list[Call], fault: str, *more: str
) -> Iterator[tuple[Call, Path, Run]]:
    """Run the act once for each call with ``fault`` at it, on a directory of its own."""
    for number, call in enumerate(calls):
        root = home / f"{number:03}"
        root.mkdir()
        scene.prepare(root)
        inject = [f"{call.name}:{fault}:when={call.nth}", *more]
        names = sorted({expression.partition(":")[0] for expression in inject})
        run = strace.run([scene.act, str(root)], home / "log", only=names, inject=inject)
        assert "Traceback" not in run.errors, f"{call}\n{run.errors}"
        hit = [c for c in run.calls if c.name == call.name and c.nth == call.nth]
        assert hit, f"not reached again: {call}"
        yield call, root, run


def allowed(call: Call, calls: list[Call], error: str) -> set[int]:
    """Return the exit statuses that an error at a call may lead to.

    Almost always the one that belongs to the error. Four kinds of calls cannot lose anything, and
    the act may end well after all (``Scene.check`` then wants it complete).
    """
    before = calls[calls.index(call) - 1]
    if call.name == "close" and before.name == "getdents64":
        return {0}  # a directory that was only listed; the interpreter does not report it
    if call.name.startswith("faccessat"):
        return {STATUS["EIO"]}  # asks only whether writing is allowed, not why not
    if call.name == "openat" and '.age", O_RDONLY' in call.line:
        return {0, STATUS[error]}  # in a listing: listed all the same, and opened again later
    if call.name in ("newfstatat", "fstat") and ".age>, " in call.line:
        return {0, STATUS[error]}  # the interpreter asks first, and we ask again
    return {STATUS[error]}


@every_scene
@pytest.mark.parametrize("error", STATUS)
def test_an_error_at_each_call_is_typed_and_leaves_nothing_partial(
    scene: Scene, error: str, tmp_path: Path
) -> None:
    calls = points(scene, tmp_path)
    wrong = []
    for call, root, run in broken(scene, tmp_path, calls, f"error={error}"):
        expected = allowed(call, calls, error)
        problems = scene.check(root, run)
        if run.status not in expected:
            problems.append(f"ended with {run.status}, expected {expected}: {run.output}")
        if run.status and "error " not in run.output:
            problems.append("no sentence")
        wrong += [f"{call}: {problem}" for problem in problems]
    assert not wrong, "\n".join(wrong)


@every_scene
def test_killing_at_each_call_leaves_all_or_nothing(scene: Scene, tmp_path: Path) -> None:
    run, root = clean(scene, tmp_path)
    calls = [
        *strace.touching(run.calls, root),
        *(c for c in run.calls if c.name == "write" and "write(1<" in c.line),
    ]
    assert any("write(1<" in call.line for call in calls), "the child said nothing"
    wrong = []
    for call, where, ended in broken(scene, tmp_path, calls, "signal=KILL"):
        problems = scene.check(where, ended)
        if ended.status != KILLED:
            problems.append(f"was not killed: {ended.status}")
        wrong += [f"{call}: {problem}" for problem in problems]
    assert not wrong, "\n".join(wrong)


def test_when_the_clean_up_fails_too_the_next_start_clears_it(tmp_path: Path) -> None:
    """The disk fails at a call of the writing, and no file can be removed from then on."""
    scene = SCENES[0]
    calls = points(scene, tmp_path)
    first = next(i for i, call in enumerate(calls) if "O_EXCL" in call.line)
    removals = sum("unlink" in call.name for call in calls[:first])
    wrong = []
    for call, root, run in broken(
        scene, tmp_path, calls[first:], "error=EIO", f"unlink:error=EIO:when={removals + 1}+"
    ):
        if run.status != STATUS["EIO"] or "saved" in run.output:
            wrong.append(f"{call}: ended with {run.status}: {run.output}")
        # What stays under a final name is whole all the same; the check wants none, so ask it as
        # if the process had been killed.
        killed = Run(KILLED, run.output, run.errors, run.calls)
        wrong += [f"{call}: {problem}" for problem in scene.check(root, killed)]
    assert not wrong, "\n".join(wrong)
