"""The connection to the clinic's drop box; the only module that knows paramiko.

paramiko gives the encrypted channel. What is said on it is in ``sftp_wire.py``, in which order in
``transfer.py``. Its own SFTP client is not used: it drops the errors of pipelined writes
(docs/decisions/0030-own-sftp-requests.md).
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn, Self

import paramiko

from kiosk.config import Upload
from kiosk.errors import (
    ConfigError,
    LoginRefused,
    ServerIdentityChanged,
    ServerUnreachable,
    TransferRefused,
    TransferTimeout,
)
from kiosk.upload import sftp_wire as wire
from kiosk.upload.download import Download, Sink, Stamp
from kiosk.upload.host_key import HostKey
from kiosk.upload.link import Deadline, Limits, Link, Pulse, Stopped
from kiosk.upload.transfer import Job, Outcome, Pipeline

CIPHERS = ("aes128-gcm@openssh.com", "aes128-ctr", "aes256-gcm@openssh.com", "aes256-ctr")
_KEEPALIVE_SECONDS = 15
_BURST = 8

SMALLEST_WINDOW = 512 * 1024
LARGEST_WINDOW = 2 * 1024 * 1024
LINE_RATE = 125_000_000
"""The window (bytes of data unanswered) is round trip times line rate, within these; the rate is
that of gigabit Ethernet in bytes per second.

