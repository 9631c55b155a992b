"""The clinic reads what came, by its own commands: who consented to what, and the audit trail."""

from __future__ import annotations

from kiosk.cli import main
from provisioning.demo.clinic import DEMO, Clinic


def read_back(clinic: Clinic) -> bool:
    """Print the consents of the demo's patient and the trail; return whether both are proven."""
    opened = str(clinic.opened)
    commands = (
        ("consent", "show", DEMO.patient, "--pictures", opened),
        ("audit", "verify", opened),
    )
    proven = []
    for command in commands:
        shown = [word if word != opened else "PICTURES" for word in command]
        print(f"\n$ kiosk clinic {' '.join(shown)} --stations STATIONS", flush=True)
        proven.append(main(["clinic", *command, "--stations", str(clinic.stations)]) == 0)
    return all(proven)
