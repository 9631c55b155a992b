"""The thread that scans: the newest picture, in nobody's way, nothing of what was forgotten."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from kiosk.capture.scanning.codes import CodeFinder
from kiosk.capture.scanning.scanned import Scanned, Source
from kiosk.capture.scanning.scanner import Scanner
from kiosk.model import Frame
from tests.capture.scanning.cards import BADGE, Held, frame_of, qr, shown

DEADLINE_S = 30.0
MS = 1_000_000


class ScriptedFinder:
    """Finds in a grey picture its grey level, when it is let."""

    def __init__(self) -> None:
        self.may_look = threading.Event()
        self.may_look.set()
        self.looking = threading.Event()
        self.levels: list[int] = []
        self.error: Exception | None = None

    def find(self, frame: Frame) -> tuple[Scanned, ...]:
        self.looking.set()
        assert self.may_look.wait(DEADLINE_S)
        if self.error is not None:
            raise self.error
        self.levels.append(int(frame.pixels[0, 0]))
        return (Scanned(str(self.levels[-1]).encode(), Source.QR),)


def grey(level: int, at_ms: int = 0) -> Frame:
    return frame_of(np.full((8, 8), level, np.uint8), at_ns=at_ms * MS)


@pytest.fixture
def finder() -> ScriptedFinder:
    return ScriptedFinder()


@pytest.fixture
def scanner(finder: ScriptedFinder) -> Iterator[Scanner]:
    made = Scanner(finder)
    yield made
    finder.may_look.set()
    made.close()
    assert not made._thread.is_alive()


def codes(scanner: Scanner, count: int = 1) -> list[str]:
    """Wait until so many codes have come."""
    found: list[str] = []
    deadline = time.monotonic() + DEADLINE_S
    while len(found) < count:
        scanner.check()
        assert time.monotonic() < deadline
        found += [code.text() for code in scanner.codes()]
    return found


def held(scanner: Scanner, finder: ScriptedFinder, level: int) -> None:
    """Let the thread begin to look at a picture, and hold it there."""
    finder.may_look.clear()
    finder.looking.clear()
    scanner.offer(grey(level))
    assert finder.looking.wait(DEADLINE_S)


def test_a_code_before_a_real_finder_comes() -> None:
    scanner = Scanner(CodeFinder())
    scanner.start()
    scanner.offer(frame_of(shown(qr(BADGE), Held(), (640, 480)), at_ns=0))
    assert codes(scanner) == [BADGE]
    scanner.close()


def test_the_newest_picture_wins_and_nothing_queues(
    scanner: Scanner, finder: ScriptedFinder
) -> None:
    scanner.start()
    held(scanner, finder, 1)
    for level in range(2, 30):
        scanner.offer(grey(level))
    finder.may_look.set()
    assert codes(scanner, 2) == ["1", "29"]
    assert finder.levels == [1, 29]


def test_nothing_is_looked_at_before_it_is_wanted_or_after(
    scanner: Scanner, finder: ScriptedFinder
) -> None:
    scanner.offer(grey(1))
    scanner.start()
    scanner.offer(grey(2))
    assert codes(scanner) == ["2"]
    scanner.forget()
    scanner.offer(grey(3))
    scanner.start()
    scanner.offer(grey(4))
    assert codes(scanner) == ["4"]
    assert finder.levels == [2, 4]


def test_a_picture_that_is_not_wanted_is_not_held(scanner: Scanner) -> None:
    frame = grey(5)
    kept = weakref.ref(frame.pixels)
    scanner.offer(frame)
    del frame
    assert kept() is None


def test_what_is_found_after_forgetting_belongs_to_nobody(
    scanner: Scanner, finder: ScriptedFinder
) -> None:
    scanner.start()
    held(scanner, finder, 1)
    scanner.forget()
    scanner.start()
    finder.may_look.set()
    scanner.offer(grey(2))
    assert codes(scanner) == ["2"]


def test_what_was_found_but_not_asked_for_is_forgotten(scanner: Scanner) -> None:
    scanner.start()
    scanner.offer(grey(1))
    wait_for_a_code(scanner)
    scanner.forget()
    assert scanner.codes() == ()


def wait_for_a_code(scanner: Scanner) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not scanner._codes:
        assert time.monotonic() < deadline


def test_the_same_code_counts_again_when_started_again(scanner: Scanner) -> None:
    scanner.start()
    scanner.offer(grey(7, 0))
    assert codes(scanner) == ["7"]
    scanner.offer(grey(7, 50))
    scanner.offer(grey(8, 100))
    assert codes(scanner) == ["8"]
    scanner.start()
    scanner.offer(grey(7, 150))
    assert codes(scanner) == ["7"]


def test_no_picture_and_no_code_is_kept(scanner: Scanner) -> None:
    scanner.start()
    frame = grey(5)
    kept = weakref.ref(frame.pixels)
    scanner.offer(frame)
    del frame
    assert codes(scanner) == ["5"]
    scanner.forget()
    deadline = time.monotonic() + DEADLINE_S
    while kept() is not None:
        assert time.monotonic() < deadline, "a picture is still held"
    assert scanner._once is None


def test_a_fault_of_the_thread_reaches_the_caller(scanner: Scanner, finder: ScriptedFinder) -> None:
    finder.error = ZeroDivisionError("planted")
    scanner.start()
    scanner.offer(grey(1))
    scanner._thread.join(DEADLINE_S)
    with pytest.raises(ZeroDivisionError, match="planted"):
        scanner.check()


def test_offering_and_asking_wait_for_nothing(scanner: Scanner, finder: ScriptedFinder) -> None:
    scanner.start()
    held(scanner, finder, 1)
    # The finder hangs: none of these would return if it waited for it.
    scanner.offer(grey(2))
    assert scanner.codes() == ()
    scanner.forget()
    scanner.start()
    scanner.check()
