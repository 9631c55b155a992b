"""Whatever is done to a trail is found, also by who has the station's key."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.clinic.audit_anchors import Anchors, raised
from kiosk.clinic.audit_checking import Anchor, Stretch, Trail, check
from kiosk.records.audit import BEGINNING, Act, Entry, Head
from tests.records.audit_samples import BOOTS, DAY, at, chained, head_of, stretches

COUNT = 12
ENTRIES = chained([DAY[number % len(DAY)] for number in range(COUNT)])
END = Anchor("the list of anchors", head_of(ENTRIES[-1]), once_whole=True)

cuts = st.lists(st.integers(1, 5), min_size=0, max_size=6)
places = st.integers(0, COUNT - 1)


def checked(parts: Sequence[Stretch], *anchors: Anchor) -> Trail:
    return check("kiosk-01", parts, anchors)


def words(trail: Trail) -> set[str]:
    return {finding.word for finding in trail.findings}


@given(cuts, st.randoms(use_true_random=False))
def test_a_whole_trail_has_no_findings_in_any_order_and_number(
    cuts: list[int], random: Random
) -> None:
    parts = stretches(ENTRIES, cuts)
    again = [*parts, *parts[::2], *stretches(ENTRIES[:5], [2])]
    random.shuffle(again)
    trail = checked(again, END, Anchor("a picture", head_of(ENTRIES[4])))
    assert trail.findings == ()
    assert list(trail.entries) == ENTRIES
    assert trail.head == END.head


def changes(entry: Entry) -> list[Entry]:
    """Return the entry with each of its fields another, and in its one form still."""
    other = {
        "act": Act.RECEIPT if entry.act is not Act.RECEIPT else Act.STARTED,
        "at": msgspec.structs.replace(entry.at, wall="2026-11-24T09:00:00.000+01:00"),
        "operator": "eve",
        "patient": None if entry.patient else chained(DAY)[3].patient,
        "subject": f"{entry.subject}1",
        "detail": f"{entry.detail}1",
        "salt": bytes(16),
        "previous": "e" * 64,
    }
    return [msgspec.structs.replace(entry, **{name: value}) for name, value in other.items()]


@given(cuts, places, st.integers(0, 7))
def test_any_field_that_was_changed_is_found(cuts: list[int], place: int, field: int) -> None:
    changed = [*ENTRIES]
    changed[place] = changes(ENTRIES[place])[field]
    assert words(checked(stretches(changed, cuts), END)) & {"BROKEN", "CHANGED"}


@given(cuts, places, st.integers(1, COUNT * 2))
def test_another_number_is_found(cuts: list[int], place: int, number: int) -> None:
    changed = [*ENTRIES]
    changed[place] = msgspec.structs.replace(ENTRIES[place], number=number)
    if changed != ENTRIES:
        assert checked(stretches(changed, cuts), END).findings


@given(cuts, places, st.integers(1, COUNT))
def test_what_was_dropped_is_found(cuts: list[int], place: int, count: int) -> None:
    left = ENTRIES[:place] + ENTRIES[place + count :]
    trail = checked(stretches(left, cuts), END)
    assert words(trail) & {"MISSING", "CUT"}
    said = {one.said for one in trail.findings if one.word in {"MISSING", "CUT"}}
    last = min(place + count, COUNT)
    span = f"entry {last} is" if last == place + 1 else f"entries {place + 1} to {last} are"
    assert {one.partition(" not among")[0] for one in said} == {span}


@given(cuts, places, places)
def test_what_was_swapped_is_found(cuts: list[int], one: int, other: int) -> None:
    swapped = [*ENTRIES]
    swapped[one], swapped[other] = swapped[other], swapped[one]
    parts = stretches(swapped, cuts)
    if any(b.number != a.number + 1 for part in parts for a, b in pairwise(part.entries)):
        assert "BROKEN" in words(checked(parts, END))
    else:  # whole segments changed places, which changes nothing
        assert not checked(parts, END).findings


@given(cuts, places, places)
def test_content_that_was_swapped_is_found(cuts: list[int], one: int, other: int) -> None:
    swapped = [*ENTRIES]
    for place, source in ((one, other), (other, one)):
        swapped[place] = msgspec.structs.replace(
            ENTRIES[source], number=place + 1, previous=ENTRIES[place].previous
        )
    if swapped != ENTRIES:
        assert words(checked(stretches(swapped, cuts), END)) & {"BROKEN", "CHANGED"}


@given(places, places)
def test_what_is_there_twice_in_a_segment_is_found(place: int, where: int) -> None:
    doubled = [*ENTRIES]
    doubled.insert(where, ENTRIES[place])
    assert "BROKEN" in words(checked(stretches(doubled, []), END))


@given(cuts, places)
def test_a_cut_tail_is_found_by_the_clinic_s_anchor_alone(cuts: list[int], left: int) -> None:
    parts = stretches(ENTRIES[:left], cuts)
    assert checked(parts).findings == ()
    assert words(checked(parts, END)) == {"CUT"}


@given(cuts, st.integers(1, COUNT - 1))
def test_a_trail_written_anew_from_some_entry_on_is_found(cuts: list[int], place: int) -> None:
    """By who has the station's key: every digest fits, and only what was said before does not."""
    start = head_of(ENTRIES[place - 1])
    anew = [*ENTRIES[:place], *chained([{"act": Act.STARTED}] * (COUNT + 3 - place), start)]
    parts = stretches(anew, cuts)
    assert checked(parts).findings == ()
    assert words(checked(parts, END)) == {"CHANGED"}
    both = checked([*parts, *stretches(ENTRIES, [place + 1])])
    assert "FORKED" in words(both)


