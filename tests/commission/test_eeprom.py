"""The bootloader's settings: what is ours, what a typing error looks like, and how they merge."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.commission.eeprom import appended, check, differences, effective, merge, signed
from kiosk.commission.eeprom_keys import KEYS

SHIPPED = (Path(__file__).parents[2] / "firmware_config/eeprom.conf").read_text("utf-8")

STOCK = {
    "pi4": "[all]\nBOOT_UART=0\nWAKE_ON_GPIO=1\nPOWER_OFF_ON_HALT=0\nNET_INSTALL_AT_POWER_ON=1\n",
    "pi5": "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf461\nNET_INSTALL_AT_POWER_ON=1\n",
}
"""What Raspberry Pi's own images of August 2026 contain, as rpi-eeprom-config prints it."""


def test_what_we_ship_has_no_fault_and_closes_every_way_but_the_card() -> None:
    assert check(SHIPPED, "eeprom.conf") == ()
    assert effective(SHIPPED, "pi5") == {
        "BOOT_ORDER": "0xf1",
        "NET_INSTALL_ENABLED": "0",
        "NET_INSTALL_AT_POWER_ON": "0",
        "ENABLE_SELF_UPDATE": "0",
        "BOOT_UART": "0",
        "BOOT_WATCHDOG_TIMEOUT": "60",
    }


def test_every_shipped_setting_has_a_reason_right_above_it() -> None:
    before = ""
    for line in SHIPPED.splitlines():
        if line and not line.startswith("#"):
            assert before.startswith("# "), line
        before = line


@pytest.mark.parametrize("key", effective(SHIPPED, "pi4"))
def test_a_typing_error_in_any_shipped_key_or_value_is_found(key: str) -> None:
    value = effective(SHIPPED, "pi4")[key]
    (wrong_key,) = check(SHIPPED.replace(f"{key}=", f"{key[:-1]}="), "eeprom.conf")
    assert f"perhaps {key} was meant" in wrong_key.sentence
    (wrong_value,) = check(SHIPPED.replace(f"{key}={value}", f"{key}={value}x"), "eeprom.conf")
    assert f"{key} cannot be '{value}x'" in wrong_value.sentence


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("BOOT_ODER=0xf1", 1, "perhaps BOOT_ORDER was meant"),
        ("boot_order=0xf1", 1, "perhaps BOOT_ORDER was meant"),
        ("dtoverlay=imx477", 1, "no setting that the bootloader knows"),
        ("\nBOOT_ORDER=f1", 2, "expected 0x and one digit"),
        ("BOOT_ORDER=0xf9", 1, "cannot be '0xf9'"),
        ("BOOT_UART=yes", 1, "expected 0 or 1"),
        ("BOOT_UART = 0", 1, "without spaces"),
        ("BOOT_UART", 1, "expected `KEY=VALUE`"),
        ("BOOT_UART=0 # off", 1, "a line of its own"),
        ("[pi6]\nBOOT_UART=0", 1, "[pi6] is no filter"),
        ("[all\nBOOT_UART=0", 1, "[all is no filter"),
        ("[EDID=VSC-TD2220]\nBOOT_UART=0", 1, "knows no screens"),
        ("BOOT_UART=0\nBOOT_UART=1", 2, "already set in line 1"),
        ("# " + "x" * 4096, 0, "room for 4076"),
    ],
)
def test_each_fault_is_named_with_its_line(text: str, line: int, words: str) -> None:
    (problem,) = check(text, "eeprom.conf")
    assert problem.line == line
    assert words in problem.sentence


@pytest.mark.parametrize("model", STOCK)
def test_a_bootloader_as_delivered_is_known_and_differs(model: str) -> None:
    assert check(STOCK[model], "stock") == ()
    assert differences(STOCK[model], SHIPPED)


def test_what_differs_is_told_with_both_values() -> None:
    assert differences(STOCK["pi5"], SHIPPED)[:2] == (
        "BOOT_ORDER=0xf461 instead of 0xf1",
        "NET_INSTALL_ENABLED not set instead of 0",
    )


PRESENT = {
    **STOCK,
    "empty": "",
    "no filter": "BOOT_UART=1\nSD_QUIRKS=0x1\n",
    "one board": "[pi5]\nPCIE_PROBE=1\nBOOT_ORDER=0xf6\n",
    "a pin": "[all]\nPCIE_PROBE=1\n[gpio7=0]\nBOOT_ORDER=0xf2\nNETCONSOLE=6665@1.2.3.4/,6666@/\n",
    "appended": "[all]\nBOOT_ORDER=0xf14\n[config.txt]\n[pi5]\nBOOT_ORDER=0xf2\ndtoverlay=x\n",
    "closed": "[none]\nBOOT_ORDER=0xf1\n",
}


@pytest.mark.parametrize("name", PRESENT)
def test_merging_sets_ours_keeps_the_rest_and_is_done_once(name: str) -> None:
    merged = merge(PRESENT[name], SHIPPED)
    assert differences(merged, SHIPPED) == ()
    assert merge(merged, SHIPPED) == merged
    assert check(merged, "merged") == ()
    ours = effective(SHIPPED, "pi4")
    for model in ("pi4", "pi5"):
        others = {k: v for k, v in effective(PRESENT[name], model).items() if k not in ours}
        assert effective(merged, model) == {**others, **ours}
    assert appended(merged) == appended(PRESENT[name])


def test_what_holds_only_while_a_pin_is_low_is_no_setting_of_ours() -> None:
    everywhere = merge("", SHIPPED)
    assert differences(f"[gpio7=0]\n{everywhere}", SHIPPED)
    assert differences(f"{everywhere}[gpio7=0]\nBOOT_ORDER=0xf2\n", SHIPPED) == (
        "BOOT_ORDER=0xf2 instead of 0xf1",
    )


def test_the_zero_bytes_behind_what_the_firmware_hands_on_are_no_text() -> None:
    text = merge("", SHIPPED) + "\0" * 9
    assert differences(text, SHIPPED) == ()
    assert "\0" not in merge(STOCK["pi5"] + "\0" * 9, SHIPPED)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("SIGNED_BOOT=1", True),
        ("[pi5]\nSIGNED_BOOT=1", True),
        ("SIGNED_BOOT=0", False),
        ("", False),
    ],
)
def test_whether_a_board_starts_only_what_is_signed(text: str, answer: object) -> None:
    assert signed(text) is answer


def test_the_key_of_a_setting_of_config_txt_is_not_taken_for_the_bootloaders() -> None:
    assert all(key.isupper() for key in KEYS)
