"""Every word that the screens say, in one place: in English here, else from a catalogue.

A text's name in the catalogues (``kiosk/languages``) is the path of its field, such as
``screens.guide.now``. The words of the views themselves are data
(``kiosk/records/data/views.toml``), and the sentence of an error is the error's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kiosk.capture.guides.values import Instruction
from kiosk.capture.ui.consent_wording import ConsentWording
from kiosk.capture.ui.device_wording import DeviceWording
from kiosk.capture.ui.enrol_wording import EnrolWording
from kiosk.capture.ui.guide_wording import GuideWording
from kiosk.capture.ui.model import Backlog
from kiosk.capture.ui.problem_wording import ProblemWording
from kiosk.capture.ui.service_wording import ServiceWording
from kiosk.capture.ui.sign_in_wording import SignInWording
from kiosk.capture.workflow import State
from kiosk.languages.catalogue import load_catalogue
from kiosk.languages.names import Language
from kiosk.languages.words import Counted, Translator, counted, translated

CONTEXT: Final = "screens"
"""Begins the path of every text of the screens."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A screen that stops the session and says why.

    Attributes:
        title: what happened, in few words that frighten nobody.
        advice: what it means for the patient's pictures and what to do.
    """

    title: str
    advice: str


_NOTICES: Final[Mapping[State, Notice]] = MappingProxyType(
    {
        State.CAMERA_FAULT: Notice(
            "The camera has paused",
            "The pictures already kept are safe. Try again; if the camera does not come back, "
            "end the session and call your technician.",
        ),
        State.LIGHT_FAULT: Notice(
            "The lights did not respond",
            "No picture was taken without them, and the pictures already kept are safe. Try again; "
            "if it happens twice, end the session and call your technician.",
        ),
        State.STORAGE_FAULT: Notice(
            "No picture can be stored now",
            "No picture was taken, and the pictures already kept are safe. Try again in a few "
            "minutes; if it stays so, end the session and call your technician.",
        ),
        State.SHOT_REFUSED: Notice(
            "Let's take that one again",
            "The last picture did not match what was asked for, so it was not used. "
            "Keep the same position.",
        ),
        State.SAVE_FAULT: Notice(
            "The picture is not stored yet",
            "It is still held here. Please leave the station switched on and try again.",
        ),
        State.CONSENT_FAULT: Notice(
            "Nothing was recorded",
            "What the patient allowed before still holds, and nothing has changed. Try again, or "
            "go back to the patient's page and ask once more.",
        ),
        State.OUT_OF_ORDER: Notice(
            "This station needs attention",
            "No session can start until this is put right. Pictures already kept are safe. "
            "Try again, or call your technician.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language; what stands in braces is filled in by the methods below."""

    notices: Mapping[State, Notice] = field(default_factory=lambda: _NOTICES)
    guide: GuideWording = field(default_factory=GuideWording)
    devices: DeviceWording = field(default_factory=DeviceWording)
    problems: ProblemWording = field(default_factory=ProblemWording)
    sign_in: SignInWording = field(default_factory=SignInWording)
    consent: ConsentWording = field(default_factory=ConsentWording)
    service: ServiceWording = field(default_factory=ServiceWording)
    enrol: EnrolWording = field(default_factory=EnrolWording)

    patient_title: str = "Patient number"
    patient_hint: str = "Enter the number as it stands in the patient's record."
    patient_hyphen: str = "A number cannot begin or end with a hyphen."
    patient_full: str = "A number has at most 32 characters."
    patient_continue: str = "Continue"
    key_clear: str = "Clear"
    key_letters: str = "ABC"
    key_digits: str = "123"

    ready: str = "Ready"
    skip: str = "Skip view"
    end_session: str = "End session"
    back: str = "Back"
    turn_left: str = "Turn to YOUR left"
    turn_right: str = "Turn to YOUR right"
    turn_around: str = "Turn round"

    aim_prompt: str = "Press the pedal to take the picture"
    captured_title: str = "Hold still"
    captured_lead: str = "The picture is being taken."

    review_title: str = "Keep this picture?"
    review_hint: str = "Sharp? Same pose as the outline? Eyes and lips as asked?"
    review_note: str = "Shown as it is stored, not as in a mirror."
    accept: str = "Keep"
    retake: str = "Take again"
    retake_by_pedal: str = "Take again (hold)"
    saving_title: str = "Saving"
    saving_lead: str = "The picture is being encrypted and stored."

    summary_title: str = "Session finished"
    summary_title_partial: str = "Session ended"
    summary_none: str = "No picture was taken."
    summary_saved: str = "saved"
    summary_skipped: str = "skipped"
    summary_missing: str = "not taken"
    finish: str = "Finish"
    take_skipped: str = "Take skipped views"

    confirm_end_title: str = "End the session?"
    continue_session: str = "Continue"

    confirm_discard_title: str = "Discard this picture?"
    confirm_discard_advice: str = (
        "It is not stored yet. Once discarded it cannot be brought back, "
        "and the view has to be photographed again."
    )
    discard: str = "Discard"

    restarting: str = "Starting the camera …"
    try_again: str = "Try again"
    lights_on: str = "Lights on"
    unknown_fault: str = "No further detail is known."

    patient_named: str = "Patient {number}"
    position_of: str = "{index} of {total}"
    position_named: str = "{position}: {view}"
    backlog_none: str = "0 pictures on this station"
    backlog_unknown: str = "What is not yet sent cannot be counted"
    backlog_waiting: str = "Not yet sent: {count}"
    backlog_stuck: str = "Not yet sent: {count}, nothing since {since}"
    backlog_stranger: str = "Server not recognised, call IT. Not yet sent: {count}"
    backlog_sent: str = "Sent, not yet confirmed: {count}"
    saved_count: Counted = counted(
        "{count} picture is saved, encrypted for the clinic.",
        "{count} pictures are saved, encrypted for the clinic.",
    )
    missing_count: Counted = counted(
        "{count} view has not been photographed yet.",
        "{count} views have not been photographed yet.",
    )

    def patient(self, number: str) -> str:
        return self.patient_named.format(number=number)

    def position(self, index: int, total: int) -> str:
        """``index`` counts from 0."""
        return self.position_of.format(index=index + 1, total=total)

    def position_in(self, index: int, names: Sequence[str]) -> str:
        """The same with the name of the view at ``index``."""
        position = self.position(index, len(names))
        return self.position_named.format(position=position, view=names[index])

    def backlog(self, backlog: Backlog) -> str:
        if backlog.unreadable:
            return self.backlog_unknown
        if backlog.stranger:
            return self.backlog_stranger.format(count=backlog.count)
        if backlog.count == 0:
            return self._sent(backlog.sent)
        if backlog.since:
            return self.backlog_stuck.format(count=backlog.count, since=backlog.since)
        return self.backlog_waiting.format(count=backlog.count)

    def _sent(self, count: int) -> str:
        return self.backlog_sent.format(count=count) if count else self.backlog_none

    def pictures_saved(self, count: int) -> str:
        return self.saved_count.of(count) if count else self.summary_none

    def confirm_end(self, saved: int, missing: int) -> str:
        return f"{self.pictures_saved(saved)} {self.missing_count.of(missing)}"


def say(words: Wording, instruction: Instruction) -> str:
    """Return an instruction to the patient in words, to be shown or spoken."""
    return words.guide.instruction(instruction)


ENGLISH: Final = Wording()


def wording_by(translator: Translator) -> Wording:
    """Return the words that a translator gives for the English ones."""
    return translated(ENGLISH, translator, CONTEXT)


def wording_in(language: Language) -> Wording:
    """Return the words of a language.

    Raises:
        ConfigError: its catalogue cannot be read.
    """
    return wording_by(load_catalogue(language))
