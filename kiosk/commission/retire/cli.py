"""``kiosk retire``: the last command of a station."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Final

from kiosk import config_reading
from kiosk.commission.asking import ask
from kiosk.commission.place import Place
from kiosk.commission.retire.certificate import NAME, SIGNATURE, Certificate
from kiosk.commission.retire.retiring import Order, retire
from kiosk.commission.retire.taking import FOLDER

_TRIM_S: Final = 1800.0
"""A large card takes minutes to give back what was free."""


def run(arguments: argparse.Namespace) -> int:
    """Wipe the station; print what was done and what is left to do."""
    order = Order(arguments.station, arguments.folder)
    done = retire(
        order, config_reading.load(arguments.config), partial(ask, timeout_s=_TRIM_S), Place()
    )
    print(report(done, order.folder))
    return 0


def report(done: Certificate, folder: Path) -> str:
    """Return what is printed at the end; ``folder`` is where the certificate lies."""
    files, size = (sum(getattr(one, what) for one in done.wiped) for what in ("files", "size"))
    taken = f"{len(done.taken)} sealed objects in {folder / FOLDER}" if done.taken else "nothing"
    return (
        f"station         {done.station}, key {done.key}\n"
        f"wiped           {files} files, {size} bytes, and all keys\n"
        f"free space      {'trimmed' if done.trimmed else 'NOT trimmed: the card refused'}\n"
        f"taken along     {taken}\n"
        f"certificate     {folder / NAME}, signed in {SIGNATURE}\n\n"
        f"{_NEXT}"
    )


_NEXT = """\
Left to do:
  1. Have the clinic open what was taken along (kiosk clinic open), and file the certificate.
  2. Revoke the station at the server and at the desk.
  3. Switch the station off; overwrite the whole card, or destroy it."""
