"""Sessions and logins that would outlive a revocation or a quarantine."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from kiosk.errors import ServiceError
from provisioning.server import dropbox, shutting_out, system
from provisioning.server.check.attack import Attack, Try
from provisioning.server.check.client import HELLO, NEW, OK, PATIENCE_S
from provisioning.server.check.on_logins import lets_in
from provisioning.server.check.scene import Scene

ShutOut = Callable[[Scene], object]


def revoked(scene: Scene) -> None:
    shutting_out.revoke(scene.place, scene.thief.user)


def quarantined(scene: Scene) -> None:
    shutting_out.quarantine(scene.place, scene.thief.user)


def _session_goes_on(shut_out: ShutOut) -> Try:
    """A session that is open, with a file half written, when the station is shut out."""

    def succeeds(scene: Scene) -> bool:
        status, handle = scene.session.open("in/.half.part", NEW)
        if status != OK:
            raise ServiceError("the station could not begin a file")
        shut_out(scene)
        with suppress(EOFError):
            return scene.session.write(handle, b"more") == OK
        return False

    return succeeds


def _logs_in_again(shut_out: ShutOut) -> Try:
    def succeeds(scene: Scene) -> bool:
        shut_out(scene)
        return lets_in(scene, scene.thief.user)

    return succeeds


def _login_goes_on(shut_out: ShutOut) -> Try:
    """A login for which the server has found the account and taken the key, and asks for a proof.

    The client waits for the passphrase of its key until the station was shut out.
    """

    def succeeds(scene: Scene) -> bool:
        asked, told = _pipes(scene.work)
        environment = _asking(scene.work, asked, told)
        login = replace(scene.thief, key=_locked(scene))
        command = [*login.command("BatchMode=no"), "-s", login.address, "sftp"]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        ) as client:
            try:
                asked.read_bytes()
                shut_out(scene)
                told.write_text(f"{_PASSPHRASE}\n", encoding="ascii")
                return _answers(client)
            finally:
                client.kill()

    return succeeds


def _answers(client: subprocess.Popen[bytes]) -> bool:
    """Whether there is an SFTP server behind a client; its input stays open until it answered."""
    assert client.stdin is not None  # noqa: S101 - pipes were asked for
    assert client.stdout is not None  # noqa: S101
    with suppress(BrokenPipeError):
        client.stdin.write(HELLO)
        client.stdin.flush()
    if not select.select([client.stdout], [], [], PATIENCE_S)[0]:
        raise ServiceError(f"a login was neither refused nor accepted within {PATIENCE_S:.0f} s")
    return client.stdout.read(1) != b""


_PASSPHRASE: Final = "wait"  # noqa: S105 - keeps nobody out, but makes the client ask


def _locked(scene: Scene) -> Path:
    """The stolen key with a passphrase, so that the client has to ask before it can sign."""
    path = scene.work / "locked"
    path.unlink(missing_ok=True)
    path.write_bytes(scene.thief.key.read_bytes())
    path.chmod(0o600)
    public = scene.thief.key.with_name(f"{scene.thief.key.name}.pub")
    path.with_name("locked.pub").write_bytes(public.read_bytes())
    system.run("ssh-keygen", "-q", "-p", "-P", "", "-N", _PASSPHRASE, "-f", str(path))
    return path


def _pipes(work: Path) -> tuple[Path, Path]:
    found = (work / "asked", work / "told")
    for path in found:
        path.unlink(missing_ok=True)
        os.mkfifo(path, 0o600)
    return found


def _asking(work: Path, asked: Path, told: Path) -> dict[str, str]:
    """The client's environment: a program of ours is asked for the passphrase."""
    program = work / "askpass"
    program.write_text(f"#!/bin/sh\necho asked > '{asked}'\ncat '{told}'\n", encoding="utf-8")
    program.chmod(0o700)
    return {"PATH": os.defpath, "SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force"}


def _finds_what_waited(scene: Scene) -> bool:
    """A letter that waited, the server's share perhaps, is there for whoever gets in later."""
    revoked(scene)
    return any((scene.own / dropbox.OUTBOX).iterdir())


def _collected(scene: Scene) -> bool:
    """What the thief has put in before the quarantine is taken by the collector after it."""
    scene.session.put("in/junk", b"junk")
    quarantined(scene)
    return any((scene.own / dropbox.INBOX).iterdir())


def _undone(attempt: Try) -> Try:
    """Let the station in again afterwards."""

    def succeeds(scene: Scene) -> bool:
        try:
            return attempt(scene)
        finally:
            scene.leave()
            scene.readmit()

    return succeeds


def _outliving(name: str, attempt: Try) -> Attack:
    """Shutting out a station removes its letters itself, and sets aside what it has sent."""
    return Attack("outliving", name, _undone(attempt), keeps=False)


ON_SHUTTING_OUT: Final = (
    _outliving("go on in an open session after a revocation", _session_goes_on(revoked)),
    _outliving("end a login that was begun before a revocation", _login_goes_on(revoked)),
    _outliving("log in after a revocation", _logs_in_again(revoked)),
    _outliving("find later what waited before a revocation", _finds_what_waited),
    _outliving(
        "go on in an open session after a quarantine",
        _session_goes_on(quarantined),
    ),
    _outliving("end a login that was begun before a quarantine", _login_goes_on(quarantined)),
    _outliving("log in after a quarantine", _logs_in_again(quarantined)),
    _outliving("have junk collected after a quarantine", _collected),
)
