"""The baselines that this station keeps, each sealed under the pose key in a file of its own.

A file's name is an HMAC of clinic, patient and view under a key that only the pose key's owner can
derive, and all files have one size: without the pose key nobody can tell of whom there are
baselines, nor try whether a certain patient is among them. docs/decisions/0084 has the reasons.
"""

from __future__ import annotations

import hmac
import io
import os
from collections.abc import Iterable
from pathlib import Path

from kiosk import durable
from kiosk.envelope.format import derive
from kiosk.envelope.recipients import Identity, load_identity
from kiosk.envelope.seal import SealingWriter, open_sealed
from kiosk.errors import BadKey, BaselineError, EnvelopeError, NotForThisIdentity
from kiosk.records import baseline as records
from kiosk.records.baseline import Baseline
from kiosk.spool.queue import SealedFile

SUFFIX = ".age"

_NAME_INFO = b"capture-station/baseline-names/v1"
_FILE_LIMIT = 64 * 1024


class BaselineStore:
    """Baselines by patient and view, as long as the pose key is at hand.

    For one thread, but for :meth:`lock`; one process alone may write to a folder. No error names a
    patient.

    Args:
        folder: made with mode 0700 when the first baseline is kept.
        identity: the pose key; baselines are sealed to its own recipient.
    """

    def __init__(self, folder: Path, identity: Identity) -> None:
        self._folder = folder
        self._keys: tuple[Identity, bytes] | None = (identity, _name_key(identity))

    def get(self, patient: str, issuer: str, view: str) -> Baseline | None:
        """Return the baseline of a patient's view, None where there is none.

        Args:
            patient: the number that ``issuer`` gave.
            issuer: the clinic, as shots name it.
            view: the view's id.

        Raises:
            BaselineError: there is a file, but it is damaged, of another pose key, or holds another
                baseline than its name says.
            StorageError: it cannot be read.
            BadKey: the store was locked.
        """
        identity, _ = self._open_keys()
        path = self.path(patient, issuer, view)
        sealed = _read(path)
        if sealed is None:
            return None
        found = _opened(sealed, identity, path)
        if (found.patient.id, found.patient.issuer, found.view) != (patient, issuer, view):
            raise BaselineError(
                f"{path.name} holds another baseline than its name says, so the file was swapped; "
                "it is not used, and a technician should look at this station."
            )
        return found

    def put(self, baseline: Baseline) -> bool:
        """Keep a baseline, durably, unless the patient's view has one already.

        The first accepted shot stays the baseline: whatever is there, readable or not, is left as
        it is.

        Returns:
            Whether it was kept.

        Raises:
            BaselineError: a field has a value that no baseline may have.
            StorageError: it was not kept.
            BadKey: the store was locked.
        """
        path = self._path_of(baseline)
        with durable.translated(f"looking for {path}"):
            if os.path.lexists(path):
                return False
        self.replace(baseline)
        return True

    def replace(self, baseline: Baseline) -> None:
        """Keep a baseline in the place of whatever is there; errors as for :meth:`put`."""
        identity, _ = self._open_keys()
        sealed = io.BytesIO()
        with SealingWriter(sealed.write, [identity.recipient()]) as writer:
            writer.write(records.encode(baseline))
        self._make_folder()
        durable.replace_file(self._path_of(baseline), sealed.getvalue())

    def path(self, patient: str, issuer: str, view: str) -> Path:
        """Return where the baseline of a patient's view lies, whether there is one or not.

        Raises:
            BadKey: the store was locked.
        """
        _, name_key = self._open_keys()
        name = hmac.digest(name_key, _framed((issuer, patient, view)), "sha256").hex()
        return self._folder / f"{name}{SUFFIX}"

    def lock(self) -> None:
        """Forget the pose key; the store is of no use afterwards."""
        self._keys = None

    def _open_keys(self) -> tuple[Identity, bytes]:
        if self._keys is None:
            raise BadKey("The baselines are locked; expected a session that has begun.")
        return self._keys

    def _path_of(self, baseline: Baseline) -> Path:
        return self.path(baseline.patient.id, baseline.patient.issuer, baseline.view)

    def _make_folder(self) -> None:
        with durable.translated(f"making {self._folder}"):
            try:
                self._folder.mkdir(mode=0o700)
            except FileExistsError:
                return
            durable.sync_directory(self._folder.parent)


class PoseKeyring:
    """Holds the pose key only between :meth:`unlock` and :meth:`lock`.

    What is forgotten is forgotten as Python forgets: the memory is used again some time later, and
    the process keeps all of it from swap and core dumps (docs/threat-model.md).

    Args:
        key: a file with one age identity, ``guide.pose_key``.
        folder: of the baselines.
    """

    def __init__(self, key: Path, folder: Path) -> None:
        self._key = key
        self._folder = folder
        self._store: BaselineStore | None = None

    @property
    def store(self) -> BaselineStore | None:
        """The store while it is unlocked."""
        return self._store

    def unlock(self) -> BaselineStore:
        """Read the pose key and return the store that it opens; a store unlocked before is locked.

        Raises:
            BadKey: the file cannot be read, or has not exactly one identity.
        """
        self.lock()
        self._store = BaselineStore(self._folder, load_identity(self._key))
        return self._store

    def lock(self) -> None:
        """Lock the store, wherever it is still in use, and forget it."""
        if self._store is not None:
            self._store.lock()
            self._store = None


def _name_key(identity: Identity) -> bytes:
    """Derive the names' key, 32 bytes, from the identity's one line of text: all kinds have it."""
    return derive(identity.secret_text().encode("ascii"), salt=b"", info=_NAME_INFO)


def _framed(texts: Iterable[str]) -> bytes:
    """Join texts with the length before each, so that no other texts give the same bytes."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return b"".join(len(one).to_bytes(4) + one for one in encoded)


def _read(path: Path) -> bytes | None:
    """Return a file's first bytes, more than any baseline has; None where there is no file."""
    with durable.translated(f"reading {path}"):
        try:
            file = SealedFile(path)
        except FileNotFoundError:
            return None
        with file:
            return file.read(_FILE_LIMIT)


def _opened(sealed: bytes, identity: Identity, path: Path) -> Baseline:
    """Open and parse; every fault of the file becomes a sentence about a baseline."""
    try:
        return records.decode(open_sealed(io.BytesIO(sealed), [identity]).read())
    except NotForThisIdentity as error:
        raise BaselineError(
            f"{path.name} is sealed to another key than this station's pose key; expected the one "
            "under which it was kept."
        ) from error
    except EnvelopeError as error:
        raise BaselineError(
            f"{path.name} was damaged or is no baseline at all ({error.code}); expected one that "
            "this station kept."
        ) from error
