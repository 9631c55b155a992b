"""Writes down what was installed, so that ``kiosk check`` can tell when it was changed."""

from __future__ import annotations

import json
from dataclasses import dataclass

from kiosk.commission.digests import RECORD, file_digest, tree_digest
from provisioning.install.machine import InstallError, Machine
from provisioning.install.versions import program_folder


@dataclass(frozen=True, slots=True)
class RecordStep:
    """``targets``: the files that no one edits after the installer."""

    targets: tuple[str, ...]
    name: str = "record of the installation"

    def missing(self, machine: Machine) -> str:
        return "" if machine.read(RECORD) == self._content(machine) else "not up to date"

    def apply(self, machine: Machine) -> None:
        content = self._content(machine)
        if content is None:
            raise InstallError("The program is not installed, so there is nothing to record.")
        machine.write(RECORD, content, 0o644)

    def _content(self, machine: Machine) -> str | None:
        folder = program_folder(machine)
        if folder is None:
            return None
        document = {
            "program": {
                "path": f"/{folder.relative_to(machine.root).as_posix()}",
                "sha256": tree_digest(folder),
            },
            "files": {
                target: file_digest(machine.at(target))
                for target in sorted(self.targets)
                if machine.at(target).exists()
            },
        }
        return json.dumps(document, indent=1) + "\n"
