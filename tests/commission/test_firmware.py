"""Reading config.txt as the firmware does: each kind of fault is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.commission.firmware import check, check_files, effective, parse

SHIPPED = Path(__file__).parents[2] / "firmware_config"
INCLUDES = sorted(path.name for path in SHIPPED.glob("kiosk*.txt"))


@pytest.mark.parametrize("name", INCLUDES)
def test_what_we_ship_has_no_fault(name: str) -> None:
    assert check((SHIPPED / name).read_text("utf-8"), name, included=True) == ()


@pytest.mark.parametrize("name", INCLUDES)
def test_every_shipped_setting_has_a_reason_above_it(name: str) -> None:
    """A block of settings follows a comment; only filters may stand between."""
    explained = False
    for number, line in enumerate((SHIPPED / name).read_text("utf-8").splitlines(), start=1):
        if line.startswith("#"):
            explained = True
        elif not line:
            explained = False
        elif not line.startswith("["):
            assert explained, f"{name}:{number}: {line}"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("camera_auto_detct=0", 1, "perhaps camera_auto_detect was meant"),
        ("\narm_boost", 2, "expected `arm_boost=VALUE`"),
        ("arm_boost = 1", 1, "without spaces"),
        ("arm_boost=1 # faster", 1, "a line of its own"),
        ("#" + "x" * 98, 1, "99 characters"),
        ("[pi6]\n[all]", 1, "[pi6] is no filter"),
        ("[pi5\n[all]", 1, "[pi5 is no filter"),
        ("gpio=12,28=op,dl", 1, "12,28 is no list of pins"),
        ("gpio=12=op,low", 1, "'low' says nothing about a pin"),
        ("include=kiosk.txt", 1, "expected `include FILE`"),
        ("dtoverlay=imx477\ndtparam=audio=off", 2, "goes to the overlay imx477"),
        ("dtoverlay=imx477\n[pi5]\n[all]\ndtoverlay=imx477,cam0", 4, "already set"),
        ("arm_boost=1\narm_boost=0", 2, "already set in config.txt, line 1"),
        ("arm_64bit=maybe", 1, "arm_64bit=maybe; expected 0 or 1"),
        ("gpu_mem=much", 1, "expected a whole number"),
        ("cmdline=other.txt", 1, "expected cmdline.txt, which"),
        ("hdmi_group:1=x", 1, "hdmi_group:1=x; expected"),
        ("dtoverlay=imx47", 1, "perhaps imx477 was meant"),
        ("dtoverlay=vc4-fkms-v3d", 1, "perhaps vc4-kms-v3d was meant"),
        ("dtoverlay=disable-wlan", 1, "disable-wlan is no overlay that a station knows"),
        ("dtoverlay=gpio-shutdown,gpiopin=4", 1, "perhaps gpio_pin was meant"),
        ("dtoverlay=gpio-shutdown,gpio_pin=x", 1, "gpio_pin=x; expected a pin 0 to 27"),
        ("dtparam=audo=off", 1, "perhaps audio was meant"),
        ("dtparam=wachdog=on", 1, "perhaps watchdog was meant"),
        ("dtparam=audio=of", 1, "audio=of; expected on or off"),
        ("dtparam=i2c_arm=on,spy=on", 1, "perhaps spi was meant"),
        ("dtparam=fan_temp0=warm", 1, "expected a whole number"),
    ],
)
def test_each_fault_is_named_with_its_line(text: str, line: int, words: str) -> None:
    (problem,) = check(text, "config.txt")
    assert problem.line == line
    assert words in problem.sentence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# a comment\n\narm_64bit=1",
        "dtoverlay=imx477\ndtoverlay=\ndtparam=audio=off",
        "dtparam=audio=off\ndtparam=watchdog=on\ndtoverlay=disable-bt\ndtoverlay=disable-wifi",
        "[pi4]\ndtoverlay=imx477\n[pi5]\ndtoverlay=imx477,cam0\n[all]",
        "[EDID=VSC-TD2220]\n[0x12345678]\n[gpio4=1]\n[tryboot]\n[board-type=0x11]\n[all]",
        "initramfs initrd.img followkernel",
        "gpio=0-3,5=ip,pu\ngpio=12=op,dl",
        "hdmi_group:1=2",
        "over_voltage=-2\nkernel=kernel8.img\nkernel_address=0x80000\ncmdline=cmdline.txt",
        "dtparam=strict_gpiod\ndtparam=spi=on,i2c_arm=on\ndtparam=rtc_bbat_vchg=3000000",
        "dtoverlay=vc4-kms-v3d,cma-256\ndtoverlay=dwc2,dr_mode=host",
        "dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4",
        "dtoverlay=imx219",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert check(text, "config.txt") == ()


def test_an_include_that_ends_under_a_filter_or_includes_on_is_a_fault() -> None:
    problems = check("[pi5]\narm_boost=1\ninclude more.txt", "kiosk.txt", included=True)
    assert [p.sentence.split(",")[0] for p in problems] == [
        "an included file includes another; only config.txt may",
        "ends inside [pi5]",
    ]


def test_filters_of_one_kind_replace_each_other_and_all_ends_them() -> None:
    settings, _ = parse("[pi4]\na=1\n[pi5]\nb=1\n[tryboot]\nc=1\n[all]\nd=1\n[none]\ne=1", "f")
    assert [s.filters for s in settings] == [("pi4",), ("pi5",), ("pi5", "tryboot"), (), ("none",)]
    assert [s.key for s in settings if s.applies_to("pi5")] == ["b", "c", "d"]


def test_what_an_include_sets_stands_where_it_is_included() -> None:
    files = {
        "config.txt": "arm_boost=1\n[pi5]\ninclude kiosk.txt\n[all]\ndisable_splash=1",
        "kiosk.txt": "gpio=12=op,dl",
    }
    assert [(s.file, s.key, s.filters) for s in effective(files)] == [
        ("config.txt", "arm_boost", ()),
        ("kiosk.txt", "gpio", ("pi5",)),
        ("config.txt", "disable_splash", ()),
    ]


def test_an_overlay_before_the_include_takes_its_parameters() -> None:
    files = {
        "config.txt": "dtoverlay=dwc2\ninclude kiosk.txt",
        "kiosk.txt": "dtparam=audio=off",
    }
    (problem,) = check_files(files)
    assert (problem.file, problem.line) == ("kiosk.txt", 1)
    assert "goes to the overlay dwc2" in problem.sentence


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("[pi5]\ndtparam=watchdog=off", True),
        ("[gpio4=1]\ndtparam=watchdog=off", True),
        ("[cm5]\ndtparam=watchdog=off", False),
        ("[pi5]\ndtparam=watchdog=on", False),
        ("[pi5]\ndtparam=audio=on", False),
    ],
)
def test_another_value_under_a_filter_of_a_stations_board_is_a_fault(
    more: str, *, told: bool
) -> None:
    files = {"config.txt": f"include kiosk.txt\n{more}", "kiosk.txt": "dtparam=watchdog=on"}
    said = (
        "config.txt:3: dtparam=watchdog is set otherwise in kiosk.txt, line 1, for the same board"
    )
    assert [str(problem).split(";")[0] for problem in check_files(files)] == [said] * told


def test_a_setting_in_two_files_and_a_missing_include_are_faults() -> None:
    files = {
        "config.txt": "dtoverlay=vc4-kms-v3d\ndtoverlay=\ninclude kiosk.txt\ninclude gone.txt",
        "kiosk.txt": "dtoverlay=vc4-kms-v3d",
    }
    assert [str(problem) for problem in check_files(files)] == [
        "config.txt:4: includes gone.txt, which is not there; expected it beside config.txt",
        (
            "kiosk.txt:1: dtoverlay=vc4-kms-v3d is already set in config.txt, line 1; "
            "expected each setting in one place"
        ),
    ]
