"""Asking the office on the worker, and taking in what came of it on the screen's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from kiosk.capture.crew import Apply, News
from kiosk.capture.worker import Inbox, Worker
from kiosk.capture.workflow import Event
from kiosk.errors import KioskError

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is done with the answer, on the screen's thread.

    Attributes:
        fresh: whether whom it is about is still there; else nothing is done.
        failed: what to do with an error.
    """

    fresh: Callable[[], bool]
    failed: Callable[[KioskError], Event | None]


class Asking:
    """Hands questions to the worker, whose answers come back through the inbox."""

    def __init__(self, worker: Worker, inbox: Inbox[News]) -> None:
        self._worker, self._inbox = worker, inbox

    def ask(
        self, act: Callable[[], _T], done: Callable[[_T], Event | None], outcome: Outcome
    ) -> None:
        """Have ``act`` done on the worker, and ``done`` with its answer here.

        Args:
            act: may raise any KioskError.
            done: returns what follows for the workflow.
            outcome: what else can come of it.
        """

        def job() -> None:
            try:
                found = act()
            except KioskError as error:
                self._inbox.post(News(None, apply=_failed(error, outcome)))
                return
            self._inbox.post(News(None, apply=_done(found, done, outcome)))

        self._worker.submit(job)


def _done(found: _T, done: Callable[[_T], Event | None], outcome: Outcome) -> Apply:
    return lambda: done(found) if outcome.fresh() else None


def _failed(error: KioskError, outcome: Outcome) -> Apply:
    def apply() -> Event | None:
        _log.warning("%s", error)
        return outcome.failed(error) if outcome.fresh() else None

    return apply
