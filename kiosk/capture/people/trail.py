"""The audit trail on the station: each act is on the disk, sealed, before it is answered to.

The open segment is in memory. With every act the whole of it is sealed anew under another name,
then the file before is removed; so what is on the disk is always one whole sealed segment, and the
station can open none of it. The name carries what is needed to go on after a crash: first and last
number, the sequence number drawn for it, the digest of its last line. docs/decisions/0097.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.capture.author import Author
from kiosk.envelope.audit import seal_segment
from kiosk.envelope.bundle import AuditAnchor
from kiosk.errors import StorageFailed
from kiosk.model import Moment
from kiosk.records.audit import BEGINNING, SALT_SIZE, Act, Entry, Head, after, line_of
from kiosk.records.shot import Instant, PatientReference
from kiosk.spool import Spool

MOST_ENTRIES: Final = 64
"""A segment of so many is closed."""

LONGEST_NS: Final = 3_600_000_000_000
"""A segment is closed with the first act after so long."""

_JUMP_S: Final = 5.0
"""More than a clock that is being disciplined drifts between two acts."""

HEAD: Final = "head"
_OPEN = re.compile(r"([0-9]{16})-([0-9]{16})-([0-9]{16})-([0-9a-f]{64})\.open")
_CLOSED = re.compile(rb"([0-9]{16}) ([0-9a-f]{64})\n")


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what an act concerns; every field as of :class:`kiosk.records.audit.Entry`."""

    operator: str | None = None
    patient: PatientReference | None = field(default=None, repr=False)
    subject: str | None = None
    detail: str | None = None


NOBODY: Final = About()


@dataclass(slots=True)
class _Segment:
    """The open segment: where it begins, its lines, its number, and its file."""

    start: Head
    sequence: int
    since_ns: int
    lines: list[bytes]
    path: Path | None = None


def clock_change(before: Moment | None, now: Moment) -> str:
    """Return what has become of the wall clock since the act before, empty while it ran on."""
    if before is None or before.boot_id != now.boot_id:
        return ""
    if before.clock is not now.clock:
        return now.clock.value
    wall = datetime.fromisoformat(now.wall) - datetime.fromisoformat(before.wall)
    ran = timedelta(microseconds=(now.monotonic_ns - before.monotonic_ns) / 1000)
    jump = (wall - ran).total_seconds()
    return f"set {jump:+.0f} s" if abs(jump) > _JUMP_S else ""


