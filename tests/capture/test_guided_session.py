"""The guide in the loop: what reaches the screen when, what is remembered, and of whom nothing is.

Frames, looks and what a shot shows are scripted; the pose key, the store of baselines and the box
to the clinic are real.
"""

from __future__ import annotations

import hashlib
import io
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from kiosk import moment
from kiosk.capture import remembering
from kiosk.capture.baselines import PoseKeyring
from kiosk.capture.crew import News
from kiosk.capture.earlier import EarlierShots, Recalled
from kiosk.capture.guides.values import Against, Cue, Deviation, Sight
from kiosk.capture.guiding.compared import registered
from kiosk.capture.guiding.shots import ShotPose, pose_of
from kiosk.capture.guiding.views import aim_of
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.capture.pose.judge import Judged
from kiosk.capture.pose.registration import Registration
from kiosk.capture.recall import Asker, Recall
from kiosk.capture.ui.comparing import ways
from kiosk.capture.ui.model import Compare, Earlier
from kiosk.capture.workflow import Event, State
from kiosk.envelope.container import SHOT, Shot, read_shot
from kiosk.envelope.recall import read_request
from kiosk.envelope.recipients import generate_identity, parse_recipient
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import LightError
from kiosk.model import Frame, Pixels
from kiosk.records.protocols import View, load_protocol
from kiosk.spool.recall import RecallBox
from tests.capture.bench import DEADLINE_S, LIMITS, PATIENT, Bench, set_up
from tests.capture.guiding.fakes import descriptor_of
from tests.envelope.samples import container_of, head_of, sealed_of

HELD = Deviation(
    Sight.CLEAR, yaw=0.0, pitch=0.0, roll=0.0, x=0.0, y=0.0, scale=0.0, expression=(), motion=0.0
)
TURNED = Deviation(
    Sight.CLEAR, yaw=-20.0, pitch=0.0, roll=0.0, x=0.0, y=0.0, scale=0.0, expression=(), motion=0.0
)
STEP_NS = 100_000_000


class Judging:
    """Says what a shot shows, as the test wants; can be held up."""

    def __init__(self) -> None:
        self.deviation = HELD
        self.registered = False
        self.described = True
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, frame: Frame, view: View) -> ShotPose | None:
        if view.method == "none":
            return None
        self.begun.set()
        assert self.may_end.wait(DEADLINE_S)
        registration = Registration(np.eye(2, 3), 0.5) if self.registered else None
        judged = Judged(self.deviation, registration, descriptor_of() if self.described else None)
        return pose_of(judged, aim_of(view), (frame.width, frame.height))


