"""Which of the two programs ``kiosk capture`` is, by the mark beside the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import cli
from kiosk.capture import running
from kiosk.capture.enrolling import start as enrolling
from kiosk.records.enrolment import PENDING


def test_a_station_that_waits_for_its_code_never_starts_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, object, bool]] = []

    def ordinary(settings: object, *, swap_allowed: bool) -> int:
        ran.append(("ordinary", settings, swap_allowed))
        return 0

    def waiting(_config: object, folder: object, *, swap_allowed: bool) -> int:
        ran.append(("enrolling", folder, swap_allowed))
        return 0

    monkeypatch.setattr(running, "run", ordinary)
    monkeypatch.setattr(enrolling, "run", waiting)
    monkeypatch.setattr("kiosk.config_reading.load", lambda path: path)
    monkeypatch.setattr(cli, "configure_journal", lambda _name: None)
    path = tmp_path / "station.toml"
    options = cli._parser().parse_args(["capture", "--config", str(path)])
    (tmp_path / PENDING).touch()
    assert options.handler(options) == 0
    (tmp_path / PENDING).unlink()
    assert options.handler(options) == 0
    assert ran == [("enrolling", tmp_path, False), ("ordinary", path, False)]
