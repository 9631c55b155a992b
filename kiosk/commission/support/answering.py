"""Answers the service screen: a bundle is made and sealed, or it is said why not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from kiosk.errors import KioskError, StorageFailed, UsageError
from kiosk.support_request import Sealed, Stage, SupportRequest, Told


@dataclass(frozen=True, slots=True)
class Acts:
    """How each step is done; each may raise any KioskError.

    Attributes:
        make: collects a bundle and looks it through.
        seal: seals it and puts it where it is sent from.
        waits: whether an object of this name still waits to be sent.
        as_asker: has the block run with the rights of who asks.
        clock: monotonic nanoseconds.
    """

    make: Callable[[], bytes]
    seal: Callable[[bytes], Sealed]
    waits: Callable[[str], bool]
    as_asker: Callable[[], AbstractContextManager[None]]
    clock: Callable[[], int]


def answer(post: SupportRequest, acts: Acts) -> str:
    """Take a request away and answer it; return a sentence about what became of it.

    The request goes first: killed at any later step, this answers nothing twice, and what was
    told shows that it was broken off. No more than one bundle waits to be sent at a time, so that
    requests cannot fill the disk.

    Raises:
        UsageError: nobody has asked, or what lay there was no request.
        KioskError: nothing was made; the screen is told the same sentence.
    """
    with acts.as_asker():
        asked = post.take()
    if not asked:
        raise UsageError(
            f"Nobody has asked for a support bundle; expected an empty file {post.request}, as the "
            "service screen leaves one."
        )
    before = _before(post)
    if before is not None and before.stage is Stage.SEALED and acts.waits(before.name):
        return f"The support bundle {before.name} still waits to be sent; no other is made."
    post.tell(Told(stage=Stage.MAKING, at=acts.clock()))
    try:
        sealed = acts.seal(acts.make())
    except KioskError as error:
        post.tell(Told(stage=Stage.REFUSED, at=acts.clock(), why=error.sentence))
        raise
    done = Told(stage=Stage.SEALED, at=acts.clock(), name=sealed.name, filed=sealed.filed)
    post.tell(done)
    return f"The support bundle {sealed.name} is sealed and waits to be sent."


def _before(post: SupportRequest) -> Told | None:
    """Return what was told last; what cannot be understood is replaced by what comes now."""
    try:
        return post.last()
    except StorageFailed:
        return None
