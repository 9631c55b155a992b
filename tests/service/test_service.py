"""Reports to systemd, through the real library and a real socket."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.errors import ServiceError
from kiosk.service import FEEDS_PER_TIMEOUT, Service

MS = 1_000_000


class Clock:
    def __init__(self) -> None:
        self.now = 5_000 * MS

    def __call__(self) -> int:
        return self.now


class Manager:
    """The receiving end of NOTIFY_SOCKET, as systemd has it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)  # noqa: FBT003

    def messages(self) -> list[str]:
        received = []
        while True:
            try:
                received.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return received

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    made = Manager(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", str(made.path))
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    yield made
    made.close()


def test_ready_status_and_stopping(manager: Manager) -> None:
    service = Service()
    service.ready()
    service.status("3 pictures waiting")
    service.stopping()
    assert manager.messages() == ["READY=1", "STATUS=3 pictures waiting", "STOPPING=1"]


def test_a_status_cannot_become_another_message(manager: Manager) -> None:
    Service().status("waiting\nWATCHDOG=trigger")
    assert manager.messages() == ["STATUS=waiting WATCHDOG=trigger"]


def test_fed_as_often_as_the_watchdog_needs_however_often_the_loop_turns(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "10000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    clock = Clock()
    service = Service(clock)
    fed_at = []
    for turn in range(2001):
        clock.now = 5_000 * MS + turn * 10 * MS
        service.feed()
        fed_at += [turn * 10 for _ in manager.messages()]
    assert fed_at == list(range(0, 20_001, 10_000 // FEEDS_PER_TIMEOUT))


@pytest.mark.parametrize(
    "environment", [{}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}], ids=["none", "other"]
)
def test_no_feeding_where_nobody_watches_this_process(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    Service().feed()
    assert manager.messages() == []


def test_nothing_happens_where_systemd_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.setitem(sys.modules, "systemd", None)
    service = Service()
    service.ready()
    service.feed()
    service.status("quiet")
    service.stopping()


def test_a_missing_library_is_an_error_where_systemd_listens(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("systemd", "systemd.daemon", "systemd.journal"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ServiceError, match="python3-systemd"):
        Service()
    assert manager.messages() == []


def test_a_manager_that_is_gone_is_an_error(manager: Manager) -> None:
    service = Service()
    manager.close()
    manager.path.unlink()
    with pytest.raises(ServiceError, match=r"READY.*NOTIFY_SOCKET"):
        service.ready()


@pytest.mark.parametrize("text", ["soon", "-5", "0", "1.5"])
def test_a_watchdog_time_that_is_none_is_refused(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", text)
    with pytest.raises(ServiceError, match="WATCHDOG_USEC"):
        Service()
    assert manager.messages() == []
