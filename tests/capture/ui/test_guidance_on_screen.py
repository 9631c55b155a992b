"""The guide on the aim screen: drawn by parts, on the patient's own side, always in full."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pygame
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kiosk.capture.guides.directions import Facing
from kiosk.capture.guides.values import Amount, Cue, Guidance, Instruction, Measure, Reading
from kiosk.capture.ui.cue_icons import CUE_ICONS, Place, look_of, looks_of
from kiosk.capture.ui.guide_pictures import GuidePictures
from kiosk.capture.ui.meter import SHOWN, STEPS, meter_parts, needle
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens import PARTS
from tests.capture.ui.screen import Degrees, Open, open_display, picture, pixels
from tests.golden.guided import FAR, NEAR, UNKNOWN, WITHIN, baseline, guidance, pairs
from tests.golden.scenes import LANDSCAPE, PORTRAIT, Scene, draw, live_frame, scenes

__all__ = ["open_display"]

AIM = next(scene.model for scene in scenes() if scene.name == "aim")


def told(value: Guidance | None) -> ScreenModel:
    return replace(AIM, guidance=value)


SHARES = st.one_of(st.none(), st.floats(-5, 5))
READINGS = st.lists(st.sampled_from(Measure), unique=True).flatmap(
    lambda measures: st.tuples(
        *(st.builds(Reading, st.just(m), SHARES) for m in sorted(measures, key=lambda m: m.value))
    )
)
GUIDANCE = st.one_of(
    st.none(),
    st.builds(
        Guidance,
        st.builds(Instruction, st.sampled_from(Cue), st.sampled_from(Amount)),
        READINGS,
        st.booleans(),
        st.sampled_from((0.0, 0.3, 1.0)),
    ),
)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sequence=st.lists(GUIDANCE, min_size=2, max_size=6))
@example(sequence=[replace(guidance(Cue.READY, WITHIN), within=False), guidance(Cue.READY, WITHIN)])
@example(sequence=[guidance(Cue.READY, WITHIN, held=0.2), guidance(Cue.READY, WITHIN, held=0.9)])
@example(sequence=[guidance(Cue.CANNOT_JUDGE, UNKNOWN), guidance(Cue.SMILE, FAR), None])
def test_drawn_by_parts_looks_as_if_drawn_whole(
    open_display: Open, rotation: Degrees, sequence: list[Guidance | None]
) -> None:
    display = open_display(rotation)
    for value in sequence:
        display.show(told(value))
    by_parts = picture(display)
    display = open_display(rotation)
    display.show(told(sequence[-1]))
    np.testing.assert_array_equal(by_parts, picture(display))


@settings(max_examples=40, deadline=None)
@given(value=GUIDANCE, size=st.sampled_from(((540, 960), (960, 540), (800, 480))))
def test_parts_cover_the_same_area_and_nothing_else(
    value: Guidance | None, size: tuple[int, int]
) -> None:
    canvas = draw(Scene("", AIM), size)
    covered = np.zeros((size[1], size[0]), np.int64)
    for part in PARTS[AIM.state](canvas, told(value)):
        before = pixels(canvas.surface)
        part.draw(canvas)
        changed = (pixels(canvas.surface) != before).any(axis=2)
        x, y, w, h = part.rect
        covered[y : y + h, x : x + w] += 1
        changed[y : y + h, x : x + w] = False
        assert not changed.any()
    panel = canvas.layout.panel
    wanted = np.zeros_like(covered)
    wanted[panel.y : panel.bottom, panel.x : panel.right] = 1
    np.testing.assert_array_equal(covered, wanted)


def test_guidance_leaves_the_live_picture_and_the_rest_alone(open_display: Open) -> None:
    display = open_display()
    display.show(told(guidance(Cue.TURN_LEFT, FAR)))
    stage = display.layout.stage
    display.show_frame(live_frame(stage.w, stage.h), told(guidance(Cue.TURN_LEFT, FAR)))
    before = picture(display)
    display.show(told(guidance(Cue.CHIN_DOWN, NEAR)))
    changed = (picture(display) != before).any(axis=2)
    panel = display.layout.panel
    assert changed[panel.y : panel.bottom, panel.x : panel.right].any()
    changed[panel.y : panel.bottom, panel.x : panel.right] = False
    assert not changed.any()


def test_what_cannot_be_seen_is_not_redrawn(open_display: Open) -> None:
    display = open_display()
    display.show(told(guidance(Cue.TURN_LEFT, FAR)))
    display.canvas.surface.fill((1, 2, 3))
    nearly = tuple(share + 0.02 / STEPS for share in FAR)
    display.show(told(guidance(Cue.TURN_LEFT, nearly)))
    changed = (picture(display) != (1, 2, 3)).any(axis=2)
    assert not changed.any()
    display.show(told(guidance(Cue.TURN_LEFT, (-1.2, *FAR[1:]))))
    assert (picture(display) != (1, 2, 3)).any()


@pytest.mark.parametrize(
    "size", [PORTRAIT, LANDSCAPE, (1280, 720), (800, 480), (480, 800)], ids=str
)
@pytest.mark.parametrize("cue", Cue, ids=lambda cue: cue.name)
def test_every_instruction_fits(cue: Cue, size: tuple[int, int]) -> None:
    for amount in Amount:
        for shares in (FAR, UNKNOWN):
            canvas = draw(Scene("", told(guidance(cue, shares, amount))), size)
            assert canvas.overflows == []


@pytest.mark.parametrize("size", [PORTRAIT, (1280, 720), (480, 800)], ids=str)
@pytest.mark.parametrize("facing", [Facing.CAMERA, Facing.PICTURE_RIGHT])
def test_all_that_is_asked_for_together_fits(facing: Facing, size: tuple[int, int]) -> None:
    for pair in pairs(facing):
        if pair.amount is Amount.A_LITTLE is pair.parts[1].amount:
            told_both = guidance(pair.cue, FAR, pair.amount, also=pair.also)
            assert draw(Scene("", told(told_both)), size).overflows == []


@pytest.mark.parametrize("mirror", [True, False])
def test_a_way_aslant_has_one_arrow_that_points_along_it(*, mirror: bool) -> None:
    for pair in pairs(Facing.CAMERA):
        looks = looks_of(pair, mirror=mirror)
        assert all(look.icon in CUE_ICONS for look in looks)
        sideways = {Cue.MOVE_LEFT, Cue.MOVE_RIGHT}.intersection(pair.cues)
        if not sideways or not {Cue.MOVE_UP, Cue.MOVE_DOWN}.intersection(pair.cues):
            assert len(looks) == 2
            continue
        (look,) = looks
        (x, y), (to_x, to_y) = CUE_ICONS[look.icon][0]
        left_on_screen = (Cue.MOVE_LEFT in sideways) == mirror
        assert (to_x < x) == left_on_screen
        assert (look.place is Place.LEFT) == left_on_screen
        assert (to_y < y) == (Cue.MOVE_UP in pair.cues)
        assert abs(to_x - x) == pytest.approx(abs(to_y - y))


def test_two_arrows_never_lie_over_each_other() -> None:
    pictures = GuidePictures(mirror=True)
    for pair in pairs(Facing.CAMERA):
        looks = looks_of(pair, mirror=True)
        rects = [rect for _, rect in pictures.arrows(looks, pair.amount, (432, 576))]
        assert len(rects) == sum(look.place is not Place.NOWHERE for look in looks)
        for one, other in itertools.combinations(rects, 2):
            apart_x = one.x + one.w <= other.x or other.x + other.w <= one.x
            assert apart_x or one.y + one.h <= other.y or other.y + other.h <= one.y


@pytest.mark.parametrize("cue", Cue, ids=lambda cue: cue.name)
def test_every_cue_has_an_icon(cue: Cue) -> None:
    assert look_of(cue, mirror=True).icon in CUE_ICONS
    assert look_of(cue, mirror=False).icon in CUE_ICONS


@pytest.mark.parametrize("cue", [Cue.TURN_LEFT, Cue.MOVE_LEFT, Cue.TILT_LEFT, Cue.LEAN_LEFT])
@pytest.mark.parametrize("mirror", [True, False])
def test_the_arrow_stands_on_the_side_on_which_the_patient_sees_it(
    open_display: Open,
    cue: Cue,
    mirror: bool,  # noqa: FBT001
) -> None:
    """In a mirror one's left is on the left; in a camera's view on the right."""
    display = open_display(mirror=mirror)
    model = told(None)
    display.show(model)
    stage = display.layout.stage
    frame = live_frame(stage.w, stage.h)
    display.show_frame(frame, model)
    without = picture(display)
    display.show_frame(frame, told(guidance(cue)))
    changed = (picture(display) != without).any(axis=2)
    columns = np.flatnonzero(changed[stage.y : stage.bottom].any(axis=0)) - stage.x
    assert columns.size
    assert (columns.max() < stage.w / 2) == mirror
    assert (columns.min() > stage.w / 2) == (not mirror)


FORWARD = (Cue.MOVE_FORWARD, Cue.LEAN_FORWARD)


@pytest.mark.parametrize("cue", [*FORWARD, Cue.MOVE_BACKWARD, Cue.LEAN_BACKWARD])
@pytest.mark.parametrize("mirror", [True, False])
@pytest.mark.parametrize("yaw", [-90.0, 90.0])
def test_forward_is_where_the_nose_points(
    cue: Cue,
    yaw: float,
    mirror: bool,  # noqa: FBT001
) -> None:
    """With yaw > 0 the nose is on the right of the recorded picture."""
    nose_on_the_right = (yaw > 0) != mirror
    look = look_of(cue, mirror=mirror, view_yaw=yaw)
    assert (look.place is Place.RIGHT) == (nose_on_the_right == (cue in FORWARD))


def test_an_arrow_points_where_it_stands() -> None:
    for cue in Cue:
        look = look_of(cue, mirror=True)
        if look.place in (Place.LEFT, Place.RIGHT):
            shaft = CUE_ICONS[look.icon][0]
            assert (shaft[-1][0] < shaft[0][0]) == (look.place is Place.LEFT)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_the_overlay_is_turned_with_the_panel(open_display: Open, rotation: Degrees) -> None:
    model = replace(told(guidance(Cue.TURN_LEFT, FAR)), drawn=baseline())
    shots = []
    for degrees in (0, rotation):
        display = open_display(degrees)
        display.show(model)
        stage = display.layout.stage
        display.show_frame(live_frame(stage.w, stage.h), model)
        shots.append(picture(display))
    np.testing.assert_array_equal(shots[0], shots[1])


@pytest.mark.parametrize("mirror", [True, False])
def test_the_baseline_lies_where_its_picture_had_it(
    mirror: bool,  # noqa: FBT001
) -> None:
    """A point at a quarter of the height from the left, in a picture that is wider than high."""
    drawn = replace(baseline(), contours=(), landmarks=np.array([[0.25, 0.5]]))
    surface = GuidePictures(mirror=mirror).baseline(drawn, (400, 200), mirror=mirror)
    alpha = np.frombuffer(pygame.image.tobytes(surface, "RGBA"), np.uint8).reshape(200, 400, 4)
    y, x = (float(np.mean(axis)) for axis in np.nonzero(alpha[..., 3]))
    assert y == pytest.approx(100, abs=0.6)
    assert x == pytest.approx(350 if mirror else 50, abs=0.6)


def test_forgetting_wipes_what_is_drawn_of_a_patient(open_display: Open) -> None:
    display = open_display()
    model = replace(AIM, drawn=baseline())
    display.show(model)
    stage = display.layout.stage
    display.show_frame(live_frame(stage.w, stage.h), model)
    kept = list(display.canvas.guides._baselines.values())
    assert kept
    display.forget()
    assert not any(pygame.image.tobytes(surface, "RGBA").strip(b"\0") for surface in kept)
    assert display.canvas.guides._drawn is None


def test_another_baseline_replaces_the_first() -> None:
    guides = GuidePictures(mirror=True)
    first, second = baseline(), baseline()
    surface = guides.baseline(first, (90, 120), mirror=True)
    assert guides.baseline(first, (90, 120), mirror=True) is surface
    assert guides.baseline(second, (90, 120), mirror=True) is not surface
    assert len(guides._baselines) == 1


@given(measure=st.sampled_from(Measure), share=SHARES, mirror=st.booleans())
def test_a_needle_stays_on_its_gauge(
    measure: Measure,
    share: float | None,
    mirror: bool,  # noqa: FBT001
) -> None:
    shown = needle(Reading(measure, share), mirror=mirror)
    assert (shown.step is None) == (share is None)
    assert abs(shown.step or 0) <= SHOWN * STEPS
    assert shown.within == (share is not None and abs(share) <= 1)
    if shown.step and not shown.sided:
        assert shown.step > 0


@pytest.mark.parametrize(
    ("measure", "share", "mirrored", "plain"),
    [
        (Measure.YAW, 2.0, -16, 16),  # nose to the right of the recorded picture
        (Measure.ROLL, 2.0, 16, -16),  # top of the head to its left
        (Measure.PITCH, 2.0, -16, -16),  # chin low
        (Measure.LEAN_ASIDE, 2.0, 16, -16),  # shoulders to its left
        (Measure.SCALE, 2.0, 16, 16),  # too near
        (Measure.POSITION, -9.0, 24, 24),
    ],
)
def test_the_needle_goes_where_the_head_is_seen(
    measure: Measure, share: float, mirrored: int, plain: int
) -> None:
    reading = Reading(measure, share)
    assert needle(reading, mirror=True).step == mirrored
    assert needle(reading, mirror=False).step == plain


@pytest.mark.parametrize("mirror", [True, False])
@pytest.mark.parametrize("yaw", [-90.0, 90.0])
def test_the_needle_of_a_trunk_leans_to_where_the_patient_looks(
    yaw: float,
    mirror: bool,  # noqa: FBT001
) -> None:
    """With yaw > 0 that is the right of the recorded picture, as for the arrow."""
    canvas = draw(Scene("", AIM), PORTRAIT)
    forward = Reading(Measure.LEAN_AHEAD, 2.0)
    shown = needle(forward, mirror=mirror, view_yaw=yaw)
    assert shown.step == (16 if (yaw > 0) != mirror else -16)
    guided = Guidance(Instruction(Cue.LEAN_BACKWARD), (forward,))
    area = canvas.layout.panel.foot(104)
    (part,) = meter_parts(area, guided, mirror=mirror, view_yaw=yaw)
    assert part.key == (shown, False)


def test_within_and_outside_differ_without_colour() -> None:
    """Shapes tell it too: at the same place, in shades of grey, the two needles differ."""
    shots = []
    for share in (1.0, 1.01):
        value = guidance(Cue.HOLD_STILL, (WITHIN[0], share, *WITHIN[2:]))
        canvas = draw(Scene("", told(replace(value, within=False))), PORTRAIT)
        cell = meter_parts(canvas.layout.panel.foot(104), value, mirror=True)[1].rect
        gauge = pixels(canvas.surface)[cell.y + 52 : cell.bottom, cell.x : cell.right]
        shots.append(gauge.mean(axis=2))
    assert (np.abs(shots[0] - shots[1]) > 60).sum() > 150
