"""Filling the server's disk, and whether somebody looks."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

from kiosk.errors import ServiceError
from provisioning.server import limit, rules
from provisioning.server.check.attack import Attack, Try
from provisioning.server.check.client import NEW, OK
from provisioning.server.check.on_logins import lets_in
from provisioning.server.check.scene import Scene

_MOST: Final = 512 * 1024
"""Bytes: the limit while it is attacked; the one that is set would take too long to fill."""

_PIECE: Final = 16 * 1024
_MANY: Final = _MOST // _PIECE + 1

_LATE_S: Final = 180.0
"""Seconds: two looks in a row were left out."""


def _filling(name: str, content: bytes) -> Try:
    """Send files until there are too many; somebody looks; go on."""

    def succeeds(scene: Scene) -> bool:
        status, handle = scene.session.open("in/.first.part", NEW)
        if status != OK:
            raise ServiceError("the station could not begin a file")
        for number in range(_MANY):
            scene.session.put(f"in/{name.format(number)}", content)
        _look(scene)
        with suppress(EOFError):
            if scene.session.write(handle, b"more") == OK:
                return True
        return lets_in(scene, scene.thief.user)

    def undone(scene: Scene) -> bool:
        try:
            return succeeds(scene)
        finally:
            scene.leave()
            scene.clear()
            _look(scene)

    return undone


def _look(scene: Scene) -> None:
    limit.enforce(scene.place, _MOST, [scene.thief.user])


def _nobody_looks(scene: Scene) -> str:
    with suppress(FileNotFoundError):
        ago = time.time() - scene.place.looked.stat().st_mtime
        if ago < _LATE_S:
            return ""
        return f"nobody has looked for {ago / 60:.0f} minutes; expected `limit` once a minute"
    return "nobody has looked since this server was started; expected `limit` once a minute"


def _other_rules(scene: Scene) -> str:
    differences = rules.differing(scene.place, scene.thief.user)
    return f"not in force: {'; '.join(differences)}" if differences else ""


CONFIGURED: Final = (
    Attack("configuration", "go by other rules than ours", _other_rules),
    Attack("configuration", "fill the disk while nobody looks", _nobody_looks),
)

ON_ROOM: Final = (
    Attack(
        "filling the quota",
        "go on sending above the limit",
        _filling("fill-{}", bytes(_PIECE)),
        keeps=False,
    ),
    Attack(
        "filling the quota",
        "go on sending empty files under hidden names",
        _filling(".fill-{}.part", b""),
        keeps=False,
    ),
)
