"""Servers, spools and a clock that only moves when somebody waits."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import paramiko
import pytest

from kiosk.config import Upload
from kiosk.spool import Entry, Spool
from kiosk.upload.link import Limits
from kiosk.upload.sftp import DropBox
from kiosk.upload.uploader import Session, Uploader
from provisioning.server import ThrowawayServer
from tests.upload.faulty_server import FaultyServer

QUICK = Limits(connect=10.0, stall=0.3, base=60.0, tick=0.05)


class Clock:
    """Surroundings whose time passes only in ``wait``; ends the loop when the spool is empty."""

    def __init__(self, finished: Callable[[], bool]) -> None:
        self.time = 1000.0
        self.statuses: list[str] = []
        self.on_wait: Callable[[], None] | None = None
        self.waits = 0
        self._finished = finished

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> bool:
        self.time += seconds
        self.waits += 1
        assert self.waits < 5000, f"the spool is not drained: {self.statuses[-1:]}"
        if self.on_wait is not None:
            self.on_wait()
        return self._finished()

    def stopping(self) -> bool:
        return False

    def chance(self) -> float:
        return 0.0

    def status(self, text: str) -> None:
        self.statuses.append(text)


class WitnessedSpool(Spool):
    """A real spool that lets nothing go of which the server has no durable copy.

    It lists in the order of filling: the clock of a file system is too coarse to tell.
    """

    def __init__(self, root: Path, durable: Callable[[], list[bytes]]) -> None:
        super().__init__(root)
        self._folder = root
        self._durable = durable
        self.removed: list[str] = []
        self._order: list[str] = []

    def entries(self) -> list[Entry]:
        return sorted(super().entries(), key=lambda entry: self._order.index(entry.name))

    def remove(self, name: str) -> None:
        content = (self._folder / name).read_bytes()
        assert content in self._durable(), f"{name} would be lost by a power cut of the server"
        super().remove(name)
        self.removed.append(name)

    def fill(self, *contents: bytes) -> None:
        for content in contents:
            with self.put() as writer:
                writer.write(content)
            self._order.append(writer.name)


class Rig:
    """A faulty server, a spool and an uploader between them."""

    def __init__(self, server: FaultyServer, upload: Upload, folder: Path) -> None:
        self.server = server
        self.upload = upload
        self.spool = WitnessedSpool(folder, lambda: list(server.disk.finals(durable=True).values()))
        self.clock = Clock(lambda: not self.spool.entries())
        self.limits = QUICK

    def connect(self) -> AbstractContextManager[Session]:
        return DropBox.connect(self.upload, lambda: False, self.limits)

    def drain(self) -> None:
        """Run the uploader until the spool is empty."""
        Uploader(self.spool, self.connect, self.clock).run()


@pytest.fixture(scope="session")
def client_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keygen(tmp_path_factory.mktemp("client") / "key")


@pytest.fixture(scope="session")
def host_keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, paramiko.PKey]:
    folder = tmp_path_factory.mktemp("host")
    kinds = {"ed25519": [], "other": [], "ecdsa": ["-t", "ecdsa"], "rsa": ["-t", "rsa"]}
    return {
        name: paramiko.PKey.from_path(keygen(folder / name, *options))
        for name, options in kinds.items()
    }


@pytest.fixture
def faulty(client_key: Path, host_keys: dict[str, paramiko.PKey]) -> Iterator[FaultyServer]:
    with FaultyServer(paramiko.PKey.from_path(client_key), host_keys["ed25519"]) as server:
        yield server


@pytest.fixture
def rig(faulty: FaultyServer, client_key: Path, tmp_path: Path) -> Rig:
    folder = tmp_path / "spool"
    folder.mkdir()
    upload = Upload(
        host=faulty.host,
        port=faulty.port,
        user="station",
        key=client_key,
        host_key=key_line(faulty.host_key),
    )
    return Rig(faulty, upload, folder)


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThrowawayServer]:
    with ThrowawayServer(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def drop_box(sshd: ThrowawayServer) -> Upload:
    """The real server's drop box, emptied."""
    for path in sshd.path.iterdir():
        path.unlink()
    return upload_to(sshd)


def upload_to(server: ThrowawayServer) -> Upload:
    return Upload(
        host=server.host,
        port=server.port,
        user=server.user,
        key=server.client_key,
        host_key=server.host_key,
        folder=server.folder,
    )


def keygen(path: Path, *options: str) -> Path:
    kind = options or ("-t", "ed25519")
    subprocess.run(["ssh-keygen", "-q", *kind, "-N", "", "-f", str(path)], check=True)
    return path


def key_line(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"
