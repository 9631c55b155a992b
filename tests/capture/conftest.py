from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.capture.bench import Bench, set_up


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A station that keeps no baselines and judges no shots."""
    with set_up(tmp_path) as made:
        yield made
