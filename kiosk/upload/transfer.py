"""The durable push as a state machine: which request follows which reply. No connection, no clock.

One file goes through ::

    STAT final, OPEN temporary (new)      both at once
    WRITE …                               many in flight, each status read
    FSTAT, FSYNC                          sent behind the last write
    ── every one of the above answered and right ──
    RENAME, FSYNC, CLOSE                  sent together
    ── all three answered and right ──    arrived

and the next file's OPEN and writes are sent while this one's last replies are under way. The server
handles the requests of a session one after another (OpenSSH's sftp-server has one loop), so a
FSYNC sent behind a WRITE covers it. Source of the sequence and of why both syncs are needed:
docs/decisions/0031-durable-push.md.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from kiosk.errors import KioskError, StorageFailed, TransferRefused
from kiosk.upload import sftp_wire as wire

CHUNK = 32_000
"""Bytes of data in a write: with its head it fits the 32,768 bytes of one SSH packet."""

MOST_LIVE = 4
"""Files that may be between OPEN and CLOSE: one being written, the others opening or finishing."""

MOST_OPENING = 2
"""Files whose data is not all sent: the one being written, and one kept ready behind it."""


class Source(Protocol):
    """A file that is pushed, read once from its beginning to its end."""

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """A file to push; ``open`` is called when its turn comes, and the pipeline closes the file."""

    name: str
    size: int
    open: Callable[[], Source]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: the name under which it arrived durably, or why it did not.

    The name differs from the job's where that name was taken: an earlier push had got that far but
    its acknowledgement was lost. A second copy is better than a doubt.
    """

    job: Job
    arrived_as: str | None
    error: KioskError | None


class _Step(enum.Enum):
    """What a reply is the answer to."""

    STAT = "asking whether the name is free"
    OPEN = "opening a new file"
    WRITE = "writing"
    FSTAT = "asking for the size"
    SYNC_DATA = "syncing the data"
    RENAME = "renaming"
    SYNC_NAME = "syncing the name"
    CLOSE = "closing"


class _Transfer:
    """One file on its way; knows its state, sends nothing itself."""

    def __init__(self, job: Job, source: Source, folder: str, token: str) -> None:
        self.job = job
        self.source = source
        self.final = str(PurePosixPath(folder, job.name))
        self.temporary = str(PurePosixPath(folder, f".{token}.part"))
        self.handle: bytes | None = None
        self.sent = 0
        self.waiting = 0
        self.tail_sent = False
        self.name_sent = False
        self.close_sent = False
        self.error: KioskError | None = None

    @property
    def can_write(self) -> bool:
        return self.handle is not None and self.error is None and not self.tail_sent

    def fail(self, error: KioskError) -> None:
        """Keep the first error: what follows it is its consequence."""
        if self.error is None:
            self.error = error

    def chunk(self) -> bytes | None:
        """The next piece of the file, or None (and an error kept) when it cannot be read."""
        wanted = min(CHUNK, self.job.size - self.sent)
        try:
            data = self.source.read(wanted)
        except OSError as error:
            self.fail(StorageFailed(f"the spool's {self.job.name} cannot be read: {error}"))
            return None
        except KioskError as error:
            self.fail(error)
            return None
        if not data:
            self.fail(
                StorageFailed(
                    f"the spool's {self.job.name} ended after {self.sent} bytes, "
                    f"expected {self.job.size}"
                )
            )
            return None
        return data


