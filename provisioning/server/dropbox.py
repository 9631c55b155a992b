"""What a drop box is: folders, modes and the ``sshd`` rules, as data; nothing here touches a disk.

The same description is applied to a clinic's server (``host.py``) and to the throw-away server of
the demonstration and the tests (``throwaway.py``), so that what is tried is what is installed.

A station may only put files in, and read what was answered under a name that it made up itself
(128 random bits, docs/decisions/0035). Three layers see to it, each enough on its own for what it
covers: ``sshd`` gives a session nothing but ``internal-sftp`` with a short list of requests, the
chroot shows it nothing but its own folder, and owners and modes refuse listing, reading back and
changing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiosk.errors import UsageError

STATIONS = "stations"
"""Group of every station's account; the ``sshd`` rules match it."""

INGEST = "ingest"
"""User and group of the collector, which alone may list, read and remove what arrived."""

ENROL = "enrol"
"""User and group of the account that takes requests of new stations, and does nothing else."""

THROW_AWAY = re.compile(r"check-[0-9a-f]{8}-[ab]")
"""Names of the stations that ``check`` makes, and removes."""

INBOX = "in"
OUTBOX = "out"
QUARANTINE = "quarantine"
ASIDE = "aside"
"""Where what waits in ``in`` lies while a station is quarantined: root's alone."""

QUARANTINED = "stations-quarantined"
"""Group of the accounts that somebody shut out and can let in again."""

FULL = "stations-full"
"""Group of the accounts that hold more than their limit; who is in it, a timer says."""

SHUT_OUT = (QUARANTINED, FULL)
"""Groups whose members ``sshd`` refuses, whatever key they have."""

LISTS = ("DenyGroups",)
"""Settings of the rules that are lists: what an administrator added to them stays."""

REQUESTS = ("open", "close", "read", "write", "fstat", "stat", "rename", "fsync", "statvfs")
"""SFTP requests a station may send; ``posix-rename``, which could overwrite, is not among them."""

UMASK = 0o737
"""New files get mode 0040: readable by the collector's group alone, not even by their sender.

The sender's handle stays writable until it is closed (POSIX checks the mode at open), after which
nobody can open the file for writing, appending or truncating.
"""

REDUCED_UMASK = 0o337
"""The same for a server that runs as one ordinary user, who must be able to read what arrived."""

_PENALTIES = (9, 8)
_ITSELF = ("127.0.0.0/8", "::1/128")

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_KEY = re.compile(
    r"(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa) ([A-Za-z0-9+/]{40,}={0,2})( .*)?"
)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the layout; ``path`` is relative to the root of all drop boxes."""

    path: str
    owner: str
    group: str
    mode: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What varies between a real server and a throw-away one.

    Attributes:
        match: the condition of the ``Match`` block, such as ``Group stations``.
        keys: the ``AuthorizedKeysFile`` pattern, absolute; ``%u`` is the account.
        chroot: the ``ChrootDirectory`` pattern, or None where ``sshd`` does not run as root.
        start: the folder in which a session starts where there is no chroot.
        umask: applied to new files.
        requests: the SFTP requests a session may send.
        receiver: the program that takes enrolments and knows their keys, absolute; None for none.
    """

    match: str
    keys: str
    chroot: str | None
    start: str | None = None
    umask: int = UMASK
    requests: tuple[str, ...] = REQUESTS
    receiver: str | None = None


def rules(root: str, keys: str, receiver: str | None = None) -> Rules:
    """The rules of a real drop box; ``root`` and ``keys`` are absolute folders."""
    return Rules(f"Group {STATIONS}", f"{keys}/%u", f"{root}/%u", receiver=receiver)


def match_block(rules: Rules) -> str:
    """The ``Match`` block of ``sshd_config`` that makes accounts into drop boxes."""
    start = f" -d {rules.start}" if rules.start else ""
    sftp = f"internal-sftp -l VERBOSE -u {rules.umask:04o} -p {','.join(rules.requests)}{start}"
    lines = [
        f"Match {rules.match}",
        f"    AuthorizedKeysFile {rules.keys}",
        *_keys_command(rules.receiver),
        f"    DenyGroups {' '.join(SHUT_OUT)}",
        "    AuthenticationMethods publickey",
        f"    ChrootDirectory {rules.chroot or 'none'}",
        f"    ForceCommand {sftp}",
        *_CLOSED,
    ]
    return "\n".join(lines) + "\n"


