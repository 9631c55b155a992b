"""Enrols this station; whoever asks for the code (a console, a screen) calls :func:`enrol`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from kiosk.config import StationConfig
from kiosk.durable import replace_file, sync_directory, translated
from kiosk.enrol.request import Request, write_request
from kiosk.enrol.sending import Server
from kiosk.envelope.signatures import PublicKey, SigningKey
from kiosk.errors import EnrolmentError, KioskError, StorageError
from kiosk.moment import require_plausible
from kiosk.records.enrolment import (
    PENDING,
    RECEIPT,
    REFUSAL,
    Enrolled,
    Refused,
    fitting,
    is_pending,
    write,
)
from kiosk.records.enrolment_code import Code, parse_code

Send = Callable[[Server, str, SigningKey, bytes], None]
"""As :func:`kiosk.enrol.sending.send`."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where the station keeps what enrolling needs and leaves.

    Attributes:
        folder: of the settings.
        now: the wall clock, with its offset.
    """

    now: Callable[[], datetime]
    folder: Path = Path("/etc/kiosk")

    def public(self, name: str) -> PublicKey:
        """Return the public half of one of the station's keys.

        Raises:
            EnrolmentError: the installer has not made it yet.
            BadKey: the file holds something else.
        """
        path = self.folder / "keys" / f"{name}.pub"
        try:
            return PublicKey.parse(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise EnrolmentError(
                f"{path} cannot be read; expected the installer to have made this station's keys: "
                "run `sudo kiosk enrol` as root, after `python3 -m provisioning.install`."
            ) from error


def enrol(typed: str, config: StationConfig, home: Home, send: Send) -> Enrolled:
    """Make this station known to the server that ``station.toml`` names.

    May be repeated: the same station with the same code is answered as before. Why it came to
    nothing is kept beside the mark of a station that waits, but for a code that is none.

    Args:
        typed: the code as it was scanned or typed.
        config: the station's.
        home: where its public keys are, and where the receipt goes.
        send: carries the request.

    Raises:
        EnrolmentCodeMistyped: what was typed is no code; nothing was sent.
        EnrolmentRefused: the server does not take it.
        ClockLost: the clock cannot be right.
        EnrolmentError: the station has no keys.
        UploadError: the server cannot be reached, or is not the one that was pinned.
        StorageError: enrolled, but it cannot be written down; enrolling again does no harm.
    """
    code = parse_code(typed)
    try:
        return _enrol(code, config, home, send)
    except KioskError as error:
        _note(error, home)
        raise


def _enrol(code: Code, config: StationConfig, home: Home, send: Send) -> Enrolled:
    station = config.station.name
    require_plausible(home.now())
    ssh_key, signing_key = home.public("ssh-key"), home.public("signing-key")
    key = code.key(station)
    request = Request(station=station, ssh_key=ssh_key.line(), signing_key=signing_key.line())
    server = Server.of(config.upload)
    send(server, station, key, write_request(request, key))
    done = Enrolled(
        station=station,
        server=str(server),
        ssh_key=ssh_key.fingerprint,
        signing_key=signing_key.fingerprint,
        at=home.now().isoformat(timespec="seconds"),
    )
    _write_down(done, home.folder)
    return done


def _note(error: KioskError, home: Home) -> None:
    """Keep for `kiosk check` why a try came to nothing; who tried is told by whoever asked."""
    if not is_pending(home.folder):
        return
    at = home.now().isoformat(timespec="seconds")
    refused = Refused(code=error.code, sentence=fitting(error.sentence), at=at)
    # A full or read-only disk must not stand in the place of the refusal.
    with suppress(StorageError):
        replace_file(home.folder / REFUSAL, write(refused) + b"\n", 0o644)


def _write_down(done: Enrolled, folder: Path) -> None:
    written = msgspec.json.format(write(done), indent=1)
    replace_file(folder / RECEIPT, written + b"\n", 0o644)
    pending = folder / PENDING
    with translated(f"removing {pending}"):
        pending.unlink(missing_ok=True)
        (folder / REFUSAL).unlink(missing_ok=True)
        # Or a power cut could bring it back, and the station would ask again.
        sync_directory(folder)
