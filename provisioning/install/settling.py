"""What is left to do on a station that was made from an image: what no image may bring.

Run as ``python3 -m provisioning.install.settling keys|typing|server`` at each start, from the files
that came with the version in use. Nothing of the system is written to, which may be read-only: keys
lie in ``/etc/kiosk``; in memory, who may type and the server's address, which is asked for anew.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kiosk.commission.typing_rules import VOLATILE_RULES
from kiosk.errors import KioskError
from provisioning.install import network
from provisioning.install.firewall import FirewallStep
from provisioning.install.keys import KeysStep, enrolment
from provisioning.install.machine import InstallError, Machine
from provisioning.install.steps import Step, run_steps
from provisioning.install.typing_rules import TypingRulesStep

DROP_IN: Final = f"/run/systemd/system/{network.DROP_IN.removeprefix('/etc/systemd/system/')}"

_CHECKOUT: Final = Path(__file__).parents[2]


def steps(resolver: network.Resolver = network.resolve) -> Mapping[str, Sequence[Step]]:
    """Return the steps by the word that asks for them."""
    return {
        "keys": (KeysStep(),),
        "typing": (TypingRulesStep(VOLATILE_RULES),),
        "server": (
            network.step(DROP_IN, resolver),
            FirewallStep(resolver),
        ),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked for.

    Returns:
        The exit code: 0 done, 1 a step failed, 2 the command line is wrong.
    """
    known = steps()
    parser = argparse.ArgumentParser(prog="python3 -m provisioning.install.settling")
    parser.add_argument("what", choices=known)
    options = parser.parse_args(arguments)
    machine = Machine(Path("/"), _CHECKOUT)
    try:
        if os.geteuid() != 0:
            raise InstallError("Settling changes the system; expected root (sudo).")
        changed = run_steps(known[options.what], machine, sys.stdout)
        told = enrolment(machine) if options.what == "keys" and changed else []
    except KioskError as error:
        print(f"settling: {error.sentence}", file=sys.stderr)
        return 1
    print("\n".join(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
