"""What a thief can do with a station's key, tried against a real sshd: put junk in, no more."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.server import ThrowawayServer
from tests.provisioning.server.conftest import NO_SUCH_FILE, OK, RawSftp, ssh

READ, WRITE, APPEND, CREATE, TRUNCATE, EXCLUSIVE = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
OPENDIR, READLINK, REALPATH, MKDIR, RMDIR, REMOVE, SETSTAT, LSTAT = 11, 19, 16, 14, 15, 13, 9, 7
FSETSTAT, RENAME, SYMLINK, EXTENDED, STAT = 10, 18, 20, 200, 17
MINE, CONTENT = "in/mine.age", b"sealed by this station"
PERMISSIONS, SIZE = 0x04, 0x01


@pytest.fixture(scope="module")
def whole(server: ThrowawayServer) -> ThrowawayServer:
    if server.isolation != "chroot and own accounts":
        pytest.skip(f"owners and chroot cannot be tried here: {server.isolation}")
    return server


@pytest.fixture(scope="module")
def session(whole: ThrowawayServer) -> Iterator[RawSftp]:
    with RawSftp(whole) as opened:
        yield opened


@pytest.fixture
def thief(whole: ThrowawayServer, session: RawSftp) -> Iterator[RawSftp]:
    """A session with the station's key, after the station has put a file whose name is known.

    After each attack that file is what it was.
    """
    for path in whole.path.iterdir():
        path.unlink()
    session.put(MINE, CONTENT)
    yield session
    arrived = whole.path / "mine.age"
    assert arrived.read_bytes() == CONTENT
    assert arrived.stat().st_mode & 0o777 == 0o040
    assert arrived.stat().st_nlink == 1


@pytest.mark.parametrize(
    ("attack", "kind", "fields"),
    [
        ("list the drop box", OPENDIR, ("in",)),
        ("list its root", OPENDIR, ("/",)),
        ("list the outbox", OPENDIR, ("out",)),
        ("resolve a path", REALPATH, (".",)),
        ("look at a link", LSTAT, (MINE,)),
        ("remove", REMOVE, (MINE,)),
        ("make a folder", MKDIR, ("in/folder", 0)),
        ("remove a folder", RMDIR, ("out",)),
        ("change modes", SETSTAT, (MINE, PERMISSIONS, 0o666)),
        ("truncate by attributes", SETSTAT, (MINE, SIZE, 0, 0)),
        ("link symbolically", SYMLINK, ("/etc/passwd", "in/link")),
        ("read a link", READLINK, (MINE,)),
        ("link", EXTENDED, ("hardlink@openssh.com", MINE, "in/second")),
        ("rename over", EXTENDED, ("posix-rename@openssh.com", MINE, "in/mine.age")),
        ("copy on the server", EXTENDED, ("copy-data", "0", 0, 0, 0, 0, "0", 0, 0)),
        ("change modes of a link", EXTENDED, ("lsetstat@openssh.com", MINE, PERMISSIONS, 0o666)),
        ("expand a home", EXTENDED, ("expand-path@openssh.com", "~root")),
        ("list accounts", EXTENDED, ("users-groups-by-id@openssh.com", b"\0\0\0\0", b"")),
        ("rename out of the inbox", RENAME, (MINE, "out/mine.age")),
        ("rename to the root", RENAME, (MINE, "/mine.age")),
    ],
)
def test_requests_that_are_refused(
    thief: RawSftp, attack: str, kind: int, fields: tuple[str | int, ...]
) -> None:
    assert thief.status(kind, *fields) != OK, attack


@pytest.mark.parametrize(
    ("attack", "flags"),
    [
        ("read back", READ),
        ("overwrite", WRITE),
        ("read and write", READ | WRITE),
        ("append", WRITE | APPEND),
        ("truncate", WRITE | TRUNCATE),
        ("create over", WRITE | CREATE),
        ("create over and truncate", WRITE | CREATE | TRUNCATE),
        ("create exclusively over", WRITE | CREATE | EXCLUSIVE),
    ],
)
def test_no_way_of_opening_what_arrived(thief: RawSftp, attack: str, flags: int) -> None:
    assert thief.open(MINE, flags)[0] != OK, attack


def test_a_rename_does_not_replace_what_arrived(thief: RawSftp) -> None:
    thief.put("in/junk", b"junk")
    assert thief.status(RENAME, "in/junk", MINE) != OK


def test_a_file_is_not_opened_up_by_the_one_who_makes_it(thief: RawSftp) -> None:
    """Attributes given when opening do not outlast the server's umask."""
    answered, body = thief.ask(3, "in/open", WRITE | CREATE | EXCLUSIVE, PERMISSIONS, 0o777)
    assert answered == 102
    handle = body[4:]
    assert thief.status(FSETSTAT, handle, PERMISSIONS, 0o777) != OK
    assert thief.open("in/open", READ)[0] != OK


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../../../etc/passwd", "in/../../../../etc/passwd", "/proc/self/environ"],
)
def test_nothing_outside_is_even_there(thief: RawSftp, path: str) -> None:
    assert thief.open(path, READ)[0] == NO_SUCH_FILE
    assert thief.status(STAT, path) == NO_SUCH_FILE


