"""Signing in and out, as the screen's thread knows it: one badge in hand at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kiosk.capture.people.asking import Asking
from kiosk.capture.people.office import DayList, Office
from kiosk.capture.people.signing_in import Opened
from kiosk.capture.people.tries import Chance
from kiosk.capture.workflow import Event
from kiosk.errors import BadgeLocked, KioskError, PinError, PinUnfit
from kiosk.model import Operator, Role
from kiosk.records.badge import Badge

_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a PIN: opened, or what is wrong with it and what the badge may still do."""

    opened: Opened | None = field(default=None, repr=False)
    day: DayList = field(default_factory=DayList, repr=False)
    error: KioskError | None = None
    chance: Chance | None = None


class Door:
    """Lets operators in.

    Args:
        office: does what takes long.
        asking: brings it there, and no other's questions.
        clock: monotonic nanoseconds.

    Attributes:
        asking: the same.
        operator: who is signed in.
        day: the day's list as it was at the sign-in.
        left: wrong PINs until the badge is locked; None where that is not known.
        withdrawn: whether the desk has withdrawn the badge of who is signed in.
    """

    def __init__(self, office: Office, asking: Asking, clock: Callable[[], int]) -> None:
        self._office, self.asking, self._clock = office, asking, clock
        self.operator: Operator | None = None
        self.day = DayList()
        self.left: int | None = None
        self.withdrawn = False
        self._wait_until_ns = 0
        self._badge: Badge | None = None
        self._pin = ""

    @property
    def wait_s(self) -> int:
        """Seconds until another PIN may be tried; 0 when it may."""
        return max(0, -(-(self._wait_until_ns - self._clock()) // _S))

    def look_up(self, badge: Badge) -> None:
        """Ask what a badge may do: BADGE_ACCEPTED, BADGE_LOCKED or BADGE_REFUSED."""
        self.forget_badge()
        self._badge = badge

        def found(chance: Chance) -> Event | None:
            self._told(chance)
            return Event.BADGE_LOCKED if chance.locked else Event.BADGE_ACCEPTED

        self.asking.ask(lambda: self._office.look_up(badge), found, Event.BADGE_REFUSED)

    def release(self, supervisor: Badge) -> None:
        """Release the locked badge: BADGE_RELEASED or RELEASE_REFUSED."""
        badge = self._in_hand()

        def released(chance: Chance) -> Event | None:
            self._told(chance)
            return Event.BADGE_RELEASED

        self.asking.ask(
            lambda: self._office.release(badge, supervisor), released, Event.RELEASE_REFUSED
        )

    def check_pin(self, pin: str) -> None:
        """Try a PIN; answered as the signing table says."""
        badge, self._pin = self._in_hand(), pin

        def attempt() -> Tried:
            opened = self._office.try_pin(badge, pin)
            day = DayList() if opened.temporary else self._office.enter(opened)
            return Tried(opened, day)

        self.asking.ask(lambda: self._tried(badge, attempt), self._answered, Event.SIGN_IN_FAILED)

    def change_pin(self, new: str) -> None:
        """Replace the PIN that was found right, and let its owner in."""
        badge, pin = self._in_hand(), self._pin

        def attempt() -> Tried:
            opened = self._office.change_pin(badge, pin, new)
            return Tried(opened, self._office.enter(opened))

        self.asking.ask(lambda: self._tried(badge, attempt), self._answered, Event.SIGN_IN_FAILED)

    def watch(self) -> None:
        """Ask whether who is signed in still may be; ``withdrawn`` tells."""
        if self.operator is None:
            return
        signed_in = self.operator

        def found(enrolled: bool) -> None:  # noqa: FBT001 - the office's answer
            self.withdrawn = not enrolled and self.operator is signed_in

        self.asking.tell(self._office.still_enrolled, found)

    def forget_badge(self) -> None:
        """Forget the badge and the PIN; what is still asked about them counts no more."""
        self.asking.anew()
        self._badge, self._pin, self.left, self._wait_until_ns = None, "", None, 0

    def sign_out(self, why: str) -> None:
        """Let the operator out; everything is locked behind whatever the worker is doing."""
        self.forget_badge()
        self.operator, self.day, self.withdrawn = None, DayList(), False
        self.asking.tell(lambda: self._office.leave(why))

    def _tried(self, badge: Badge, attempt: Callable[[], Tried]) -> Tried:
        """Make an attempt on the worker; a PIN that is wrong is an answer, not a fault."""
        try:
            return attempt()
        except (PinError, BadgeLocked) as error:
            return Tried(error=error, chance=self._office.chance(badge))

    def _answered(self, tried: Tried) -> Event | None:
        if tried.error is not None and tried.chance is not None:
            self.asking.problem = tried.error.sentence
            self._told(tried.chance)
            if tried.chance.locked:
                return Event.BADGE_LOCKED
            unfit = isinstance(tried.error, PinUnfit)
            return Event.PIN_REFUSED if unfit else Event.PIN_WRONG
        opened = tried.opened
        if opened is None:
            return Event.SIGN_IN_FAILED
        if opened.temporary:
            return Event.PIN_TEMPORARY
        self.forget_badge()
        self.operator, self.day = opened.operator, tried.day
        technician = opened.operator.role is Role.TECHNICIAN
        return Event.TECHNICIAN_IN if technician else Event.PRACTITIONER_IN

    def _told(self, chance: Chance) -> None:
        self.left = chance.left
        self._wait_until_ns = self._clock() + chance.wait_s * _S

    def _in_hand(self) -> Badge:
        if self._badge is None:
            raise AssertionError("the workflow tries PINs with a badge in hand")
        return self._badge
