"""The collector as the user ``ingest``, on drop boxes whose files a real ``sshd`` has made."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from kiosk.clinic.desk import Desk, Post
from kiosk.config import Upload
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.container import read_shot
from kiosk.envelope.letter import Address, Kind, mailbox_name, read_letter
from kiosk.envelope.recall import write_request
from kiosk.envelope.recipients import (
    X25519,
    Identity,
    Recipient,
    generate_identity,
    load_recipients,
)
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import PublicKey, SigningKey
from kiosk.records.recall import RecallRequest, Wanted
from kiosk.records.receipts import Taken, parse_body
from kiosk.records.shot import PatientReference
from kiosk.records.worklist import Expected, Worklist
from kiosk.upload.sftp import DropBox
from tests.clinic.collect_samples import House, house_in
from tests.envelope.samples import INSTANT, container_of, sealed_of, station_shot
from tests.provisioning.server.namespace import Machine, needs_namespace
from tests.provisioning.server.test_host import drop_box, shown
from tests.upload.receipt_samples import digest_of

STATION, CLINIC = "room-2", "Clinic by the Park"
ROOT = Path(__file__).parents[3]
INGEST = ("setpriv", "--reuid=ingest", "--regid=ingest", "--clear-groups")
NAME = f"{'a' * 32}.age"

pytestmark = needs_namespace


@pytest.fixture
def server() -> Iterator[Machine]:
    made = Machine(ROOT)
    yield made
    made.close()


def let_in(server: Machine, *folders: Path) -> None:
    """Show folders at their own places to every user, inside the machine's own mounts alone."""
    held = [(f"/srv/.held/{number}", folder) for number, folder in enumerate(folders)]
    closed = {
        [above for above in folder.parents if not above.stat().st_mode & 0o001][-1]
        for folder in folders
        if any(not above.stat().st_mode & 0o001 for above in folder.parents)
    }
    steps = [f"mkdir -p {place} && mount --bind {folder} {place}" for place, folder in held]
    steps += [f"mount -t tmpfs -o mode=0755 tmpfs {above}" for above in sorted(closed)]
    steps += [
        f"mkdir -p {folder} && mount --bind {place} {folder}"
        for place, folder in held
        if any(folder.is_relative_to(above) for above in closed)
    ]
    done = server.run("sh", "-ec", "; ".join(steps))
    assert done.returncode == 0, done.stderr


def as_ingest(server: Machine, *words: str) -> subprocess.CompletedProcess[str]:
    program = ["env", "PYTHONDONTWRITEBYTECODE=1", sys.executable, "-m", "kiosk.cli"]
    return server.run(*INGEST, *program, *words)


def collect(server: Machine) -> subprocess.CompletedProcess[str]:
    return as_ingest(
        server, "clinic", "collect", "--server", "/srv/capture-stations",
        "--stations", "/srv/clinic/stations", "--identity", "/srv/clinic/keys/archive.identity",
        "--library", "/srv/clinic/library", "--sealed", "/srv/clinic/sealed",
        "--desk", "/srv/clinic/desk",
    )  # fmt: skip


