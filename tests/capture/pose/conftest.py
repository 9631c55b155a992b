"""Rendered heads whose pose is known, and what measures them; made once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

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

Made = TypeVar("Made")

MOST = 48
"""How many pictures, and what is seen on them, are kept: the six patients in a few poses."""


def once(kept: OrderedDict[str, Made], key: str, make: Callable[[], Made]) -> Made:
    """Return what was made under this key, or make it; drop what was asked for longest ago."""
    if key not in kept:
        kept[key] = make()
        while len(kept) > MOST:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


@pytest.fixture(scope="session")
def draw() -> Draw:
    heads = data.load()
    made: dict[str, Head] = {}
    kept: OrderedDict[str, Pixels] = OrderedDict()

    def drawn(name: str, held: Attitude, lamps: Lamps | None = None, seed: int = 0) -> Pixels:
        def make() -> Pixels:
            if name not in made:
                made[name] = Head.make(heads, PERSONS[name])
            picture = Renderer(made[name], LENS).picture(held, lamps, seed=seed)
            picture.flags.writeable = False
            return picture

        return once(kept, repr((name, held, lamps, seed)), make)

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
    kept: OrderedDict[str, Sighting] = OrderedDict()

    def looked(picture: Pixels) -> Sighting:
        observer.forget()
        key = hashlib.sha256(picture.tobytes()).hexdigest() + repr(picture.shape)
        return once(kept, key, lambda: observer.study(picture, CAMERA))

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
