"""A session's dealings with earlier shots; on the worker, and no fault of theirs ever stops it."""

from __future__ import annotations

from collections.abc import Iterable

from kiosk.capture.crew import News
from kiosk.capture.earlier import EarlierShots
from kiosk.capture.guiding.compared import Compared, fitted, registered
from kiosk.capture.guiding.shots import ShotPose
from kiosk.errors import BaselineError, StorageError
from kiosk.records.shot import ShotRecord
from kiosk.records.views import View


def recall(
    earlier: EarlierShots, patient: str, session: str, views: Iterable[View], *, visit: int
) -> News:
    """Open the patient's baselines; arguments as for :meth:`EarlierShots.recall`."""
    return News(None, visit=visit, recalled=earlier.recall(patient, session, views))


def keep(earlier: EarlierShots, record: ShotRecord, pose: bytes | None) -> News | None:
    """Make a saved shot the baseline, if it is the first; the shot is safe whatever happens."""
    try:
        earlier.keep(record, pose)
    except (BaselineError, StorageError) as error:
        return News(None, error)
    return None


def compare(
    earlier: EarlierShots, pose: ShotPose | None, view: str, size: tuple[int, int], *, take: int
) -> News | None:
    """Lay the earlier picture over the shot, else beside it, where the clinic sent it by now.

    Args:
        earlier: may have the picture.
        pose: may say how it lies over the shot; None where the station cannot judge the view.
        view: its id.
        size: width and height of the shot as it is shown.
        take: the shot's number.
    """
    try:
        jpeg = earlier.picture(view)
        if jpeg is None:
            return None
        comparison = _compared(jpeg, pose, size)
    except (BaselineError, StorageError) as error:
        return News(None, error, take)
    return News(None, take=take, comparison=comparison)


def _compared(jpeg: bytes, pose: ShotPose | None, size: tuple[int, int]) -> Compared:
    if pose is None or pose.registration is None:
        return Compared(fitted(jpeg, size), registered=False)
    return Compared(registered(jpeg, pose.registration, pose.measured, size), registered=True)
