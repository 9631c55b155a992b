"""How long a match has lasted, for a station that shoots by itself."""

from __future__ import annotations

from typing import Final

HOLD_NS: Final = 1_000_000_000
"""How long a patient holds the pose before the picture is taken."""


class HoldTimer:
    """Grows while every frame is within; due once, then not again until ``rearm``."""

    def __init__(self) -> None:
        self._since_ns: int | None = None
        self._taken = False
        self.held = 0.0

    def update(self, at_ns: int, *, within: bool) -> None:
        """Take in a frame; the first one within starts the time."""
        if not within:
            self.reset()
            return
        if self._since_ns is None:
            self._since_ns = at_ns
        self.held = min(1.0, (at_ns - self._since_ns) / HOLD_NS)

    def reset(self) -> None:
        self._since_ns = None
        self.held = 0.0

    def take(self) -> bool:
        """Whether a picture is due now; the one who is told so takes it."""
        due = self.held >= 1.0 and not self._taken
        self._taken = self._taken or due
        return due

    def rearm(self) -> None:
        self.reset()
        self._taken = False
