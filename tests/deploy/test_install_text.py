"""What the installer does to files that are not its own: pure text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.commission.firmware import check_files
from provisioning.install.firmware import merge_cmdline, merge_config
from provisioning.install.machine import InstallError, Machine
from provisioning.install.network import drop_in
from provisioning.install.system import without_swap

SHIPPED = Path(__file__).parents[2] / "firmware_config"
STOCK = """\
dtparam=audio=on
camera_auto_detect=1
dtoverlay=vc4-kms-v3d
[cm5]
dtoverlay=dwc2,dr_mode=host
"""
INCLUDES = {name: (SHIPPED / name).read_text("utf-8") for name in ("kiosk.txt", "kiosk-imx708.txt")}


def test_the_stock_file_with_our_includes_has_no_fault() -> None:
    """Plain appending would ask for things twice."""
    appended = STOCK + "[all]\n" + "".join(f"include {name}\n" for name in INCLUDES)
    assert len(check_files({"config.txt": appended, **INCLUDES})) == 3
    assert check_files({"config.txt": merge_config(STOCK, INCLUDES), **INCLUDES}) == ()


def test_what_the_includes_set_becomes_a_comment_and_the_rest_stays() -> None:
    assert merge_config(STOCK, INCLUDES).splitlines() == [
        "# set by the Capture Station's include: dtparam=audio=on",
        "# set by the Capture Station's include: camera_auto_detect=1",
        "# set by the Capture Station's include: dtoverlay=vc4-kms-v3d",
        "[cm5]",
        "dtoverlay=dwc2,dr_mode=host",
        "",
        "[all]",
        "include kiosk.txt",
        "include kiosk-imx708.txt",
    ]


LINES = st.sampled_from(
    [
        *("", "# a note", "arm_boost=1", "dtparam=audio=on", "dtoverlay=vc4-kms-v3d"),
        *("[all]", "[pi4]", "[pi5]", "include kiosk.txt", "include kiosk-imx477.txt"),
        *("include usercfg.txt", "dtoverlay=imx708", "gpio=12=op,dh", "nonsense"),
    ]
)


@settings(database=None)
@given(st.lists(LINES, max_size=12))
def test_merging_twice_is_merging_once_and_includes_each_file_once(lines: list[str]) -> None:
    once = merge_config("\n".join(lines), INCLUDES)
    assert merge_config(once, INCLUDES) == once
    for name in INCLUDES:
        assert once.splitlines().count(f"include {name}") == 1
    assert "include kiosk-imx477.txt" not in once.splitlines()
    assert once.count("include usercfg.txt") == lines.count("include usercfg.txt")


WORDS = st.sampled_from(["quiet", "console=tty1", "root=/dev/x", "rootwait", "loglevel=7", "ro"])


@settings(database=None)
@given(st.lists(WORDS, max_size=8))
def test_the_kernels_line_gets_each_argument_once(words: list[str]) -> None:
    wanted = "# why\nconsole=tty3\nquiet\nloglevel=3\n"
    once = merge_cmdline(" ".join(words), wanted)
    assert merge_cmdline(once, wanted) == once
    assert once.endswith("\n")
    assert once.count("\n") == 1
    kept = [word for word in words if word in {"root=/dev/x", "rootwait", "ro"}]
    assert once.split() == [*kept, "console=tty3", "quiet", "loglevel=3"]


def test_the_shipped_arguments_are_one_a_line_with_a_reason() -> None:
    line = merge_cmdline("", (SHIPPED / "cmdline.txt").read_text("utf-8"))
    assert line.split() == [
        *("console=tty3", "quiet", "loglevel=3", "logo.nologo"),
        *("vt.global_cursor_default=0", "consoleblank=0", "panic=10"),
    ]


def test_only_swap_goes_from_fstab_and_only_once() -> None:
    text = "# /dev/x none swap sw\n\n/dev/a /swap ext4 defaults 0 1\nUUID=b none swap sw 0 0\n"
    once = without_swap(text)
    assert once is not None
    assert once.splitlines()[3] == "# no swap on a Capture Station: UUID=b none swap sw 0 0"
    assert once.splitlines()[:3] == text.splitlines()[:3]
    assert without_swap(once) == once
    assert without_swap(None) is None


@pytest.fixture
def machine(tmp_path: Path, checkout: Path) -> Machine:
    (tmp_path / "etc/kiosk").mkdir(parents=True)
    (tmp_path / "etc/resolv.conf").write_text(
        "search clinic\nnameserver 10.0.0.1\nnameserver fe80::1%eth0\n", encoding="ascii"
    )
    return Machine(tmp_path, checkout)


def allowed(machine: Machine, toml: str) -> list[str]:
    machine.at("/etc/kiosk/station.toml").write_text(toml, encoding="utf-8")
    text = drop_in(machine, lambda _: ["10.0.0.7", "2001:db8::7"])
    lines = (text or "").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith("IPAddressAllow=")]


def test_an_address_is_all_that_is_reached(machine: Machine) -> None:
    assert allowed(machine, '[upload]\nhost = "192.0.2.5"\n') == ["192.0.2.5"]


def test_a_name_needs_its_addresses_and_who_resolves_them(machine: Machine) -> None:
    assert allowed(machine, '[upload]\nhost = "box.clinic.example"\n') == [
        *("10.0.0.1", "10.0.0.7", "2001:db8::7", "fe80::1"),
    ]


def test_without_a_server_nothing_is_opened(machine: Machine) -> None:
    assert drop_in(machine, lambda _: []) is None
    assert allowed(machine, '[upload]\nhost = "CHANGE-ME"\n') == []


@pytest.mark.parametrize("toml", ["[upload", "[upload]\n", "upload = 3\n"])
def test_a_broken_station_toml_is_one_sentence(machine: Machine, toml: str) -> None:
    with pytest.raises(InstallError, match=r"station.toml does not name the server"):
        allowed(machine, toml)
