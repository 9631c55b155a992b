"""A USB foot pedal, which to Linux is a small keyboard; found again whenever it is plugged in.

udev's events do not reach a service without a network (``PrivateNetwork=``), so the input devices
are looked through once a second. They are told apart by what sysfs says of them, so that none but
the pedal is ever opened.
"""

from __future__ import annotations

import errno
import fcntl
import os
import selectors
import struct
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import evdev

from kiosk import config
from kiosk.capture.hardware.hold_off import DWELL_NS
from kiosk.capture.hardware.input_system import InputNode, InputSystem, KeyEdge, event_nodes
from kiosk.capture.hardware.press_queue import Clock, PressQueue
from kiosk.errors import ConfigError

SEARCH_S = 1.0
"""How often the input devices are looked through, seconds."""

STOPPED = (
    "The foot pedal is no longer read because of a fault in this program: restart the station."
)

_EVIOCSCLOCKID = 0x400445A0
"""_IOW('E', 0xa0, int) of linux/input.h: choose the clock of a device's time stamps."""


class UsbPedal:
    """Keeps the contract of :class:`kiosk.capture.hardware.interfaces.Pedal`.

    A thread of its own looks for the device and reads it. A pedal often shows as several nodes
    (keyboard, mouse, joystick): all are grabbed, one key counts.

    Args:
        section: USB ids and key.
        system: the machine's input devices, or a test's.
        clock: the station's monotonic clock.
        dwell_ns: see :class:`kiosk.capture.hardware.hold_off.HoldOff`.
        search_s: how often the input devices are looked through, seconds.

    Raises:
        ConfigError: ``pedal.key`` is no key.
    """

    def __init__(
        self,
        section: config.UsbPedal,
        system: InputSystem,
        clock: Clock,
        dwell_ns: int = DWELL_NS,
        search_s: float = SEARCH_S,
    ) -> None:
        self._section = section
        self._search_s = search_s
        self._key = _key_code(section.key)
        self._system = system
        self._clock = clock
        self._queue = PressQueue(section.hold_off_ms, clock, dwell_ns)
        self._nodes: dict[str, InputNode] = {}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._fault = ""
        self._closed = False
        # The first search is made here, so that `fault` is right from the beginning.
        self._search()
        self._thread = threading.Thread(target=self._run, name="usb-pedal", daemon=True)
        self._thread.start()

    def poll(self) -> tuple[int, ...]:
        return self._queue.poll()

    def rearm(self, at_ns: int) -> None:
        self._queue.rearm(at_ns)

    def fault(self) -> str:
        return self._fault or self._queue.stuck()

    def close(self) -> None:
        """End the thread and release the device; may be called more than once."""
        if self._closed:
            return
        self._closed = True
        os.write(self._wake_write, b"x")
        self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._queue.forget()

    def _run(self) -> None:
        try:
            next_search = time.monotonic() + self._search_s
            while not self._closed:
                ready = self._selector.select(max(0.0, next_search - time.monotonic()))
                for selected, _ in ready:
                    if isinstance(selected.data, str):
                        self._read(selected.data)
                if time.monotonic() >= next_search:
                    self._search()
                    next_search = time.monotonic() + self._search_s
        finally:
            # Reached without `close` only by a fault of this program: it must not look like quiet.
            self._fault = "" if self._closed else STOPPED
            for path in tuple(self._nodes):
                self._drop(path)
            self._selector.close()

    def _search(self) -> None:
        """Take in every node of the pedal that is not yet held, and say what is missing."""
        name = f"{self._section.vendor:04x}:{self._section.product:04x}"
        problem = ""
        try:
            paths = self._system.find(self._section.vendor, self._section.product)
        except OSError as error:
            paths, problem = (), f"The input devices cannot be listed: {error.strerror}."
        for path in paths:
            if path not in self._nodes:
                problem = self._take(path) or problem
        if any(self._key in node.keys for node in self._nodes.values()):
            problem = ""
        elif not problem and self._nodes:
            problem = (
                f"The foot pedal (USB {name}) is plugged in but has no {self._section.key}; "
                "expected pedal.key in station.toml to be the key that it sends."
            )
        elif not problem:
            problem = f"The foot pedal (USB {name}) is not plugged in: check its cable."
        self._fault = problem

    def _take(self, path: str) -> str:
        """Open and grab one node; return why not, or empty text."""
        try:
            node = self._system.open(path)
        except OSError as error:
            return "" if _gone(error) else _refused(path, error)
        try:
            node.grab()
            self._selector.register(node.fileno(), selectors.EVENT_READ, path)
        except OSError as error:
            _close(node)
            return "" if _gone(error) else _refused(path, error)
        self._nodes[path] = node
        return ""

    def _read(self, path: str) -> None:
        node = self._nodes[path]
        try:
            edges = tuple(node.read())
        except BlockingIOError:
            return
        except OSError:
            self._drop(path)
            self._queue.released(self._clock())
            self._search()
            return
        for edge in edges:
            if edge.code == self._key:
                at_ns = self._clock() if edge.at_ns is None else edge.at_ns
                (self._queue.pressed if edge.down else self._queue.released)(at_ns)

    def _drop(self, path: str) -> None:
        node = self._nodes.pop(path)
        self._selector.unregister(node.fileno())
        _close(node)


