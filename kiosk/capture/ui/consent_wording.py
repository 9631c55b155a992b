"""The words of the patient's page and of consent, beside those of the clinic's own text.

What a patient is told before they sign is the clinic's (``kiosk/records/consent_text.py``); these
are the station's words around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kiosk.capture.ui.people import Standing
from kiosk.languages.words import Counted, counted

_PURPOSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "record": "Treatment record",
        "training": "Teaching of staff",
        "research": "Clinical research",
        "publication": "Scientific publication",
        "marketing": "Showing to the public",
    }
)

_STANDINGS: Final[Mapping[Standing, str]] = MappingProxyType(
    {
        Standing.NEVER_ASKED: "not asked yet",
        Standing.ALLOWED: "allowed",
        Standing.REFUSED: "refused",
        Standing.WITHDRAWN: "withdrawn",
        Standing.LAPSED: "has run out",
    }
)

_SINCE: Final[Mapping[Standing, str]] = MappingProxyType(
    {
        Standing.NEVER_ASKED: "not asked yet",
        Standing.ALLOWED: "allowed since {day}",
        Standing.REFUSED: "refused on {day}",
        Standing.WITHDRAWN: "withdrawn on {day}",
        Standing.LAPSED: "ran out on {day}",
    }
)

_LEVELS: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "Seen only by those who treat you.",
        2: "Seen also by people who learn or do research.",
        3: "Seen by the public.",
    }
)

_WITHDRAWN_MEANS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "record": "From now on no more pictures are taken. Those already in the record stay there "
        "as long as it has to be kept. The treatment does not change.",
        "training": "From now on the pictures are not shown for teaching any more. The treatment "
        "does not change.",
        "research": "From now on the pictures are not used for research any more. What has "
        "already been evaluated stays so. The treatment does not change.",
        "publication": "From now on no picture is published. What has been published cannot be "
        "called back. The treatment does not change.",
        "marketing": "From now on no picture is shown there any more. What others have copied "
        "cannot be called back. The treatment does not change.",
    }
)


@dataclass(frozen=True, slots=True)
class ConsentWording:
    """The words of one language; what stands in braces is filled in by the methods below."""

    purposes: Mapping[str, str] = field(default_factory=lambda: _PURPOSES)
    standings: Mapping[Standing, str] = field(default_factory=lambda: _STANDINGS)
    standings_since: Mapping[Standing, str] = field(default_factory=lambda: _SINCE)
    levels: Mapping[int, str] = field(default_factory=lambda: _LEVELS)
    withdrawn_means: Mapping[str, str] = field(default_factory=lambda: _WITHDRAWN_MEANS)

    chart_title: str = "Patient's page"
    born_and_number: str = "born {day} · number {number}"
    number_alone: str = "number {number}"
    channel_of: str = "{purpose}: {channel}"
    places_of: Counted = counted(
        "{purpose}: allowed in {allowed} of {count} place",
        "{purpose}: allowed in {allowed} of {count} places",
    )
    barred_title: str = "No picture may be taken now."
    without_baseline: Counted = counted(
        "There is no picture from before the treatment for {count} view: {views}. Once the "
        "treatment has begun it cannot be made up for, and an insurer may then decline the claim. "
        "Take it today, before the treatment.",
        "There are no pictures from before the treatment for {count} views: {views}. Once the "
        "treatment has begun they cannot be made up for, and an insurer may then decline the "
        "claim. Take them today, before the treatment.",
    )
    without_baseline_many: Counted = counted(
        "There is no picture from before the treatment for {count} view. Once the treatment has "
        "begun it cannot be made up for, and an insurer may then decline the claim. Take it "
        "today, before the treatment.",
        "There are no pictures from before the treatment for {count} views. Once the treatment "
        "has begun they cannot be made up for, and an insurer may then decline the claim. Take "
        "them today, before the treatment.",
    )
    begin: str = "Begin"
    go_on: str = "Go on"
    ask: str = "Ask for consent"
    change: str = "Change consent"
    withdraw: str = "Withdraw"

    opening: str = "The consent text is being opened."
    page_of: str = "Page {page} of {pages}"
    next_page: str = "Next page"
    previous_page: str = "Page back"
    to_the_questions: str = "To the questions"
    asked_by: str = "Who asks for your consent"
    responsible: str = "Who else is responsible for the pictures"
    contact_of: str = "{name} ({contact})"
    kept: str = "How long: {retention}"
    statements: str = "What holds for all of it"
    lawful: str = "Apart from your consent: why the clinic may use the data at all"

    question_of: str = "Question {question} of {questions}"
    yes: str = "Yes"
    no: str = "No"
    where: str = "Where? Please answer each."
    nowhere: str = "Nowhere at all? Then please answer No above."
    record_refused: str = "No pictures will be taken. Nothing changes for your treatment."
    next_question: str = "Next"
    previous_question: str = "Previous"
    more: str = "Read on"
    from_start: str = "From the beginning"

    signer_title: str = "Who signs?"
    patient_signs: str = "The patient"
    guardian_signs: str = "A guardian"
    guardian_name: str = "Guardian's name"
    guardian_relation: str = "Relation to the patient"
    born: str = "Patient's date of birth"
    born_hint: str = "DDMMYYYY"
    born_pattern: str = "{day}.{month}.{year}"
    not_a_day: str = "This is no date of birth."
    age_rule: str = "{treatment}: only from {minimum} years of age. {source}"
    guardian_needed: str = "Under {age} years of age: a guardian signs."
    accents: str = "äéç"
    letters: str = "abc"
    space: str = "space"

    sign_title: str = "Your answers and your signature"
    answered_yes: str = "yes"
    answered_no: str = "no"
    answered_where: str = "yes: {places}"
    sign_here: str = "Sign here with your finger"
    clear: str = "Clear"
    sign: str = "Sign"
    taken_by: str = "Taken by {operator} on {day}"
    taken_on: str = "Taken on {day}"
    signed_by: str = "Signed by {name} ({relation})"

    withdraw_title: str = "What is withdrawn?"
    withdraw_lead: str = "It holds from now on, without any reason given."
    confirm_title: str = "Withdraw “{use}”?"
    saving_title: str = "One moment"
    saving_lead: str = "It is being recorded, encrypted for the clinic."

    def use(self, use: str, name: str = "") -> str:
        """Return what a purpose, or ``purpose/channel``, is called.

        Args:
            use: which.
            name: the channel's in the clinic's text; empty where it is not known here.
        """
        purpose, _, channel = use.partition("/")
        said = self.purposes.get(purpose, purpose)
        if not channel:
            return said
        return self.channel_of.format(purpose=said, channel=name or channel.replace("-", " "))

    def standing(self, standing: Standing, day: str) -> str:
        """``day`` is written out, and empty where it is not known."""
        if not day:
            return self.standings[standing]
        return self.standings_since[standing].format(day=day)
