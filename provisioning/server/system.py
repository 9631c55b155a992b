"""What the server's commands do to the machine: accounts, folders, files, programs."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from kiosk.errors import ServiceError, UsageError

_PATH = f"{os.defpath}:/usr/sbin:/sbin"


def require_root() -> None:
    if os.geteuid() != 0:
        raise UsageError("accounts and sshd rules can only be made by root; use sudo")


def group(name: str) -> list[str]:
    try:
        grp.getgrnam(name)
    except KeyError:
        run("groupadd", "--system", name)
        return [f"group {name} was made"]
    return []


def account(name: str, group: str, shell: str = "/usr/sbin/nologin") -> list[str]:
    """Make an account that can do nothing by itself: no password, no home.

    ``shell``: none, but where ``sshd`` needs one to run a program.
    """
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        options = ["--system", "--gid", group, "--no-create-home", "--home-dir", "/"]
        # An asterisk, not useradd's exclamation mark: sshd refuses keys of locked accounts.
        run("useradd", *options, "--shell", shell, "--password", "*", name)
        return [f"account {name} was made"]
    if account.pw_gid != grp.getgrnam(group).gr_gid:
        raise UsageError(
            f"the account {name} exists already and is not in the group {group}; "
            "expected a name that nobody on this server has"
        )
    return []


def members(group: str) -> list[str]:
    """Return who was put into a group; nobody where there is none."""
    try:
        return grp.getgrnam(group).gr_mem
    except KeyError:
        return []


def join(name: str, group: str) -> bool:
    """Put an account into a group; whether that changed anything."""
    if name in members(group):
        return False
    run("usermod", "--append", "--groups", group, name)
    return True


def leave(name: str, group: str) -> bool:
    """Take an account out of a group; whether that changed anything."""
    if name not in members(group):
        return False
    run("gpasswd", "--delete", name, group)
    return True


def directory(path: Path, owner: int, group: int, mode: int) -> list[str]:
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.stat()
    if (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (owner, group, mode):
        return []
    os.chown(path, owner, group)
    # After the owner, because a change of owner takes the special bits away.
    path.chmod(mode)
    return [f"{path} was given to {owner}:{group} with mode {mode:o}"]


def emptied(folder: Path) -> int:
    """Remove everything in a folder, following no link; return how many files."""
    removed = 0
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            removed += sum(len(files) for _, _, files in os.walk(path))
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def write_file(path: Path, content: str | bytes, mode: int = 0o644) -> list[str]:
    """Replace a file as a whole, so that ``sshd`` never reads half of it."""
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and _same(path, data, mode):
        return []
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.chmod(mode)
    new.replace(path)
    return [f"{path} was written"]


def _same(path: Path, data: bytes, mode: int) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == mode and path.read_bytes() == data


def has_systemd() -> bool:
    return Path("/run/systemd/system").is_dir()


def run(*command: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which(command[0], path=_PATH)
    if program is None:
        raise ServiceError(
            f"the program {command[0]} is missing; expected the Debian packages openssh-server, "
            "openssh-client and passwd to be installed"
        )
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServiceError(
            f"`{' '.join(command)}` failed with {done.returncode}: {done.stderr.strip()}"
        )
    return done
