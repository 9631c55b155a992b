"""The one thread beside the screen's that does what can take long: camera, lights, disk.

The screen's thread hands over jobs and never waits for them; what came of a job is put into an
inbox that the screen's thread empties once a frame.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from kiosk.capture.checked_thread import CheckedThread

News = TypeVar("News")
Job = Callable[[], None]


class Inbox(Generic[News]):
    """What other threads have to tell the screen's thread, in the order in which they told it."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[News] = queue.SimpleQueue()

    def post(self, news: News) -> None:
        self._queue.put(news)

    def drain(self) -> Iterator[News]:
        """Yield all that has come; never waits."""
        while True:
            try:
                yield self._queue.get_nowait()
            except queue.Empty:
                return


class Worker:
    """Runs jobs one after the other on a thread of its own.

    The workflow lets one picture at a time be under way, so what waits here is at most that one
    and a few quick switches of lights behind it. A job that raises ends the worker: jobs translate
    the errors that they expect, and what they do not expect must end the process, visibly.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._busy_since: int | None = None
        self._thread = CheckedThread(self._run, "worker")

    def start(self) -> None:
        self._thread.start()

    def submit(self, job: Job) -> None:
        self._jobs.put(job)

    def busy_ns(self) -> int:
        """Return for how long the present job has been running, nanoseconds; 0 when idle."""
        since = self._busy_since
        return 0 if since is None else self._clock() - since

    def check(self) -> None:
        """Raise, on the caller's thread, whatever ended the worker."""
        self._thread.check()

    def close(self, timeout: float) -> bool:
        """Finish the jobs handed over so far and end; return whether that happened in time."""
        if not self._thread.is_alive():
            return True
        self._jobs.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._busy_since = self._clock()
            job()
            self._busy_since = None
