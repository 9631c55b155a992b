"""The words of a station that is not enrolled yet; its technician reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kiosk.capture.ui.enrolling import Refusal
from kiosk.capture.ui.sign_in_wording import Titled

_REFUSALS: Final[Mapping[Refusal, Titled]] = MappingProxyType(
    {
        Refusal.UNKNOWN: Titled(
            "The server does not know this code",
            "Is it the newest one for {station}, and was the server told of it? Then try again; "
            "else have a new one made at the bench.",
        ),
        Refusal.EXPIRED: Titled(
            "This code has expired",
            "Have a new one made for {station} at the bench, and use that.",
        ),
        Refusal.USED: Titled(
            "This code was used already",
            "Another card, or somebody else, has enrolled as {station}. Ask the clinic's IT to "
            "revoke that name and to find out who it was; then have a new code made.",
        ),
        Refusal.IDENTITY: Titled(
            "Stop here",
            "Another server answers than the one that this card was made for, and nothing was "
            "sent. Somebody may be in between: ask the clinic's IT before you do anything else.",
        ),
        Refusal.UNREACHABLE: Titled(
            "The clinic's server cannot be reached",
            "Is the network cable plugged in, and is the server on? Then try again; the code stays "
            "good.",
        ),
        Refusal.CLOCK: Titled(
            "The clock is not set",
            "The station asks a time server as soon as it has a network, which takes a minute. "
            "Then try again; the code stays good.",
        ),
        Refusal.INTERRUPTED: Titled(
            "No answer came",
            "This station's own part that asks the server broke off. Try again; the code stays "
            "good.",
        ),
        Refusal.OTHER: Titled(
            "This station could not be enrolled",
            "What is in the way is said below. Put it right and try again.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class EnrolWording:
    """The words of one language; what stands in braces is filled in by the screens."""

    refusals: Mapping[Refusal, Titled] = field(default_factory=lambda: _REFUSALS)

    title: str = "This is station {station}"
    lead: str = "Hold the enrolment code that was printed for it to the camera, or type it."
    misread: str = (
        "This is no enrolment code, or it was misread. Hold up this station's label, or type the "
        "code."
    )
    blind: str = "The camera gives no picture. Type the code that was printed for this station."
    prompt: str = "Hold the label inside the square"
    type_it: str = "Type it"

    type_title: str = "Enrolment code"
    type_hint: str = "For {station}. Touch a group to type it anew."
    fits: str = "The check characters fit."
    doubt_one: str = (
        "The check characters do not fit. A single slip would be in group {group}: compare it "
        "with the label."
    )
    doubt_two: str = (
        "The check characters do not fit. A single slip would be in group {group} or {other}: "
        "compare them with the label."
    )
    doubt_all: str = "The check characters do not fit. Compare each group with the label."
    proceed: str = "Enrol"

    other_code: str = "Another code"

    done_title: str = "{station} is enrolled"
    done_lead: str = (
        "The clinic's server has its keys. Compare the fingerprints with what the clinic sees."
    )
    done_bare: str = "The clinic's server has its keys."
    done_fault: str = "The server has its keys, but the first login did not succeed:"
    signing_key: str = "Signing key"
    ssh_key: str = "Upload key"
    done: str = "Continue"

    def doubt(self, groups: Sequence[int]) -> str:
        """Say where to look; ``groups`` in order, counted from 0."""
        match groups:
            case [group]:
                return self.doubt_one.format(group=group + 1)
            case [group, other]:
                return self.doubt_two.format(group=group + 1, other=other + 1)
            case _:
                return self.doubt_all
