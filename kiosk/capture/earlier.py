"""What this station remembers of a patient's earlier shots, while the patient is in session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kiosk.capture.baselines import BaselineStore, PoseKeyring
from kiosk.capture.guiding.views import require_fitting
from kiosk.capture.pose import descriptor
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.recall import Recall
from kiosk.errors import BadKey, BaselineError, FormatError, KioskError, StorageError
from kiosk.records.baseline import Baseline, of_shot
from kiosk.records.shot import ShotRecord
from kiosk.records.views import View


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """One baseline, opened.

    Attributes:
        baseline: whose it is, and of which picture.
        descriptor: how the patient was held; None of a view that no station measures.
    """

    baseline: Baseline
    descriptor: PoseDescriptor | None


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """A patient's baselines by the view's id, and what could not be used.

    Attributes:
        by_view: those that were opened.
        unread: ids of views whose baseline cannot be used, so that nothing is known of them.
        faults: why, and why the clinic could not be asked for pictures.
    """

    by_view: Mapping[str, Remembered]
    unread: frozenset[str] = frozenset()
    faults: tuple[KioskError, ...] = ()


class EarlierShots:
    """Recalls and keeps baselines; for one thread.

    Args:
        keyring: has them while somebody is signed in; None where the station keeps none.
        issuer: the clinic, which gives the patients' numbers.
        pictures: asks the clinic for the pictures themselves; None where it is not asked.
    """

    def __init__(
        self, keyring: PoseKeyring | None, issuer: str, pictures: Recall | None = None
    ) -> None:
        self._keyring, self._issuer, self._pictures = keyring, issuer, pictures
        self._arrived: dict[str, bytes | BaselineError] = {}

    def recall(self, patient: str, session: str, views: Iterable[View]) -> Recalled | None:
        """Return a patient's baselines of these views; None where the station keeps none.

        The clinic is asked for the pictures, if it is to be.

        Args:
            patient: the number.
            session: its identifier.
            views: of which baselines are wanted; one that does not fit its view is a fault.
        """
        store = None if self._keyring is None else self._keyring.store
        if store is None:
            return None
        found: dict[str, Remembered] = {}
        faults: list[KioskError] = []
        unread: set[str] = set()
        for view in views:
            try:
                remembered = self._remembered(store, patient, view)
            except (BadKey, BaselineError, FormatError, StorageError) as error:
                faults.append(error)
                unread.add(view.id)
                continue
            if remembered is not None:
                found[view.id] = remembered
        if self._pictures is not None:
            try:
                self._pictures.begin(session, [one.baseline for one in found.values()])
            except StorageError as error:
                faults.append(error)
        return Recalled(found, frozenset(unread), tuple(faults))

    def picture(self, view: str) -> bytes | None:
        """Return the JPEG of a view's baseline, if the clinic has sent it by now.

        Raises:
            BaselineError: what it sent cannot be used.
            StorageError: what it sent cannot be read.
        """
        if self._pictures is None:
            return None
        for baseline, sent in self._pictures.arrived():
            self._arrived[baseline.view] = sent if isinstance(sent, BaselineError) else sent.image
        found = self._arrived.get(view)
        if isinstance(found, BaselineError):
            raise found
        return found

    def keep(self, record: ShotRecord, pose: bytes | None) -> bool:
        """Keep a saved shot as the baseline, unless the patient's view has one.

        A shot that was to be measured and could not be leaves the place to a later one: nobody
        could be led back into it.

        Args:
            record: of the shot; its ``match`` is None where the station does not measure the view.
            pose: its descriptor; None where nothing was measured.

        Returns:
            Whether it was kept; not where there was one, nor where the station keeps none.

        Raises:
            BaselineError, StorageError: it was not kept; the shot itself is.
        """
        store = None if self._keyring is None else self._keyring.store
        if store is None or (pose is None and record.match is not None):
            return False
        return store.put(of_shot(record, pose))

    def forget(self) -> None:
        """Take the patient's pictures out of memory, and their traces off the disk.

        Raises:
            StorageError: those cannot be removed; nobody can open them any more.
        """
        self._arrived.clear()
        if self._pictures is not None:
            self._pictures.end()

    def _remembered(self, store: BaselineStore, patient: str, view: View) -> Remembered | None:
        baseline = store.get(patient, self._issuer, view.id)
        if baseline is None:
            return None
        if baseline.descriptor is None:
            return Remembered(baseline, None)
        pose = descriptor.read(baseline.descriptor)
        require_fitting(view, pose)
        return Remembered(baseline, pose)
