"""Every act as an AuditEvent that a validator of R4 takes."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle

from kiosk.model import ClockState
from kiosk.records.audit import Act, Entry
from kiosk.records.audit_acts import MEANINGS, dicom_display
from kiosk.records.audit_fhir import bundle, ndjson, resource_of
from tests.records.audit_samples import DAY, IMAGE, PATIENT, at, chained, head_of

EVERY = chained(
    [
        {"act": act, "operator": "ada", "patient": PATIENT, "subject": IMAGE, "detail": "Ä\u2028b"}
        for act in Act
    ]
)


def test_every_act_has_a_meaning() -> None:
    assert list(MEANINGS) == list(Act)
    assert len({one.words for one in MEANINGS.values()}) == len(MEANINGS)
    for meaning in MEANINGS.values():
        assert dicom_display(meaning.event)
        assert meaning.subtype is None or dicom_display(meaning.subtype)


@pytest.mark.parametrize("entry", [*EVERY, *chained(DAY)], ids=repr)
def test_the_translation_is_valid_fhir_r4(entry: Entry) -> None:
    valid = AuditEvent.model_validate(resource_of(entry, "kiosk-01"))
    again = json.loads(valid.model_dump_json())
    assert again["subtype"][-1]["code"] == entry.act.value
    (agent,) = again["agent"]
    assert agent["requestor"] is (entry.operator is not None)
    assert agent["who"]["identifier"]["value"] == (entry.operator or "kiosk-01")
    assert again["source"]["observer"]["identifier"]["value"] == "kiosk-01"
    named = [one.get("what", {}).get("identifier", {}) for one in again.get("entity", [])]
    if entry.patient is not None:
        assert named[0] == {"value": "P-4711", "assigner": {"display": "clinic.example"}}
    if entry.subject is not None:
        assert named[-1]["value"].removeprefix("urn:oid:") == entry.subject


def test_a_picture_is_named_as_its_record_names_it() -> None:
    taken = next(one for one in EVERY if one.act is Act.SHOT_TAKEN)
    what = resource_of(taken, "kiosk-01")["entity"][1]["what"]["identifier"]
    assert what == {"system": "urn:dicom:uid", "value": f"urn:oid:{IMAGE}"}


def test_the_clock_s_state_and_the_proof_are_said() -> None:
    moment = at(3, clock=ClockState.UNSYNCHRONISED, monotonic_ns=2**40)
    (entry,) = chained([{"act": Act.STARTED, "at": moment}])
    resource = resource_of(entry, "kiosk-01")
    said = {
        one["url"].removeprefix("urn:capture-station:audit:"): one[name]
        for one in resource["extension"]
        for name in one
        if name != "url"
    }
    assert said == {
        "number": 1,
        "sha256": head_of(entry).digest,
        "clock": "unsynchronised",
        "boot": f"urn:uuid:{moment.boot_id}",
        "monotonic-ns": str(2**40),
    }


def test_a_failure_has_its_outcome() -> None:
    outcomes = {entry.act: resource_of(entry, "kiosk-01")["outcome"] for entry in EVERY}
    failed = {act for act, outcome in outcomes.items() if outcome != "0"}
    assert failed == {
        Act.SIGN_IN_FAILED, Act.BADGE_REFUSED, Act.BADGE_LOCKED, Act.LETTER_REFUSED
    }  # fmt: skip


def test_lines_and_bundle_have_every_entry_once() -> None:
    given = [("kiosk-01", entry) for entry in EVERY]
    lines = ndjson(given).decode("ascii").splitlines()
    resources = [resource_of(entry, "kiosk-01") for entry in EVERY]
    assert [json.loads(line) for line in lines] == resources
    Bundle.model_validate_json(bundle(given))
    names = {one["fullUrl"] for one in json.loads(bundle(given))["entry"]}
    assert len(names) == len(EVERY)
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", name) for name in names)
    assert [one["resource"] for one in json.loads(bundle(given))["entry"]] == resources


def test_the_validator_would_find_a_fault() -> None:
    resource = msgspec.json.decode(msgspec.json.encode(resource_of(EVERY[0], "kiosk-01")))
    del resource["agent"]
    with pytest.raises(ValueError, match="agent"):
        AuditEvent.model_validate(resource)
