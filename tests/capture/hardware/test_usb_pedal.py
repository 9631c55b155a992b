"""What only a USB pedal can do wrong."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import evdev
import pytest

from kiosk import config
from kiosk.capture.hardware.held_device import stopped
from kiosk.capture.hardware.input_devices import EventNode, LinuxInput
from kiosk.capture.hardware.input_system import LOST, KeyEdge
from kiosk.capture.hardware.usb_pedal import NAME, UsbPedal
from kiosk.errors import ConfigError
from tests.capture.hardware.pedal_fake import DEADLINE_S, MS, Batch, Clock, FakeInput, until

KEY, OTHER = evdev.ecodes.KEY_B, evdev.ecodes.KEY_A
BOTH = frozenset({KEY, OTHER})
SECTION = config.UsbPedal(vendor=0x0C45, product=0x7403, key="KEY_B", hold_off_ms=0)

Open = Callable[[FakeInput], UsbPedal]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(clock: Clock) -> Iterator[Open]:
    pedals: list[UsbPedal] = []

    def open_pedal(system: FakeInput) -> UsbPedal:
        pedals.append(UsbPedal(SECTION, system, clock, 0, search_s=0.005))
        return pedals[-1]

    yield open_pedal
    for pedal in pedals:
        pedal.close()


def press(at_ms: int, code: int = KEY) -> Batch:
    return Batch((KeyEdge(code, down=True, at_ns=at_ms * MS),))


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def read_all(system: FakeInput) -> None:
    for node in system.nodes:
        if not node.closed:
            assert node.put(Batch()).taken.wait(DEADLINE_S)


def test_a_name_that_is_no_key_is_a_configuration_error() -> None:
    section = config.UsbPedal(vendor=1, product=2, key="KEY_PEDAL")
    with pytest.raises(ConfigError, match=r"pedal\.key.*KEY_PEDAL.*KEY_B"):
        UsbPedal(section, FakeInput(BOTH), Clock())


def test_every_node_of_the_device_is_grabbed_and_one_key_counts(opened: Open) -> None:
    system = FakeInput(frozenset({OTHER}), BOTH, frozenset())
    pedal = opened(system)
    assert [node.grabbed for node in system.nodes] == [1, 1, 1]
    system.nodes[1].put(press(10, OTHER))
    system.nodes[1].put(press(20))
    read_all(system)
    assert pedal.poll() == (20 * MS,)


def test_the_time_of_reading_stands_in_for_a_missing_one(opened: Open, clock: Clock) -> None:
    system = FakeInput(BOTH)
    pedal = opened(system)
    clock.now = 77 * MS
    system.nodes[0].put(Batch((KeyEdge(KEY, down=True, at_ns=None),)))
    read_all(system)
    assert pedal.poll() == (77 * MS,)


def test_polling_does_not_wait_for_a_device_that_hangs(opened: Open) -> None:
    system = FakeInput(BOTH)
    pedal = opened(system)
    hanging, let_go = threading.Event(), threading.Event()

    def read() -> tuple[KeyEdge, ...]:
        hanging.set()
        let_go.wait(DEADLINE_S)
        os.read(system.nodes[0].fileno(), 1)
        return ()

    system.nodes[0].read = read  # type: ignore[method-assign]
    system.nodes[0].put(Batch())
    assert hanging.wait(DEADLINE_S)
    assert pedal.poll() == ()
    assert pedal.fault() == ""
    let_go.set()


@pytest.mark.parametrize("code", [errno.ENODEV, errno.EIO])
def test_pulled_out_while_being_read_and_found_again(opened: Open, code: int) -> None:
    system = FakeInput(BOTH, frozenset({OTHER}))
    pedal = opened(system)
    system.nodes[0].put(press(10))
    system.plugged_in = False
    for node in system.nodes:
        node.put(Batch(error=OSError(code, "gone")))
    until(lambda: "not plugged in" in pedal.fault())
    until(lambda: [node.closed for node in system.nodes] == [1, 1])
    assert pedal.poll() == (10 * MS,)
    system.plugged_in = True
    until(lambda: pedal.fault() == "")
    system.nodes[2].put(press(30))
    read_all(system)
    assert pedal.poll() == (30 * MS,)


def test_no_descriptor_is_lost_over_many_pulls(opened: Open) -> None:
    system = FakeInput(BOTH, frozenset({OTHER}))
    before = open_descriptors()
    pedal = opened(system)
    while_plugged_in = open_descriptors()
    for _ in range(20):
        system.pull()
        until(lambda: "not plugged in" in pedal.fault())
        until(lambda: all(node.closed for node in system.nodes))
        system.plugged_in = True
        until(lambda: sum(not node.closed for node in system.nodes) == 2)
    read_all(system)
    assert open_descriptors() == while_plugged_in
    pedal.close()
    assert open_descriptors() == before


def test_plugged_in_later(opened: Open) -> None:
    system = FakeInput(BOTH)
    system.plugged_in = False
    pedal = opened(system)
    assert "0c45:7403" in pedal.fault()
    system.plugged_in = True
    until(lambda: pedal.fault() == "")


@pytest.mark.parametrize(
    ("code", "words"), [(errno.EACCES, "group input"), (errno.EBUSY, "another program")]
)
def test_a_pedal_that_cannot_be_opened_is_said_and_tried_again(
    opened: Open, code: int, words: str
) -> None:
    system = FakeInput(BOTH)
    system.refuse = OSError(code, "refused")
    pedal = opened(system)
    assert words in pedal.fault()
    system.refuse = None
    until(lambda: pedal.fault() == "")


def test_a_grab_that_is_refused_closes_the_node(opened: Open) -> None:
    class Held(FakeInput):
        def open(self, path: str) -> object:  # type: ignore[override]
            node = super().open(path)

            def grab() -> None:
                raise OSError(errno.EBUSY, "Device or resource busy")

            node.grab = grab  # type: ignore[method-assign]
            return node

    system = Held(BOTH)
    pedal = opened(system)
    assert "another program" in pedal.fault()
    assert system.nodes[0].closed == 1


def test_a_pedal_without_the_key_is_said(opened: Open) -> None:
    pedal = opened(FakeInput(frozenset({OTHER})))
    assert "has no KEY_B" in pedal.fault()


def test_a_node_that_appears_late_is_taken_in(opened: Open) -> None:
    """The nodes of a device that was just plugged in are made one after the other."""
    system = FakeInput(frozenset({OTHER}))
    pedal = opened(system)
    system._keys = (frozenset({OTHER}), BOTH)
    until(lambda: pedal.fault() == "")
    system.nodes[1].put(press(10))
    read_all(system)
    assert pedal.poll() == (10 * MS,)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_reader_that_breaks_does_not_look_like_a_quiet_pedal(opened: Open) -> None:
    system = FakeInput(BOTH)
    pedal = opened(system)

    def read() -> tuple[KeyEdge, ...]:
        raise ZeroDivisionError

    system.nodes[0].read = read  # type: ignore[method-assign]
    system.nodes[0].put(Batch())
    until(lambda: pedal.fault() == stopped(NAME))
    until(lambda: system.nodes[0].closed == 1)
    pedal.close()


def test_sysfs_tells_which_nodes_are_the_pedal(tmp_path: Path) -> None:
    for name, vendor, product in (
        ("event0", "0c45", "7403"),
        ("event3", "046d", "c31c"),
        ("event11", "0c45", "7403"),
        ("event12", "0c45", "0001"),
        ("mouse0", "0c45", "7403"),
    ):
        folder = tmp_path / name / "device" / "id"
        folder.mkdir(parents=True)
        (folder / "vendor").write_text(vendor + "\n", encoding="ascii")
        (folder / "product").write_text(product + "\n", encoding="ascii")
    (tmp_path / "event5" / "device").mkdir(parents=True)  # just pulled out
    system = LinuxInput(tmp_path, Path("/dev/input"))
    assert system.find(0x0C45, 0x7403) == ("/dev/input/event0", "/dev/input/event11")
    assert LinuxInput(tmp_path / "none").find(0x0C45, 0x7403) == ()


class FakeDevice:
    """An ``evdev.InputDevice`` whose events a test gives."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.fd, self._other_end = os.pipe()

    def capabilities(self) -> dict[int, list[int]]:
        return {evdev.ecodes.EV_SYN: [0, 1], evdev.ecodes.EV_KEY: [KEY]}

    def read(self) -> list[evdev.InputEvent]:
        codes = evdev.ecodes
        return [
            evdev.InputEvent(12, 345_678, codes.EV_MSC, codes.MSC_SCAN, 458757),
            evdev.InputEvent(12, 345_678, codes.EV_KEY, KEY, 1),
            evdev.InputEvent(12, 345_679, codes.EV_SYN, codes.SYN_REPORT, 0),
            evdev.InputEvent(12, 600_000, codes.EV_KEY, KEY, 2),
            evdev.InputEvent(12, 700_000, codes.EV_KEY, KEY, 0),
        ]

    def close(self) -> None:
        os.close(self.fd)
        os.close(self._other_end)


