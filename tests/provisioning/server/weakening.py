"""Servers that are made weak on purpose, each to show that ``check`` notices some attacks.

``edits`` are ``sed`` scripts for the file of our rules, ``setup`` is done on the machine by a
shell, and ``program`` runs before the check, in its own process: faults of the program itself.
"""

from __future__ import annotations

from dataclasses import dataclass

RULES = "/etc/ssh/sshd_config.d/capture-stations.conf"

OPEN_FOLDERS = """
import dataclasses
from provisioning.server import dropbox
_folders, _root = dropbox.station_folders, dropbox.root_folder
def opened(folder): return dataclasses.replace(folder, mode=folder.mode & 0o2000 | 0o777)
dropbox.station_folders = lambda name: (_folders(name)[0], *map(opened, _folders(name)[1:]))
"""

OPEN_ALL = f"""{OPEN_FOLDERS}
dropbox.station_folders = lambda name: tuple(map(opened, _folders(name)))
"""

AT_HOME = """
from provisioning.server import host, system
_made = host._drop_box
def at_home(place, name):
    done = _made(place, name)
    system.run("usermod", "--home", f"{place.root}/{name}", name)
    return done
host._drop_box = at_home
"""
"""A session without a folder of its own begins in its home."""

UNRESTRICTED = """
_line = dropbox.authorized_key
dropbox.authorized_key = lambda *a, **b: _line(*a, **b).removeprefix("restrict ")
"""

GIVING_KEYS = "#!/bin/sh\ncat /etc/ssh/capture-stations/*\n"


@dataclass(frozen=True)
class Weakness:
    """What is made weak, and which attacks must be noticed then."""

    noticed: frozenset[str]
    edits: tuple[str, ...] = ()
    setup: str = "true"
    program: str = ""


def weakness(*noticed: str, **planted: object) -> Weakness:
    return Weakness(frozenset(noticed), **planted)  # type: ignore[arg-type]


WEAK = {
    "any request, and folders and files that are open to all": weakness(
        "list what it has sent",
        "list its folder",
        "list what waits for it",
        "ask where it is",
        "ask where a home is",
        "ask for names of accounts",
        "read what it has sent",
        "copy on the server",
        "write into what it has sent",
        "append to what it has sent",
        "cut what it has sent short when opening",
        "cut what it has sent short by its size",
        "remove what it has sent",
        "remove a letter",
        "rename over what it has sent",
        "move what it has sent elsewhere",
        "move a letter",
        "make a symbolic link",
        "make a second name",
        "read where a link leads",
        "look at a link",
        "change the mode of what it has sent",
        "change the mode of an open file",
        "change the times of what it has sent",
        "make a file that lies open",
        "take what another left in the same folder",
        "take the name of a letter to come",
        "lie in the collector's own folder",
        "make a folder where files belong",
        edits=("s/-u 0737 -p [a-z,-]*/-u 0000/",),
        program=OPEN_FOLDERS,
    ),
    "no folder that a session cannot leave": weakness(
        "follow a link out of the drop box",
        "read outside the drop box",
        "put a file beside the inbox",
        "read what another station has sent",
        "put a file into another station's inbox",
        "remove a folder",
        "move the inbox or the outbox away",
        edits=(
            "s/ChrootDirectory .srv.*/ChrootDirectory none/",
            "s/-u 0737 -p [a-z,-]*/-u 0000/",
        ),
        setup="chmod 0777 /srv/capture-stations",
        program=OPEN_ALL + AT_HOME,
    ),
    "letters that a station may write": weakness(
        "write into a letter",
        "append to a letter",
        "cut a letter short",
        program="from provisioning.server.check import scene\nscene._LETTER_MODE = 0o666",
    ),
    "no command forced, and a shell": weakness(
        "run a command",
        "run a command by a shell",
        "get a shell",
        "get a terminal",
        "fetch by scp",
        "fetch by the old scp",
        "put over by scp",
        "put over by the old scp",
        "open a port on the server",
        "open a socket on the server",
        "reach on through the server",
        edits=(
            "/ForceCommand internal/d",
            "s/ChrootDirectory .srv.*/ChrootDirectory none/",
            "s/DisableForwarding yes/DisableForwarding no/",
            "s/PermitTTY no/PermitTTY yes/",
        ),
        setup="chmod 0755 /srv/capture-stations; mount --bind /bin/dash /usr/sbin/nologin",
        program=OPEN_FOLDERS + AT_HOME + UNRESTRICTED,
    ),
    "keys and passwords that are good for everybody": weakness(
        "log in as another station",
        "log in as the collector",
        "log in where new stations enrol",
        "log in as root",
        "log in by anything but a key",
        edits=(
            "s/AuthorizedKeysCommand .*/AuthorizedKeysCommand \\/srv\\/keys/",
            "s/AuthorizedKeysCommandUser .*/AuthorizedKeysCommandUser root/",
            "s/^    AuthenticationMethods .*//",
            "1i AuthorizedKeysCommand /srv/keys",
            "1i AuthorizedKeysCommandUser root",
            "1i PermitRootLogin yes",
            "1i PasswordAuthentication yes",
        ),
        setup=f"printf '{GIVING_KEYS}' > /srv/keys; chmod 0755 /srv/keys",
    ),
    "no limit": weakness(
        "go on sending above the limit",
        "go on sending empty files under hidden names",
        "fill the disk while nobody looks",
        setup="touch -d '4 minutes ago' /run/capture-stations-limit",
        program="from provisioning.server import limit\nlimit.enforce = lambda *_: []",
    ),
    "a limit that does not end sessions": weakness(
        "go on sending above the limit",
        program="from provisioning.server import sessions\nsessions.end = lambda *_: []",
    ),
    "a limit of bytes alone": weakness(
        "go on sending empty files under hidden names",
        setup="rm /run/capture-stations-limit",
        program="from provisioning.server import limit\nlimit.LEAST = 0",
    ),
    "who is shut out is not": weakness(
        "go on in an open session after a revocation",
        "end a login that was begun before a revocation",
        "log in after a revocation",
        "find later what waited before a revocation",
        "go on in an open session after a quarantine",
        "end a login that was begun before a quarantine",
        "log in after a quarantine",
        "have junk collected after a quarantine",
        program="from provisioning.server import shutting_out\n"
        "shutting_out.revoke = shutting_out.quarantine = lambda *_: []",
    ),
    "sessions that are not ended": weakness(
        "go on in an open session after a revocation",
        "go on in an open session after a quarantine",
        "end a login that was begun before a quarantine",
        program="from provisioning.server import sessions\nsessions.end = lambda *_: []",
    ),
    "only processes of the account are ended": weakness(
        "end a login that was begun before a quarantine",
        program="import re\nfrom provisioning.server import sessions\n"
        "_processes = sessions._processes\n"
        "sessions._processes = lambda name, uid: _processes('nobody-at-all', uid)",
    ),
    "nobody can be shut out": weakness(
        "go by other rules than ours",
        "go on sending above the limit",
        "log in after a quarantine",
        edits=("s/^    DenyGroups .*//",),
        program="from provisioning.server import rules\nrules.require_applied = lambda *_: None",
    ),
}
