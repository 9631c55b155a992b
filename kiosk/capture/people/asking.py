"""Asking the office on the worker, and taking in what came of it on the screen's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from kiosk.capture.crew import Apply, News
from kiosk.capture.worker import Inbox, Worker
from kiosk.capture.workflow import Event
from kiosk.errors import KioskError

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


class Asking:
    """Hands questions about one badge or patient to the worker; answers come through the inbox.

    Attributes:
        problem: what is wrong with what was asked for; empty while nothing is.
    """

    def __init__(self, worker: Worker, inbox: Inbox[News]) -> None:
        self._worker, self._inbox = worker, inbox
        self._number = 0
        self.problem = ""

    def anew(self) -> None:
        """Turn to another badge or patient, or to none: what is still asked counts no more."""
        self._number += 1

    def ask(self, act: Callable[[], _T], done: Callable[[_T], Event | None], failed: Event) -> None:
        """Have ``act`` done on the worker, and ``done`` with its answer here.

        Args:
            act: may raise any KioskError.
            done: returns what follows for the workflow.
            failed: what follows from an error, whose sentence is the problem then.
        """
        this = self._number

        def wrong(error: KioskError) -> Event | None:
            if this != self._number:
                return None
            self.problem = error.sentence
            return failed

        self._submit(act, lambda found: done(found) if this == self._number else None, wrong)

    def tell(self, act: Callable[[], _T], done: Callable[[_T], None] = lambda _: None) -> None:
        """Have ``act`` done on the worker, whoever is there; an error is for the journal alone."""
        self._submit(act, done, lambda _: None)

    def _submit(
        self,
        act: Callable[[], _T],
        done: Callable[[_T], Event | None],
        wrong: Callable[[KioskError], Event | None],
    ) -> None:
        def job() -> None:
            self._inbox.post(News(None, apply=_answer(act, done, wrong)))

        self._worker.submit(job)


def _answer(
    act: Callable[[], _T],
    done: Callable[[_T], Event | None],
    wrong: Callable[[KioskError], Event | None],
) -> Apply:
    """Do ``act``; return what the screen's thread does with what came of it."""
    try:
        found = act()
    except KioskError as error:
        _log.warning("%s", error)
        return partial(wrong, error)
    return partial(done, found)