A deeper queue than the link needs only waits in the server and was measured to cost up to 80 ms
for 6 MB on a near link; OpenSSH's own window of a channel is 2 MiB.
"""


class DropBox:
    """A logged-in session with the drop box; make one with :meth:`connect`.

    One thread at a time. After any exception the session is of no use: close it.
    """

    def __init__(
        self,
        link: Link,
        transport: paramiko.Transport,
        upload: Upload,
        limits: Limits,
        pulse: Pulse,
    ) -> None:
        self._link = link
        self._transport = transport
        self._upload = upload
        self._limits = limits
        self._pulse = pulse
        self._decoder = wire.Decoder()
        self._version: wire.Version | None = None
        self._heard = time.monotonic()
        self._channel: paramiko.Channel
        self._round_trip = 0.0

    @classmethod
    def connect(cls, upload: Upload, pulse: Pulse, limits: Limits | None = None) -> Self:
        """Connect, check the server's pinned key, log in with our key file, open the session.

        Raises:
            ServerUnreachable: no connection, or it broke while being made.
            ServerIdentityChanged: another host key than the pinned one.
            LoginRefused: the server does not take our key.
            TransferRefused: the server offers no SFTP to us.
            ConfigError: the key file or the pinned key cannot be read.
            Stopped: the pulse asked for it.
        """
        limits = limits or Limits()
        pinned = HostKey.parse(upload.host_key)
        key = _private_key(upload.key)
        link = Link.open(upload.host, upload.port, limits, pulse)
        transport = paramiko.Transport(link)
        box = cls(link, transport, upload, limits, pulse)
        try:
            box._negotiate(pinned)
            box._log_in(key)
            box._open_session()
        except BaseException:
            box.close()
            raise
        return box

    @staticmethod
    def check(upload: Upload) -> None:
        """Read both keys without connecting.

        Raises:
            ConfigError: the key file or the pinned key cannot be read.
        """
        HostKey.parse(upload.host_key)
        _private_key(upload.key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; may be called more than once."""
        self._transport.close()
        self._link.close()

    def push(self, source: BinaryIO, size: int, name: str) -> str:
        """Put one file into the drop box, durably; returns the name under which it arrived.

        Raises:
            UploadError: it did not arrive, or there is no proof that it did.
            StorageError: the source could not be read.
            Stopped: the pulse asked for it.
        """
        jobs = iter([Job(name, size, lambda: source)])
        for outcome in self.push_all(lambda: next(jobs, None)):
            if outcome.error is not None:
                raise outcome.error
            if outcome.arrived_as is not None:
                return outcome.arrived_as
        raise TransferRefused(f"{name} was not sent; this is a fault of this program")

    def push_all(self, next_job: Callable[[], Job | None]) -> Iterator[Outcome]:
        """Push files until ``next_job`` has no more, several of them under way at a time.

        Yields:
            What became of each file, in the order in which that was known.

        Raises:
            UploadError: the connection is of no use any more; what was not yielded did not arrive.
            Stopped: the pulse asked for it.
        """
        window = window_for(self._round_trip)
        pipeline = Pipeline(self._send, self._upload.folder, _token, window)
        deadline = Deadline(self._limits)
        self._heard = time.monotonic()
        try:
            while True:
                while pipeline.wants_job and (job := next_job()) is not None:
                    deadline.extend(job.size)
                    if outcome := pipeline.add(job):
                        yield outcome
                if pipeline.idle:
                    return
                yield from self._turn(pipeline)
                deadline.check(self._upload.host)
        finally:
            pipeline.abandon()

    def fetch(self, path: str, sink: Sink, limit: int, seen: Stamp | None = None) -> Stamp | None:
        """Read one file of the server whole, unless it was seen before.

        Args:
            path: as the server sees it.
            sink: is given the file piece by piece, in order.
            limit: largest size in bytes.
            seen: what was returned when it was read last.

        Returns:
            Its stamp, ``seen`` itself where nothing was read; None where there is no such file.

        Raises:
            UploadError: it could not be read whole, or is larger; what ``sink`` got is of no use.
            StorageError: what ``sink`` raised.
            Stopped: the pulse asked for it.
        """
        download = Download(self._send, path, sink, limit, seen)
        deadline = Deadline(self._limits)
        deadline.extend(0)
        known = 0
        self._heard = time.monotonic()
        while not download.done:
            if download.size > known:
                known = download.size
                deadline.extend(known)
            for reply in self._replies(wait=True):
                if isinstance(reply, wire.Version) and self._version is None:
                    self._accept(reply)
                else:
                    download.take(reply)
            deadline.check(self._upload.host)
        return download.stamp

    def _turn(self, pipeline: Pipeline) -> Iterator[Outcome]:
        """Send some data, then act on what the server answered; wait only when nothing can go."""
        for _ in range(_BURST):
            if not pipeline.can_write:
                break
            if outcome := pipeline.write():
                yield outcome
        for reply in self._replies(wait=not pipeline.can_write):
            if isinstance(reply, wire.Version) and self._version is None:
                self._accept(reply)
            elif outcome := pipeline.take(reply):
                yield outcome

    def _negotiate(self, pinned: HostKey) -> None:
        options = self._transport.get_security_options()
        options.ciphers = CIPHERS
        options.key_types = pinned.algorithms
        # Later than our own limit, which comes with a sentence.
        self._transport.banner_timeout = self._transport.handshake_timeout = (
            10 * self._limits.connect
        )
        done = threading.Event()
        with _foreign_errors(self._where, pinned):
            self._transport.start_client(event=done)
            self._await(done, "agree on keys")
            self._raise_saved()
            shown = self._transport.get_remote_server_key()
        if shown.asbytes() != pinned.blob:
            raise ServerIdentityChanged(
                f"{self._where} shows the host key {HostKey.of(shown.asbytes()).fingerprint}, "
                f"expected {pinned.fingerprint} as pinned at enrolment; nothing was sent: ask the "
                "clinic's IT whether the server was replaced before pinning the new key"
            )

    def _log_in(self, key: paramiko.PKey) -> None:
        done = threading.Event()
        with _foreign_errors(self._where, None):
            self._transport.auth_publickey(self._upload.user, key, event=done)
            self._await(done, "answer our login")
            if not self._transport.is_authenticated():
                self._raise_saved()
                raise paramiko.AuthenticationException

    def _open_session(self) -> None:
        """Ask for the SFTP subsystem and greet it in one go.

        RFC 4254, 5.4 lets a client send on without waiting for the answer to a request. paramiko's
        own call waits, which costs a round trip for each session; docs/decisions/0030.
        """
        begin = time.monotonic()
        with _foreign_errors(self._where, None):
            channel = self._transport.open_session(timeout=self._limits.connect)
            self._round_trip = time.monotonic() - begin
            channel.settimeout(self._limits.tick)
            request = paramiko.Message()
            request.add_byte(b"\x62")  # SSH_MSG_CHANNEL_REQUEST
            request.add_int(channel.remote_chanid)
            request.add_string("subsystem")
            request.add_boolean(b=True)
            request.add_string("sftp")
            self._transport._send_user_message(request)  # noqa: SLF001
        self._channel = channel
        self._transport.set_keepalive(_KEEPALIVE_SECONDS)
        self._heard = time.monotonic()
        self._send(wire.init())

    def _accept(self, version: wire.Version) -> None:
        self._version = version
        if version.number != wire.VERSION or wire.FSYNC not in version.extensions:
            raise TransferRefused(
                f"{self._where} speaks SFTP {version.number} without {wire.FSYNC}; expected "
                "version 3 with it (OpenSSH 6.5 or later), because without a sync nothing is safe"
            )

    def _send(self, packet: bytes) -> None:
        view = memoryview(packet)
        with _foreign_errors(self._where, None):
            while view:
                try:
                    sent = self._channel.send(view)
                except TimeoutError:
                    self._tick()
                    continue
                except (EOFError, OSError):
                    sent = 0
                if not sent:
                    self._raise_ended()
                view = view[sent:]

    def _replies(self, *, wait: bool) -> list[wire.Reply]:
        """What has arrived; waits for at most a tick, and only when asked to."""
        if not wait and not self._channel.recv_ready():
            return []
        with _foreign_errors(self._where, None):
            try:
                data = self._channel.recv(65_536)
            except TimeoutError:
                self._tick()
                return []
            if not data:
                self._raise_ended()
        self._heard = time.monotonic()
        if self._pulse():
            raise Stopped
        return self._decoder.feed(data)

    def _tick(self) -> None:
        """Called when nothing happened for a while: stop, give up, or go on waiting."""
        if self._pulse():
            raise Stopped
        if time.monotonic() - self._heard > self._limits.stall:
            raise TransferTimeout(
                f"{self._where} has not answered for {self._limits.stall:g} seconds; "
                "the transfer is given up and will be tried again"
            )

    def _await(self, done: threading.Event, what: str) -> None:
        deadline = time.monotonic() + self._limits.connect
        while not done.wait(self._limits.tick):
            if self._pulse():
                raise Stopped
            if time.monotonic() > deadline:
                raise ServerUnreachable(
                    f"{self._where} did not {what} within {self._limits.connect:g} seconds; "
                    "check that it is an SSH server and not overloaded"
                )

    def _raise_saved(self) -> None:
        """Raise what ended paramiko's thread, if anything did."""
        if error := self._transport.get_exception():
            raise error

    def _raise_ended(self) -> NoReturn:
        """Say why the session is over."""
        if self._link.verdict is not None:
            raise self._link.verdict
        if self._version is None:
            raise TransferRefused(
                f"{self._where} ended the session before it spoke SFTP; expected the rules of "
                "the drop box (docs/server.md) to apply to this station's account"
            )
        self._raise_saved()
        raise EOFError

    @property
    def _where(self) -> str:
        return f"{self._upload.host}:{self._upload.port}"


