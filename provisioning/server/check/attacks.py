"""The one list of attacks: the check, the tests and the table in docs/server.md use it."""

from __future__ import annotations

from typing import Final

from provisioning.server.check.on_files import ON_FILES
from provisioning.server.check.on_logins import ON_LOGINS
from provisioning.server.check.on_room import CONFIGURED, ON_ROOM
from provisioning.server.check.on_shutting_out import ON_SHUTTING_OUT

ATTACKS: Final = (*CONFIGURED, *ON_FILES, *ON_LOGINS, *ON_ROOM, *ON_SHUTTING_OUT)
