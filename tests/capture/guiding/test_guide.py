"""One patient guided after the other: what is said, shown and due, and what is left of nobody."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import pytest

from kiosk.capture.guides.announcer import Announcer
from kiosk.capture.guides.values import Cue, Deviation, Guidance, Sight
from kiosk.capture.guiding.guide import Guide
from kiosk.capture.guiding.looking import Look
from kiosk.logs import code_of, message_of
from kiosk.records.protocols import load_library, load_protocol
from tests.capture.bench import ScriptedLooker
from tests.capture.guiding.fakes import RecordingVoice, descriptor_of, frame_of

FRONTAL, PROFILE, *_ = load_protocol("face_5").views
UNJUDGED = load_library().views["eyes_close_up"]
HELD = Deviation(
    Sight.CLEAR, yaw=0.0, pitch=0.0, roll=0.0, x=0.0, y=0.0, scale=0.0, expression=(), motion=0.0
)
TURNED = Deviation(
    Sight.CLEAR, yaw=-20.0, pitch=0.0, roll=0.0, x=0.0, y=0.0, scale=0.0, expression=(), motion=0.0
)
STEP_NS = 100_000_000


@dataclass
class Booth:
    """A guide, and the time that passes in front of it."""

    looker: ScriptedLooker = field(default_factory=ScriptedLooker)
    voice: RecordingVoice = field(default_factory=RecordingVoice)
    now_ns: int = 5_000_000_000
    shoots: bool = True

    def __post_init__(self) -> None:
        announcer = Announcer(lambda instruction: instruction.cue.name)
        self.guide = Guide(self.looker, self.voice, announcer, shoot_by_itself=self.shoots)

    def pass_by(self, steps: int, seen: Deviation | None) -> Guidance | None:
        """Let live pictures come; return what the guide says in the end."""
        self.looker.seen = seen
        said = None
        for _ in range(steps):
            self.now_ns += STEP_NS
            self.guide.offer(frame_of(self.now_ns, 90))
            said = self.guide.guidance(self.now_ns)
        return said

    def due(self) -> bool:
        return self.guide.shot_due(self.now_ns)


@pytest.fixture
def booth() -> Booth:
    return Booth()


def test_nobody_is_guided_before_it_has_begun(booth: Booth) -> None:
    booth.guide.begin()
    assert booth.pass_by(5, HELD) is None
    booth.guide.prepare(FRONTAL, None)
    assert booth.pass_by(5, HELD) is None
    assert (booth.looker.offered, booth.voice.heard, booth.due()) == (0, [], False)


def test_what_is_seen_is_said_and_spoken(booth: Booth) -> None:
    booth.guide.prepare(FRONTAL, None)
    booth.guide.begin()
    said = booth.pass_by(10, TURNED)
    assert said is not None
    assert said.instruction.cue is Cue.TURN_LEFT
    assert not said.within
    assert booth.voice.heard == ["TURN_LEFT"]


def test_the_voice_is_silenced_when_guiding_ends(booth: Booth) -> None:
    booth.guide.prepare(FRONTAL, None)
    for end in (booth.guide.pause, booth.guide.forget):
        booth.guide.prepare(FRONTAL, None)
        booth.guide.begin()
        booth.pass_by(5, TURNED)
        booth.voice.heard.clear()
        end()
        end()
        assert booth.voice.heard == ["(silence)"]
        assert booth.pass_by(5, TURNED) is None
        assert booth.voice.heard == ["(silence)"]


def test_after_a_pause_everything_is_told_anew(booth: Booth) -> None:
    booth.guide.prepare(FRONTAL, None)
    booth.guide.begin()
    booth.pass_by(5, TURNED)
    booth.guide.pause()
    booth.guide.begin()
    said = booth.guide.guidance(booth.now_ns)
    assert said is not None
    assert said.instruction.cue is Cue.LOOKING
    booth.pass_by(5, TURNED)
    assert booth.voice.heard[-1] == "TURN_LEFT"


def test_what_was_seen_before_the_pause_does_not_count_after_it(booth: Booth) -> None:
    booth.guide.prepare(FRONTAL, None)
    booth.guide.begin()
    booth.pass_by(1, HELD)
    booth.guide.pause()
    # The look that was under way comes late.
    booth.looker.looks.append(Look(HELD, booth.now_ns))
    booth.guide.begin()
    said = booth.guide.guidance(booth.now_ns)
    assert said is not None
    assert said.instruction.cue is Cue.LOOKING


def test_a_view_is_prepared_once_and_anew_with_another_baseline(booth: Booth) -> None:
    baseline = descriptor_of()
    for _ in range(3):
        booth.guide.prepare(FRONTAL, None)
    for _ in range(3):
        booth.guide.prepare(FRONTAL, baseline)
    booth.guide.prepare(PROFILE, None)
    assert booth.looker.aims == [(FRONTAL.id, None), (FRONTAL.id, baseline), (PROFILE.id, None)]


def test_a_rest_that_comes_to_be_known_is_another_aim(booth: Booth) -> None:
    rest = descriptor_of()
    for known in (None, rest, rest, None):
        booth.guide.prepare(FRONTAL, None, known)
    assert booth.looker.rests == [None, rest, None]


def test_the_baselines_lines_are_one_object_as_long_as_it_is_that_baseline(booth: Booth) -> None:
    baseline = descriptor_of()
    booth.guide.prepare(FRONTAL, baseline)
    drawn = booth.guide.drawn
    assert drawn is not None
    booth.guide.prepare(FRONTAL, baseline)
    assert booth.guide.drawn is drawn
    booth.guide.prepare(FRONTAL, None)
    assert booth.guide.drawn is None


def test_a_shot_is_due_once_for_each_aim(booth: Booth) -> None:
    booth.guide.prepare(FRONTAL, None)
    for _ in range(2):
        booth.guide.begin()
        assert not booth.due()
        booth.pass_by(5, HELD)
        assert not booth.due(), "held for half a second"
        booth.pass_by(15, HELD)
        assert booth.due()
        booth.pass_by(20, HELD)
        assert not booth.due()
        booth.guide.pause()
    booth.guide.begin()
    booth.pass_by(20, HELD)
    booth.guide.pause()
    assert not booth.due(), "not while it is paused"


def test_nothing_is_due_where_the_operator_shoots() -> None:
    booth = Booth(shoots=False)
    booth.guide.prepare(FRONTAL, None)
    booth.guide.begin()
    said = booth.pass_by(30, HELD)
    assert said is not None
    assert said.within
    assert said.held == 0.0
    assert not booth.due()


def test_nothing_is_due_once_pictures_stop_coming(booth: Booth) -> None:
    booth.guide.prepare(FRONTAL, None)
    booth.guide.begin()
    booth.pass_by(20, HELD)
    booth.now_ns += 1_100_000_000
    assert not booth.due()


def test_of_a_view_that_cannot_be_judged_the_station_says_so(booth: Booth) -> None:
    booth.guide.prepare(UNJUDGED, None)
    booth.guide.begin()
    said = booth.pass_by(30, HELD)
    assert said is not None
    assert said.instruction.cue is Cue.CANNOT_JUDGE
    assert not said.within
    assert not booth.due()
    assert booth.looker.offered == 0, "and looks at no picture for it"


def test_nothing_of_a_patient_is_left_once_forgotten(booth: Booth) -> None:
    booth.guide.prepare(FRONTAL, descriptor_of())
    booth.guide.begin()
    booth.pass_by(20, HELD)
    for _ in range(3):
        booth.guide.forget()
    assert booth.looker.forgotten == 1
    assert booth.guide.drawn is None
    assert booth.guide._target is None
    assert not booth.due()
    booth.guide.begin()
    assert booth.pass_by(3, HELD) is None
    booth.guide.prepare(FRONTAL, None)
    booth.guide.begin()
    said = booth.guide.guidance(booth.now_ns)
    assert said is not None
    assert said.instruction.cue is Cue.LOOKING
    assert not booth.due()


@pytest.mark.parametrize("aiming", [True, False])
def test_a_fault_of_the_thread_is_raised(booth: Booth, *, aiming: bool) -> None:
    if aiming:
        booth.guide.prepare(FRONTAL, None)
        booth.guide.begin()
    booth.looker.failure = ZeroDivisionError("planted")
    with pytest.raises(ZeroDivisionError, match="planted"):
        booth.guide.guidance(booth.now_ns)


def test_a_voice_that_cannot_speak_is_said_once_in_the_journal(
    booth: Booth, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for trouble in ("", "No sound.", "No sound.", "", "No sound."):
        booth.voice.trouble = trouble
        booth.guide.guidance(booth.now_ns)
        assert booth.guide.voice_fault == trouble
    written = [(message_of(record), code_of(record)) for record in caplog.records]
    assert written == [("No sound.", "voice")] * 2
    assert booth.voice.attended == 5
