"""The commands for a real server, run on this machine inside a namespace of their own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kiosk.config import Upload
from kiosk.errors import LoginRefused, ServerUnreachable, TransferRefused
from kiosk.upload.sftp import DropBox
from tests.provisioning.server.namespace import Machine, needs_namespace

ROOT = Path(__file__).parents[3]

pytestmark = needs_namespace


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    made = Machine(Path(__file__).parents[3])
    yield made
    made.close()


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "upload_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


def drop_box(machine: Machine, key: Path) -> Upload:
    host_key = machine.read("/etc/ssh/ssh_host_ed25519_key.pub").strip()
    return Upload(host="127.0.0.1", port=machine.port, user="room-2", key=key, host_key=host_key)


def push(upload: Upload, name: str) -> str:
    path = upload.key.with_name("sealed")
    path.write_bytes(b"sealed")
    with DropBox.connect(upload, lambda: False) as box, path.open("rb") as source:
        return box.push(source, 6, name)


def test_the_whole_life_of_a_drop_box(machine: Machine, key: Path) -> None:
    """One test in order, because each step stands on the one before."""
    accounts = Path("/etc/passwd").read_bytes()
    public = str(key.with_suffix(".pub"))

    assert machine.server("list").returncode == 2, "not prepared yet"
    assert "account ingest was made" in machine.ok("prepare", "--network", "10.1.2.0/24")
    assert machine.ok("prepare", "--network", "10.1.2.0/24") == "nothing to change\n"
    assert "account room-2 was made" in machine.ok("add", "room-2", public)
    assert machine.ok("add", "room-2", public) == "nothing to change\n"
    assert machine.read("/etc/ssh/capture-stations/room-2").startswith("restrict ssh-ed25519 ")
    listed = machine.run("stat", "-c", "%A %U %G", "/srv/capture-stations/room-2/in").stdout
    assert listed == "drwxrws-wt ingest ingest\n"

    machine.start_sshd()
    upload = drop_box(machine, key)
    assert push(upload, "a.age") == "a.age"
    inbox = "/srv/capture-stations/room-2/in"
    assert machine.run("cat", f"{inbox}/a.age").stdout == "sealed"
    ingest = ["setpriv", "--reuid=ingest", "--regid=ingest", "--clear-groups", "sh", "-ec"]
    assert machine.run(*ingest, f"cat {inbox}/a.age").stdout == "sealed"
    table = machine.ok("list").splitlines()
    assert table[1].split()[:2] == ["room-2", "1"]
    assert "SHA256:" in table[1]
    assert machine.run(*ingest, f"ls {inbox} && rm {inbox}/a.age").stdout == "a.age\n"

    with DropBox.connect(upload, lambda: False) as box:
        path = key.with_name("sealed")
        box.push(path.open("rb"), 6, "b.age")
        assert "processes of its sessions were ended" in machine.ok("revoke", "room-2")
        with pytest.raises((ServerUnreachable, TransferRefused)):
            box.push(path.open("rb"), 6, "c.age")
    with pytest.raises(LoginRefused):
        push(upload, "d.age")
    assert "revoked" in machine.ok("list")
    machine.ok("add", "room-2", public)
    assert push(upload, "d.age") == "d.age"
    assert Path("/etc/passwd").read_bytes() == accounts


def shown(chapter: str) -> list[str]:
    """Return the commands in a chapter of docs/server.md, word for word but for ``sudo``."""
    text = (ROOT / "docs/server.md").read_text(encoding="utf-8")
    return [
        line.strip()
        .replace("sudo -u ingest", "setpriv --reuid=ingest --regid=ingest --clear-groups")
        .replace("kiosk-01", "room-3")
        for line in text.split(f"## {chapter}\n")[1].split("\n## ")[0].splitlines()
        if line.startswith("    ")
    ]


def test_answers_go_the_way_that_the_guide_says(machine: Machine, key: Path) -> None:
    """And the desk's letters, which stay where answers are tidied away."""
    *_, placing, tidying = shown("Earlier pictures for a session")
    (posting,) = shown("Letters from the clinic's desk")
    machine.ok("prepare")
    machine.ok("add", "room-3", str(key.with_suffix(".pub")))
    answers = key.with_name("answers")
    answers.mkdir()
    (answers / "a.age").write_bytes(b"sealed")
    (answers / "a.age").chmod(0o600)
    done = machine.run("sh", "-ec", f"cd {answers} && {placing}")
    assert (done.returncode, done.stderr) == (0, "")
    letters = key.with_name("outgoing")
    (letters / "room-3/out").mkdir(parents=True)
    (letters / "room-3/out/d.age").write_bytes(b"letter")
    done = machine.run("sh", "-ec", f"cd {letters} && {posting}")
    assert (done.returncode, done.stderr) == (0, "")
    if not machine.port:
        machine.start_sshd()
    upload = msgspec.structs.replace(drop_box(machine, key), user="room-3")
    got: list[bytes] = []
    with DropBox.connect(upload, lambda: False) as box:
        assert box.fetch("out/a.age", got.append, 100)
        assert box.fetch("out/d.age", got.append, 100)
        assert box.push(io.BytesIO(b"ask"), 3, "b.ask") == "b.ask"
        assert box.push(io.BytesIO(b"shot"), 4, "c.age") == "c.age"
    assert got == [b"sealed", b"letter"]
    folder = "/srv/capture-stations/room-3"
    assert machine.run("sh", "-ec", tidying).returncode == 0
    listed = f"cd {folder} && find in out -type f"
    both = machine.run("sh", "-ec", listed).stdout.split()
    assert sorted(both) == ["in/b.ask", "in/c.age", "out/a.age", "out/d.age"], (
        "what is younger stays"
    )
    old = f"touch -d '2 hours ago' {folder}/in/* {folder}/out/*"
    assert machine.run("sh", "-ec", old).returncode == 0
    assert machine.run("sh", "-ec", tidying).returncode == 0
    assert sorted(machine.run("sh", "-ec", listed).stdout.split()) == ["in/c.age", "out/d.age"]
    assert "1 files that waited for room-3 were removed" in machine.ok("revoke", "room-3")
    assert machine.run("sh", "-ec", listed).stdout == "in/c.age\n"
    assert machine.ok("revoke", "room-3") == "nothing to change\n"


