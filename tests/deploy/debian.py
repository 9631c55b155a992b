"""A Debian in a folder: unpacked by debootstrap, installed by the product's own installer."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = (
    "systemd,systemd-sysv,udev,dbus,python3,python3-venv,openssh-client,ca-certificates"
)
"""What a station's image has before the installer comes."""

CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
"""Whom a machine trusts; a mirror of the package index may have a certificate of its own."""


class ToolError(Exception):
    """A tool of this machine failed; says what it said."""


def run(*command: str | Path, stdin: str | None = None, cwd: Path = ROOT) -> str:
    """Run one tool and return what it printed.

    Raises:
        ToolError: it ended with another code than 0.
    """
    words: Sequence[str] = [str(word) for word in command]
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False, cwd=cwd)
    if done.returncode:
        raise ToolError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


def unpack(suite: str, tree: Path, *packages: str, architecture: str = "") -> None:
    """Unpack a Debian into ``tree``, which is there whole or not at all.

    Args:
        suite: its name.
        tree: left as it is if it is there.
        packages: what it has beside the least, names separated by commas.
        architecture: Debian's name of it; this machine's own where none is named. This machine has
            to be able to run its programs.

    Raises:
        ToolError: debootstrap failed.
    """
    if tree.exists():
        return
    half = tree.with_name(f"{tree.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.parent.mkdir(parents=True, exist_ok=True)
    options = ["--variant=minbase", f"--include={','.join(packages)}"]
    options += [f"--arch={architecture}"] if architecture else []
    run("nice", "debootstrap", *options, suite, half)
    half.rename(tree)


def install(tree: Path) -> str:
    """Run the product's installer on a tree and return what it said."""
    return trusting(tree, f'exec "{sys.executable}" -m provisioning.install --root "{tree}"')


def run_inside(tree: Path, command: str) -> str:
    """Run a shell's command within a tree and return what it printed."""
    return trusting(tree, f'exec chroot "{tree}" sh -ec "{command}"')


def trusting(tree: Path, command: str) -> str:
    """Run a shell's command in a mount namespace where a tree trusts whom this machine trusts."""
    there = tree / CERTIFICATES.relative_to("/")
    steps = [f'mount --bind "{CERTIFICATES}" "{there}"' if CERTIFICATES.exists() else ":", command]
    alone = ("unshare", "--mount", "--propagation", "private")
    return run("nice", *alone, "sh", "-ec", "; ".join(steps))
