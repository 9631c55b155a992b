"""What must hold after an act of ``child.py``, however it ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.durable import Counter
from kiosk.spool import Spool
from tests.faults.child import NEW, OLD, PAYLOAD
from tests.faults.strace import Run

WHOLE = b"".join(PAYLOAD)
LEFTOVER = "0" * 32 + ".part"


@dataclass(frozen=True, slots=True)
class Scene:
    """An act, how its directory is made ready, and what must hold afterwards.

    ``check`` gets the directory and the run, and returns what is wrong, in words; it is called
    after the disk is healthy again.
    """

    act: str
    prepare: Callable[[Path], None]
    check: Callable[[Path, Run], list[str]]


def _prepare_put(root: Path) -> None:
    _save(root)
    (root / LEFTOVER).write_bytes(WHOLE[:100])


def _check_put(root: Path, run: Run) -> list[str]:
    spool = Spool(root)
    wrong = []
    parts = {path.name for path in root.glob("*.part")}
    if run.status > 0 and parts - {LEFTOVER}:
        wrong.append("a refused shot left its part behind")
    spool.recover()
    if list(root.glob("*.part")) or spool.strangers():
        wrong.append("something partial is left after recovery")
    names = [entry.name for entry in spool.entries()]
    saved = re.findall(r"^saved (\S+)$", run.output, re.MULTILINE)
    if not {*saved} <= {*names}:
        wrong.append("said saved, and is not there")
    if run.status == 0 and not saved:
        wrong.append("ended well without a word")
    if run.status > 0 and len(names) != 1:
        wrong.append(f"an error, and yet {len(names) - 1} new shots")
    if len(names) not in (1, 2):
        wrong.append(f"{len(names)} shots, expected the older one and at most one more")
    wrong += [f"{name} is not whole" for name in names if _content(spool, name) != WHOLE]
    return wrong


def _prepare_take(root: Path) -> None:
    _save(root)
    _save(root)


def _check_take(root: Path, run: Run) -> list[str]:
    spool = Spool(root)
    names = [entry.name for entry in spool.entries()]
    read = re.findall(r"^read (\S+) (\w+)$", run.output, re.MULTILINE)
    removed = re.findall(r"^removed (\S+)$", run.output, re.MULTILINE)
    wrong = [f"{name} was read wrongly" for name, whole in read if whole != "True"]
    wrong += [f"{name} is not whole" for name in names if _content(spool, name) != WHOLE]
    if {*removed} & {*names}:
        wrong.append("said removed, and is still there")
    if 2 - len(names) > len(read):
        wrong.append("removed without having been read")
    if run.status == 0 and (names or len(removed) != 2):
        wrong.append("ended well with work left")
    return wrong


def _prepare_count(root: Path) -> None:
    counter = Counter(root / "sequence")
    counter.create()
    counter.next()
    (root / ".sequence.new").write_bytes(b"00")


def _check_count(root: Path, run: Run) -> list[str]:
    told = [1, *map(int, re.findall(r"^number (\d+)$", run.output, re.MULTILINE))]
    following = [Counter(root / "sequence").next() for _ in range(2)]
    wrong = []
    if any(later <= earlier for earlier, later in zip(told, told[1:] + following, strict=False)):
        wrong.append(f"numbers repeat: {told}, then {following}")
    if run.status == 0 and told != [1, 2, 3]:
        wrong.append(f"ended well with {told}")
    if sorted(path.name for path in root.iterdir()) != ["sequence"]:
        wrong.append("something is left beside the counter")
    return wrong


def _prepare_replace(root: Path) -> None:
    (root / "state").write_bytes(OLD)
    (root / ".state.new").write_bytes(NEW[:5])


def _check_replace(root: Path, run: Run) -> list[str]:
    content = (root / "state").read_bytes()
    replaced = "replaced" in run.output
    wrong = []
    if content not in (OLD, NEW):
        wrong.append(f"a mixture: {content!r}")
    if replaced != (run.status == 0) and run.status >= 0:
        wrong.append("word and status disagree")
    if replaced and content != NEW:
        wrong.append("said replaced, and is the old one")
    return wrong


SCENES = (
    Scene("put", _prepare_put, _check_put),
    Scene("take", _prepare_take, _check_take),
    Scene("count", _prepare_count, _check_count),
    Scene("replace", _prepare_replace, _check_replace),
)


def _save(root: Path) -> None:
    with Spool(root).put() as writer:
        writer.write(WHOLE)


def _content(spool: Spool, name: str) -> bytes:
    with spool.open(name) as sealed:
        return sealed.read()