class Memory:
    """A pose key, a folder of baselines and the box to the clinic."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "baselines"
        self.keyring = PoseKeyring(self.folder)
        self.clinic = generate_identity()
        self.box = RecallBox(root / "recall", 1)
        (root / "recall").mkdir()
        asker = Asker("room-2", SigningKey.generate(), [self.clinic.recipient()])
        self.earlier = EarlierShots(
            self.keyring, "Lakeside Clinic", Recall(self.box, asker, moment.now)
        )

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*")) if self.folder.exists() else []

    def answer(self, bench: Bench, place: int = 0) -> None:
        """Send, as the clinic would, a shot that is in the spool, the first say."""
        self.send(bench.containers(SHOT)[place])

    def send(self, container: bytes) -> None:
        """Send a shot as the answer to the first picture that is asked for."""
        (ask,) = self.box.asks()
        with self.box.open(ask) as file:
            request = read_request(open_sealed(io.BytesIO(file.read()), [self.clinic])).request
        with self.box.receive(request.pictures[0].answer) as incoming:
            incoming.write(sealed_of(container, [parse_recipient(request.recipient)]))
            incoming.keep()


@pytest.fixture
def judging() -> Judging:
    return Judging()


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path)


@pytest.fixture
def guided(tmp_path: Path, memory: Memory, judging: Judging) -> Iterator[Bench]:
    """A station that remembers, and judges shots as ``judging`` says."""
    with set_up(tmp_path, memory.earlier, judging, memory.keyring) as made:
        yield made
        judging.may_end.set()


def pass_by(bench: Bench, steps: int, seen: Deviation | None) -> None:
    """Let live pictures of a patient come, a tenth of a second apart."""
    bench.looker.seen = seen
    for _ in range(steps):
        bench.clock.ahead_ns += STEP_NS
        bench.app.step()


def keep(bench: Bench) -> None:
    """Take a picture of the present view and keep it."""
    bench.shoot()
    bench.rest()
    bench.step_on_pedal()
    bench.until(lambda: bench.state in (State.VIEW, State.SUMMARY))
    bench.rest()


def shots(bench: Bench) -> list[Shot]:
    found = [read_shot(io.BytesIO(container)) for container in bench.containers(SHOT)]
    return sorted(found, key=lambda shot: shot.manifest.sequence)


# What is on the screen


def test_what_the_guide_says_is_on_the_screen_while_aiming(bench: Bench) -> None:
    bench.begin()
    bench.settle()
    bench.aim()
    pass_by(bench, 5, TURNED)
    shown = bench.app._shown
    assert shown is not None
    assert shown.guidance is not None
    assert shown.guidance.instruction.cue is Cue.TURN_LEFT


def test_no_other_screen_ever_has_guidance(bench: Bench) -> None:
    seen: dict[State, set[bool]] = {}
    step = bench.app.step

    def watched() -> None:
        step()
        model = bench.app._shown
        assert model is not None
        seen.setdefault(model.state, set()).add(model.guidance is not None)

    bench.app.step = watched  # type: ignore[method-assign]
    bench.looker.seen = HELD
    bench.camera.may_finish.set()
    bench.begin()
    bench.settle()
    bench.aim()
    pass_by(bench, 20, HELD)  # the station shoots by itself
    bench.until_state(State.REVIEW)
    bench.touch(Event.RETAKE)
    bench.until_state(State.AIM)
    pass_by(bench, 3, TURNED)
    bench.step_on_pedal()
    bench.until_state(State.REVIEW)
    bench.touch(Event.ACCEPT)
    bench.until_state(State.VIEW)
    bench.finish()
    assert seen.pop(State.AIM) == {True}
    assert set(seen) >= {State.VIEW, State.CAPTURED, State.REVIEW, State.DAY}
    assert all(guided == {False} for guided in seen.values()), seen


def test_pictures_are_looked_at_only_while_aiming(bench: Bench) -> None:
    bench.begin()
    bench.settle()
    assert bench.looker.offered == 0
    bench.aim()
    bench.settle(5)
    assert bench.looker.offered >= 5
    bench.step_on_pedal()
    bench.until_state(State.CAPTURED)
    before = bench.looker.offered
    bench.settle()
    assert bench.looker.offered == before


def test_a_fault_of_the_thread_that_looks_ends_the_loop_also_in_standby(bench: Bench) -> None:
    bench.until_state(State.SIGNED_OUT)
    bench.looker.failure = ZeroDivisionError("planted")
    with pytest.raises(ZeroDivisionError, match="planted"):
        bench.app.step()


# The station that shoots by itself


def test_a_patient_who_holds_the_pose_is_photographed_once(bench: Bench) -> None:
    bench.begin()
    bench.camera.may_finish.set()
    bench.aim()
    pass_by(bench, 8, HELD)
    assert bench.camera.captures == 0
    before = bench.clock()
    pass_by(bench, 8, HELD)
    bench.until_state(State.REVIEW)
    pass_by(bench, 30, HELD)
    assert bench.camera.captures == 1
    assert bench.camera.asked_after[0] > before, "exposed after it was decided"
    assert bench.state is State.REVIEW
    bench.touch(Event.RETAKE)
    bench.until_state(State.AIM)
    pass_by(bench, 15, HELD)
    bench.until_state(State.REVIEW)
    assert bench.camera.captures == 2


def test_nobody_is_photographed_who_is_off_or_gone(bench: Bench) -> None:
    bench.begin()
    bench.camera.may_finish.set()
    bench.aim()
    pass_by(bench, 30, TURNED)
    pass_by(bench, 30, Deviation(Sight.NO_PERSON))
    for _ in range(6):
        pass_by(bench, 6, HELD)
        pass_by(bench, 3, TURNED)
    assert bench.state is State.AIM
    assert bench.camera.captures == 0


def test_the_station_never_shoots_before_the_live_picture_is_shown(bench: Bench) -> None:
    """The pedal led here in this very step; what is due was not meant for a screen unseen."""
    bench.begin()
    guide = bench.app._around.guide
    asked: list[State] = []
    due = guide.shot_due

    def watched(now_ns: int) -> bool:
        assert bench.app._shown is not None
        asked.append(bench.app._shown.state)
        return due(now_ns) or True

    guide.shot_due = watched  # type: ignore[method-assign]
    bench.touch(Event.READY)
    bench.until_state(State.AIM)
    assert asked == []
    bench.app.step()
    assert asked == [State.AIM]
    assert bench.state is State.CAPTURED


def test_a_voice_that_cannot_speak_is_said_until_it_can(bench: Bench) -> None:
    """A patient in profile waits for it, and nobody else hears that it is gone."""
    bench.begin()
    bench.touch(Event.READY)
    bench.until_state(State.AIM)
    for trouble in ("", "No sound.", ""):
        bench.voice.trouble = trouble
        bench.app.step()
        assert bench.screen.shown[-1].device_fault == trouble
    bench.voice.trouble = "No sound."
    bench.pedal.unplug()
    bench.app.step()
    assert "pedal" in bench.screen.shown[-1].device_fault, "without it no picture is taken"


# At review


def test_match_is_shown_at_review_and_gone_after_it(guided: Bench, judging: Judging) -> None:
    judging.deviation = TURNED
    guided.begin()
    guided.shoot()
    guided.rest()
    match = guided.screen.shown[-1].match
    assert match is not None
    assert match.within is False
    guided.touch(Event.RETAKE)
    guided.until_state(State.AIM)
    assert guided.screen.shown[-1].match is None
    judging.deviation = HELD
    guided.step_on_pedal()
    guided.until_state(State.REVIEW)
    guided.rest()
    match = guided.screen.shown[-1].match
    assert match is not None
    assert match.within is True
    guided.step_on_pedal()
    guided.until_state(State.VIEW)
    assert guided.screen.shown[-1].match is None
    (shot,) = shots(guided)
    assert shot.record.match is not None
    assert shot.record.match.within_tolerance is True


def test_a_match_that_comes_late_is_not_another_shots(guided: Bench, judging: Judging) -> None:
    judging.deviation = TURNED
    judging.may_end.clear()
    guided.begin()
    guided.shoot()
    assert judging.begun.wait(DEADLINE_S)
    guided.acts._crew.inbox.post(News(Event.LIGHT_FAILED, LightError("The lamps went out.")))
    guided.touch(Event.RETAKE)
    guided.until_state(State.AIM)
    judging.may_end.set()
    guided.rest()
    assert guided.acts.match is None
    assert all(model.match is None for model in guided.screen.shown)


# What is remembered


def test_a_first_shot_becomes_the_baseline_and_a_later_one_follows_it(
    guided: Bench, memory: Memory, judging: Judging
) -> None:
    guided.begin()
    guided.rest()
    assert guided.screen.shown[-1].earlier == Earlier()
    assert guided.looker.aims[-1][1] is None
    keep(guided)
    assert len(memory.files()) == 1
    guided.finish()
    guided.rest()
    guided.begin()
    guided.rest()
    earlier = guided.screen.shown[-1].earlier
    assert earlier is not None
    assert earlier.taken is not None
    assert guided.looker.aims[-1][1] is not None
    assert guided.screen.shown[-1].drawn is not None
    judging.deviation = Deviation(Sight.CLEAR, Against.BASELINE, yaw=1.0)
    keep(guided)
    assert len(memory.files()) == 1, "the first stays"
    first, second = shots(guided)
    assert first.record.series is not None
    assert (first.record.series.role, first.record.series.baseline) == ("baseline", None)
    assert second.record.series is not None
    assert second.record.series.role == "follow-up"
    assert second.record.series.baseline == first.record.uids.image
    assert second.record.match is not None
    assert (second.record.match.against, second.record.match.yaw_deg) == ("baseline", 1.0)
    assert first.pose is not None


def test_what_is_not_saved_is_not_kept(guided: Bench, memory: Memory) -> None:
    guided.begin()
    guided.shoot()
    guided.rest()
    guided.touch(Event.RETAKE)
    guided.until_state(State.AIM)
    guided.rest()
    assert memory.files() == []
    guided.step_on_pedal()
    guided.until_state(State.REVIEW)
    guided.root.rename(guided.root.with_name("gone"))
    guided.step_on_pedal()
    guided.until_state(State.SAVE_FAULT)
    guided.touch(Event.DISCARD)
    guided.until_state(State.CONFIRM_DISCARD)
    guided.touch(Event.CONFIRM)
    guided.until_state(State.VIEW)
    guided.root.with_name("gone").rename(guided.root)
    guided.rest()
    assert memory.files() == []


def test_a_shot_whose_pose_is_not_known_becomes_no_baseline(
    guided: Bench, memory: Memory, judging: Judging
) -> None:
    judging.described = False
    guided.begin()
    keep(guided)
    assert memory.files() == []
    assert shots(guided)[0].pose is None


def test_a_baseline_that_cannot_be_kept_is_said_and_the_shot_is_safe(
    guided: Bench, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    guided.begin()
    guided.rest()
    memory.folder.touch()
    keep(guided)
    assert guided.state is State.VIEW
    assert guided.shots() == 1
    assert str(memory.folder) in caplog.text
    assert PATIENT not in caplog.text


def test_a_baseline_that_cannot_be_read_is_said_and_the_session_goes_on(
    guided: Bench, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    guided.begin()
    keep(guided)
    guided.finish()
    guided.rest()
    memory.files()[0].write_bytes(b"damaged")
    guided.begin()
    guided.rest()
    assert "damaged or is no baseline" in caplog.text
    assert PATIENT not in caplog.text
    assert guided.screen.shown[-1].earlier is None, "nothing is known of earlier pictures"
    keep(guided)
    assert shots(guided)[-1].record.series is None, "it is neither the first nor compared"
    assert memory.files()[0].read_bytes() == b"damaged", "what is there stays for a technician"


def test_the_pose_key_is_in_memory_only_during_a_session(guided: Bench, memory: Memory) -> None:
    guided.until_state(State.SIGNED_OUT)
    assert memory.keyring.store is None
    guided.begin()
    guided.rest()
    assert memory.keyring.store is not None
    guided.clock.ahead_ns += LIMITS.sign_out_ns + 1_000_000_000
    guided.until_state(State.SIGNED_OUT)
    guided.rest()
    assert memory.keyring.store is None
    assert guided.looker.forgotten == 1
    assert guided.screen.shown[-1].drawn is None


def test_baselines_that_come_when_the_patient_is_gone_are_nobodys(
    guided: Bench, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()
    real = memory.earlier.recall

    def slow(*arguments: object) -> Recalled | None:
        begun.set()
        assert may_end.wait(DEADLINE_S)
        return real(*arguments)  # type: ignore[arg-type]

    guided.begin()
    keep(guided)
    guided.finish()
    guided.rest()
    monkeypatch.setattr(memory.earlier, "recall", slow)
    guided.begin()
    assert begun.wait(DEADLINE_S)
    guided.clock.ahead_ns += LIMITS.sign_out_ns + 1_000_000_000
    guided.until_state(State.SIGNED_OUT)
    before = len(guided.screen.shown)
    may_end.set()
    guided.rest()
    assert guided.acts.recalled is None
    assert guided.acts.remembered is None
    assert memory.keyring.store is None
    later = guided.screen.shown[before:]
    assert all(model.earlier is None and model.drawn is None for model in later)


# The patient's own rest


@pytest.fixture
def acting(tmp_path: Path, memory: Memory, judging: Judging) -> Iterator[Bench]:
    """A station that remembers, with views that ask for expressions."""
    made = set_up(tmp_path, memory.earlier, judging, memory.keyring, views="expressions_10")
    with made as bench:
        yield bench
        judging.may_end.set()


def skip(bench: Bench) -> None:
    bench.touch(Event.SKIP)
    bench.rest()


def of_view(bench: Bench, name: str) -> list[PoseDescriptor | None]:
    """Return which rests the view was aimed at with, in their order."""
    looker = bench.looker
    return [rest for (view, _), rest in zip(looker.aims, looker.rests, strict=True) if view == name]


def test_an_expression_is_judged_by_the_rest_that_was_kept_just_now(acting: Bench) -> None:
    acting.begin()
    acting.rest()
    keep(acting)
    keep(acting)
    assert of_view(acting, "frontal_rest") == [None]
    # From the first moment of the view, and not some time later.
    (smiling,), (teeth,) = (
        of_view(acting, "frontal_smile_closed"),
        of_view(acting, "frontal_smile_teeth"),
    )
    assert smiling is not None
    assert smiling is teeth
    assert np.allclose(smiling.points, descriptor_of().points, atol=1e-4)


def test_a_rest_of_an_earlier_visit_does_where_none_was_kept_now(acting: Bench) -> None:
    acting.begin()
    acting.rest()
    skip(acting)
    assert of_view(acting, "frontal_smile_closed") == [None]
    acting.finish()
    acting.rest()
    acting.begin()
    acting.rest()
    keep(acting)
    acting.finish()
    acting.rest()
    acting.begin()
    acting.rest()
    skip(acting)
    *_, rest = of_view(acting, "frontal_smile_closed")
    assert rest is not None
    assert rest is acting.looker.aims[-2][1], "the baseline of the view at rest"


def test_nobodys_rest_is_known_to_the_next_patient(
    acting: Bench, memory: Memory, judging: Judging
) -> None:
    acting.begin()
    acting.rest()
    keep(acting)
    assert acting.acts.rest is not None
    acting.finish()
    acting.rest()
    assert acting.acts.kept == {}
    assert acting.acts.rest is None
    for baseline in memory.files():
        baseline.unlink()
    judging.described = False
    acting.begin()
    acting.rest()
    keep(acting)
    assert of_view(acting, "frontal_smile_closed")[-1] is None


# The earlier picture


@pytest.fixture
def second_visit(guided: Bench, memory: Memory, judging: Judging) -> Bench:
    """A session of a patient whose earlier picture the clinic has just sent."""
    guided.begin()
    keep(guided)
    guided.finish()
    guided.rest()
    judging.registered = True
    guided.begin()
    guided.rest()
    memory.answer(guided)
    return guided


def test_the_earlier_picture_is_laid_over_the_shot_and_wiped(second_visit: Bench) -> None:
    second_visit.shoot()
    second_visit.rest()
    shown = second_visit.screen.shown[-1]
    assert shown.review is not None
    assert shown.comparison is not None
    pixels = shown.comparison.pixels
    assert pixels.shape == shown.review.pixels.shape
    first = np.asarray(Image.open(io.BytesIO(shots(second_visit)[0].image)).convert("RGB"))
    assert np.abs(pixels.astype(int) - first[0, 0, ::-1].astype(int)).max() < 3
    second_visit.touch(Event.RETAKE)
    second_visit.until_state(State.AIM)
    assert second_visit.screen.shown[-1].comparison is None
    assert not pixels.any()


@pytest.mark.parametrize("end", ["kept", "forgotten"])
def test_the_earlier_picture_goes_with_the_shot(
    second_visit: Bench, memory: Memory, end: str
) -> None:
    second_visit.shoot()
    second_visit.rest()
    comparison = second_visit.screen.shown[-1].comparison
    assert comparison is not None
    if end == "kept":
        second_visit.step_on_pedal()
        second_visit.until_state(State.VIEW)
    else:
        second_visit.clock.ahead_ns += LIMITS.sign_out_ns + 1_000_000_000
        second_visit.until_state(State.SIGNED_OUT)
        second_visit.rest()
        assert memory.earlier._arrived == {}
        assert memory.box.wants() == []
    assert second_visit.screen.shown[-1].comparison is None
    assert not comparison.pixels.any()


def test_a_comparison_that_comes_late_is_wiped_unseen(
    second_visit: Bench, judging: Judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Pixels] = []

    def watched(*arguments: Any) -> Pixels:  # noqa: ANN401 - handed on
        made.append(registered(*arguments))
        return made[-1]

    monkeypatch.setattr(remembering, "registered", watched)
    judging.may_end.clear()
    second_visit.shoot()
    second_visit.touch(Event.RETAKE)
    second_visit.until_state(State.AIM)
    judging.may_end.set()
    second_visit.rest()
    assert len(made) == 1
    assert not made[0].any()
    assert all(model.comparison is None for model in second_visit.screen.shown)


def test_an_earlier_picture_that_is_another_is_said_and_not_shown(
    guided: Bench, memory: Memory, judging: Judging, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    guided.begin()
    keep(guided)
    keep(guided)
    guided.finish()
    guided.rest()
    judging.registered = True
    guided.begin()
    guided.rest()
    memory.answer(guided, 1)  # with the shot of the second view, as that of the first
    guided.shoot()
    guided.rest()
    assert guided.screen.shown[-1].comparison is None
    assert guided.screen.shown[-1].match is not None
    assert "another picture" in caplog.text


# The earlier picture where nothing lays it over the shot


@pytest.fixture
def close_up(tmp_path: Path, memory: Memory, judging: Judging) -> Iterator[Bench]:
    """A station that remembers, before a close-up of the lips: nobody measures its pose."""
    with set_up(tmp_path, memory.earlier, judging, memory.keyring, views="lips") as made:
        up_to_the_close_up(made)
        yield made
        judging.may_end.set()


def up_to_the_close_up(bench: Bench) -> None:
    bench.begin()
    bench.rest()
    for _ in range(4):
        skip(bench)
    view = bench.screen.shown[-1].view
    assert view is not None
    assert (view.id, view.method) == ("lips_close_up", "none")


def taken_again(bench: Bench) -> None:
    """Keep a close-up, and be before the next one of another visit."""
    keep(bench)
    bench.touch(Event.FINISH)
    bench.until_state(State.DAY)
    bench.rest()
    up_to_the_close_up(bench)


def with_picture(container: bytes, image: bytes) -> bytes:
    """Return a shot's container with another picture in it; its record says so."""
    shot = read_shot(io.BytesIO(container))
    digest = hashlib.sha256(image).hexdigest()
    held = msgspec.structs.replace(shot.record.image, size=len(image), sha256=digest)
    record = msgspec.structs.replace(shot.record, image=held)
    head = head_of(station=record.device.station, consent=record.consent)
    return container_of(image, SigningKey.generate(), record, head)


