"""What this station keeps of patients: each thing in a file of its own, sealed under the pose key.

A file's name is an HMAC of what it is about, under a key that only the pose key's owner can derive:
without the pose key nobody can tell of whom there is something, nor try whether a certain patient
is among them. docs/decisions/0084 has the reasons. Whoever keeps something here fills its texts up
to one size, and makes sure that what is opened says itself whose it is.
"""

from __future__ import annotations

import hmac
import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.envelope.format import derive
from kiosk.envelope.recipients import Identity
from kiosk.envelope.seal import SealingWriter, open_sealed
from kiosk.errors import BadKey, EnvelopeError, NotForThisIdentity
from kiosk.spool.queue import SealedFile

SUFFIX: Final = ".age"


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind of thing that is kept.

    Attributes:
        name: what sentences call one, "baseline".
        plural: the same for several.
        info: tells the key of its names from those of other kinds.
        limit: bytes of the largest sealed file; no more is read.
        error: makes the error of a file that cannot be used.
    """

    name: str
    plural: str
    info: bytes
    limit: int
    error: Callable[[str], EnvelopeError]


class SealedStore:
    """Texts by what they are about, as long as the pose key is at hand.

    For one thread, but for :meth:`lock`; one process alone may write to a folder. No error names a
    patient.

    Args:
        folder: made with mode 0700 when the first is kept.
        identity: the pose key; all is sealed to its own recipient.
        shelf: what is kept.
    """

    def __init__(self, folder: Path, identity: Identity, shelf: Shelf) -> None:
        self._folder, self._shelf = folder, shelf
        # All kinds of identity have a line of text.
        name_key = derive(identity.secret_text().encode("ascii"), salt=b"", info=shelf.info)
        self._keys: tuple[Identity, bytes] | None = (identity, name_key)

    def path(self, *about: str) -> Path:
        """Return where the text about this lies, whether there is one or not.

        Raises:
            BadKey: the store was locked.
        """
        _, name_key = self._open_keys()
        name = hmac.digest(name_key, _framed(about), "sha256").hex()
        return self._folder / f"{name}{SUFFIX}"

    def exists(self, path: Path) -> bool:
        """Whether there is anything of that name, readable or not.

        Raises:
            StorageError: it cannot be told.
        """
        with durable.translated(f"looking for {path}"):
            return os.path.lexists(path)

    def paths(self) -> tuple[Path, ...]:
        """Return where everything lies that is kept.

        Raises:
            StorageError: the folder cannot be read.
        """
        with durable.translated(f"reading {self._folder}"):
            return tuple(sorted(self._folder.glob(f"*{SUFFIX}")))

    def remove(self, path: Path) -> None:
        """Remove what lies there, durably; nothing if there is nothing.

        Raises:
            StorageError: it may still be there.
        """
        with durable.translated(f"removing {path}"):
            path.unlink(missing_ok=True)
            durable.sync_directory(self._folder)

    def read(self, path: Path) -> bytes | None:
        """Return the text, None where there is none.

        Raises:
            EnvelopeError: of the shelf's kind, for a file that is damaged or of another pose key.
            StorageError: it cannot be read.
            BadKey: the store was locked.
        """
        identity, _ = self._open_keys()
        sealed = self._sealed(path)
        if sealed is None:
            return None
        try:
            return open_sealed(io.BytesIO(sealed), [identity]).read()
        except NotForThisIdentity as error:
            raise self._shelf.error(
                f"{path.name} is sealed to another key than this station's pose key; expected the "
                "one under which it was kept."
            ) from error
        except EnvelopeError as error:
            raise self.damaged(path, error) from error

    def write(self, path: Path, text: bytes) -> None:
        """Keep a text, durably, in the place of whatever is there.

        Raises:
            StorageError: it was not kept.
            BadKey: the store was locked.
        """
        identity, _ = self._open_keys()
        sealed = io.BytesIO()
        with SealingWriter(sealed.write, [identity.recipient()]) as writer:
            writer.write(text)
        self._make_folder()
        durable.replace_file(path, sealed.getvalue())

    def damaged(self, path: Path, error: EnvelopeError) -> EnvelopeError:
        """Return what to raise for a file that could not be opened or parsed."""
        return self._shelf.error(
            f"{path.name} was damaged or is no {self._shelf.name} at all ({error.code}); expected "
            "one that this station kept."
        )

    def swapped(self, path: Path) -> EnvelopeError:
        """Return what to raise for a file that is about something else than its name says."""
        return self._shelf.error(
            f"{path.name} holds another {self._shelf.name} than its name says, so the file was "
            "swapped; it is not used, and a technician should look at this station."
        )

    def lock(self) -> None:
        """Forget the pose key; the store is of no use afterwards."""
        self._keys = None

    def _open_keys(self) -> tuple[Identity, bytes]:
        if self._keys is None:
            raise BadKey(f"The {self._shelf.plural} are locked; expected a session that has begun.")
        return self._keys

    def _sealed(self, path: Path) -> bytes | None:
        with durable.translated(f"reading {path}"):
            try:
                file = SealedFile(path)
            except FileNotFoundError:
                return None
            with file:
                return file.read(self._shelf.limit)

    def _make_folder(self) -> None:
        with durable.translated(f"making {self._folder}"):
            try:
                self._folder.mkdir(mode=0o700)
            except FileExistsError:
                return
            durable.sync_directory(self._folder.parent)


def _framed(texts: Iterable[str]) -> bytes:
    """Join texts with the length before each, so that no other texts give the same bytes."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return b"".join(len(one).to_bytes(4) + one for one in encoded)
