"""A code held still counts once, and a barcode only when two looks agree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.capture.scanning.once import GONE_NS, Once
from kiosk.capture.scanning.scanned import Scanned, Source

MS = 1_000_000
CARD = Scanned(b"P-2047", Source.QR)
OTHER = Scanned(b"P-2048", Source.QR)
BARCODE = Scanned(b"4006381333931", Source.EAN_13)


def counted(*looks: tuple[int, tuple[Scanned, ...]]) -> list[tuple[int, Scanned]]:
    """Return when (milliseconds) which code counted."""
    once = Once()
    return [(at_ms, code) for at_ms, seen in looks for code in once.new(seen, at_ms * MS)]


def test_a_code_held_still_counts_once() -> None:
    assert counted(*((at, (CARD,)) for at in range(0, 60_000, 50))) == [(0, CARD)]


def test_a_code_that_is_missed_for_a_moment_does_not_count_again() -> None:
    assert counted((0, (CARD,)), (50, ()), (1000, ()), (1049, (CARD,))) == [(0, CARD)]


def test_a_code_that_was_gone_for_a_second_counts_again() -> None:
    looks = (0, (CARD,)), (50, ()), (1050, (CARD,)), (1100, (CARD,))
    assert counted(*looks) == [(0, CARD), (1050, CARD)]


def test_where_nobody_looked_nothing_is_gone() -> None:
    assert counted((0, (CARD,)), (9000, (CARD,)), (18_000, (CARD,))) == [(0, CARD)]


def test_another_code_counts_beside_it() -> None:
    looks = (0, (CARD,)), (50, (CARD, OTHER)), (100, (OTHER,))
    assert counted(*looks) == [(0, CARD), (50, OTHER)]


def test_a_code_without_a_check_counts_at_the_third_look() -> None:
    card = Scanned(b"P-2047", Source.CODE_39)
    assert counted(*((at, (card,)) for at in range(0, 300, 50))) == [(100, card)]


def test_a_barcode_counts_at_the_second_look() -> None:
    assert counted((0, (BARCODE,)), (50, ()), (100, (BARCODE,)), (150, (BARCODE,))) == [
        (100, BARCODE)
    ]


def test_a_barcode_seen_twice_but_far_apart_does_not_count() -> None:
    assert counted((0, (BARCODE,)), (50, ()), (1050, (BARCODE,))) == []


@pytest.mark.parametrize("source", [source for source in Source if source is not Source.READER])
def test_only_qr_codes_count_at_the_first_look(source: Source) -> None:
    code = Scanned(b"96385074", source)
    assert bool(Once().new((code,), 0)) is (source is Source.QR)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 1500), st.booleans()), max_size=40))
def test_between_two_times_that_count_the_code_was_gone_for_a_second(
    steps: list[tuple[int, bool]],
) -> None:
    once, at, missed_from, counts = Once(), 0, None, 0
    for wait, visible in steps:
        at += wait * MS
        new = once.new((CARD,) if visible else (), at)
        if new and counts:
            assert missed_from is not None
            assert at - missed_from >= GONE_NS
        counts += len(new)
        if visible:
            missed_from = None
        elif missed_from is None:
            missed_from = at


def test_what_is_gone_is_not_remembered() -> None:
    once = Once()
    for number in range(500):
        once.new((Scanned(str(number).encode(), Source.QR),), number * 2 * GONE_NS)
    assert len(once._held) <= 2
