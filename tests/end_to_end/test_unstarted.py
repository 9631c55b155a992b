"""A station that cannot start, as systemd runs it: it says why, and starts once that is mended."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import pytest

from tests.end_to_end.conftest import ROOT, Practice

RUN = """
import sys
from pathlib import Path
from kiosk.capture.running import run
from kiosk.service import configure_journal, guarded
if sys.argv[3:]:
    from datetime import datetime
    from kiosk import moment
    moment.WRITTEN = datetime.fromisoformat(sys.argv[3])
configure_journal("kiosk-capture")
def main():
    return run(Path(sys.argv[1]), swap_allowed=True, retry_s=float(sys.argv[2]))
sys.exit(guarded(main))
"""
WAIT_S = 60


class Unit:
    """A capture process that was started as a service, and what it tells its manager."""

    def __init__(
        self, config: Path, retry_s: float, driver: str = "dummy", written: Sequence[str] = ()
    ) -> None:
        self._config, self._retry_s, self._driver = config, retry_s, driver
        self._written = written
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(WAIT_S)
        self.process: subprocess.Popen[str]

    def __enter__(self) -> Self:
        path = self._config.with_name("notify")
        self._socket.bind(str(path))
        environment = {
            **os.environ,
            "SDL_VIDEODRIVER": self._driver,
            "NOTIFY_SOCKET": str(path),
            "WATCHDOG_USEC": "400000",
        }
        environment.pop("WATCHDOG_PID", None)
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(self._config), str(self._retry_s), *self._written],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self._socket.close()

    def told(self, wanted: str) -> list[str]:
        """Wait for a message; return those before it, the watchdog's left out."""
        before = []
        while (message := self._socket.recv(4096).decode()) != wanted:
            if message != "WATCHDOG=1":
                before.append(message)
        return before

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=WAIT_S)
        return self.process.returncode, said


@pytest.fixture
def settings(practice: Practice, tmp_path: Path) -> Path:
    path = tmp_path / "station.toml"
    path.write_text(practice.clinic.config.read_text())
    return path


def a_key_too_many(path: Path) -> None:
    path.write_text(path.read_text().replace("[session]", "[session]\ncolour = 3"))


def no_settings(path: Path) -> None:
    path.unlink()


def no_spool(path: Path) -> None:
    text = path.read_text()
    path.write_text(text.replace('/spool"\n', '/no-spool"\n'))
    assert path.read_text() != text


def no_key(path: Path) -> None:
    path.write_text(path.read_text().replace("signing.key", "no.key"))


def no_key_to_hand_over(path: Path) -> None:
    path.write_text(path.read_text().replace("signing.key", "handed.key"))
    unit = (ROOT / "systemd/kiosk-capture.service").read_text("utf-8")
    (value,) = re.findall(r"^SetCredential=signing-key:(.*)$", unit, re.MULTILINE)
    station = tomllib.loads(path.read_text())["station"]
    Path(station["signing_key"]).write_text(value)


@pytest.mark.parametrize(
    ("spoil", "code", "sentence"),
    [
        (a_key_too_many, "config", "session.colour: this key is not known"),
        (no_settings, "config", "expected the station's configuration here"),
        (no_spool, "storage-failed", "no-spool"),
        (no_key, "config", "station.signing_key: expected a readable file"),
        (no_key_to_hand_over, "config", "station.signing_key: root's file handed.key is missing"),
    ],
)
def test_it_waits_with_its_fault_on_the_screen_and_starts_once_it_is_mended(
    settings: Path, spoil: Callable[[Path], None], code: str, sentence: str
) -> None:
    good = settings.read_text()
    spoil(settings)
    with Unit(settings, retry_s=0.5) as unit:
        assert unit.told(f"STATUS=cannot start: {code}") == ["READY=1"]
        unit.told("WATCHDOG=1")
        mended = settings.with_name("mended")
        mended.write_text(good)
        mended.rename(settings)
        unit.told("STATUS=")
        again = unit.told("READY=1")
        assert set(again) <= {f"STATUS=cannot start: {code}"}, again
        unit.told("WATCHDOG=1")
        assert unit.process.poll() is None
        ended, said = unit.stop()
        assert unit.told("STOPPING=1") == []
    assert ended == 0
    assert sentence in said
    assert "Traceback" not in said


def test_a_clock_that_has_lost_the_time_dates_no_picture(settings: Path) -> None:
    with Unit(settings, retry_s=600, written=["2999-01-01T00:00:00+00:00"]) as unit:
        unit.told("STATUS=cannot start: clock-lost")
        _, said = unit.stop()
    assert re.search(r"This station's clock says 20\d\d-.*connect the network and wait", said)


def test_it_is_stopped_while_it_waits(settings: Path) -> None:
    a_key_too_many(settings)
    with Unit(settings, retry_s=600) as unit:
        unit.told("STATUS=cannot start: config")
        ended, said = unit.stop()
    assert ended == 0
    assert said.count("\n") == 1


def test_without_a_screen_it_ends_with_its_fault(settings: Path) -> None:
    a_key_too_many(settings)
    with Unit(settings, retry_s=600, driver="no-such-driver") as unit:
        _, said = unit.process.communicate(timeout=WAIT_S)
        assert unit.process.returncode == 2
    assert "session.colour: this key is not known" in said
    assert "there is no screen to show a fault on" in said
