"""Patients' numbers, scanned or typed: which the clinic's rule allows, and their one form.

A number identifies a patient wherever the station or the clinic writes it down, so the same number
must always become the same text. Letters become capitals; where there is a check rule, spaces and
dashes only group the digits and are taken out.

No sentence repeats what was scanned or typed, and none says which check digit would fit: whoever
reads it would otherwise put that in instead of reading the card again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.config import Patients
from kiosk.errors import NumberRefused
from kiosk.records.badge import PREFIX

LIMIT: Final = 32
"""The most characters of a number, as many as the screen has room for."""

CHARACTERS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-")

_SEPARATORS: Final = str.maketrans("", "", " -")
_ADDRESS: Final = re.compile(r"://|^WWW\.|^(MAILTO|TEL|SMSTO|WIFI|GEO):")
_ANY: Final = re.compile(r"[0-9A-Z](?:[0-9A-Z-]*[0-9A-Z])?")


def luhn(number: str) -> bool:
    """Whether digits fit the Luhn formula (ISO/IEC 7812-1, annex B).

    Finds every single wrong digit and most neighbours exchanged, but not 09 for 90.
    """
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - the sum of its digits
    return total % 10 == 0


def mod11(number: str) -> bool:
    """Whether ten digits are an NHS number (NHS Data Model and Dictionary, NHS NUMBER).

    Nine digits weighted 10 to 2 and the tenth add up to a multiple of 11; a check of 10 is never
    given out.
    """
    return _weighted(number, range(10, 0, -1)) % 11 == 0


def iso7064_mod11_2(number: str) -> bool:
    """Whether digits, of which the last may be an X for 10, fit ISO/IEC 7064 MOD 11-2."""
    check = 0
    for character in number:
        check = check * 2 + (10 if character == "X" else int(character))
    return check % 11 == 1


def iso7064_mod11_10(number: str) -> bool:
    """Whether digits fit ISO/IEC 7064 MOD 11,10, the hybrid system."""
    product = 10
    for digit in map(int, number[:-1]):
        product = ((product + digit) % 10 or 10) * 2 % 11
    return (product + int(number[-1])) % 10 == 1


def iso7064_mod97_10(number: str) -> bool:
    """Whether a number that ends with two check digits fits ISO/IEC 7064 MOD 97-10.

    A letter counts as the two digits 10 (A) to 35 (Z), as ISO 17442 has it.
    """
    return int("".join(str(int(character, 36)) for character in number)) % 97 == 1


@dataclass(frozen=True, slots=True)
class _Check:
    """One rule: what its numbers are made of, in a pattern and in words, and the arithmetic."""

    shape: re.Pattern[str]
    words: str
    holds: Callable[[str], bool]


_CHECKS: Final = {
    "luhn": _Check(re.compile(r"[0-9]{2,}"), "digits alone", luhn),
    "mod11": _Check(re.compile(r"[0-9]{10}"), "ten digits", mod11),
    "iso7064-mod11-2": _Check(
        re.compile(r"[0-9]+[0-9X]"), "digits, the last of which may be an X", iso7064_mod11_2
    ),
    "iso7064-mod11-10": _Check(re.compile(r"[0-9]{2,}"), "digits alone", iso7064_mod11_10),
    "iso7064-mod97-10": _Check(
        re.compile(r"[0-9A-Z]+[0-9]{2}"),
        "letters and digits, the last two of them digits",
        iso7064_mod97_10,
    ),
}


def patient_number(text: str, rule: Patients) -> str:
    """Return the patient's number that a scanned or typed text means.

    Applied to its own result it returns the same.

    Raises:
        NumberRefused: it means none by this rule.
    """
    given = text.strip(" ").upper() if text.isascii() else text
    bare = given.translate(_SEPARATORS)
    if PREFIX in bare:
        raise NumberRefused("This is an operator's badge; expected a patient's card.")
    if not text.isascii() or not text.isprintable():
        raise NumberRefused(
            "This has characters that no patient's number has; expected letters A to Z, digits "
            "and dashes."
        )
    prefix = rule.prefix.upper()
    if rule.check != "none":
        given, prefix = bare, prefix.translate(_SEPARATORS)
    number = given.removeprefix(prefix)
    _require_shape(number, prefix, rule)
    if rule.check != "none":
        _require_check(number, rule)
    return number


def _require_shape(number: str, prefix: str, rule: Patients) -> None:
    """Refuse what is no number by any rule, and what has another length than this clinic's."""
    if not number:
        raise NumberRefused("There is no number; expected the one on the patient's card.")
    if _ADDRESS.search(number):
        raise NumberRefused(
            "This is an address or a command and was not followed; expected a patient's card."
        )
    if len(number) > LIMIT:
        raise NumberRefused(f"This is too long; expected a number of at most {LIMIT} characters.")
    if not _ANY.fullmatch(number):
        raise NumberRefused(
            "This is no patient's number; expected letters A to Z, digits, and dashes between them."
        )
    # Otherwise a number read once more would be another one.
    if prefix and number.startswith(prefix):
        raise NumberRefused(
            "What the clinic's cards begin with is here twice; expected it once, or not at all."
        )
    fewest, most = rule.length
    if not fewest <= len(number) <= most:
        span = str(most) if fewest == most else f"{fewest} to {most}"
        raise NumberRefused(f"This number has a wrong length; expected {span} characters.")


def _require_check(number: str, rule: Patients) -> None:
    check = _CHECKS[rule.check]
    if not check.shape.fullmatch(number):
        raise NumberRefused(f"This is no number of this clinic; expected {check.words}.")
    if not check.holds(number):
        raise NumberRefused(
            "This number has a wrong check digit; expected the number as it is on the patient's "
            "card: read it again."
        )


def _weighted(number: str, weights: range) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))
