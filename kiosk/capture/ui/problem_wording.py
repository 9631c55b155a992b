"""What can be wrong with a badge, a PIN, a card, a number or a consent, in the screen's language.

These are the sentences of errors that everybody meets; a test holds them against the errors
themselves. Rare ones stay English (docs/decisions/0101).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kiosk.capture.ui.recognised import recognised

PROBLEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pin_wrong": "This PIN is wrong.",
        "pin_wait": "Wait {seconds} seconds before you try another PIN.",
        "pin_length": "Expected a PIN of {shortest} to {longest} digits.",
        "pin_same": "This is the PIN that is to be replaced; expected another one.",
        "pin_few": "Too easy to guess; expected at least {count} different digits.",
        "pin_row": "Too easy to guess; expected no row of digits such as 123456.",
        "pin_repeated": "Too easy to guess; expected no repetition such as 123123.",
        "pins_differ": "The two were not the same. Choose a PIN and type it twice.",
        "badge_locked": "This badge is locked after too many wrong PINs; expected a supervisor's "
        "badge to release it.",
        "badge_none": "This is not a badge; expected the code of an operator's badge, as the "
        "clinic's desk prints it.",
        "badge_part": "This badge was not read whole; expected the code of an operator's badge, as "
        "the clinic's desk prints it. Hold it still once more.",
        "badge_misread": "This badge was misread; expected the code of an operator's badge, as the "
        "clinic's desk prints it. Hold it still once more.",
        "badge_unknown": "This badge is not enrolled at this station, or was withdrawn; expected "
        "one that the clinic's desk has sent to this station.",
        "badge_no_release": "This badge cannot release another one; expected the badge of a "
        "supervisor that is not locked itself.",
        "share_missing": "The clinic's server has not given its part of the key, or has taken it "
        "back; without it nobody can sign in here. Check the network, then ask the clinic's desk.",
        "code_long": "This code is too long; expected at most {limit} characters, as on an "
        "operator's badge or a patient's card.",
        "code_text": "This code is no readable text; expected an operator's badge or a patient's "
        "card.",
        "card_badge": "This is an operator's badge; expected a patient's card.",
        "card_address": "This is an address or a command and was not followed; expected a "
        "patient's card.",
        "number_letters": "This has characters that no patient's number has; expected letters A to "
        "Z, digits and dashes.",
        "number_form": "This is no patient's number; expected letters A to Z, digits, and dashes "
        "between them.",
        "number_long": "This is too long; expected a number of at most {limit} characters.",
        "number_length": "This number has a wrong length; expected {span} characters.",
        "number_check": "This number has a wrong check digit; expected the number as it is on the "
        "patient's card: read it again.",
        "consent_none": "There is no consent on record for this patient; ask for it before "
        "pictures are taken.",
        "consent_refused": "The patient does not consent to pictures for the record; none are "
        "taken unless the patient signs a new consent.",
        "consent_over": "The consent to pictures for the record has run out; ask the patient "
        "again.",
        "consent_unknown": "Part of this patient's history of consents is not known here, so it "
        "cannot be told what is allowed; ask the patient again.",
        "consent_text": "The consent text {name} was changed after it had been shown; nothing was "
        "recorded. Show the patient the new text and let them sign that.",
        "consent_age": "{treatment}: expected an age of at least {years} years ({source}); no "
        "guardian can consent to it.",
        "consent_guardian": "The patient is not {years} years old yet; a guardian signs the "
        "consent.",
        "consent_clock": "{treatment}: the age cannot be checked while the station's clock is not "
        "set; connect it to the network.",
    }
)


@dataclass(frozen=True, slots=True)
class ProblemWording:
    """The sentences in one language, by name; fields in braces are the sentence's."""

    sentences: Mapping[str, str] = field(default_factory=lambda: PROBLEMS)

    def said(self, sentence: str) -> str:
        """Return an error's sentence, empty or in English, in this language."""
        return recognised(sentence, PROBLEMS, self.sentences)
