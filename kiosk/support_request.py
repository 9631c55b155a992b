"""How the screen asks for a support bundle, and is told what became of it.

The capture process may start nothing. It leaves an empty file in its own folder in memory, for
which systemd waits (``kiosk-support.path``); root's unit takes it away, and tells in a file of its
own how far it has come. Neither can write what the other reads from. docs/decisions/0121.
"""

from __future__ import annotations

import enum
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from kiosk import durable
from kiosk.errors import StorageFailed

REQUEST: Final = Path("/run/kiosk-capture/support-asked")
TOLD: Final = Path("/run/kiosk-support/told.json")

_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE: Final = 0o644
_LIMIT: Final = 16 * 1024


class Stage(enum.Enum):
    """How far a bundle has come."""

    MAKING = "making"
    SEALED = "sealed"
    """It lies in the spool, whole; the upload process sends it like everything else."""
    REFUSED = "refused"
    """Nothing was made."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A bundle that will be sent.

    Attributes:
        name: in the spool, and on the server.
        filed: where the clinic will find it, below its folder of opened objects.
    """

    name: str
    filed: str


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the unit that makes bundles tells of the newest.

    Attributes:
        stage: how far it has come.
        at: since when, nanoseconds of the monotonic clock; the file does not outlive a boot.
        name: see :class:`Sealed`; empty before.
        filed: the same.
        why: the sentence of what kept it from being made; it repeats nothing that was found.
    """

    stage: Stage
    at: Annotated[int, Meta(ge=0)]
    name: str = ""
    filed: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class SupportRequest:
    """Both ends of it; every call may raise StorageError, and nothing of the system's own.

    Attributes:
        request: the file that asks; its folder is the capture process's own.
        told: the file that answers; its folder is root's.
    """

    request: Path = REQUEST
    told: Path = TOLD

    # The capture process's side.

    def ask(self) -> None:
        """Leave a request; one that lies there already is enough."""
        with durable.translated(f"asking for a support bundle by {self.request}"):
            try:
                os.close(os.open(self.request, _CREATE, 0o600))
            except FileExistsError:
                return

    def asked(self) -> float | None:
        """Return when the request that still lies there was left, seconds of Unix; None: none."""
        with durable.translated(f"looking at {self.request}"):
            try:
                return self.request.lstat().st_mtime
            except FileNotFoundError:
                return None

    def last(self) -> Told | None:
        """Return what was told last; None where nothing was since the machine was started."""
        data = durable.read_if_there(self.told, _LIMIT)
        if data is None:
            return None
        try:
            return msgspec.json.decode(data, type=Told)
        except msgspec.MsgspecError as error:
            raise StorageFailed(
                f"{self.told} cannot be understood ({error}); expected what kiosk-support.service "
                "tells. Ask for a bundle once more."
            ) from error

    # The side of the unit that makes bundles.

    def take(self) -> bool:
        """Take away what lies in the request's place, and say whether it was a request.

        Whoever calls this is to have no more rights there than the process whose folder it is. No
        link is followed, nothing is opened or read.

        Raises:
            StorageError: it cannot be removed, as a folder that holds something.
        """
        with durable.translated(f"taking away {self.request}"):
            try:
                found = self.request.lstat()
            except FileNotFoundError:
                return False
            if stat.S_ISDIR(found.st_mode):
                self.request.rmdir()
            else:
                self.request.unlink()
        return stat.S_ISREG(found.st_mode) and found.st_size == 0

    def tell(self, told: Told) -> None:
        """Replace what is told."""
        durable.replace_file(self.told, msgspec.json.encode(told), _MODE)
