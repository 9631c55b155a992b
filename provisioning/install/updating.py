"""Writes an update into the other half of a card, if it bears the signature that this one knows.

Run as ``capture-station-update FILE`` on a station of an image. The other half is started once by
``reboot "0 tryboot"``, and kept by :mod:`provisioning.install.trying`. docs/thousand-stations.md
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from kiosk.errors import KioskError
from provisioning.install.machine import InstallError, Machine

SIGNERS: Final = "/usr/share/capture-station/release-signers"
"""Whose signature an update must bear (``ALLOWED SIGNERS`` in ssh-keygen(1)); part of the image."""

PRINCIPAL: Final = "release"
NAMESPACE: Final = "update@capture-station"
HALVES: Final = {
    "boot": "/dev/disk/by-slot/other/boot",
    "system": "/dev/disk/by-slot/other/system",
}
"""What an update holds (sparse images, as rpi-image-gen makes them), and where it goes."""

NEXT: Final = 'reboot "0 tryboot"'
_CHECKOUT: Final = Path(__file__).parents[2]


def update(machine: Machine, file: Path) -> str:
    """Prove an update and write it into the half of the card that is not running.

    What is proven is what is unpacked: the file is opened once. Nothing is written to the card's
    other half before all of it is unpacked and proven.

    Args:
        machine: whose other half is written.
        file: ``update.tar.zst``; its signature lies beside it as ``update.tar.zst.sig``.

    Returns:
        A sentence that says what to do next.

    Raises:
        InstallError: it is not signed by the key that this image knows, is damaged, or could not
            be written; the system that runs now is as it was.
    """
    lacking = [path for path in HALVES.values() if not machine.at(path).exists()]
    if lacking:
        raise InstallError(
            f"{', '.join(lacking)} is not there; expected a station of an image with two systems."
        )
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".update-") as folder:
        _unpack(machine, file, Path(folder))
        for name, device in HALVES.items():
            machine.runner(("simg2img", str(Path(folder) / name), str(machine.at(device))), {})
        machine.runner(("sync",), {})
    return f"The other system is written. Try it, with nobody in front of the camera: {NEXT}"


def _unpack(machine: Machine, file: Path, folder: Path) -> None:
    signature = file.with_name(f"{file.name}.sig")
    signers = machine.at(SIGNERS)
    for needed in (file, signature, signers):
        if not needed.is_file():
            raise InstallError(f"{needed} is not there; expected an update and its signature.")
    check = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", PRINCIPAL]
    with file.open("rb") as opened:
        proven = _ends_well([*check, "-n", NAMESPACE, "-s", str(signature)], opened.fileno())
        if not proven:
            raise InstallError(
                f"{file} is not signed by the key of this station's image; nothing was written. "
                "Fetch it anew from whoever builds the images, and never by mail."
            )
        os.lseek(opened.fileno(), 0, os.SEEK_SET)
        command = ["tar", "-I", "zstd", "-C", str(folder), "-xf", "-", *HALVES]
        if not _ends_well(command, opened.fileno()):
            raise InstallError(
                f"{file} cannot be unpacked into {folder.parent}; expected the parts "
                f"{' and '.join(HALVES)}, and room for them (`df -h`)."
            )


def _ends_well(command: list[str], stdin: int) -> bool:
    try:
        done = subprocess.run(command, stdin=stdin, capture_output=True, check=False)
    except OSError as error:
        raise InstallError(f"{command[0]} cannot be run: {error.strerror}.") from error
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    """Take the update that the command line names.

    Returns:
        The exit code: 0 written, 1 not, 2 wrong usage.
    """
    if len(arguments) != 1:
        print("usage: capture-station-update update.tar.zst", file=sys.stderr)
        return 2
    try:
        if os.geteuid() != 0:
            raise InstallError("Writing a system needs root (sudo).")
        print(update(Machine(Path("/"), _CHECKOUT), Path(arguments[0]).absolute()))
    except KioskError as error:
        print(f"update: {error.sentence}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
