"""The patient before the demo's camera: who sits there, what is said to them, how it looks."""

from __future__ import annotations

import threading

import numpy as np

from kiosk.capture.guides.values import Instruction
from kiosk.model import Pixels
from provisioning.demo.patient.behaviour import PatientMind
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.person import Person
from provisioning.demo.patient.pose import Attitude, Pinhole
from provisioning.demo.patient.render import Renderer, room

FIELD_M = 0.36
"""Height of the field of view at the patient, metres: the 1:10 framing of head and neck."""

DISTANCE_M = 0.93
"""From the camera to the patient: a 16 mm lens before the HQ camera's sensor."""

_LIVE, _STILL = 310_000, 1_500_000
_LIVE_UP_TO = 3_000_000
"""Pixels that a live picture and a still are drawn with at most, for the camera to enlarge; up to
the last number a picture is a live one."""

_LAMPS = Lamps()


class PatientScene:
    """A scene for the simulated camera; may be used from several threads.

    Nobody sits there at first.
    """

    def __init__(self, heads: HeadData) -> None:
        self._heads = heads
        self._lock = threading.Lock()
        self._person: Person | None = None
        self._mind: PatientMind | None = None
        self._head: tuple[Person, Head] | None = None

    def sit(self, person: Person, mind: PatientMind) -> None:
        """Let a patient sit down, or the one who sits there begin anew."""
        with self._lock:
            self._person, self._mind = person, mind

    def leave(self) -> None:
        """Let the patient go; the chair is empty."""
        with self._lock:
            self._person = self._mind = None

    def hear(self, instruction: Instruction | None, at_ns: int) -> None:
        """Say something to the patient, if somebody sits there; None is silence."""
        with self._lock:
            if self._mind is not None:
                self._mind.hear(instruction, at_ns)

    def attitude(self, at_ns: int) -> Attitude | None:
        """Return how the patient holds the head: the truth; None if nobody sits there."""
        with self._lock:
            return None if self._mind is None else self._mind.attitude(at_ns)

    def picture(self, at_ns: int, size: tuple[int, int]) -> Pixels:
        """Draw it; see ``kiosk.capture.hardware.simulated_camera.Scene``."""
        camera = camera_of(_drawn_size(size))
        with self._lock:
            person = self._person
            held = None if self._mind is None else self._mind.attitude(at_ns)
        if person is None or held is None:
            return room(camera, _LAMPS)
        seed = at_ns % (1 << 32)
        return Renderer(self._head_of(person), camera).picture(held, _LAMPS, seed)

    def _head_of(self, person: Person) -> Head:
        """Build a head when it is first seen, on the camera's thread, which may take a moment."""
        if self._head is None or self._head[0] is not person:
            self._head = person, Head.make(self._heads, person)
        return self._head[1]


def camera_of(size: tuple[int, int]) -> Pinhole:
    """Return the demo's camera for pictures of a size, pixels."""
    width, height = size
    return Pinhole(width, height, height * DISTANCE_M / FIELD_M)


def _drawn_size(size: tuple[int, int]) -> tuple[int, int]:
    asked = size[0] * size[1]
    most = _LIVE if asked <= _LIVE_UP_TO else _STILL
    share = min(1.0, float(np.sqrt(most / asked)))
    return round(size[0] * share), round(size[1] * share)
