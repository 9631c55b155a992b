"""On demand: install the product twice into a Debian for arm64, and use each of its libraries.

    sudo python3 -m tests.deploy.arm64 --suite trixie

On another kind of machine its programs run by user emulation (package qemu-user-static), which the
kernel is told of in a mount namespace that ends with the command. The product's own installer
installs everything, Debian's packages and the locked wheels with their hashes; then the station's
Python does one small act with each library (``arm64_acts.py``).

Needs root, debootstrap, a kernel with binfmt_misc, Debian's archive and PyPI; takes half an hour,
most of it emulated compiling of Python modules, a second run with the same ``--work`` some minutes.
Prints one table and ends with code 1 when a row is not as expected, with 2 where no arm64 can be
had. Emulated is the processor alone: not a Raspberry Pi's kernel, devices and speed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.deploy import debian
from tests.deploy.arm64_acts import ALSO, LIBRARIES
from tests.deploy.booted import Row, install_rows, report
from tests.deploy.debian import ROOT, ToolError

EMULATOR: Final = "/usr/bin/qemu-aarch64-static"
REGISTER: Final = r"""
known=/proc/sys/fs/binfmt_misc
[ -e $known/register ] || mount -t binfmt_misc binfmt_misc $known || exit 2
[ -e $known/capture-station-arm64 ] || printf '%s' ':capture-station-arm64:M::\
\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\
\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:\
'$1':F' > $known/register || exit 2
shift
exec "$@"
""".replace("\\\n", "")
"""Which programs are for arm64 (ELF, 64 bits, little end first, ``EM_AARCH64``, executable or
position independent), and what runs them, opened here so that a tree finds it too
(Linux, ``Documentation/admin-guide/binfmt-misc.rst``)."""

ACTS: Final = ROOT / "tests/deploy/arm64_acts.py"
PICTURE: Final = ROOT / "docs/pictures/review.png"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="trixie", choices=["bookworm", "trixie"])
    parser.add_argument("--work", type=Path, help="keep the tree here for the next run")
    parser.add_argument("--emulated", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if platform.machine() != "aarch64" and not options.emulated:
        emulate([*sys.argv[1:], "--emulated"])
    work = options.work or Path(tempfile.mkdtemp(prefix="kiosk-arm64-"))
    try:
        tree = work / options.suite
        try:
            have(tree, options.suite)
        except (ToolError, OSError) as error:
            print(f"arm64: none can be had here: {error}", file=sys.stderr)
            return 2
        rows = [*install_rows(tree), *act_rows(tree)]
    finally:
        if options.work is None:
            shutil.rmtree(work)
    return int(report(rows) > 0)


def emulate(arguments: list[str]) -> None:
    """Go on as this same program where arm64 programs run."""
    me = [sys.executable, "-m", "tests.deploy.arm64", *arguments]
    alone = ["unshare", "--mount", "--propagation", "private"]
    os.execvp(alone[0], [*alone, "sh", "-ec", REGISTER, "sh", EMULATOR, *me])


def have(tree: Path, suite: str) -> None:
    """Unpack a Debian for arm64, and see whether its programs run here.

    Raises:
        ToolError, OSError: they do not, which says nothing about a station.
    """
    debian.unpack(suite, tree, debian.PACKAGES, architecture="arm64")
    debian.run_inside(tree, "true")


def act_rows(tree: Path) -> Iterator[Row]:
    """Do each act by the station's own Python."""
    folder = tree / "opt/acts"
    folder.mkdir(exist_ok=True)
    inside = ["/" + str(Path(shutil.copy(f, folder)).relative_to(tree)) for f in (ACTS, PICTURE)]
    python = ("nice", "chroot", str(tree), "/opt/kiosk/bin/python")
    for name, (_, expected) in {**LIBRARIES, **ALSO}.items():
        yield name, act(python, name, *inside), expected


def act(python: Sequence[str], name: str, acts: str, picture: str) -> object:
    """Do one act in a process of its own; return what came of it, or what it said at its end."""
    done = subprocess.run(
        [*python, acts, name, picture], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return [f"code {done.returncode}", *done.stderr.splitlines()[-1:]]
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
