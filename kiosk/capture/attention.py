"""When the screen goes dark and when the operator is signed out, by the monotonic clock alone."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.capture.flow.values import Event


@dataclass(frozen=True, slots=True)
class Limits:
    """Nanoseconds: without an act until the screen is dark and the operator out; of one sign-in."""

    blank_ns: int
    sign_out_ns: int
    shift_ns: int


class Attention:
    """Counts the time since anybody did anything.

    Args:
        limits: after how long.
        now_ns: monotonic nanoseconds, as everywhere here; steps of the wall clock mean nothing.
    """

    def __init__(self, limits: Limits, now_ns: int) -> None:
        self._limits = limits
        self._active_ns = now_ns
        self._signed_in_ns: int | None = None
        self._dark = False

    def active(self, now_ns: int) -> None:
        """Somebody touched the screen or the pedal, or what the patient is told has changed."""
        self._active_ns = max(self._active_ns, now_ns)
        self._dark = False

    def signed(self, now_ns: int, *, in_: bool) -> None:
        """Tell whether somebody is signed in now; the time of a sign-in runs from the first."""
        if not in_:
            self._signed_in_ns = None
        elif self._signed_in_ns is None:
            self._signed_in_ns = now_ns

    def due(self, now_ns: int) -> tuple[Event, ...]:
        """Return what time has brought: ``BLANKED`` once, ``SIGN_OUT_DUE`` as long as it stays so.

        It is repeated because a picture that is being saved puts it off.
        """
        found = []
        idle = now_ns - self._active_ns
        if idle >= self._limits.blank_ns and not self._dark:
            self._dark = True
            found.append(Event.BLANKED)
        since = self._signed_in_ns
        if since is not None and (
            idle >= self._limits.sign_out_ns or now_ns - since >= self._limits.shift_ns
        ):
            found.append(Event.SIGN_OUT_DUE)
        return tuple(found)
