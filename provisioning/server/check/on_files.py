"""Attacks on what has arrived, on what waits, and on the way out of the drop box."""

from __future__ import annotations

from typing import Final

from provisioning.server.check.attack import Attack, Try, each, opening, request
from provisioning.server.check.client import (
    APPEND,
    CREATE,
    NEW,
    NO_SUCH_FILE,
    OK,
    READ,
    TRUNCATE,
    WRITE,
)
from provisioning.server.check.scene import LETTER, LINK, MINE, SHARED, THEIRS, Scene

OPENDIR, READLINK, REALPATH, MKDIR, RMDIR, REMOVE, SETSTAT, LSTAT = 11, 19, 16, 14, 15, 13, 9, 7
FSETSTAT, STAT, RENAME, SYMLINK, EXTENDED = 10, 17, 18, 20, 200
PERMISSIONS, SIZE, TIMES = 0x04, 0x01, 0x08

_JUNK: Final = "in/junk"


def _copy(scene: Scene) -> bool:
    """Copy what may be read into what may be written, without it passing through here."""
    source = scene.session.open(LETTER, READ)[1]
    target = scene.session.open("in/copy", NEW)[1]
    return scene.session.status(EXTENDED, "copy-data", source, 0, 0, 0, 0, target, 0, 0) == OK


def _lay_open(scene: Scene) -> bool:
    """Attributes given when opening must not outlast the server's umask."""
    status, handle = scene.session.open("in/open", NEW, PERMISSIONS, 0o777)
    if status == OK:
        scene.session.close_file(handle)
    return scene.session.open("in/open", READ)[0] == OK


def _chmod_open(scene: Scene) -> bool:
    _, handle = scene.session.open("in/mode", NEW)
    return scene.session.status(FSETSTAT, handle, PERMISSIONS, 0o777) == OK


def _junk_over(kind: int, *before: str) -> Try:
    def succeeds(scene: Scene) -> bool:
        if not scene.appeared(_JUNK):
            scene.session.put(_JUNK, b"junk")
        return scene.session.status(kind, *before, _JUNK, MINE) == OK

    return succeeds


_POSIX: Final = "posix-rename@openssh.com"


def _outside(*paths: str) -> Try:
    """What is outside must not even be there: neither read nor looked at."""

    def succeeds(scene: Scene) -> bool:
        opened = [scene.session.open(path, READ)[0] != NO_SUCH_FILE for path in paths]
        seen = [scene.session.status(STAT, path) != NO_SUCH_FILE for path in paths]
        return any((*opened, *seen))

    return succeeds


def _their_paths(scene: Scene, name: str) -> list[str]:
    other, up = scene.other, "/.." * 8
    return [f"../{other.name}/{name}", f"{other}/{name}", f"{up[1:]}{other}/{name}"]


def _read_theirs(scene: Scene) -> bool:
    return _outside(*_their_paths(scene, THEIRS))(scene)


def _put_to_them(scene: Scene) -> bool:
    paths = _their_paths(scene, "in/new.age")
    return any(scene.session.open(path, NEW)[0] == OK for path in paths)