def test_a_fork_names_where_its_entries_are() -> None:
    anew = chained([{"act": Act.STOPPED}], head_of(ENTRIES[2]))
    trail = checked([Stretch("a.age", tuple(ENTRIES)), Stretch("b.age", tuple(anew))])
    (finding,) = trail.findings
    assert finding.word == "FORKED"
    assert finding.said == "different entries say they are number 4: see a.age, b.age"


def test_the_first_entry_follows_none() -> None:
    late = chained(DAY, Head(0, "e" * 64))
    (finding,) = checked(stretches(late, [])).findings
    assert finding.said == "entry 1 says that there was one before it"


def test_monotonic_time_runs_forward_within_a_boot_and_no_boot_returns() -> None:
    back = chained([{"act": Act.STARTED}, {"act": Act.STOPPED, "at": at(1, monotonic_ns=5)}])
    (finding,) = checked(stretches(back, [1])).findings
    assert finding.said == "entry 2 was written before the entry that it follows"
    boots = [{"act": Act.STARTED, "at": at(9, boot_id=BOOTS[one])} for one in (0, 1, 1, 0)]
    (finding,) = checked(stretches(chained(boots), [2])).findings
    assert finding.said == "entry 4 is of a boot of the station that ended with entry 1"


def test_a_clock_that_jumps_is_no_fault() -> None:
    walls = ["1970-01-01T00:00:10Z", "2099-01-01T00:00:00Z", "2026-11-24T09:00:00Z"]
    acts = [{"act": Act.STARTED, "at": at(n, wall=wall)} for n, wall in enumerate(walls)]
    assert checked(stretches(chained(acts), [])).findings == ()


def test_an_anchor_of_a_picture_beyond_the_end_says_that_more_may_come() -> None:
    further = Anchor("9.age", Head(COUNT + 2, "a" * 64))
    (finding,) = checked(stretches(ENTRIES, [4]), END, further).findings
    assert finding.word == "MISSING"
    assert finding.said == (
        "entries 13 to 14 are not among these files, but anchored by 9.age: not sent yet, "
        "or cut off"
    )


def test_an_anchor_of_a_missing_entry_is_held_against_the_next() -> None:
    without = [Stretch("a", tuple(ENTRIES[:4])), Stretch("b", tuple(ENTRIES[5:]))]
    right = Anchor("7.age", head_of(ENTRIES[4]))
    assert words(checked(without, right)) == {"MISSING"}
    wrong = Anchor("8.age", Head(5, "a" * 64))
    assert words(checked(without, wrong)) == {"MISSING", "CHANGED"}


def test_two_anchors_of_an_entry_that_nobody_has_tell_a_fork() -> None:
    ones = [Anchor(f"{one}.age", Head(20, one * 64)) for one in "ab"]
    trail = checked(stretches(ENTRIES, []), *ones)
    assert words(trail) == {"FORKED", "MISSING"}


@pytest.mark.parametrize("anchors", [(), (END,)])
def test_a_trail_of_which_nothing_is_left(anchors: tuple[Anchor, ...]) -> None:
    trail = checked([], *anchors)
    assert trail.head == BEGINNING
    assert words(trail) == ({"CUT"} if anchors else set())


def test_what_was_here_before_weighs_more_than_what_may_still_come() -> None:
    further = Anchor("9.age", Head(COUNT + 2, "a" * 64))
    (finding,) = checked(stretches(ENTRIES[:-1], []), END, further).findings
    assert finding.word == "CUT"
    assert finding.said == (
        "entries 12 to 14 are not among these files, but the list of anchors shows that 12 were "
        "here before"
    )


def test_anchors_are_raised_and_never_lowered() -> None:
    short, long = (checked(stretches(ENTRIES[:left], [])) for left in (5, 9))
    other = check("kiosk-02", stretches(ENTRIES, []), [])
    first = raised(Anchors(stations={}), [short])
    second = raised(first, [long, other])
    assert {name: one.entries for name, one in second.stations.items()} == {
        "kiosk-01": 9,
        "kiosk-02": COUNT,
    }
    assert raised(second, [short]) == raised(second, []) == second
    assert raised(second, [checked([])]) == second
