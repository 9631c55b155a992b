"""``check``: throw-away stations are made, every attack is tried, and all is removed again."""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from kiosk.errors import KioskError, ServiceError, UsageError
from kiosk.tables import aligned
from provisioning.server import dropbox, host, rules, sessions, shutting_out, system
from provisioning.server.check.attack import Attack
from provisioning.server.check.attacks import ATTACKS
from provisioning.server.check.client import Login
from provisioning.server.check.scene import Scene, keys
from provisioning.server.place import Place

HELD, BROKEN, NOT_TRIED = 0, 1, 3

REFUSED, SUCCEEDED, UNTRIED = "refused", "SUCCEEDED", "NOT TRIED"

_RUN: Final = Path("/run")
_WORK: Final = "capture-stations-check-"
"""How the attacker's folder in ``/run`` begins; one check at a time has one."""

_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "[::]": "127.0.0.1", "*": "127.0.0.1"}  # noqa: S104 - what sshd says, not where we listen


def check(
    place: Place, *, port: int | None = None, attacks: Sequence[Attack] = ATTACKS
) -> tuple[int, list[str]]:
    """Attack this server's running ``sshd`` from a throw-away station's key.

    Args:
        place: where things are.
        port: on which ``sshd`` listens; None for what its configuration says.
        attacks: what is tried.

    Returns:
        0 when everything was refused, 1 when something was not, 3 when something could not be
        tried; and the table.

    Raises:
        UsageError: not root, not prepared, or another check is at work.
        ServiceError: no throw-away station can be made, or a station cannot do what it should.
    """
    system.require_root()
    with _alone(place), _stations(place, port) as scene:
        scene.set()
        if not scene.works():
            raise ServiceError("a station could not read its letter: no attack would show anything")
        rows = [(one.kind, one.name, *_tried(one, scene)) for one in attacks]
    verdicts = [verdict for _, _, verdict, _ in rows]
    code = BROKEN if SUCCEEDED in verdicts else NOT_TRIED if UNTRIED in verdicts else HELD
    table = aligned([("kind", "attack", "verdict", ""), *rows])
    return code, [table, _summary(verdicts)]


def _tried(attack: Attack, scene: Scene) -> tuple[str, str]:
    """Return the verdict and, where there is more to say, what."""
    try:
        scene.set()
        succeeded = _succeeded(attack, scene)
        # What it did counts, whatever the server has said.
        changed = attack.keeps and scene.changed()
        if succeeded or changed:
            scene.leave()
            scene.readmit()
    except (KioskError, OSError) as error:
        scene.leave()
        return UNTRIED, str(error)
    if succeeded:
        return SUCCEEDED, succeeded if isinstance(succeeded, str) else ""
    return (SUCCEEDED, "the server refused, and something is changed") if changed else (REFUSED, "")


def _succeeded(attack: Attack, scene: Scene) -> bool | str:
    try:
        return attack.succeeds(scene)
    except EOFError:
        scene.leave()
        return False


def _summary(verdicts: Sequence[str]) -> str:
    count = {one: verdicts.count(one) for one in (SUCCEEDED, UNTRIED)}
    if not any(count.values()):
        return f"{len(verdicts)} attacks, every one was refused"
    return (
        f"{len(verdicts)} attacks: {count[SUCCEEDED]} succeeded, "
        f"{count[UNTRIED]} could not be tried; this server is not proven"
    )


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    try:
        fd = os.open(place.enrolments, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError as error:
        raise UsageError("this server is not prepared; run `prepare` first") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise UsageError("another check is at work on this server; wait for its end") from error
    finally:
        os.close(fd)


@contextmanager
def _stations(place: Place, port: int | None) -> Iterator[Scene]:
    """Make two stations as ``add`` does, and remove all of both, however this ends."""
    # What was killed has left something behind.
    for account in pwd.getpwall():
        if dropbox.THROW_AWAY.fullmatch(account.pw_name):
            _remove(place, account.pw_name)
    for left in _RUN.glob(f"{_WORK}*"):
        shutil.rmtree(left)
    with ExitStack() as ending:
        work = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix=_WORK, dir=_RUN)))
        number = secrets.token_hex(4)
        names = (f"check-{number}-a", f"check-{number}-b")
        stations = []
        for name in names:
            key = keys(work, name)
            ending.callback(_remove, place, name)
            _add(place, name, key)
            stations.append((name, key))
        said = rules.settings(names[0])
        where, known = _where(said, port), _known_hosts(said, work)
        thief, neighbour = (Login(*where, name, key, known) for name, key in stations)
        scene = Scene(place, thief, neighbour, work, lambda: _readmit(place, *stations[0]))
        ending.callback(scene.leave)
        yield scene


def _add(place: Place, name: str, key: Path) -> None:
    """As ``add`` does, but for asking ``sshd`` about its rules: that is a row of the table."""
    public = key.with_name(f"{key.name}.pub")
    line = dropbox.authorized_key(public.read_text(encoding="ascii"), source=str(public))
    host.give(place, name, line)


def _readmit(place: Place, name: str, key: Path) -> None:
    shutting_out.release(place, name)
    _add(place, name, key)


def _remove(place: Place, name: str) -> None:
    """Remove a throw-away station: its key first, so that nobody is in when its account goes."""
    (place.keys / name).unlink(missing_ok=True)
    with suppress(KeyError):
        sessions.end(name, pwd.getpwnam(name).pw_uid)
        system.run("userdel", name)
    if (place.root / name).exists():
        shutil.rmtree(place.root / name)


def _where(said: dict[str, list[str]], port: int | None) -> tuple[str, int]:
    """Return an address at which this server's ``sshd`` listens, by its own word."""
    listening = [one.rpartition(":") for one in said.get("listenaddress", [])]
    host_name, _, listed = (listening or [("127.0.0.1", "", said["port"][0])])[0]
    return _LOOPBACK.get(host_name, host_name.strip("[]")), port or int(listed)


def _known_hosts(said: dict[str, list[str]], work: Path) -> Path:
    """The server's own public keys; whoever else answers at its port is not attacked."""
    path = work / "known_hosts"
    lines = []
    for key in said.get("hostkey", []):
        public = Path(f"{key}.pub")
        if public.exists():
            lines.append(f"* {' '.join(public.read_text(encoding='ascii').split()[:2])}\n")
    path.write_text("".join(lines), encoding="ascii")
    return path
