from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from kiosk.errors import ConfigError
from kiosk.records.protocols import load_protocol
from provisioning.demo.patient.pose import Attitude
from provisioning.demo.patient.seat import attitude_for
from provisioning.demo.portraits import SIZE, write_portraits

VIEWS = {view.id: view for view in load_protocol("face_5").views}


def test_a_portrait_is_written_for_each_view_under_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    views = [VIEWS["frontal_rest"], VIEWS["profile_left"]]
    written = write_portraits(folder, views)
    assert [path.name for path in written] == ["frontal_rest.png", "profile_left.png"]
    front, profile = (cv2.imread(str(path)) for path in written)
    assert front is not None
    assert profile is not None
    assert front.shape == profile.shape == (SIZE[1], SIZE[0], 3)
    assert cv2.absdiff(front, profile).mean() > 5


@pytest.mark.parametrize(
    ("view", "yaw"),
    [("frontal_rest", 0.0), ("profile_left", -90.0), ("oblique_right", 45.0)],
)
def test_the_head_is_held_as_the_view_asks(view: str, yaw: float) -> None:
    assert attitude_for(VIEWS[view]).yaw == yaw


def test_a_view_without_a_pose_is_frontal() -> None:
    body = load_protocol("lips").views
    posed = [view for view in body if view.pose is None]
    for view in posed:
        held = attitude_for(view)
        assert (held.yaw, held.pitch, held.roll) == (0.0, 0.0, 0.0)
    assert attitude_for(VIEWS["frontal_rest"]) != Attitude()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ConfigError, match=r"frontal_rest\.png: expected to write a portrait here"):
        write_portraits(tmp_path / "taken", [VIEWS["frontal_rest"]])
