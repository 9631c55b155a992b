"""What each act of the audit trail is called: in words, and in the codes of FHIR and DICOM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from kiosk.records.audit import Act
from kiosk.records.consent_fhir import ACT as CONSENT

BADGE: Final = "urn:capture-station:badge"
LETTER: Final = "urn:capture-station:letter"
OBJECT: Final = "urn:capture-station:object"
SETTINGS: Final = "urn:capture-station:settings"
TEXT: Final = "urn:capture-station:consent-text"
UID: Final = "urn:dicom:uid"
SUBJECT: Final = "urn:capture-station:subject"

_DICOM: Final = {
    "110100": "Application Activity",
    "110106": "Export",
    "110107": "Import",
    "110110": "Patient Record",
    "110111": "Procedure Record",
    "110113": "Security Alert",
    "110114": "User Authentication",
    "110120": "Application Start",
    "110121": "Application Stop",
    "110122": "Login",
    "110123": "Logout",
    "110131": "Software Configuration",
    "110132": "Use of Restricted Function",
    "110137": "User Security Attributes Changed",
}
"""DICOM PS3.16, CID 400 and 401: code and meaning, as far as they are used here."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One act for people and for other systems.

    Attributes:
        words: for a person.
        event: DICOM's kind of event (CID 400).
        subtype: DICOM's closer description (CID 401), where it has one.
        action: FHIR's: create, read, update, delete, execute.
        outcome: FHIR's: 0 success, 4 minor failure (the user's), 8 serious failure.
        subject: what system the entry's ``subject`` is a name in.
    """

    words: str
    event: str
    subtype: str | None
    action: Literal["C", "R", "U", "D", "E"]
    outcome: Literal["0", "4", "8"] = "0"
    subject: str = SUBJECT


MEANINGS: Final[Mapping[Act, Meaning]] = {
    Act.STARTED: Meaning("program started", "110100", "110120", "E"),
    Act.STOPPED: Meaning("program stopped", "110100", "110121", "E"),
    Act.SETTINGS_CHANGED: Meaning("settings changed", "110100", "110131", "U", subject=SETTINGS),
    Act.CLOCK_CHANGED: Meaning("clock changed", "110100", "110131", "U"),
    Act.SIGNED_IN: Meaning("signed in", "110114", "110122", "E", subject=BADGE),
    Act.SIGN_IN_FAILED: Meaning("wrong PIN", "110114", "110122", "E", "4", BADGE),
    Act.BADGE_REFUSED: Meaning("badge refused", "110114", "110122", "E", "4", BADGE),
    Act.BADGE_LOCKED: Meaning("badge locked", "110113", "110137", "U", "8", BADGE),
    Act.BADGE_RELEASED: Meaning("badge released", "110113", "110137", "U", subject=BADGE),
    Act.PIN_CHANGED: Meaning("PIN changed", "110113", "110137", "U", subject=BADGE),
    Act.SIGNED_OUT: Meaning("signed out", "110114", "110123", "E", subject=BADGE),
    Act.LETTER_TAKEN: Meaning("letter of the desk taken", "110107", None, "E", subject=LETTER),
    Act.LETTER_REFUSED: Meaning("letter refused", "110113", None, "E", "4", LETTER),
    Act.SERVICE_ENTERED: Meaning("service mode entered", "110113", "110132", "E"),
    Act.CALIBRATED: Meaning("white balance calibrated", "110100", "110131", "U"),
    Act.SUPPORT_ASKED: Meaning("support bundle asked for", "110106", None, "E"),
    Act.PATIENT_OPENED: Meaning("patient opened", "110110", None, "R"),
    Act.PATIENT_CLOSED: Meaning("patient closed", "110110", None, "E"),
    Act.CONSENT_SHOWN: Meaning("consent shown", "110110", None, "R", subject=TEXT),
    Act.CONSENT_GIVEN: Meaning("consent signed", "110110", None, "C", subject=CONSENT),
    Act.CONSENT_WITHDRAWN: Meaning("consent withdrawn", "110110", None, "U", subject=CONSENT),
    Act.CONSENTS_LEARNED: Meaning("other consents learned", "110110", None, "U", subject=CONSENT),
    Act.BASELINES_ERASED: Meaning("baselines erased", "110110", None, "D"),
    Act.SESSION_BEGUN: Meaning("photo session begun", "110111", None, "E", subject=UID),
    Act.SHOT_TAKEN: Meaning("picture taken", "110111", None, "C", subject=UID),
    Act.SHOT_ACCEPTED: Meaning("picture kept", "110111", None, "U", subject=UID),
    Act.SHOT_DISCARDED: Meaning("picture discarded", "110111", None, "D", subject=UID),
    Act.OBJECT_SAVED: Meaning("sealed and saved", "110106", None, "C", subject=UID),
    Act.OBJECT_UPLOADED: Meaning("sent to the server", "110106", None, "E", subject=OBJECT),
    Act.RECEIPT: Meaning("receipt of the clinic", "110107", None, "E", subject=OBJECT),
}


def dicom_display(code: str) -> str:
    """Return DICOM's meaning of one of the codes in :data:`MEANINGS`."""
    return _DICOM[code]
