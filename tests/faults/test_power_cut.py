"""Power cuts: snapshots of a disk in the middle of the work, mounted as after the cut.

A file system lives in an image file on another one that can clone files at once (xfs with
reflink). A clone holds what had reached the inner disk at that moment and nothing that was only in
memory. Whatever was told before the clone began must be in it.
"""

from __future__ import annotations

import fcntl
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.durable import Counter
from kiosk.spool import Spool
from tests.faults import saver
from tests.faults.mounts import filesystem, mounted
from tests.faults.strace import ROOT

CUTS = 16
_FICLONE = 0x40049409
"""Clone a whole file, ioctl_ficlone(2)."""


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_whatever_was_told_before_a_power_cut_is_there_afterwards(
    kind: str, tmp_path: Path
) -> None:
    outer = tmp_path / "outer"
    with filesystem("xfs", tmp_path / "outer.img", outer, 1024):
        image, disk = outer / "disk.img", tmp_path / "disk"
        with filesystem(kind, image, disk, 320 if kind == "xfs" else 48):
            cuts = cut_often(image, disk)
        # xfs refuses to mount two copies of one file system unless told to.
        options = "loop,nouuid" if kind == "xfs" else "loop"
        wrong = []
        for clone, told in cuts:
            with mounted(tmp_path / "after", "-o", options, str(clone)) as after:
                wrong += [f"{clone.name}: {problem}" for problem in losses(after, told)]
    assert sum(bool(told) for _, told in cuts) >= CUTS // 2
    assert not wrong, "\n".join(wrong)


def cut_often(image: Path, disk: Path) -> list[tuple[Path, list[str]]]:
    """Clone the disk while shots are saved; return the clones and what was told before each."""
    (disk / "spool").mkdir()
    Counter(disk / "sequence").create()
    Spool(disk / "spool").recover()
    cuts = []
    choice = random.Random(2)
    with saving(disk) as (told, wait_for):
        for number in range(CUTS):
            wait_for(len(told) + choice.randrange(1, 20))
            before = list(told)
            cuts.append((clone(image, image.with_name(f"cut-{number}")), before))
    return cuts


def losses(after: Path, told: list[str]) -> list[str]:
    spool = Spool(after / "spool")
    spool.recover()
    names = {entry.name for entry in spool.entries()}
    tales = [line.split() for line in told]
    wrong = [f"lost: {what}" for act, what in tales if act == "saved" and what not in names]
    for name in names:
        with spool.open(name) as sealed:
            if not saver.is_whole(sealed.read()):
                wrong.append(f"not whole: {name}")
    numbers = [int(what) for act, what in tales if act == "number"]
    following = Counter(after / "sequence").next()
    if following <= max(numbers, default=0):
        wrong.append(f"number {following} comes again")
    return wrong


def clone(source: Path, target: Path) -> Path:
    with source.open("rb") as read, target.open("wb") as write:
        try:
            fcntl.ioctl(write, _FICLONE, read.fileno())
        except OSError as error:
            pytest.skip(f"files cannot be cloned here: {error.strerror}")
    return target


@contextmanager
def saving(disk: Path) -> Iterator[tuple[list[str], Callable[[int], None]]]:
    """Run the saver; give the lines it has told so far and a way to wait for more of them."""
    child = subprocess.Popen(
        [sys.executable, "-S", "-B", saver.__file__, str(disk)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    told: list[str] = []
    more = threading.Condition()

    def listen() -> None:
        assert child.stdout
        for line in child.stdout:
            with more:
                told.append(line)
                more.notify()

    def wait_for(count: int) -> None:
        with more:
            assert more.wait_for(lambda: len(told) >= count, timeout=60), "the saver is stuck"

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield told, wait_for
    finally:
        child.kill()
        child.wait()
        listener.join()
        assert child.stdout
        child.stdout.close()
