"""The step that says who may type: files in a tree, commands of a running machine, each once."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.commission import touch_panel
from kiosk.commission.typing_rules import SHIPPED, STATION_RULES, VOLATILE_RULES, rules
from kiosk.commission.versions import IN_USE
from kiosk.commission.versions import SOURCE as SOURCES
from kiosk.records.enrolment import PENDING
from provisioning.install import settling
from provisioning.install.machine import InstallError, Machine
from provisioning.install.network import STATION
from provisioning.install.plan import Choices, steps
from provisioning.install.record import RecordStep
from provisioning.install.steps import run_steps
from provisioning.install.typing_rules import SOURCE, TypingRulesStep
from tests.deploy.conftest import Running

READER = '[reader]\nkind = "usb"\nvendor = 0x0C2E\nproduct = 0x0B61\n'


@dataclass
class Recorder:
    commands: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        assert environment == {}
        self.commands.append(tuple(command))
        return ""


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def machine(tmp_path: Path, checkout: Path, recorder: Recorder) -> Machine:
    settings = tmp_path / STATION.lstrip("/")
    settings.parent.mkdir(parents=True)
    settings.write_text(READER, encoding="ascii")
    return Running(tmp_path, checkout, recorder)


def done(machine: Machine, place: str | None = STATION_RULES) -> int:
    return run_steps([TypingRulesStep(place)], machine, io.StringIO())


def test_it_is_done_once_and_looked_at_at_once(machine: Machine, recorder: Recorder) -> None:
    assert done(machine) == 1
    assert machine.read(STATION_RULES) == rules({"reader": (0x0C2E, 0x0B61)})
    assert machine.read(SHIPPED) == machine.source(SOURCE)
    assert recorder.commands == [
        ("udevadm", "control", "--reload"),
        ("udevadm", "trigger", "--subsystem-match=hid", "--action=add", "--settle"),
    ]
    recorder.commands.clear()
    assert done(machine) == 0
    assert recorder.commands == []


def test_whoever_fills_in_the_settings_keeps_the_keyboard(
    machine: Machine, recorder: Recorder, checkout: Path
) -> None:
    example = (checkout / "provisioning/install/station.toml.example").read_text("utf-8")
    machine.write(STATION, example, 0o644)
    done(machine)
    assert [command[1] for command in recorder.commands] == ["control"]
    recorder.commands.clear()
    filled_in = re.sub(r"^(\w+) = \"CHANGE-ME\"", r'\1 = "x"', example, flags=re.MULTILINE)
    machine.write(STATION, f"{filled_in}\n{READER}", 0o644)
    done(machine)
    assert [command[1] for command in recorder.commands] == ["control", "trigger"]


def test_another_reader_is_let_in_by_the_next_run(machine: Machine) -> None:
    done(machine)
    machine.write(STATION, READER.replace("0B61", "0B62"), 0o644)
    assert done(machine) == 1
    assert "p00000B62" in (machine.read(STATION_RULES) or "")
    assert "p00000B61" not in (machine.read(STATION_RULES) or "")


@pytest.mark.parametrize("path", [SHIPPED, STATION_RULES])
def test_what_was_opened_by_hand_is_closed_again(machine: Machine, path: str) -> None:
    done(machine)
    machine.write(path, "", 0o644)
    assert done(machine) == 1
    assert machine.read(path)


def test_the_tree_of_an_image_names_nobody(tmp_path: Path, checkout: Path) -> None:
    """A file in /etc would hide the one that its stations make in /run."""
    tree = Machine(tmp_path, checkout, Recorder())
    assert done(tree, None) == 1
    assert [path.name for path in (tmp_path / "etc/udev/rules.d").iterdir()] == [Path(SHIPPED).name]
    assert Path(STATION_RULES).name == Path(VOLATILE_RULES).name
    assert done(tree, None) == 0


def test_an_image_s_station_says_so_in_memory(machine: Machine, recorder: Recorder) -> None:
    machine.write(SHIPPED, machine.source(SOURCE), 0o644)
    assert run_steps(settling.steps()["typing"], machine, io.StringIO()) == 1
    assert machine.read(VOLATILE_RULES) == rules({"reader": (0x0C2E, 0x0B61)})
    assert machine.read(STATION_RULES) is None
    assert len(recorder.commands) == 2


@pytest.mark.parametrize(
    "settings",
    ["[reader\n", "reader = 3\n", READER.replace("0x0B61", "-1"), '[reader]\nkind="usb"'],
)
def test_settings_that_name_nobody_rightly_stop_it(machine: Machine, settings: str) -> None:
    machine.write(STATION, settings, 0o644)
    with pytest.raises(InstallError, match=STATION):
        done(machine)


def test_without_settings_nobody_is_named(machine: Machine) -> None:
    machine.at(STATION).unlink()
    done(machine)
    assert machine.read(STATION_RULES) == rules({})


@pytest.mark.parametrize(("kind", "place"), [(Machine, None), (Running, STATION_RULES)])
def test_the_installer_does_it_and_records_it(
    tmp_path: Path, checkout: Path, kind: type[Machine], place: str | None
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("", encoding="ascii")
    plan = steps(kind(tmp_path, checkout, Recorder()), Choices())
    assert [step.station_rules for step in plan if isinstance(step, TypingRulesStep)] == [place]
    (record,) = [step for step in plan if isinstance(step, RecordStep)]
    recorded = {path for path in record.targets if "udev" in path and "typing" in path}
    assert recorded == {SHIPPED}
    assert (STATION_RULES in record.targets) == (place is not None)


def test_the_shipped_rules_call_what_is_installed(checkout: Path) -> None:
    text = (checkout / SOURCE).read_text("utf-8")
    program = re.findall(r"/usr/bin/python3 -ISB (\S+)", text)
    inside = Path(touch_panel.__file__).relative_to(checkout)
    assert program == [f"{IN_USE}/{SOURCES}/{inside}"]
    assert f'TEST=="/etc/kiosk/{PENDING}"' in text
    # udev reads its files in the order of their names: who is named, the drivers' modules, this.
    names = [Path(path).name for path in (STATION_RULES, SHIPPED)]
    assert sorted([*names, "80-drivers.rules"]) == ["80-drivers.rules", *names]


def test_the_bus_is_there_before_the_first_device(checkout: Path) -> None:
    modules = (checkout / "systemd/modules-load.d/kiosk.conf").read_text("utf-8")
    assert "\nhid\n" in modules


def test_keyboards_are_looked_at_again_after_the_enrolment(checkout: Path) -> None:
    """By root itself: what makes the report may not write to the kernel's tree."""
    text = (checkout / "systemd/kiosk-commission.service").read_text("utf-8")
    wanted = "ExecStartPre=-+udevadm trigger --subsystem-match=hid --action=add --settle\n"
    assert wanted in text
    assert text.index(wanted) < text.index("ExecStart=")
