"""An act of consent as a FHIR R4 ``Consent``, for clinics whose records speak FHIR.

Built by hand as plain JSON; the tests have ``fhir.resources`` validate it (docs/decisions/0096).
``consent.json`` beside it stays what is proven: this is its translation.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from kiosk.model import ClockState
from kiosk.records.consent import ConsentRecord, Decision, Form
from kiosk.records.consent_text import Controller
from kiosk.records.shot import PatientReference

ACT: Final = "urn:capture-station:consent"
"""System of the digest by which an act is named; a picture's ``shot.json`` has it as consent."""
USE: Final = "urn:capture-station:use"
_EXTENSION: Final = "urn:capture-station:consent"
_TERMS: Final = "http://terminology.hl7.org/CodeSystem"
_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "record": ("TREAT", "treatment"),
    "training": ("TRAIN", "training"),
    "research": ("HRESCH", "healthcare research"),
    "marketing": ("HMARKT", "healthcare marketing"),
}
"""HL7 v3 ActReason, as far as it has a code for a purpose; it has none for publication."""
_ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "record": ("collect", "access", "use"),
    "training": ("use",),
    "research": ("use",),
    "publication": ("disclose",),
    "marketing": ("disclose",),
}

Json = dict[str, Any]


def fhir_of(record: ConsentRecord, digest: str, content: bytes | None) -> bytes:
    """Return the resource as UTF-8 JSON with a newline at the end.

    Args:
        record: the act.
        digest: SHA-256 of its one JSON form.
        content: the bytes of the text that was shown; None of a withdrawal.
    """
    resource = resource_of(record, digest, content)
    return json.dumps(resource, ensure_ascii=False, indent=2).encode() + b"\n"


def resource_of(record: ConsentRecord, digest: str, content: bytes | None) -> Json:
    """Return the resource as JSON's own types; arguments as for :func:`fhir_of`."""
    resource: Json = {
        "resourceType": "Consent",
        "extension": _extensions(record),
        "identifier": [{"system": ACT, "value": digest}],
        "status": _status(record),
        "scope": _concept(f"{_TERMS}/consentscope", "patient-privacy", "Privacy Consent"),
        "category": [_concept("http://loinc.org", "59284-0", "Consent Document")],
        "patient": _patient(record.patient),
        "dateTime": record.at.wall,
        "performer": [_performer(record)],
        "organization": _organisations(record),
    }
    if record.form is not None and content is not None:
        resource["sourceAttachment"] = _attachment(record.form, content)
    resource["policyRule"] = {"text": _policy(record.form)}
    if record.form is not None:
        resource["verification"] = [_verification(record)]
    resource["provision"] = {
        "type": "deny",
        "provision": [_provision(record, digest, one) for one in record.decisions],
    }
    return resource


def _status(record: ConsentRecord) -> str:
    """Return "rejected" where everything was refused; a withdrawal is in force as a denial."""
    if record.form is not None and not any(one.allowed for one in record.decisions):
        return "rejected"
    return "active"


def _extensions(record: ConsentRecord) -> list[Json]:
    operator = {
        "type": "Practitioner",
        "identifier": {"system": "urn:capture-station:operator", "value": record.operator.id},
        "display": record.operator.name,
    }
    found: list[Json] = [
        {"url": f"{_EXTENSION}:kind", "valueCode": record.kind},
        {"url": f"{_EXTENSION}:number", "valuePositiveInt": record.number},
        {"url": f"{_EXTENSION}:taken-by", "valueReference": operator},
        {"url": f"{_EXTENSION}:clock", "valueCode": record.at.clock.value},
    ]
    for digest in (*(() if record.previous is None else (record.previous,)), *record.merges):
        act = {"system": ACT, "value": digest}
        found.append({"url": f"{_EXTENSION}:follows", "valueIdentifier": act})
    if record.encounter is not None:
        visit = {"type": "Encounter", "identifier": {"value": record.encounter}}
        found.append({"url": f"{_EXTENSION}:encounter", "valueReference": visit})
    if record.form is not None:
        basis = record.form.lawful_basis
        found += [
            {"url": f"{_EXTENSION}:lawful-basis", "valueString": article}
            for article in (basis.article_6, basis.article_9)
        ]
    return found


