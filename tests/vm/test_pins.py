"""Quick tests of what the machine's header of pins is made of."""

from __future__ import annotations

import pytest

from kiosk.capture.hardware.press_queue import PressQueue
from tests.deploy.debian import ToolError
from tests.vm import pins
from tests.vm.hands import HandsOnPins
from tests.vm.test_hands_and_screens import Recorder
from tests.vm.workshop import EDITS, edited

_WAIT = -1


@pytest.mark.parametrize(("hold_off_ms", "counted"), [(400, 1), (0, 11)])
def test_a_press_bounces_and_counts_once_by_the_product(hold_off_ms: int, counted: int) -> None:
    recorder = Recorder()
    HandsOnPins(recorder, (100, 100), pins.PEDAL).press()  # type: ignore[arg-type]
    now = [1_000_000_000]
    queue = PressQueue(hold_off_ms, lambda: now[0])
    for kind, code, value in recorder.sent:
        if kind == _WAIT:
            now[0] += value * 1_000_000
        elif value:
            assert code == pins.PEDAL
            queue.pressed(now[0])
        else:
            queue.released(now[0])
    assert len(queue.poll()) == counted


def test_the_settings_get_the_real_kinds_and_nothing_else() -> None:
    before = (
        '[station]\nname = "room-2"\n\n[lights]\nkind = "simulated"\nlevel = 1.0\n'
        'channels = [{ name = "left", pin = 12 }]\n\n[pedal]\nkind = "usb"\nkey = "KEY_B"\n\n'
        "[display]\nsize = [1, 2]\n"
    )
    assert pins.on_pins(before) == (
        '[station]\nname = "room-2"\n\n[lights]\nkind = "gpio"\nlevel = 1.0\n'
        'channels = [{ name = "left", pin = 12 }]\n\n[pedal]\nkind = "gpio"\npin = 17\n\n'
        "[display]\nsize = [1, 2]\n"
    )


@pytest.mark.parametrize("name", list(EDITS))
def test_another_source_of_the_kernel_is_refused(name: str) -> None:
    old, new = EDITS[name]
    assert edited(name, f"{{\n{old}\n}}\n") == f"{{\n{new}\n}}\n"
    with pytest.raises(ToolError, match=name):
        edited(name, "{\n}\n")
    with pytest.raises(ToolError, match=name):
        edited(name, f"{old}\n{old}\n")
