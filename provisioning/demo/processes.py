"""The station's two processes as children, ended with their parent however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from kiosk.envelope.letter import Kind
from kiosk.errors import ServiceError
from kiosk.spool import Spool
from kiosk.spool.inbox import INBOX, Inbox

ROOT = Path(__file__).parents[2]
_STOP_S = 20.0
_TOGETHER = ["setpriv", "--pdeathsig", "TERM", "--"]
"""The kernel ends a child whose parent is gone."""

_QUIET = {"PYGAME_HIDE_SUPPORT_PROMPT": "1"}
_DRAIN_S = 60.0


@contextmanager
def uploading(config: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``kiosk upload`` while the block lasts; errors as of :func:`_running`."""
    words = ["kiosk.cli", "upload", "--config", str(config)]
    with _running("kiosk upload", words, log, (0,)) as process:
        yield process


@contextmanager
def collecting(words: Sequence[str], log: Path) -> Iterator[None]:
    """Collect as :mod:`provisioning.demo.collector` does while the block lasts."""
    ended = (-signal.SIGTERM, 128 + signal.SIGTERM)
    with _running("the collector", ["provisioning.demo.collector", *words], log, ended):
        yield


@contextmanager
def _running(
    name: str, words: Sequence[str], log: Path, ends: Collection[int]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of ours while the block lasts.

    Args:
        name: what an error calls it.
        words: the module and its arguments.
        log: takes what it says.
        ends: its exit codes once it was asked to end.

    Raises:
        ServiceError: it ended by itself, or did not end when asked to.
    """
    command = [*_TOGETHER, sys.executable, "-m", *words]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            yield process
            ended = process.poll()
        finally:
            process.terminate()
            code = _ended(process)
    if ended is not None or code not in ends:
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        raise ServiceError(f"{name} ended with exit code {code}: {said}")


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def run_station(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the capture process of the demo to its end and return its exit code."""
    command = [*_TOGETHER, sys.executable, "-m", "provisioning.demo.station", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **_QUIET, **environment}, check=False
    ).returncode


def wait_for_letters(spool: Path, uploader: subprocess.Popen[bytes]) -> None:
    """Wait until the desk's letters have come.

    Raises:
        ServiceError: they do not within a minute, or the uploader ended.
    """
    deadline = time.monotonic() + _DRAIN_S
    inbox = Inbox(spool / INBOX)
    while not all(inbox.waits(kind.value) for kind in (Kind.OPERATORS, Kind.DAY)):
        if uploader.poll() is not None:
            raise ServiceError("kiosk upload ended before the desk's letters had come.")
        if time.monotonic() > deadline:
            raise ServiceError(f"The desk's letters have not come within {_DRAIN_S:.0f} seconds.")
        time.sleep(0.1)


def wait_until_empty(spool: Path, uploader: subprocess.Popen[bytes]) -> None:
    """Wait until everything in the spool has been sent.

    Raises:
        ServiceError: it takes longer than a minute, or the uploader ended.
    """
    deadline = time.monotonic() + _DRAIN_S
    queue = Spool(spool)
    while left := queue.count():
        if uploader.poll() is not None:
            raise ServiceError("kiosk upload ended before everything was sent.")
        if time.monotonic() > deadline:
            raise ServiceError(f"{left} pictures were not sent within {_DRAIN_S:.0f} seconds.")
        time.sleep(0.1)
