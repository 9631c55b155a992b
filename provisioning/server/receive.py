#!/usr/bin/python3 -I
"""Takes the enrolment of a station and tells sshd which keys were enrolled.

Installed by ``python3 -m provisioning.server prepare`` beside the tickets and run by sshd as the
account ``enrol``, which can write nothing but the files of stations that are expected. Standard
library alone, one file, so that it can be read before it is trusted.

    receive keys USER    the authorized keys of an account (AuthorizedKeysCommand)
    receive request      one request on standard input; answers one word (ForceCommand)

Answers: enrolled, expired, used, malformed, unknown.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

HOME = Path(__file__).resolve().parent
ACCOUNT = "enrol"
LIMIT = 8192
KEY = re.compile(r"ssh-ed25519 [A-Za-z0-9+/]{68}")
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
SIGNATURE = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\n[A-Za-z0-9+/=\n]{100,2000}\n-----END SSH SIGNATURE-----\n"
)
FIELDS = {"version", "station", "ssh_key", "signing_key"}


def keys_of(user: str) -> Iterator[str]:
    """Yield the lines of an account's ``authorized_keys``."""
    if user == ACCOUNT:
        found = [ticket.get("key") for ticket in tickets()]
    elif NAME.fullmatch(user):
        fields = parsed(content(HOME / "enrolled" / user), user)
        found = [] if fields is None else [fields["ssh_key"]]
    else:
        found = []
    yield from (f"restrict {key}" for key in found if KEY.fullmatch(str(key)))


def tickets() -> Iterator[dict[str, Any]]:
    """Yield every ticket that can be read; root wrote them."""
    for path in sorted((HOME / "tickets").glob("*.json")):
        try:
            ticket = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(ticket, dict):
            yield ticket


def answer(key: str, sent: bytes, now: datetime) -> str:
    """Take a request.

    Args:
        key: with which the client logged in.
        sent: what it sent.
        now: by this machine's clock, with its offset.
    """
    ticket = next((one for one in tickets() if one.get("key") == key), None)
    if ticket is None:
        return "unknown"
    station = str(ticket.get("station"))
    if len(sent) > LIMIT or parsed(sent, station) is None:
        return "malformed"
    path = HOME / "enrolled" / station
    try:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            kept = file.read(LIMIT)
            # What a power cut left half written is nobody's enrolment.
            if parsed(kept, station) is None:
                return _keep(file, sent, ticket, now)
    except PermissionError:
        # Root has closed it since.
        kept = content(path)
    except FileNotFoundError:
        return "unknown"
    # The answer was lost on its way, and the station asks again.
    return "enrolled" if kept == sent else "used"


def _keep(file: BinaryIO, sent: bytes, ticket: dict[str, Any], now: datetime) -> str:
    try:
        expires = datetime.fromisoformat(str(ticket.get("expires_at")))
        if now >= expires:
            return "expired"
    except (TypeError, ValueError):
        return "unknown"
    file.seek(0)
    file.truncate()
    file.write(sent)
    file.flush()
    os.fsync(file.fileno())
    return "enrolled"


def parsed(sent: bytes, station: str) -> dict[str, Any] | None:
    """Return the fields of a well-formed request of a station, or None."""
    line, _, signature = sent.partition(b"\n")
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    if not isinstance(fields, dict) or set(fields) != FIELDS or not SIGNATURE.fullmatch(signature):
        return None
    texts = [fields["ssh_key"], fields["signing_key"]]
    if not all(isinstance(text, str) and KEY.fullmatch(text) for text in texts):
        return None
    return fields if (fields["version"], fields["station"]) == (1, station) else None


def content(path: Path) -> bytes:
    """Return a file's bytes, or none where it is not there."""
    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError:
        return b""


def used_key() -> str:
    """Return the public key of this login, as sshd tells it (sshd_config(5), ExposeAuthInfo)."""
    for line in content(Path(os.environ.get("SSH_USER_AUTH", ""))).decode("ascii").splitlines():
        method, _, key = line.partition(" ")
        if method == "publickey":
            return " ".join(key.split()[:2])
    return ""


def main(words: list[str]) -> int:
    """Do what sshd asked for."""
    if words[:1] == ["keys"] and len(words) == 2:  # noqa: PLR2004 - the act and the account
        print("\n".join(keys_of(words[1])))
        return 0
    if words == ["request"]:
        print(answer(used_key(), sys.stdin.buffer.read(LIMIT + 1), datetime.now(UTC)))
        return 0
    print("unknown")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
