"""A clinic's folder with one own view and one own set, right until a test changes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.errors import ConfigError
from kiosk.records.protocols import load_protocol

VIEWS = """
[codes]
nape = { scheme = "99CLINIC", value = "nape", meaning = "Nape of the neck" }

[views.nape]
title = "Nape"
short = "Nape"
instruction = "Turn round until your back is to the camera."
code = "posterior"
region = "nape"
shows_side = "back"
patient_turns = "around"
dicom_orientation = 'R\\F'
framing_mm = [240.0, 360.0]
light = "even"
silhouette = "frontal"
method = "none"
tolerance = "head"
"""
LISTING = """
title = "Neck, all round"
source = "The clinic itself"
views = ["frontal_rest", "nape"]
"""

Change = Callable[[str, str, str], Path]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "protocols"
    folder.mkdir()
    (folder / "views.toml").write_text(VIEWS, encoding="utf-8")
    (folder / "neck.toml").write_text(LISTING, encoding="utf-8")
    return folder


@pytest.fixture
def change(own: Path) -> Change:
    """Change one thing in one file of the folder."""

    def act(name: str, old: str, new: str) -> Path:
        path = own / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return act


def sentence(own: Path, name: str = "neck") -> str:
    """Return what is said of a set that cannot be loaded."""
    with pytest.raises(ConfigError) as raised:
        load_protocol(name, own)
    said = str(raised.value)
    assert "\n" not in said
    return said