def test_what_arrived_by_sftp_is_taken_and_the_station_reads_its_receipt(
    server: Machine, tmp_path: Path
) -> None:
    key = tmp_path / "upload_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    server.ok("prepare")
    server.ok("add", STATION, str(key.with_suffix(".pub")))
    server.run("install", "-d", "-o", "ingest", "-g", "ingest", "-m", "700", "/srv/clinic")
    let_in(server, ROOT, Path(sys.prefix), Path(sys.base_prefix).resolve())
    done = as_ingest(server, "clinic", "--help")
    assert done.returncode == 0, done.stderr
    desk = ("--desk", "/srv/clinic/desk")
    for words in (
        ("keygen", "--x25519", "-o", "/srv/clinic/keys"),
        ("desk", "init", *desk, "--clinic", CLINIC),
        ("desk", "station", STATION, *desk, "--server", "/srv/capture-stations"),
    ):
        done = as_ingest(server, "clinic", *words)
        assert done.returncode == 0, done.stderr
    signing = SigningKey.generate()
    lines = tmp_path / "stations"
    lines.write_text(f"{STATION} {signing.public_line()}\n")
    server.run("cp", str(lines), "/srv/clinic/stations")
    recipients = tmp_path / "recipients.txt"
    recipients.write_text(server.read("/srv/clinic/keys/recipients.txt"))
    image, record, head = station_shot(STATION, 1)
    sealed = sealed_of(container_of(image, signing, record, head), load_recipients(recipients))

    server.start_sshd()
    upload = msgspec.structs.replace(drop_box(server, key), user=STATION)
    with DropBox.connect(upload, lambda: False) as box:
        assert box.push(io.BytesIO(sealed), len(sealed), NAME) == NAME
        junk = f"{'b' * 32}.age"
        assert box.push(io.BytesIO(b"junk"), 4, junk) == junk
    done = collect(server)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 taken, 0 there already, 1 set aside, 0 failed" in done.stdout
    folder = f"/srv/capture-stations/{STATION}"
    listed = server.run("find", f"{folder}/in", "-type", "f").stdout
    assert listed == ""
    assert server.read(f"{folder}/quarantine/{junk}") == "junk"
    assert server.read("/srv/clinic/sealed/room-2/taken.sha256") == (
        f"{digest_of(sealed)}  {NAME}\n"
    )
    found = server.run("find", "/srv/clinic/library", "-name", "*.jpg").stdout.splitlines()
    assert len(found) == 1

    public = server.read("/srv/clinic/desk/desk.pub").strip()
    mailbox = msgspec.json.decode(server.read(f"/srv/clinic/desk/stations/{STATION}.json"))
    letter: list[bytes] = []
    with DropBox.connect(upload, lambda: False) as box:
        path = f"out/{mailbox_name(mailbox['mailbox'], Kind.RECEIPTS)}.age"
        assert box.fetch(path, letter.append, 1_000_000)
    address = Address(STATION, CLINIC, PublicKey.parse(public))
    body = read_letter(b"".join(letter), Kind.RECEIPTS, address).body
    assert parse_body(body) == (Taken(NAME, digest_of(sealed)),)

    server.run("sh", "-c", f"rm {folder}/quarantine/*")
    _answers_by_sftp(server, upload, signing, load_recipients(recipients), tmp_path)
    done = collect(server)
    assert (done.returncode, done.stdout) == (
        0,
        "0 taken, 0 there already, 0 set aside, 0 failed, 0 answered, 0 unanswered\n",
    )


