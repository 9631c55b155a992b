"""Small file systems for tests, made, mounted and taken away again; only root may."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def tool(*command: str) -> None:
    """Run a system tool.

    Raises:
        RuntimeError: with what the tool said.
    """
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)}: {ended.stderr.strip()}")


@contextmanager
def mounted(place: Path, *arguments: str) -> Iterator[Path]:
    """Mount with the arguments of mount(8) and unmount at the end; skip where it is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount file systems")
    place.mkdir(exist_ok=True)
    try:
        tool("mount", *arguments, str(place))
    except (RuntimeError, FileNotFoundError) as error:
        pytest.skip(f"cannot mount here: {error}")
    try:
        yield place
    finally:
        _unmount(place)


@contextmanager
def filesystem(kind: str, image: Path, place: Path, megabytes: int) -> Iterator[Path]:
    """Make a file system in an image file and mount it; skip where the tools are missing."""
    if kind == "tmpfs":
        with mounted(place, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs") as root:
            yield root
        return
    with image.open("wb") as file:
        file.truncate(megabytes * 1_048_576)
    try:
        tool(f"mkfs.{kind}", "-q", str(image))
    except (RuntimeError, FileNotFoundError) as error:
        pytest.skip(f"cannot make {kind} here: {error}")
    with mounted(place, "-o", "loop", str(image)) as root:
        yield root


def _unmount(place: Path, patience: float = 20.0) -> None:
    """Unmount; a loop device lets go of its image a moment after its own unmounting has returned.

    Raises:
        RuntimeError: something kept a file open for all of ``patience``, seconds.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            tool("umount", str(place))
        except RuntimeError:
            if time.monotonic() > deadline:
                tool("umount", "--lazy", str(place))
                raise
            time.sleep(0.05)
        else:
            return
