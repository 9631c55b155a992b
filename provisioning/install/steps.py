"""What a step of the installation is, and how a list of them is run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TextIO

from provisioning.install.machine import InstallError, Machine


class Step(Protocol):
    """One thing that has to be so on a station."""

    @property
    def name(self) -> str: ...

    def missing(self, machine: Machine) -> str:
        """Say in a few words what has to be done; empty text where all is as it should be."""
        ...

    def apply(self, machine: Machine) -> None:
        """Do it; called only when something is missing."""
        ...


def run_steps(steps: Iterable[Step], machine: Machine, out: TextIO, *, dry: bool = False) -> int:
    """Bring the machine into its state, step by step, and say what was done.

    Returns:
        How many steps changed something (or would have, when ``dry``).

    Raises:
        InstallError: a step failed, or something is still missing after it; later ones are not
            begun, and running again goes on from there.
    """
    changed = 0
    for step in steps:
        missing = step.missing(machine)
        if not missing:
            out.write(f"  as it should be  {step.name}\n")
            continue
        changed += 1
        if dry:
            out.write(f"  would change     {step.name}: {missing}\n")
            continue
        step.apply(machine)
        left = step.missing(machine)
        if left:
            raise InstallError(f"{step.name}: this was done, and still {left}.")
        out.write(f"  changed          {step.name}: {missing}\n")
    return changed
