"""Where things are on the clinic's server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are on the server.

    Attributes:
        root: of all drop boxes; it and what is above it must belong to root.
        keys: one file of authorized keys per station.
        config: read by ``sshd`` through the ``Include`` of Debian's ``sshd_config``.
        enrolments: tickets of codes, what was enrolled by them, the program that receives, and
            the limit with the program that looks after it.
        units: of systemd, for the timer of the limit.
        looked: touched whenever the limit is looked after; gone after a restart.
    """

    root: Path = Path("/srv/capture-stations")
    keys: Path = Path("/etc/ssh/capture-stations")
    config: Path = Path("/etc/ssh/sshd_config.d/capture-stations.conf")
    enrolments: Path = Path("/var/lib/capture-stations")
    units: Path = Path("/etc/systemd/system")
    looked: Path = Path("/run/capture-stations-limit")

    @property
    def receiver(self) -> Path:
        """The program that ``sshd`` runs for new stations."""
        return self.enrolments / "receive"

    @property
    def program(self) -> Path:
        """This program in one file, for the timer: no checkout needs to stay."""
        return self.enrolments / "server.pyz"

    @property
    def limit(self) -> Path:
        """A file with the limit, in GB."""
        return self.enrolments / "limit"

    def ticket(self, station: str) -> Path:
        return self.enrolments / "tickets" / f"{station}.json"

    def enrolled(self, station: str) -> Path:
        """Empty while the station is expected, then its request as it came."""
        return self.enrolments / "enrolled" / station
