"""The import directions of the house; docs/decisions/0001-structure.md says why."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import LONG

ROOT = Path(__file__).parents[1]
KIOSK = ROOT / "kiosk"

GROUND_FLOOR = {
    "errors",
    "model",
    "moment",
    "config",
    "config_faults",
    "config_reading",
    "languages",
    "service",
    "durable",
    "spool",
    "envelope",
    "records",
    "process",
    "logs",
    "metrics",
    "tables",
    "sensors",
    "support_request",
}
ROOMS = {"capture", "upload", "clinic", "commission", "enrol"}

ONLY_IN = {
    "picamera2": "kiosk/capture/hardware/picamera.py",
    "libcamera": "kiosk/capture/hardware/picamera.py",
    "paramiko": "kiosk/upload/sftp.py",
    "evdev": "kiosk/capture/hardware/input_devices.py",
    "gpiozero": "kiosk/capture/hardware/",
    "pygame": "kiosk/capture/",
    "cv2": "kiosk/capture/",
    "zxingcpp": "kiosk/capture/scanning/codes.py",
    "systemd": "kiosk/service.py",
}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(module: str) -> str:
    return module.split(".")[1] if module.startswith("kiosk.") else ""


MODULES = sorted(KIOSK.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_each_module_imports_only_downwards(path: Path) -> None:
    here = path.relative_to(KIOSK).parts[0].removesuffix(".py")
    reached = {room(name) for name in imports(path)} - {"", here}
    if here in ROOMS:
        assert not reached & ROOMS, f"{here} reaches into its neighbours"
        assert not reached & {"cli", "cli_check", "cli_common", "cli_support"}
    elif here in GROUND_FLOOR:
        assert reached <= GROUND_FLOOR, f"{here} reaches upstairs"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_each_device_library_has_one_room(path: Path) -> None:
    place = str(path.relative_to(ROOT))
    for name in {name.partition(".")[0] for name in imports(path)} & set(ONLY_IN):
        assert place.startswith(ONLY_IN[name]), f"{name} belongs into {ONLY_IN[name]}"


def test_no_module_works_at_import() -> None:
    """Only definitions stand at the top level: no call is made for its effect."""
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            effect = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            assert not effect, f"{path.relative_to(ROOT)}:{node.lineno} works at import"


def test_what_is_said_to_last_long_is_there() -> None:
    """Else its file would begin last again, and nobody would notice."""
    assert [name for name in LONG if not (ROOT / name).exists()] == []
