"""Answering the requests for earlier pictures that lie in a drop box, by the day's list.

The list is the letter that the desk wrote to the station: signed by the desk, so nobody who works
on the server can add a patient, and sealed to the pose key, which the desk has.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.clinic import answering
from kiosk.clinic.answering import Answered
from kiosk.clinic.collecting import Clinic
from kiosk.clinic.desk import Desk, Post
from kiosk.clinic.dropboxes import ANSWER_MODE, OUTBOX, Box, is_regular
from kiosk.durable import read_if_there
from kiosk.envelope.day import read_day
from kiosk.envelope.letter import SEALED_LIMIT, Address, Kind
from kiosk.errors import ContainerError

_SESSION_S: Final = 3600.0
"""No session lasts as long; its requests and answers are of no use after it."""


def answer_asked(box: Box, clinic: Clinic, desk: Desk, post: Post) -> Iterator[Answered]:
    """Answer what a station asks for and was not answered before; then remove the request.

    What cannot be answered stays for an hour: the desk may do it by hand, or the picture may still
    arrive. Answers go after an hour, too. A station that was stolen is not answered.

    Args:
        box: the station's.
        clinic: opens the requests, and has the pictures in its library.
        desk: wrote the day's list.
        post: where it lies, and which day it is.

    Raises:
        UsageError: the station is not at this desk.
        LetterRefused: the day's list that lies there is not the desk's.
        StorageError: the drop box or the list cannot be read.
    """
    box.tidy(post.now.timestamp() - _SESSION_S)
    asked = box.asked()
    if not asked or desk.stolen_at(box.station) is not None:
        return
    counter = answering.Desk(
        clinic.identities,
        clinic.stations,
        clinic.library,
        _expected(desk, box.station, post),
        box.folder / OUTBOX,
        ANSWER_MODE,
        box.station,
    )
    for path in asked:
        yield from _answer(box, path, counter)


def _answer(box: Box, path: Path, counter: answering.Desk) -> Iterator[Answered]:
    with box.opened(path) as fd:
        if not is_regular(fd):
            error = ContainerError("Expected a request: a regular file.")
            yield Answered(path, error=error)
            return
        told = list(answering.answer_all([path], counter))
        yield from (one for one in told if not one.again)
        if all(one.error is None for one in told):
            box.remove(path, fd)


def _expected(desk: Desk, station: str, post: Post) -> frozenset[str]:
    """Return the numbers on the list of today that lies there; none where there is no such list."""
    path = post.path(desk.station(station), Kind.DAY)
    data = read_if_there(path, SEALED_LIMIT + 1)
    if data is None:
        return frozenset()
    address = Address(station, desk.register.clinic, desk.key.public_key())
    worklist = read_day(data, address, desk.pose).worklist
    if worklist.day != post.now.date().isoformat():
        return frozenset()
    return frozenset(entry.number for entry in worklist.entries)
