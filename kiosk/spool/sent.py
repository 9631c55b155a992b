"""What was sent and stays on this station until the clinic's receipt for it has come.

A folder in the spool with a mark for each such object, beside the objects themselves:

    <32 hex digits>.sent       arrived at the server, and waits for its receipt
    <32 hex digits>.again      a receipt names another content: to be sent once more
    <32 hex digits>.receipt    the receipt has come; the object goes, then the trail notes it

A mark holds the SHA-256 of what was sent, and below it those that receipts named instead, a line
each. The upload process writes marks; the capture process removes a ``.receipt`` once the trail has
it. Where receipts are not waited for there are no marks. docs/decisions/0036.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.errors import StorageFailed

SENT: Final = "sent"
"""The folder's name in the spool."""

_FOLDER_MODE = 0o770
_MARK_MODE = 0o640
_WAITS, _AGAIN, _RECEIPT = "sent", "again", "receipt"
_NAME = re.compile(r"([0-9a-f]{32})\.(sent|again|receipt)")
_CONTENT = re.compile(r"(?:[0-9a-f]{64}\n)+")
_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of an object that was sent.

    Attributes:
        name: the object's in the spool.
        sha256: of what was sent.
        doubts: digests that receipts named instead.
        again: whether it is to be sent once more.
    """

    name: str
    sha256: str
    doubts: frozenset[str] = frozenset()
    again: bool = False


class Sent:
    """Both ends of it; every public call may raise StorageError, and nothing of the system's own.

    Args:
        spool: the spool's folder; the marks are in one in it, made by :meth:`prepare`.
    """

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._folder = spool / SENT

    # For both processes, and whoever checks the station.

    def out(self) -> frozenset[str]:
        """Return the names of the objects that wait to be sent no more; they may be gone."""
        names = self._names()
        again = {token for token, kind in names if kind == _AGAIN}
        return frozenset(
            f"{token}.age"
            for token, kind in names
            if kind == _RECEIPT or (kind == _WAITS and token not in again)
        )

    def waiting(self) -> list[Mark]:
        """Return the objects whose receipts have not come, by name.

        Of a mark that is there twice, because a change of it was interrupted, the one counts that
        has the object sent again.
        """
        found = {}
        for token, kind in sorted(self._names(), reverse=True):  # "sent" before "again"
            mark = None if kind == _RECEIPT else self._read(token, kind)
            if mark is not None:
                found[token] = mark
        return [found[token] for token in sorted(found)]

    def since(self) -> float:
        """Return since when the first one waits, in seconds of Unix; now where none does."""
        with durable.translated(f"looking at {self._folder}"):
            marks = [self._path(token, kind) for token, kind in self._names() if kind != _RECEIPT]
            return min((path.stat().st_mtime for path in marks), default=time.time())

    # The upload process's side.

    def prepare(self) -> None:
        """Make the folder, and remove marks that say nothing: their objects are sent once more."""
        with durable.translated(f"preparing {self._folder}"):
            self._folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            durable.sync_directory(self._spool)
            for fresh in self._folder.glob(".*.new"):
                fresh.unlink(missing_ok=True)
            for token, kind in self._names():
                useless = not self.here(f"{token}.age") or self._read(token, kind) is None
                if kind != _RECEIPT and useless:
                    self._path(token, kind).unlink(missing_ok=True)
            durable.sync_directory(self._folder)

    def note(self, name: str, sha256: str) -> None:
        """Mark an object as sent; durable when this returns.

        Args:
            name: the object's in the spool.
            sha256: of what was sent.
        """
        token = _token(name)
        before = self._read(token, _AGAIN)
        doubts = frozenset() if before is None else before.doubts
        self._write(Mark(name, sha256, doubts), _WAITS)
        self._remove(token, _AGAIN)

    def doubt(self, mark: Mark, named: frozenset[str]) -> None:
        """Have an object sent once more, because a receipt names other digests for it."""
        self._write(Mark(mark.name, mark.sha256, mark.doubts | named), _AGAIN)
        self._remove(_token(mark.name), _WAITS)

    def received(self, mark: Mark) -> None:
        """Mark an object as one whose receipt has come; durable when this returns."""
        token = _token(mark.name)
        with durable.translated(f"marking {mark.name} in {self._folder}"):
            left = _AGAIN if mark.again else _WAITS
            self._path(token, left).rename(self._path(token, _RECEIPT))
            self._path(token, _WAITS).unlink(missing_ok=True)
            durable.sync_directory(self._folder)

    def here(self, name: str) -> bool:
        """Whether an object is on this station still."""
        return os.path.lexists(self._spool / name)

    def ended(self) -> list[str]:
        """Return the objects that are still here although their receipts have come."""
        return [name for name in self._receipts() if self.here(name)]

    def forget(self, name: str) -> None:
        """Remove the marks of an object whose receipt is not waited for any more."""
        for kind in (_WAITS, _AGAIN):
            self._remove(_token(name), kind)

    # The capture process's side.

    def gone(self) -> list[str]:
        """Return the objects that are gone because their receipts have come."""
        return [name for name in self._receipts() if not self.here(name)]

    def receipt(self, name: str) -> Mark | None:
        """Return the mark of one of :meth:`gone`; None where it cannot be understood."""
        return self._read(_token(name), _RECEIPT)

    def noted(self, name: str) -> None:
        """Remove the mark of a receipt that was written down; durable when this returns."""
        with durable.translated(f"syncing {self._spool}"):
            # Without its mark an object that a power cut brought back would be sent once more.
            durable.sync_directory(self._spool)
        self._remove(_token(name), _RECEIPT)

    def _receipts(self) -> list[str]:
        return [f"{token}.age" for token, kind in sorted(self._names()) if kind == _RECEIPT]

    def _names(self) -> list[tuple[str, str]]:
        with durable.translated(f"listing {self._folder}"):
            try:
                names = os.listdir(self._folder)  # noqa: PTH208 - names are wanted
            except FileNotFoundError:
                return []
        found = (_NAME.fullmatch(name) for name in names)
        return [(one[1], one[2]) for one in found if one is not None]

    def _read(self, token: str, kind: str) -> Mark | None:
        """Return a mark; None where there is none, or it cannot be understood."""
        content = durable.read_if_there(self._path(token, kind), _LIMIT)
        text = "" if content is None else content.decode("latin-1")
        if not _CONTENT.fullmatch(text):
            return None
        sha256, *doubts = text.split()
        return Mark(f"{token}.age", sha256, frozenset(doubts), again=kind == _AGAIN)

    def _write(self, mark: Mark, kind: str) -> None:
        lines = [mark.sha256, *sorted(mark.doubts)]
        content = "".join(f"{line}\n" for line in lines).encode("ascii")
        durable.replace_file(self._path(_token(mark.name), kind), content, _MARK_MODE)

    def _remove(self, token: str, kind: str) -> None:
        path = self._path(token, kind)
        with durable.translated(f"removing {path}"):
            if os.path.lexists(path):
                path.unlink(missing_ok=True)
                durable.sync_directory(self._folder)

    def _path(self, token: str, kind: str) -> Path:
        return self._folder / f"{token}.{kind}"


def _token(name: str) -> str:
    token = name.removesuffix(".age")
    if not _NAME.fullmatch(f"{token}.{_WAITS}") or token == name:
        raise StorageFailed(
            f"{name!r} is no object of the spool; expected 32 hexadecimal digits and “.age”."
        )
    return token
