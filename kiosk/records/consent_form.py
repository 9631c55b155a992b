"""From what was answered on the screen to the form of a record; every doubt refuses it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec

from kiosk.errors import ConsentError
from kiosk.model import ClockState
from kiosk.records.consent import (
    AgeCheck,
    ConsentAnswers,
    Decision,
    Form,
    Shown,
    Terms,
    TextReference,
)
from kiosk.records.consent_text import RECORD, AgeRule, ConsentText, PurposeText
from kiosk.records.shot import Instant

MAJORITY: Final = 18
"""Years of age below which a guardian signs: Convention on the Rights of the Child, article 1."""


def form_of(answers: ConsentAnswers, shown: Shown, at: Instant, picture: str) -> Form:
    """Return what was signed.

    Args:
        answers: of the patient.
        shown: which text they had before them.
        at: when they signed.
        picture: SHA-256 of the signature's PNG.

    Raises:
        ConsentError: something is missing or does not fit the text, or the patient is younger than
            the treatment demands; the sentence names nobody.
    """
    text = shown.file.text
    _require_decisions(answers.decisions, text)
    if not answers.understood:
        raise ConsentError("Nobody signs who has not confirmed that they have understood.")
    points = {(x, y) for stroke in answers.signature.strokes for x, y, _ in stroke}
    if len(points) < 2:  # noqa: PLR2004 - a dot is no signature
        raise ConsentError("The signature is missing; have the patient sign on the screen.")
    age = _age_check(answers, text, at)
    if answers.signer.role == "patient" and _minor(answers.born, at):
        raise ConsentError(
            f"The patient is not {MAJORITY} years old yet; a guardian signs the consent."
        )
    return Form(
        text=TextReference(
            id=text.id,
            version=text.version,
            language=text.language,
            title=text.title,
            sha256=shown.file.digest,
        ),
        shown_at=shown.at,
        understood=True,
        signer=answers.signer,
        signature=answers.signature,
        picture=picture,
        age=age,
        organisation=text.organisation,
        controllers=text.controllers,
        terms=tuple(_terms(one) for one in text.purposes),
        lawful_basis=text.lawful_basis,
    )


def age_on(born: date, day: date) -> int:
    """Return full years; who was born on 29 February comes of age on 1 March.

    >>> age_on(date(2008, 2, 29), date(2026, 2, 28))
    17
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _minor(born: str | None, at: Instant) -> bool:
    """Whether a patient is known to be a minor; a clock that nobody keeps right says nothing."""
    if born is None or at.clock is not ClockState.SYNCHRONISED:
        return False
    return _age(born, at) < MAJORITY


def _age(born: str, at: Instant) -> int:
    try:
        return age_on(date.fromisoformat(born), datetime.fromisoformat(at.wall).date())
    except ValueError as error:
        raise ConsentError("The date of birth does not exist.") from error


def _require_decisions(decisions: tuple[Decision, ...], text: ConsentText) -> None:
    if [one.purpose for one in decisions] != [one.id for one in text.purposes]:
        raise ConsentError("Every purpose of the consent is answered, each with yes or no.")
    for decision, purpose in zip(decisions, text.purposes, strict=True):
        known = {one.id for one in purpose.channels}
        chosen = set(decision.channels)
        if not chosen <= known or len(chosen) != len(decision.channels):
            raise ConsentError("A place was ticked that the consent's text does not name.")
        if chosen and not decision.allowed:
            raise ConsentError("A place was ticked for a purpose that was answered with no.")
        if decision.allowed and known and not chosen:
            raise ConsentError(f"“{purpose.name}” was allowed, but no place was ticked for it.")
    allowed = {one.purpose for one in decisions if one.allowed}
    if allowed and RECORD not in allowed:
        raise ConsentError(
            "Pictures can be used for other purposes only if they may be taken for the record."
        )


def _age_check(answers: ConsentAnswers, text: ConsentText, at: Instant) -> AgeCheck | None:
    if answers.treatment is None:
        return None
    rule = text.age_rule(answers.treatment)
    if rule is None:
        raise ConsentError("The treatment demands an age that the consent's text says nothing of.")
    if answers.born is None:
        raise ConsentError(f"{rule.name}: the date of birth is needed to check the age.")
    if at.clock is not ClockState.SYNCHRONISED:
        raise ConsentError(
            f"{rule.name}: the age cannot be checked while the station's clock is not set; connect "
            "it to the network."
        )
    return _checked(answers.born, rule, at)


def _checked(born: str, rule: AgeRule, at: Instant) -> AgeCheck:
    age = _age(born, at)
    if age < rule.minimum:
        raise ConsentError(
            f"{rule.name}: expected an age of at least {rule.minimum} years ({rule.source}); no "
            "guardian can consent to it."
        )
    try:
        return msgspec.convert(
            {
                "treatment": rule.treatment,
                "minimum": rule.minimum,
                "born": born,
                "age": age,
                "source": rule.source,
            },
            AgeCheck,
        )
    except msgspec.ValidationError as error:
        raise ConsentError("The date of birth is not possible.") from error


def _terms(purpose: PurposeText) -> Terms:
    return Terms(
        purpose=purpose.id,
        level=purpose.level,
        retention=purpose.retention,
        retention_years=purpose.retention_years,
        valid_days=purpose.valid_days,
    )
