"""One USB device that is a keyboard to Linux, held for us alone and found again when plugged in.

udev's events do not reach a service without a network (``PrivateNetwork=``), so the input devices
are looked through once a second. They are told apart by what sysfs says of them, so that none but
the configured one is ever opened.
"""

from __future__ import annotations

import errno
import os
import selectors
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from kiosk.capture.hardware.input_system import InputNode, InputSystem, KeyEdge

SEARCH_S = 1.0
"""How often the input devices are looked through, seconds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The device that is meant.

    Attributes:
        name: what people call it, as in ``foot pedal``.
        vendor: USB vendor id.
        product: USB product id.
        key: code of a key without which it is another device.
        keyless: ends the sentence about a device without that key: what it lacks, and what was
            expected.
    """

    name: str
    vendor: int
    product: int
    key: int
    keyless: str


def stopped(name: str) -> str:
    """Return the sentence about a device whose thread ended by a fault of this program."""
    return f"The {name} is no longer read because of a fault in this program: restart the station."


def gone(error: OSError) -> bool:
    """Whether a device was pulled out."""
    return error.errno in (errno.ENODEV, errno.ENOENT, errno.ENXIO)


class HeldDevice:
    """Looks for the device and reads it on a thread of its own.

    A device often shows as several nodes (keyboard, mouse, joystick): all are grabbed.

    Args:
        wanted: which device.
        system: the machine's input devices, or a test's.
        on_edge: told of each key going down or up, on the device's thread.
        on_lost: told when a node went away, on the device's thread.
        search_s: how often the input devices are looked through, seconds.
    """

    def __init__(
        self,
        wanted: Wanted,
        system: InputSystem,
        on_edge: Callable[[KeyEdge], None],
        on_lost: Callable[[], None],
        search_s: float = SEARCH_S,
    ) -> None:
        self._wanted = wanted
        self._system = system
        self._on_edge = on_edge
        self._on_lost = on_lost
        self._search_s = search_s
        self._nodes: dict[str, InputNode] = {}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._fault = ""
        self._closed = False
        # The first search is made here, so that `fault` is right from the beginning.
        self._search()
        name = "usb-" + wanted.name.replace(" ", "-")
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def fault(self) -> str:
        """Return the sentence to show while the device is not there, or empty text."""
        return self._fault

    def close(self) -> None:
        """End the thread and release the device; may be called more than once."""
        if self._closed:
            return
        self._closed = True
        os.write(self._wake_write, b"x")
        self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)

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
            self._fault = "" if self._closed else stopped(self._wanted.name)
            for path in tuple(self._nodes):
                self._drop(path)
            self._selector.close()

    def _search(self) -> None:
        """Take in every node of the device that is not yet held, and say what is missing."""
        wanted, problem = self._wanted, ""
        named = f"{wanted.name} (USB {wanted.vendor:04x}:{wanted.product:04x})"
        try:
            paths = self._system.find(wanted.vendor, wanted.product)
        except OSError as error:
            paths, problem = (), f"The input devices cannot be listed: {error.strerror}."
        for path in paths:
            if path not in self._nodes:
                problem = self._take(path) or problem
        if any(wanted.key in node.keys for node in self._nodes.values()):
            problem = ""
        elif not problem and self._nodes:
            problem = f"The {named} is plugged in but has {wanted.keyless}"
        elif not problem:
            problem = f"The {named} is not plugged in: check its cable."
        self._fault = problem

    def _take(self, path: str) -> str:
        """Open and grab one node; return why not, or empty text."""
        try:
            node = self._system.open(path)
        except OSError as error:
            return "" if gone(error) else self._refused(path, error)
        try:
            node.grab()
            self._selector.register(node.fileno(), selectors.EVENT_READ, path)
        except OSError as error:
            _close(node)
            return "" if gone(error) else self._refused(path, error)
        self._nodes[path] = node
        return ""

    def _refused(self, path: str, error: OSError) -> str:
        if error.errno == errno.EBUSY:
            return (
                f"The {self._wanted.name} at {path} is held by another program; end that program."
            )
        return (
            f"The {self._wanted.name} at {path} cannot be opened: {error.strerror}; "
            "expected this program's user to be in the group input."
        )

    def _read(self, path: str) -> None:
        node = self._nodes[path]
        try:
            edges = tuple(node.read())
        except BlockingIOError:
            return
        except OSError:
            self._drop(path)
            self._on_lost()
            self._search()
            return
        for edge in edges:
            self._on_edge(edge)

    def _drop(self, path: str) -> None:
        node = self._nodes.pop(path)
        self._selector.unregister(node.fileno())
        _close(node)


def _close(node: InputNode) -> None:
    # A device that was pulled out may say so once more; its descriptor is released regardless.
    with suppress(OSError):
        node.close()
