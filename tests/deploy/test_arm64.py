"""The acts of the arm64 run, done once by this machine's own Python; and that none is missing."""

from __future__ import annotations

import platform
import re
import sys

import pytest

from tests.deploy.arm64 import ACTS, PICTURE, act
from tests.deploy.arm64_acts import ALSO, LIBRARIES
from tests.deploy.debian import ROOT


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_every_locked_library_has_its_act() -> None:
    lock = (ROOT / "requirements/station.txt").read_text("utf-8")
    assert set(LIBRARIES) == set(re.findall(r"^([\w-]+)==", lock, re.MULTILINE))


@pytest.mark.parametrize("name", ["bcrypt", "cryptography", "opencv-python-headless", "zxing-cpp"])
def test_an_act_comes_out_as_expected(name: str) -> None:
    assert act([sys.executable, "-P"], name, str(ACTS), str(PICTURE)) == LIBRARIES[name][1]


def test_an_act_that_fails_says_why() -> None:
    missing = str(PICTURE.with_name("nobody.png"))
    found = act([sys.executable, "-P"], "opencv-python-headless", str(ACTS), missing)
    assert isinstance(found, list)
    assert found[0] == "code 1"
    assert "NoneType" in found[1]


def test_libraries_of_another_machine_are_seen() -> None:
    """What is expected of an arm64 environment is not true of this one, or this is one."""
    name = "machine of the libraries"
    found = act([sys.executable, "-P"], name, str(ACTS), str(PICTURE))
    assert found
    assert (found == ALSO[name][1]) == (platform.machine() == "aarch64")
