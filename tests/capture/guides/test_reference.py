"""Reference lines: where they lie, what they mean in millimetres, and how they differ."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from kiosk.capture.guides.overlay import draw_guide
from kiosk.capture.guides.reference import reference_lines
from kiosk.capture.guides.silhouette import Box, Field, Line, Silhouette, lines, load_silhouette
from kiosk.records.protocols import load_library

BOX = Box(0, 0, 900, 1200)


def pieces(
    name: str, part: str, *, box: Box = BOX, mirror: bool = False, field: Field | None = None
) -> list[Line]:
    drawn = reference_lines(load_silhouette(name), box, mirror=mirror, field=field)
    return [line for line in drawn if line.part == part]


LINES = {
    "frontal": {"eye", "centre", "frankfort", "chin", "hairline"},
    "oblique_left": {"eye", "centre", "frankfort", "chin", "hairline"},
    "profile_right": {"eye", "frankfort", "chin", "hairline"},
    # Head back or bowed: the Frankfort plane is not level there.
    "basal": {"eye", "centre", "chin"},
    "birds_eye": {"eye", "centre", "chin"},
    "body_front": {"centre"},
    "body_lateral_left": set(),
}


@pytest.mark.parametrize("name", LINES)
def test_each_view_has_the_lines_that_make_sense(name: str) -> None:
    drawn = reference_lines(load_silhouette(name), BOX, mirror=False)
    assert {line.part for line in drawn} == LINES[name]


@pytest.mark.parametrize("name", ["frontal", "oblique_right", "profile_right"])
def test_the_frankfort_line_is_level_between_orbit_and_ear_canal(name: str) -> None:
    """Below the pupil by the height of half an orbit, and within the height of the ear."""
    silhouette = load_silhouette(name)
    ear = np.vstack([s.points for s in silhouette.strokes if s.part == "ear"])
    assert silhouette.frankfort_line is not None
    assert silhouette.eye_line is not None
    below_mm = (silhouette.frankfort_line - silhouette.eye_line) * silhouette.height_mm
    assert 12 < below_mm < 25
    top, bottom = ear[:, 1].min(), ear[:, 1].max()
    assert top + 0.3 * (bottom - top) < silhouette.frankfort_line < top + 0.7 * (bottom - top)
    for piece in pieces(name, "frankfort"):
        np.testing.assert_allclose(piece.points[:, 1], 1200 * silhouette.frankfort_line)


@pytest.mark.parametrize("name", ["frontal", "oblique_right", "profile_right", "basal"])
def test_chin_and_hairline_lie_on_the_outline(name: str) -> None:
    silhouette = load_silhouette(name)
    outline = np.vstack([line.points for line in lines(silhouette, BOX, mirror=False)])
    assert silhouette.chin_mark is not None
    distance = np.linalg.norm(outline - np.array(silhouette.chin_mark) * (900, 1200), axis=1).min()
    assert distance < 5
    if silhouette.hairline_mark is not None:
        inside = outline[:, 0].min(), outline[:, 0].max()
        assert inside[0] < silhouette.hairline_mark[0] * 900 < inside[1]
        # Between the crown and the eyes, in the upper third of the face.
        assert outline[:, 1].min() < silhouette.hairline_mark[1] * 1200 < 0.3 * 1200


@pytest.mark.parametrize("name", ["frontal", "oblique_left", "profile_right", "body_front"])
@pytest.mark.parametrize("field", [None, Field(500.0, measured=True)])
def test_lines_in_a_mirror_are_the_lines_mirrored(name: str, field: Field | None) -> None:
    silhouette = load_silhouette(name)
    plain = reference_lines(silhouette, BOX, mirror=False, field=field)
    mirrored = reference_lines(silhouette, BOX, mirror=True, field=field)

    def ends(drawn: tuple[Line, ...], *, flipped: bool) -> list[tuple[object, ...]]:
        found = []
        for line in drawn:
            points = line.points * (-1, 1) + (900, 0) if flipped else line.points
            found.append((line.part, *np.sort(points, axis=0).round(6).ravel().tolist()))
        return sorted(found, key=str)

    assert ends(plain, flipped=True) == ends(mirrored, flipped=False)


@pytest.mark.parametrize("field_mm", [300.0, 360.0, 500.0])
@pytest.mark.parametrize("name", ["frontal", "profile_left", "lips", "body_front"])
def test_where_measured_a_dash_is_10_mm_and_ticks_stand_every_50(
    name: str, field_mm: float
) -> None:
    per_mm = BOX.height / field_mm
    field = Field(field_mm, measured=True)
    part, along = ("centre", 1) if load_silhouette(name).eye_line is None else ("eye", 0)
    spans = sorted(tuple(np.sort(p.points[:, along])) for p in pieces(name, part, field=field))
    lengths = [(b - a) / per_mm for a, b in spans]
    gaps = [(b - a) / per_mm for (_, a), (b, _) in pairwise(spans)]
    # Two dashes meet where the lines cross; the last one may be cut by the frame.
    assert max(lengths) == pytest.approx(10.0, abs=1e-6)
    assert sum(abs(length - 10.0) < 1e-6 for length in lengths) >= len(lengths) - 2
    assert all(abs(gap - 10.0) < 1e-6 or abs(gap) < 1e-6 for gap in gaps)
    ticks = [p.points for p in pieces(name, "tick", field=field)]
    across = sorted(t[0, along] for t in ticks if t[0, along] == t[1, along])
    steps = np.diff(across) / per_mm
    assert len(across) >= 1
    assert all(min(abs(step - 50.0), abs(step - 100.0)) < 1e-6 for step in steps)


def test_without_calibration_there_is_no_ruler() -> None:
    """A ruler that nobody calibrated would lie."""
    assert pieces("frontal", "tick", field=None) == []
    assert pieces("frontal", "tick", field=Field(360.0, measured=False)) == []
    assert pieces("frontal", "tick", field=Field(360.0, measured=True)) != []


def test_dash_and_dot_tells_the_frankfort_line_from_the_eye_line() -> None:
    def lengths(part: str) -> set[int]:
        return {round(np.ptp(p.points[:, 0])) for p in pieces("frontal", part)}

    # Long and short in turn against dashes of one length; the frame cuts the outermost.
    assert max(lengths("frankfort")) > 1.5 * max(lengths("eye"))
    assert min(lengths("frankfort")) < 0.5 * max(lengths("eye"))


def test_the_ruler_is_drawn() -> None:
    head = load_silhouette("frontal")
    plain, ruled = (
        draw_guide(head, (900, 1200), mirror=False, field=Field(360.0, measured=measured))
        for measured in (False, True)
    )
    (tick, *_) = pieces("frontal", "tick", field=Field(360.0, measured=True))
    x, y = tick.points[0].round().astype(int)
    # Off the dashes, at a tick's end.
    assert ruled[y + 1, x, 3] > 100
    assert plain[y + 1, x, 3] == 0


def test_a_line_that_a_view_has_not_is_not_drawn() -> None:
    head = load_silhouette("frontal")
    bare = Silhouette(height_mm=360.0, strokes=head.strokes)
    assert reference_lines(bare, BOX, mirror=False, field=Field(360.0, measured=True)) == ()


def test_every_view_of_the_face_that_is_level_has_its_frankfort_line() -> None:
    for view in load_library().views.values():
        level = view.method in ("face", "profile") and view.pose is not None and not view.pose.pitch
        assert (load_silhouette(view.silhouette).frankfort_line is not None) == level, view.id
