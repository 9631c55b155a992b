"""The picture shows the head where the pose says: this is what the pose guide is measured with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from provisioning.demo.patient import atlas
from provisioning.demo.patient.data import Material
from provisioning.demo.patient.head import BEHIND_EYES_M, EXPRESSIONS, Head
from provisioning.demo.patient.light import Lamps
from provisioning.demo.patient.pose import Attitude, Pinhole
from provisioning.demo.patient.render import Renderer, room

Places = npt.NDArray[np.float64]

CAMERA = Pinhole(640, 480, 1250.0)
BOTH = Lamps(left=1.0, right=1.0)
SPOT = 4
"""Half the side of a painted spot, texels: some two pixels in the picture."""


def nose(head: Head) -> int:
    """The vertex at the tip of the nose."""
    return int(np.argmax(head.vertices[:, 2]))


def eye(head: Head, side: int) -> int:
    """A vertex near the outer corner of an eye; side > 0: the one on the viewer's right."""
    return on_skin(head, (side * 0.048, 0.0, BEHIND_EYES_M + 0.005))


def on_skin(head: Head, place: tuple[float, float, float]) -> int:
    """The vertex of the skin that is nearest to a place, metres from the head's origin."""
    skin = np.unique(head.data.vertex_of_corner[head.data.triangles[head.data.materials == 0]])
    return int(skin[np.linalg.norm(head.vertices[skin] - place, axis=1).argmin()])


FLAT = [(0.0, 0.06, 0.1), (0.04, -0.035, 0.08), (-0.04, -0.035, 0.08)]
"""Forehead and both cheeks, where the skin's texture is evenly stretched to all sides."""


def painted(head: Head, vertex: int) -> Head:
    """The head all black, without hair, with a white spot around one vertex."""
    paint = np.zeros_like(head.paint)
    corner = int(np.flatnonzero(head.data.vertex_of_corner == vertex)[0])
    column, row = head.data.atlas_of_corner[corner]
    y, x = np.mgrid[: atlas.SIZE[1], : atlas.SIZE[0]] + 0.5
    paint[np.hypot(x - column, y - row) < SPOT] = 255
    return replace(head, paint=paint, overlay=np.zeros_like(head.overlay))


def middle_of_spot(head: Head, vertex: int, held: Attitude) -> Places:
    """Where the spot is seen: the mean of its pixels' middles by brightness, (2,)."""
    lamps = Lamps(left=0.6, right=0.6)
    spotted = Renderer(painted(head, vertex), CAMERA).picture(held, lamps, None)
    plain = Renderer(replace(painted(head, vertex), paint=np.zeros_like(head.paint)), CAMERA)
    light = spotted[..., 1].astype(float) - plain.picture(held, lamps, None)[..., 1]
    assert light.sum() > 300
    y, x = np.mgrid[: CAMERA.height, : CAMERA.width] + 0.5
    return np.asarray([(x * light).sum() / light.sum(), (y * light).sum() / light.sum()])


def expected(head: Head, vertex: int, held: Attitude) -> Places:
    at = held.placed(head.with_face(held.expression), head.data.rigid)
    return np.asarray(CAMERA.project(at[vertex : vertex + 1])[0])


POSES = [
    Attitude(),
    Attitude(yaw=25.0),
    Attitude(pitch=-20.0, x=0.03),
    Attitude(roll=30.0, y=-0.02, distance=1.2),
    Attitude(10.0, 12.0, -8.0, 0.04, 0.03, 0.9),
]


@pytest.mark.parametrize("held", POSES)
def test_a_point_of_the_head_is_seen_where_it_projects(anna: Head, held: Attitude) -> None:
    for place in FLAT:
        vertex = on_skin(anna, place)
        seen = middle_of_spot(anna, vertex, held)
        assert seen == pytest.approx(expected(anna, vertex, held), abs=0.3)


def test_a_tenth_of_a_pixel_shows(anna: Head) -> None:
    tenth = 0.1 / CAMERA.focal
    seen = [middle_of_spot(anna, nose(anna), Attitude(x=k * tenth, y=k * tenth)) for k in range(6)]
    steps = np.diff(np.array(seen), axis=0)
    assert steps[:, 0] == pytest.approx(0.1, abs=0.05)
    assert steps[:, 1] == pytest.approx(-0.1, abs=0.05)


def test_a_tenth_of_a_degree_shows(anna: Head) -> None:
    seen = [middle_of_spot(anna, nose(anna), Attitude(yaw=0.1 * k)) for k in range(6)]
    wanted = [expected(anna, nose(anna), Attitude(yaw=0.1 * k)) for k in range(6)]
    assert np.diff(seen, axis=0) == pytest.approx(np.diff(wanted, axis=0), abs=0.08)


def test_yaw_turns_the_nose_to_the_right_of_the_picture(anna: Head) -> None:
    assert middle_of_spot(anna, nose(anna), Attitude(yaw=15))[0] > 340
    assert middle_of_spot(anna, nose(anna), Attitude(yaw=-15))[0] < 300


def test_pitch_lowers_the_chin(anna: Head) -> None:
    level = middle_of_spot(anna, nose(anna), Attitude())[1]
    assert middle_of_spot(anna, nose(anna), Attitude(pitch=10))[1] > level + 10
    assert middle_of_spot(anna, nose(anna), Attitude(pitch=-10))[1] < level - 10


