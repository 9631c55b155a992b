"""What guiding needs of a view, from its data and the station's camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.capture.guides.choice import Aim
from kiosk.capture.guides.directions import Facing
from kiosk.capture.guides.expressions import is_rest
from kiosk.capture.guides.silhouette import field_height_mm, load_silhouette
from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.guides.values import Measure
from kiosk.capture.pose.body import wanted_body
from kiosk.capture.pose.body_comparisons import BodyAgainstBaseline
from kiosk.capture.pose.body_judge import BodyJudge
from kiosk.capture.pose.body_observer import BodyObserver
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.edges import unpacked
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.head import HeadModel, load_head_model
from kiosk.capture.pose.judge import HeadJudge, Judge, Known
from kiosk.capture.pose.mesh import POINTS
from kiosk.capture.pose.observer import Observer
from kiosk.capture.pose.target import wanted_pose
from kiosk.config import CameraCommon
from kiosk.errors import FormatError
from kiosk.records.view_methods import judges_expression
from kiosk.records.views import View

_FACING = 20.0
"""Degrees within which a body counts as seen from the front or from the side."""

LONG_SIDE = 640
"""Longer side of the pictures that are measured, pixels."""

_LENS = 2.0
"""Focal length over the picture's diagonal where the camera was not measured: the least that does
not distort a face (Cardiff; see docs/technician.md)."""


@dataclass(frozen=True, slots=True)
class Optics:
    """How the camera sees, for pictures as they are measured.

    Attributes:
        camera: size of the measured picture, upright, and its focal length.
        field_mm: height of what it shows at the subject plane; None where that was not measured.
        rotation: degrees clockwise by which frames are turned upright.
    """

    camera: Pinhole
    field_mm: float | None
    rotation: int

    @classmethod
    def of(cls, section: CameraCommon) -> Optics:
        width, height = section.size
        if section.rotation in (90, 270):
            width, height = height, width
        diagonal = float(width**2 + height**2) ** 0.5
        focal = diagonal * _LENS if section.geometry is None else section.geometry.focal_px
        factor = LONG_SIDE / max(width, height)
        camera = Pinhole(round(width * factor), round(height * factor), focal * factor)
        return cls(camera, field_height_mm(section), section.rotation)


def aim_of(view: View) -> Aim:
    """Return what the director needs of a view."""
    slack = view.tolerance
    tolerances = replace(
        _angles_of(view),
        position=slack.position,
        scale=slack.scale,
        stillness=slack.stillness,
        expression=judges_expression(view),
    )
    facing = Facing.of(0.0 if view.pose is None else view.pose.yaw)
    return Aim(tolerances, facing, looked_at(view), _wholly_seen(view))


def _wholly_seen(view: View) -> bool:
    """Whether the station sees all that a patient has to do.

    A face at rest is nothing to be done: where it is not seen, as from the side, nothing is missed.
    """
    return view.expression is None or is_rest(view.expression) or judges_expression(view)


def looked_at(view: View) -> bool:
    """Whether the station looks at live pictures of a view; else the operator's eye must."""
    return view.method != "none" and view.pose is not None


def _angles_of(view: View) -> Tolerances:
    """Return the tolerances of the angles that count.

    Of a body only how it leans to a side of the picture does; a turn is told when it is plainly
    off.
    """
    pose, slack = view.pose, view.tolerance
    if pose is None:
        return Tolerances()
    if view.method != "body":
        return Tolerances(yaw=slack.yaw, pitch=slack.pitch, roll=slack.roll)
    turned = Tolerances(yaw=slack.yaw, coarse=frozenset({Measure.YAW}))
    if abs(pose.yaw) < _FACING:
        return replace(turned, lean_aside=slack.roll)
    if abs(abs(pose.yaw) - 90.0) < _FACING:
        return replace(turned, lean_ahead=slack.pitch)
    return turned


def require_fitting(view: View, baseline: PoseDescriptor) -> None:
    """Make sure that pictures of a view can be compared with a baseline, and its lines drawn.

    Raises:
        FormatError: it was measured by another method than the view's, or lacks something.
    """
    if baseline.method != view.method:
        raise FormatError(
            f"The baseline of {view.id} was measured by the method {baseline.method!r}; expected "
            f"{view.method!r}, by which the view is measured now."
        )
    if baseline.method == "body":
        BodyAgainstBaseline(baseline)
    elif baseline.method == "profile":
        if baseline.patch is None:
            raise FormatError(f"The baseline of {view.id} has no edge patch.")
        unpacked(baseline.patch.content)
    elif baseline.points.shape != (POINTS, 3):
        raise FormatError(
            f"The baseline of {view.id} has landmarks of the shape {baseline.points.shape}; "
            f"expected {POINTS} points of three axes."
        )


class Judges:
    """Makes who judges a view; networks are loaded when they are first needed, and kept.

    For one thread at a time, together with the judges that it made.
    """

    def __init__(self, optics: Optics) -> None:
        self._optics = optics
        self._heads: tuple[Observer, HeadModel] | None = None
        self._bodies: BodyObserver | None = None

    def judge(
        self, view: View, baseline: PoseDescriptor | None, rest: PoseDescriptor | None = None
    ) -> Judge | None:
        """Return who judges pictures of a view; None where the operator's eye must.

        Args:
            view: what is photographed.
            baseline: this patient's earlier shot of it; None at a first visit.
            rest: a shot of this patient's face at rest; None where none is known.

        Raises:
            FormatError: the baseline does not fit the view, see :func:`require_fitting`.
        """
        if baseline is not None:
            require_fitting(view, baseline)
        if not looked_at(view):
            return None
        silhouette = load_silhouette(view.silhouette)
        camera, field_mm = self._optics.camera, self._optics.field_mm
        aspect = camera.width / camera.height
        if view.method == "body":
            self._bodies = self._bodies or BodyObserver()
            body = wanted_body(view, silhouette, field_mm, aspect)
            return None if body is None else BodyJudge(self._bodies, body, baseline)
        self._heads = self._heads or (Observer(), load_head_model())
        observer, model = self._heads
        head = wanted_pose(view, silhouette, model, field_mm, aspect)
        return (
            None if head is None else HeadJudge(observer, model, view, head, Known(baseline, rest))
        )

    def forget(self) -> None:
        """Overwrite and forget the pictures that were seen."""
        if self._heads is not None:
            self._heads[0].wipe()
        if self._bodies is not None:
            self._bodies.wipe()
