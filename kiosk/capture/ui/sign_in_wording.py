"""The words of signing in and of the day's list: badge, PIN, service, patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kiosk.capture.flow.values import State
from kiosk.capture.ui.people import DayNote
from kiosk.languages.words import Counted, counted


@dataclass(frozen=True, slots=True)
class HoldUp:
    """A screen on which a code is held to the camera.

    Attributes:
        title: whose code.
        lead: why, or how; gives way to what was wrong with the last one.
        prompt: what to do now.
    """

    title: str
    lead: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Titled:
    """A title and what it means."""

    title: str
    lead: str


_HOLD_UPS: Final[Mapping[State, HoldUp]] = MappingProxyType(
    {
        State.BADGE: HoldUp(
            "Your badge",
            "The code may also be held to the reader, where there is one.",
            "Hold the badge inside the square",
        ),
        State.LOCKED: HoldUp(
            "This badge is locked",
            "Too many PINs were wrong. A supervisor can release it with their own badge.",
            "Hold the supervisor's badge inside the square",
        ),
        State.SCAN_CARD: HoldUp(
            "The patient's card",
            "The code may also be held to the reader, where there is one.",
            "Hold the card inside the square",
        ),
    }
)

_PINS: Final[Mapping[State, Titled]] = MappingProxyType(
    {
        State.PIN: Titled("Your PIN", "Six to eight digits. Nobody sees them here."),
        State.NEW_PIN: Titled(
            "Choose your own PIN",
            "Six to eight digits, at least three of them different; no row such as 123456 and no "
            "repetition such as 123123. From now on it replaces the one from the clinic.",
        ),
        State.NEW_PIN_AGAIN: Titled(
            "The new PIN once more", "Enter the same digits again, so that no slip stays unnoticed."
        ),
    }
)

_WAITS: Final[Mapping[State, Titled]] = MappingProxyType(
    {
        State.CHECKING: Titled("One moment", "Badge and PIN are being checked."),
        State.OPENING: Titled(
            "One moment", "What this station knows of the patient is being opened."
        ),
        State.ENROL_ASKING: Titled(
            "Asking the clinic's server",
            "It is told this station's public keys. This may take a minute.",
        ),
    }
)

_NOTES: Final[Mapping[DayNote, str]] = MappingProxyType(
    {
        DayNote.NONE: "Touch the line of the patient who is here.",
        DayNote.MISSING: "The clinic has sent no list yet. Scan the patient's card, or type the "
        "number.",
        DayNote.OTHER_DAY: "This is the list of {day}, not today's.",
        DayNote.UNUSABLE: "The list that came cannot be used. Scan the patient's card, or type "
        "the number.",
    }
)


@dataclass(frozen=True, slots=True)
class SignInWording:
    """The words of one language; what stands in braces is filled in by the screens."""

    hold_ups: Mapping[State, HoldUp] = field(default_factory=lambda: _HOLD_UPS)
    pins: Mapping[State, Titled] = field(default_factory=lambda: _PINS)
    waits: Mapping[State, Titled] = field(default_factory=lambda: _WAITS)
    notes: Mapping[DayNote, str] = field(default_factory=lambda: _NOTES)

    signed_out_lead: str = "Hold your badge to the camera, or touch to sign in."
    sign_in: str = "Sign in"
    sign_out: str = "Sign out"
    proceed: str = "Continue"
    tries_left: Counted = counted(
        "{count} try is left before this badge is locked.",
        "{count} tries are left before this badge is locked.",
    )
    wait: Counted = counted(
        "The next try is possible in {count} second.",
        "The next try is possible in {count} seconds.",
    )

    day_title: str = "Patients"
    day_empty: str = "Nobody is on this list."
    scan_card: str = "Scan card"
    type_number: str = "Type number"
    page: str = "{page} of {pages}"

    open_chart: str = "Patient's page"
