"""The thread that looks: always at the newest picture, in nobody's way, for nobody forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import TracebackType

import numpy as np
import pytest

from kiosk.capture.guides.values import Deviation, Sight
from kiosk.capture.guiding.looking import Look, Looking
from kiosk.capture.guiding.views import Optics
from kiosk.capture.pose.geometry import Pinhole
from kiosk.capture.pose.judge import Judged
from kiosk.model import Pixels
from kiosk.records.protocols import load_protocol
from tests.capture.guiding.fakes import (
    DEADLINE_S,
    MOVING,
    OPTICS,
    ScriptedJudge,
    ScriptedJudges,
    descriptor_of,
    frame_of,
)

FRONTAL, PROFILE, *_ = load_protocol("face_5").views


@pytest.fixture
def judges() -> ScriptedJudges:
    return ScriptedJudges()


@pytest.fixture
def looking(judges: ScriptedJudges) -> Iterator[Looking]:
    made = Looking(OPTICS, judges)
    yield made
    for judge in judges.by_view.values():
        judge.may_look.set()
    made.close()
    assert not made._thread.is_alive()


def held(looking: Looking, judge: ScriptedJudge, grey: int = 50) -> None:
    """Let the thread look at a first picture, and hold it there."""
    judge.looking.clear()
    judge.may_look.clear()
    looking.offer(frame_of(1, grey))
    assert judge.looking.wait(DEADLINE_S)


def seen(looking: Looking, count: int = 1) -> list[Look]:
    """Wait until so many looks have come."""
    found: list[Look] = []
    deadline = time.monotonic() + DEADLINE_S
    while len(found) < count:
        looking.check()
        assert time.monotonic() < deadline
        found += looking.drain()
    return found


def test_the_newest_picture_wins_and_nothing_queues(
    looking: Looking, judges: ScriptedJudges
) -> None:
    judge = judges.of(FRONTAL)
    looking.aim(FRONTAL, None)
    held(looking, judge, 50)
    for at_ns in range(2, 30):
        looking.offer(frame_of(at_ns, 100 + at_ns))
    judge.may_look.set()
    judge.await_looks(2)
    looking.offer(frame_of(30, 200))
    judge.await_looks(1)
    assert [at_ns for _, _, at_ns in judges.told] == [1, 29, 30]


def test_a_slow_judge_holds_up_nobody(looking: Looking, judges: ScriptedJudges) -> None:
    judge = judges.of(FRONTAL)
    looking.aim(FRONTAL, None)
    held(looking, judge)
    # On a thread of their own: were they held up, it would not end while the judge looks.
    done = threading.Event()

    def calls() -> None:
        looking.offer(frame_of(2, 60))
        looking.drain()
        looking.aim(PROFILE, None)
        looking.forget()
        looking.check()
        done.set()

    threading.Thread(target=calls, daemon=True).start()
    assert done.wait(DEADLINE_S)
    assert not judge.may_look.is_set()
    assert judges.told == []


def test_an_unchanged_picture_is_not_judged_again_and_stands_still(
    looking: Looking, judges: ScriptedJudges
) -> None:
    judges.of(FRONTAL)
    looking.aim(FRONTAL, None)
    looking.offer(frame_of(1, 50))
    (first,) = seen(looking)
    looking.offer(frame_of(2, 50))
    (again,) = seen(looking)
    assert len(judges.told) == 1
    assert first == Look(Deviation(Sight.CLEAR, yaw=50.0, motion=MOVING), 1)
    assert again == Look(Deviation(Sight.CLEAR, yaw=50.0, motion=0.0), 2)
    looking.offer(frame_of(3, 51))
    (other,) = seen(looking)
    assert other == Look(Deviation(Sight.CLEAR, yaw=51.0, motion=MOVING), 3)


def test_a_small_change_in_one_place_is_looked_at(looking: Looking, judges: ScriptedJudges) -> None:
    judges.of(FRONTAL)
    looking.aim(FRONTAL, None)
    looking.offer(frame_of(1, 50, (480, 640)))
    seen(looking)
    noisy = frame_of(2, 50, (480, 640))
    noise = np.random.default_rng(1).normal(0.0, 1.5, noisy.pixels.shape)
    noisy.pixels[:] = np.rint(50 + noise)
    looking.offer(noisy)
    seen(looking)
    assert len(judges.told) == 1, "a sensor's noise is no change"
    moved = frame_of(3, 50, (480, 640))
    moved.pixels[100:110, 200:210] = 53
    looking.offer(moved)
    seen(looking)
    assert len(judges.told) == 2


def test_of_what_cannot_be_seen_an_unchanged_picture_tells_no_motion(
    looking: Looking, judges: ScriptedJudges
) -> None:
    judge = judges.of(FRONTAL)
    judge.clear = False
    looking.aim(FRONTAL, None)
    looking.offer(frame_of(1, 50))
    seen(looking)
    looking.offer(frame_of(2, 50))
    assert seen(looking) == [Look(Deviation(Sight.NO_PERSON), 2)]


def test_the_judge_of_a_former_aim_is_never_used_for_a_later_one(
    looking: Looking, judges: ScriptedJudges
) -> None:
    former = judges.of(FRONTAL)
    judges.of(PROFILE)
    baseline = descriptor_of()
    looking.aim(FRONTAL, None)
    held(looking, former)
    looking.offer(frame_of(2, 60))
    rest = descriptor_of()
    looking.aim(PROFILE, baseline, rest)
    former.may_look.set()
    former.await_looks(1)
    looking.offer(frame_of(3, 70))
    (look,) = seen(looking)
    assert look.at_ns == 3, "what the former judge saw counts for nothing"
    assert judges.told == [(FRONTAL.id, "look", 1), (PROFILE.id, "look", 3)]
    assert judges.made == [(FRONTAL.id, None), (PROFILE.id, baseline)]
    assert judges.rests == [None, rest]


def test_looks_that_nobody_took_are_not_the_next_aims(
    looking: Looking, judges: ScriptedJudges
) -> None:
    judges.of(FRONTAL)
    looking.aim(FRONTAL, None)
    looking.offer(frame_of(1, 50))
    deadline = time.monotonic() + DEADLINE_S
    while not looking._looks:
        assert time.monotonic() < deadline
    looking.aim(PROFILE, None)
    assert looking.drain() == ()


def test_the_same_view_aimed_at_again_begins_anew(looking: Looking, judges: ScriptedJudges) -> None:
    judges.of(FRONTAL)
    for aim, at_ns in enumerate((1, 2), start=1):
        looking.aim(FRONTAL, None)
        looking.offer(frame_of(at_ns, 50))
        seen(looking)
        assert len(judges.told) == aim, "a picture of the aim before is not this one's"


def test_a_judge_is_made_before_the_first_picture_comes(
    looking: Looking, judges: ScriptedJudges
) -> None:
    looking.aim(FRONTAL, None)
    assert judges.making.acquire(timeout=DEADLINE_S)
    assert judges.made == [(FRONTAL.id, None)]


def test_a_shot_waits_for_the_look_under_way_and_takes_the_present_aim(
    looking: Looking, judges: ScriptedJudges
) -> None:
    former, later = judges.of(FRONTAL), judges.of(PROFILE)
    looking.aim(FRONTAL, None)
    held(looking, former)
    looking.aim(PROFILE, None)
    judged: list[Judged | None] = []
    shooting = threading.Thread(target=lambda: judged.append(looking.shot(frame_of(9, 80))))
    shooting.start()
    assert not later.pictures
    former.may_look.set()
    shooting.join(DEADLINE_S)
    assert judged[0] is not None
    assert judged[0].deviation.yaw == 80.0
    assert judges.told == [(FRONTAL.id, "look", 1), (PROFILE.id, "shot", 0)]


def test_a_shot_moved_as_the_live_picture_before_it(
    looking: Looking, judges: ScriptedJudges
) -> None:
    judge = judges.of(FRONTAL)
    looking.aim(FRONTAL, None)
    assert motion_of(looking.shot(frame_of(1, 50))) is None, "nothing was seen before it"
    looking.offer(frame_of(2, 50))
    seen(looking)
    assert motion_of(looking.shot(frame_of(3, 50))) == MOVING
    looking.offer(frame_of(4, 50))
    seen(looking)
    assert motion_of(looking.shot(frame_of(5, 50))) == 0.0
    looking.aim(FRONTAL, None)
    assert motion_of(looking.shot(frame_of(6, 50))) is None, "that was another aim"
    judge.clear = False
    nobody = looking.shot(frame_of(7, 50))
    assert nobody is not None
    assert nobody.deviation == Deviation(Sight.NO_PERSON)


def test_what_cannot_be_judged_gives_no_look_and_no_shot(
    looking: Looking, judges: ScriptedJudges
) -> None:
    looking.aim(FRONTAL, None)  # for which there is no judge
    looking.offer(frame_of(1, 50))
    assert looking.shot(frame_of(2, 50)) is None
    judges.of(PROFILE)
    looking.aim(PROFILE, None)
    looking.offer(frame_of(3, 50))
    assert [look.at_ns for look in seen(looking)] == [3]


def test_pictures_are_overwritten_once_they_are_judged(
    looking: Looking, judges: ScriptedJudges
) -> None:
    judge = judges.of(FRONTAL)
    looking.aim(FRONTAL, None)
    for at_ns, size in enumerate([(48, 64), (24, 32), (480, 640)], start=1):
        looking.offer(frame_of(at_ns, 50 * at_ns, size))
        seen(looking)
        looking.shot(frame_of(at_ns, 50, size))
    assert len(judge.pictures) == 6
    assert all(not picture.any() for picture in judge.pictures)
    assert set(judge.shapes) == {(64, 48, 3)}


def test_a_picture_is_overwritten_also_where_judging_fails(
    looking: Looking, judges: ScriptedJudges, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judges.of(FRONTAL)
    made = np.full((64, 48, 3), 9, np.uint8)
    monkeypatch.setattr(looking, "_picture", lambda _frame: made)
    judge.failure = ZeroDivisionError("planted")
    looking.aim(FRONTAL, None)
    looking.offer(frame_of(1, 50))
    looking._thread.join(DEADLINE_S)
    assert not made.any()


def test_who_is_forgotten_leaves_no_judge_and_no_picture(
    looking: Looking, judges: ScriptedJudges
) -> None:
    judge = judges.of(FRONTAL)
    looking.aim(FRONTAL, descriptor_of())
    looking.offer(frame_of(1, 50))
    seen(looking)
    judges.await_forgotten()  # at the beginning of the aim
    kept = looking._seen
    assert kept is not None
    assert kept[0].any()
    looking.forget()
    judges.await_forgotten()
    with looking._judging:
        assert (looking._judge, looking._seen, looking._motion) == (None, None, None)
    assert not kept[0].any()
    assert all(not picture.any() for picture in judge.pictures)
    assert looking.shot(frame_of(9, 50)) is None


def test_who_is_forgotten_during_a_look_leaves_no_look(
    looking: Looking, judges: ScriptedJudges
) -> None:
    judge = judges.of(FRONTAL)
    looking.aim(FRONTAL, descriptor_of())
    held(looking, judge)
    looking.offer(frame_of(2, 60))
    judges.await_forgotten()
    looking.forget()
    judge.may_look.set()
    judges.await_forgotten()
    with looking._judging:
        assert (looking._judge, looking._seen, looking._motion) == (None, None, None)
    assert looking.drain() == ()
    assert [at_ns for _, _, at_ns in judges.told] == [1]


class Gate:
    """A lock before which one thread can be stopped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.stopped: threading.Thread | None = None
        self.there, self.go = threading.Event(), threading.Event()

    def __enter__(self) -> None:
        if threading.current_thread() is self.stopped:
            self.there.set()
            assert self.go.wait(DEADLINE_S)
        self._lock.acquire()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._lock.release()


