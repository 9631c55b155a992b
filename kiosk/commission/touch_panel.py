"""Whether an input device is a touch panel and can type nothing, by what it says of itself.

Run by udev (firmware_config/udev/91-kiosk-typing.rules) with Debian's own Python: standard library
alone, and nothing else of this program is imported. Items are read as USB HID 1.11, section 6.2.2,
describes them and Linux takes them (drivers/hid/hid-core.c); pages and usages are those of the HID
Usage Tables 1.4.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

HID: Final = Path("/sys/bus/hid")

TOUCH_SCREEN: Final = (0x0D, 0x04)

_PARTS: Final = frozenset({TOUCH_SCREEN, (0x0D, 0x0E), (0x01, 0x01), (0x01, 0x02)})
"""What a panel may consist of: the screen, its settings, and the pointer or mouse as which many
panels serve systems that know no touch."""

_DESKTOP: Final = 0x01
_POINTING: Final = frozenset({0x00, 0x01, 0x02, *range(0x30, 0x3A)})
"""Of the desktop's page: pointer, mouse, axes, wheel. Power, sleep and the like are keys."""

_HARMLESS: Final = frozenset({0x09, 0x0D})
"""Pages of buttons and of digitizers."""

_MAKERS: Final = 0xFF00
"""From here on pages are the makers' own, of which Linux makes no letter and no digit."""

_MAIN, _GLOBAL, _LOCAL = 0, 1, 2
_FIELDS: Final = frozenset({0x8, 0x9, 0xB})
_COLLECTION, _END, _APPLICATION = 0xA, 0xC, 0x01
_PAGE, _PUSH, _POP = 0x0, 0xA, 0xB
_USAGE, _LOWEST, _HIGHEST, _DELIMITER = 0x0, 0x1, 0x2, 0xA


class NotADescriptor(ValueError):
    """Octets that are no report descriptor, or one that no panel needs."""


class Item(NamedTuple):
    kind: int
    tag: int
    size: int
    value: int


class Usages(NamedTuple):
    """Usages of one page, from ``lowest`` to ``highest``."""

    page: int
    lowest: int
    highest: int


def only_touches(descriptor: bytes) -> bool:
    """Tell whether a device is a touch screen and can send nothing that a keyboard sends.

    Args:
        descriptor: the device's HID report descriptor.

    Returns:
        False as well for what is no descriptor.
    """
    try:
        parts, named = _Reading().of(descriptor)
    except NotADescriptor:
        return False
    whole = all(part in _PARTS or part[0] >= _MAKERS for part in parts)
    return TOUCH_SCREEN in parts and whole and all(map(_points, named))


def _points(named: Usages) -> bool:
    if named.page == _DESKTOP:
        return all(usage in _POINTING for usage in range(named.lowest, named.highest + 1))
    return named.page in _HARMLESS or named.page >= _MAKERS


class _Reading:
    """Reads one descriptor."""

    def __init__(self) -> None:
        self._page = 0
        self._pushed: list[int] = []
        self._named: list[tuple[Item, Usages]] = []
        self._lowest: Usages | None = None

    def of(self, descriptor: bytes) -> tuple[set[tuple[int, int]], list[Usages]]:
        """Return the applications (page and usage) and every usage that is named.

        Raises:
            NotADescriptor: it ends too early, or has an item that no panel needs.
        """
        parts, named = set[tuple[int, int]](), list[Usages]()
        for item in _items(descriptor):
            if item.kind == _GLOBAL:
                self._global(item)
            elif item.kind == _LOCAL:
                self._local(item)
            elif item.kind == _MAIN and item.tag in _FIELDS | {_COLLECTION, _END}:
                found = self._taken()
                if item.tag == _COLLECTION and item.value == _APPLICATION:
                    parts.add((found[0].page, found[0].lowest) if found else (0, 0))
                else:
                    named += found
            else:
                # Reserved kinds, of which one is an item of any length.
                raise NotADescriptor
        return parts, named

    def _global(self, item: Item) -> None:
        if item.tag == _PAGE:
            self._page = item.value & 0xFFFF
        elif item.tag == _PUSH:
            self._pushed.append(self._page)
        elif item.tag == _POP:
            if not self._pushed:
                raise NotADescriptor
            self._page = self._pushed.pop()

    def _local(self, item: Item) -> None:
        if item.tag == _USAGE:
            self._named.append((item, self._usages(item)))
        elif item.tag == _LOWEST:
            self._lowest = self._usages(item)
        elif item.tag == _HIGHEST:
            highest = self._usages(item)
            if self._lowest is None or self._lowest.page != highest.page:
                raise NotADescriptor
            self._named.append((item, highest._replace(lowest=self._lowest.lowest)))
        elif item.tag == _DELIMITER:
            raise NotADescriptor

    def _usages(self, item: Item) -> Usages:
        """A usage of four bytes brings its page with it."""
        page = item.value >> 16 if item.size == 4 else self._page  # noqa: PLR2004
        return Usages(page, item.value & 0xFFFF, item.value & 0xFFFF)

    def _taken(self) -> list[Usages]:
        """Return the usages that stand before a main item, which ends what is local.

        A page that is named only after them would be theirs to Linux, and to others not.
        """
        if any(item.size < 4 and found.page != self._page for item, found in self._named):  # noqa: PLR2004
            raise NotADescriptor
        found = [found for _, found in self._named]
        self._named, self._lowest = [], None
        return found


def _items(descriptor: bytes) -> Iterator[Item]:
    at = 0
    while at < len(descriptor):
        head = descriptor[at]
        size = (0, 1, 2, 4)[head & 3]
        data = descriptor[at + 1 : at + 1 + size]
        if len(data) < size:
            raise NotADescriptor
        yield Item(head >> 2 & 3, head >> 4, size, int.from_bytes(data, "little"))
        at += 1 + size


def try_out(name: str, bus: Path = HID) -> bool:
    """Give a device its driver, and take it away again unless it is a touch panel alone.

    What a device says of itself is told only once it has a driver, which may have put it right; so
    the driver comes first, for a moment.

    Args:
        name: the device's, such as ``0003:0EEF:0001.0001``.
        bus: ``/sys/bus/hid``.

    Returns:
        Whether the device keeps its driver.

    Raises:
        OSError: it was pulled out meanwhile, or the kernel refuses.
    """
    driver = bus / "devices" / name / "driver"
    if not driver.exists():
        (bus / "drivers_probe").write_text(name, encoding="ascii")
    if not driver.exists():
        return False
    if only_touches((bus / "devices" / name / "report_descriptor").read_bytes()):
        return True
    (driver / "unbind").write_text(name, encoding="ascii")
    return False


if __name__ == "__main__":
    try_out(sys.argv[1])