class EventNode:
    """An :class:`InputNode` of the kernel."""

    def __init__(self, path: str) -> None:
        self._device = evdev.InputDevice(path)
        self._keys = frozenset(self._device.capabilities().get(evdev.ecodes.EV_KEY, ()))
        self._monotonic = self._choose_clock()

    @property
    def keys(self) -> frozenset[int]:
        return self._keys

    def fileno(self) -> int:
        return int(self._device.fd)

    def grab(self) -> None:
        self._device.grab()

    def read(self) -> Iterable[KeyEdge]:
        edges = []
        for event in self._device.read():
            # Value 2 is the keyboard's own repeat while the key is held.
            if event.type == evdev.ecodes.EV_KEY and event.value in (0, 1):
                at_ns = event.sec * 1_000_000_000 + event.usec * 1_000
                edges.append(
                    KeyEdge(event.code, event.value == 1, at_ns if self._monotonic else None)
                )
        return edges

    def close(self) -> None:
        self._device.close()

    def _choose_clock(self) -> bool:
        """Ask for time stamps of the monotonic clock; say whether the kernel gives them."""
        try:
            fcntl.ioctl(self._device.fd, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
        except OSError as error:
            if _gone(error):
                raise
            return False
        return True


class LinuxInput:
    """An :class:`InputSystem` of the kernel: sysfs to find, ``/dev/input`` to open."""

    def __init__(
        self, classes: Path = Path("/sys/class/input"), nodes: Path = Path("/dev/input")
    ) -> None:
        self._classes = classes
        self._nodes = nodes

    def find(self, vendor: int, product: int) -> tuple[str, ...]:
        return tuple(
            str(self._nodes / name) for name in event_nodes(self._classes, vendor, product)
        )

    def open(self, path: str) -> InputNode:
        return EventNode(path)


def real_input() -> InputSystem:
    return LinuxInput()


def _key_code(name: str) -> int:
    code = evdev.ecodes.ecodes.get(name)
    if not isinstance(code, int):
        raise ConfigError(
            f"pedal.key: there is no key {name}; expected a name of linux/input-event-codes.h, "
            "such as KEY_B or BTN_LEFT"
        )
    return code


def _gone(error: OSError) -> bool:
    return error.errno in (errno.ENODEV, errno.ENOENT, errno.ENXIO)


def _refused(path: str, error: OSError) -> str:
    if error.errno == errno.EBUSY:
        return f"The foot pedal at {path} is held by another program; end that program."
    return (
        f"The foot pedal at {path} cannot be opened: {error.strerror}; "
        "expected this program's user to be in the group input."
    )


def _close(node: InputNode) -> None:
    # A device that was pulled out may say so once more; its descriptor is released regardless.
    with suppress(OSError):
        node.close()
