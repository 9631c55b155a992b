"""Entries of the audit trail as FHIR R4 ``AuditEvent``, for systems that gather such.

Built by hand as plain JSON; the tests have ``fhir.resources`` validate it (docs/decisions/0098).
The trail itself stays what is proven: this is its translation.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any, Final

from kiosk.records.audit import Entry, line_of
from kiosk.records.audit_acts import MEANINGS, UID, Meaning, dicom_display

ACT: Final = "urn:capture-station:act"
OPERATOR: Final = "urn:capture-station:operator"
STATION: Final = "urn:capture-station:station"
_EXTENSION: Final = "urn:capture-station:audit"
_DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_TERMS: Final = "http://terminology.hl7.org/CodeSystem"

Json = dict[str, Any]


def resource_of(entry: Entry, station: str) -> Json:
    """Return the resource of one entry of a station's trail as JSON's own types."""
    meaning = MEANINGS[entry.act]
    resource: Json = {
        "resourceType": "AuditEvent",
        "extension": _extensions(entry),
        "type": _dicom(meaning.event),
        "subtype": _subtypes(entry, meaning),
        "action": meaning.action,
        "recorded": entry.at.wall,
        "outcome": meaning.outcome,
        "agent": [_agent(entry, station)],
        "source": {
            "observer": _reference("Device", STATION, station),
            "type": [_coding(f"{_TERMS}/security-source-type", "1", "User Device")],
        },
    }
    if entities := _entities(entry, meaning):
        resource["entity"] = entities
    return resource


def ndjson(entries: Iterable[tuple[str, Entry]]) -> bytes:
    """Return one resource a line, of entries with their stations."""
    return b"".join(_compact(resource_of(entry, station)) for station, entry in entries)


def bundle(entries: Iterable[tuple[str, Entry]]) -> bytes:
    """Return a Bundle of all resources, each under a name that its entry's digest gives."""
    return _compact(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {"fullUrl": _url(entry, station), "resource": resource_of(entry, station)}
                for station, entry in entries
            ],
        }
    )


def _compact(resource: Json) -> bytes:
    # In ASCII, so that no text has what some reader takes for the end of a line.
    return json.dumps(resource, separators=(",", ":")).encode("ascii") + b"\n"


def _url(entry: Entry, station: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{_EXTENSION}:{station}:{_digest(entry)}").urn


def _digest(entry: Entry) -> str:
    return hashlib.sha256(line_of(entry)).hexdigest()


def _extensions(entry: Entry) -> list[Json]:
    """Return what R4 has no place for: the proof, and every clock but the wall's."""
    return [
        {"url": f"{_EXTENSION}:number", "valuePositiveInt": entry.number},
        {"url": f"{_EXTENSION}:sha256", "valueString": _digest(entry)},
        {"url": f"{_EXTENSION}:clock", "valueCode": entry.at.clock.value},
        {"url": f"{_EXTENSION}:boot", "valueUuid": f"urn:uuid:{entry.at.boot_id}"},
        # FHIR's integers end at 2**31.
        {"url": f"{_EXTENSION}:monotonic-ns", "valueString": str(entry.at.monotonic_ns)},
    ]


def _subtypes(entry: Entry, meaning: Meaning) -> list[Json]:
    found = [] if meaning.subtype is None else [_dicom(meaning.subtype)]
    return [*found, _coding(ACT, entry.act.value, meaning.words)]


def _agent(entry: Entry, station: str) -> Json:
    """Return who did it: the operator, or the station where nobody was signed in."""
    if entry.operator is None:
        return {"who": _reference("Device", STATION, station), "requestor": False}
    return {"who": _reference("Practitioner", OPERATOR, entry.operator), "requestor": True}


def _entities(entry: Entry, meaning: Meaning) -> list[Json]:
    found: list[Json] = []
    if entry.patient is not None:
        identifier = {"value": entry.patient.id, "assigner": {"display": entry.patient.issuer}}
        found.append(
            {
                "what": {"type": "Patient", "identifier": identifier},
                "type": _coding(f"{_TERMS}/audit-entity-type", "1", "Person"),
                "role": _coding(f"{_TERMS}/object-role", "1", "Patient"),
            }
        )
    about: Json = {}
    if entry.subject is not None:
        uid = "urn:oid:" if meaning.subject == UID else ""
        about["what"] = {
            "identifier": {"system": meaning.subject, "value": f"{uid}{entry.subject}"}
        }
    if entry.detail is not None:
        about["detail"] = [{"type": "detail", "valueString": entry.detail}]
    if about:
        about["type"] = _coding(f"{_TERMS}/audit-entity-type", "2", "System Object")
        found.append(about)
    return found


def _reference(kind: str, system: str, value: str) -> Json:
    return {"type": kind, "identifier": {"system": system, "value": value}}


def _dicom(code: str) -> Json:
    return _coding(_DCM, code, dicom_display(code))


def _coding(system: str, code: str, display: str) -> Json:
    return {"system": system, "code": code, "display": display}
