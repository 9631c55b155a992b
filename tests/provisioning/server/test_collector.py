"""The collector as the user ``ingest``, on drop boxes whose files a real ``sshd`` has made."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kiosk.envelope.letter import Address, Kind, mailbox_name, read_letter
from kiosk.envelope.recipients import load_recipients
from kiosk.envelope.signatures import PublicKey, SigningKey
from kiosk.records.receipts import Taken, parse_body
from kiosk.upload.sftp import DropBox
from tests.clinic.collect_samples import house_in
from tests.envelope.samples import container_of, sealed_of, station_shot
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
    done = collect(server)
    assert (done.returncode, done.stdout) == (
        0,
        "0 taken, 0 there already, 0 set aside, 0 failed\n",
    )


STUBS = {
    # The server is this machine: the last argument is what is to be run there.
    "ssh": '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n',
    "kiosk": f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m kiosk.cli "$@"\n',
}


def test_from_another_machine_by_the_guides_own_lines(server: Machine, tmp_path: Path) -> None:
    """And once more: what the desk has not taken stays on the server, and nothing else does."""
    house = house_in(tmp_path)
    key = tmp_path / "upload_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    server.ok("prepare")
    server.ok("add", "kiosk-01", str(key.with_suffix(".pub")))
    for name, text in STUBS.items():
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    good = house.shot(1)
    junk = house.put(b"junk")
    twice = house.put(good.read_bytes(), name=f"{good.stem}-0123abcd.age")
    part = house.put(b"half", name=f".{'c' * 32}.part")
    inbox = "/srv/capture-stations/kiosk-01/in"
    for path in (good, junk, twice, part):
        done = server.run("install", "-o", "kiosk-01", "-m", "0040", str(path), inbox)
        assert done.returncode == 0, done.stderr
    lines = "\n".join(shown("The collector, on another machine")).replace("room-3", "kiosk-01")
    assert lines.count("\n") == 4
    for _ in range(2):
        script = f"cd {tmp_path} && export PATH={tmp_path}/bin:$PATH\n{lines}"
        done = server.run("sh", "-c", script)
        assert done.returncode == 0, done.stdout + done.stderr
        left = server.run("ls", "-A", inbox).stdout.split()
        assert sorted(left) == sorted([junk.name, part.name]), done.stdout + done.stderr
    (kept,) = (tmp_path / "sealed/kiosk-01").glob("*.age")
    assert kept.read_bytes() == good.read_bytes()
    assert len(list((tmp_path / "pictures").rglob("*.jpg"))) == 1
    boxes = tmp_path / "boxes/kiosk-01"
    assert sorted(path.name for path in (boxes / "quarantine").iterdir()) == [
        junk.name,
        f"{junk.name}.txt",
    ]
    assert len(list((boxes / "out").iterdir())) == 1
