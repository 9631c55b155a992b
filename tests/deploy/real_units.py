"""Units in a tree, read and judged by systemd's own tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

Tool = Callable[[Sequence[str]], Any]


def verify(tool: Tool, tree: Path, units: Iterable[str]) -> str:
    """Return everything that systemd has to say against units; its exit code says little."""
    said = tool(["systemd-analyze", "verify", f"--root={tree}", "--man=no", *units])
    return str(said.err) + ("" if said.code == 0 else f"code {said.code}")


def edit(tree: Path, unit: str, old: str, new: str) -> None:
    path = tree / "etc/systemd/system" / unit
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
