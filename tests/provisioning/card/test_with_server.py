"""From the bench's one command to a station that the server knows, with a real server between."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from kiosk import cli
from kiosk.config_reading import load
from kiosk.enrol.sending import send
from kiosk.enrol.station import Home, enrol
from kiosk.errors import EnrolmentError, EnrolmentRefused
from kiosk.upload.sftp import DropBox
from tests.provisioning.card.conftest import ROOT, Desk, boot, snapshot
from tests.provisioning.server.namespace import Machine, needs_namespace, prepared

pytestmark = needs_namespace
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with prepared(ROOT) as made:
        yield made


def provision(bench: Desk, card: Path) -> int:
    words = ["provision", "card", "--station", "kiosk-01", "--camera", "imx708"]
    words += ["--clinic", str(bench.clinic), "--out", str(card)]
    options = cli._parser().parse_args(words)
    return int(options.handler(options))


def code_in(said: str) -> str:
    (code,) = re.findall(r"CSE1(?:-[0-9A-Z]{5}){4}", said)
    return str(code)


def prove_by_stock_tools(machine: Machine, sent: str, tmp_path: Path) -> None:
    """By the lines of docs/clinic.md, word for word."""
    page = (ROOT / "docs/clinic.md").read_text("utf-8")
    (lines,) = re.findall(r"^```sh\n(head -n 1.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "kiosk-01.enrolment").write_text(sent, encoding="ascii")
    ticket = json.loads(machine.read("/var/lib/capture-stations/tickets/kiosk-01.json"))
    (tmp_path / "signers").write_text(f"kiosk-01 {ticket['key']}\n", encoding="ascii")
    command = ["sh", "-ec", lines]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "Good" in done.stdout) == (0, True), done.stderr
    forged = sent.replace('"version":1', '"version":2')
    (tmp_path / "kiosk-01.enrolment").write_text(forged, encoding="ascii")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0


def test_one_command_and_one_code(
    machine: Machine,
    bench: Desk,
    trixie: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = machine.read("/etc/ssh/ssh_host_ed25519_key.pub").strip()
    announce = machine.inside(sys.executable, "-m", "provisioning.server", "expect", "-")
    bench.write(
        "clinic.toml",
        f'clinic = "Praxis am Weiher"\n[server]\nhost = "127.0.0.1"\nport = {machine.port}\n'
        f'host_key = "{key}"\nannounce = {json.dumps(announce)}\n',
    )
    assert provision(bench, trixie) == 0
    first = code_in(capsys.readouterr().out)
    # The code ran out, or was lost: the same command again.
    provision(bench, trixie)
    second = code_in(capsys.readouterr().out)

    folder = tmp_path / "etc-kiosk"
    (folder / "keys").mkdir(parents=True)
    for name in ("ssh-key", "signing-key"):
        path = str(folder / "keys" / name)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    config = load(trixie / "capture-station/station.toml")
    home = Home(lambda: NOW, folder)
    with pytest.raises(EnrolmentRefused, match="does not know this code"):
        enrol(first, config, home, send)
    enrolled = enrol(second, config, home, send)
    upload = msgspec.structs.replace(config.upload, key=folder / "keys/ssh-key")
    DropBox.connect(upload, lambda: False).close()

    # What the desk gets to see, by the ticket that the bench kept.
    sent = bench.write("kiosk-01.enrolment", machine.ok("enrolment", "kiosk-01"))
    words = ["provision", "enrolled", str(bench.folder / "tickets/kiosk-01.ticket"), str(sent)]
    options = cli._parser().parse_args(words)
    assert options.handler(options) == 0
    line = capsys.readouterr().out
    assert home.public("signing-key").line() in line
    assert home.public("signing-key").fingerprint == enrolled.signing_key

    prove_by_stock_tools(machine, machine.ok("enrolment", "kiosk-01"), tmp_path)

    # The name is taken now, and the server says so before another card is begun.
    other = boot(tmp_path / "other", cloud=True)
    (bench.folder / "tickets/kiosk-01.ticket").unlink()
    before = snapshot(other)
    with pytest.raises(EnrolmentError, match="refused: the name kiosk-01 is taken"):
        provision(bench, other)
    assert snapshot(other) == before
