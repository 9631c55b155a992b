"""The contract of a reader that types, over a simulated and a USB one (made-up kernel)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from kiosk import config
from kiosk.capture.hardware import key_map
from kiosk.capture.hardware.input_system import KeyEdge
from kiosk.capture.hardware.interfaces import Reader
from kiosk.capture.hardware.simulated_reader import SimulatedReader
from kiosk.capture.hardware.usb_reader import UsbReader
from kiosk.capture.scanning.scanned import LIMIT, Source
from kiosk.errors import CodeRefused
from tests.capture.hardware.pedal_fake import DEADLINE_S, MS, Batch, Clock, FakeInput, until

ENTER = key_map.KEY_ENTER
LEFT_SHIFT, CAPS_LOCK = 42, 58
KEYS = {
    key_map.typed(code, shift=shift): (code, shift)
    for code in range(1, 128)
    for shift in (True, False)
}


class Rig(Protocol):
    """A reader, and who holds cards to it."""

    @property
    def reader(self) -> Reader: ...

    @property
    def clock(self) -> Clock: ...

    def type(self, text: str) -> None: ...

    def enter(self) -> None: ...

    def unplug(self) -> None: ...

    def plug_in(self) -> None: ...


class SimulatedRig:
    def __init__(self) -> None:
        self.clock = Clock()
        self.reader = SimulatedReader(self.clock)

    def type(self, text: str) -> None:
        self.reader.type(text)

    def enter(self) -> None:
        self.reader.enter()

    def unplug(self) -> None:
        self.reader.unplug()

    def plug_in(self) -> None:
        self.reader.plug_in()


class UsbRig:
    def __init__(self, *keys: frozenset[int]) -> None:
        self.clock = Clock()
        self.system = FakeInput(*(keys or (frozenset({ENTER}),)))
        section = config.UsbReader(vendor=0x0C45, product=0x7403)
        self.reader = UsbReader(section, self.system, self.clock, search_s=0.01)

    def press(self, *codes: int) -> None:
        """Press keys one within the other, and let them go; return when that was read."""
        edges = [KeyEdge(code, down=True, at_ns=self.clock.now) for code in codes]
        edges += [KeyEdge(code, down=False, at_ns=self.clock.now) for code in reversed(codes)]
        for node in self.system.nodes:
            if not node.closed:
                assert node.put(Batch(tuple(edges))).taken.wait(DEADLINE_S)
                # One thread reads, in order: with this batch it is done with the one before.
                assert node.put(Batch()).taken.wait(DEADLINE_S)

    def type(self, text: str) -> None:
        for character in text:
            code, shift = KEYS[character]
            self.press(*([LEFT_SHIFT, code] if shift else [code]))

    def enter(self) -> None:
        self.press(ENTER)

    def unplug(self) -> None:
        self.system.pull()
        until(lambda: self.reader.fault() != "")

    def plug_in(self) -> None:
        self.system.plugged_in = True
        until(lambda: self.reader.fault() == "")


RIGS: dict[str, Callable[[], Rig]] = {"simulated": SimulatedRig, "usb": UsbRig}


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = RIGS[request.param]()
    made.clock.now = 5000 * MS
    yield made
    made.reader.close()


def read(rig: Rig) -> list[str]:
    return [scanned.text() for scanned in rig.reader.poll()]


def test_nothing_to_begin_with(rig: Rig) -> None:
    assert rig.reader.poll() == ()
    assert rig.reader.fault() == ""


def test_a_code_comes_whole_and_once(rig: Rig) -> None:
    rig.type("P-20")
    assert read(rig) == []
    rig.type("47")
    rig.enter()
    (scanned,) = rig.reader.poll()
    assert (scanned.text(), scanned.source) == ("P-2047", Source.READER)
    assert rig.reader.poll() == ()


def test_codes_come_in_order(rig: Rig) -> None:
    for text in ("111", "222", "333"):
        rig.type(text)
        rig.enter()
    assert read(rig) == ["111", "222", "333"]


def test_every_visible_character_of_ascii(rig: Rig) -> None:
    visible = "".join(map(chr, range(0x20, 0x7F)))
    rig.type(visible)
    rig.enter()
    assert read(rig) == [visible]


def test_enter_alone_is_no_code(rig: Rig) -> None:
    rig.enter()
    rig.enter()
    assert read(rig) == []


def test_half_a_code_is_forgotten_after_a_second(rig: Rig) -> None:
    rig.type("123")
    rig.clock.now += 1001 * MS
    rig.enter()
    rig.type("456")
    rig.clock.now += 999 * MS
    rig.type("7")
    rig.enter()
    assert read(rig) == ["4567"]


def test_half_a_code_does_not_stay_in_memory(rig: Rig) -> None:
    rig.type("123")
    rig.clock.now += 5001 * MS
    rig.reader.poll()
    rig.clock.now -= 5001 * MS
    rig.type("4")
    rig.enter()
    assert read(rig) == ["4"]


def test_typing_that_is_read_late_was_no_pause(rig: Rig) -> None:
    """What counts is when a key was pressed: a busy machine reads it seconds later."""
    rig.type("12")
    rig.clock.now += 3000 * MS
    assert read(rig) == []
    rig.clock.now -= 3000 * MS
    rig.type("34")
    rig.enter()
    assert read(rig) == ["1234"]


def test_the_rest_of_a_forgotten_code_that_is_read_late_is_no_code(rig: Rig) -> None:
    rig.type("12")
    rig.clock.now += 3000 * MS
    rig.reader.forget()
    rig.clock.now -= 3000 * MS
    rig.type("34")
    rig.enter()
    assert read(rig) == []


def test_a_code_that_is_too_long_is_refused_whole(rig: Rig) -> None:
    rig.type("1" * (LIMIT + 50))
    rig.enter()
    rig.type("2" * LIMIT)
    rig.enter()
    first, second = rig.reader.poll()
    with pytest.raises(CodeRefused, match="too long"):
        first.text()
    assert second.text() == "2" * LIMIT


def test_input_that_never_ends_is_refused_once_and_kept_short(rig: Rig) -> None:
    rig.type("1" * (5 * LIMIT))
    (scanned,) = rig.reader.poll()
    assert len(scanned.content) == LIMIT + 1
    rig.type("1" * LIMIT)
    assert rig.reader.poll() == ()
    # A pause ends what has no end.
    rig.clock.now += 1001 * MS
    rig.type("2047")
    rig.enter()
    assert read(rig) == ["2047"]


def test_a_code_for_the_screen_before_does_not_count(rig: Rig) -> None:
    rig.type("111")
    rig.enter()
    rig.reader.forget()
    assert read(rig) == []


def test_the_rest_of_a_forgotten_code_is_no_code(rig: Rig) -> None:
    rig.type("1234")
    rig.reader.forget()
    rig.type("5678")
    rig.enter()
    assert read(rig) == []
    rig.type("2047")
    rig.enter()
    assert read(rig) == ["2047"]


def test_pulled_out_in_the_middle_of_a_code_and_found_again(rig: Rig) -> None:
    rig.type("12")
    rig.unplug()
    assert "not plugged in" in rig.reader.fault()
    rig.plug_in()
    assert rig.reader.fault() == ""
    rig.type("34")
    rig.enter()
    assert read(rig) == ["34"]


def test_nothing_of_a_code_shows_in_its_representation(rig: Rig) -> None:
    rig.type("P-2047")
    rig.enter()
    assert "2047" not in repr(rig.reader.poll())


def test_closed_twice_and_silent_afterwards(rig: Rig) -> None:
    rig.type("111")
    rig.enter()
    rig.reader.close()
    rig.reader.close()
    assert rig.reader.poll() == ()
