"""What a device says of itself: a panel is let in, whatever could type is not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.commission import touch_panel
from kiosk.commission.touch_panel import only_touches, try_out
from tests.commission.hid_devices import (
    BLOB,
    CONSUMER,
    KEYBOARD,
    MOUSE,
    POWER,
    SETTINGS,
    TOUCH,
    plug,
)

END = b"\xc0"
LETTERS = bytes.fromhex("05071904291d1500250175018102")
"""A to Z as a field."""


@pytest.mark.parametrize(
    "descriptor", [TOUCH, TOUCH + SETTINGS, MOUSE + TOUCH, TOUCH + BLOB, TOUCH + SETTINGS + BLOB]
)
def test_a_panel_may_touch(descriptor: bytes) -> None:
    assert only_touches(descriptor)


@pytest.mark.parametrize("descriptor", [b"", KEYBOARD, MOUSE, SETTINGS, BLOB, CONSUMER, POWER])
def test_what_is_no_panel_may_not(descriptor: bytes) -> None:
    assert not only_touches(descriptor)


@pytest.mark.parametrize("more", [KEYBOARD, CONSUMER, POWER])
def test_a_panel_that_types_as_well_may_not(more: bytes) -> None:
    assert not only_touches(TOUCH + more)
    assert not only_touches(more + TOUCH)


@pytest.mark.parametrize(
    "field",
    [
        LETTERS,
        # The same with usages that bring their page.
        bytes.fromhex("1b040007002b1d0007001500250175018102"),
        bytes.fromhex("0b040007001500250175018102"),
        # A page named after the usages, which Linux takes for theirs.
        bytes.fromhex("050d090405071500250175018102"),
        # And one named before, with the panel's own behind it.
        bytes.fromhex("05070904050d09421500250175018102"),
        # A page kept aside and taken up again.
        bytes.fromhex("0507a4050db409041500250175018102"),
        # A page in four bytes, of which Linux takes the lower two.
        bytes.fromhex("070700010009041500250175018102"),
        # The desktop's page from X up to power and sleep.
        bytes.fromhex("0501193029831500250175018102"),
        # The same page from a joystick up to X.
        bytes.fromhex("0501190429301500250175018102"),
        # Alternatives.
        bytes.fromhex("050da9010942a9001500250175018102"),
    ],
)
def test_keys_hidden_within_a_panel_are_found(field: bytes) -> None:
    assert TOUCH.endswith(END)
    assert not only_touches(TOUCH[:-1] + field + END)


@pytest.mark.parametrize(
    "wrong", [b"\xb4", b"\xfe\x01\x00\x00", b"\x0d", b"\x29\x05", b"\x0c", b"\xf0", b"\x26\x01"]
)
def test_what_does_not_follow_the_format_may_not(wrong: bytes) -> None:
    """Nothing to take up again, a long item, reserved kinds, half a range, an unfinished item."""
    assert not only_touches(TOUCH + wrong)


@given(st.binary(max_size=200))
def test_anything_gets_an_answer(octets: bytes) -> None:
    assert only_touches(TOUCH + octets) in (True, False)


@given(st.integers(0, len(TOUCH)), st.sampled_from([KEYBOARD, LETTERS, CONSUMER]))
def test_no_place_hides_keys(at: int, keys: bytes) -> None:
    """Wherever it lands, also in the middle of an item, where it mostly means something else."""
    whole = TOUCH[:at] + keys + TOUCH[at:]
    if only_touches(whole):
        items = [(item.kind, item.tag, item.value) for item in touch_panel._items(whole)]
        assert (1, 0, 7) not in items
        assert (1, 0, 12) not in items


def driven(root: Path, descriptor: bytes) -> tuple[Path, str]:
    plug(root, "Panel", (0x0EEF, 1), driver="hid-multitouch", descriptor=descriptor)
    return root / "sys/bus/hid", "0003:0EEF:0001.0001"


@pytest.mark.parametrize(("descriptor", "kept"), [(TOUCH, True), (TOUCH + KEYBOARD, False)])
def test_a_driver_is_taken_away_again(tmp_path: Path, descriptor: bytes, *, kept: bool) -> None:
    bus, name = driven(tmp_path, descriptor)
    assert try_out(name, bus) is kept
    unbind = bus / "drivers/hid-multitouch/unbind"
    assert (unbind.read_text("ascii") if unbind.exists() else "") == ("" if kept else name)


def test_a_device_without_a_driver_is_offered_to_all(tmp_path: Path) -> None:
    plug(tmp_path, "Panel", (0x0EEF, 1))
    bus, name = tmp_path / "sys/bus/hid", "0003:0EEF:0001.0001"
    assert try_out(name, bus) is False
    assert (bus / "drivers_probe").read_text("ascii") == name


def test_debian_s_own_python_runs_it_alone(tmp_path: Path) -> None:
    """As udev does: without this program, without anything from PyPI."""
    python = shutil.which("python3", path="/usr/bin")
    if python is None:
        pytest.skip("this machine has no /usr/bin/python3")
    program = tmp_path / "touch_panel.py"
    shutil.copy(touch_panel.__file__, program)
    done = subprocess.run(
        [python, "-ISB", str(program), "0003:FFFF:FFFF.FFFF"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith(("FileNotFoundError", "OSError", "PermissionError"))
    )
