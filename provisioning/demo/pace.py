"""The time that passes for the demo's patient: that of the pictures, never faster than they come.

Where a machine is too slow to draw ten pictures a second, a patient who lived by the clock would
make half a step between two of them, hear late, and overshoot; no guide leads anybody then. So the
patient moves slower with the pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.capture.hardware.simulated_camera import Scene
from kiosk.model import Pixels

LONGEST_NS = 120_000_000
"""As much passes for the patient from one picture to the next at most; a little more than what is
between two of ten a second."""


class Paced:
    """A scene whose time stays with its pictures; may be used from several threads.

    Args:
        scene: what is drawn; is asked for its own time.
        clock: the camera's, monotonic nanoseconds.
    """

    def __init__(self, scene: Scene, clock: Callable[[], int]) -> None:
        self._scene, self._clock = scene, clock
        self._lock = threading.Lock()
        self._drawn_ns = self._own_ns = clock()

    def now(self) -> int:
        """Return the scene's own time, nanoseconds."""
        with self._lock:
            return self._own_ns + min(max(self._clock() - self._drawn_ns, 0), LONGEST_NS)

    def picture(self, at_ns: int, size: tuple[int, int]) -> Pixels:
        """Draw it; see ``kiosk.capture.hardware.simulated_camera.Scene``."""
        with self._lock:
            passed = at_ns - self._drawn_ns
            if passed > 0:
                self._drawn_ns, self._own_ns = at_ns, self._own_ns + min(passed, LONGEST_NS)
                passed = 0
            own_ns = self._own_ns + passed
        return self._scene.picture(own_ns, size)
