"""A clock and a kernel's input devices that a test moves by hand."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kiosk.capture.hardware.input_system import InputNode, KeyEdge

MS = 1_000_000
DEADLINE_S = 30.0


class Clock:
    """A monotonic clock that the test sets, nanoseconds."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


@dataclass
class Batch:
    """What one read of a node returns, or raises."""

    edges: tuple[KeyEdge, ...] = ()
    error: OSError | None = None
    taken: threading.Event = field(default_factory=threading.Event)


class FakeNode:
    """An event node over a real pipe, so that the pedal's selector works on it."""

    def __init__(self, keys: frozenset[int]) -> None:
        self.keys = keys
        self.grabbed = 0
        self.closed = 0
        self._batches: deque[Batch] = deque()
        self._read_end, self._write_end = os.pipe()

    def fileno(self) -> int:
        return self._read_end

    def grab(self) -> None:
        self.grabbed += 1

    def read(self) -> Iterable[KeyEdge]:
        os.read(self._read_end, 1)
        batch = self._batches.popleft()
        batch.taken.set()
        if batch.error is not None:
            raise batch.error
        return batch.edges

    def close(self) -> None:
        self.closed += 1
        os.close(self._read_end)
        os.close(self._write_end)

    def put(self, batch: Batch) -> Batch:
        self._batches.append(batch)
        os.write(self._write_end, b"x")
        return batch


class FakeInput:
    """A machine whose pedal has one or more event nodes, and comes and goes."""

    def __init__(self, *keys: frozenset[int]) -> None:
        self._keys = keys
        self.nodes: list[FakeNode] = []
        self.plugged_in = True
        self.searched = threading.Semaphore(0)
        self.refuse: OSError | None = None

    def find(self, vendor: int, product: int) -> tuple[str, ...]:
        assert (vendor, product) == (0x0C45, 0x7403)
        self.searched.release()
        if not self.plugged_in:
            return ()
        return tuple(f"/dev/input/event{index}" for index in range(len(self._keys)))

    def open(self, path: str) -> InputNode:
        if self.refuse is not None:
            raise self.refuse
        self.nodes.append(FakeNode(self._keys[int(path.removeprefix("/dev/input/event"))]))
        return self.nodes[-1]

    def pull(self) -> None:
        """Pull the cable: every open node fails its next read."""
        self.plugged_in = False
        for node in self.nodes:
            if not node.closed:
                node.put(Batch(error=OSError(errno.ENODEV, "No such device")))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.001)