def _patient(patient: PatientReference) -> Json:
    identifier = {"value": patient.id, "assigner": {"display": patient.issuer}}
    return {"type": "Patient", "identifier": identifier}


def _performer(record: ConsentRecord) -> Json:
    signer = None if record.form is None else record.form.signer
    if signer is None or signer.role == "patient":
        return _patient(record.patient)
    return {"type": "RelatedPerson", "display": f"{signer.name} ({signer.relation})"}


def _organisations(record: ConsentRecord) -> list[Json]:
    if record.form is None:
        return [{"type": "Organization", "display": record.patient.issuer}]
    return [_organisation(one) for one in (record.form.organisation, *record.form.controllers)]


def _organisation(controller: Controller) -> Json:
    return {"type": "Organization", "display": f"{controller.name}, {controller.contact}"}


def _attachment(form: Form, content: bytes) -> Json:
    """Return the text: R4 wants SHA-1 as ``hash``; ``url`` names it by SHA-256 (RFC 6920)."""
    sha1 = hashlib.sha1(content, usedforsecurity=False).digest()
    name = base64.urlsafe_b64encode(bytes.fromhex(form.text.sha256)).rstrip(b"=").decode()
    return {
        "contentType": "application/toml",
        "language": form.text.language,
        "url": f"ni:///sha-256;{name}",
        "size": len(content),
        "hash": base64.b64encode(sha1).decode(),
        "title": f"{form.text.title} ({form.text.id}, version {form.text.version})",
    }


def _policy(form: Form | None) -> str:
    if form is None:
        return "Withdrawal of consent to the use of clinical photographs"
    return f"{form.text.title}, version {form.text.version}"


def _verification(record: ConsentRecord) -> Json:
    return {
        "verified": True,
        "verifiedWith": _performer(record),
        "verificationDate": record.at.wall,
    }


def _provision(record: ConsentRecord, digest: str, decision: Decision) -> Json:
    found: Json = {"type": "permit" if decision.allowed else "deny"}
    found["period"] = _period(record, decision)
    found["actor"] = [
        {
            "role": _concept(f"{_TERMS}/v3-ParticipationType", "IRCP", "information recipient"),
            "reference": organisation,
        }
        for organisation in _organisations(record)
    ]
    found["action"] = [
        _concept(f"{_TERMS}/consentaction", code, code.capitalize())
        for code in _ACTIONS[decision.purpose]
    ]
    found["purpose"] = _purposes(decision)
    pictures = {"type": "Media", "identifier": {"system": ACT, "value": digest}}
    found["data"] = [{"meaning": "related", "reference": pictures}]
    return found


def _period(record: ConsentRecord, decision: Decision) -> Json:
    period = {"start": record.at.wall}
    terms = () if record.form is None else record.form.terms
    days = next((one.valid_days for one in terms if one.purpose == decision.purpose), None)
    if decision.allowed and days is not None and record.at.clock is ClockState.SYNCHRONISED:
        end = datetime.fromisoformat(record.at.wall) + timedelta(days=days)
        period["end"] = end.isoformat(timespec="milliseconds")
    return period


def _purposes(decision: Decision) -> list[Json]:
    found = []
    if decision.purpose in _REASONS:
        code, display = _REASONS[decision.purpose]
        found.append({"system": f"{_TERMS}/v3-ActReason", "code": code, "display": display})
    found.append({"system": USE, "code": decision.purpose})
    found += [
        {"system": USE, "code": f"{decision.purpose}/{channel}"} for channel in decision.channels
    ]
    return found


def _concept(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}]}