def enrolment_block(receiver: str) -> str:
    """The ``Match`` block of the account that new stations log in to, each with its code.

    The keys are those of the tickets; whatever a client asks for, ``receiver`` answers. It learns
    from ``ExposeAuthInfo`` which ticket's key was used.
    """
    lines = [
        f"Match User {ENROL}",
        "    AuthorizedKeysFile none",
        *_keys_command(receiver),
        "    AuthenticationMethods publickey",
        "    ChrootDirectory none",
        f"    ForceCommand {receiver} request",
        "    ExposeAuthInfo yes",
        *_CLOSED,
    ]
    return "\n".join(lines) + "\n"


_CLOSED = (
    "    DisableForwarding yes",
    "    PermitTTY no",
    "    PermitTunnel no",
    "    PermitUserRC no",
    "    MaxSessions 1",
)


def _keys_command(receiver: str | None) -> tuple[str, ...]:
    if receiver is None:
        return ("    AuthorizedKeysCommand none",)
    return (
        f"    AuthorizedKeysCommand {receiver} keys %u",
        f"    AuthorizedKeysCommandUser {ENROL}",
    )


def snippet(rules: Rules, *, exempt: str | None, openssh: tuple[int, int]) -> str:
    """The whole file for ``sshd_config.d``.

    Args:
        rules: of the drop boxes.
        exempt: the stations' networks (``10.1.2.0/24,…``) that are not to be locked out after bad
            logins, or None. Source: sshd_config(5), PerSourcePenalties, new in OpenSSH 9.8. This
            machine itself never is: ``check`` logs in wrongly on purpose.
        openssh: version of the server, because older ones refuse the setting.
    """
    head = "# Written by `python3 -m provisioning.server prepare`; changes will be overwritten.\n"
    if openssh >= _PENALTIES:
        head += f"PerSourcePenaltyExemptList {','.join(filter(None, (*_ITSELF, exempt)))}\n"
    if rules.receiver is not None:
        head += enrolment_block(rules.receiver)
    return head + match_block(rules)


def root_folder() -> Folder:
    return Folder(".", "root", INGEST, 0o750)


def station_folders(name: str) -> tuple[Folder, ...]:
    """The folders of one station, outermost first.

    ``in`` is sticky (nobody removes another's file), hands its group to new files, and lets the
    station enter and create but not list. ``out`` lets it read a file whose random name it knows,
    and hands its group to what the collector puts there. ``quarantine`` is the collector's alone,
    and on the same file system: what cannot be used is moved there, and not copied. Source of the
    modes: tried against OpenSSH 9.2 and 10.0.
    """
    return (
        Folder(name, "root", "root", 0o755),
        Folder(f"{name}/{INBOX}", INGEST, INGEST, 0o3773),
        Folder(f"{name}/{OUTBOX}", INGEST, STATIONS, 0o2710),
        Folder(f"{name}/{QUARANTINE}", INGEST, INGEST, 0o700),
    )


def station_name(text: str) -> str:
    """Check a station's name, which is also its account.

    Raises:
        UsageError: it is not one.
    """
    if not _NAME.fullmatch(text) or text in {STATIONS, INGEST, ENROL, "root"}:
        raise UsageError(
            f"{text!r} cannot be a station's name: expected 1 to 31 lower-case letters, digits "
            "and hyphens, starting with a letter"
        )
    return text


def authorized_key(public_key: str, *, source: str) -> str:
    """The one line of a station's ``authorized_keys`` file.

    Args:
        public_key: the text of the station's ``….pub`` file.
        source: how an error names where it came from.

    Raises:
        UsageError: it is not exactly one public key.
    """
    found = _KEY.fullmatch(public_key.strip())
    if found is None:
        raise UsageError(
            f"{source}: expected exactly one OpenSSH public key such as 'ssh-ed25519 AAAA…', "
            "without options before it"
        )
    return f"restrict {found[1]} {found[2]}\n"
