"""Versions side by side: an update is whole or not at all, and the way back is always there."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.commission.versions import BEFORE, IN_USE, SOURCE, VERSIONS, go_back
from kiosk.errors import UsageError
from provisioning.install.machine import InstallError, Machine
from provisioning.install.parts import version
from provisioning.install.steps import run_steps
from provisioning.install.versions import PruneStep, SwitchStep, VersionStep
from tests.deploy.test_install import FakeDebian, debian, machine, small_checkout, tree

__all__ = ["debian", "machine", "small_checkout", "tree"]

STEPS = (VersionStep(), SwitchStep(), PruneStep())


def install(machine: Machine) -> int:
    return run_steps(STEPS, machine, io.StringIO())


def update(machine: Machine, text: str) -> str:
    """Make another version of the checkout; return its id."""
    (machine.checkout / "kiosk/__init__.py").write_text(text, encoding="ascii")
    return version(machine.checkout)


def used(tree: Path) -> str:
    """Return which version the link leads to, by what its program says."""
    (program,) = (tree / IN_USE[1:]).glob("lib/python3*/site-packages/kiosk/__init__.py")
    return program.read_text("ascii")


def there(tree: Path) -> set[str]:
    return {path.name for path in (tree / VERSIONS[1:]).iterdir() if not path.is_symlink()}


def test_an_update_is_built_beside_what_runs(machine: Machine, tree: Path) -> None:
    first = update(machine, "A = 1\n")
    install(machine)
    assert (tree / IN_USE[1:]).readlink() == Path(f"kiosk.versions/{first}")
    assert not os.path.lexists(tree / BEFORE[1:])
    second = update(machine, "A = 2\n")
    assert install(machine) == 2
    assert used(tree) == "A = 2\n"
    assert (tree / BEFORE[1:]).readlink() == Path(first)
    assert there(tree) == {first, second}
    assert install(machine) == 0


def test_the_version_before_is_installed_from_its_own_files_and_builds_nothing(
    machine: Machine, debian: FakeDebian, tree: Path
) -> None:
    first = update(machine, "A = 1\n")
    install(machine)
    second = update(machine, "A = 2\n")
    install(machine)
    debian.commands.clear()
    source = tree / BEFORE[1:] / SOURCE
    before = Machine(tree, source.resolve(), debian)
    assert version(before.checkout) == first
    assert install(before) == 1
    assert debian.commands == []
    assert used(tree) == "A = 1\n"
    assert (tree / BEFORE[1:]).readlink() == Path(second), "and forward again"


def test_two_versions_are_kept(machine: Machine, tree: Path) -> None:
    ids = []
    for number in range(4):
        ids.append(update(machine, f"A = {number}\n"))
        install(machine)
    assert there(tree) == set(ids[-2:])


@pytest.mark.parametrize("where", ["-m venv", "--require-hashes", "--no-index"])
def test_an_update_that_fails_leaves_what_runs_alone(
    machine: Machine, debian: FakeDebian, tree: Path, where: str
) -> None:
    update(machine, "A = 1\n")
    install(machine)
    update(machine, "A = 2\n")
    debian.failing = where
    with pytest.raises(InstallError, match="code 1"):
        install(machine)
    assert used(tree) == "A = 1\n"
    debian.failing = ""
    install(machine)
    assert used(tree) == "A = 2\n"


def test_a_version_that_was_not_finished_is_built_anew(machine: Machine, tree: Path) -> None:
    name = update(machine, "A = 1\n")
    install(machine)
    folder = tree / VERSIONS[1:] / name
    (folder / "share/complete").unlink()
    (folder / "bin/left over").write_text("of a power cut", encoding="ascii")
    assert install(machine) == 1
    assert not (folder / "bin/left over").exists()


def test_a_program_that_was_changed_is_put_right(machine: Machine, tree: Path) -> None:
    update(machine, "A = 1\n")
    install(machine)
    (program,) = (tree / IN_USE[1:]).glob("lib/python3*/site-packages/kiosk/__init__.py")
    program.write_text("import evil\n", encoding="ascii")
    assert VersionStep().missing(machine) == "its program was changed"
    install(machine)
    assert used(tree) == "A = 1\n"


def test_whatever_else_is_in_the_place_stays(machine: Machine, tree: Path) -> None:
    (tree / IN_USE[1:]).mkdir(parents=True)
    with pytest.raises(InstallError, match="is a folder; expected a link"):
        install(machine)


def test_any_byte_of_the_parts_makes_another_version(small_checkout: Path) -> None:
    before = version(small_checkout)
    (small_checkout / "kiosk/__pycache__").mkdir()
    (small_checkout / "kiosk/__pycache__/x.pyc").write_bytes(b"\0")
    assert version(small_checkout) == before
    unit = small_checkout / "systemd/kiosk.target"
    unit.write_text(unit.read_text("utf-8") + "\n", encoding="utf-8")
    assert version(small_checkout) != before
    shutil.rmtree(small_checkout / "requirements")
    with pytest.raises(UsageError, match="requirements is missing; expected a whole checkout"):
        version(small_checkout)


def test_going_back_needs_root_and_a_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UsageError, match="expected root"):
        go_back(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(UsageError, match="there is no version before this one"):
        go_back(tmp_path)


def test_going_back_runs_the_installer_of_the_version_before(tmp_path: Path) -> None:
    installer = tmp_path / "kiosk.versions/one" / SOURCE / "provisioning/install"
    installer.mkdir(parents=True)
    for package in (installer, installer.parent):
        (package / "__init__.py").touch()
    (installer / "__main__.py").write_text("print('the one before', __file__)", encoding="ascii")
    before = tmp_path / "kiosk.versions/before"
    before.symlink_to("one")
    program = (
        "import os, sys; os.geteuid = lambda: 0; from pathlib import Path; "
        "from kiosk.commission.versions import go_back; "
        f"go_back(Path({str(before)!r}), sys.executable)"
    )
    done = subprocess.run(
        (sys.executable, "-c", program),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("the one before")
    assert "kiosk.versions/one/share/source" in done.stdout
