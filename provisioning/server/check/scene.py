"""What is attacked: a station that has sent something, a letter that waits for it, a neighbour."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.server import dropbox, system
from provisioning.server.check.client import OK, READ, Login, RawSftp
from provisioning.server.place import Place

MINE, LETTER, LINK = "in/mine.age", f"out/{'5' * 32}.age", "in/.link"
THEIRS, SHARED = "in/theirs.age", "in/shared.age"
SENT, WAITING, THEIR_OWN = b"sealed by this station", b"a letter", b"sealed by another"

_LETTER_MODE, _OTHERS_MODE = 0o640, 0o040


@dataclass
class Scene:
    """One server with two stations; the first one's key is stolen.

    Attributes:
        place: where things are on this server.
        thief: logs in with the stolen key.
        neighbour: logs in with the other station's own key, as it may.
        work: a folder of root's own, for the attacker's files.
        readmit: gives the first station its key back after it was shut out.
    """

    place: Place
    thief: Login
    neighbour: Login
    work: Path
    readmit: Callable[[], None]
    _session: RawSftp | None = field(default=None, init=False)
    _before: dict[Path, object] = field(default_factory=dict, init=False)

    @property
    def own(self) -> Path:
        return self.place.root / self.thief.user

    @property
    def other(self) -> Path:
        return self.place.root / self.neighbour.user

    @property
    def session(self) -> RawSftp:
        """An SFTP session with the stolen key; the same until it ends."""
        if self._session is None:
            self._session = RawSftp(self.thief)
        return self._session

    def leave(self) -> None:
        """Close the session; the next one is opened when it is wanted."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def set(self) -> None:
        """Put everything into its place, as the station, the desk and the neighbour would.

        Raises:
            ServiceError: the station cannot do what it should be able to do, so no attack would
                show anything.
        """
        self.clear()
        self.session.put(MINE, SENT)
        self._as_root(self.own / LETTER, WAITING, _LETTER_MODE)
        self._as_root(self.own / SHARED, THEIR_OWN, _OTHERS_MODE)
        (self.own / LINK).symlink_to("/etc/passwd")
        theirs = self.other / THEIRS
        if not self._before or self._about(theirs) != self._before.get(theirs):
            system.emptied(theirs.parent)
            with RawSftp(self.neighbour) as other:
                other.put(THEIRS, THEIR_OWN)
        self._before = self._watched()

    def clear(self) -> None:
        """Take away everything that the station has sent and that waits for it."""
        for name in (dropbox.INBOX, dropbox.OUTBOX, dropbox.QUARANTINE):
            system.emptied(self.own / name)

    def works(self) -> bool:
        """Whether the station can read its letter: what it is for is not refused with the rest."""
        status, handle = self.session.open(LETTER, READ)
        return status == OK and self.session.read(handle) == WAITING

    def changed(self) -> bool:
        """Whether anything that was there is another now, or away, or lies open."""
        return any(self._about(path) != seen for path, seen in self._before.items())

    def appeared(self, name: str) -> bool:
        """Whether there is something of this name in the attacked station's folder."""
        return os.path.lexists(self.own / name)

    def _watched(self) -> dict[Path, object]:
        return {path: self._about(path) for path in (*_files(self.own), *_files(self.other))}

    def _about(self, path: Path) -> object:
        """What an attack could change of a file, or of a folder but for the names in it."""
        try:
            status = path.lstat()
            content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        except FileNotFoundError:
            return None
        links = 0 if stat.S_ISDIR(status.st_mode) else status.st_nlink
        return status.st_ino, status.st_mode, status.st_uid, links, content

    def _as_root(self, path: Path, content: bytes, mode: int) -> None:
        """Make a file that belongs to root; its folder gives it its group."""
        path.write_bytes(content)
        path.chmod(mode)


def _files(folder: Path) -> list[Path]:
    return [folder, *folder.rglob("*")]


def keys(folder: Path, name: str) -> Path:
    """Make a station's key pair; return the private half."""
    path = folder / name
    system.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path))
    return path