def grey_jpeg(width: int, height: int, level: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), level).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def test_an_earlier_close_up_is_shown_beside_the_new_one(close_up: Bench, memory: Memory) -> None:
    assert close_up.screen.shown[-1].earlier == Earlier()
    taken_again(close_up)
    earlier = close_up.screen.shown[-1].earlier
    assert earlier is not None
    assert earlier.taken is not None
    assert not earlier.measured
    memory.answer(close_up)
    close_up.camera.grey = [180]
    close_up.shoot()
    close_up.rest()
    shown = close_up.screen.shown[-1]
    assert shown.match is None
    assert ways(shown) == (Compare.SHOT, Compare.BESIDE)
    assert shown.review is not None
    assert shown.comparison is not None
    before, now = shown.comparison.pixels, shown.review.pixels
    # 64 by 48 pixels within the 3 by 4 that this bench shows of a shot.
    assert (before.shape, now.shape) == ((2, 3, 3), (4, 3, 3))
    first = np.asarray(Image.open(io.BytesIO(shots(close_up)[0].image)).convert("RGB"))
    assert np.abs(before.astype(int) - first[0, 0, ::-1].astype(int)).max() < 3
    assert (now == 180).all()
    close_up.touch(Event.RETAKE)
    close_up.until_state(State.AIM)
    assert close_up.screen.shown[-1].comparison is None
    assert not before.any()


