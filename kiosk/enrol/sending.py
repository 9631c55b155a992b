"""Carries the request to the server, by the stock ``ssh`` with the code as its key.

The code's key exists in memory only: ``ssh`` reads it, and the pinned host key, from anonymous
files (memfd_create(2)).
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.config import Upload
from kiosk.enrol.request import ACCOUNT
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import (
    EnrolmentCodeExpired,
    EnrolmentCodeUnknown,
    EnrolmentCodeUsed,
    EnrolmentError,
    EnrolmentRefused,
    ServerIdentityChanged,
    ServerUnreachable,
)
from kiosk.tables import printable

_SECONDS: Final = 60
_SSH_FAILED: Final = 255
_ALIAS: Final = "clinic"

ENROLLED: Final = "enrolled"
REFUSALS: Final[Mapping[str, str]] = {
    "expired": "This code has expired; have a new one made at the bench (`kiosk provision code "
    "--station {station}`) and type that.",
    "used": "This code was used already, with other keys than this station's: once for another "
    "card, or by somebody else. Have the clinic's IT revoke {station} (`python3 -m "
    "provisioning.server revoke {station}`), and a new code made.",
    "malformed": "The server does not understand this station's request; expected the same version "
    "of this program on both: run `python3 -m provisioning.server prepare` there with this one.",
    "unknown": "The server has no ticket for this code any more; have a new one made at the bench "
    "(`kiosk provision code --station {station}`).",
}
"""What the server answers, and what the technician is told of it."""

_KINDS: Final[Mapping[str, type[EnrolmentRefused]]] = {
    "expired": EnrolmentCodeExpired,
    "used": EnrolmentCodeUsed,
    "unknown": EnrolmentCodeUnknown,
}
"""What is a kind of its own, because there is something else to do about it."""

_IDENTITY = re.compile(
    r"host key verification failed|identification has changed|no matching host key", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Server:
    """Where to enrol: ``host_key`` is the pinned public key line."""

    host: str
    port: int
    host_key: str

    @classmethod
    def of(cls, upload: Upload) -> Server:
        return cls(upload.host, upload.port, " ".join(upload.host_key.split()[:2]))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def send(server: Server, station: str, key: SigningKey, request: bytes) -> None:
    """Enrol; returns when the server says that it has the station's keys.

    The same request may be sent again: an answer that was lost is given again.

    Raises:
        EnrolmentRefused: the server knows no such code, or does not take it any more; which of it,
            its subclasses say.
        ServerIdentityChanged: it shows another host key than the pinned one; nothing was sent.
        ServerUnreachable: no connection, or it broke.
        EnrolmentError: ``ssh`` is not installed, or the server's answer makes no sense.
    """
    try:
        with _in_memory(key.private_text()) as identity, _in_memory(_known(server)) as known:
            done = subprocess.run(  # noqa: S603 - the list is made below
                _command(server, identity, known),
                input=request,
                capture_output=True,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                timeout=_SECONDS,
                check=False,
            )
    except FileNotFoundError as error:
        raise EnrolmentError(
            "The program ssh is missing; expected the Debian package openssh-client."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ServerUnreachable(
            f"{server} has not answered for {_SECONDS} seconds; check the network and try again."
        ) from error
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode == _SSH_FAILED:
        raise _failure(server, station, said)
    _judge(done.stdout, server, station, said)


def _judge(answer: bytes, server: Server, station: str, said: str) -> None:
    word = answer.decode("ascii", "replace").strip()
    if word == ENROLLED:
        return
    if word in REFUSALS:
        raise _KINDS.get(word, EnrolmentRefused)(REFUSALS[word].format(station=station))
    heard = printable(word or (said.strip().splitlines() or ["nothing"])[-1])[:120]
    raise EnrolmentError(
        f"{server} answered {heard!r}; expected the enrolment that `python3 -m "
        "provisioning.server prepare` sets up there (docs/server.md)."
    )


def _failure(
    server: Server, station: str, said: str
) -> EnrolmentRefused | ServerIdentityChanged | ServerUnreachable:
    if _IDENTITY.search(said):
        return ServerIdentityChanged(
            f"{server} shows another host key than the one on the card, and nothing was sent: "
            "somebody may be in between. Ask the clinic's IT for the right key and, if the server "
            "was replaced, make the card again."
        )
    if "Permission denied" in said:
        return EnrolmentCodeUnknown(
            f"The server does not know this code for {station}: it is another station's, a newer "
            "one was made since, or the server was not told (`python3 -m provisioning.server "
            "expect TICKET`); type the newest code that was printed for this station."
        )
    reason = printable((said.strip().splitlines() or ["no reason given"])[-1])
    return ServerUnreachable(
        f"{server} cannot be reached ({reason}); check the network cable, the address, and "
        "whether the server runs."
    )


def _command(server: Server, identity: Path, known: Path) -> list[str]:
    kind = server.host_key.partition(" ")[0]
    algorithms = "rsa-sha2-512,rsa-sha2-256" if kind == "ssh-rsa" else kind
    settings = (
        *("BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none"),
        *("PreferredAuthentications=publickey", "StrictHostKeyChecking=yes"),
        *(f"HostKeyAlias={_ALIAS}", f"HostKeyAlgorithms={algorithms}", "CheckHostIP=no"),
        *(f"UserKnownHostsFile={known}", "GlobalKnownHostsFile=none"),
        *("UpdateHostKeys=no", "ClearAllForwardings=yes", "ConnectTimeout=15", "LogLevel=ERROR"),
    )
    options = [word for setting in settings for word in ("-o", setting)]
    return [
        *("ssh", "-F", "none", "-T", "-i", str(identity), *options),
        *("-p", str(server.port), "-l", ACCOUNT, "--", server.host),
    ]


def _known(server: Server) -> str:
    return f"{_ALIAS} {server.host_key}\n"


@contextlib.contextmanager
def _in_memory(text: str) -> Iterator[Path]:
    """Yield where other processes of this user find a file that no file system has.

    By our own number, because ssh closes every file that it inherits.
    """
    number = os.memfd_create("enrolment", os.MFD_CLOEXEC)
    try:
        # ssh refuses a key that others could read.
        os.fchmod(number, 0o600)
        os.write(number, text.encode("ascii"))
        yield Path(f"/proc/{os.getpid()}/fd/{number}")
    finally:
        os.close(number)
