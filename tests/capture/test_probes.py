"""What ``kiosk check`` tries of the devices that people hold: one that is not there is told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kiosk.capture import probes
from kiosk.config import SimulatedReader, StationConfig, UsbReader
from kiosk.errors import ReaderError
from tests.capture.bench import settings


@pytest.fixture
def config(tmp_path: Path) -> StationConfig:
    return settings(tmp_path, tmp_path)


NOBODYS = UsbReader(vendor=0xFFFF, product=0xFFFE)


def with_reader(config: StationConfig, reader: UsbReader | SimulatedReader | None) -> StationConfig:
    return msgspec.structs.replace(config, reader=reader)


def test_a_reader_that_is_not_plugged_in_is_told(
    config: StationConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "SEARCH_WAIT_S", 0.0)
    tried = probes.probes(with_reader(config, NOBODYS))
    with pytest.raises(ReaderError, match=r"code reader \(USB ffff:fffe\) is not plugged in"):
        tried["reader"]()


def test_a_reader_that_is_there_is_told(config: StationConfig) -> None:
    said = probes.probes(with_reader(config, SimulatedReader()))["reader"]()
    assert said.startswith("It is there")


def test_a_station_without_a_reader_has_no_row_for_one(config: StationConfig) -> None:
    assert "reader" not in probes.probes(with_reader(config, None))
    assert "pedal" in probes.probes(with_reader(config, None))
