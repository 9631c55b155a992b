"""Make the drop boxes on this machine, a clinic's Debian 12 or 13 server.

Every act may be repeated. Needs root, Python 3.11 and OpenSSH's server, nothing else.
"""

from __future__ import annotations

import grp
import pwd
import re
import stat
from datetime import datetime
from pathlib import Path

from kiosk.errors import ServiceError, UsageError
from provisioning.server import dropbox, enrolment, limit, rules, system
from provisioning.server.place import Place


def prepare(place: Place, *, exempt: str | None = None, limit_gb: float | None = None) -> list[str]:
    """Make groups, the collector's account, folders and the ``sshd`` rules.

    Args:
        place: where.
        exempt: the stations' networks, see :func:`provisioning.server.dropbox.snippet`.
        limit_gb: what a station may hold; None for what was said before, or 50.

    Returns:
        What was changed, one sentence each; empty when everything was right already.

    Raises:
        UsageError: not root, or a folder above ``place.root`` that ``sshd`` would not accept.
        ServiceError: a command of the system failed, or ``sshd`` refuses the rules.
    """
    system.require_root()
    _require_safe_parents(place.root)
    groups = (dropbox.INGEST, dropbox.STATIONS, *dropbox.SHUT_OUT)
    done = [note for name in groups for note in system.group(name)]
    done += system.account(dropbox.INGEST, dropbox.INGEST)
    place.root.mkdir(parents=True, exist_ok=True)
    done += _folder(place.root, dropbox.root_folder())
    done += system.directory(place.keys, 0, 0, 0o755)
    done += enrolment.prepare(place)
    text = dropbox.snippet(rules.wanted(place), exempt=exempt, openssh=openssh_version())
    return done + _install_rules(place.config, text) + limit.prepare(place, limit_gb)


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
    _require_not_set_aside(name)
    done = give(place, dropbox.station_name(name), line)
    rules.require_applied(place, name)
    return done


def give(place: Place, name: str, line: str) -> list[str]:
    """Make a station's account and drop box, with the one line of its ``authorized_keys``."""
    done = enrolment.settle(place) + _drop_box(place, name)
    done += system.write_file(place.keys / name, line)
    # Or the key that came by a code would go on being taken beside this one.
    return done + enrolment.forget(place, name)


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
    _require_not_set_aside(name)
    key = place.keys / name
    if key.exists() or enrolment.key_of(place, name):
        raise UsageError(
            f"the name {name} is taken: a station of this name has its key here already; expected "
            "another name, or `revoke` first if this card replaces it"
        )
    done = enrolment.settle(place) + _drop_box(place, name)
    done += enrolment.expect(place, wanted)
    rules.require_applied(place, name)
    return done


def _drop_box(place: Place, name: str) -> list[str]:
    done = system.account(name, dropbox.STATIONS)
    for folder in dropbox.station_folders(name):
        done += _folder(place.root / folder.path, folder)
    return done


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


def _require_not_set_aside(name: str) -> None:
    if name in system.members(dropbox.QUARANTINED):
        raise UsageError(f"{name} is quarantined and gets no key; expected `release` first")


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
    if not system.has_systemd():
        return ["systemd does not run here: reload sshd yourself"]
    system.run("systemctl", "reload", "ssh.service")
    return ["sshd was reloaded"]