class Trail:
    """Writes the trail; for one thread, and one process at a time.

    Args:
        folder: of the open segment; it must exist, mode 0700.
        spool: where closed segments go.
        author: signs, numbers, and says for whom to seal.
        now: every clock of the station.

    Attributes:
        sent: names in the spool of the segments that this run has closed.
    """

    def __init__(
        self, folder: Path, spool: Spool, author: Author, now: Callable[[], Moment]
    ) -> None:
        self._folder, self._spool, self._author, self._now = folder, spool, author, now
        self.sent: set[str] = set()
        self._last: Moment | None = None
        self._head = BEGINNING
        self._segment: _Segment | None = None

    def recover(self) -> None:
        """Find where the trail ended, and send what an earlier run had not closed.

        Called once, before the first act.

        Raises:
            StorageError: the folder cannot be read or written, or the note of the trail's end is
                damaged.
        """
        closed = self._read_head()
        with durable.translated(f"looking for the audit trail in {self._folder}"):
            names = os.listdir(self._folder)  # noqa: PTH208 - names are wanted
        left = [found for name in names if (found := _OPEN.fullmatch(name))]
        newest = max(left, key=lambda found: int(found[2]), default=None)
        if newest is not None and int(newest[2]) > closed.entries:
            # What is older than it holds nothing more: each file has the whole segment.
            closed = Head(int(newest[2]), newest[4])
            self._put(self._folder / newest[0])
            self._finish(self._folder / newest[0], closed)
        for name in names:
            if name != HEAD:
                self._remove(self._folder / name)
        self._head = closed

    def note(self, act: Act, about: About = NOBODY) -> None:
        """Write an act down; on the disk when this returns.

        Raises:
            StorageError: it could not be; the trail is as before.
            ContainerError: a field has a value that no trail may have; the trail is as before.
        """
        self._append(act, about, self.note_clock())

    def note_clock(self) -> Moment:
        """Write down that the clock was set, if it was; returns the moment of the act that follows.

        Raises:
            StorageError: it could not be; the trail is as before.
        """
        moment = self._now()
        before, self._last = self._last, moment
        if said := clock_change(before, moment):
            self._append(Act.CLOCK_CHANGED, About(detail=said), moment)
        return moment

    def _append(self, act: Act, about: About, moment: Moment) -> None:
        segment = self._segment
        if segment is not None and moment.monotonic_ns - segment.since_ns > LONGEST_NS:
            self.close()
            segment = None
        if segment is None:
            segment = _Segment(
                self._head, self._author.sequence.next(), moment.monotonic_ns, lines=[]
            )
        entry = Entry(
            number=self._head.entries + 1,
            act=act,
            at=Instant.of(moment),
            operator=about.operator,
            patient=about.patient,
            subject=about.subject,
            detail=about.detail,
            salt=os.urandom(SALT_SIZE),
            previous=self._head.digest,
        )
        self._write(segment, line_of(entry), moment)
        if len(segment.lines) >= MOST_ENTRIES:
            self.close()

    def close(self) -> None:
        """Send the open segment, if there is one.

        Raises:
            StorageError: it could not be put into the spool, and stays open and whole; or it was,
                and that could not be written down: it may be sent twice.
        """
        segment = self._segment
        if segment is None or segment.path is None:
            return
        self._put(segment.path)
        # Sent: whatever fails from here on, what follows is another segment with another number.
        self._segment = None
        self._finish(segment.path, self._head)

    def anchor(self) -> AuditAnchor | None:
        """Return how far the trail has come; None before the first act."""
        if not self._head.entries:
            return None
        return AuditAnchor(entries=self._head.entries, head=self._head.digest)

    def _write(self, segment: _Segment, line: bytes, moment: Moment) -> None:
        """Put the segment with one more line in the place of the one before."""
        author = self._author
        lines = [*segment.lines, line]
        head = author.head(segment.sequence, Instant.of(moment))
        sealed, end = seal_segment(lines, segment.start, head, author.key, author.recipients)
        first = segment.start.entries + 1
        name = f"{first:016d}-{end.entries:016d}-{segment.sequence:016d}-{end.digest}.open"
        durable.replace_file(self._folder / name, sealed)
        before, segment.path, segment.lines = segment.path, self._folder / name, lines
        self._segment, self._head = segment, after(self._head, line)
        if before is not None:
            # The newer file counts: one that stays is removed at the next start.
            with suppress(OSError):
                before.unlink(missing_ok=True)

    def _put(self, path: Path) -> None:
        with durable.translated(f"reading {path}"):
            sealed = path.read_bytes()
        with self._spool.put() as writer:
            writer.write(sealed)
        self.sent.add(writer.name)

    def _finish(self, path: Path, end: Head) -> None:
        # A crash before the next line sends it twice, which the clinic recognises as one.
        durable.replace_file(
            self._folder / HEAD, f"{end.entries:016d} {end.digest}\n".encode("ascii")
        )
        self._remove(path)

    def _remove(self, path: Path) -> None:
        with durable.translated(f"removing {path}"):
            path.unlink(missing_ok=True)
            durable.sync_directory(self._folder)

    def _read_head(self) -> Head:
        path = self._folder / HEAD
        with durable.translated(f"reading {path}"):
            if not os.path.lexists(path):
                return BEGINNING
            found = _CLOSED.fullmatch(path.read_bytes()[:128])
        if found is None:
            raise StorageFailed(
                f"{path} is damaged; the audit trail is not begun anew, because that would look "
                "like one that was cut: have a technician look at this station."
            )
        return Head(int(found[1]), found[2].decode("ascii"))
