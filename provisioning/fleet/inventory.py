#!/usr/bin/env python3
"""The table of stations as the inventory of Ansible.

Ansible runs it with ``--list``. Standard library alone, and without our package: Ansible brings its
own Python.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path


def inventory(rows: Iterable[Mapping[str, str | None]]) -> dict[str, object]:
    """Return what Ansible reads.

    Args:
        rows: of the table, with the columns ``station``, ``camera``, ``clock_battery``, perhaps
            ``address``.
    """
    hosts = {}
    for row in rows:
        cells = {name: (value or "").strip() for name, value in row.items() if name}
        battery = ["--clock-battery"] if cells.get("clock_battery") == "yes" else []
        hosts[cells["station"]] = {
            "ansible_host": cells.get("address") or cells["station"],
            "ansible_user": "technician",
            "install_args": ["--camera", cells["camera"], *battery],
        }
    return {"stations": {"hosts": list(hosts)}, "_meta": {"hostvars": hosts}}


def main() -> int:
    """Print the inventory."""
    path = Path(os.environ.get("STATIONS", "stations.csv"))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = inventory(csv.DictReader(file, strict=True))
    except (OSError, csv.Error, KeyError) as error:
        print(f"{path}: expected a table of stations, but: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
