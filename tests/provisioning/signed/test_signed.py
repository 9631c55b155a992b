"""The settings of boards that start only what is signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.commission.eeprom import check, effective, signed
from tests.provisioning.signed.bench_file import faults, settings

ROOT = Path(__file__).parents[3]
BOOT = (ROOT / "provisioning/signed/boot.conf").read_text("utf-8")
BENCH = (ROOT / "provisioning/signed/bench.conf").read_text("utf-8")
SHIPPED = (ROOT / "firmware_config/eeprom.conf").read_text("utf-8")


def test_a_signed_board_has_the_settings_of_every_other_and_one_more() -> None:
    assert check(BOOT, "boot.conf") == ()
    assert signed(BOOT)
    for model in ("pi4", "pi5"):
        assert effective(BOOT, model) == {**effective(SHIPPED, model), "SIGNED_BOOT": "1"}


@pytest.mark.parametrize("wrong", ["SIGNED_BOT=1", "SIGNED_BOOT=yes", "SIGN_BOOT=1"])
def test_a_typing_error_would_leave_it_unsigned_and_is_seen(wrong: str) -> None:
    text = BOOT.replace("SIGNED_BOOT=1", wrong)
    assert check(text, "boot.conf")
    assert not signed(text)


def test_the_bench_s_file_keeps_to_the_documentation() -> None:
    assert list(faults(BENCH)) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("STYLE=secure-boot", "STYLE=secureboot", "cannot be secureboot"),
        ("STYLE=secure-boot", "STYLE=naked", "cannot be naked"),
        ("\nGOLD_MASTER_OS_FILE=", "\nGOLD_MASTER_OSFILE=", "GOLD_MASTER_OS_FILE is missing"),
        ("CONFIG_FILE=CHANGE-ME", "CONFG_FILE=CHANGE-ME", "is no setting"),
        ("PKCS11_NAME='CHANGE-ME'", "PKCS11_NAME=CHANGE-ME", "cannot be CHANGE-ME"),
        ("\nCUSTOMER_KEY_PKCS11_NAME", "\n#CUSTOMER", "exactly one key"),
        ("FAMILY=5", "FAMILY=4", "needs RPI_DEVICE_RPIBOOT_GPIO"),
        ("FAMILY=5", "FAMILY=2W", "cannot be 2W"),
        ("TYPE=sd", "TYPE=card", "cannot be card"),
        ("\nRPI_DEVICE_FAMILY", "\nRPI_DEVICE_LOCK_JTAG=1\nRPI_DEVICE_FAMILY", "is no setting"),
    ],
)
def test_each_fault_of_the_bench_s_file_is_seen(old: str, new: str, words: str) -> None:
    assert old in BENCH
    assert any(words in fault for fault in faults(BENCH.replace(old, new)))


def test_the_file_that_the_bench_names_is_there_and_the_warning_stands_first() -> None:
    named = settings(BENCH)["RPI_DEVICE_BOOTLOADER_CONFIG_FILE"]
    assert (ROOT / named.removeprefix("CHANGE-ME/")).read_text("utf-8") == BOOT
    assert BENCH.index("CANNOT BE UNDONE") < BENCH.index("PROVISIONING_STYLE=")