@contextlib.contextmanager
def _foreign_errors(where: str, pinned: HostKey | None) -> Iterator[None]:
    """Turn what paramiko and the socket raise into our own errors."""
    try:
        yield
    except paramiko.ssh_exception.IncompatiblePeer as error:
        if pinned is None or "host key" not in str(error).lower():
            raise ServerUnreachable(
                f"{where} and this station have no common way to encrypt: {error}"
            ) from error
        raise ServerIdentityChanged(
            f"{where} has no host key of the pinned type {pinned.kind}, expected "
            f"{pinned.fingerprint} as pinned at enrolment; nothing was sent: ask the clinic's IT "
            "whether the server was replaced before pinning a new key"
        ) from error
    except paramiko.AuthenticationException as error:
        raise LoginRefused(
            f"{where} does not accept this station's key; expected it to be added there (and not "
            "revoked): ask the clinic's IT, `python3 -m provisioning.server list` shows the keys"
        ) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise ServerUnreachable(
            f"the connection to {where} broke: {str(error) or type(error).__name__}; "
            "it will be made again"
        ) from error


def window_for(round_trip: float) -> int:
    """Bytes of data to keep unanswered on a link with this round trip in seconds."""
    return max(SMALLEST_WINDOW, min(LARGEST_WINDOW, int(round_trip * LINE_RATE)))


def _private_key(path: Path) -> paramiko.PKey:
    try:
        return paramiko.PKey.from_path(path)
    except (paramiko.SSHException, OSError, ValueError, TypeError) as error:
        raise ConfigError(
            f"upload.key: {path} cannot be read as an unencrypted OpenSSH private key: {error}"
        ) from error


def _token() -> str:
    return secrets.token_hex(16)


def quiet_library_log() -> None:
    """Keep paramiko's tracebacks out of the journal; every failure is reported as our own error."""
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
