"""What the station can judge a view by: its method, with the pose and the outline that go with it.

And whether it judges the expression. Everything that says so to people asks here, also where no
library of a station is installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kiosk.errors import ConfigError
from kiosk.records.views import Code, View

_YAWS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        # Farther aside no landmarks are seen well enough, and less far no profile.
        "face": (0.0, 60.0),
        "profile": (60.0, 120.0),
        # From behind the joints of the two sides cannot be told apart.
        "body": (0.0, 120.0),
    }
)
"""Degrees of yaw to either side within which a method measures."""

_CLOSE_UPS: Final = frozenset({"eyes", "lips", "nose", "nose_basal"})
"""Outlines of pictures in which no whole face is."""

_BODY: Final = "body_"
"""Begins the names of the outlines of bodies."""


_MEASURED: Final = frozenset(
    {
        ("SCT", "1336028006"),  # lips_relaxed
        ("SCT", "1336029003"),  # lips_closed
        ("SCT", "225583004"),  # smile
        ("SCT", "262016004"),  # mouth_open
        ("99CAPST", "brow-raise"),
        ("99CAPST", "eyes-closed-gently"),
        ("99CAPST", "eyes-closed-tightly"),
        ("99CAPST", "pucker"),
    }
)
"""Scheme and value of the expressions of which something is measured, by the checks of
``kiosk.capture.guides.expressions``."""


def can_measure(expression: Code) -> bool:
    """Whether anything of this expression can be measured by the landmarks of a face."""
    return (expression.scheme, expression.value) in _MEASURED


def judges_expression(view: View) -> bool:
    """Whether the station judges the expression that a view asks for; else the operator must."""
    return view.method == "face" and view.expression is not None and can_measure(view.expression)


def check_method(view: View, where: str) -> None:
    """Refuse a method that cannot judge what the view asks for.

    Raises:
        ConfigError: beginning with ``where``, then the key.
    """
    if view.method == "none":
        return
    if view.pose is None:
        raise ConfigError(
            f"{where}.pose: this key is missing; expected the pose that the {view.method} is "
            'judged against, or method = "none"'
        )
    least, most = _YAWS[view.method]
    if not least <= abs(view.pose.yaw) <= most:
        raise ConfigError(
            f'{where}.method: "{view.method}" cannot judge a yaw of {view.pose.yaw:g}°, only '
            f"{least:g}° to {most:g}° to either side; expected {_other(abs(view.pose.yaw))}"
        )
    _check_outline(view, where)


def _other(yaw: float) -> str:
    fit = [name for name, (least, most) in _YAWS.items() if least <= yaw <= most]
    return " or ".join(f'"{name}"' for name in (*fit, "none"))


def _check_outline(view: View, where: str) -> None:
    if view.silhouette in _CLOSE_UPS:
        raise ConfigError(
            f'{where}.method: "{view.method}" cannot judge a close-up, and {view.silhouette!r} is '
            'the outline of one; expected "none", or the outline of a whole face or body'
        )
    of, asked = ("body", "head") if view.silhouette.startswith(_BODY) else ("head", "body")
    if (of == "body") != (view.method == "body"):
        raise ConfigError(
            f"{where}.silhouette: {view.silhouette!r} is the outline of a {of}, and the method "
            f'"{view.method}" would look for its place in vain; expected the outline of a {asked}'
        )
