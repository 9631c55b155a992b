"""A spool of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.spool import Spool


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "spool"
    path.mkdir(mode=0o770)
    return path


@pytest.fixture
def spool(root: Path) -> Spool:
    return Spool(root, reserve_bytes=1_000_000)