def _answers_by_sftp(
    server: Machine,
    upload: Upload,
    signing: SigningKey,
    recipients: Sequence[Recipient],
    tmp_path: Path,
) -> None:
    """The station asks for the picture that was taken, is on the day's list, and reads it."""
    table = tmp_path / "day.csv"
    table.write_text("number,name\nP-4711,Maria Muster\n")
    server.run("cp", str(table), "/srv/clinic/day.csv")
    done = as_ingest(
        server, "clinic", "worklist", "push", "/srv/clinic/day.csv", "--desk", "/srv/clinic/desk",
        "--server", "/srv/capture-stations", "--station", STATION,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    session = generate_identity(X25519)
    sealed = sealed_request(session, signing, recipients)
    with DropBox.connect(upload, lambda: False) as box:
        box.push(io.BytesIO(sealed), len(sealed), f"{'d' * 32}.ask")
    done = collect(server)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 answered, 0 unanswered" in done.stdout
    answer: list[bytes] = []
    with DropBox.connect(upload, lambda: False) as box:
        assert box.fetch(f"out/{'e' * 32}.age", answer.append, 1_000_000)
    shot = read_shot(open_sealed(io.BytesIO(b"".join(answer)), [session]))
    assert shot.verify([signing.public_key()])
    left = server.run("find", f"/srv/capture-stations/{STATION}/in", "-type", "f").stdout
    assert left == ""


def sealed_request(
    session: Identity, signing: SigningKey, recipients: Sequence[Recipient], station: str = STATION
) -> bytes:
    request = RecallRequest(
        station=station,
        asked_at=INSTANT,
        session="2.25.9",
        patient=PatientReference(id="P-4711", issuer="clinic.example"),
        recipient=str(session.recipient()),
        pictures=(Wanted(image="2.25.1001", answer="e" * 32),),
    )
    out = io.BytesIO()
    write_request(out.write, request, signing)
    return sealed_of(out.getvalue(), recipients)


STUBS = {
    # The server is this machine: the last argument is what is to be run there.
    "ssh": '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n',
    "kiosk": f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m kiosk.cli "$@"\n',
}


@dataclass(frozen=True)
class Elsewhere:
    """A desk on another machine, and a station's drop box on the server."""

    server: Machine
    house: House
    box: str = "/srv/capture-stations/kiosk-01"

    def arrive(self, *paths: Path) -> None:
        for path in paths:
            where = f"{self.box}/in"
            done = self.server.run("install", "-o", "kiosk-01", "-m", "0040", str(path), where)
            assert done.returncode == 0, done.stderr

    def type_in(self, *lines: str) -> str:
        root = self.house.root
        text = "\n".join(lines)
        script = f"cd {root} && export PATH={root}/bin:$PATH\n{text}"
        done = self.server.run("sh", "-c", script)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def elsewhere(server: Machine, tmp_path: Path) -> Elsewhere:
    house = house_in(tmp_path)
    key = tmp_path / "upload_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    server.ok("prepare")
    server.ok("add", "kiosk-01", str(key.with_suffix(".pub")))
    for name, text in STUBS.items():
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    return Elsewhere(server, house)


def test_from_another_machine_by_the_guides_own_lines(elsewhere: Elsewhere, tmp_path: Path) -> None:
    """And once more: what the desk has not taken stays on the server, and nothing else does."""
    house = elsewhere.house
    good = house.shot(1)
    junk = house.put(b"junk")
    twice = house.put(good.read_bytes(), name=f"{good.stem}-0123abcd.age")
    part = house.put(b"half", name=f".{'c' * 32}.part")
    elsewhere.arrive(good, junk, twice, part)
    for _ in range(2):
        said = elsewhere.type_in(*collecting_lines())
        left = elsewhere.server.run("ls", "-A", f"{elsewhere.box}/in").stdout.split()
        assert sorted(left) == sorted([junk.name, part.name]), said
    (kept,) = (tmp_path / "sealed/kiosk-01").glob("*.age")
    assert kept.read_bytes() == good.read_bytes()
    assert len(list((tmp_path / "pictures").rglob("*.jpg"))) == 1
    boxes = tmp_path / "boxes/kiosk-01"
    assert sorted(path.name for path in (boxes / "quarantine").iterdir()) == [
        junk.name,
        f"{junk.name}.txt",
    ]
    assert len(list((boxes / "out").iterdir())) == 1


def collecting_lines() -> list[str]:
    lines = [
        line.replace("room-3", "kiosk-01") for line in shown("The collector, on another machine")
    ]
    assert len(lines) == 5
    return lines


def test_earlier_pictures_from_another_machine_by_the_guides_own_lines(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    house, server = elsewhere.house, elsewhere.server
    elsewhere.arrive(house.shot(1))
    elsewhere.type_in(*collecting_lines())
    desk, now = Desk(tmp_path / "desk"), datetime.now(UTC).astimezone()
    worklist = Worklist(
        station="kiosk-01",
        clinic=CLINIC,
        day=now.date().isoformat(),
        entries=(Expected(number="P-4711", name="Maria Muster"),),
    )
    body = encode_record(worklist, "day's list")
    post = Post(tmp_path / "boxes", now)
    desk.send(desk.station("kiosk-01"), Kind.DAY, body, post, sealed=True)
    session = generate_identity(X25519)
    recipients = load_recipients(house.keys.recipients)
    signing = house.signing["kiosk-01"]
    sealed = sealed_request(session, signing, recipients, "kiosk-01")
    elsewhere.arrive(house.put(sealed, name=f"{'d' * 32}.ask"))
    lines = shown("Earlier pictures for a session")
    fetch, answer, tidy = (line.replace("room-3", "kiosk-01") for line in lines[:3])
    elsewhere.type_in(fetch, *collecting_lines(), answer, tidy)
    path = f"{elsewhere.box}/out/{'e' * 32}.age"
    assert server.run("stat", "-c", "%a %U %G", path).stdout.split() == [
        "440",
        "ingest",
        "stations",
    ]
    copy = tmp_path / "copy.age"
    server.run("cp", path, str(copy))
    shot = read_shot(open_sealed(io.BytesIO(copy.read_bytes()), [session]))
    assert shot.record.uids.image == "2.25.1001"
    assert server.run("ls", "-A", f"{elsewhere.box}/in").stdout == ""
    assert "e" * 32 not in str(list((tmp_path / "boxes/kiosk-01/out").iterdir()))
    letters = len(list((tmp_path / "boxes/kiosk-01/out").iterdir()))
    assert letters == 2, "receipts and the day's list"
