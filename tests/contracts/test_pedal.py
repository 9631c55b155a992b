"""The contract of a foot pedal, over simulated, GPIO (mock pins) and USB (made-up kernel) ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import evdev
import pytest
from gpiozero.pins.mock import MockFactory

from kiosk import config
from kiosk.capture.hardware.gpio_pedal import GpioPedal
from kiosk.capture.hardware.input_system import KeyEdge
from kiosk.capture.hardware.interfaces import Pedal
from kiosk.capture.hardware.simulated_pedal import SimulatedPedal
from kiosk.capture.hardware.usb_pedal import UsbPedal
from tests.capture.hardware.pedal_fake import DEADLINE_S, MS, Batch, Clock, FakeInput, until

HOLD_OFF_MS = 400
DWELL_MS = 200
KEY = evdev.ecodes.KEY_B


class Rig(Protocol):
    """A pedal, and the foot on it; times in milliseconds."""

    @property
    def pedal(self) -> Pedal: ...

    @property
    def clock(self) -> Clock: ...

    def down(self, at_ms: int) -> None: ...

    def up(self, at_ms: int) -> None: ...

    def settle(self) -> None:
        """Return when everything done so far has reached the pedal."""
        ...


class SimulatedRig:
    def __init__(self) -> None:
        self.clock = Clock()
        section = config.SimulatedPedal(hold_off_ms=HOLD_OFF_MS)
        self.pedal = SimulatedPedal(section, self.clock, DWELL_MS * MS)

    def down(self, at_ms: int) -> None:
        self.clock.now = at_ms * MS
        self.pedal.down(at_ms * MS)

    def up(self, at_ms: int) -> None:
        self.clock.now = at_ms * MS
        self.pedal.up(at_ms * MS)

    def settle(self) -> None:
        pass

    def unplug(self) -> None:
        self.pedal.unplug()

    def plug_in(self) -> None:
        self.pedal.plug_in()


class GpioRig:
    def __init__(self) -> None:
        self.clock = Clock()
        self.factory = MockFactory()
        section = config.GpioPedal(pin=17, hold_off_ms=HOLD_OFF_MS)
        self.pedal = GpioPedal(section, lambda: self.factory, self.clock, DWELL_MS * MS)

    def down(self, at_ms: int) -> None:
        self.clock.now = at_ms * MS
        self.factory.pin(17).drive_low()

    def up(self, at_ms: int) -> None:
        self.clock.now = at_ms * MS
        self.factory.pin(17).drive_high()

    def settle(self) -> None:
        pass


class UsbRig:
    def __init__(self, *keys: frozenset[int]) -> None:
        self.clock = Clock()
        self.system = FakeInput(*(keys or (frozenset({KEY}),)))
        section = config.UsbPedal(
            vendor=0x0C45, product=0x7403, key="KEY_B", hold_off_ms=HOLD_OFF_MS
        )
        self.pedal = UsbPedal(section, self.system, self.clock, DWELL_MS * MS, search_s=0.01)

    def send(self, code: int, at_ms: int, *, down: bool, node: int = -1) -> None:
        self.clock.now = at_ms * MS
        self.system.nodes[node].put(Batch((KeyEdge(code, down, at_ms * MS),)))

    def down(self, at_ms: int) -> None:
        self.send(KEY, at_ms, down=True)

    def up(self, at_ms: int) -> None:
        self.send(KEY, at_ms, down=False)

    def settle(self) -> None:
        # One thread reads, in order: when it takes this batch it has dealt with those before.
        for node in self.system.nodes:
            if not node.closed:
                assert node.put(Batch()).taken.wait(DEADLINE_S)

    def unplug(self) -> None:
        self.system.pull()
        until(lambda: self.pedal.fault() != "")

    def plug_in(self) -> None:
        self.system.plugged_in = True
        until(lambda: self.pedal.fault() == "")


RIGS: dict[str, Callable[[], Rig]] = {"simulated": SimulatedRig, "gpio": GpioRig, "usb": UsbRig}


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = RIGS[request.param]()
    yield made
    made.pedal.close()


def presses(rig: Rig) -> list[int]:
    """Return the presses counted since the last call, milliseconds."""
    rig.settle()
    return [at // MS for at in rig.pedal.poll()]


def test_nothing_to_begin_with(rig: Rig) -> None:
    assert rig.pedal.poll() == ()
    assert rig.pedal.fault() == ""


def test_one_press_is_one_event_with_its_time(rig: Rig) -> None:
    rig.down(1000)
    rig.up(1100)
    assert presses(rig) == [1000]
    assert presses(rig) == []


def test_presses_come_in_order(rig: Rig) -> None:
    for at in (1000, 3000, 5000):
        rig.down(at)
        rig.up(at + 100)
    assert presses(rig) == [1000, 3000, 5000]


def test_a_burst_of_bounces_is_one_event(rig: Rig) -> None:
    for at in range(1000, 1030, 3):
        rig.down(at)
        rig.up(at + 1)
    assert presses(rig) == [1000]


def test_bounce_counts_no_more_when_polled_in_the_middle(rig: Rig) -> None:
    rig.down(1000)
    rig.up(1002)
    assert presses(rig) == [1000]
    rig.down(1004)
    rig.up(1100)
    assert presses(rig) == []


def test_pressed_twice_fast_is_one_event(rig: Rig) -> None:
    for at in (1000, 1250):
        rig.down(at)
        rig.up(at + 100)
    assert presses(rig) == [1000]


def test_a_held_pedal_is_one_event_and_so_is_letting_it_go(rig: Rig) -> None:
    rig.down(1000)
    assert presses(rig) == [1000]
    rig.clock.now = 4000 * MS
    assert presses(rig) == []
    rig.up(5000)
    rig.down(5003)
    rig.up(5005)
    assert presses(rig) == []


def test_a_press_begun_before_the_screen_does_not_count(rig: Rig) -> None:
    rig.down(1000)
    rig.up(1050)
    rig.settle()
    rig.pedal.rearm(1100 * MS)
    assert presses(rig) == []
    rig.down(1100 + DWELL_MS + HOLD_OFF_MS)
    assert presses(rig) == [1100 + DWELL_MS + HOLD_OFF_MS]


def test_a_pedal_that_stays_down_is_said(rig: Rig) -> None:
    rig.down(1000)
    presses(rig)
    rig.clock.now = 11_500 * MS
    assert "down for more than 10 seconds" in rig.pedal.fault()
    rig.up(12_000)
    presses(rig)
    assert rig.pedal.fault() == ""


def test_a_press_that_counted_is_held_until_the_foot_lets_go(rig: Rig) -> None:
    assert rig.pedal.held_since() is None
    rig.down(1000)
    assert presses(rig) == [1000]
    rig.clock.now = 1900 * MS
    assert presses(rig) == []
    assert rig.pedal.held_since() == 1000 * MS
    rig.up(2000)
    rig.clock.now = 2100 * MS
    assert presses(rig) == []
    assert rig.pedal.held_since() is None


def test_a_contact_that_bounces_has_not_let_go(rig: Rig) -> None:
    for at in range(1000, 1030, 3):
        rig.down(at)
        rig.up(at + 1)
        assert presses(rig) == ([1000] if at == 1000 else [])
        assert rig.pedal.held_since() == 1000 * MS
    rig.down(1031)
    rig.clock.now = 1500 * MS
    assert presses(rig) == []
    assert rig.pedal.held_since() == 1000 * MS


def test_a_press_that_did_not_count_is_not_held(rig: Rig) -> None:
    rig.pedal.rearm(1000 * MS)
    rig.down(1000)
    rig.clock.now = 1500 * MS
    assert presses(rig) == []
    assert rig.pedal.held_since() is None


def test_a_pedal_that_is_closed_is_not_held(rig: Rig) -> None:
    rig.down(1000)
    assert presses(rig) == [1000]
    rig.pedal.close()
    assert rig.pedal.held_since() is None


def test_closed_twice_and_silent_afterwards(rig: Rig) -> None:
    rig.down(1000)
    rig.settle()
    rig.pedal.close()
    rig.pedal.close()
    assert rig.pedal.poll() == ()


@pytest.mark.parametrize("make", [SimulatedRig, UsbRig], ids=["simulated", "usb"])
def test_found_again_when_plugged_in_again(make: Callable[[], SimulatedRig | UsbRig]) -> None:
    """A pin cannot tell a pedal that is not there, so the GPIO pedal is not in this."""
    rig = make()
    rig.down(1000)
    rig.unplug()
    rig.clock.now = 1200 * MS
    rig.pedal.poll()
    assert rig.pedal.held_since() is None
    assert "not plugged in" in rig.pedal.fault()
    rig.plug_in()
    assert rig.pedal.fault() == ""
    rig.down(3000)
    assert presses(rig) == [3000]
    rig.pedal.close()