ON_FILES: Final = (
    Attack("list", "list what it has sent", request(OPENDIR, "in")),
    Attack("list", "list its folder", request(OPENDIR, "/")),
    Attack("list", "list what waits for it", request(OPENDIR, "out")),
    Attack("list", "ask where it is", request(REALPATH, ".")),
    Attack("list", "ask where a home is", request(EXTENDED, "expand-path@openssh.com", "~")),
    Attack(
        "list",
        "ask for names of accounts",
        request(EXTENDED, "users-groups-by-id@openssh.com", b"\0\0\0\0", b""),
    ),
    Attack("read", "read what it has sent", opening(MINE, READ, READ | WRITE)),
    Attack("read", "copy on the server", _copy),
    Attack("overwrite", "write into what it has sent", opening(MINE, WRITE, WRITE | CREATE)),
    Attack("overwrite", "write into a letter", opening(LETTER, WRITE, READ | WRITE)),
    Attack("append", "append to what it has sent", opening(MINE, WRITE | APPEND)),
    Attack("append", "append to a letter", opening(LETTER, WRITE | APPEND)),
    Attack(
        "truncate",
        "cut what it has sent short when opening",
        opening(MINE, WRITE | TRUNCATE, WRITE | CREATE | TRUNCATE),
    ),
    Attack(
        "truncate", "cut what it has sent short by its size", request(SETSTAT, MINE, SIZE, 0, 0)
    ),
    Attack("truncate", "cut a letter short", opening(LETTER, WRITE | TRUNCATE)),
    Attack("delete", "remove what it has sent", request(REMOVE, MINE)),
    Attack("delete", "remove a letter", request(REMOVE, LETTER)),
    Attack("delete", "remove a folder", request(RMDIR, "quarantine")),
    Attack(
        "rename over",
        "rename over what it has sent",
        each(_junk_over(RENAME), _junk_over(EXTENDED, _POSIX)),
    ),
    Attack(
        "rename over",
        "move what it has sent elsewhere",
        each(request(RENAME, MINE, "out/mine.age"), request(RENAME, MINE, "mine.age")),
    ),
    Attack(
        "rename over",
        "move a letter",
        each(request(RENAME, LETTER, "in/taken"), request(RENAME, LETTER, "out/other")),
    ),
    Attack("links", "make a symbolic link", request(SYMLINK, "/etc/passwd", "in/link")),
    Attack(
        "links",
        "make a second name",
        request(EXTENDED, "hardlink@openssh.com", MINE, "in/second"),
    ),
    Attack("links", "read where a link leads", request(READLINK, LINK)),
    Attack("links", "look at a link", request(LSTAT, LINK)),
    Attack("links", "follow a link out of the drop box", opening(LINK, READ)),
    Attack(
        "chmod", "change the mode of what it has sent", request(SETSTAT, MINE, PERMISSIONS, 0o666)
    ),
    Attack("chmod", "change the mode of an open file", _chmod_open),
    Attack(
        "chmod",
        "change the times of what it has sent",
        each(
            request(SETSTAT, MINE, TIMES, 0, 0),
            request(EXTENDED, "lsetstat@openssh.com", MINE, TIMES, 0, 0),
        ),
    ),
    Attack("chmod", "make a file that lies open", _lay_open),
    Attack(
        "path escapes",
        "read outside the drop box",
        _outside(
            "/etc/passwd",
            "../../../etc/passwd",
            "in/../../../../etc/passwd",
            "/proc/self/environ",
        ),
    ),
    Attack(
        "path escapes",
        "put a file beside the inbox",
        each(*(opening(path, NEW) for path in ("new", "in/../new", "../new", "/new"))),
    ),
    Attack("other stations", "read what another station has sent", _read_theirs),
    Attack("other stations", "put a file into another station's inbox", _put_to_them),
    Attack(
        "other stations",
        "take what another left in the same folder",
        each(
            opening(SHARED, READ, WRITE),
            request(RENAME, SHARED, "in/taken"),
            request(EXTENDED, _POSIX, SHARED, "in/taken"),
        ),
    ),
    Attack(
        "squatting names",
        "take the name of a letter to come",
        opening(f"out/{'6' * 32}.age", NEW),
    ),
    Attack(
        "squatting names",
        "lie in the collector's own folder",
        opening("quarantine/junk.age", NEW),
    ),
    Attack(
        "squatting names",
        "make a folder where files belong",
        each(
            *(request(MKDIR, f"in/{name}", 0) for name in ("folder", ".hidden", f"{'7' * 32}.age"))
        ),
    ),
    Attack(
        "squatting names",
        "move the inbox or the outbox away",
        each(request(RENAME, "in", "old-in"), request(RENAME, "out", "old-out")),
    ),
)