def test_an_account_of_somebody_else_is_not_taken(machine: Machine, key: Path) -> None:
    machine.ok("prepare")
    done = machine.server("add", "games", str(key.with_suffix(".pub")))
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_root_that_sshd_would_not_accept_is_refused(machine: Machine) -> None:
    done = machine.server("--root", "/tmp/drops", "prepare")
    assert (done.returncode, "sshd accepts no drop boxes below /tmp" in done.stderr) == (2, True)


def test_rules_that_sshd_refuses_are_taken_back(machine: Machine) -> None:
    machine.ok("prepare")
    before = machine.read("/etc/ssh/sshd_config.d/capture-stations.conf")
    done = machine.server("--root", "/srv/a b", "prepare")
    assert done.returncode == 1
    assert machine.read("/etc/ssh/sshd_config.d/capture-stations.conf") == before


def test_rules_that_are_never_read_are_noticed(machine: Machine, key: Path) -> None:
    machine.ok("prepare")
    machine.run("sed", "-i", "/^Include/d", "/etc/ssh/sshd_config")
    try:
        done = machine.server("add", "room-3", str(key.with_suffix(".pub")))
    finally:
        machine.run("sed", "-i", "1i Include /etc/ssh/sshd_config.d/*.conf", "/etc/ssh/sshd_config")
    assert (done.returncode, "Include" in done.stderr) == (1, True)


@pytest.mark.parametrize("command", [["revoke", "nobody"], ["add", "room-9", "/missing.pub"]])
def test_a_wrong_command_gets_one_sentence(machine: Machine, command: list[str]) -> None:
    machine.ok("prepare")
    done = machine.server(*command)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_only_root_may() -> None:
    become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    root = Path(__file__).parents[3]
    load = [*become, sys.executable, "-c", "import provisioning.server"]
    if subprocess.call(load, stderr=subprocess.DEVNULL, cwd=root):
        pytest.skip("this checkout or its Python is closed to ordinary users")
    done = subprocess.run(
        [*become, sys.executable, "-m", "provisioning.server", "prepare"],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (done.returncode, "root" in done.stderr) == (2, True)
