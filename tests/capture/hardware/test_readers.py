"""Which reader is opened, and what only a USB one can do wrong."""

from __future__ import annotations

import sys

import evdev
import pytest

from kiosk import config
from kiosk.capture.hardware import key_map
from kiosk.capture.hardware.input_system import LOST, KeyEdge
from kiosk.capture.hardware.readers import open_reader
from kiosk.capture.hardware.simulated_reader import SimulatedReader
from kiosk.errors import CodeRefused, ReaderError
from tests.capture.hardware.pedal_fake import Clock
from tests.contracts.test_reader import CAPS_LOCK, ENTER, LEFT_SHIFT, UsbRig

USB = config.UsbReader(vendor=0xFFFF, product=0xFFFF)


def test_each_section_has_its_reader() -> None:
    assert open_reader(None, Clock()) is None
    assert isinstance(open_reader(config.SimulatedReader(), Clock()), SimulatedReader)


def test_a_usb_reader_that_is_not_there_is_a_fault_and_no_error() -> None:
    reader = open_reader(USB, Clock())
    assert reader is not None
    assert "code reader (USB ffff:ffff) is not plugged in" in reader.fault()
    reader.close()


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "kiosk.capture.hardware.input_devices")
    monkeypatch.setitem(sys.modules, "evdev", None)
    with pytest.raises(ReaderError, match=r"The code reader needs .*evdev"):
        open_reader(USB, Clock())


def test_every_node_of_the_reader_is_grabbed() -> None:
    rig = UsbRig(frozenset({ENTER}), frozenset())
    assert [node.grabbed for node in rig.system.nodes] == [1, 1]
    rig.reader.close()


def test_a_device_that_cannot_type_is_said() -> None:
    rig = UsbRig(frozenset({evdev.ecodes.BTN_LEFT}))
    assert "has no Enter key; expected reader.vendor" in rig.reader.fault()
    rig.reader.close()


def test_shift_does_not_outlive_the_cable() -> None:
    rig = UsbRig()
    rig.reader._edge(down(LEFT_SHIFT))
    rig.unplug()
    rig.plug_in()
    rig.type("a")
    rig.enter()
    assert [scanned.text() for scanned in rig.reader.poll()] == ["a"]
    rig.reader.close()


@pytest.mark.parametrize("code", [CAPS_LOCK, evdev.ecodes.KEY_F1, evdev.ecodes.KEY_LEFTALT])
def test_a_key_that_types_nothing_spoils_the_code(code: int) -> None:
    """Readers type what is not ASCII by tricks with Alt: half understood it would be another."""
    rig = UsbRig()
    rig.type("20")
    rig.press(code)
    rig.type("47")
    rig.enter()
    (scanned,) = rig.reader.poll()
    with pytest.raises(CodeRefused, match="no readable text"):
        scanned.text()
    rig.reader.close()


def test_a_code_of_which_keys_were_dropped_is_none() -> None:
    """Shorter, it would be another patient's number."""
    rig = UsbRig()
    rig.type("20")
    rig.reader._edge(down(LEFT_SHIFT))
    rig.press(LOST)
    rig.type("7")
    rig.enter()
    rig.type("a1")
    rig.enter()
    spoilt, next_one = rig.reader.poll()
    with pytest.raises(CodeRefused, match="no readable text"):
        spoilt.text()
    assert next_one.text() == "a1"
    rig.reader.close()


def test_the_key_map_is_the_kernels() -> None:
    names = {f"KEY_{character}": character for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"}
    names |= {"KEY_MINUS": "-", "KEY_SPACE": " ", "KEY_DOT": ".", "KEY_SLASH": "/"}
    names |= {"KEY_SEMICOLON": ";", "KEY_BACKSLASH": "\\", "KEY_KPASTERISK": "*"}
    names |= {f"KEY_KP{digit}": str(digit) for digit in range(10)}
    for name, character in names.items():
        code = getattr(evdev.ecodes, name)
        assert key_map.typed(code, shift=False) == character.lower()
    codes = evdev.ecodes
    assert {codes.KEY_ENTER, codes.KEY_KPENTER} == key_map.ENTERS
    assert {codes.KEY_LEFTSHIFT, codes.KEY_RIGHTSHIFT} == key_map.SHIFTS
    assert key_map.typed(codes.KEY_A, shift=True) == "A"
    assert key_map.typed(codes.KEY_SEMICOLON, shift=True) == ":"


def down(code: int) -> KeyEdge:
    return KeyEdge(code, down=True, at_ns=0)
