"""The white balance as it is kept."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from kiosk import moment
from kiosk.errors import ContainerError, StorageError
from kiosk.records.calibration import LASTS, Calibration, keep_calibration, read_calibration
from kiosk.records.shot import Instant

KEPT = Calibration(
    at=Instant.of(moment.now()),
    operator="tom",
    model="imx477",
    serial="",
    colour_gains=(2.25, 1.75),
    card=(118.0, 118.5, 117.75),
)


def test_what_is_kept_is_read_and_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    assert read_calibration(path) is None
    keep_calibration(path, KEPT)
    assert read_calibration(path) == KEPT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = replace(KEPT, colour_gains=(2.0, 2.0))
    keep_calibration(path, other)
    assert read_calibration(path) == other
    assert [one.name for one in tmp_path.iterdir()] == ["calibration.json"]


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"\xff", b'{"version": 2}'], ids=["empty", "blank", "binary", "other"]
)
def test_a_damaged_one_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "calibration.json"
    path.write_bytes(text)
    with pytest.raises(ContainerError, match=r"calibration\.json"):
        read_calibration(path)


def test_gains_that_no_camera_has_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    with pytest.raises(ContainerError, match="colour_gains"):
        keep_calibration(path, replace(KEPT, colour_gains=(0.0, 1.0)))
    assert not path.exists()


def test_where_it_cannot_be_read_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "calibration.json").mkdir()
    with pytest.raises(StorageError, match="Reading"):
        read_calibration(tmp_path / "calibration.json")


def test_it_is_old_after_a_year() -> None:
    then = datetime.fromisoformat(KEPT.at.wall)
    assert not KEPT.is_old(then + LASTS)
    assert KEPT.is_old(then + LASTS + timedelta(seconds=1))