@pytest.mark.parametrize("path", ["/new", "out/new", "/in/../new", "../new"])
def test_nothing_can_be_put_beside_the_inbox(thief: RawSftp, path: str) -> None:
    assert thief.open(path, WRITE | CREATE | EXCLUSIVE)[0] != OK


def test_an_answer_can_be_read_by_its_name_and_no_more(
    thief: RawSftp, whole: ThrowawayServer
) -> None:
    name, content = f"out/{'5' * 32}.age", b"sealed to a session"
    answer = whole.path.parent / name
    answer.write_bytes(content)
    answer.chmod(0o640)
    status, handle = thief.open(name, READ)
    assert status == OK
    assert thief.status(4, handle) == OK
    for flags in (WRITE, READ | WRITE, WRITE | TRUNCATE, WRITE | APPEND, WRITE | CREATE):
        assert thief.open(name, flags)[0] != OK
    assert thief.status(REMOVE, name) != OK
    assert thief.status(RENAME, name, "in/taken") != OK
    assert thief.status(RENAME, name, "out/other") != OK
    assert thief.status(OPENDIR, "out") != OK
    assert thief.open("out", READ)[0] != OK
    assert answer.read_bytes() == content
    answer.unlink()


def test_the_outbox_is_closed_to_listing_by_its_mode_too(whole: ThrowawayServer) -> None:
    """Were the request allowed, the mode would refuse it; what is put there gets its group."""
    folder = whole.path.with_name("out")
    assert folder.stat().st_mode & 0o7777 == 0o2710
    made = folder / "made"
    made.touch()
    assert made.stat().st_gid == folder.stat().st_gid
    made.unlink()


def test_anothers_files_cannot_be_touched(thief: RawSftp, whole: ThrowawayServer) -> None:
    """As if two stations shared a folder: the sticky bit holds."""
    other = whole.path / "theirs.age"
    other.write_bytes(b"theirs")
    other.chmod(0o040)
    assert thief.status(RENAME, "in/theirs.age", "in/taken") != OK
    assert thief.open("in/theirs.age", READ)[0] != OK
    assert other.read_bytes() == b"theirs"


@pytest.mark.parametrize(
    "command", ["id", "sh -c id", "scp -t in", "sftp-server", "rsync --server"]
)
def test_no_command_runs(whole: ThrowawayServer, command: str) -> None:
    """Whatever is asked for, the forced SFTP server answers; it gets an end of file and leaves."""
    done = subprocess.run(
        [*ssh(whole), f"{whole.user}@{whole.host}", command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert b"uid=" not in done.stdout
    assert b"uid=" not in done.stderr


def test_no_terminal_is_given(whole: ThrowawayServer) -> None:
    done = subprocess.run(
        [*ssh(whole, "RequestTTY=force"), f"{whole.user}@{whole.host}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert b"PTY allocation request failed" in done.stderr


@pytest.mark.parametrize("old", [True, False])
def test_scp_neither_fetches_nor_overwrites(
    thief: RawSftp, whole: ThrowawayServer, tmp_path: Path, *, old: bool
) -> None:
    assert thief.status(STAT, MINE) == OK
    local = tmp_path / "local"
    remote = f"{whole.user}@{whole.host}:{MINE}"
    protocol = ["-O"] if old else []
    for source, target in ((remote, str(local)), (__file__, remote)):
        command = [*ssh(whole, program="scp"), *protocol, source, target]
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
        assert done.returncode != 0
    assert not local.exists()


@pytest.mark.parametrize(
    "forward",
    [
        ["-N", "-R", "0:127.0.0.1:9"],
        ["-N", "-R", "/tmp/attack.socket:127.0.0.1:9"],
        ["-W", "127.0.0.1:22"],
        ["-N", "-w", "any"],
    ],
)
def test_nothing_is_forwarded(whole: ThrowawayServer, forward: list[str]) -> None:
    command = [*ssh(whole), *forward, f"{whole.user}@{whole.host}"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
    )
    assert done.returncode != 0
    assert done.stdout == b""


@pytest.mark.parametrize("method", ["password", "keyboard-interactive", "none"])
def test_nobody_gets_in_without_the_key(whole: ThrowawayServer, method: str) -> None:
    command = ssh(whole, f"PreferredAuthentications={method}", "PubkeyAuthentication=no")
    done = subprocess.run(
        [*command, f"{whole.user}@{whole.host}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert b"Permission denied" in done.stderr


def test_a_revoked_key_is_refused(tmp_path: Path) -> None:
    with ThrowawayServer(tmp_path / "server") as server:
        with RawSftp(server) as session:
            session.put(MINE, CONTENT)
        server.revoke()
        done = subprocess.run(
            [*ssh(server), "-s", f"{server.user}@{server.host}", "sftp"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert b"Permission denied" in done.stderr
        assert [path.name for path in server.collected()] == ["mine.age"]
