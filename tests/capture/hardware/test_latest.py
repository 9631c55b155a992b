from __future__ import annotations

import threading

import numpy as np
import pytest

from kiosk.capture.hardware.latest import FrameExchange
from kiosk.errors import CameraError, CameraTimeout
from kiosk.model import Frame, FrameMetadata, PixelLayout

MS = 1_000_000


def frame(begun_ns: int = 0) -> Frame:
    pixels = np.full((6, 4), 7, np.uint8)
    return Frame(pixels, PixelLayout.I420, 4, 4, FrameMetadata(begun_ns, None))


class Clock:
    def __init__(self) -> None:
        self.now_ns = 1_000 * MS

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def exchange(clock: Clock) -> FrameExchange:
    return FrameExchange(timeout_ms=500, clock=clock)


def test_a_preview_is_given_once(exchange: FrameExchange) -> None:
    shown = frame()
    assert exchange.publish(shown) is None
    assert exchange.take_preview() is shown
    assert exchange.take_preview() is None


def test_an_untaken_preview_is_replaced_and_its_memory_returned(exchange: FrameExchange) -> None:
    old, new = frame(), frame()
    exchange.publish(old)
    assert exchange.publish(new) is old
    assert exchange.take_preview() is new


def test_the_memory_of_a_taken_preview_is_never_returned(exchange: FrameExchange) -> None:
    exchange.publish(frame())
    exchange.take_preview()
    assert exchange.publish(frame()) is None


def test_silence_within_the_time_allowed_is_no_fault(exchange: FrameExchange, clock: Clock) -> None:
    clock.now_ns += 500 * MS
    assert exchange.take_preview() is None


def test_longer_silence_is_a_time_out(exchange: FrameExchange, clock: Clock) -> None:
    clock.now_ns += 501 * MS
    with pytest.raises(CameraTimeout, match=r"0\.5 s"):
        exchange.take_preview()


def test_each_beat_renews_the_time_allowed(exchange: FrameExchange, clock: Clock) -> None:
    for _ in range(5):
        clock.now_ns += 400 * MS
        exchange.beat()
        assert exchange.take_preview() is None


def test_a_time_out_stays_even_if_frames_come_again(exchange: FrameExchange, clock: Clock) -> None:
    """A camera that hung once is restarted, not trusted."""
    clock.now_ns += 501 * MS
    with pytest.raises(CameraTimeout):
        exchange.take_preview()
    exchange.beat()
    with pytest.raises(CameraTimeout):
        exchange.take_preview()


def test_the_first_fault_is_the_one_that_is_told(exchange: FrameExchange) -> None:
    exchange.fail(CameraError("first"))
    exchange.fail(CameraError("second"))
    with pytest.raises(CameraError, match="first"):
        exchange.take_preview()


def test_nobody_waiting_wants_no_still(exchange: FrameExchange) -> None:
    assert not exchange.wants_still(2**62)


class Waiter:
    """One capture on a thread of its own."""

    def __init__(self, exchange: FrameExchange, after_ns: int) -> None:
        self.result: list[Frame | CameraError] = []
        self._exchange = exchange
        self._after_ns = after_ns
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()
        while self._thread.is_alive() and exchange._after_ns is None and not self.result:
            pass

    def _wait(self) -> None:
        try:
            self.result.append(self._exchange.wait_for_still(self._after_ns))
        except CameraError as error:
            self.result.append(error)

    def join(self) -> Frame | CameraError:
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self.result[0]


def test_a_still_begun_before_the_press_is_not_wanted(exchange: FrameExchange) -> None:
    waiter = Waiter(exchange, 5_000)
    assert not exchange.wants_still(4_999)
    assert exchange.wants_still(5_000)
    still = frame(5_000)
    exchange.hand_over(still)
    assert not exchange.wants_still(6_000)
    assert waiter.join() is still


def test_only_one_capture_at_a_time(exchange: FrameExchange) -> None:
    waiter = Waiter(exchange, 0)
    with pytest.raises(CameraError, match="one at a time"):
        exchange.wait_for_still(0)
    exchange.hand_over(frame())
    assert isinstance(waiter.join(), Frame)


def test_a_still_that_nobody_waits_for_is_wiped(exchange: FrameExchange) -> None:
    late = frame()
    exchange.hand_over(late)
    assert not late.pixels.any()


def test_a_capture_times_out_on_the_given_clock(exchange: FrameExchange, clock: Clock) -> None:
    waiter = Waiter(exchange, 0)
    clock.now_ns += 501 * MS
    assert isinstance(waiter.join(), CameraTimeout)


def test_a_capture_times_out_though_old_frames_keep_coming(
    exchange: FrameExchange, clock: Clock
) -> None:
    waiter = Waiter(exchange, clock.now_ns)
    for _ in range(6):
        # The order matters: a beat late by less than the limit keeps the heartbeat content.
        exchange.beat()
        clock.now_ns += 100 * MS
    exchange.beat()
    error = waiter.join()
    assert isinstance(error, CameraTimeout)
    assert "begun after the press" in error.sentence


def test_a_fault_ends_a_waiting_capture(exchange: FrameExchange) -> None:
    waiter = Waiter(exchange, 0)
    exchange.fail(CameraError("unplugged"))
    error = waiter.join()
    assert isinstance(error, CameraError)
    assert error.sentence == "unplugged"
