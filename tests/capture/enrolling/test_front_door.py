"""Which of the two programs ``kiosk capture`` is, by the mark beside the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from kiosk.capture import running
from kiosk.capture.enrolling import start as enrolling
from kiosk.records.enrolment import PENDING


def test_a_station_that_waits_for_its_code_never_starts_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[object, bool]] = []

    @contextmanager
    def ordinary(
        _config: object, source: str, *_others: object, swap_allowed: bool
    ) -> Iterator[object]:
        ran.append((source, swap_allowed))
        yield SimpleNamespace(app=SimpleNamespace(run=lambda _stop: None))

    @contextmanager
    def enrol(
        _config: object, place: enrolling.Place, *_others: object, swap_allowed: bool
    ) -> Iterator[object]:
        ran.append((place, swap_allowed))
        yield SimpleNamespace(run=lambda _stop: None)

    monkeypatch.setattr(running, "opened", ordinary)
    monkeypatch.setattr(enrolling, "opened", enrol)
    monkeypatch.setattr("kiosk.config_reading.load", lambda path: path)
    path = tmp_path / "station.toml"
    (tmp_path / PENDING).touch()
    assert running.run(path, swap_allowed=False) == 0
    (tmp_path / PENDING).unlink()
    assert running.run(path, swap_allowed=True) == 0
    assert ran == [(enrolling.Place(tmp_path), False), (str(path), True)]
