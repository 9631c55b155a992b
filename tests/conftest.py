"""In which order the files of tests begin: what lasts longest first."""

from __future__ import annotations

from typing import Final

import pytest

LONG: Final = (
    "tests/end_to_end/test_demo.py",
    "tests/end_to_end/test_nothing_readable.py",
    "tests/end_to_end/test_visits.py",
    "tests/guided/",
    "tests/provisioning/server/",
    "tests/faults/",
    "tests/end_to_end/",
    "tests/capture/pose/",
    "tests/provisioning/",
    "tests/capture/guides/",
)
"""Beginnings of names. Files run side by side, and one that lasts minutes and begins last is waited
for by all the others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    found = (turn for turn, name in enumerate(LONG) if item.nodeid.startswith(name))
    return next(found, len(LONG))
