"""The rows about what can be typed and touched with, over a station in a tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kiosk.commission.checks import Verdict
from kiosk.commission.digests import RECORD
from kiosk.commission.typing_rules import STATION_RULES, VOLATILE_RULES, named, rules
from kiosk.config_reading import parse
from kiosk.records.enrolment import PENDING
from tests.commission.hid_devices import KEYBOARD, MOUSE, TOUCH, plug
from tests.commission.test_station import edit, findings, unlink, write

PEDAL, READER, PANEL = (0x0C45, 0x7403), (0x0C2E, 0x0B61), (0x0EEF, 0x0001)
STRANGER = (0x046D, 0xC31C)
AUTOPROBE = "/sys/bus/hid/drivers_autoprobe"
TOML = "/etc/kiosk/station.toml"
EVENT = "/sys/class/input/event0/device"


@pytest.fixture
def with_usb(station: Any) -> Any:  # noqa: ANN401 - conftest's StationTree
    """A station whose pedal and reader are named."""
    text = station.at(TOML).read_text(encoding="utf-8")
    text = text.replace(
        'kind = "gpio"\npin = 17',
        'kind = "usb"\nvendor = 0x0C45\nproduct = 0x7403\nkey = "KEY_B"\n'
        '[reader]\nkind = "usb"\nvendor = 0x0C2E\nproduct = 0x0B61',
    )
    station.write(TOML, text)
    station.write(STATION_RULES, rules({"pedal": PEDAL, "reader": READER}))
    return station


def test_nothing_plugged_in_is_nothing_wrong(station: Any) -> None:  # noqa: ANN401
    found = findings(station)["input devices"]
    assert found.verdict is Verdict.OK
    assert found.sentence == "Nothing is plugged in that could type."


def test_each_is_told_by_what_it_is(with_usb: Any) -> None:  # noqa: ANN401
    plug(with_usb.place.root, "FootSwitch", PEDAL, driver="hid-generic")
    plug(with_usb.place.root, "Scanner", READER, driver="hid-generic")
    plug(with_usb.place.root, "ILITEK", PANEL, driver="hid-multitouch", descriptor=TOUCH)
    plug(with_usb.place.root, "Keyboard", STRANGER)
    found = findings(with_usb)["input devices"]
    assert found.verdict is Verdict.OK, found
    assert found.sentence == (
        "refused: Keyboard (USB 046d:c31c); reader: Scanner (USB 0c2e:0b61); "
        "pedal: FootSwitch (USB 0c45:7403); panel: ILITEK (USB 0eef:0001)."
    )


Plant = Callable[[Any], object]


def plugged(name: str, ids: tuple[int, int], **about: Any) -> Plant:  # noqa: ANN401
    return lambda station: plug(station.place.root, name, ids, **about)


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (
            plugged("Keyboard", STRANGER, driver="hid-generic"),
            "Keyboard (USB 046d:c31c) may type and is nothing that station.toml names",
        ),
        (plugged("Keyboard", STRANGER, driver="hid-generic"), "vendor = 0x046D and product = 0xC3"),
        (
            plugged("Panel", PANEL, driver="hid-multitouch", descriptor=TOUCH + KEYBOARD),
            "Panel (USB 0eef:0001) may type",
        ),
        (plugged("Mouse", STRANGER, driver="hid-generic", descriptor=MOUSE), "Mouse (USB"),
        # The pedal's ids, by Bluetooth.
        (plugged("Near", PEDAL, bus=5, driver="hid-generic"), "Near (bus 5 0c45:7403) may type"),
        (plugged("FootSwitch", PEDAL), "FootSwitch (USB 0c45:7403) is let in and has no driver"),
        (write(AUTOPROBE, "1\n"), "Any keyboard that is plugged in may type"),
        (unlink(STATION_RULES), "does not let in just those"),
        (write(STATION_RULES, rules({"pedal": PEDAL})), "does not let in just those"),
        (edit(TOML, "0x0B61", "0x0B62"), "provisioning.install"),
    ],
)
def test_each_planted_fault_is_named(with_usb: Any, plant: Plant, words: str) -> None:  # noqa: ANN401
    assert findings(with_usb)["input devices"].verdict is Verdict.OK
    plant(with_usb)
    found = findings(with_usb)["input devices"]
    assert found.verdict is Verdict.WRONG, found
    assert words in found.sentence


def test_where_a_panel_is_named_no_other_is_let_in(station: Any) -> None:  # noqa: ANN401
    station.write(
        TOML,
        station.at(TOML)
        .read_text(encoding="utf-8")
        .replace("#touch = { vendor = 0x0EEF", "touch = { vendor = 0x0EEF"),
    )
    station.write(STATION_RULES, rules({"panel": PANEL}))
    # One finger at a time: the kernel's generic driver, and nothing to recognise it by.
    plug(station.place.root, "Old panel", PANEL, driver="hid-generic", descriptor=MOUSE)
    assert findings(station)["input devices"].sentence == "panel: Old panel (USB 0eef:0001)."
    plug(station.place.root, "Other", STRANGER, driver="hid-multitouch", descriptor=TOUCH)
    found = findings(station)["input devices"]
    assert found.verdict is Verdict.WRONG
    assert "Other (USB 046d:c31c)" in found.sentence


def test_an_image_s_rules_lie_in_memory(with_usb: Any) -> None:  # noqa: ANN401
    text = with_usb.at(STATION_RULES).read_text(encoding="utf-8")
    unlink(STATION_RULES)(with_usb)
    with_usb.write(VOLATILE_RULES, text)
    assert findings(with_usb)["input devices"].verdict is Verdict.OK


def test_a_device_has_no_say_in_what_is_read_of_it(with_usb: Any) -> None:  # noqa: ANN401
    """Its name is its own word, and may be of several lines or move a terminal's cursor."""
    name = "Scanner\nHID_NAME=Reader\nHID_ID=0003:00000C2E:00000B61"
    plug(with_usb.place.root, f"\x1b[2J{name}", STRANGER, driver="hid-generic")
    found = findings(with_usb)["input devices"]
    assert found.verdict is Verdict.WRONG
    assert found.sentence.startswith("[2JScanner (USB 046d:c31c) may type")
    plug(with_usb.place.root, "", STRANGER, driver="hid-generic")
    (folder,) = with_usb.at("/sys/bus/hid/devices").glob("*.0001")
    (folder / "driver").unlink()
    assert "a device without a name (USB" in findings(with_usb)["input devices"].sentence


