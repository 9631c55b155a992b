"""A patient guided through a first visit and a follow-up; what arrives says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from kiosk.capture.pose.descriptor import LARGEST, read
from kiosk.records.protocols import load_protocol
from kiosk.records.shot import ShotRecord
from provisioning.demo.clinic import PROTOCOL
from tests.end_to_end.conftest import ROOT, Practice

pytestmark = pytest.mark.timeout(300)

TAKEN = 2
"""Views of each visit."""

VIEWS = [view.id for view in load_protocol(PROTOCOL).views][:TAKEN]


@pytest.fixture(scope="module")
def folder(practice: Practice) -> Path:
    """Play both visits, and open what was sealed as the clinic does."""
    script = Path(__file__).with_name("visits.py")
    done = subprocess.run(
        [sys.executable, str(script), str(practice.clinic.config)],
        input=practice.told(),
        capture_output=True,
        text=True,
        cwd=practice.root,
        env=practice.environment(),
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert practice.patient not in done.stdout + done.stderr
    clinic = practice.clinic
    words = [*map(str, sorted(clinic.spool.glob("*.age"))), "-i", str(clinic.keys.archive)]
    words += ["-o", str(clinic.opened), "--stations", str(clinic.stations)]
    command = [sys.executable, "-m", "kiosk.cli", "clinic", "open", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return clinic.opened


@pytest.fixture(scope="module")
def shots(folder: Path) -> list[tuple[ShotRecord, Path]]:
    """The records in the order in which they were taken, and where each poses lies."""
    paths = sorted(folder.rglob("*.shot.json"), key=lambda path: path.name)
    return [
        (
            msgspec.json.decode(path.read_bytes(), type=ShotRecord),
            path.with_name(path.name.replace(".shot.json", ".pose.bin")),
        )
        for path in paths
    ]


def test_both_visits_took_their_views(shots: list[tuple[ShotRecord, Path]]) -> None:
    assert [record.view.id for record, _ in shots] == VIEWS * 2
    assert len({record.uids.session for record, _ in shots}) == 2


@pytest.mark.parametrize("number", range(TAKEN))
def test_the_second_picture_of_a_view_follows_the_first(
    shots: list[tuple[ShotRecord, Path]], number: int
) -> None:
    (first, _), (second, _) = shots[number], shots[number + TAKEN]
    assert first.series is not None
    assert (first.series.role, first.series.baseline) == ("baseline", None)
    assert first.match is not None
    assert first.match.against == "view"
    assert second.series is not None
    assert (second.series.role, second.series.baseline) == ("follow-up", first.uids.image)
    assert second.match is not None
    assert second.match.against == "baseline"
    assert second.match.residual_px is not None


def test_a_frontal_follow_up_was_guided_to_within_tolerance(
    shots: list[tuple[ShotRecord, Path]],
) -> None:
    view, match = load_protocol(PROTOCOL).views[0], shots[TAKEN][0].match
    assert match is not None
    assert match.within_tolerance is not None
    assert match.yaw_deg is not None
    # The patient goes on swaying between the last live picture and the shot.
    assert abs(match.yaw_deg) < 2 * view.tolerance.yaw


@pytest.mark.parametrize("number", range(2 * TAKEN))
def test_each_picture_came_with_its_pose(shots: list[tuple[ShotRecord, Path]], number: int) -> None:
    record, path = shots[number]
    pose = path.read_bytes()
    assert len(pose) <= LARGEST
    assert read(pose).method == ("profile" if record.view.id.startswith("profile") else "face")
