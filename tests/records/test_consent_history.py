"""Histories of consent: any sequence of acts against a naive model; every tampering is found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from kiosk.errors import ConsentError
from kiosk.model import ClockState
from kiosk.records.consent import ConsentRecord, Decision
from kiosk.records.consent_history import (
    Fault,
    HistoryEntry,
    digest_of,
    entry_of,
    findings,
    ordered,
    periods,
    states,
)
from kiosk.records.consent_state import assess, place_after
from kiosk.records.consent_text import PURPOSES
from kiosk.records.shot import Instant
from tests.records.consent_samples import DECISIONS, at, given, withdrawn

CHANNELS = ("website", "social-media", "leaflets")
WALLS = ("1970-01-01", "2026-11-25", "2026-11-26", "2028-12-31", "2099-01-01")


def refusal(purpose: str, *channels: str) -> Decision:
    return msgspec.convert({"purpose": purpose, "allowed": False, "channels": channels}, Decision)


@st.composite
def forms(draw: st.DrawFn) -> tuple[Decision, ...]:
    record = draw(st.sampled_from((True, True, True, False)))
    chosen = [Decision(purpose="record", allowed=record)]
    chosen += [
        Decision(purpose=purpose, allowed=record and draw(st.booleans()))
        for purpose in PURPOSES[1:-1]
    ]
    places = draw(st.lists(st.sampled_from(CHANNELS), unique=True)) if record else []
    marketing = Decision(purpose="marketing", allowed=bool(places), channels=tuple(places))
    return (*chosen, marketing)


withdrawals = st.one_of(
    st.sampled_from(PURPOSES).map(lambda one: (refusal(one),)),
    st.lists(st.sampled_from(CHANNELS), unique=True, min_size=1).map(
        lambda places: (refusal("marketing", *places),)
    ),
)
moments = st.builds(
    lambda day, clock, seconds: at(seconds, day=day, clock=clock),
    st.sampled_from(WALLS),
    st.sampled_from(ClockState),
    st.integers(0, 3599),
)
steps = st.lists(
    st.tuples(
        st.one_of(forms().map(lambda f: (True, f)), withdrawals.map(lambda w: (False, w))), moments
    ),
    min_size=1,
    max_size=7,
)


def act(
    decisions: tuple[Decision, ...],
    after: list[ConsentRecord],
    when: Instant,
    *,
    signed: bool,
) -> ConsentRecord:
    """Return an act that follows all of these."""
    number, previous, merges = place_after(entry_of(one) for one in after)
    kind = ("changed" if after else "given") if signed else "withdrawn"
    return msgspec.structs.replace(
        given(),
        kind=kind,
        form=given().form if signed else None,
        number=number,
        previous=previous,
        merges=merges,
        decisions=decisions,
        at=when,
    )


def chain(drawn: list[Any]) -> list[ConsentRecord]:
    acts: list[ConsentRecord] = []
    for (signed, decisions), moment in drawn:
        acts.append(act(decisions, acts, moment, signed=signed))
    return acts


def naive(acts: list[ConsentRecord]) -> list[set[str]]:
    """What is allowed after each act, told in the simplest way."""
    result, now = [], set[str]()
    for one in acts:
        if one.form is not None:
            now = set()
            for decision in one.decisions:
                if decision.allowed:
                    places = [f"{decision.purpose}/{c}" for c in decision.channels]
                    now |= set(places or [decision.purpose])
        else:
            (decision,) = one.decisions
            if decision.purpose == "record":
                now = set()
            elif decision.channels:
                now = now - {f"{decision.purpose}/{c}" for c in decision.channels}
            else:
                now = {use for use in now if not use.startswith(decision.purpose)}
        result.append(set(now))
    return result


@settings(max_examples=80, deadline=None)
@examples(steps, st.randoms())
def test_states_and_periods_agree_with_a_naive_model(drawn: list[Any], random: Any) -> None:  # noqa: ANN401
    acts = chain(drawn)
    entries = [entry_of(one) for one in acts]
    random.shuffle(entries)
    assert [set(uses) for _, uses in states(entries)] == naive(acts)
    assert not findings(entries)
    inside = naive(acts)
    for number, after in enumerate(inside, start=1):
        covering = {
            one.use
            for one in periods(entries)
            if one.begun.number <= number and (one.ended is None or number < one.ended.number)
        }
        # A period that lapsed has no act that ends it, so more may be covered than is allowed.
        assert after - {u for u in after if u.startswith("marketing")} <= covering
        assert {u for u in covering if not u.startswith("marketing")} <= after
    for one in periods(entries):
        assert one.use in inside[one.begun.number - 1]
        if one.ended is not None:
            assert one.use not in inside[one.ended.number - 1]


@settings(max_examples=60, deadline=None)
@examples(steps, st.data())
def test_every_tampering_is_found(drawn: list[Any], data: st.DataObject) -> None:
    acts = chain(drawn)
    head = digest_of(acts[-1])
    victim = data.draw(st.integers(0, len(acts) - 1))
    others = [one for n, one in enumerate(acts) if n != victim]
    assert findings([entry_of(one) for one in others], [head]), "dropped"
    edited = msgspec.structs.replace(acts[victim], station="kiosk-99")
    assert findings([entry_of(one) for one in (*others, edited)], [head]), "edited"
    if victim:
        first, second = acts[victim - 1], acts[victim]
        swapped = [
            *(one for one in others if one is not first),
            msgspec.structs.replace(second, number=max(first.number, 2)),
            msgspec.structs.replace(first, number=second.number, previous="a" * 64)
            if first.number == 1
            else msgspec.structs.replace(first, number=second.number),
        ]
        assert findings([entry_of(one) for one in swapped], [head]), "swapped"


def test_a_wrong_number_is_found() -> None:
    first = given()
    jumped = withdrawn(number=3, previous=digest_of(first))
    (found,) = findings([entry_of(first), entry_of(jumped)])
    assert found.fault is Fault.NUMBER
    assert "expected 2" in found.said


def two_stations() -> tuple[ConsentRecord, ConsentRecord, ConsentRecord]:
    """Consent at one station; then training withdrawn at two that do not know of each other."""
    first = given()
    one = withdrawn(refusal("training"), previous=digest_of(first))
    other = withdrawn(refusal("marketing"), previous=digest_of(first), station="kiosk-02")
    return first, one, other


def test_where_stations_part_only_what_both_allow_is_allowed() -> None:
    acts = two_stations()
    state = assess([entry_of(one) for one in acts])
    assert set(state.uses) == {"record"}
    assert state.parted
    assert not state.findings
    signed = act(DECISIONS, list(acts), at(900), signed=True)
    assert len(signed.merges) == 1
    state = assess([entry_of(one) for one in (*acts, signed)])
    assert not state.parted
    assert set(state.uses) == {"record", "training", "marketing/website", "marketing/leaflets"}
    assert state.head == digest_of(signed)


def test_with_more_ends_than_an_act_can_name_one_can_still_withdraw() -> None:
    acts = [given(station=f"kiosk-{number:02d}") for number in range(20)]
    last = act((refusal("record"),), acts, at(900), signed=False)
    assert len(last.merges) == 16
    state = assess([entry_of(one) for one in (*acts, last)])
    assert state.uses == {}
    assert not state.findings


def test_an_older_withdrawal_of_another_station_is_not_outvoted() -> None:
    """Given at number 1 and changed at 2 here; there, unknown to us, withdrawn as number 1."""
    first = given()
    second = given(kind="changed", number=2, previous=digest_of(first), at=at(500))
    there = withdrawn(number=1, previous=None, station="kiosk-02")
    state = assess([entry_of(one) for one in (first, second, there)])
    assert state.uses == {}
    with pytest.raises(ConsentError, match="none are taken"):
        state.require_record(at(1000))


def test_a_withdrawal_after_a_gap_leaves_nothing_to_be_guessed() -> None:
    after = withdrawn(refusal("training"), number=5, previous="f" * 64)
    state = assess([entry_of(given()), entry_of(after)])
    assert [one.fault for one in state.findings] == [Fault.MISSING]
    with pytest.raises(ConsentError, match="not known here"):
        state.require_record(at())


def test_why_no_picture_may_be_taken_is_said() -> None:
    with pytest.raises(ConsentError, match="no consent on record"):
        assess([]).require_record(at())
    first = given()
    assert assess([entry_of(first)]).require_record(at()) == digest_of(first)
    last = withdrawn(previous=digest_of(first))
    state = assess([entry_of(first), entry_of(last)])
    assert state.uses == {}, "whatever else was allowed needed the record"
    with pytest.raises(ConsentError, match="signs a new consent"):
        state.require_record(at())


def lapsing(days: int, **changes: Any) -> HistoryEntry:  # noqa: ANN401
    entry = entry_of(given(**changes))
    one = msgspec.convert({"purpose": "record", "days": days}, type(entry.lapses[0]))
    return msgspec.structs.replace(entry, lapses=(one,))


def test_consent_for_a_time_runs_out_by_a_good_clock_only() -> None:
    state = assess([lapsing(30)])
    later, far = at(day="2026-12-26"), at(day="2099-01-01", clock=ClockState.UNSYNCHRONISED)
    assert state.require_record(at(day="2026-12-25"))
    with pytest.raises(ConsentError, match="run out"):
        state.require_record(later)
    assert state.require_record(far), "a clock that is wrong runs nothing out"
    assert not state.allows("record", later)
    assert state.allows("marketing", later)
    (record, *_) = [one for one in state.periods() if one.use == "record"]
    assert record.lapses is not None
    assert record.lapses.date() == datetime(2026, 12, 25).date()  # noqa: DTZ001 - a day only


def test_after_running_out_a_new_consent_begins_a_new_period() -> None:
    first = lapsing(30)
    second = entry_of(
        given(kind="changed", number=2, previous=first.digest, at=at(day="2027-03-01"))
    )
    spans = [one for one in periods([first, second]) if one.use == "record"]
    assert [(one.begun.number, one.ended) for one in spans] == [(1, None), (2, None)]
    assert spans[1].lapses is None
    kept = [one for one in periods([first, second]) if one.use == "training"]
    assert [one.begun.number for one in kept] == [1], "what did not run out went on"


def test_clocks_that_were_wrong_are_said_and_change_no_order() -> None:
    first = given(at=at(day="2099-01-01", clock=ClockState.UNSYNCHRONISED))
    last = withdrawn(previous=digest_of(first), at=at(day="1970-01-01"))
    entries = [entry_of(last), entry_of(first)]
    assert [one.number for one in ordered(entries)] == [1, 2]
    (record,) = [one for one in periods(entries) if one.use == "record"]
    assert record.ended is not None
    assert any("not synchronised at act 1" in one for one in record.caveats)
    assert any("ended before it began" in one for one in record.caveats)
