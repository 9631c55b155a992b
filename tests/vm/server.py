"""The clinic's server: a copy of this machine, prepared by the real commands, and its ``sshd``."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final, Self

from provisioning.demo.clinic import STATION
from provisioning.server import dropbox
from provisioning.server.place import Place
from tests.deploy.debian import ROOT
from tests.provisioning.server.namespace import Machine

_OWN: Final = "127.0.0.0/8"
"""Whoever logs in wrongly there is no attacker: a newer ``sshd`` would shut all of it out."""


class ClinicServer:
    """A context manager; for one station, which enrols by a code.

    Start it from the thread that lives as long as it is wanted.

    Attributes:
        host, user, folder: as ``station.toml`` has them.
        client_key: where the station's upload process finds its key.
    """

    host = "127.0.0.1"
    user = STATION
    folder = dropbox.INBOX
    client_key = Path("/run/credentials/kiosk-upload.service/ssh-key")

    def __init__(self) -> None:
        self._machine = Machine(ROOT)

    def __enter__(self) -> Self:
        self._machine.ok("prepare", "--network", _OWN)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._machine.close()

    @property
    def port(self) -> int:
        return self._machine.port

    @property
    def host_key(self) -> str:
        return self._machine.read("/etc/ssh/ssh_host_ed25519_key.pub").strip()

    @property
    def boxes(self) -> Path:
        """The folder of all drop boxes, as this machine sees it."""
        return self._box.parent

    @property
    def outbox(self) -> Path:
        """Where the desk's letters for the station lie, as this machine sees it."""
        return self._box / dropbox.OUTBOX

    def start(self) -> None:
        self._machine.start_sshd()

    def stop(self) -> None:
        """End ``sshd`` and every session; what arrived stays."""
        self._machine.stop_sshd()

    def expect(self, ticket: Path) -> None:
        """Let the station enrol, once, by the code of this ticket."""
        self._machine.ok("expect", str(ticket))

    def key_of_station(self) -> str:
        """Return the fingerprint of the station's key, as the list shows it; empty without one."""
        lines = [line.split() for line in self._machine.ok("list").splitlines()]
        return next((line[-1] for line in lines if line[0] == STATION), "")

    def request(self) -> bytes:
        """Return what the station sent to be enrolled, as the server kept it."""
        return self._machine.ok("enrolment", STATION).encode("ascii")

    def collected(self) -> list[Path]:
        """The files that arrived under their final names, in order of their names."""
        inbox = self._box / dropbox.INBOX
        return sorted(path for path in inbox.iterdir() if not path.name.startswith("."))

    @property
    def _box(self) -> Path:
        drops = Place().root / STATION
        return self._machine.root / drops.relative_to("/")
