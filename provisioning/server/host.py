"""Make the drop boxes on this machine, a clinic's Debian 12 or 13 server.

Every act may be repeated. Needs root, Python 3.11 and OpenSSH's server, nothing else.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import grp
import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import ServiceError, UsageError
from provisioning.server import dropbox

_PATH = f"{os.defpath}:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are on the server.

    Attributes:
        root: of all drop boxes; it and what is above it must belong to root.
        keys: one file of authorized keys per station.
        config: read by ``sshd`` through the ``Include`` of Debian's ``sshd_config``.
    """

    root: Path = Path("/srv/capture-stations")
    keys: Path = Path("/etc/ssh/capture-stations")
    config: Path = Path("/etc/ssh/sshd_config.d/capture-stations.conf")


@dataclass(frozen=True, slots=True)
class Station:
    """One line of the list.

    Attributes:
        name: of the station and its account.
        fingerprint: of its key, or empty text where it was revoked.
        waiting: files that the collector has not taken yet.
        newest: when the newest of them arrived, or None.
    """

    name: str
    fingerprint: str
    waiting: int
    newest: datetime | None


def prepare(place: Place, *, exempt: str | None = None) -> list[str]:
    """Make groups, the collector's account, folders and the ``sshd`` rules.

    Args:
        place: where.
        exempt: the stations' networks, see :func:`provisioning.server.dropbox.snippet`.

    Returns:
        What was changed, one sentence each; empty when everything was right already.

    Raises:
        UsageError: not root, or a folder above ``place.root`` that ``sshd`` would not accept.
        ServiceError: a command of the system failed, or ``sshd`` refuses the rules.
    """
    _require_root()
    _require_safe_parents(place.root)
    done = [note for name in (dropbox.INGEST, dropbox.STATIONS) for note in _group(name)]
    done += _account(dropbox.INGEST, dropbox.INGEST)
    place.root.mkdir(parents=True, exist_ok=True)
    done += _folder(place.root, dropbox.root_folder())
    done += _directory(place.keys, 0, 0, 0o755)
    rules = dropbox.rules(str(place.root), str(place.keys))
    text = dropbox.snippet(rules, exempt=exempt, openssh=openssh_version())
    return done + _install_rules(place.config, text)


def add(place: Place, name: str, public_key: str, *, source: str) -> list[str]:
    """Make a station's account and drop box, or give it another key.

    Args:
        place: where.
        name: of the station.
        public_key: the text of its public key file.
        source: how errors name that file.

    Returns:
        What was changed.

    Raises:
        UsageError: not root, a bad name or key, or a name that somebody else's account has.
        ServiceError: a command of the system failed, or ``sshd`` does not apply the rules.
    """
    _require_root()
    line = dropbox.authorized_key(public_key, source=source)
    done = _account(dropbox.station_name(name), dropbox.STATIONS)
    for folder in dropbox.station_folders(name):
        done += _folder(place.root / folder.path, folder)
    done += _write(place.keys / name, line)
    _require_rules_apply(place, name)
    return done


def revoke(place: Place, name: str) -> list[str]:
    """Refuse a station's key from now on and end its sessions; what it sent stays.

    Raises:
        UsageError: not root, or there is no such station.
    """
    _require_root()
    if name not in {account.pw_name for account in _accounts()}:
        raise UsageError(f"{name!r} is no station of this server; `list` shows them")
    key = place.keys / name
    done = []
    if key.exists():
        key.unlink()
        done.append(f"the key of {name} was removed")
    ended = sum(_kill(pid) for pid in _processes(pwd.getpwnam(name).pw_uid))
    return done + ([f"{ended} processes of its sessions were ended"] if ended else [])


def stations(place: Place) -> list[Station]:
    """Return every station, in order of their names."""
    return [_station(place, account.pw_name) for account in _accounts()]


def openssh_version() -> tuple[int, int]:
    """Return the version of this machine's OpenSSH.

    Raises:
        ServiceError: there is none.
    """
    said = _run("ssh", "-V").stderr
    found = re.search(r"OpenSSH_(\d+)\.(\d+)", said)
    if found is None:
        raise ServiceError(f"`ssh -V` says {said.strip()!r}; expected OpenSSH")
    return int(found[1]), int(found[2])


def _station(place: Place, name: str) -> Station:
    key = place.keys / name
    inbox = place.root / name / dropbox.INBOX
    arrived = list(_arrivals(inbox))
    newest = datetime.fromtimestamp(max(arrived), UTC) if arrived else None
    fingerprint = _fingerprint(key.read_text(encoding="ascii")) if key.exists() else ""
    return Station(name, fingerprint, len(arrived), newest)


