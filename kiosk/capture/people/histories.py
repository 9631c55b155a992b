"""The histories of consents that this station keeps, each sealed under the pose key.

How they are kept says :mod:`kiosk.capture.sealed_store`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kiosk.capture.sealed_store import SealedStore, Shelf
from kiosk.envelope.recipients import Identity
from kiosk.errors import HistoryError
from kiosk.records import consent_kept
from kiosk.records.consent_kept import BLOCK, BLOCKS, KeptHistory
from kiosk.records.shot import PatientReference

_SHELF: Final = Shelf(
    name="history of consents",
    plural="histories of consents",
    info=b"capture-station/consent-names/v1",
    limit=(BLOCKS + 1) * BLOCK,
    error=HistoryError,
)


class HistoryStore:
    """Histories by patient, as long as the pose key is at hand.

    For one thread, but for :meth:`lock`. No error names a patient.

    Args:
        folder: made with mode 0700 when the first history is kept.
        identity: the pose key.
    """

    def __init__(self, folder: Path, identity: Identity) -> None:
        self._store = SealedStore(folder, identity, _SHELF)

    def get(self, patient: PatientReference) -> KeptHistory:
        """Return a patient's history, an empty one where there is none.

        Raises:
            HistoryError: there is a file, but it is damaged, of another pose key, or another
                patient's.
            StorageError: it cannot be read.
            BadKey: the store was locked.
        """
        path = self.path(patient)
        text = self._store.read(path)
        if text is None:
            return KeptHistory(patient=patient)
        try:
            found = consent_kept.decode(text)
        except HistoryError as error:
            raise self._store.damaged(path, error) from error
        if found.patient != patient:
            raise self._store.swapped(path)
        return found

    def keep(self, history: KeptHistory) -> None:
        """Keep a history, durably, in the place of the one before.

        Raises:
            HistoryError: a field has a value that no history may have, or there are too many acts.
            StorageError: it was not kept.
            BadKey: the store was locked.
        """
        self._store.write(self.path(history.patient), consent_kept.encode(history))

    def path(self, patient: PatientReference) -> Path:
        """Return where a patient's history lies; raises BadKey where the store was locked."""
        return self._store.path(patient.issuer, patient.id)

    def lock(self) -> None:
        """Forget the pose key; the store is of no use afterwards."""
        self._store.lock()
