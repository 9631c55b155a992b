"""What keeps plaintext off the disk, seen in processes of its own."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.errors import ServiceError
from kiosk.process import Swap, refuse_swap, swap

HERE = Path(__file__).parent
CHILD = str(HERE / "process_child.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")

HEADINGS = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def run(way: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CHILD, way],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        cwd=folder,
        check=False,
        timeout=60,
    )


def test_core_dumps_are_forbidden_and_the_kernel_agrees(tmp_path: Path) -> None:
    shown = run("forbid", tmp_path).stdout.splitlines()
    assert shown == ["False True 0 False", "['0', '0']"]


@pytest.mark.skipif(
    "/" in CORE_PATTERN.read_text(encoding="utf-8")
    or CORE_PATTERN.read_text(encoding="utf-8").startswith("|"),
    reason="this machine's cores do not go to the working directory",
)
def test_a_crash_leaves_no_core(tmp_path: Path) -> None:
    as_it_is = run("crash_as_it_is", tmp_path)
    assert as_it_is.returncode == -signal.SIGSEGV
    left = list(tmp_path.iterdir())
    if not left:
        pytest.skip("this kernel writes no cores even when asked to: the test would show nothing")
    for file in left:
        file.unlink()
    protected = run("crash_protected", tmp_path)
    assert protected.returncode == -signal.SIGSEGV
    assert list(tmp_path.iterdir()) == []


def test_memory_is_locked_and_takes_no_more_than_it_is_used(tmp_path: Path) -> None:
    done = run("lock", tmp_path)
    if "LimitMEMLOCK" in done.stderr:
        pytest.skip("this user may not lock memory without a limit")
    assert done.stdout == "True True True True\n", done.stderr


def test_findings_can_be_made_without_root(tmp_path: Path) -> None:
    done = run("forbid_as_nobody", tmp_path)
    assert done.stdout.startswith("True "), done.stderr


def test_a_limit_on_locked_memory_is_said_before_it_hurts(tmp_path: Path) -> None:
    shown = run("lock_limited", tmp_path).stdout.splitlines()
    assert shown[0].startswith("False 0 Memory cannot be locked")
    assert shown[1].startswith("service Memory cannot be locked")
    assert all("only 1048576 bytes; expected LimitMEMLOCK=infinity" in line for line in shown)


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, CHILD, "parent"],
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        cwd=tmp_path,
    )
    assert parent.stdout is not None
    with parent, parent.stdout:
        child = os.pidfd_open(int(parent.stdout.readline()))
        try:
            parent.send_signal(signal.SIGKILL)
            # Its descriptor becomes readable when it ends.
            assert select.select([child], [], [], 30.0)[0], "the child lives on"
        finally:
            os.close(child)


def test_a_parent_that_is_gone_already_is_an_error(tmp_path: Path) -> None:
    assert "has ended" in run("orphan", tmp_path).stdout


def machine(
    tmp_path: Path, *, swaps: str = "", backing: str | None = None, file: bool = False
) -> tuple[Path, Path, Path]:
    """Make up a machine's /proc/swaps, /sys/block and /var/swap."""
    (tmp_path / "swaps").write_text(HEADINGS + swaps, encoding="utf-8")
    (tmp_path / "block" / "mmcblk0").mkdir(parents=True)
    if backing is not None:
        (tmp_path / "block" / "zram0").mkdir()
        (tmp_path / "block" / "zram0" / "backing_dev").write_text(backing + "\n", encoding="utf-8")
    if file:
        (tmp_path / "swap").touch()
    return tmp_path / "swaps", tmp_path / "block", tmp_path / "swap"


def test_a_machine_without_swap_is_fine(tmp_path: Path) -> None:
    found = refuse_swap(*machine(tmp_path, backing="none"), required=True)
    assert found == Swap((), ())
    assert found.absent


@pytest.mark.parametrize(
    ("swaps", "backing", "named"),
    [
        (
            "/dev/zram0                              partition\t524284\t\t0\t\t100\n",
            "none",
            "zram0",
        ),
        ("/swapfile                               file\t\t524284\t\t0\t\t-2\n", None, "/swapfile"),
        ("", "/dev/loop0", "/dev/loop0"),
    ],
    ids=["zram", "file", "write-back"],
)
def test_swap_is_refused_by_name(
    tmp_path: Path, swaps: str, backing: str | None, named: str
) -> None:
    with pytest.raises(ServiceError, match=named):
        refuse_swap(*machine(tmp_path, swaps=swaps, backing=backing), required=True)


def test_a_write_back_file_is_refused_even_while_not_in_use(tmp_path: Path) -> None:
    places = machine(tmp_path, file=True)
    with pytest.raises(ServiceError, match=rf"{places[2]}.*Mechanism=none"):
        refuse_swap(*places, required=True)


def test_who_asks_for_it_is_only_told(tmp_path: Path) -> None:
    places = machine(tmp_path, swaps="/swapfile file 1 0 -2\n", backing="/dev/loop0", file=True)
    found = refuse_swap(*places, required=False)
    assert found == Swap(("/swapfile",), ("/dev/loop0", str(places[2])))
    assert not found.absent


def test_not_knowing_is_no_permission(tmp_path: Path) -> None:
    swaps, block, file = machine(tmp_path)
    swaps.unlink()
    assert not swap(swaps, block, file).absent
    with pytest.raises(ServiceError, match=r"swaps cannot be read.*ProcSubset=pid"):
        refuse_swap(swaps, block, file, required=True)


def test_this_machine_can_be_asked() -> None:
    assert swap().reason == ""
