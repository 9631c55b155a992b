"""Quick tests of how a kernel that panicked at its start is told from a machine that is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.vm import machine
from tests.vm.machine import CONSOLE, Boot, MachineError
from tests.vm.station import awake

PANICKED = "[    1.520255] Kernel panic - not syncing: Fatal exception in interrupt"


def pretend(monkeypatch: pytest.MonkeyPatch, folder: Path, *consoles: str) -> Boot:
    """Have each start of QEMU write the next console's log, and end."""
    tools = folder / "tools"
    tools.mkdir()
    for number, said in enumerate(consoles):
        (tools / f"said-{number}").write_text(said + "\n", encoding="utf-8")
    emulator = tools / "qemu"
    emulator.write_text(
        f"#!/bin/sh\ncd {tools}\nfor said in said-*; do mv $said ../{CONSOLE}; exit; done\n",
        encoding="utf-8",
    )
    emulator.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(machine, "QEMU", "qemu")
    monkeypatch.setattr(machine, "accelerator", lambda: ((), "pretended"))
    return Boot(folder / "kernel", folder / "initrd", (), (1, 1))


def left(folder: Path) -> int:
    return len(list((folder / "tools").glob("said-*")))


def test_it_is_started_once_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    boot = pretend(monkeypatch, tmp_path, PANICKED, "mount: no root", "not reached")
    with pytest.raises(MachineError, match="QEMU ended"):
        awake(boot, tmp_path)
    assert left(tmp_path) == 1
    assert (tmp_path / CONSOLE).read_text(encoding="utf-8") == "mount: no root\n"
    assert (tmp_path / "console.panic").read_text(encoding="utf-8") == f"{PANICKED}\n"


def test_twice_is_too_often(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    boot = pretend(monkeypatch, tmp_path, PANICKED, PANICKED, "not reached")
    with pytest.raises(MachineError, match="QEMU ended"):
        awake(boot, tmp_path)
    assert left(tmp_path) == 1


def test_any_other_end_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    boot = pretend(monkeypatch, tmp_path, "mount: no root", "not reached")
    with pytest.raises(MachineError, match="QEMU ended"):
        awake(boot, tmp_path)
    assert left(tmp_path) == 1
    assert not (tmp_path / "console.panic").exists()
