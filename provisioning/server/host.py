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
import signal
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import ServiceError, UsageError
from provisioning.server import dropbox, enrolment, system
from provisioning.server.place import Place


@dataclass(frozen=True, slots=True)
class Station:
    """One line of the list.

    Attributes:
        name: of the station and its account.
        fingerprint: of its key, or empty text where it has none: revoked, or not enrolled yet.
        waiting: files that the collector has not taken yet.
        newest: when the newest of them arrived, or None.
        expected: until when its code can be used, or None where none is out.
    """

    name: str
    fingerprint: str
    waiting: int
    newest: datetime | None
    expected: datetime | None = None


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
    system.require_root()
    _require_safe_parents(place.root)
    done = [note for name in (dropbox.INGEST, dropbox.STATIONS) for note in system.group(name)]
    done += system.account(dropbox.INGEST, dropbox.INGEST)
    place.root.mkdir(parents=True, exist_ok=True)
    done += _folder(place.root, dropbox.root_folder())
    done += system.directory(place.keys, 0, 0, 0o755)
    done += enrolment.prepare(place)
    rules = dropbox.rules(str(place.root), str(place.keys), str(place.receiver))
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
    system.require_root()
    line = dropbox.authorized_key(public_key, source=source)
    done = enrolment.settle(place) + _drop_box(place, dropbox.station_name(name))
    done += system.write_file(place.keys / name, line)
    # Or the key that came by a code would go on being taken beside this one.
    done += enrolment.forget(place, name)
    _require_rules_apply(place, name)
    return done


def revoke(place: Place, name: str) -> list[str]:
    """Refuse a station's key from now on and end its sessions; what it sent stays.

    Raises:
        UsageError: not root, or there is no such station.
    """
    system.require_root()
    if name not in {account.pw_name for account in _accounts()}:
        raise UsageError(f"{name!r} is no station of this server; `list` shows them")
    key = place.keys / name
    done = []
    if key.exists():
        key.unlink()
        done.append(f"the key of {name} was removed")
    done += enrolment.forget(place, name)
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
    said = system.run("ssh", "-V").stderr
    found = re.search(r"OpenSSH_(\d+)\.(\d+)", said)
    if found is None:
        raise ServiceError(f"`ssh -V` says {said.strip()!r}; expected OpenSSH")
    return int(found[1]), int(found[2])


def expect(place: Place, ticket: bytes, *, source: str, now: datetime) -> list[str]:
    """Make a station's drop box and let it enrol itself, once, with the code of this ticket.

    Args:
        place: where.
        ticket: as ``kiosk provision card`` wrote it.
        source: how errors name it.
        now: by this server's clock, with its offset.

    Returns:
        What was changed.

    Raises:
        UsageError: not root, no ticket, one that has expired, or a name that is taken.
        ServiceError: a command of the system failed, or ``sshd`` does not apply the rules.
    """
    system.require_root()
    wanted = enrolment.read_ticket(ticket, source, now)
    name = dropbox.station_name(wanted.station)
    key = place.keys / name
    if key.exists() or enrolment.key_of(place, name):
        raise UsageError(
            f"the name {name} is taken: a station of this name has its key here already; expected "
            "another name, or `revoke` first if this card replaces it"
        )
    done = enrolment.settle(place) + _drop_box(place, name)
    done += enrolment.expect(place, wanted)
    _require_rules_apply(place, name)
    return done


def _drop_box(place: Place, name: str) -> list[str]:
    done = system.account(name, dropbox.STATIONS)
    for folder in dropbox.station_folders(name):
        done += _folder(place.root / folder.path, folder)
    return done


def _station(place: Place, name: str) -> Station:
    key = place.keys / name
    inbox = place.root / name / dropbox.INBOX
    arrived = list(_arrivals(inbox))
    newest = datetime.fromtimestamp(max(arrived), UTC) if arrived else None
    line = key.read_text(encoding="ascii") if key.exists() else enrolment.key_of(place, name)
    return Station(name, _fingerprint(line), len(arrived), newest, enrolment.until(place, name))


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


def _folder(path: Path, folder: dropbox.Folder) -> list[str]:
    owner, group = pwd.getpwnam(folder.owner).pw_uid, grp.getgrnam(folder.group).gr_gid
    return system.directory(path, owner, group, folder.mode)


def _install_rules(path: Path, text: str) -> list[str]:
    before = path.read_text(encoding="utf-8") if path.exists() else None
    done = system.write_file(path, text)
    if not done:
        return []
    try:
        system.run("sshd", "-t")
    except ServiceError:
        if before is None:
            path.unlink()
        else:
            system.write_file(path, before)
        raise
    return done + _reload()


def _reload() -> list[str]:
    if not Path("/run/systemd/system").is_dir():
        return ["systemd does not run here: reload sshd yourself"]
    system.run("systemctl", "reload", "ssh.service")
    return ["sshd was reloaded"]


def _require_rules_apply(place: Place, name: str) -> None:
    """Ask ``sshd`` itself what it would do with the station."""
    said = system.run("sshd", "-T", "-C", f"user={name},host=station,addr=127.0.0.1").stdout
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