class Pipeline:
    """Every file under way on one connection.

    Args:
        send: hands one packet to the connection, whole, in order.
        folder: of the drop box, where both names of a file live.
        token: makes an unguessable text of hexadecimal digits that no earlier file has used.
        window: how many bytes of data may be unanswered.
    """

    def __init__(
        self, send: Callable[..., None], folder: str, token: Callable[[], str], window: int
    ) -> None:
        self.window = window
        self.in_flight = 0
        self._send = send
        self._folder = folder
        self._token = token
        self._live: list[_Transfer] = []
        self._asked: dict[int, tuple[_Transfer, _Step, int]] = {}
        self._next_request = 1

    @property
    def idle(self) -> bool:
        return not self._live

    @property
    def wants_job(self) -> bool:
        """Whether another file's OPEN should be sent now."""
        opening = sum(1 for t in self._live if not t.tail_sent and t.error is None)
        return len(self._live) < MOST_LIVE and opening < MOST_OPENING

    @property
    def can_write(self) -> bool:
        """Whether there is data to send and room for it."""
        return self.in_flight < self.window and self._writer() is not None

    def add(self, job: Job) -> Outcome | None:
        """Begin a file; an outcome at once when it cannot even be opened here."""
        try:
            source = job.open()
        except KioskError as error:
            return Outcome(job, None, error)
        transfer = _Transfer(job, source, self._folder, self._token())
        self._live.append(transfer)
        self._ask(transfer, _Step.STAT, lambda n: wire.stat(n, transfer.final))
        self._ask(transfer, _Step.OPEN, lambda n: wire.open_new(n, transfer.temporary))
        return None

    def write(self) -> Outcome | None:
        """Send one more piece of the file whose turn it is; call while ``can_write``."""
        transfer = self._writer()
        if transfer is None or transfer.handle is None:
            return None
        if transfer.sent < transfer.job.size:
            data = transfer.chunk()
            if data is None:
                return self._settle(transfer)
            self._write(transfer, transfer.handle, data)
        if transfer.sent == transfer.job.size:
            self._finish_data(transfer, transfer.handle)
        return None

    def take(self, reply: wire.Reply) -> Outcome | None:
        """Act on a reply; an outcome when it was the last of its file.

        Raises:
            TransferRefused: a reply to nothing that was asked; the connection is of no use.
        """
        if isinstance(reply, wire.Version) or reply.request not in self._asked:
            raise TransferRefused(
                "the server answered a request that was not made; expected OpenSSH's internal-sftp"
            )
        transfer, step, size = self._asked.pop(reply.request)
        transfer.waiting -= 1
        self.in_flight -= size
        self._judge(transfer, step, reply)
        return self._settle(transfer)

    def abandon(self) -> None:
        """Close the local files of everything under way; nothing of it counts as arrived."""
        for transfer in self._live:
            transfer.source.close()
        self._live.clear()
        self._asked.clear()
        self.in_flight = 0

    def _writer(self) -> _Transfer | None:
        """The oldest file with data left; a later one waits, so that files arrive in order."""
        for transfer in self._live:
            if transfer.error is None and not transfer.tail_sent:
                return transfer if transfer.can_write else None
        return None

    def _ask(
        self, transfer: _Transfer, step: _Step, packet: Callable[[int], bytes], size: int = 0
    ) -> None:
        number = self._next_request
        self._next_request = (number + 1) & 0xFFFF_FFFF
        self._asked[number] = (transfer, step, size)
        transfer.waiting += 1
        self.in_flight += size
        self._send(packet(number))

    def _write(self, transfer: _Transfer, handle: bytes, data: bytes) -> None:
        offset, length = transfer.sent, len(data)
        transfer.sent += length
        self._ask(
            transfer,
            _Step.WRITE,
            lambda n: wire.write_head(n, handle, offset, length) + data,
            length,
        )

    def _finish_data(self, transfer: _Transfer, handle: bytes) -> None:
        transfer.tail_sent = True
        self._ask(transfer, _Step.FSTAT, lambda n: wire.fstat(n, handle))
        self._ask(transfer, _Step.SYNC_DATA, lambda n: wire.fsync(n, handle))

    def _finish_name(self, transfer: _Transfer, handle: bytes) -> None:
        transfer.name_sent = transfer.close_sent = True
        self._ask(
            transfer, _Step.RENAME, lambda n: wire.rename(n, transfer.temporary, transfer.final)
        )
        self._ask(transfer, _Step.SYNC_NAME, lambda n: wire.fsync(n, handle))
        self._ask(transfer, _Step.CLOSE, lambda n: wire.close(n, handle))

    def _judge(self, transfer: _Transfer, step: _Step, reply: wire.Reply) -> None:
        """Decide what a reply means for its file; anything unexpected is a failure of the file."""
        if step is _Step.STAT:
            self._judge_stat(transfer, reply)
        elif step is _Step.OPEN and isinstance(reply, wire.Handle):
            transfer.handle = reply.handle
        elif step is _Step.FSTAT and isinstance(reply, wire.Attributes):
            if reply.size != transfer.job.size:
                transfer.fail(
                    TransferRefused(
                        f"the server says that {transfer.job.name} has {reply.size} bytes, "
                        f"expected {transfer.job.size}; it will be sent again"
                    )
                )
        elif not (_answered_by_status(step) and _is_ok(reply)):
            transfer.fail(_refused(transfer, step, reply))

    def _judge_stat(self, transfer: _Transfer, reply: wire.Reply) -> None:
        if isinstance(reply, wire.Attributes):
            path = PurePosixPath(transfer.final)
            transfer.final = str(path.with_name(f"{path.stem}-{self._token()[:8]}{path.suffix}"))
        elif not (isinstance(reply, wire.Status) and reply.code == wire.NO_SUCH_FILE):
            transfer.fail(_refused(transfer, _Step.STAT, reply))

    def _settle(self, transfer: _Transfer) -> Outcome | None:
        """Send what a file's last reply has made possible, or report it when all is answered."""
        if transfer.waiting:
            return None
        if transfer.error is None and not transfer.tail_sent:
            return None
        if transfer.handle is not None and not transfer.close_sent:
            if transfer.error is None:
                self._finish_name(transfer, transfer.handle)
            else:
                self._give_up(transfer, transfer.handle)
            return None
        self._live.remove(transfer)
        transfer.source.close()
        if transfer.error is not None:
            return Outcome(transfer.job, None, transfer.error)
        return Outcome(transfer.job, PurePosixPath(transfer.final).name, None)

    def _give_up(self, transfer: _Transfer, handle: bytes) -> None:
        transfer.close_sent = True
        self._ask(transfer, _Step.CLOSE, lambda n: wire.close(n, handle))


def _answered_by_status(step: _Step) -> bool:
    return step not in {_Step.STAT, _Step.OPEN, _Step.FSTAT}


def _is_ok(reply: wire.Reply) -> bool:
    return isinstance(reply, wire.Status) and reply.code == wire.OK


def _refused(transfer: _Transfer, step: _Step, reply: wire.Reply) -> TransferRefused:
    said = reply.meaning if isinstance(reply, wire.Status) else "an answer of the wrong kind"
    return TransferRefused(
        f"the server refused {transfer.job.name} when {step.value}: {said}; "
        "it stays on this station and will be sent again"
    )
