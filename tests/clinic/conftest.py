"""A clinic with its keys, two stations and their list; commands run as ``kiosk`` runs them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.clinic.cli import add_parser
from kiosk.clinic.keygen import KeyFiles, make_keys
from kiosk.envelope.recipients import X25519, load_recipients
from kiosk.envelope.signatures import SigningKey
from tests.clinic.collect_samples import Collect, House, house_in
from tests.envelope.samples import container_of, sealed_of, station_shot

Run = Callable[..., int]


@dataclass(frozen=True)
class Clinic:
    folder: Path
    keys: KeyFiles
    stations: Path
    signing: dict[str, SigningKey] = field(default_factory=dict)

    def shot(
        self,
        station: str = "kiosk-01",
        sequence: int = 12,
        *,
        signed_by: str = "",
        patient: str = "P-4711",
        view: str = "frontal",
    ) -> Path:
        """Seal a shot as a station would and return the file."""
        image, record, head = station_shot(station, sequence, patient, view)
        key = self.signing[signed_by or station]
        return self._arrived(container_of(image, key, record, head))

    def shot_with_pose(self, pose: bytes) -> Path:
        """Seal a shot that has a pose descriptor and return the file."""
        image, record, head = station_shot("kiosk-01", 12)
        return self._arrived(container_of(image, self.signing["kiosk-01"], record, head, pose=pose))

    def _arrived(self, container: bytes) -> Path:
        sealed = sealed_of(container, load_recipients(self.keys.recipients))
        path = self.folder / "incoming" / f"{len(list(self.folder.rglob('*.age'))):032x}.age"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(sealed)
        return path


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    keys = make_keys(tmp_path / "keys", X25519, datetime(2026, 11, 23, tzinfo=UTC))
    signing = {name: SigningKey.generate() for name in ("kiosk-01", "kiosk-02", "stranger")}
    stations = tmp_path / "stations"
    lines = [f"{name} {signing[name].public_line()}" for name in ("kiosk-01", "kiosk-02")]
    stations.write_text("# the clinic's stations\n" + "\n".join(lines) + "\n")
    return Clinic(tmp_path, keys, stations, signing)


@pytest.fixture
def run() -> Run:
    """Run ``kiosk clinic ARGUMENTS`` in this process and return its exit code."""

    def command(*arguments: object) -> int:
        parser = argparse.ArgumentParser(prog="kiosk")
        add_parser(parser.add_subparsers(required=True))
        parsed = parser.parse_args(["clinic", *map(str, arguments)])
        return int(parsed.handler(parsed))

    return command


@pytest.fixture
def house(tmp_path: Path) -> House:
    return house_in(tmp_path)


@pytest.fixture
def collect(house: House, run: Run, capsys: pytest.CaptureFixture[str]) -> Collect:
    def command(*more: object) -> tuple[int, list[str]]:
        capsys.readouterr()
        code = run(*house.arguments(*more))
        said = capsys.readouterr()
        return code, [*said.out.splitlines(), *said.err.splitlines()]

    return command
