"""Makes the station's private keys where they are used, so that no bench ever sees them.

The counter of shots belongs to the signing key: both begin together, once. A station whose key is
there and whose counter is not has lost it, and only a technician can say where it stood.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import PurePosixPath

from kiosk.durable import Counter
from kiosk.errors import StorageError
from provisioning.install.machine import InstallError, Machine

FOLDER = "/etc/kiosk/keys"
SIGNING, SSH = "signing-key", "ssh-key"
NAMES = (SIGNING, SSH)
PRIVATE = 0o600
SEQUENCE = "/var/lib/kiosk/capture/sequence"
_CAPTURE = "kiosk-capture:kiosk-spool"


@dataclass(frozen=True, slots=True)
class KeysStep:
    """An Ed25519 key for signing shots and one for the drop box, each made once.

    Only for the running machine: keys made in an image's tree would be on every card.
    """

    name: str = "keys"

    def missing(self, machine: Machine) -> str:
        wrong = [name for name in NAMES if not _there(machine, name)]
        return f"{', '.join(wrong)} not there with mode 0600" if wrong else ""

    def apply(self, machine: Machine) -> None:
        for name in NAMES:
            if not machine.at(f"{FOLDER}/{name}").exists():
                _make(machine, name)
            machine.at(f"{FOLDER}/{name}").chmod(PRIVATE)


def public_lines(machine: Machine) -> dict[str, str]:
    """Return the public keys that the clinic needs, by the name of the private one."""
    found = {name: machine.read(f"{FOLDER}/{name}.pub") for name in NAMES}
    return {name: line.strip() for name, line in found.items() if line}


def enrolment(machine: Machine) -> list[str]:
    """Return what the clinic needs: each public key, bare, below its file and fingerprint.

    Raises:
        InstallError: a public key cannot be read by ssh-keygen.
    """
    lines = []
    for name, line in public_lines(machine).items():
        path = f"{FOLDER}/{name}.pub"
        _, fingerprint, *_ = machine.run("ssh-keygen", "-l", "-E", "sha256", "-f", path).split()
        lines += [f"{path}, fingerprint {fingerprint}:", line]
    return lines


def _there(machine: Machine, name: str) -> bool:
    path = machine.at(f"{FOLDER}/{name}")
    return path.is_file() and stat.S_IMODE(path.stat().st_mode) == PRIVATE


def _make(machine: Machine, name: str) -> None:
    """Make it under another name first: a power cut leaves no half key that looks whole."""
    new = f"{FOLDER}/.{name}.new"
    host = (machine.read("/etc/hostname") or "station").strip()
    for leftover in (new, f"{new}.pub"):
        machine.at(leftover).unlink(missing_ok=True)
    machine.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{name}@{host}", "-f", new)
    machine.run("sync", new)
    if name == SIGNING:
        _begin_counting(machine)
    try:
        machine.at(f"{new}.pub").rename(machine.at(f"{FOLDER}/{name}.pub"))
        machine.at(new).rename(machine.at(f"{FOLDER}/{name}"))
    except OSError as error:
        raise InstallError(f"{FOLDER}/{name} cannot be made: {error.strerror}.") from error


def _begin_counting(machine: Machine) -> None:
    """Make the counter for the capture process, before the key that it counts for.

    A counter that never counted is what a power cut right here left behind.
    """
    path = machine.at(SEQUENCE)
    fresh = path.with_name(".sequence.new")
    try:
        fresh.unlink(missing_ok=True)
        Counter(fresh).create()
        if path.exists() and path.read_bytes() != fresh.read_bytes():
            fresh.unlink()
            raise InstallError(
                f"{SEQUENCE} is there, but not the signing key that it counted for; put the key "
                "back, or file the counter away and have the clinic list the new key as a new "
                "station."
            )
        machine.run("chown", _CAPTURE, str(PurePosixPath(SEQUENCE).with_name(fresh.name)))
        fresh.replace(path)
    except StorageError as error:
        raise InstallError(error.sentence) from error
    except OSError as error:
        raise InstallError(f"{SEQUENCE} cannot be made: {error.strerror}.") from error