@pytest.mark.parametrize("monotonic", [True, False])
def test_repeats_are_left_out_and_times_are_the_kernels_if_it_has_our_clock(
    monkeypatch: pytest.MonkeyPatch,
    monotonic: bool,  # noqa: FBT001
) -> None:
    asked: list[tuple[int, bytes]] = []

    def ioctl(_descriptor: int, request: int, argument: bytes) -> int:
        asked.append((request, argument))
        if not monotonic:
            raise OSError(errno.EINVAL, "Invalid argument")
        return 0

    monkeypatch.setattr(evdev, "InputDevice", FakeDevice)
    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    node = EventNode("/dev/input/event0")
    down, up = (12_345_678_000, 12_700_000_000) if monotonic else (None, None)
    assert node.keys == {KEY}
    assert list(node.read()) == [
        KeyEdge(KEY, down=True, at_ns=down),
        KeyEdge(KEY, down=False, at_ns=up),
    ]
    # EVIOCSCLOCKID with CLOCK_MONOTONIC, as linux/input.h and linux/time.h have them.
    assert asked == [(0x400445A0, b"\x01\x00\x00\x00")]
    node.close()


def test_what_the_kernel_dropped_is_told_and_the_broken_rest_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Source: the kernel's Documentation/input/event-codes.rst, SYN_DROPPED."""
    codes = evdev.ecodes
    reads = [
        [(codes.EV_KEY, KEY, 1), (codes.EV_SYN, codes.SYN_DROPPED, 0), (codes.EV_KEY, OTHER, 1)],
        [(codes.EV_KEY, OTHER, 0), (codes.EV_SYN, codes.SYN_REPORT, 0), (codes.EV_KEY, KEY, 0)],
    ]

    class Overrun(FakeDevice):
        def read(self) -> list[evdev.InputEvent]:
            return [evdev.InputEvent(1, 0, *event) for event in reads.pop(0)]

    monkeypatch.setattr(evdev, "InputDevice", Overrun)
    monkeypatch.setattr(fcntl, "ioctl", lambda *_: 0)
    node = EventNode("/dev/input/event0")
    told = [(edge.code, edge.down) for edge in (*node.read(), *node.read())]
    assert told == [(KEY, True), (LOST, True), (KEY, False)]
    node.close()


