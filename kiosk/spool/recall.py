"""Where one session's recall passes between the two processes: requests out, answers in.

    <32 hex digits>.ask    a sealed request; the upload process sends and removes it
    <32 hex digits>.want   empty: an answer of this name is waited for
    <32 hex digits>.part   an answer on its way in
    <32 hex digits>.age    an answer, whole; the capture process reads and removes it

Nothing here is a promise: what is lost is asked for again at the next session, so nothing is synced
for its own sake. All of it is ciphertext, that of answers under a key that exists only in the
memory of the capture process. docs/decisions/0035.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from kiosk import durable
from kiosk.spool.incoming import FILE_MODE, Incoming, receive
from kiosk.spool.queue import RECALL, Entry, SealedFile, Spool

ANSWER_LIMIT = 64 * 1024 * 1024
"""Largest sealed answer, bytes."""

_FOLDER_MODE = 0o770
_NAME = re.compile(r"[0-9a-f]{32}\.(ask|want|part|age)")


class RecallBox:
    """Both ends of it; every public call may raise StorageError, and nothing of the system's own.

    Args:
        spool: the spool's folder; the box is one in it, made by :meth:`clear`.
        reserve_bytes: what stays free for pictures, whatever is answered.
    """

    def __init__(self, spool: Path, reserve_bytes: int) -> None:
        self._folder = spool / RECALL
        self._spool = Spool(spool, reserve_bytes)

    # The capture process's side.

    def clear(self) -> None:
        """Make the box, or empty it: when the process starts, and when a session ends."""
        with durable.translated(f"clearing {self._folder}"):
            # A station's is made by tmpfiles.d, for its two users; elsewhere both are one.
            self._folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            for name in self._names():
                (self._folder / name).unlink(missing_ok=True)

    def ask(self, sealed: bytes, answers: Sequence[str]) -> None:
        """Hand over a sealed request and say under which names its answers are waited for.

        Args:
            sealed: the request.
            answers: 32 hexadecimal digits each.
        """
        name = os.urandom(16).hex()
        with durable.translated(f"asking in {self._folder}"):
            for answer in answers:
                durable.create_file(self._folder / f"{answer}.want", b"", FILE_MODE)
            part = self._folder / f"{name}.part"
            durable.create_file(part, sealed, FILE_MODE)
            part.rename(self._folder / f"{name}.ask")

    def take(self, answer: str) -> bytes | None:
        """Return a sealed answer and remove it; None while it is not there."""
        path = self._folder / f"{answer}.age"
        with durable.translated(f"reading {path}"):
            try:
                with SealedFile(path) as file:
                    sealed = file.read(ANSWER_LIMIT)
            except FileNotFoundError:
                return None
            path.unlink()
        return sealed

    # The upload process's side.

    def asks(self) -> list[Entry]:
        """Return the requests that are to be sent."""
        with durable.translated(f"listing {self._folder}"):
            found = []
            for name in self._names("ask"):
                with suppress(FileNotFoundError):
                    found.append(Entry(name, (self._folder / name).lstat().st_size))
            return found

    def open(self, ask: Entry) -> BinaryIO:
        """Open a request of ``asks`` for reading; the caller closes it."""
        path = self._folder / ask.name
        with durable.translated(f"opening {path}"):
            return SealedFile(path)

    def sent(self, ask: Entry) -> None:
        """Remove a request that the clinic has."""
        path = self._folder / ask.name
        with durable.translated(f"removing {path}"):
            path.unlink(missing_ok=True)

    def wants(self) -> list[str]:
        """Return the names of the answers that are waited for."""
        with durable.translated(f"listing {self._folder}"):
            return [name.removesuffix(".want") for name in self._names("want")]

    @contextmanager
    def receive(self, answer: str) -> Iterator[Incoming]:
        """Take in an answer: ``with box.receive(name) as incoming: incoming.write(...)``.

        It is there for :meth:`take` when the block ends well after ``incoming.keep()`` was called,
        unless it is not waited for any more; else nothing is kept.

        Raises:
            StorageFull: it would take space that pictures need.
        """
        self._spool.require_room(ANSWER_LIMIT)
        part = self._folder / f"{answer}.part"
        with receive(part, lambda: self._place(part, answer)) as incoming:
            yield incoming

    def _place(self, part: Path, answer: str) -> None:
        """Give an answer its name, if both it and the wish for it are still there."""
        want = self._folder / f"{answer}.want"
        with suppress(FileNotFoundError):
            want.unlink()
            part.rename(self._folder / f"{answer}.age")

    def _names(self, kind: str = "") -> list[str]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208 - names are wanted
        except FileNotFoundError:
            return []
        return sorted(name for name in names if _NAME.fullmatch(name) and name.endswith(kind))
