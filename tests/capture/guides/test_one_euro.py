from __future__ import annotations

import numpy as np
import pytest

from kiosk.capture.guides.one_euro import OneEuro

NS = 1_000_000_000


def follow(values: list[float], frames_per_second: float) -> list[float]:
    one = OneEuro()
    return [one.update(v, round((n + 1) * NS / frames_per_second)) for n, v in enumerate(values)]


@pytest.mark.parametrize("rate", [3, 10, 30])
def test_a_step_has_settled_within_half_a_second_at_any_rate(rate: int) -> None:
    after = follow([5.0] * rate + [0.0] * rate, rate)[rate:]
    assert abs(after[rate // 2]) < 0.5
    assert abs(after[-1]) < 0.1


def test_noise_at_rest_comes_down_to_under_half() -> None:
    noise = np.random.default_rng(1).standard_normal(3000) * 0.1
    assert np.std(follow(list(noise), 30)[30:]) < 0.05


def test_a_quick_turn_is_followed_with_little_lag() -> None:
    """Ten tolerances a second: a head that turns 20 degrees a second, to 2 degrees."""
    ramp = [10.0 * n / 30 for n in range(60)]
    shown = follow(ramp, 30)
    assert ramp[-1] - shown[-1] < 0.5
