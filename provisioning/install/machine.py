"""The machine that is installed: its tree, the commands run in it, and what is known of it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kiosk.errors import KioskError


class InstallError(KioskError):
    """A step that could not be done; the sentence says which and why."""

    code = "install"


class Runner(Protocol):
    """Runs one command; tests put a recorder in its place."""

    def __call__(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        """Return what the command printed.

        Raises:
            InstallError: it could not be run or ended with another code than 0.
        """
        ...


def run(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a real command; its own messages are shown only when it fails."""
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise InstallError(f"{command[0]} cannot be run: {error.strerror}.") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-8:]
        raise InstallError(
            f"`{' '.join(command)}` ended with code {done.returncode}; it said: {' / '.join(said)}"
        )
    return done.stdout


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine to install.

    Attributes:
        root: ``/`` for the running machine, else the tree of another one.
        checkout: where this program's own files are.
        runner: what runs commands.
    """

    root: Path
    checkout: Path
    runner: Runner = field(default=run)

    @property
    def live(self) -> bool:
        """Whether this is the running machine and no tree for an image."""
        return self.root == Path("/")

    def at(self, path: str | Path) -> Path:
        """Return where an absolute path of the machine is found from here."""
        return self.root / str(path).lstrip("/")

    def run(self, *command: str, **environment: str) -> str:
        """Run a command inside the machine."""
        inside = command if self.live else ("chroot", str(self.root), *command)
        return self.runner(inside, environment)

    def run_systemd(self, tool: str, *arguments: str) -> str:
        """Run one of systemd's tools that can work on another tree; in a chroot some cannot."""
        tree = () if self.live else (f"--root={self.root}",)
        return self.runner((tool, *tree, *arguments), {})

    def read(self, path: str | Path) -> str | None:
        """Return a text file's content, or None where there is no such file.

        Raises:
            InstallError: it is there and cannot be read.
        """
        try:
            return self.at(path).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise InstallError(f"{path} cannot be read: {error}.") from error

    def source(self, name: str) -> str:
        """Return the text of one of the checkout's files.

        Raises:
            InstallError: it is not there.
        """
        try:
            return (self.checkout / name).read_text(encoding="utf-8")
        except OSError as error:
            raise InstallError(
                f"{self.checkout / name} cannot be read: {error.strerror}."
            ) from error

    def write(self, path: str | Path, content: str, mode: int) -> None:
        """Put a file into its place whole or not at all, whatever happens to the power.

        Raises:
            InstallError: the file system refused it.
        """
        target = self.at(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".kiosk-")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(content)
                    os.fchmod(file.fileno(), mode)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(target)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise InstallError(f"{path} cannot be written: {error.strerror}.") from error
