"""What USB pedals and readers need of the machine's input devices, and where they are found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

LOST: Final = -1
"""Code of no key, in the place of events that the kernel dropped because nobody read them in time.

Which keys they were, and which are up since, nobody knows.
"""


@dataclass(frozen=True, slots=True)
class KeyEdge:
    """A key going down or up; ``at_ns`` is of the monotonic clock, None where it is not known."""

    code: int
    down: bool
    at_ns: int | None


class InputNode(Protocol):
    """One opened ``/dev/input/event*``; all of it raises OSError when the device is gone."""

    @property
    def keys(self) -> frozenset[int]:
        """Codes of the keys that this node can send."""
        ...

    def fileno(self) -> int: ...

    def grab(self) -> None:
        """Let nobody else have its events: what it sends must not be typed anywhere."""
        ...

    def read(self) -> Iterable[KeyEdge]:
        """Return what happened since the last call, without key repeats; never waits."""
        ...

    def close(self) -> None: ...


class InputSystem(Protocol):
    """The machine's input devices."""

    def find(self, vendor: int, product: int) -> tuple[str, ...]:
        """Return the paths of the nodes of every device with these USB ids."""
        ...

    def open(self, path: str) -> InputNode: ...


def event_nodes(classes: Path, vendor: int, product: int) -> tuple[str, ...]:
    """Return the names (``event3``) of the event nodes of all devices with these USB ids.

    Args:
        classes: ``/sys/class/input``; one that is not there has no devices.
        vendor: USB vendor id, 0 to 0xFFFF.
        product: USB product id, 0 to 0xFFFF.
    """
    return tuple(
        entry.name
        for entry in sorted(classes.glob("event*"))
        if _ids(entry / "device" / "id") == (vendor, product)
    )


def _ids(folder: Path) -> tuple[int, int] | None:
    """Read a device's USB ids; None when it went away meanwhile."""
    try:
        return (
            int((folder / "vendor").read_text(encoding="ascii"), 16),
            int((folder / "product").read_text(encoding="ascii"), 16),
        )
    except OSError:
        return None
