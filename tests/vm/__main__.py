"""``make vm-test``: an installed station in a virtual machine, used, and its power cut.

    sudo make vm-test

Needs root, debootstrap, QEMU (packages qemu-system-x86 and qemu-utils), busybox-static, cpio, kmod,
an ``sshd``, and the first time Debian's archive and PyPI; half an hour where everything is
emulated.
Prints one table and ends with code 1 when a row is not as expected.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from tests.deploy.booted import Row, report
from tests.vm import parts
from tests.vm.machine import QEMU, accelerator
from tests.vm.server import ClinicServer

TOOLS = (
    QEMU,
    "qemu-img",
    "qemu-io",
    "debootstrap",
    "mkfs.ext4",
    "e2fsck",
    "cpio",
    "modprobe",
    "unshare",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make vm-test", description=__doc__)
    parser.add_argument(
        "--work", type=Path, default=Path("/var/tmp/kiosk-vm"), help="caches, disks"
    )
    parser.add_argument("--cuts", type=int, default=1000, help="power cuts from the write log")
    parser.add_argument("--kills", type=int, default=3, help="times that QEMU is killed")
    parser.add_argument("--seed", type=int, default=1, help="of all chance")
    parser.add_argument("--only", nargs="*", default=parts.NAMES, choices=parts.NAMES)
    options = parser.parse_args()
    if lacking := _lacking():
        print(f"vm-test: {lacking}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    work: Path = options.work.resolve()
    run = work / "run"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    print(f"virtual machine: {accelerator()[1]}", flush=True)
    began = time.monotonic()
    rows: list[Row] = []
    try:
        with ClinicServer() as server:
            bench = parts.Bench(work, run, server, options.cuts, options.kills, options.seed)
            for row in parts.play(bench, options.only):
                rows.append(row)
                if row[1] != row[2]:
                    print(f"not as expected: {row[0]}: {row[1]}; expected {row[2]}", flush=True)
    finally:
        # Also of a run that ends in the middle.
        wrong = report(rows)
    print(f"{time.monotonic() - began:.0f} s; screens and logs in {run}")
    return int(wrong > 0)


def _lacking() -> str:
    if os.geteuid() != 0:
        return "this needs root (mounts, chroot, an sshd with accounts); run it with sudo"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"{', '.join(missing)} not installed" if missing else ""


if __name__ == "__main__":
    sys.exit(main())