def test_before_the_enrolment_any_keyboard_may_type(station: Any) -> None:  # noqa: ANN401
    station.write(f"/etc/kiosk/{PENDING}", "")
    plug(station.place.root, "Keyboard", STRANGER, driver="hid-generic")
    found = findings(station)["input devices"]
    assert found.verdict is Verdict.UNCHECKED
    assert "Until the enrolment" in found.sentence


@pytest.mark.parametrize("row", ["input devices", "touch screen"])
def test_a_developer_s_machine_is_left_alone(station: Any, row: str) -> None:  # noqa: ANN401
    unlink(str(RECORD))(station)
    plug(station.place.root, "Keyboard", STRANGER, driver="hid-generic")
    unlink(f"{EVENT}/properties")(station)
    assert findings(station)[row].verdict is Verdict.NOT_APPLICABLE


def test_the_panel_is_named(station: Any) -> None:  # noqa: ANN401
    found = findings(station)["touch screen"]
    assert (found.verdict, found.sentence) == (Verdict.OK, "Touch Panel can be touched.")


def test_a_panel_for_one_finger_is_one_too(station: Any) -> None:  # noqa: ANN401
    station.write(f"{EVENT}/capabilities/abs", "3\n")
    station.write(f"{EVENT}/properties", "0\n")
    assert findings(station)["touch screen"].verdict is Verdict.OK


@pytest.mark.parametrize(
    "plant",
    [
        # Nothing but a pedal, a mouse, a touchpad, a pen's tablet.
        write(f"{EVENT}/capabilities/abs", "0\n"),
        unlink(f"{EVENT}/capabilities/abs"),
        lambda station: (
            write(f"{EVENT}/properties", "1\n")(station),
            write(f"{EVENT}/capabilities/key", "420 0 0 0 0 0\n")(station),
        ),
        write(f"{EVENT}/capabilities/key", "401 0 0 0 0 0\n"),
    ],
)
def test_what_cannot_be_touched_is_no_panel(station: Any, plant: Plant) -> None:  # noqa: ANN401
    plant(station)
    found = findings(station)["touch screen"]
    assert found.verdict is Verdict.WRONG
    assert "display.touch" in found.sentence


def test_settings_without_usb_devices_name_nobody(station: Any) -> None:  # noqa: ANN401
    assert named({"pedal": {"kind": "gpio", "pin": 17}, "display": {"size": [1, 2]}}) == {}
    assert named({}) == {}
    assert parse(station.at(TOML).read_text("utf-8"), source="x").display.touch is None


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"pedal": {"kind": "usb", "vendor": 1}}, "pedal"),
        ({"reader": {"kind": "usb", "vendor": 1, "product": 0x10000}}, "reader"),
        ({"reader": {"kind": "usb", "vendor": -1, "product": 1}}, "reader"),
        ({"reader": "usb"}, "reader"),
        ({"display": {"touch": {"vendor": "0x1", "product": 1}}}, "display.touch"),
        ({"display": {"touch": 3}}, "display.touch"),
    ],
)
def test_ids_that_are_none_are_refused(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key} "):
        named(settings)


def test_the_rules_name_each_device_by_its_ids_and_nothing_else() -> None:
    pedal = 'ENV{MODALIAS}=="hid:b0003g*v00000C45p00007403", ENV{KIOSK_TYPING}="pedal"'
    panel = 'ENV{MODALIAS}=="hid:b0003g*v00000EEFp00000001", ENV{KIOSK_TYPING}="panel"'
    lines = rules({"pedal": PEDAL, "panel": PANEL}).splitlines()
    wanted = [pedal, panel, 'ENV{KIOSK_PANEL}="named"']
    assert lines[2:] == [f'SUBSYSTEM=="hid", {line}' for line in wanted]
