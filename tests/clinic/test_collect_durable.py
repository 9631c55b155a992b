"""Killed or torn, nothing is lost: what is gone from the server is on the clinic's disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.clinic.originals import Originals
from kiosk.errors import StorageFailed
from kiosk.records.receipts import Taken
from tests.clinic.collect_samples import Collect, House
from tests.faults import killed
from tests.upload.receipt_samples import digest_of


def test_a_line_that_a_power_cut_has_torn_is_written_anew(house: House, collect: Collect) -> None:
    first, second = house.shot(1), house.shot(2)
    os.utime(first, (1, 1))
    collect()
    path = house.sealed / "kiosk-01/taken.sha256"
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    house.put((house.sealed / "kiosk-01" / second.name).read_bytes(), name=second.name)
    assert collect()[0] == 0
    assert path.read_bytes() == whole


def test_a_damaged_list_is_told_and_nothing_is_taken(house: House, collect: Collect) -> None:
    house.shot(1)
    collect()
    path = house.sealed / "kiosk-01/taken.sha256"
    path.write_text("no line\n" + path.read_text())
    waiting = house.shot(2)
    code, said = collect()
    assert code == 1
    assert "taken.sha256, line 1" in said[0]
    assert waiting.exists()


def test_a_write_that_failed_leaves_no_half_line_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    originals = Originals(tmp_path, "kiosk-01")
    staged = tmp_path / "kiosk-01/.collecting"
    names = [f"{number:032x}.age" for number in (1, 2)]
    with monkeypatch.context() as broken:

        def half(fd: int, data: bytes) -> int:
            os.write(fd, data[:20])
            raise OSError(28, "No space left on device")

        broken.setattr("kiosk.clinic.originals.durable.write_all", half)
        staged.write_bytes(b"one")
        with pytest.raises(StorageFailed.__base__):  # type: ignore[arg-type]
            originals.keep(staged, names[0], digest_of(b"one"))
    staged.unlink()
    staged.write_bytes(b"two")
    originals.keep(staged, names[1], digest_of(b"two"))
    assert Originals(tmp_path, "kiosk-01").taken == [Taken(names[1], digest_of(b"two"))]


def test_killed_at_each_step_the_next_run_ends_what_was_begun(tmp_path: Path) -> None:
    count, wrong = killed.places("tests.clinic.collect_scene", tmp_path)
    assert wrong == []
    assert count > 60


class Dirt:
    """What a power cut could take: files written and folders changed since they were synced."""

    def __init__(self, roots: list[Path]) -> None:
        self._roots = roots
        self.dirty: set[tuple[int, int]] = set()
        self.removals: list[tuple[str, int]] = []

    def install(self, patched: pytest.MonkeyPatch) -> None:
        for name in ("write", "fsync", "link", "rename", "mkdir", "unlink", "open"):
            patched.setattr(os, name, self._noted(name, getattr(os, name)))

    def _noted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - any call of the system
            if name == "unlink":
                self._unlinked(str(arguments[0]))
            done = real(*arguments, **options)
            for changed in self._changed(name, arguments):
                self._mark(changed)
            if name == "fsync":
                self.dirty.discard(_identity(os.fstat(arguments[0])))
            return done

        return call

    def _changed(self, name: str, arguments: tuple[Any, ...]) -> Iterator[int | Path]:
        """Yield the file that was written, or the folder whose names have changed."""
        if name == "write":
            yield arguments[0]
        elif name == "link":
            yield Path(arguments[1]).parent
        elif name == "rename":
            yield from (Path(arguments[0]).parent, Path(arguments[1]).parent)
        elif name == "mkdir":
            yield Path(arguments[0]).parent

    def _mark(self, changed: int | Path) -> None:
        path = Path(f"/proc/self/fd/{changed}").readlink() if isinstance(changed, int) else changed
        if any(path.is_relative_to(root) for root in self._roots):
            self.dirty.add(_identity(path.stat()))

    def _unlinked(self, path: str) -> None:
        if "/in/" in path:
            self.removals.append((path, len(self.dirty)))


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def test_no_power_cut_can_take_what_was_removed_from_the_server(
    house: House, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        house.shot(number, patient=f"P-{number}")
    house.segment(3)
    dirt = Dirt([house.library, house.sealed])
    with monkeypatch.context() as patched:
        dirt.install(patched)
        assert collect()[0] == 0
    assert [count for _, count in dirt.removals] == [0, 0, 0]
