"""A thread beside the screen's whose end by a fault is noticed."""

from __future__ import annotations

import threading
from collections.abc import Callable


class CheckedThread(threading.Thread):
    """Does its work once started; the process may end without it.

    What the work does not expect must end the process, visibly: :meth:`check` is called once a
    frame.
    """

    def __init__(self, work: Callable[[], None], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._failure: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - handed to the screen's thread, see check()
            self._failure = error

    def check(self) -> None:
        """Raise, on the caller's thread, whatever ended the work."""
        if self._failure is not None:
            raise self._failure