def test_a_later_close_up_follows_the_first(close_up: Bench, memory: Memory) -> None:
    taken_again(close_up)
    taken_again(close_up)
    first, second = shots(close_up)
    assert first.pose is second.pose is None
    assert first.record.series is not None
    assert second.record.series is not None
    assert (first.record.series.role, second.record.series.role) == ("baseline", "follow-up")
    assert second.record.series.baseline == first.record.uids.image
    assert len(memory.files()) == 1, "the first stays"


def test_a_close_up_alone_tells_that_views_before_the_treatment_are_missing(
    close_up: Bench,
) -> None:
    """Of those that are measured: before close-ups were remembered, patients had none of them."""
    chart = close_up.screen.shown[-1].people.chart
    assert chart is not None
    assert chart.without_baseline == ()
    taken_again(close_up)
    chart = close_up.screen.shown[-1].people.chart
    assert chart is not None
    *measured, lips = load_protocol("lips").views
    assert chart.without_baseline == tuple(view.title for view in measured)
    assert lips.method == "none"


def test_a_shot_whose_pose_cannot_be_measured_is_shown_beside_the_earlier_one(
    second_visit: Bench, judging: Judging
) -> None:
    judging.registered = False
    second_visit.shoot()
    second_visit.rest()
    shown = second_visit.screen.shown[-1]
    assert shown.drawn is not None
    assert ways(shown) == (Compare.SHOT, Compare.OUTLINE, Compare.BESIDE)
    second_visit.touch(Event.RETAKE)
    second_visit.until_state(State.AIM)
    judging.registered = True
    second_visit.step_on_pedal()
    second_visit.until_state(State.REVIEW)
    second_visit.rest()
    shown = second_visit.screen.shown[-1]
    assert ways(shown)[2:] == (Compare.BESIDE, Compare.BLINK, Compare.WIPE)


