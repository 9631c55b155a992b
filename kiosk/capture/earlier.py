"""What this station remembers of a patient's earlier shots, while the patient is in session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kiosk.capture.baselines import BaselineStore, PoseKeyring
from kiosk.capture.pose import descriptor
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.recall import Recall
from kiosk.errors import BaselineError, FormatError, KioskError, StorageError
from kiosk.records.baseline import Baseline, of_shot
from kiosk.records.shot import ShotRecord


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """One baseline, opened."""

    baseline: Baseline
    descriptor: PoseDescriptor


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """A patient's baselines by the view's id, and what could not be read."""

    by_view: Mapping[str, Remembered]
    faults: tuple[KioskError, ...] = ()


class EarlierShots:
    """Recalls and keeps baselines; for one thread.

    Args:
        keyring: opens them; None where the station keeps none.
        issuer: the clinic, which gives the patients' numbers.
        pictures: asks the clinic for the pictures themselves; None where it is not asked.
    """

    def __init__(
        self, keyring: PoseKeyring | None, issuer: str, pictures: Recall | None = None
    ) -> None:
        self._keyring, self._issuer, self._pictures = keyring, issuer, pictures
        self._arrived: dict[str, bytes] = {}

    def recall(self, patient: str, session: str, views: Iterable[str]) -> Recalled | None:
        """Return a patient's baselines of these views; None where the station keeps none.

        From here on the pose key is in memory, until ``forget``. The clinic is asked for the
        pictures, if it is to be.

        Args:
            patient: the number.
            session: its identifier.
            views: their ids.

        Raises:
            BadKey: the pose key cannot be read.
            StorageError: the baselines cannot be read.
        """
        if self._keyring is None:
            return None
        store = self._keyring.unlock()
        found: dict[str, Remembered] = {}
        faults: list[KioskError] = []
        for view in views:
            try:
                remembered = self._remembered(store, patient, view)
            except (BaselineError, FormatError) as error:
                faults.append(error)
                continue
            if remembered is not None:
                found[view] = remembered
        if self._pictures is not None:
            try:
                self._pictures.begin(session, [one.baseline for one in found.values()])
            except StorageError as error:
                faults.append(error)
        return Recalled(found, tuple(faults))

    def picture(self, view: str) -> bytes | None:
        """Return the JPEG of a view's baseline, if the clinic has sent it by now.

        Raises:
            BaselineError: what it sent cannot be used.
            StorageError: what it sent cannot be read.
        """
        if self._pictures is None:
            return None
        for baseline, sent in self._pictures.arrived():
            if isinstance(sent, BaselineError):
                raise sent
            self._arrived[baseline.view] = sent.image
        return self._arrived.get(view)

    def keep(self, record: ShotRecord, pose: bytes) -> Remembered | None:
        """Keep a saved shot's pose as the baseline, unless the patient's view has one.

        Returns:
            The new baseline; None where there was one, or none is kept.

        Raises:
            BaselineError, StorageError: it was not kept; the shot itself is.
        """
        store = None if self._keyring is None else self._keyring.store
        if store is None:
            return None
        baseline = of_shot(record, pose)
        return Remembered(baseline, descriptor.read(pose)) if store.put(baseline) else None

    def forget(self) -> None:
        """Take the pose key and the pictures out of memory, and the latter's traces off the disk.

        Raises:
            StorageError: those cannot be removed; nobody can open them any more.
        """
        if self._keyring is not None:
            self._keyring.lock()
        self._arrived.clear()
        if self._pictures is not None:
            self._pictures.end()

    def _remembered(self, store: BaselineStore, patient: str, view: str) -> Remembered | None:
        baseline = store.get(patient, self._issuer, view)
        if baseline is None:
            return None
        return Remembered(baseline, descriptor.read(baseline.descriptor))
