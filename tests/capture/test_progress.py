from __future__ import annotations

import pytest

from kiosk.capture.progress import Outcome, SessionProgress
from kiosk.records.protocols import load_protocol

A, K, W = Outcome.ACCEPTED, Outcome.SKIPPED, Outcome.WAITING


@pytest.fixture
def begun() -> SessionProgress:
    return SessionProgress.begin("CANARY-77", load_protocol("periorbital"))


def test_a_session_begins_at_its_first_view(begun: SessionProgress) -> None:
    assert begun.outcomes == (W, W, W, W)
    assert begun.current is begun.protocol.views[0]
    assert begun.remaining == 4


def test_views_are_taken_in_order(begun: SessionProgress) -> None:
    later = begun.accepted().skipped().accepted()
    assert later.outcomes == (A, K, A, W)
    assert later.index == 3
    assert later.current is begun.protocol.views[3]
    assert (later.remaining, later.accepted_count, later.skipped_count) == (1, 2, 1)


def test_nothing_comes_after_the_last_view(begun: SessionProgress) -> None:
    done = begun.accepted().accepted().accepted().accepted()
    assert (done.current, done.index, done.remaining) == (None, None, 0)
    assert done.accepted() == done
    assert done.skipped() == done


def test_skipped_views_can_be_taken_up_again(begun: SessionProgress) -> None:
    again = begun.accepted().skipped().skipped().accepted().reopened()
    assert again.outcomes == (A, W, W, A)
    assert again.index == 1


def test_the_values_before_a_step_stay_as_they_were(begun: SessionProgress) -> None:
    begun.accepted()
    assert begun.outcomes == (W, W, W, W)


def test_the_patient_is_never_printed(begun: SessionProgress) -> None:
    assert "CANARY" not in repr(begun)
