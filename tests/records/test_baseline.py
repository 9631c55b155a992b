"""The record of a baseline: one text, one size, and the place of later pictures after it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import BaselineError
from kiosk.model import ClockState
from kiosk.records.baseline import (
    DESCRIPTOR_LIMIT,
    TEXT_SIZE,
    Baseline,
    decode,
    encode,
    of_shot,
    series,
)
from kiosk.records.shot import Instant, PatientReference, Series
from tests.envelope.samples import INSTANT, record_of

BASELINE = Baseline(
    patient=PatientReference(id="P-4711", issuer="clinic.example"),
    view="frontal",
    image="2.25.1001",
    session="2.25.200245678901",
    taken_at=INSTANT,
    protocol="face_5",
    descriptor=b"landmarks",
)


def changed(**changes: Any) -> Baseline:  # noqa: ANN401 - any field
    return msgspec.structs.replace(BASELINE, **changes)


def at(wall: str, clock: ClockState = ClockState.SYNCHRONISED) -> Instant:
    return msgspec.structs.replace(INSTANT, wall=wall, clock=clock)


def test_a_baseline_is_made_of_the_shot_that_was_accepted() -> None:
    assert of_shot(record_of(b"picture"), b"landmarks") == BASELINE


@given(st.binary(min_size=1, max_size=DESCRIPTOR_LIMIT))
def test_a_baseline_comes_back_from_its_text_and_every_text_has_one_size(data: bytes) -> None:
    baseline = changed(descriptor=data)
    text = encode(baseline)
    assert len(text) == TEXT_SIZE
    assert decode(text) == baseline


def test_the_largest_baseline_of_all_fits() -> None:
    longest = PatientReference(id='"' * 256, issuer="\N{GRINNING FACE}" * 256)
    name = "a" * 63
    baseline = changed(
        patient=longest,
        view=name,
        protocol=name,
        image="2.25." + "9" * 39,
        session="2.25." + "9" * 39,
        taken_at=Instant(
            wall="2026-11-23T10:15:30.123456789+01:00",
            monotonic_ns=2**63,
            boot_id=INSTANT.boot_id,
            clock=ClockState.UNSYNCHRONISED,
        ),
        descriptor=bytes(DESCRIPTOR_LIMIT),
    )
    assert decode(encode(baseline)) == baseline


def test_of_a_view_that_is_not_measured_there_is_no_descriptor() -> None:
    baseline = of_shot(record_of(b"picture"), None)
    assert (baseline.version, baseline.descriptor) == (2, None)
    text = encode(baseline)
    assert len(text) == TEXT_SIZE
    assert decode(text) == baseline


def test_one_with_a_descriptor_is_written_as_ever() -> None:
    """So that the version of the program before reads it after a way back."""
    assert encode(BASELINE).startswith(b'{"version":1,"patient":')


def test_versions_say_whether_there_is_a_descriptor() -> None:
    with pytest.raises(ValueError, match="version 1 without a descriptor; expected 2"):
        changed(descriptor=None)
    text = encode(BASELINE)
    for other in (
        text.replace(b'"version":1', b'"version":2'),
        encode(of_shot(record_of(b"picture"), None)).replace(b'"version":2', b'"version":1'),
    ):
        with pytest.raises(BaselineError, match="cannot be read: version"):
            decode(other)


def test_the_text_is_json_that_any_tool_reads() -> None:
    read = msgspec.json.decode(encode(BASELINE))
    assert read["patient"] == {"id": "P-4711", "issuer": "clinic.example"}
    assert read["descriptor"] == "bGFuZG1hcmtz"


@pytest.mark.parametrize(
    "change",
    [
        {"descriptor": b""},
        {"descriptor": bytes(DESCRIPTOR_LIMIT + 1)},
        {"view": "Frontal"},
        {"image": "1.2.3"},
        {"session": "2.25.01"},
        {"protocol": ""},
        {"patient": PatientReference(id="", issuer="clinic.example")},
        {"patient": PatientReference(id="P" * 257, issuer="clinic.example")},
        {"patient": PatientReference(id="P\n1", issuer="clinic.example")},
        {"taken_at": at("2026-11-23T10:15:30")},
    ],
)
def test_a_field_with_another_value_is_neither_written_nor_read(change: dict[str, Any]) -> None:
    wrong = changed(**change)
    with pytest.raises(BaselineError, match="cannot be written"):
        encode(wrong)
    with pytest.raises(BaselineError, match="cannot be read"):
        decode(msgspec.json.encode(wrong).ljust(TEXT_SIZE))


def test_a_moment_that_never_was_is_refused() -> None:
    with pytest.raises(ValueError, match="month must be in"):
        changed(taken_at=at("2026-13-01T00:00:00Z"))
    text = encode(BASELINE).replace(b"2026-11-23", b"2026-13-23")
    with pytest.raises(BaselineError, match="cannot be read: month must be in"):
        decode(text)


def test_only_the_one_text_is_read() -> None:
    text = encode(BASELINE)
    compact = text.rstrip()
    doubled = compact.replace(b'"view"', b'"view":"basal","view"').ljust(TEXT_SIZE)
    for other in (compact, text + b" ", b" " + text[:-1], doubled):
        with pytest.raises(BaselineError, match="one form"):
            decode(other)
    for other in (b"", b"{}", text[:-1] + b"x", text.replace(b'"view"', b'"veiw"'), b"\xff"):
        with pytest.raises(BaselineError, match="cannot be read"):
            decode(other)


def test_its_representation_shows_nobody() -> None:
    said = repr(BASELINE)
    assert said == "Baseline(view='frontal')"


def test_the_first_picture_is_the_baseline_itself() -> None:
    assert series(None, INSTANT) == Series(role="baseline", days=None, baseline=None)


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        ("2026-11-01T17:00:00+00:00", "2026-11-15T09:00:00+00:00", 14),
        ("2026-11-01T09:00:00+00:00", "2026-11-15T17:00:00+00:00", 14),
        # Two afternoons in California, on either side of UTC's midnight.
        ("2026-11-01T23:30:00Z", "2026-11-09T00:30:00Z", 7),
        ("2026-11-01T09:00:00+01:00", "2026-11-01T08:30:00Z", 0),
        ("2026-03-28T10:00:00+01:00", "2026-03-30T10:00:00+02:00", 2),
        ("2026-11-01T09:00:00.123456789Z", "2027-11-01T09:00:00Z", 365),
    ],
)
def test_a_follow_up_counts_the_days(earlier: str, later: str, days: int) -> None:
    baseline = changed(taken_at=at(earlier))
    assert series(baseline, at(later)) == Series(role="follow-up", days=days, baseline="2.25.1001")


@pytest.mark.parametrize("first", ClockState)
@pytest.mark.parametrize("second", ClockState)
def test_days_are_counted_only_by_two_right_clocks(first: ClockState, second: ClockState) -> None:
    baseline = changed(taken_at=at("2026-11-01T09:00:00Z", first))
    found = series(baseline, at("2026-11-02T09:00:00Z", second))
    both = first is second is ClockState.SYNCHRONISED
    assert found == Series(role="follow-up", days=1 if both else None, baseline="2.25.1001")


def test_a_baseline_from_the_future_counts_no_days() -> None:
    found = series(changed(taken_at=at("2026-11-02T09:00:00Z")), at("2026-11-01T09:00:00Z"))
    assert found.days is None
