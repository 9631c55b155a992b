"""How tests start processes that are sent signals."""

from __future__ import annotations

from typing import Final

INTERRUPTIBLE: Final = ("env", "--default-signal=INT")
"""Before a command: a shell has what it runs in the background ignore SIGINT, the tests perhaps
among it, and a child would inherit that."""
