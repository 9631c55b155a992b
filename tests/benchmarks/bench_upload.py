"""Pushing sealed files over a real sshd, against OpenSSH's own client on the same link.

Each run of either connects, sends and leaves. Ours, in a running process as on a station, does the
whole durable sequence; ``sftp -b`` does ``put -f`` (which syncs) to a temporary name and a rename.
Sessions may send a few more requests (``realpath`` …) than a station's, without which ``sftp``
does not work; nothing else of the server differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from kiosk.config import Upload
from kiosk.upload.sftp import DropBox
from kiosk.upload.transfer import Job
from provisioning.server import ThrowawayServer
from tests.benchmarks.row import Row, interleaved
from tests.benchmarks.slow_link import slow_link

MB = 1_000_000
CASES = (
    ("6 MB, cold, 0 ms", 0.0, 1, 6 * MB, 0.35, 7),
    ("20 x 6 MB, 0 ms", 0.0, 20, 6 * MB, None, 3),
    ("200 MB, 0 ms", 0.0, 1, 200 * MB, 1.0, 3),
    ("6 MB, cold, 40 ms", 0.040, 1, 6 * MB, 0.55, 5),
    ("20 x 6 MB, 40 ms", 0.040, 20, 6 * MB, 0.35, 3),
)
"""Name, round trip in seconds, files, bytes of each, aim, runs."""

PEER_REQUESTS = ("realpath", "lstat", "setstat", "fsetstat", "limits", "posix-rename")


def run() -> list[Row]:
    """Measure every case; times in ms, memory in MB."""
    with tempfile.TemporaryDirectory(prefix="bench-upload-") as name:
        folder = Path(name)
        with ThrowawayServer(folder / "server", also_allow=PEER_REQUESTS) as server:
            rows = [_case(folder, server, *case) for case in CASES]
            return [*rows, _memory(folder, server)]


def _case(  # noqa: PLR0913, PLR0917 - the columns of a table
    folder: Path,
    server: ThrowawayServer,
    name: str,
    round_trip: float,
    count: int,
    size: int,
    aim: float | None,
    runs: int,
) -> Row:
    files = _files(folder, count, size)
    with slow_link(server.port, round_trip / 2) as port:
        ours, peer = interleaved(
            lambda: _ours(server, port, files), lambda: _sftp(server, port, files), runs=runs
        )
    return Row(f"upload {name}", ours, peer, "sftp put -f + rename", "ms", aim)


def _memory(folder: Path, server: ThrowawayServer) -> Row:
    """Peak resident memory while pushing 200 MB, above that after the imports."""
    _empty(server)
    (file,) = _files(folder, 1, 200 * MB)
    given = {**_fields(server, server.port), "file": str(file)}
    command = [sys.executable, "-m", "tests.benchmarks.push_memory", json.dumps(given)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    _check(server, [file])
    return Row("upload 200 MB, memory above imports", float(done.stdout), None, "", "MB", 8.0)


def _files(folder: Path, count: int, size: int) -> list[Path]:
    files = [folder / f"{size}-{n:02}.age" for n in range(count)]
    for path in files:
        if not path.exists():
            path.write_bytes(os.urandom(size))
    return files


def _ours(server: ThrowawayServer, port: int, files: list[Path]) -> None:
    _empty(server)
    fields = _fields(server, port)
    upload = Upload(**{**fields, "key": server.client_key})  # type: ignore[arg-type]
    jobs = iter([_job(path) for path in files])
    with DropBox.connect(upload, lambda: False) as box:
        for outcome in box.push_all(lambda: next(jobs, None)):
            if outcome.error is not None:
                raise outcome.error
    _check(server, files)


def _job(path: Path) -> Job:
    return Job(path.name, path.stat().st_size, lambda: path.open("rb", buffering=0))


def _fields(server: ThrowawayServer, port: int) -> dict[str, object]:
    return {
        "host": server.host,
        "port": port,
        "user": server.user,
        "key": str(server.client_key),
        "host_key": server.host_key,
        "folder": server.folder,
    }


def _sftp(server: ThrowawayServer, port: int, files: list[Path]) -> None:
    _empty(server)
    known = files[0].parent / "known_hosts"
    known.write_text(f"[{server.host}]:{port} {server.host_key}\n")
    batch = "".join(
        f"put -f {path} in/.{path.name}\nrename in/.{path.name} in/{path.name}\n" for path in files
    )
    options = {
        "UserKnownHostsFile": known,
        "IdentitiesOnly": "yes",
        "Ciphers": "aes128-gcm@openssh.com",
        "LogLevel": "ERROR",
    }
    command = ["sftp", "-q", "-b", "-", "-F", "none", "-P", str(port), "-i", str(server.client_key)]
    for key, value in options.items():
        command += ["-o", f"{key}={value}"]
    command.append(f"{server.user}@{server.host}")
    subprocess.run(command, input=batch, text=True, check=True, capture_output=True)
    _check(server, files)


def _check(server: ThrowawayServer, files: list[Path]) -> None:
    """Neither may be fast by leaving something out."""
    arrived = {path.name: path.stat().st_size for path in server.collected()}
    if arrived != {path.name: path.stat().st_size for path in files}:
        raise RuntimeError(f"not everything arrived: {arrived}")


def _empty(server: ThrowawayServer) -> None:
    for path in server.path.iterdir():
        path.unlink()
