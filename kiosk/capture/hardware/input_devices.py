"""Linux's input devices through evdev: the one file that imports it."""

from __future__ import annotations

import fcntl
import struct
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import evdev

from kiosk.capture.hardware.held_device import gone
from kiosk.capture.hardware.input_system import (
    LOST,
    InputNode,
    InputSystem,
    KeyEdge,
    event_nodes,
)

_EVIOCSCLOCKID = 0x400445A0
"""_IOW('E', 0xa0, int) of linux/input.h: choose the clock of a device's time stamps."""


class EventNode:
    """An :class:`InputNode` of the kernel."""

    def __init__(self, path: str) -> None:
        self._device = evdev.InputDevice(path)
        self._keys = frozenset(self._device.capabilities().get(evdev.ecodes.EV_KEY, ()))
        self._monotonic = self._choose_clock()
        self._torn = False

    @property
    def keys(self) -> frozenset[int]:
        return self._keys

    def fileno(self) -> int:
        return int(self._device.fd)

    def grab(self) -> None:
        self._device.grab()

    def read(self) -> Iterable[KeyEdge]:
        return [edge for event in self._device.read() for edge in self._edges(event)]

    def close(self) -> None:
        self._device.close()

    def _edges(self, event: evdev.InputEvent) -> Iterator[KeyEdge]:
        codes = evdev.ecodes
        at_ns = event.sec * 1_000_000_000 + event.usec * 1_000 if self._monotonic else None
        if event.type == codes.EV_SYN and event.code == codes.SYN_DROPPED:
            self._torn = True
            yield KeyEdge(LOST, down=True, at_ns=at_ns)
        elif self._torn:
            # The rest of a report whose beginning was dropped.
            self._torn = event.type != codes.EV_SYN
        # Value 2 is the keyboard's own repeat while the key is held.
        elif event.type == codes.EV_KEY and event.value in (0, 1):
            yield KeyEdge(event.code, event.value == 1, at_ns)

    def _choose_clock(self) -> bool:
        """Ask for time stamps of the monotonic clock; say whether the kernel gives them."""
        try:
            fcntl.ioctl(self._device.fd, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
        except OSError as error:
            if gone(error):
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


def key_code(name: str) -> int | None:
    """Return the number of a key of linux/input-event-codes.h; None where there is none."""
    code = evdev.ecodes.ecodes.get(name)
    return code if isinstance(code, int) else None
