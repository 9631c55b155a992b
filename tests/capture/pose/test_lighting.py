from __future__ import annotations

import numpy as np
import pytest

from kiosk.capture.guides.values import Sight
from kiosk.capture.pose.lighting import lit


@pytest.mark.parametrize("light", [20.0, 24.0, 36.0, 60.0])
@pytest.mark.parametrize("noise", [1.2, 3.0])
def test_noise_does_not_make_light_of_the_dark(light: float, noise: float) -> None:
    """Somebody on a tenth of the picture, as light as that, before black."""
    rng, grey = np.random.default_rng(0), np.zeros((640, 480), np.float32)
    grey[200:300, 100:400] = light
    pictures = (grey + rng.normal(0.0, noise, grey.shape) for _ in range(8))
    told = {lit(np.clip(one, 0.0, 255.0).astype(np.float32)) for one in pictures}
    assert told == {Sight.TOO_DARK if light < 30.0 else Sight.CLEAR}


def test_half_of_it_in_the_sun_is_too_bright() -> None:
    grey = np.full((640, 480), 251.0, np.float32)
    assert lit(grey) is Sight.TOO_BRIGHT
    grey[:330] = 100.0
    assert lit(grey) is Sight.CLEAR
