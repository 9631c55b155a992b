"""``kiosk guide measure``: the table for a folder of faces, and what is said of a bad one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import pytest

from kiosk import cli
from provisioning.demo.patient.pose import Attitude
from tests.capture.pose.scenes import CAMERA, Draw

GOOD: dict[str, Any] = {
    "file": "anna_rep0.png",
    "set": "micro_front",
    "id": "anna",
    "yaw": 0.0,
    "pitch": 0.0,
    "roll": 0.0,
    "origin_px": [320.0, 240.0],
    "px_per_m": 1250.0,
    "f": 1250.0,
}


def written(folder: Path, *images: dict[str, Any]) -> Path:
    path = folder / "truth.json"
    path.write_text(json.dumps({"images": images}), encoding="utf-8")
    return path


def measure(path: Path) -> int:
    return cli.main(["guide", "measure", str(path)])


def drawn(folder: Path, draw: Draw, name: str, held: Attitude, seed: int = 0) -> dict[str, Any]:
    cv2.imwrite(str(folder / name), draw("anna", held, seed=seed))
    return {**GOOD, "file": name, "yaw": held.yaw, "roll": held.roll}


def test_a_follow_up_is_measured_against_its_baseline(
    tmp_path: Path, draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = [
        drawn(tmp_path, draw, "anna_rep0.png", Attitude()),
        drawn(tmp_path, draw, "anna_1.png", Attitude(yaw=3.0, roll=-2.0), seed=1),
    ]
    assert CAMERA.focal_px == GOOD["f"]
    assert measure(written(tmp_path, *faces)) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "frontal" in line)
    errors = [float(word) for word in row.split() if "." in word][:3]
    assert len(errors) == 3
    assert max(errors) < 1.0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "truncated"),
        ('{"images": []}', "length >= 1"),
        (json.dumps({"images": [GOOD, {**GOOD, "f": 0}]}), "> 0.0 - at `$.images[1].f`"),
        (json.dumps({"images": [{**GOOD, "px_per_m": -1}]}), "> 0.0 - at `$.images[0].px_per_m`"),
        (json.dumps({"images": [{**GOOD, "yaw": 1e9}]}), "<= 360.0 - at `$.images[0].yaw`"),
    ],
)
def test_a_bad_description_is_one_sentence_with_its_place(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "truth.json"
    path.write_text(content, encoding="utf-8")
    assert measure(path) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(path) in line
    assert said in line


def test_follow_ups_without_a_baseline_are_told(
    tmp_path: Path, draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measure(written(tmp_path, drawn(tmp_path, draw, "anna_1.png", Attitude()))) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "set micro_front, head anna: expected a baseline" in last
    assert str(tmp_path) in last


def test_a_picture_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measure(written(tmp_path, GOOD)) == 2
    assert f"{tmp_path / 'anna_rep0.png'}: expected a picture here" in capsys.readouterr().err
