"""The baselines that this station keeps, each sealed under the pose key in a file of its own.

How they are kept says :mod:`kiosk.capture.sealed_store`; all have one size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kiosk.capture.sealed_store import SealedStore, Shelf
from kiosk.envelope.recipients import Identity
from kiosk.errors import BaselineError
from kiosk.records import baseline as records
from kiosk.records.baseline import Baseline
from kiosk.records.shot import PatientReference

_SHELF: Final = Shelf(
    name="baseline",
    plural="baselines",
    info=b"capture-station/baseline-names/v1",
    limit=64 * 1024,
    error=BaselineError,
)


class BaselineStore:
    """Baselines by patient and view, as long as the pose key is at hand.

    For one thread, but for :meth:`lock`; one process alone may write to a folder. No error names a
    patient.

    Args:
        folder: made with mode 0700 when the first baseline is kept.
        identity: the pose key; baselines are sealed to its own recipient.
    """

    def __init__(self, folder: Path, identity: Identity) -> None:
        self._store = SealedStore(folder, identity, _SHELF)

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
        path = self.path(patient, issuer, view)
        text = self._store.read(path)
        if text is None:
            return None
        try:
            found = records.decode(text)
        except BaselineError as error:
            raise self._store.damaged(path, error) from error
        if (found.patient.id, found.patient.issuer, found.view) != (patient, issuer, view):
            raise self._store.swapped(path)
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
        if self._store.exists(self._path_of(baseline)):
            return False
        self.replace(baseline)
        return True

    def replace(self, baseline: Baseline) -> None:
        """Keep a baseline in the place of whatever is there; errors as for :meth:`put`."""
        self._store.write(self._path_of(baseline), records.encode(baseline))

    def erase(self, patient: PatientReference) -> int:
        """Remove every baseline of a patient, of whatever view, and return how many there were.

        One that cannot be opened says nothing of anybody and stays.

        Raises:
            StorageError: some may still be there.
            BadKey: the store was locked.
        """
        theirs = [path for path in self._store.paths() if self._owner(path) == patient]
        for path in theirs:
            self._store.remove(path)
        return len(theirs)

    def path(self, patient: str, issuer: str, view: str) -> Path:
        """Return where the baseline of a patient's view lies, whether there is one or not.

        Raises:
            BadKey: the store was locked.
        """
        return self._store.path(issuer, patient, view)

    def lock(self) -> None:
        """Forget the pose key; the store is of no use afterwards."""
        self._store.lock()

    def _owner(self, path: Path) -> PatientReference | None:
        try:
            text = self._store.read(path)
            return None if text is None else records.decode(text).patient
        except BaselineError:
            return None

    def _path_of(self, baseline: Baseline) -> Path:
        return self.path(baseline.patient.id, baseline.patient.issuer, baseline.view)


class PoseKeyring:
    """Holds the store only between :meth:`unlock` and :meth:`lock`, which a sign-in does.

    What is forgotten is forgotten as Python forgets: the memory is used again some time later, and
    the process keeps all of it from swap and core dumps (docs/threat-model.md).

    Args:
        folder: of the baselines.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store: BaselineStore | None = None

    @property
    def store(self) -> BaselineStore | None:
        """The store while it is unlocked."""
        return self._store

    def unlock(self, pose_key: Identity) -> BaselineStore:
        """Return the store that the pose key opens; a store unlocked before is locked."""
        self.lock()
        self._store = BaselineStore(self._folder, pose_key)
        return self._store

    def erase(self, patient: PatientReference) -> int:
        """Remove a patient's baselines; errors and result as of :meth:`BaselineStore.erase`."""
        return 0 if self._store is None else self._store.erase(patient)

    def lock(self) -> None:
        """Lock the store, wherever it is still in use, and forget it."""
        if self._store is not None:
            self._store.lock()
            self._store = None
