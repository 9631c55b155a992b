"""Sealing a 6 MB picture to two hybrid recipients, against pyrage with one X25519 recipient.

pyrage returns the sealed bytes; we pass them on piece by piece, so what the receiver does with them
is told apart: nothing (the first two rows), keeping them in memory, writing a file without a sync.
The last row adds what a shot's container costs: SHA-256, CRC-32, JSON and the signature.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import pyrage
from cryptography.utils import Buffer

from kiosk.envelope.bundle import encode_record
from kiosk.envelope.container import IMAGE, RECORD, write_shot
from kiosk.envelope.recipients import HYBRID, X25519, Recipient, generate_identity
from kiosk.envelope.seal import SealingWriter
from kiosk.envelope.signatures import SigningKey
from kiosk.envelope.stream import Sink
from tests.benchmarks.row import Row, interleaved
from tests.envelope.samples import head_of, record_of

SIZE = 6_000_000
RUNS = 41
PYRAGE = "pyrage, one X25519"


class Memory:
    """A sink that keeps everything in memory that was set aside before, as a spool's page cache."""

    def __init__(self, size: int) -> None:
        self.kept = bytearray(size)
        self._end = 0

    def write(self, data: Buffer) -> None:
        with memoryview(data) as view:
            self.kept[self._end : self._end + len(view)] = view
            self._end += len(view)

    def rewind(self) -> None:
        self._end = 0


def run() -> list[Row]:
    picture = os.urandom(SIZE)
    hybrid = [generate_identity(HYBRID).recipient() for _ in range(2)]
    plain = [generate_identity(X25519).recipient()]
    peer = pyrage.x25519.Identity.generate().to_public()
    with tempfile.TemporaryDirectory() as folder:
        return [
            _passed_on("seal 6 MB, two hybrid recipients, passed on", picture, hybrid, peer, 0.4),
            _passed_on("seal 6 MB, one X25519 recipient, passed on", picture, plain, peer, None),
            _in_memory(picture, hybrid, peer),
            _into_file(Path(folder), picture, hybrid, peer),
            _container(picture, hybrid, peer),
        ]


def _passed_on(
    name: str, picture: bytes, recipients: list[Recipient], peer: object, aim: float | None
) -> Row:
    def ours() -> None:
        _seal(lambda _: None, picture, recipients)

    times = interleaved(ours, lambda: pyrage.encrypt(picture, [peer]), runs=RUNS)
    return Row(name, *times, PYRAGE, "ms", aim)


def _in_memory(picture: bytes, recipients: list[Recipient], peer: object) -> Row:
    sink = Memory(SIZE + 64 * 1024)

    def ours() -> None:
        sink.rewind()
        _seal(sink.write, picture, recipients)

    name = "seal 6 MB, two hybrid recipients, kept in memory"
    times = interleaved(ours, lambda: pyrage.encrypt(picture, [peer]), runs=RUNS)
    return Row(name, *times, PYRAGE, "ms", None)


def _into_file(folder: Path, picture: bytes, recipients: list[Recipient], peer: object) -> Row:
    def ours() -> None:
        with (folder / "ours").open("wb", buffering=0) as file:
            _seal(file.write, picture, recipients)

    def theirs() -> None:
        (folder / "theirs").write_bytes(pyrage.encrypt(picture, [peer]))

    name = "seal 6 MB, two hybrid recipients, into a file"
    return Row(name, *interleaved(ours, theirs, runs=RUNS), PYRAGE, "ms", None)


def _container(picture: bytes, recipients: list[Recipient], peer: object) -> Row:
    sink = Memory(SIZE + 64 * 1024)
    key = SigningKey.generate()
    record = record_of(picture)
    head = head_of()

    def ours() -> None:
        sink.rewind()
        hashlib.sha256(picture).hexdigest()
        with SealingWriter(sink.write, recipients) as writer:
            parts = [(IMAGE, picture), (RECORD, encode_record(record))]
            write_shot(writer.write, parts, head, key)

    times = interleaved(ours, lambda: pyrage.encrypt(picture, [peer]), runs=RUNS)
    return Row("hash, sign, pack and seal 6 MB, in memory", *times, PYRAGE, "ms", None)


def _seal(sink: Sink, picture: bytes, recipients: list[Recipient]) -> None:
    with SealingWriter(sink, recipients) as writer:
        writer.write(picture)
