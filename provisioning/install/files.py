"""Steps that put whole files of the checkout, or generated ones, into their places."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk.commission.machine_paths import BOOT
from provisioning.install.machine import Machine

PUBLIC = 0o644


@dataclass(frozen=True, slots=True)
class Placed:
    """One file: where from in the checkout, and where to on the machine."""

    source: str
    target: str
    mode: int = PUBLIC


@dataclass(frozen=True, slots=True)
class FileStep:
    """A group of files that must be there byte for byte.

    ``after``: a command that makes the running machine take notice.
    """

    name: str
    files: tuple[Placed, ...]
    after: tuple[str, ...] = ()

    def missing(self, machine: Machine) -> str:
        return _listed([file.target for file in self.files if not _there(file, machine)])

    def apply(self, machine: Machine) -> None:
        for file in self.files:
            if not _there(file, machine):
                machine.write(file.target, machine.source(file.source), file.mode)
        if self.after and machine.live:
            machine.run(*self.after)


@dataclass(frozen=True, slots=True)
class StarterStep:
    """A file that the technician goes on to edit: put there once and never touched again."""

    name: str
    file: Placed

    def missing(self, machine: Machine) -> str:
        return "" if machine.at(self.file.target).exists() else f"{self.file.target} is not there"

    def apply(self, machine: Machine) -> None:
        machine.write(self.file.target, machine.source(self.file.source), self.file.mode)


@dataclass(frozen=True, slots=True)
class MergedStep:
    """A file of the distribution's that is changed in part; absent where ``optional``.

    ``merge`` returns the wanted content for the present one (None: no file) and must return its
    own result unchanged.
    """

    name: str
    target: str
    merge: Callable[[Machine, str | None], str | None]
    mode: int = PUBLIC

    def missing(self, machine: Machine) -> str:
        present = machine.read(self.target)
        wanted = self.merge(machine, present)
        return "" if wanted is None or wanted == present else f"{self.target} needs its lines"

    def apply(self, machine: Machine) -> None:
        wanted = self.merge(machine, machine.read(self.target))
        if wanted is not None:
            machine.write(self.target, wanted, self.mode)


def differing(machine: Machine, texts: Mapping[str, str]) -> str:
    """Say which files have another text than the one wanted; empty text where none has.

    Args:
        machine: whose files.
        texts: by path.
    """
    wrong = [path for path, text in texts.items() if machine.read(path) != text]
    return f"{' and '.join(wrong)} not as wanted" if wrong else ""


def write_differing(machine: Machine, texts: Mapping[str, str]) -> None:
    """Write the texts of those files that have another."""
    for path, text in texts.items():
        if machine.read(path) != text:
            machine.write(path, text, PUBLIC)


def _there(file: Placed, machine: Machine) -> bool:
    if machine.read(file.target) != machine.source(file.source):
        return False
    # The boot partition is FAT and has no modes of its own.
    if file.target.startswith(f"{BOOT}/"):
        return True
    return stat.S_IMODE(machine.at(file.target).stat().st_mode) == file.mode


def _listed(paths: list[str]) -> str:
    return "" if not paths else f"{', '.join(paths)} not as shipped"
