"""Codes from the camera and from a reader, for whichever screen waits for one."""

from __future__ import annotations

from typing import Protocol

from kiosk.capture.hardware.interfaces import Reader
from kiosk.capture.people.lobby import BADGES, CARDS, SCANNED
from kiosk.capture.scanning.scanned import Scanned
from kiosk.capture.workflow import State
from kiosk.model import Frame


class LooksForCodes(Protocol):
    """What is used of :class:`kiosk.capture.scanning.scanner.Scanner`."""

    def start(self) -> None: ...
    def offer(self, frame: Frame) -> None: ...
    def codes(self) -> tuple[Scanned, ...]: ...
    def forget(self) -> None: ...
    def check(self) -> None: ...


class Codes:
    """Both ways by which a code comes; for the screen's thread.

    Args:
        scanner: reads the camera's pictures.
        reader: types what it reads; None where the station has none.
        watched: screens on which the camera looks for codes.
        read: screens on which the reader's codes count.

    Attributes:
        reader: the same.
    """

    def __init__(
        self,
        scanner: LooksForCodes,
        reader: Reader | None,
        watched: frozenset[State] = SCANNED,
        read: frozenset[State] = BADGES | CARDS,
    ) -> None:
        self._scanner, self.reader = scanner, reader
        self._watched, self._read = watched, read

    def entered(self, state: State) -> None:
        """Another screen appears: what was read for the one before counts no more."""
        if state in self._watched:
            self._scanner.start()
        else:
            self._scanner.forget()
        if self.reader is not None:
            self.reader.forget()

    def offer(self, state: State, frame: Frame) -> None:
        """Look for a code in a live picture, on screens that wait for one."""
        if state in self._watched:
            self._scanner.offer(frame)

    def poll(self, state: State) -> tuple[Scanned, ...]:
        """Return what was read since the last call; never waits.

        Raises:
            Exception: whatever ended the thread that looks.
        """
        self._scanner.check()
        found = self._scanner.codes()
        if self.reader is not None:
            read = self.reader.poll()
            found += read if state in self._read else ()
        return found

    def fault(self) -> str:
        """Return the sentence to show while the reader is missing, or empty text."""
        return "" if self.reader is None else self.reader.fault()
