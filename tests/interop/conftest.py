"""Other implementations of age, installed where they are missing."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "build" / "interop"

Node = Callable[..., bytes]


@pytest.fixture(scope="session")
def node() -> Node:
    """Run a command of ``age.mjs``; returns its output, raises CalledProcessError if it fails."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed, so npm's age-encryption cannot be asked")
    _install()

    def run(*arguments: str, data: bytes = b"") -> bytes:
        return subprocess.run(
            ["node", "age.mjs", *arguments],
            cwd=FOLDER, input=data, capture_output=True, check=True, timeout=60,
        ).stdout  # fmt: skip

    return run


@pytest.fixture(scope="session")
def age() -> Path:
    """Return the stock age command."""
    found = shutil.which("age")
    if found is None:
        pytest.skip("the age command is not installed")
    return Path(found)


def _install() -> None:
    """Bring ``build/interop`` to what package.json pins; several test runs may come at once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copy(HERE / "age.mjs", FOLDER)
        wanted = (HERE / "package.json").read_bytes()
        installed = FOLDER / "installed.json"
        if installed.exists() and installed.read_bytes() == wanted:
            return
        (FOLDER / "package.json").write_bytes(wanted)
        done = subprocess.run(
            ["npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=FOLDER, capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"npm could not install age-encryption: {done.stderr.strip()[-300:]}")
        installed.write_bytes(wanted)
