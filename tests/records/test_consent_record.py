"""One act of consent: its one form, its translation, and everything that makes it refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fhir.resources.R4B.consent import Consent as FhirConsent

from kiosk.envelope.bundle import encode_record, parse_record
from kiosk.errors import ConsentError, ContainerError
from kiosk.model import ClockState
from kiosk.records.consent import (
    MOST_POINTS,
    ConsentRecord,
    Decision,
    Shown,
    Signature,
    Signer,
)
from kiosk.records.consent_fhir import fhir_of, resource_of
from kiosk.records.consent_form import age_on, form_of
from kiosk.records.consent_history import digest_of
from tests.records import consent_samples as samples
from tests.records.consent_samples import DECISIONS, answers, at, form, given, text, withdrawn

GOLDEN = Path(__file__).parent / "golden"
GUARDIAN = Signer(role="guardian", name="Zoë Quill", relation="mother")


def test_an_act_has_one_form_that_never_changes() -> None:
    """Whoever changes this changes digests that pictures are bound to."""
    record = given()
    assert encode_record(record, "consent") == (GOLDEN / "consent.json").read_bytes()
    assert parse_record(encode_record(record), "consent.json", ConsentRecord) == record
    resource = fhir_of(record, digest_of(record), text().content)
    assert resource == (GOLDEN / "consent.fhir.json").read_bytes()


ACTS = [
    given(),
    given(form=form(signer=GUARDIAN), encounter="V-9"),
    given(form=form(treatment="toxin-or-filler", born="1990-02-28")),
    given(decisions=tuple(Decision(purpose=d.purpose, allowed=False) for d in DECISIONS)),
    given(kind="changed", number=3, previous="b" * 64, merges=("c" * 64,), session=None),
    withdrawn(),
    withdrawn(Decision(purpose="marketing", allowed=False, channels=("website",))),
    given(at=at(90, day="1970-01-01", clock=ClockState.UNSYNCHRONISED)),
]


@pytest.mark.parametrize("record", ACTS, ids=range(len(ACTS)))
def test_the_translation_is_valid_fhir_r4(record: ConsentRecord) -> None:
    digest = digest_of(record)
    content = None if record.form is None else text().content
    valid = FhirConsent.model_validate_json(fhir_of(record, digest, content))
    again = json.loads(valid.model_dump_json())
    assert again["identifier"][0]["value"] == digest
    assert again["patient"]["identifier"]["value"] == record.patient.id
    for provision, decision in zip(again["provision"]["provision"], record.decisions, strict=True):
        assert provision["type"] == ("permit" if decision.allowed else "deny")
        codes = {one["code"] for one in provision["purpose"]}
        assert {f"{decision.purpose}/{one}" for one in decision.channels} <= codes
        assert provision["data"][0]["reference"]["identifier"]["value"] == digest


def test_the_validator_would_find_a_fault() -> None:
    resource = resource_of(given(), "d" * 64, text().content)
    resource["provision"]["type"] = ["deny"]
    with pytest.raises(ValueError, match="provision"):
        FhirConsent.model_validate(resource)
    del resource["provision"], resource["scope"]
    with pytest.raises(ValueError, match="scope"):
        FhirConsent.model_validate(resource)


def test_a_refusal_of_everything_is_rejected_and_a_withdrawal_denies() -> None:
    refused = given(decisions=tuple(Decision(purpose=d.purpose, allowed=False) for d in DECISIONS))
    assert resource_of(refused, "d" * 64, text().content)["status"] == "rejected"
    resource = resource_of(withdrawn(), "d" * 64, None)
    assert resource["status"] == "active"
    assert [one["type"] for one in resource["provision"]["provision"]] == ["deny"]
    assert "sourceAttachment" not in resource


def test_consent_for_a_time_ends_with_it_in_fhir_too() -> None:
    *_, marketing = resource_of(given(), "d" * 64, text().content)["provision"]["provision"]
    assert marketing["period"]["end"].startswith("2028-11-24T")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": 2}, "no other, has none before it"),
        ({"previous": "a" * 64}, "no other, has none before it"),
        ({"kind": "changed"}, "nothing to change or to merge"),
        ({"merges": ("a" * 64,)}, "nothing to change or to merge"),
        ({"form": None}, "A form is signed to give or change"),
        ({"kind": "withdrawn"}, "A form is signed to give or change"),
        ({"decisions": DECISIONS[:-1]}, "decides every purpose"),
        ({"decisions": (*DECISIONS[:-1], DECISIONS[0])}, "decided twice"),
        (
            {"decisions": (Decision(purpose="record", allowed=False), *DECISIONS[1:])},
            "Without pictures in the record",
        ),
        ({"at": msgspec.structs.replace(at(), wall="2026-13-25T10:00:00Z")}, "month must be"),
    ],
)
def test_an_act_that_contradicts_itself_cannot_be(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        given(**changes)
    fields = {**msgspec.to_builtins(given()), **msgspec.to_builtins(changes)}
    with pytest.raises(ContainerError, match=said):
        parse_record(
            msgspec.json.format(msgspec.json.encode(fields), indent=2) + b"\n",
            "consent.json",
            ConsentRecord,
        )


def test_a_withdrawal_allows_nothing() -> None:
    with pytest.raises(ValueError, match="allows nothing"):
        withdrawn(Decision(purpose="training", allowed=True))


def test_a_guardian_has_a_name_and_a_patient_none() -> None:
    for wrong in ({"role": "guardian"}, {"name": "Zoë"}, {"role": "guardian", "name": "Zoë"}):
        with pytest.raises(ValueError, match="guardian"):
            Signer(**wrong)  # type: ignore[arg-type]


def test_nobody_draws_so_many_points() -> None:
    stroke = ((0.5, 0.5, 0),) * (MOST_POINTS // 2 + 1)
    with pytest.raises(ValueError, match="more points"):
        Signature(strokes=(stroke, stroke), aspect=1.0)


def choose(number: int, decision: Decision) -> tuple[Decision, ...]:
    return (*DECISIONS[:number], decision, *DECISIONS[number + 1 :])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"understood": False}, "confirmed that they have understood"),
        ({"decisions": DECISIONS[1:]}, "Every purpose of the consent is answered"),
        ({"decisions": DECISIONS[::-1]}, "Every purpose of the consent is answered"),
        (
            {"decisions": choose(4, Decision(purpose="marketing", allowed=True))},
            "no place was ticked",
        ),
        (
            {
                "decisions": choose(
                    4, Decision(purpose="marketing", allowed=True, channels=("cinema",))
                )
            },
            "does not name",
        ),
        (
            {
                "decisions": choose(
                    4, Decision(purpose="marketing", allowed=False, channels=("website",))
                )
            },
            "answered with no",
        ),
        (
            {"decisions": choose(0, Decision(purpose="record", allowed=False))},
            "only if they may be taken for the record",
        ),
        (
            {"signature": Signature(strokes=(((0.5, 0.5, 0), (0.5, 0.5, 9)),), aspect=2.0)},
            "signature is missing",
        ),
        ({"treatment": "laser"}, "says nothing of"),
        ({"treatment": "toxin-or-filler"}, "date of birth is needed"),
        ({"treatment": "toxin-or-filler", "born": "2008-02-30"}, "does not exist"),
        ({"treatment": "toxin-or-filler", "born": "2008-11-26"}, "at least 18 years"),
        (
            {"treatment": "toxin-or-filler", "born": "2008-11-26", "signer": GUARDIAN},
            "no guardian can consent",
        ),
        ({"treatment": "toxin-or-filler", "born": "1850-01-01"}, "not possible"),
    ],
)
def test_a_form_in_doubt_is_refused_in_a_sentence(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConsentError, match=said) as raised:
        form(**changes)
    for secret in ("2008", "1850", "Zoë"):
        assert secret not in str(raised.value)


def test_an_age_is_judged_by_a_clock_that_is_right() -> None:
    """In 2099 everybody is of age."""
    wrong = at(clock=ClockState.UNSYNCHRONISED, day="2099-01-01")
    asked = answers(treatment="toxin-or-filler", born="2010-01-01")
    with pytest.raises(ConsentError, match="clock is not set"):
        form_of(asked, Shown(text(), wrong), wrong, "e" * 64)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2008-11-25", "2026-11-25", 18),
        ("2008-11-26", "2026-11-25", 17),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
    ],
)
def test_ages(born: str, day: str, age: int) -> None:

    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


def test_nothing_of_the_patient_is_in_what_a_log_could_show() -> None:
    record = given(form=form(signer=GUARDIAN, treatment="toxin-or-filler", born="1990-02-28"))
    asked = answers(signer=GUARDIAN, born="1990-02-28")
    for thing in (record, record.form, asked, record.form and record.form.age):
        shown = repr(thing)
        for secret in (samples.PATIENT.id, "Zoë", "1990", "0.125"):
            assert secret not in shown