def test_a_foot_is_not_held_down_by_events_that_were_dropped(opened: Open, clock: Clock) -> None:
    system = FakeInput(BOTH)
    pedal = opened(system)
    system.nodes[0].put(press(10))
    read_all(system)
    assert (pedal.poll(), pedal.held_since()) == ((10 * MS,), 10 * MS)
    system.nodes[0].put(press(20, LOST))
    read_all(system)
    clock.now = 5000 * MS
    assert (pedal.poll(), pedal.held_since()) == ((), None)


@pytest.mark.skipif(
    not os.access("/dev/uinput", os.W_OK),
    reason="no /dev/uinput that may be written here: this kernel cannot pretend a USB pedal",
)
def test_a_pedal_of_the_real_kernel() -> None:
    codes = evdev.ecodes

    def plug_in() -> evdev.UInput:
        return evdev.UInput(
            {codes.EV_KEY: [KEY, OTHER]}, name="FootSwitch", vendor=0x0C45, product=0x7403
        )

    device = plug_in()
    pedal = UsbPedal(SECTION, LinuxInput(), time.monotonic_ns, 0, search_s=0.05)
    try:
        for _ in range(2):
            until(lambda: pedal.fault() == "")
            before = time.monotonic_ns()
            for value in (1, 2, 2, 0):
                device.write(codes.EV_KEY, KEY, value)
                device.syn()
            counted: tuple[int, ...] = ()
            deadline = time.monotonic() + DEADLINE_S
            while not counted and time.monotonic() < deadline:
                counted = pedal.poll()
            assert len(counted) == 1
            # The kernel counts in microseconds.
            assert before // 1000 <= counted[0] // 1000 <= time.monotonic_ns() // 1000
            device.close()
            until(lambda: "not plugged in" in pedal.fault())
            device = plug_in()
    finally:
        pedal.close()
        device.close()
