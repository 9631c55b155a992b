"""What this station remembers of a patient's earlier shots, while the patient is in session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kiosk.capture.baselines import BaselineStore, PoseKeyring
from kiosk.capture.pose import descriptor
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.errors import BaselineError, FormatError, KioskError
from kiosk.records.baseline import Baseline
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
    """Recalls and keeps baselines; for one thread, but for ``forget``.

    Args:
        keyring: opens them; None where the station keeps none.
        issuer: the clinic, which gives the patients' numbers.
    """

    def __init__(self, keyring: PoseKeyring | None, issuer: str) -> None:
        self._keyring, self._issuer = keyring, issuer

    def recall(self, patient: str, views: Iterable[str]) -> Recalled | None:
        """Return a patient's baselines of these views; None where the station keeps none.

        From here on the pose key is in memory, until ``forget``.

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
        return Recalled(found, tuple(faults))

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
        baseline = Baseline(
            patient=record.patient,
            view=record.view.id,
            image=record.uids.image,
            session=record.uids.session,
            taken_at=record.captured_at,
            protocol=record.protocol,
            descriptor=pose,
        )
        return Remembered(baseline, descriptor.read(pose)) if store.put(baseline) else None

    def forget(self) -> None:
        """Take the pose key out of memory; may be called on any thread."""
        if self._keyring is not None:
            self._keyring.lock()

    def _remembered(self, store: BaselineStore, patient: str, view: str) -> Remembered | None:
        baseline = store.get(patient, self._issuer, view)
        if baseline is None:
            return None
        return Remembered(baseline, descriptor.read(baseline.descriptor))