def test_a_shot_that_comes_late_brings_nobody_back_who_was_forgotten(
    judges: ScriptedJudges, monkeypatch: pytest.MonkeyPatch, looking: Looking
) -> None:
    judges.of(FRONTAL)
    gate = Gate()
    monkeypatch.setattr(looking, "_judging", gate)
    looking.aim(FRONTAL, descriptor_of())
    judges.await_forgotten()
    shooting = threading.Thread(target=lambda: looking.shot(frame_of(1, 50)))
    gate.stopped = shooting
    shooting.start()
    assert gate.there.wait(DEADLINE_S), "it knows the aim by now"
    looking.forget()
    judges.await_forgotten()
    gate.go.set()
    shooting.join(DEADLINE_S)
    judges.await_forgotten(2)  # the shot's own judge, and once more when that is over
    with gate:
        assert looking._judge is None


def test_what_ends_the_thread_is_raised_where_it_is_asked_for(
    looking: Looking, judges: ScriptedJudges
) -> None:
    judges.of(FRONTAL).failure = ZeroDivisionError("planted")
    looking.aim(FRONTAL, None)
    looking.check()
    looking.offer(frame_of(1, 50))
    looking._thread.join(DEADLINE_S)
    with pytest.raises(ZeroDivisionError, match="planted"):
        looking.check()


