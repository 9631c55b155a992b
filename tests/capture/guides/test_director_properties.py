"""What holds of any patient, camera and order of events."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.capture.guides.choice import Aim
from kiosk.capture.guides.directions import Facing, cue_for
from kiosk.capture.guides.director import DWELL_NS, STALE_NS, SURE_NS, Director
from kiosk.capture.guides.meter import Axis, is_within, shares
from kiosk.capture.guides.steadiness import JUMP
from kiosk.capture.guides.tolerances import Tolerances
from kiosk.capture.guides.values import Cue, Deviation, Guidance, Sight

MS = 1_000_000
HEAD = Tolerances(
    yaw=2.0, pitch=2.0, roll=1.5, position=0.02, scale=0.02, stillness=0.02, expression=True
)

near = st.one_of(st.none(), st.floats(-1.2, 1.2), st.floats(-20.0, 20.0), st.just(float("nan")))
cues = st.lists(st.sampled_from([Cue.SMILE, Cue.EYES_OPEN]), max_size=2, unique=True).map(tuple)


@st.composite
def deviations(draw: st.DrawFn) -> Deviation:
    """Draw what one frame might show; more often near the target than chance would have it."""

    def off(tolerance: float) -> float | None:
        share = draw(near)
        return None if share is None else share * tolerance

    return Deviation(
        draw(st.sampled_from([Sight.CLEAR] * 9 + list(Sight))),
        yaw=off(2.0),
        pitch=off(2.0),
        roll=off(1.5),
        x=off(0.02),
        y=off(0.02),
        scale=off(0.02),
        expression=draw(st.one_of(st.just(()), cues, st.none())),
        motion=off(0.02),
    )


@dataclass(frozen=True)
class Scene:
    """What is seen for a while, frame after frame."""

    deviation: Deviation
    frames: int
    every_ms: int


IN_POSE = Deviation(
    Sight.CLEAR, yaw=0.0, pitch=0.0, roll=0.0, x=0.0, y=0.0, scale=0.0, expression=(), motion=0.0
)
scenes = st.lists(
    st.builds(
        Scene,
        st.one_of(st.just(IN_POSE), deviations()),
        st.integers(1, 40),
        st.sampled_from([33, 50, 100, 330, 1200]),
    ),
    min_size=1,
    max_size=12,
)


def play(found: list[Scene]) -> list[tuple[int, Deviation, Guidance, bool]]:
    """Return for every frame its time, what it showed, what was said and whether to shoot."""
    director = Director(Aim(HEAD, Facing.CAMERA), shoot_by_itself=True)
    said, at_ns = [], 0
    for scene in found:
        for _ in range(scene.frames):
            at_ns += scene.every_ms * MS
            guidance = director.see(scene.deviation, at_ns)
            said.append((at_ns, scene.deviation, guidance, director.take_shot(at_ns)))
            assert not director.now(at_ns + STALE_NS).within
    return said


@settings(max_examples=150, deadline=None)
@given(scenes)
def test_ready_is_said_only_of_what_is_within(found: list[Scene]) -> None:
    for _, deviation, guidance, _ in play(found):
        assert guidance.within == (guidance.instruction.cue is Cue.READY)
        if guidance.within:
            assert deviation.sight is Sight.CLEAR
            assert deviation.expression == ()
            assert all(reading.within for reading in guidance.readings)
            raw = shares(deviation, HEAD)
            assert all(share is not None and abs(share) <= JUMP for share in raw.values())
        else:
            assert guidance.held == 0.0


@settings(max_examples=150, deadline=None)
@given(scenes)
def test_no_instruction_is_refuted_by_the_frame_it_is_shown_with(found: list[Scene]) -> None:
    """Told to go one way, nobody is already a quarter of a tolerance past the target."""
    for _, deviation, guidance, _ in play(found):
        raw = shares(deviation, HEAD)
        for axis in (Axis.YAW, Axis.PITCH, Axis.ROLL, Axis.X, Axis.Y, Axis.SCALE):
            share = raw[axis]
            if share is not None and abs(share) > 0.25:
                assert cue_for(axis, -share, Facing.CAMERA) not in guidance.instruction.cues


@settings(max_examples=150, deadline=None)
@given(scenes)
def test_praise_comes_when_it_is_sure(found: list[Scene]) -> None:
    since: int | None = None
    before: Cue | None = None
    for at_ns, deviation, guidance, _ in play(found):
        since = (since or at_ns) if could_be_within(deviation) else None
        if guidance.within and before is not Cue.READY:
            assert since is not None
            assert at_ns - since >= SURE_NS
        before = guidance.instruction.cue


@settings(max_examples=150, deadline=None)
@given(scenes)
def test_what_has_no_direction_stands_for_its_dwell(found: list[Scene]) -> None:
    """A direction may end early because it is reached; a request cannot be overshot."""
    requests = {Cue.SMILE, Cue.EYES_OPEN, Cue.COME_INTO_VIEW, Cue.MORE_LIGHT}
    since, last_ns = 0, 0
    before: Cue | None = None
    for at_ns, _, guidance, _ in play(found):
        cue = guidance.instruction.cue
        if cue is not before:
            if before in requests and at_ns - last_ns < STALE_NS:
                assert at_ns - since >= DWELL_NS
            since = at_ns
        before, last_ns = cue, at_ns


def could_be_within(deviation: Deviation) -> bool:
    raw = shares(deviation, HEAD)
    return (
        deviation.sight is Sight.CLEAR
        and deviation.expression == ()
        and all(share is not None and abs(share) <= JUMP for share in raw.values())
    )


@settings(max_examples=100, deadline=None)
@given(scenes, st.sampled_from([33, 50, 100, 250]))
def test_whatever_came_before_who_settles_is_ready_within_a_second(
    found: list[Scene], every_ms: int
) -> None:
    settled = Scene(IN_POSE, 1000 // every_ms + 2, every_ms)
    assert is_within(IN_POSE, HEAD)
    *_, (_, _, guidance, _) = play([*found, settled])
    assert guidance.instruction.cue is Cue.READY


@settings(max_examples=100, deadline=None)
@given(scenes)
def test_at_most_one_shot_is_taken_and_only_after_a_second(found: list[Scene]) -> None:
    said = play([*found, Scene(IN_POSE, 60, 50)])
    shots = [at_ns for at_ns, _, _, shot in said if shot]
    assert len(shots) == 1
    second = [guidance for at_ns, _, guidance, _ in said if shots[0] - 10**9 <= at_ns <= shots[0]]
    assert all(guidance.within for guidance in second)
