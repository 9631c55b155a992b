"""Attacks by anything else that an SSH login might give, and logins that should not be."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from kiosk.errors import ServiceError
from provisioning.server import dropbox
from provisioning.server.check.attack import Attack, Try, each
from provisioning.server.check.client import finished
from provisioning.server.check.scene import MINE, Scene

_REFUSED: Final = b"Permission denied"

_NO_TERMINAL: Final = b"PTY allocation request failed"

_NO_LOGIN: Final = 255
"""The client's own exit code; a command's is another."""


def _asked(scene: Scene, *words: str, before: Sequence[str] = (), sent: bytes = b"") -> bytes:
    """Log in with the stolen key, ask for something, and return all that was said.

    Raises:
        ServiceError: there was no login, so nothing was asked.
    """
    done = scene.thief.run(*words, before=before, sent=sent)
    if done.returncode == _NO_LOGIN and _NO_TERMINAL not in done.stderr:
        raise ServiceError(f"{scene.thief.user} could not log in: {_last(done.stderr)}")
    return done.stdout + done.stderr


def _command(*words: str) -> Try:
    return lambda scene: b"uid=" in _asked(scene, *words)


def _shell(scene: Scene) -> bool:
    return b"uid=" in _asked(scene, before=["-T"], sent=b"id\nexit\n")


def _terminal(scene: Scene) -> bool:
    return _NO_TERMINAL not in _asked(scene, before=["-tt"], sent=b"exit\n")


def _forwarding(*before: str) -> Try:
    """The client asks for a forwarding before its session, and ends when it is refused."""

    def succeeds(scene: Scene) -> bool:
        done = scene.thief.run("sftp", before=[*before, "-s"])
        if done.returncode != _NO_LOGIN:
            return True
        _require_refused(done.stderr)
        return False

    return succeeds


def _socket_in(folder: str) -> Try:
    def succeeds(scene: Scene) -> bool:
        path = Path(folder, f"{scene.thief.user}.socket")
        worked = _forwarding("-R", f"{path}:127.0.0.1:9")(scene)
        path.unlink(missing_ok=True)
        return worked

    return succeeds


def _through(scene: Scene) -> bool:
    """Through the server to a port of its own: the greeting of its sshd would come back."""
    there = f"127.0.0.1:{scene.thief.port}"
    command = [*scene.thief.command(), "-W", there, scene.thief.address]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as client:
        try:
            said, error = client.communicate(b"SSH-2.0-x\r\n", timeout=10)
        except subprocess.TimeoutExpired:
            client.kill()
            said, error = client.communicate()
    if said.startswith(b"SSH-"):
        return True
    _require_refused(error)
    return False


def _require_refused(said: bytes) -> None:
    """A forwarding that failed for another reason was not tried."""
    if b"forwarding failed" not in said:
        raise ServiceError(f"no forwarding could be asked for: {_last(said)}")


def _fetched(*protocol: str) -> Try:
    def succeeds(scene: Scene) -> bool:
        local = scene.work / "fetched"
        local.unlink(missing_ok=True)
        remote = f"{scene.thief.address}:{MINE}"
        return _copied(scene, protocol, remote, str(local)) or local.exists()

    return succeeds


def _copied_over(*protocol: str) -> Try:
    def succeeds(scene: Scene) -> bool:
        local = scene.work / "junk"
        local.write_bytes(b"junk")
        return _copied(scene, protocol, str(local), f"{scene.thief.address}:{MINE}")

    return succeeds


def _copied(scene: Scene, protocol: Sequence[str], source: str, target: str) -> bool:
    done = finished([*scene.thief.command(program="scp"), *protocol, source, target])
    # Its exit code says as little of a login as of a file: ask whether there is one at all.
    if done.returncode != 0 and not lets_in(scene, scene.thief.user):
        raise ServiceError(f"{scene.thief.user} could not log in with its key")
    return done.returncode == 0


def _as_account(user: str) -> Try:
    """Log in as somebody else with the stolen key."""

    def succeeds(scene: Scene) -> bool:
        return lets_in(scene, user)

    return succeeds


def lets_in(scene: Scene, user: str) -> bool:
    """Whether the server lets somebody in under this name with the stolen key.

    Raises:
        ServiceError: it answered with neither yes nor no.
    """
    done = replace(scene.thief, user=user).run("-s", "sftp")
    if _REFUSED in done.stderr:
        return False
    if done.returncode == _NO_LOGIN:
        raise ServiceError(f"the server has said neither yes nor no: {_last(done.stderr)}")
    return True


def _last(said: bytes) -> str:
    return (said.decode("utf-8", "replace").strip().splitlines() or ["nothing at all"])[-1]


def _without_key(scene: Scene) -> bool:
    """Only keys must be asked for; the refusal names what else would be."""
    options = ("PreferredAuthentications=none,password,keyboard-interactive,hostbased",)
    done = scene.thief.run("-s", "sftp", options=(*options, "PubkeyAuthentication=no"))
    if _REFUSED not in done.stderr and done.returncode == _NO_LOGIN:
        raise ServiceError(f"the server has said neither yes nor no: {_last(done.stderr)}")
    return b"Permission denied (publickey)." not in done.stderr


ON_LOGINS: Final = (
    Attack("shell", "run a command", _command("id")),
    Attack("shell", "run a command by a shell", _command("sh", "-c", "id")),
    Attack("shell", "get a shell", _shell),
    Attack("PTY", "get a terminal", _terminal),
    Attack("scp", "fetch by scp", _fetched()),
    Attack("scp", "fetch by the old scp", _fetched("-O")),
    Attack("scp", "put over by scp", _copied_over()),
    Attack("scp", "put over by the old scp", _copied_over("-O")),
    Attack("forwarding", "open a port on the server", _forwarding("-R", "0:127.0.0.1:9")),
    Attack(
        "forwarding",
        "open a socket on the server",
        each(_socket_in("/in"), _socket_in("/tmp")),  # noqa: S108 - the thief's
    ),
    Attack("forwarding", "reach on through the server", _through),
    Attack("other stations", "log in as another station", lambda s: lets_in(s, s.neighbour.user)),
    Attack("other accounts", "log in as the collector", _as_account(dropbox.INGEST)),
    Attack("other accounts", "log in where new stations enrol", _as_account(dropbox.ENROL)),
    Attack("other accounts", "log in as root", _as_account("root")),
    Attack("no key", "log in by anything but a key", _without_key),
)
