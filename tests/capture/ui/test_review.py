"""The review: the match in words that fit, and each way to compare with the baseline's picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guides.values import Against, Cue, Deviation, Measure, Reading, Sight
from kiosk.capture.ui.comparing import (
    BLINK_NS,
    SWEEP_NS,
    SWEEP_STEPS,
    Comparing,
    phase,
    way_of,
    ways,
)
from kiosk.capture.ui.display import Display, Setup
from kiosk.capture.ui.model import Compare, Earlier, ReviewPicture, ScreenModel
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.widgets import Canvas
from kiosk.capture.ui.wording import ENGLISH
from kiosk.capture.workflow import State
from kiosk.config import Display as Section
from tests.capture.ui.screen import picture
from tests.golden.guided import baseline, match
from tests.golden.scenes import LANDSCAPE, PORTRAIT, Scene, draw, scenes

MODELS = {scene.name: scene.model for scene in scenes()}
NOW, THEN = 60, 200
"""Grey levels that tell the two pictures apart."""


class Clock:
    now = 0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Display]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    section = Section(size=(960, 540), rotation=90, fullscreen=False)
    opened = Display(Setup(section, clock=clock))
    pygame.event.clear()
    yield opened
    opened.close()


def comparable(display: Display) -> ScreenModel:
    stage = display.layout.stage
    now, then = (np.full((stage.h, stage.w, 3), level, np.uint8) for level in (NOW, THEN))
    return replace(
        MODELS["review"],
        review=ReviewPicture(now),
        comparison=ReviewPicture(then),
        registered=True,
        drawn=baseline(),
        match=match(within=False),
        earlier=Earlier(date(2026, 3, 3)),
    )


def touch(display: Display, model: ScreenModel, way: Compare) -> tuple[object, ...]:
    found = SCREENS[model.state].buttons(display.layout, ENGLISH, model)
    rect = next(button.rect for button in found if button.action is way)
    there = display._panel.rect(rect, display.layout.size)
    at = there.x + there.w // 2, there.y + there.h // 2
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        pygame.event.post(pygame.event.Event(kind, pos=at, button=1, touch=False))
    return display.poll(model).actions


def lower_stage(display: Display) -> npt.NDArray[np.int64]:
    """The stage without the captions at its top, one channel."""
    stage = display.layout.stage
    return picture(display)[stage.y + 60 : stage.bottom, stage.x : stage.right, 0]


def test_the_shot_is_first_shown_with_the_baselines_lines(display: Display) -> None:
    model = comparable(display)
    display.show(model)
    stage = lower_stage(display)
    assert 0.9 < (stage == NOW).mean() < 1.0
    assert (stage == THEN).mean() < 0.001


def test_the_shot_alone_has_nothing_over_it(display: Display) -> None:
    model = comparable(display)
    display.show(model)
    assert touch(display, model, Compare.SHOT) == (Compare.SHOT,)
    display.show(model)
    assert (lower_stage(display) == NOW).all()


def test_side_by_side_shows_the_earlier_one_on_the_left(display: Display) -> None:
    model = comparable(display)
    display.show(model)
    touch(display, model, Compare.BESIDE)
    display.show(model)
    stage = lower_stage(display)
    # Edges of letters and corners may have any grey.
    left, right = np.hsplit(stage, 2)
    shares = [(half == level).mean() for half in (left, right) for level in (THEN, NOW)]
    assert min(shares[0], shares[3]) > 0.4
    assert max(shares[1], shares[2]) < 0.01


def test_blinking_shows_one_and_the_other(display: Display, clock: Clock) -> None:
    model = comparable(display)
    display.show(model)
    touch(display, model, Compare.BLINK)
    seen = []
    for _ in range(4):
        display.show(model)
        stage = lower_stage(display)
        assert (stage == stage[0, 0]).all()
        seen.append(stage[0, 0])
        clock.now += BLINK_NS
    assert seen == [NOW, THEN, NOW, THEN]


def test_a_sweep_shows_the_earlier_picture_up_to_its_edge(display: Display, clock: Clock) -> None:
    model = comparable(display)
    display.show(model)
    touch(display, model, Compare.WIPE)
    shares = []
    for _ in range(12):
        display.show(model)
        row = lower_stage(display)[5]
        earlier, later = np.flatnonzero(row == THEN), np.flatnonzero(row == NOW)
        assert earlier.size + later.size >= row.size - 4
        if earlier.size and later.size:
            assert earlier.max() < later.min()
        shares.append(earlier.size / row.size)
        clock.now += SWEEP_NS // 12
    assert shares[0] == pytest.approx(0.5, abs=0.02)
    assert min(shares) < 0.02
    assert max(shares) > 0.98


@pytest.mark.parametrize("way", [Compare.BLINK, Compare.WIPE])
def test_a_moving_comparison_drawn_by_parts_looks_as_if_drawn_whole(
    display: Display, clock: Clock, way: Compare
) -> None:
    model = comparable(display)
    display.show(model)
    touch(display, model, way)
    display.show(model)
    clock.now += SWEEP_NS // 5
    display.show(model)
    by_parts = picture(display)
    display._shown = None
    display.show(model)
    np.testing.assert_array_equal(by_parts, picture(display))


def test_the_next_picture_starts_afresh(display: Display) -> None:
    model = comparable(display)
    display.show(model)
    touch(display, model, Compare.SHOT)
    display.show(model)
    following = replace(comparable(display))
    display.show(following)
    assert not (lower_stage(display) == NOW).all(), "the baseline's lines are back"


def test_without_the_clinics_picture_there_are_its_lines_only() -> None:
    alone = MODELS["review"]
    assert ways(alone) == (Compare.SHOT,)
    lined = replace(alone, drawn=baseline())
    assert ways(lined) == (Compare.SHOT, Compare.OUTLINE)
    assert way_of(replace(lined, compare=Compare.WIPE)) is Compare.OUTLINE
    assert way_of(replace(alone, compare=Compare.WIPE)) is Compare.SHOT


def apart(display: Display, shape: tuple[int, int] | None = None) -> ScreenModel:
    """A review whose earlier picture does not lie over it, and may have another shape."""
    model = replace(comparable(display), registered=False)
    if shape is None:
        return model
    then = np.full((*shape, 3), THEN, np.uint8)
    return replace(model, comparison=ReviewPicture(then), drawn=None, match=None)


def test_what_does_not_lie_over_the_shot_is_shown_beside_it_only(display: Display) -> None:
    model = apart(display)
    assert ways(model) == (Compare.SHOT, Compare.OUTLINE, Compare.BESIDE)
    for way in (Compare.BLINK, Compare.WIPE):
        assert way_of(replace(model, compare=way)) is Compare.OUTLINE
        assert way_of(replace(apart(display, (30, 40)), compare=way)) is Compare.SHOT
    assert ways(replace(model, comparison=None)) == (Compare.SHOT, Compare.OUTLINE)


def test_a_moving_way_stops_where_the_next_picture_does_not_lie_over_its_own(
    display: Display, clock: Clock
) -> None:
    model = comparable(display)
    display.show(model)
    touch(display, model, Compare.BLINK)
    clock.now += BLINK_NS
    following = apart(display)
    for _ in range(3):
        display.show(following)
        assert (lower_stage(display) == THEN).mean() < 0.001
        clock.now += BLINK_NS


@pytest.mark.parametrize("shape", [(160, 120), (120, 160), (90, 240), (240, 90)], ids=str)
def test_side_by_side_keeps_the_shape_of_the_earlier_picture(
    display: Display, shape: tuple[int, int]
) -> None:
    model = apart(display, shape)
    display.show(model)
    assert touch(display, model, Compare.BESIDE) == (Compare.BESIDE,)
    display.show(model)
    stage = display.layout.stage
    whole = picture(display)[stage.y : stage.bottom, stage.x : stage.right, 0]
    left, right = np.hsplit(whole, 2)
    sizes = []
    for half, level in ((left, THEN), (right, NOW)):
        shown = half == level
        rows = np.flatnonzero(shown.mean(axis=1) > 0.2)
        columns = np.flatnonzero(shown[rows].mean(axis=0) > 0.9)
        assert shown[rows[0] : rows[-1], columns[0] : columns[-1]].all()
        sizes.append((columns.size, rows.size))
    assert sizes[0][1] / sizes[0][0] == pytest.approx(shape[0] / shape[1], rel=0.02)
    assert sizes[1][1] / sizes[1][0] == pytest.approx(4 / 3, rel=0.02)


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=str)
def test_the_screen_says_that_they_do_not_lie_over_each_other(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    """In the way that shows both, and in no other."""
    said: list[str] = []
    real = Canvas.text

    def watched(canvas: Canvas, text: str, *rest: Any, **more: Any) -> int:  # noqa: ANN401
        said.append(text)
        return real(canvas, text, *rest, **more)

    monkeypatch.setattr(Canvas, "text", watched)
    registered = MODELS["review_beside"]
    alone = replace(registered, registered=False, compare=Compare.SHOT)
    for model in (registered, alone, MODELS["review_beside_apart"]):
        assert ENGLISH.guide.not_registered not in said
        assert draw(Scene("", model), size).overflows == []
    assert ENGLISH.guide.not_registered in said


def test_the_display_forgets_the_picture_it_compared(clock: Clock) -> None:
    comparing = Comparing(clock)
    comparing.applied(MODELS["review_wipe"])
    assert comparing._picture is not None
    comparing.applied(MODELS["signed_out"])
    assert comparing._picture is None


@given(elapsed=st.integers(0, 10 * SWEEP_NS))
def test_phases_stay_in_range(elapsed: int) -> None:
    assert phase(Compare.BLINK, elapsed) in (0, 1)
    assert 0 <= phase(Compare.WIPE, elapsed) <= SWEEP_STEPS
    assert phase(Compare.BESIDE, elapsed) == 0


DEGREES, PARTS_OF_ONE = st.floats(-25, 25), st.floats(-0.3, 0.3)
DEVIATIONS = st.builds(
    Deviation,
    st.just(Sight.CLEAR),
    st.sampled_from(Against),
    yaw=DEGREES,
    pitch=DEGREES,
    roll=DEGREES,
    x=PARTS_OF_ONE,
    y=PARTS_OF_ONE,
    scale=PARTS_OF_ONE,
    expression=st.sampled_from(((), (Cue.BROWS_UP,), (Cue.READY,))),
    motion=st.just(0.1),
)
SHARES = st.one_of(st.none(), st.floats(-5, 5))
MATCHES = st.builds(
    lambda deviation, shares, within: MatchSummary(
        deviation, tuple(map(Reading, Measure, shares)), within
    ),
    DEVIATIONS,
    st.tuples(*(SHARES for _ in Measure)),
    st.sampled_from((True, False, None)),
)
Grow = Callable[[ScreenModel], ScreenModel]


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, (1280, 720), (800, 480)], ids=str)
@settings(max_examples=25, deadline=None)
@given(
    found=MATCHES,
    like=st.sampled_from(("review", "review_within", "review_comparable")),
    turned=st.booleans(),
)
def test_every_match_is_said_in_full(
    size: tuple[int, int],
    found: MatchSummary,
    like: str,
    turned: bool,  # noqa: FBT001
) -> None:
    model = replace(MODELS[like], match=found, review=None)
    if turned and model.progress is not None:
        model = replace(model, progress=model.progress.accepted())
    assert draw(Scene("", model), size).overflows == []


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=str)
@pytest.mark.parametrize(
    "earlier",
    [None, Earlier(), *(Earlier(date(2026, 9, 30), measured=known) for known in (True, False))],
    ids=str,
)
def test_the_view_says_what_it_is_compared_with(
    size: tuple[int, int], earlier: Earlier | None
) -> None:
    plain = draw(Scene("", replace(MODELS["view_ten"], earlier=None)), size)
    said = draw(Scene("", replace(MODELS["view_ten"], earlier=earlier)), size)
    assert said.overflows == []
    same = pygame.image.tobytes(plain.surface, "RGB") == pygame.image.tobytes(said.surface, "RGB")
    assert same == (earlier is None)


def test_the_review_of_a_first_visit_is_as_it_was() -> None:
    assert MODELS["review"].state is State.REVIEW
    found = SCREENS[State.REVIEW].buttons(
        draw(Scene("", MODELS["review"]), PORTRAIT).layout, ENGLISH, MODELS["review"]
    )
    assert len(found) == 2
