"""What an attack is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from provisioning.server.check.client import OK
from provisioning.server.check.scene import Scene


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that a thief would try.

    Attributes:
        kind: what it is a way of, such as ``list`` or ``append``.
        name: says it in words; no two are the same.
        succeeds: tries it; whether it worked, or a sentence of how. EOFError where the server
            ended the session instead, ServiceError where it could not be tried.
        keeps: whether everything that was there must be what it was afterwards.
    """

    kind: str
    name: str
    succeeds: Callable[[Scene], bool | str]
    keeps: bool = True


Try = Callable[[Scene], bool]


def request(kind: int, *fields: str | bytes | int) -> Try:
    """An SFTP request that must not be answered with a success."""

    def succeeds(scene: Scene) -> bool:
        return scene.session.status(kind, *fields) == OK

    return succeeds


def opening(path: str, *flags: int) -> Try:
    """Opening a file in any of these ways."""

    def succeeds(scene: Scene) -> bool:
        return any(scene.session.open(path, one)[0] == OK for one in flags)

    return succeeds


def each(*tries: Try) -> Try:
    """Several ways to the same end; all are tried."""

    def succeeds(scene: Scene) -> bool:
        return any(one(scene) for one in tries)

    return succeeds
