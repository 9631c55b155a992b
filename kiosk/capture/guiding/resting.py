"""Which of a patient's own shots shows the face at rest from which an expression is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kiosk.capture.guides.expressions import COMPARABLE, is_rest
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.geometry import Angles
from kiosk.capture.pose.relative import turned
from kiosk.records.views import View

Shots = Mapping[str, PoseDescriptor]
"""Descriptors by the view's id."""


def rest_for(
    view: View, views: Iterable[View], kept: Shots, earlier: Shots
) -> PoseDescriptor | None:
    """Return the shot of a resting face that is held most nearly as a view asks.

    Args:
        view: whose expression is to be judged.
        views: of the protocol; only those that ask for a face at rest count.
        kept: what was kept in this session, which comes first: nobody rests alike every day.
        earlier: the baselines of earlier visits.

    Returns:
        None where there is none in about the view's pose.
    """
    if view.pose is None:
        return None
    wanted = Angles(view.pose.yaw, view.pose.pitch, view.pose.roll)
    resting = [one.id for one in views if one.method == "face" and is_rest(one.expression)]
    for shots in (kept, earlier):
        found = [shots[one] for one in resting if one in shots]
        near = min(found, key=lambda one: _apart(one, wanted), default=None)
        if near is not None and _apart(near, wanted) <= COMPARABLE:
            return near
    return None


def _apart(shot: PoseDescriptor, wanted: Angles) -> float:
    """Return how far a shot's head is turned or nodded away from a pose, degrees."""
    return max(abs(turned(shot.coarse.yaw - wanted.yaw)), abs(shot.coarse.pitch - wanted.pitch))
