"""The sealed originals of one station, as they lay on the server, and the list of them.

    NAME.age        a sealed object, byte for byte
    taken.sha256    a line of sha256sum(1) for each, in the order of taking
    .collecting     one on its way in

A line is written when everything else of an object is on the disk, so the list is what receipts are
made of. ``sha256sum -c taken.sha256`` proves the originals.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.clinic.storage import make_folders, place
from kiosk.errors import StorageFailed
from kiosk.records.receipts import NAME, Taken, line_of, parse_line

LIST: Final = "taken.sha256"
_STAGED: Final = ".collecting"
_PIECE: Final = 1024 * 1024


class Originals:
    """One station's folder; for one program at a time. Every call may raise StorageError.

    Attributes:
        taken: every object on the list, the oldest first.

    Args:
        root: the folder of all stations' originals.
        station: whose.

    Raises:
        StorageFailed: the list is damaged.
    """

    def __init__(self, root: Path, station: str) -> None:
        self._folder = root / station
        self._list = self._folder / LIST
        with durable.translated(f"opening {self._folder}"):
            make_folders(root, station)
            self._size, self.taken = self._read()
        self._names = {one.sha256: one.name for one in self.taken}
        self._digests = {one.name: one.sha256 for one in self.taken}

    @contextmanager
    def copied(self, source: int) -> Iterator[tuple[Path, str]]:
        """Copy an open file here, durably but under no name yet; give path and SHA-256."""
        staged = self._folder / _STAGED
        try:
            with durable.translated(f"copying to {staged}"):
                staged.unlink(missing_ok=True)
                digest = _copy(source, staged)
            yield staged, digest
        finally:
            with durable.translated(f"removing {staged}"):
                staged.unlink(missing_ok=True)

    def kept_as(self, sha256: str) -> str:
        """Return the name under which an object is on the list and here; empty if it is not."""
        name = self._names.get(sha256, "")
        return name if name and (self._folder / name).is_file() else ""

    def keep(self, staged: Path, name: str, sha256: str) -> None:
        """Give a copied object its name and put it on the list; durable when this returns.

        The same content is kept once, whatever its names; another content of the same name is kept
        beside it.

        Args:
            staged: as :meth:`copied` gave it.
            name: on the server, matching :data:`NAME`.
            sha256: of it.
        """
        with durable.translated(f"keeping {name} in {self._folder}"):
            kept = self._place(staged, self._names.get(sha256, name), sha256)
            if sha256 not in self._names:
                self._append(Taken(kept, sha256))
            # A line without its original is no harm: the object is in the drop box then.
            durable.sync_directory(self._folder)

    def _place(self, staged: Path, name: str, sha256: str) -> str:
        for candidate in (name, f"{name[:32]}-{sha256[:8]}.age"):
            if self._digests.get(candidate, sha256) != sha256:
                continue
            try:
                place(staged, self._folder / candidate)
            except FileExistsError:
                continue
            return candidate
        raise StorageFailed(
            f"{self._folder / name}: another file of this name is there already, and nothing is "
            "ever overwritten; have it looked at and moved away."
        )

    def _append(self, taken: Taken) -> None:
        line = line_of(taken).encode("ascii")
        fd = os.open(self._list, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            # Whatever an interrupted or failed write has left behind the last whole line.
            os.ftruncate(fd, self._size)
            os.lseek(fd, self._size, os.SEEK_SET)
            durable.write_all(fd, line)
            os.fsync(fd)
        finally:
            os.close(fd)
        self._size += len(line)
        self.taken.append(taken)
        self._names[taken.sha256] = taken.name
        self._digests[taken.name] = taken.sha256

    def _read(self) -> tuple[int, list[Taken]]:
        """Return the bytes of the list's whole lines, and what they say."""
        if not os.path.lexists(self._list):
            return 0, []
        text = self._list.read_bytes().decode("latin-1")
        whole = text[: text.rfind("\n") + 1]
        found = []
        for number, line in enumerate(whole.splitlines(), start=1):
            taken = parse_line(line)
            if taken is None:
                raise StorageFailed(
                    f"{self._list}, line {number}: expected a line as sha256sum prints it; put "
                    "back a copy of this list, for receipts are made of it."
                )
            found.append(taken)
        return len(whole), found


def is_object(name: str) -> bool:
    """Whether a station gives such a name to a sealed object."""
    return NAME.fullmatch(name) is not None


def _copy(source: int, target: Path) -> str:
    """Copy what is left of an open file, bring it to the disk, and return its SHA-256."""
    digest = hashlib.sha256()
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        while piece := os.read(source, _PIECE):
            digest.update(piece)
            durable.write_all(fd, piece)
        os.fsync(fd)
    finally:
        os.close(fd)
    return digest.hexdigest()
