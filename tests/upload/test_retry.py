from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import LoginRefused, ServerIdentityChanged, ServerUnreachable, TransferRefused
from kiosk.upload.retry import LASTING, PASSING, BackOff, back_off


def test_it_doubles_up_to_the_cap() -> None:
    waits = [BackOff(1.0, 300.0).delay(n, 0.0) for n in range(1, 12)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


@given(st.integers(1, 10**9), st.floats(0, 1, exclude_max=True))
def test_chance_takes_away_at_most_its_part(failures: int, chance: float) -> None:
    back = BackOff(1.0, 300.0, spread=0.5)
    whole = back.delay(failures, 0.0)
    assert whole / 2 <= back.delay(failures, chance) <= whole <= 300.0


@pytest.mark.parametrize("error", [ServerUnreachable("x"), TransferRefused("x")])
def test_what_may_pass_is_tried_soon(error: ServerUnreachable | TransferRefused) -> None:
    assert back_off(error) is PASSING


@pytest.mark.parametrize("error", [LoginRefused("x"), ServerIdentityChanged("x")])
def test_what_a_person_must_put_right_is_tried_rarely(
    error: LoginRefused | ServerIdentityChanged,
) -> None:
    assert back_off(error) is LASTING