def test_roll_tilts_counter_clockwise(anna: Head) -> None:
    right, left = (middle_of_spot(anna, eye(anna, s), Attitude(roll=10)) for s in (1, -1))
    assert right[1] < left[1] - 10


def test_the_origin_lies_between_the_eyes_and_behind_them(anna: Head) -> None:
    centres = [anna.vertices[e].min(axis=0) + anna.vertices[e].max(axis=0) for e in anna.data.eyes]
    assert sum(centres) / 4 == pytest.approx([0, 0, BEHIND_EYES_M], abs=1e-9)
    right, left = centres
    assert right[0] < 0 < left[0], "the patient's right eye is on the viewer's left"


def test_the_truth_is_a_pinholes() -> None:
    held = Attitude(x=0.1, y=0.05, distance=2.0)
    assert CAMERA.origin(held) == pytest.approx((320 + 62.5, 240 - 31.25))
    assert CAMERA.px_per_m(held) == pytest.approx(625.0)


def test_a_head_held_straight_is_its_own_mirror_image(anna: Head) -> None:
    plain = replace(anna, paint=np.full_like(anna.paint, 150), overlay=np.zeros_like(anna.overlay))
    picture = Renderer(plain, CAMERA).picture(Attitude(), BOTH, None).astype(int)
    assert np.abs(picture - picture[:, ::-1]).mean() < 0.5
    turned = Renderer(plain, CAMERA).picture(Attitude(yaw=3), BOTH, None).astype(int)
    assert np.abs(turned - turned[:, ::-1]).mean() > 1.0


def test_turned_to_both_sides_it_mirrors(anna: Head) -> None:
    plain = replace(anna, paint=np.full_like(anna.paint, 150), overlay=np.zeros_like(anna.overlay))
    right, left = (
        Renderer(plain, CAMERA).picture(Attitude(yaw=yaw), BOTH, None).astype(int)
        for yaw in (50, -50)
    )
    assert np.abs(right - left[:, ::-1]).mean() < 0.5


def test_a_dimmed_lamp_darkens_its_side(anna: Head) -> None:
    full, dimmed = (
        Renderer(anna, CAMERA).picture(Attitude(), lamps, None)[180:330, 240:400, 1].astype(float)
        for lamps in (BOTH, Lamps(left=0.2, right=1.0))
    )
    ratio = dimmed.mean(axis=0) / full.mean(axis=0)
    assert ratio[:60].mean() < 0.75
    assert ratio[-60:].mean() > 0.85


def test_outlines_are_smooth(anna: Head) -> None:
    """Between backdrop and hair lie pixels of neither, where ``smooth`` is asked for."""
    dark = replace(anna, paint=np.zeros_like(anna.paint), overlay=np.zeros_like(anna.overlay))
    empty = room(CAMERA, BOTH).astype(int)

    def between(*, smooth: bool) -> int:
        picture = Renderer(dark, CAMERA, smooth=smooth).picture(Attitude(), BOTH, None)[60:200]
        share = picture[..., 1] / empty[60:200, :, 1]
        return int(((share > 0.5) & (share < 0.9)).sum())

    assert between(smooth=True) > 5 * between(smooth=False)


def test_noise_is_mild_and_repeatable(anna: Head) -> None:
    camera = Pinhole(240, 180, 470.0)
    clean = Renderer(anna, camera).picture(Attitude(), seed=None).astype(int)
    first, again, other = (
        Renderer(anna, camera).picture(Attitude(), seed=seed).astype(int) for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert not (first == other).all()
    assert 0.8 < (first - clean).std() < 1.6


@pytest.mark.parametrize("name", sorted(EXPRESSIONS))
def test_each_expression_shows_and_leaves_the_head_where_it_is(anna: Head, name: str) -> None:
    rest, made = (
        Renderer(anna, CAMERA).picture(Attitude(expression={name: s}), None, None).astype(int)
        for s in (0.0, 1.0)
    )
    changed = np.abs(made - rest).max(axis=2) > 12
    assert changed.sum() > 150
    rows, _ = np.nonzero(changed)
    assert rows.min() > 150, "the skull does not move"


def test_closed_eyes_hide_the_eyeballs(anna: Head) -> None:
    """With eyes painted white alone, nothing white is left."""
    paint = np.zeros_like(anna.paint)
    left, top, width, height = atlas.Patch.EYE.box
    paint[top : top + height, left : left + width] = 255
    plain = replace(anna, paint=paint, overlay=np.zeros_like(anna.overlay))
    opened, closed = (
        Renderer(plain, CAMERA).picture(Attitude(expression={"eyes_closed": s}), None, None)
        for s in (0.0, 1.0)
    )
    inside = np.s_[225:255, 260:380]
    assert (opened[inside] > 120).sum() > 300
    assert (closed[inside] > 120).sum() < 30


def test_the_shoulders_keep_level_when_the_head_nods(anna: Head) -> None:
    gown = np.unique(
        anna.data.vertex_of_corner[anna.data.triangles[anna.data.materials == Material.GOWN]]
    )
    level, nodded = (
        Attitude(pitch=pitch).placed(anna.vertices, anna.data.rigid)[gown] for pitch in (0.0, 30.0)
    )
    moved = nodded - level
    assert np.ptp(moved, axis=0) == pytest.approx(0.0, abs=0.01)