@pytest.mark.parametrize(
    ("size", "shown_as"), [((48, 64), (4, 3)), ((640, 480), (2, 3)), ((30, 120), (4, 1))], ids=str
)
def test_an_earlier_picture_of_another_shape_is_not_distorted(
    close_up: Bench, memory: Memory, size: tuple[int, int], shown_as: tuple[int, int]
) -> None:
    taken_again(close_up)
    (first,) = close_up.containers(SHOT)
    memory.send(with_picture(first, grey_jpeg(*size, 40)))
    close_up.shoot()
    close_up.rest()
    comparison = close_up.screen.shown[-1].comparison
    assert comparison is not None
    assert comparison.pixels.shape == (*shown_as, 3)
    assert np.abs(comparison.pixels.astype(int) - 40).max() < 3


def test_an_earlier_close_up_that_is_no_picture_is_said(
    close_up: Bench, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    taken_again(close_up)
    (first,) = close_up.containers(SHOT)
    memory.send(with_picture(first, b"\xff\xd8 no picture at all \xff\xd9"))
    close_up.shoot()
    close_up.rest()
    shown = close_up.screen.shown[-1]
    assert shown.comparison is None
    assert ways(shown) == (Compare.SHOT,)
    assert "The earlier picture that the clinic sent is no picture; it is not shown." in caplog.text