def _arrivals(inbox: Path) -> Iterator[float]:
    """When each finished file arrived; the collector may take one away meanwhile."""
    for path in inbox.iterdir():
        if not path.name.startswith("."):
            with contextlib.suppress(FileNotFoundError):
                yield path.stat().st_mtime


def _fingerprint(line: str) -> str:
    """As ``ssh-keygen -l`` prints it; empty where the file holds no key."""
    fields = line.split()
    try:
        blob = base64.b64decode(fields[2], validate=True)
    except (IndexError, binascii.Error):
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _accounts() -> list[pwd.struct_passwd]:
    try:
        group = grp.getgrnam(dropbox.STATIONS).gr_gid
    except KeyError as error:
        raise UsageError("this server is not prepared; run `prepare` first") from error
    return sorted((a for a in pwd.getpwall() if a.pw_gid == group), key=lambda a: a.pw_name)


def _require_root() -> None:
    if os.geteuid() != 0:
        raise UsageError("accounts and sshd rules can only be made by root; use sudo")


def _require_safe_parents(root: Path) -> None:
    """Source: sshd_config(5), ChrootDirectory: all components root-owned and not writable."""
    for folder in root.parents:
        if not folder.exists():
            continue
        status = folder.stat()
        if status.st_uid != 0 or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise UsageError(
                f"sshd accepts no drop boxes below {folder}: expected a folder that belongs to "
                "root and that nobody else may write to; choose another --root"
            )


def _group(name: str) -> list[str]:
    try:
        grp.getgrnam(name)
    except KeyError:
        _run("groupadd", "--system", name)
        return [f"group {name} was made"]
    return []


def _account(name: str, group: str) -> list[str]:
    """An account that can do nothing by itself: no password, no shell, no home."""
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        options = ["--system", "--gid", group, "--no-create-home", "--home-dir", "/"]
        # An asterisk, not useradd's exclamation mark: sshd refuses keys of locked accounts.
        _run("useradd", *options, "--shell", "/usr/sbin/nologin", "--password", "*", name)
        return [f"account {name} was made"]
    if account.pw_gid != grp.getgrnam(group).gr_gid:
        raise UsageError(
            f"the account {name} exists already and is not in the group {group}; "
            "expected a name that nobody on this server has"
        )
    return []


def _folder(path: Path, folder: dropbox.Folder) -> list[str]:
    owner, group = pwd.getpwnam(folder.owner).pw_uid, grp.getgrnam(folder.group).gr_gid
    return _directory(path, owner, group, folder.mode)


def _directory(path: Path, owner: int, group: int, mode: int) -> list[str]:
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.stat()
    if (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (owner, group, mode):
        return []
    os.chown(path, owner, group)
    # After the owner, because a change of owner takes the special bits away.
    path.chmod(mode)
    return [f"{path} was given to {owner}:{group} with mode {mode:o}"]


def _write(path: Path, text: str) -> list[str]:
    """Replace a file as a whole, so that ``sshd`` never reads half of it."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return []
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o644)
    new.replace(path)
    return [f"{path} was written"]


def _install_rules(path: Path, text: str) -> list[str]:
    before = path.read_text(encoding="utf-8") if path.exists() else None
    done = _write(path, text)
    if not done:
        return []
    try:
        _run("sshd", "-t")
    except ServiceError:
        if before is None:
            path.unlink()
        else:
            _write(path, before)
        raise
    return done + _reload()


def _reload() -> list[str]:
    if not Path("/run/systemd/system").is_dir():
        return ["systemd does not run here: reload sshd yourself"]
    _run("systemctl", "reload", "ssh.service")
    return ["sshd was reloaded"]


def _require_rules_apply(place: Place, name: str) -> None:
    """Ask ``sshd`` itself what it would do with the station."""
    said = _run("sshd", "-T", "-C", f"user={name},host=station,addr=127.0.0.1").stdout
    wanted = f"chrootdirectory {place.root}/%u"
    if wanted not in said.lower() and f"chrootdirectory {place.root}/{name}" not in said:
        raise ServiceError(
            f"sshd does not apply {place.config} to {name}; expected /etc/ssh/sshd_config to have "
            "the line 'Include /etc/ssh/sshd_config.d/*.conf' at its top, as Debian ships it"
        )


def _processes(uid: int) -> Iterator[int]:
    """Processes of an account, by their real user: sshd's own folder in /proc belongs to root."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            status = (entry / "status").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if re.search(rf"^Uid:\t{uid}\t", status, re.MULTILINE):
            yield int(entry.name)


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _run(*command: str) -> subprocess.CompletedProcess[str]:
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
