"""Being a service: readiness, watchdog, journal, signals, and a way to fail that leaks nothing.

Everything works the same off systemd: what systemd asks for through its environment variables is
done, and where it asks for nothing nothing is done. The library is loaded only where systemd asks,
and is then required: a service that was told to report and cannot must not run.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from types import FrameType, ModuleType, TracebackType
from typing import Self

from kiosk.errors import KioskError, ServiceError, UsageError
from kiosk.logs import OWN, JournalHandler, StderrHandler, describe

FEEDS_PER_TIMEOUT = 4
"""Watchdog messages in each time-out. sd_watchdog_enabled(3) asks for at least two; twice that
leaves room for one slow turn of the loop."""

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2
EXIT_SIGNALLED = 128
"""Plus the signal's number: what a shell reports of a program that a signal ended."""


class Service:
    """This process, as systemd sees it.

    Without ``NOTIFY_SOCKET`` in the environment every call does nothing. Whoever does the work
    calls ``feed`` from inside the loop that does it, as often as it likes.

    Args:
        clock: monotonic nanoseconds.
        environment: where systemd's variables are read; the library itself reads the process's.

    Raises:
        ServiceError: systemd asks for reports and systemd-python is missing, or what it asks for
            cannot be understood.
    """

    def __init__(
        self,
        clock: Callable[[], int] = time.monotonic_ns,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._clock = clock
        self._daemon = _library("daemon") if environment.get("NOTIFY_SOCKET") else None
        self._interval_ns = _watchdog_ns(environment) // FEEDS_PER_TIMEOUT
        self._fed_ns: int | None = None

    @property
    def supervised(self) -> bool:
        """Whether systemd runs this process and wants to hear of it."""
        return self._daemon is not None

    def ready(self) -> None:
        """Tell that the work can begin: the camera streams, or the spool is open."""
        self._notify("READY=1")

    def feed(self) -> None:
        """Tell that the loop is alive; at most ``FEEDS_PER_TIMEOUT`` times in each time-out."""
        if self._daemon is None or not self._interval_ns:
            return
        now = self._clock()
        if self._fed_ns is None or now - self._fed_ns >= self._interval_ns:
            self._fed_ns = now
            self._notify("WATCHDOG=1")

    def stopping(self) -> None:
        self._notify("STOPPING=1")

    def status(self, text: str) -> None:
        """Set the line that ``systemctl status`` shows: counts and codes, nothing of a patient."""
        # A line break would begin another variable of the message.
        self._notify("STATUS=" + " ".join(text.split()))

    def _notify(self, message: str) -> None:
        if self._daemon is None:
            return
        try:
            self._daemon.notify(message)
        except OSError as error:
            raise ServiceError(
                f"systemd cannot be told {message.partition('=')[0]}: {error.strerror}; expected "
                "the socket of NOTIFY_SOCKET to accept messages."
            ) from error


class StopSignals:
    """Turns SIGTERM and SIGINT into a question that the loop asks.

    Neither ends the process while the ``with`` block lasts, however often they come: what is being
    saved is finished. The handlers that were there before come back afterwards. Only the main
    thread can enter it.
    """

    SIGNALS = (signal.SIGTERM, signal.SIGINT)

    def __init__(self) -> None:
        self._requested = False
        self._before: dict[signal.Signals, object] = {}
        self._read_end = self._write_end = -1
        self._closing = threading.Lock()

    def __enter__(self) -> Self:
        # A pipe, because a lock taken in a handler can already be held by what it interrupted.
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._write_end, False)
        try:
            for number in self.SIGNALS:
                self._before[number] = signal.signal(number, self._request)
        except ValueError as error:
            self._close()
            raise ServiceError(
                "Stop signals can only be watched for in the main thread; "
                "expected StopSignals to be entered there."
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before.clear()
        self._close()

    def is_set(self) -> bool:
        """Say whether somebody asked this process to stop."""
        return self._requested

    def wait(self, seconds: float) -> bool:
        """Sleep until asked to stop, at most ``seconds``; say whether that was asked.

        Only inside the ``with`` block.
        """
        if not self._requested:
            select.select([self._read_end], [], [], max(0.0, seconds))
        return self._requested

    def request(self) -> None:
        """Ask from inside; from any thread."""
        # Not in the handler: it may interrupt whoever holds this.
        with self._closing:
            self._request(0, None)

    def _request(self, _number: int, _frame: FrameType | None) -> None:
        if not self._requested:
            self._requested = True
            if self._write_end >= 0:
                os.write(self._write_end, b"x")

    def _close(self) -> None:
        with self._closing:
            ends = self._read_end, self._write_end
            self._read_end = self._write_end = -1
            for end in ends:
                os.close(end)


def configure_journal(name: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send every log record of this process to the journal, or off systemd to standard error.

    Records of our own loggers are kept from INFO on, those of libraries from WARNING on. See
    ``kiosk/logs.py`` for what of them is written at all.

    Args:
        name: what the journal calls this process, such as ``kiosk-capture``.
        environment: where ``JOURNAL_STREAM`` is read.

    Raises:
        ServiceError: standard error is the journal and systemd-python is missing.
    """
    handler: logging.Handler
    if _stderr_is_journal(environment):
        handler = JournalHandler(name, _library("journal"))
    else:
        handler = StderrHandler(sys.stderr)
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


def guarded(main: Callable[[], int]) -> int:
    """Run a program's ``main`` so that no way of failing shows what it was working on.

    Errors of ours become their sentence; any other exception, in whatever thread, becomes its
    class and where it happened, without values (see ``kiosk/logs.py``). SIGTERM before or after a
    :class:`StopSignals` block unwinds the stack, so that lights go off.

    For the outermost call of a process: the hooks that it sets stay. ``SystemExit`` passes through.

    Returns:
        The exit code: what ``main`` returned; 2 for a wrong command line or configuration, 1 for
        every other error, 128 and the signal's number where a signal ended it.
    """
    sys.excepthook = _hook
    sys.unraisablehook = _unraisable_hook
    threading.excepthook = _thread_hook
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _unwind)
    try:
        return main()
    except KioskError as error:
        _say_error(error)
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_SIGNALLED + signal.SIGINT
    except Exception as error:  # noqa: BLE001 - the last place before Python would print its values
        _say_exception(error)
        return EXIT_FAILED


def _unwind(number: int, _frame: FrameType | None) -> None:
    # A second one must not interrupt the switching off that the first one began.
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(EXIT_SIGNALLED + number)


def _hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    _say_exception(error)


def _unraisable_hook(args: sys.UnraisableHookArgs) -> None:
    _say_exception(args.exc_value or args.exc_type())


def _thread_hook(args: threading.ExceptHookArgs) -> None:
    # A thread that calls sys.exit ends in silence, as Python has it.
    if not issubclass(args.exc_type, SystemExit):
        _say_exception(args.exc_value or args.exc_type())


def _say_error(error: KioskError) -> None:
    if _journalled():
        logging.getLogger(OWN).error("%s", error)
    else:
        _say(error.sentence)


def _say_exception(error: BaseException) -> None:
    if _journalled():
        logging.getLogger(OWN).critical("stopped by a fault in this program", exc_info=error)
    else:
        _say("stopped by a fault in this program\n" + describe(error))


def _journalled() -> bool:
    return any(isinstance(handler, JournalHandler) for handler in logging.getLogger().handlers)


def _say(text: str) -> None:
    sys.stderr.write(f"kiosk: {text}\n")
    sys.stderr.flush()


def _stderr_is_journal(environment: Mapping[str, str]) -> bool:
    """Say whether standard error is the journal, as systemd.exec(5) tells how to find out.

    The variable alone does not say it: it is inherited by programs whose output goes elsewhere.
    """
    device, _, inode = environment.get("JOURNAL_STREAM", "").partition(":")
    if not (device.isdecimal() and inode.isdecimal()):
        return False
    try:
        status = os.fstat(2)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == (int(device), int(inode))


def _watchdog_ns(environment: Mapping[str, str]) -> int:
    """Return the watchdog's time-out in nanoseconds, 0 where none watches this process."""
    text = environment.get("WATCHDOG_USEC", "")
    watched = environment.get("WATCHDOG_PID", "")
    if not text or (watched and watched != str(os.getpid())):
        return 0
    if not text.isdecimal() or int(text) == 0:
        raise ServiceError(
            f"WATCHDOG_USEC is {text!r}; expected systemd to set it to a number of microseconds."
        )
    return int(text) * 1_000


def _library(part: str) -> ModuleType:
    """Load one part of systemd-python, only where systemd runs this process."""
    try:
        import systemd.daemon  # noqa: PLC0415
        import systemd.journal  # noqa: PLC0415
    except ImportError as error:
        raise ServiceError(
            f"systemd asks this service to report, but the library for it is missing ({error}); "
            "expected Debian's package python3-systemd, visible to this program's Python."
        ) from error
    library: ModuleType = getattr(systemd, part)
    return library
