"""The clinic beside a station that is being made: its desk, and its collector as a timer runs it.

All of it by the clinic's own commands, as the user ``ingest`` on the server.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.debian import ROOT
from tests.provisioning.server.namespace import Machine
from tests.provisioning.server.test_collector import as_ingest, collect, let_in

FOLDER = "/srv/clinic"
PAUSE_S = 3.0


@contextmanager
def repeatedly(act: Callable[[], object]) -> Iterator[None]:
    """Do something again and again meanwhile, as a timer would."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(PAUSE_S):
            act()

    thread = threading.Thread(target=run, name="timer")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Clinic:
    """A clinic with keys and a desk, which knows one station.

    Args:
        server: prepared.
        clinic: its name.
        station: the station's.
    """

    def __init__(self, server: Machine, clinic: str, station: str) -> None:
        self._server, self._station, self._listed, self._staffed = server, station, False, False
        server.run("install", "-d", "-o", "ingest", "-g", "ingest", "-m", "700", FOLDER)
        let_in(server, ROOT, Path(sys.prefix), Path(sys.base_prefix).resolve())
        desk = ("--desk", f"{FOLDER}/desk")
        self._post = (*desk, "--server", "/srv/capture-stations")
        self._command("keygen", "--x25519", "-o", f"{FOLDER}/keys")
        self._command("desk", "init", *desk, "--clinic", clinic)
        self._command("desk", "station", station, *self._post)

    @property
    def recipients(self) -> str:
        return self._server.read(f"{FOLDER}/keys/recipients.txt")

    def people(self) -> str:
        """Return what the station's settings need of the desk."""
        public = self._server.read(f"{FOLDER}/desk/desk.pub").strip()
        known = json.loads(self._server.read(f"{FOLDER}/desk/stations/{self._station}.json"))
        return f'[people]\ndesk = "{public}"\nmailbox = "{known["mailbox"]}"\n'

    def collect(self, ticket: Path) -> None:
        """List the station once it is enrolled, by its ticket, and collect what it has sent."""
        self._listed = self._listed or self._list(ticket)
        if self._listed:
            collect(self._server)

    def staff(self) -> None:
        """Enrol somebody for the station; once."""
        if self._staffed:
            return
        self._staffed = True
        who = ("--name", "Dr. Ada Example", "--role", "practitioner", "--supervisor")
        where = ("--station", self._station, "-o", f"{FOLDER}/badges")
        self._command("operator", "add", *self._post, *who, *where)

    def _list(self, ticket: Path) -> bool:
        """Put the station on the clinic's list, if the server has its enrolment."""
        sent = self._server.server("enrolment", self._station)
        if sent.returncode:
            return False
        command = [sys.executable, "-m", "kiosk.cli", "provision", "enrolled", str(ticket), "-"]
        line = subprocess.run(
            command, input=sent.stdout, capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout
        stations = ticket.with_name("stations")
        stations.write_text(line, encoding="ascii")
        self._server.run("cp", str(stations), f"{FOLDER}/stations")
        return True

    def _command(self, *words: str) -> None:
        done = as_ingest(self._server, "clinic", *words)
        assert done.returncode == 0, done.stderr
