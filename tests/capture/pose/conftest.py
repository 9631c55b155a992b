"""Rendered heads whose pose is known, and what measures them; made once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.capture.pose.describe import describe_profile
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.geometry import Angles
from kiosk.capture.pose.head import HeadModel, load_head_model
from kiosk.capture.pose.observer import Observer, Sighting
from kiosk.model import Pixels
from provisioning.demo.patient import data
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.person import PERSONS
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.render import Renderer
from tests.capture.pose.scenes import CAMERA, LENS, Draw


@pytest.fixture(scope="session")
def draw() -> Draw:
    heads = data.load()
    made: dict[str, Head] = {}

    def drawn(name: str, held: Attitude, lamps: Lamps | None = None, seed: int = 0) -> Pixels:
        if name not in made:
            made[name] = Head.make(heads, PERSONS[name])
        return Renderer(made[name], LENS).picture(held, lamps, seed=seed)

    return drawn


@pytest.fixture(scope="session")
def model() -> HeadModel:
    return load_head_model()


@pytest.fixture(scope="session")
def observer() -> Observer:
    return Observer()


@pytest.fixture(scope="session")
def look(observer: Observer) -> Callable[[Pixels], Sighting]:
    """Look at one picture as if nothing had been seen before."""

    def looked(picture: Pixels) -> Sighting:
        return observer.study(picture, CAMERA)

    return looked


@pytest.fixture(scope="session")
def profile(
    draw: Draw, look: Callable[[Pixels], Sighting], model: HeadModel
) -> Callable[[str, float], PoseDescriptor]:
    """Photograph the first visit of one of the demo's patients, yaw 90 or -90 degrees."""

    def kept(name: str, yaw: float) -> PoseDescriptor:
        seen = look(draw(name, Attitude(yaw=yaw), seed=1))
        described = describe_profile(seen, model, Angles(yaw, 0.0, 0.0))
        assert described is not None
        return described

    return kept
