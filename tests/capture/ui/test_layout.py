from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from kiosk.capture.flow.service import LIT
from kiosk.capture.ui.layout import TOUCH, Layout, Rect, make_layout
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.widgets import Button
from kiosk.capture.ui.wording import ENGLISH
from kiosk.capture.workflow import State
from tests.golden.scenes import Scene, scenes

SIZES = [(1080, 1920), (1920, 1080), (800, 480), (480, 800), (1280, 720), (720, 1280), (1024, 600)]
SCENES = {scene.name: scene for scene in scenes()}


def inside(inner: Rect, outer: Rect) -> bool:
    return (
        inner.x >= outer.x
        and inner.y >= outer.y
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def overlap(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_areas_lie_on_the_canvas_and_apart(size: tuple[int, int]) -> None:
    layout = make_layout(size)
    whole = Rect(0, 0, *size)
    areas = [layout.status, layout.strip, layout.stage, layout.panel, layout.actions]
    for area in areas:
        assert inside(area, whole)
        assert area.w > 0
        assert area.h > 0
    assert not [pair for pair in combinations(areas, 2) if overlap(*pair)]
    assert not overlap(layout.wide_strip, layout.status)
    assert inside(layout.content_actions, layout.content)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_stage_has_three_to_four_and_even_sides(size: tuple[int, int]) -> None:
    stage = make_layout(size).stage
    assert stage.w % 2 == 0
    assert stage.h % 2 == 0
    assert abs(stage.h * 3 - stage.w * 4) <= 6


def buttons(layout: Layout, scene: Scene) -> tuple[Button, ...]:
    return SCREENS[scene.model.state].buttons(layout, ENGLISH, scene.model)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", SCENES)
def test_buttons_are_large_apart_and_clear_of_the_live_picture(
    size: tuple[int, int], name: str
) -> None:
    layout = make_layout(size)
    found = buttons(layout, SCENES[name])
    for button in found:
        assert inside(button.rect, Rect(0, 0, *size))
        assert min(button.rect.w, button.rect.h) >= round(TOUCH * layout.unit)
        if SCREENS[SCENES[name].model.state].frame.stage:
            assert not overlap(button.rect, layout.stage)
    assert not [pair for pair in combinations([b.rect for b in found], 2) if overlap(*pair)]


@pytest.mark.parametrize("name", SCENES)
def test_one_obvious_action_at_most(name: str) -> None:
    found = buttons(make_layout((1080, 1920)), SCENES[name])
    obvious = [b for b in found if b.kind.name == "PRIMARY"]
    state = SCENES[name].model.state
    waiting = SCREENS[state].frame.square or state in (
        *(State.CHECKING, State.OPENING, State.ENROL_ASKING),
        *(State.AIM, State.CAPTURED, State.SAVING, State.CONSENT_SAVING),
        # What is withdrawn is nobody's suggestion.
        State.WITHDRAW,
    )
    # Beside the square there is the one other way; and where another server answers, none is.
    waiting = (waiting and state not in (State.ENROL, *LIT)) or name in (
        "consent_opening",
        "enrol_identity",
    )
    assert len(obvious) == (0 if waiting else 1)


def test_columns_and_rows_fill_the_room() -> None:
    room = Rect(10, 20, 101, 57)
    columns = room.columns((1, 2, 1), 5)
    assert (columns[0].x, columns[-1].right) == (room.x, room.right)
    assert [b.x - a.right for a, b in pairwise(columns)] == [5, 5]
    rows = room.rows(4, 3)
    assert (rows[0].y, rows[-1].bottom) == (room.y, room.bottom)
