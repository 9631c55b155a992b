"""The Raspberry Pi camera's driver over the real picamera2 and libcamera, without a Pi or a VM.

A small Debian 13 is unpacked into ``build/rig`` (25 s, once), and the camera's contract and the
cases of ``virtual_camera_cases.py`` run inside it by chroot. Where that cannot be done the test
says why it was skipped; KIOSK_RIG=0 switches it off.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TREE = HERE.parents[1] / "build" / "rig" / "tree"
UNREACHABLE = 75


def obstacle() -> str:
    """Say why the rig cannot run here, or nothing."""
    if os.environ.get("KIOSK_RIG") == "0":
        return "the picamera2 rig is switched off by KIOSK_RIG=0"
    if os.geteuid() != 0:
        return "the picamera2 rig needs root (chroot)"
    for tool in ("debootstrap", "dpkg-deb", "gcc", "unshare"):
        if shutil.which(tool) is None:
            return f"the picamera2 rig needs {tool}, which is not installed"
    alone = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    if alone.returncode:
        return "the picamera2 rig needs mount namespaces, which this machine forbids"
    return ""


@pytest.fixture(scope="module")
def tree() -> Path:
    reason = obstacle()
    if reason:
        pytest.skip(reason)
    TREE.parent.mkdir(parents=True, exist_ok=True)
    pip = Path(sys.executable).parent / "pip"
    made = subprocess.run(
        [HERE / "make_tree", TREE, pip], check=False, capture_output=True, text=True
    )
    if made.returncode == UNREACHABLE:
        pytest.skip(f"the picamera2 rig needs Debian's mirror once: {made.stderr.strip()}")
    assert made.returncode == 0, made.stderr
    return TREE


@pytest.mark.timeout(400)
def test_the_driver_holds_its_contract_over_real_picamera2(tree: Path) -> None:
    command = ["python3", "-m", "pytest", "-c", "/dev/null", "--rootdir=/src", "-q", "-rA"]
    command += ["--import-mode=importlib", "-p", "no:cacheprovider"]
    command += ["--junit-xml=/out/result.xml", "/src/tests/rig/virtual_camera_cases.py"]
    ran = subprocess.run(
        [HERE / "run_inside", tree, *command],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    # What picamera2 says when the camera's memory is still held while it is closed.
    assert "BufferError" not in ran.stderr
    suite = ET.parse(tree / "out" / "result.xml").getroot()[0]
    assert int(suite.attrib["tests"]) >= 25
    assert int(suite.attrib["skipped"]) == 0
