"""The TCP connection under the encrypted one, and how long anything may take on it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from kiosk.errors import ServerUnreachable, TransferTimeout

Pulse = Callable[[], bool]
"""Called at least every ``Limits.tick`` while working; returns True to stop as soon as it may."""


class Stopped(Exception):
    """The pulse asked to stop; nothing under way counts as arrived."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds.

    Attributes:
        connect: for each step of connecting (TCP, key exchange, login, channel).
        stall: without any sign of the server while something is expected of it.
        base: for one file whatever its size, beside ``size / slowest``.
        slowest: bytes per second below which a transfer is given up.
        tick: between two looks at the pulse while waiting.
    """

    connect: float = 10.0
    stall: float = 60.0
    base: float = 120.0
    slowest: float = 16_384.0
    tick: float = 0.5

    def whole(self, size: int) -> float:
        return self.base + size / self.slowest


class Link(socket.socket):
    """The TCP connection; a blocked send is bounded here because paramiko would retry for ever."""

    @classmethod
    def open(cls, host: str, port: int, limits: Limits, pulse: Pulse) -> Self:
        """Connect, feeling the pulse meanwhile.

        Raises:
            ServerUnreachable: the name is unknown, nobody answers or the port is closed.
            Stopped: the pulse asked for it.
        """
        try:
            plain = _Dial(host, port, limits.connect).wait(limits, pulse)
        except OSError as error:
            raise ServerUnreachable(
                f"{host}:{port} cannot be reached: {error.strerror or error}; check the network "
                "cable, the address and whether the server runs"
            ) from error
        link = cls(fileno=plain.detach())
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Not every kernel has or allows it; its own choice is right then.
        with contextlib.suppress(OSError):
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"bbr")
        link._guard(limits.stall, pulse)
        return link

    def _guard(self, stall: float, pulse: Pulse) -> None:
        self._stall = stall
        self._pulse = pulse
        self._owner = threading.get_ident()
        self.verdict: Stopped | TransferTimeout | None = None
        self._moved = time.monotonic()

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Receive, and acknowledge at once.

        sshd leaves Nagle's algorithm on: its second small answer waits until the first one is
        acknowledged, which Linux delays by 40 ms. The option wears off, hence at each call.
        """
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return super().recv(size, flags)

    def send(self, data: Any, flags: int = 0) -> int:  # noqa: ANN401 - as the base class has it
        try:
            sent = super().send(data, flags)
        except TimeoutError:
            self._judge()
            raise
        self._moved = time.monotonic()
        return sent

    def _judge(self) -> None:
        """Break off a blocked send; what is raised here reaches the caller as ``verdict`` only."""
        if threading.get_ident() == self._owner and self._pulse():
            self.verdict = Stopped()
        elif time.monotonic() - self._moved > self._stall:
            self.verdict = TransferTimeout(
                f"the server has taken no data for {self._stall:g} seconds; "
                "the transfer is given up and will be tried again"
            )
        if self.verdict is not None:
            raise ConnectionAbortedError


class _Dial:
    """A connection being made in a thread, because looking up a name may take half a minute."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._target = (host, port)
        self._timeout = timeout
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._given_up = False
        self._made: socket.socket | None = None
        self._error: OSError | None = None
        threading.Thread(target=self._run, name="dial", daemon=True).start()

    def wait(self, limits: Limits, pulse: Pulse) -> socket.socket:
        """The connection; raises OSError where there is none, and Stopped."""
        deadline = time.monotonic() + _DIAL_LIMITS * limits.connect
        try:
            while not self._done.wait(limits.tick):
                if pulse():
                    raise Stopped
                if time.monotonic() > deadline:
                    raise TimeoutError("no answer, neither from the name server nor from it")
            if self._made is None:
                raise self._error or ConnectionError("no connection")
            made, self._made = self._made, None
            return made
        finally:
            self._give_up()

    def _run(self) -> None:
        try:
            made = socket.create_connection(self._target, timeout=self._timeout)
        except OSError as error:
            self._error = error
        else:
            with self._lock:
                if self._given_up:
                    made.close()
                else:
                    self._made = made
        finally:
            self._done.set()

    def _give_up(self) -> None:
        with self._lock:
            self._given_up = True
            if self._made is not None:
                self._made.close()


_DIAL_LIMITS = 3
"""Times ``Limits.connect`` for looking up the name and trying its addresses one after another."""


class Deadline:
    """The bound on the whole transfer; grows with each file that is begun."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._at = time.monotonic()

    def extend(self, size: int) -> None:
        self._at = max(self._at, time.monotonic()) + self._limits.whole(size)

    def check(self, where: str) -> None:
        if time.monotonic() > self._at:
            raise TransferTimeout(
                f"{where} takes too long: slower than {self._limits.slowest / 1024:g} KiB a "
                "second; the transfer is given up and will be tried again"
            )