def test_closing_ends_the_thread_once_and_again(judges: ScriptedJudges) -> None:
    looking = Looking(OPTICS, judges)
    looking.close()
    assert not looking._thread.is_alive()
    looking.close()
    looking.check()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_pictures_are_judged_upright(judges: ScriptedJudges, rotation: int) -> None:
    """Whichever way the camera is mounted, the bright edge is on top."""
    kept: list[Pixels] = []

    class Copying(ScriptedJudge):
        def _seen(self, picture: Pixels, motion: float | None) -> Deviation:
            kept.append(picture.copy())
            return super()._seen(picture, motion)

    judges.by_view[FRONTAL.id] = Copying(FRONTAL.id, judges.told)
    upright = np.zeros((64, 48, 3), np.uint8)
    upright[:16] = 200
    turned = np.ascontiguousarray(np.rot90(upright, rotation // 90))
    frame = frame_of(1, 0, (turned.shape[1], turned.shape[0]))
    frame.pixels[:] = turned
    looking = Looking(Optics(Pinhole(48, 64, 100.0), None, rotation), judges)
    looking.aim(FRONTAL, None)
    looking.shot(frame)
    looking.close()
    assert np.array_equal(kept[0], upright)


def motion_of(judged: Judged | None) -> float | None:
    assert judged is not None
    return judged.deviation.motion
