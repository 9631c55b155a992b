"""What only a pedal on a pin can do wrong."""

from __future__ import annotations

import threading

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory

from kiosk import config
from kiosk.capture.hardware.gpio_pedal import GpioPedal
from kiosk.errors import PedalError
from tests.capture.hardware.pedal_fake import DEADLINE_S, MS, Clock

SECTION = config.GpioPedal(pin=17, hold_off_ms=0)


def test_a_pedal_held_at_the_start_counts_only_when_pressed_again() -> None:
    factory, clock = MockFactory(), Clock()
    pin = factory.pin(17)
    pin._set_pull = lambda _pull: None  # the foot is stronger than the resistor
    pin.drive_low()
    pedal = GpioPedal(SECTION, lambda: factory, clock, 0)
    clock.now = 500 * MS
    assert pedal.poll() == ()
    pin.drive_high()
    assert pedal.poll() == ()
    clock.now = 900 * MS
    pin.drive_low()
    assert pedal.poll() == (900 * MS,)
    pedal.close()


def test_a_pedal_held_since_the_start_is_said() -> None:
    factory, clock = MockFactory(), Clock()
    factory.pin(17)._set_pull = lambda _pull: None
    factory.pin(17).drive_low()
    pedal = GpioPedal(SECTION, lambda: factory, clock, 0)
    clock.now = 11_000 * MS
    assert "down for more than 10 seconds" in pedal.fault()
    pedal.close()


def test_the_pin_is_pulled_up_and_its_bounce_is_ours() -> None:
    factory = MockFactory()
    pedal = GpioPedal(SECTION, lambda: factory, Clock())
    assert factory.pin(17).pull == "up"
    assert factory.pin(17).bounce is None
    pedal.close()


def test_a_pin_in_use_is_an_error_that_names_it() -> None:
    factory = MockFactory()
    with LED(17, pin_factory=factory), pytest.raises(PedalError, match=r"pin 17.*in use"):
        GpioPedal(SECTION, lambda: factory, Clock())
    GpioPedal(SECTION, lambda: factory, Clock()).close()


def test_the_pin_is_free_after_closing() -> None:
    factory = MockFactory()
    GpioPedal(SECTION, lambda: factory, Clock()).close()
    GpioPedal(SECTION, lambda: factory, Clock()).close()


def test_presses_of_another_thread_arrive_with_their_own_times() -> None:
    """As with lgpio, whose thread calls back."""
    factory, clock = MockFactory(), Clock()
    pedal = GpioPedal(SECTION, lambda: factory, clock, 0)
    times = [at * MS for at in range(1, 50)]

    def foot() -> None:
        for at in times:
            clock.now = at
            factory.pin(17).drive_low()
            factory.pin(17).drive_high()

    thread = threading.Thread(target=foot)
    thread.start()
    thread.join(DEADLINE_S)
    assert pedal.poll() == tuple(times)
    pedal.close()
