"""Promise 1: whatever ends the capture process, nothing readable is left on any disk.

Each session saves one picture and is ended at the second. Its canaries are number and name of the
patient, the operator's name, badge and PINs, the raw bytes of the sensor's frame, the JPEG that is
made of it, and, from what was sealed, the patient's pose and how well it matched: all are searched
for, in common encodings, in every file of the machine that was touched since the sessions began.
"""

from __future__ import annotations

import re
import signal

import msgspec
import pytest

from kiosk.clinic.opening import read_sealed
from kiosk.envelope.container import RECORD, Shot
from kiosk.envelope.recipients import load_identities
from tests.end_to_end.conftest import Practice, Run
from tests.faults.canary import image_canaries, scan, swap_areas, touched_since

pytestmark = pytest.mark.timeout(300)

KILLED = [
    "kill-CONSENT_SIGN",
    "kill-SIGNED_OUT",
    "kill-PIN",
    "kill-trying",
    "kill-DAY",
    "kill-CHART_ALLOWED",
    "kill-VIEW",
    "kill-AIM",
    "kill-CAPTURED",
    "kill-encoded",
    "kill-REVIEW",
    "kill-SAVING",
    "kill-sealing",
    "kill-SUMMARY",
]
BEFORE = KILLED[:6]
"""Killed before a first picture."""
STOPPED = ["term-REVIEW", "term-SAVING"]
# Killed with the first form filled in, then a whole session, which signs it, then all the others.
ENDINGS = [KILLED[0], "none", *KILLED[1:], *STOPPED, "crash-REVIEW", "fault-REVIEW"]


@pytest.fixture(scope="module")
def canaries(practice: Practice) -> list[bytes]:
    frame = practice.frame()
    picture = practice.jpeg(frame)
    return [
        practice.patient.encode(),
        practice.cast.name.encode(),
        practice.cast.operator.encode(),
        practice.own_pin.encode(),
        practice.clinic.member.pin.encode(),
        practice.clinic.member.badge.text().encode(),
        practice.clinic.member.badge.secret,
        *image_canaries(frame.pixels.tobytes()),
        *image_canaries(picture),
    ]


@pytest.fixture(scope="module")
def runs(practice: Practice) -> dict[str, Run]:
    return {ending: practice.play(ending) for ending in ENDINGS}


@pytest.fixture(scope="module")
def shots(practice: Practice, runs: dict[str, Run]) -> list[Shot]:
    assert runs
    identities = load_identities(practice.clinic.keys.archive)
    opened = [read_sealed(path, identities) for path in sorted(practice.clinic.spool.glob("*.age"))]
    return [one for one in opened if isinstance(one, Shot)]


@pytest.fixture(scope="module")
def poses(shots: list[Shot]) -> list[bytes]:
    """Of each shot: windows of the descriptor's numbers, and the match, bare and as written."""
    found = []
    for shot in shots:
        if shot.pose is not None:
            # Landmarks of a face, the edge patch of a profile.
            found += image_canaries(max(re.findall(rb'"data":"([^"]*)"', shot.pose), key=len), 4)
        if shot.record.match is not None:
            as_made = msgspec.json.encode(shot.record.match)
            found += [as_made, *re.findall(rb'"match": \{[^}]*\}', shot.members[RECORD])]
    return found


def test_the_canaries_are_really_in_the_pictures(
    practice: Practice, runs: dict[str, Run], canaries: list[bytes], shots: list[Shot]
) -> None:
    """What is searched for is what was sealed: otherwise finding nothing would prove nothing."""
    assert runs["none"].code == 0, runs["none"].said
    numbers = {shot.record.patient.id for shot in shots}
    assert numbers == {practice.patient}
    windows = canaries[-4:]
    assert all(any(window in shot.image for shot in shots) for window in windows)


def test_each_shot_has_a_pose_to_be_found(shots: list[Shot], poses: list[bytes]) -> None:
    assert len(poses) >= 3 * len(shots)
    for shot in shots:
        assert shot.pose is not None
        assert any(canary in shot.members[RECORD] for canary in poses)
        assert any(canary in shot.pose for canary in poses)


def test_nothing_readable_is_on_any_disk(
    practice: Practice, runs: dict[str, Run], canaries: list[bytes], poses: list[bytes]
) -> None:
    assert len(runs) == len(ENDINGS)
    # The desk's register is the clinic's and has its operators' names; no station has it.
    desk = practice.clinic.desk
    files = [path for path in touched_since(practice.began_ns) if desk not in path.parents]
    assert any(path.suffix == ".age" for path in files), "the scan must see the spool"
    canaries = [*canaries, *poses]
    hits = scan(canaries, files, also_swap=False, may_vanish=True)
    hits += [hit for area in swap_areas() for hit in scan(canaries, [area], also_swap=False)]
    assert hits == []


@pytest.mark.parametrize("ending", KILLED)
def test_a_killed_process_died_at_that_very_step(runs: dict[str, Run], ending: str) -> None:
    assert runs[ending].code == -signal.SIGKILL, runs[ending].said


@pytest.mark.parametrize("ending", STOPPED)
def test_a_process_that_is_asked_to_stop_ends_well(runs: dict[str, Run], ending: str) -> None:
    assert runs[ending].code == 0, runs[ending].said


def test_a_crash_leaves_no_core(practice: Practice, runs: dict[str, Run]) -> None:
    assert runs["crash-REVIEW"].code == -signal.SIGABRT
    assert list(practice.root.rglob("core*")) == []


def test_a_fault_of_the_program_says_where_but_not_whom(runs: dict[str, Run]) -> None:
    assert runs["fault-REVIEW"].code == 1
    assert "KeyError" in runs["fault-REVIEW"].said
    assert "session.py" in runs["fault-REVIEW"].said


def test_what_was_said_to_be_saved_is_there_whole(runs: dict[str, Run], shots: list[Shot]) -> None:
    saved = sum(run.saved for run in runs.values())
    assert saved >= len(ENDINGS) - len(BEFORE)
    # A process killed while the screen still said "saving" may have stored one more.
    assert saved <= len(shots) <= saved + len(KILLED) + len(STOPPED)
    sequences = [shot.manifest.sequence for shot in shots]
    assert len(sequences) == len(set(sequences))
