"""What the upload process tells the capture process of the clinic's server, which only it reaches.

One small file in memory, ``upload.json`` in the folder of ``[metrics]``: times, the server's name
and the last error. Nothing of a patient: names of objects, in sentences, are random.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from kiosk import durable
from kiosk.errors import StorageFailed

REPORT: Final = "upload.json"
MODE: Final = 0o640
"""For the group that both processes share."""

_LIMIT: Final = 16 * 1024

Since = Annotated[int, Meta(ge=0)] | None
"""Nanoseconds of this boot's monotonic clock, which all processes share; None: not yet."""


class UploadReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the upload process fares.

    Attributes:
        boot: the kernel's id of the boot that the times belong to.
        written: when this was written.
        server: ``host:port``.
        host_key: fingerprint of the key that the server must show.
        reached: when the server last let the station in.
        arrived: when the last object was acknowledged as durable there.
        error: the sentence of what went wrong last; empty since something went well.
        code: of that error, as in ``kiosk/errors.py``.
        failed: when that was.
    """

    boot: str
    written: Annotated[int, Meta(ge=0)]
    server: str
    host_key: str
    reached: Since = None
    arrived: Since = None
    error: str = ""
    code: str = ""
    failed: Since = None


def leave(folder: Path, report: UploadReport) -> None:
    """Put a report in the place of the one before.

    Raises:
        StorageError: it cannot be written.
    """
    durable.replace_file(folder / REPORT, msgspec.json.encode(report), MODE)


def find(folder: Path) -> UploadReport | None:
    """Return the newest report; None where there is none.

    Raises:
        StorageError: it cannot be read, or is none.
    """
    path = folder / REPORT
    data = durable.read_if_there(path, _LIMIT)
    if data is None:
        return None
    try:
        return msgspec.json.decode(data, type=UploadReport)
    except msgspec.MsgspecError as error:
        raise StorageFailed(
            f"{path} is no report of the upload process ({error}); restart kiosk-upload."
        ) from error
