"""Tries the whole way to the clinic for ``kiosk check``, outside of the capture process.

The object gets one of the station's numbers and leaves no line in the audit trail: the trail is of
what people do at the station, and belongs to the capture process alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from kiosk import moment
from kiosk.capture.author import author_of
from kiosk.capture.maintenance.sending import Sender, Sending
from kiosk.capture.ui.service import Mark
from kiosk.capture.ui.wording import ENGLISH
from kiosk.config import StationConfig
from kiosk.errors import TransferTimeout
from kiosk.model import Moment
from kiosk.process import as_owner
from kiosk.records.audit import Act
from kiosk.spool import Spool
from kiosk.spool.trials import Trials

_MB: Final = 1_000_000
_LOOK_S: Final = 0.25


def send_test_object(
    config: StationConfig,
    reach: Callable[[], str],
    pause: Callable[[float], None] = time.sleep,
    now: Callable[[], Moment] = moment.now,
) -> str:
    """Have the upload process send a sealed test object, and wait until the server has it.

    Args:
        config: the station's, with keys that this process can read.
        reach: logs in to the server; where it fails, nothing is made that could only wait.
        pause: waits so many seconds.
        now: every clock of the station.

    Returns:
        A sentence about what arrived.

    Raises:
        KioskError: it could not be made, or has not arrived.
    """
    reach()
    author = author_of(config, "station.toml")
    spool = Spool(config.spool.path, config.spool.reserve_mb * _MB)
    with as_owner(config.station.state):
        sending = Sending(Sender(author, spool, Trials(spool.root), _no_trail, now))
        line = sending.look()
        while line.mark is Mark.PENDING:
            pause(_LOOK_S)
            line = sending.look()
    said = ENGLISH.service.said(line)
    if line.mark is not Mark.GOOD:
        raise TransferTimeout(f"{said}. Does kiosk-upload run? `journalctl -u kiosk-upload -b`")
    return f"{said}."


def _no_trail(act: Act, subject: str | None = None, detail: str | None = None) -> None:
    """Write nothing down; see the module."""
