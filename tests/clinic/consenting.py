"""A clinic to which stations send consents and pictures, for tests."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.envelope.consent import Act, write_consent
from kiosk.envelope.recipients import load_recipients
from kiosk.records.consent import ConsentRecord
from kiosk.records.consent_history import digest_of
from kiosk.records.shot import OperatorReference
from tests.clinic.conftest import Clinic, Run
from tests.envelope.samples import container_of, head_of, sealed_of, station_shot
from tests.records.consent_samples import PICTURE, at, text


@dataclass
class Consenting:
    """A clinic to which a station sends consents and pictures, one count over both."""

    clinic: Clinic
    run: Run
    capsys: pytest.CaptureFixture[str]
    sent: list[Path] = field(default_factory=list)

    @property
    def pictures(self) -> Path:
        return self.clinic.folder / "pictures"

    def act(self, record: ConsentRecord, picture: bytes = PICTURE, signer: str = "") -> str:
        act = Act(record)
        if record.form is not None:
            act = Act(record, text().content, picture)
        out = io.BytesIO()
        head = head_of(station=record.station, sequence=len(self.sent) + 1, consent=None)
        write_consent(out.write, act, head, self.clinic.signing[signer or record.station])
        self._send(out.getvalue())
        return digest_of(record)

    def shot(self, consent: str | None, seconds: int, **changes: Any) -> None:  # noqa: ANN401
        image, record, head = station_shot("kiosk-01", len(self.sent) + 1)
        record = msgspec.structs.replace(
            record,
            captured_at=at(seconds),
            operator=OperatorReference(id="mkeller", name="Dr Maria Keller"),
            consent=consent,
            **changes,
        )
        head = msgspec.structs.replace(head, consent=consent)
        self._send(container_of(image, self.clinic.signing["kiosk-01"], record, head))

    def _send(self, whole: bytes) -> None:
        path = self.clinic.folder / f"{len(self.sent):032x}.age"
        path.write_bytes(sealed_of(whole, load_recipients(self.clinic.keys.recipients)))
        self.sent.append(path)

    def open(self) -> int:
        return self.run(
            "open", *self.sent, "-i", self.clinic.keys.archive,
            "--stations", self.clinic.stations, "-o", self.pictures,
        )  # fmt: skip

    def verify(self) -> tuple[int, str]:
        self.capsys.readouterr()
        code = self.run("verify", self.pictures, "--stations", self.clinic.stations)
        return code, self.capsys.readouterr().out

    def show(self) -> tuple[int, str]:
        self.capsys.readouterr()
        code = self.run(
            "consent", "show", "P-4711", "--pictures", self.pictures,
            "--stations", self.clinic.stations,
        )  # fmt: skip
        return code, self.capsys.readouterr().out
