"""Stop signals become a question; what is being done is finished."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from kiosk.errors import ServiceError
from kiosk.service import StopSignals


@pytest.mark.parametrize("number", StopSignals.SIGNALS)
def test_a_signal_is_remembered_and_stops_nothing(number: signal.Signals) -> None:
    with StopSignals() as stop:
        assert not stop.is_set()
        for _ in range(3):
            os.kill(os.getpid(), number)
        assert stop.wait(60.0)
        assert stop.is_set()


def test_waiting_ends_with_the_signal() -> None:
    with StopSignals() as stop:
        assert not stop.wait(0.0)
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        # Without the wake-up this takes an hour, and the suite's own time-out ends it.
        assert stop.wait(3600.0)


def test_asked_from_inside_by_another_thread() -> None:
    with StopSignals() as stop:
        threading.Thread(target=stop.request).start()
        assert stop.wait(3600.0)


def test_the_handlers_before_come_back_even_after_an_exception() -> None:
    before = [signal.getsignal(number) for number in StopSignals.SIGNALS]

    def fail_inside() -> None:
        with StopSignals():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert [signal.getsignal(number) for number in StopSignals.SIGNALS] == before


def test_no_descriptor_is_lost() -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - one call, no open directory left

    before = count()
    for _ in range(10):
        with StopSignals() as stop:
            stop.request()
    assert count() == before


def test_another_thread_cannot_enter() -> None:
    errors: list[BaseException] = []

    def enter() -> None:
        try:
            with StopSignals():
                pass
        except ServiceError as error:
            errors.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert "main thread" in str(errors[0])
