"""One picture's way from the sensor into the spool, with real files and a real seal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk import moment
from kiosk.capture.author import Author
from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.capture.hardware.lights import SimulatedLights
from kiosk.capture.picture.jpeg import Encoding
from kiosk.capture.record import ShotOrder
from kiosk.capture.studio import Devices, Look, Studio, Tools
from kiosk.durable import Counter
from kiosk.envelope.bundle import AuditAnchor
from kiosk.envelope.container import Shot, read_shot
from kiosk.envelope.recipients import generate_identity
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import ContainerError, FrameRefused, StorageFailed, StorageFull
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout
from kiosk.records.protocols import load_protocol
from kiosk.records.shot import mint_uid
from kiosk.spool import Spool
from tests.envelope.samples import CONSENT, OPERATOR

ASKED = CameraSettings(20_000, 1.0, (2.0, 1.5))
OTHER = CameraSettings(10_000, 1.0, (2.0, 1.5))
SETTLE_NS, MATCH_NS = 150_000_000, 50_000_000
IDENTITY = generate_identity()
KEY = SigningKey.generate()
ANCHOR = AuditAnchor(entries=7, head="a" * 64)


@dataclass
class ScriptedCamera:
    """Gives the frames that the test wants, and remembers what it was asked."""

    settings: list[CameraSettings | None] = field(default_factory=lambda: [ASKED])
    asked_after: list[int] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    identity = CameraIdentity("imx477", "0001", "picamera2")
    still_size = (640, 480)
    still_layout = PixelLayout.I420

    def start(self) -> None: ...
    def restart(self) -> None: ...
    def close(self) -> None: ...
    def apply(self, settings: CameraSettings) -> None: ...

    def preview(self) -> Frame | None:
        return None

    def capture(self, after_ns: int) -> Frame:
        self.asked_after.append(after_ns)
        pixels = np.full((720, 640), 90, dtype=np.uint8)
        applied = self.settings.pop(0) if len(self.settings) > 1 else self.settings[0]
        frame = Frame(pixels, PixelLayout.I420, 640, 480, FrameMetadata(after_ns + 5, applied))
        self.frames.append(frame)
        return frame


@dataclass
class Room:
    """A studio with everything around it that a test looks at."""

    studio: Studio
    camera: ScriptedCamera
    lights: SimulatedLights
    spool: Spool
    root: Path

    def order(self, pressed_ns: int = 0) -> ShotOrder:
        view = load_protocol("face_5").views[0]
        return ShotOrder(
            patient="P-4711",
            operator=OPERATOR,
            consent=CONSENT,
            protocol="face_5",
            view=view,
            session_uid=mint_uid(),
            study_uid=mint_uid(),
            image_uid=mint_uid(),
            pressed_ns=pressed_ns,
        )

    def opened(self) -> list[Shot]:
        found = []
        for entry in self.spool.entries():
            with self.spool.open(entry.name) as source:
                found.append(read_shot(open_sealed(source, [IDENTITY])))
        return found


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    spool_root = tmp_path / "spool"
    spool_root.mkdir()
    counter = Counter(tmp_path / "sequence")
    counter.create()
    camera, lights, spool = ScriptedCamera(), SimulatedLights(), Spool(spool_root, 0)
    author = Author(
        "room-2", "Lakeside Clinic", KEY, [IDENTITY.recipient()], counter, lambda: ANCHOR
    )
    look = Look(lambda: ASKED, 0.8, SETTLE_NS, MATCH_NS, Encoding(95, "4:4:4", 90))
    with ThreadPoolExecutor(2) as pool:
        tools = Tools(pool, moment.now, lambda _frame, _view: None)
        studio = Studio(Devices(camera, lights, spool), look, author, tools)
        yield Room(studio, camera, lights, spool, spool_root)


def nothing(frame: Frame) -> None:
    assert frame.width == 640


def test_a_kept_picture_arrives_whole_signed_and_described(room: Room) -> None:
    room.studio.light()
    room.studio.take(room.order(), nothing)
    room.studio.seal()
    (shot,) = room.opened()
    shot.verify([KEY.public_key()])
    assert shot.manifest.sequence == 1
    assert shot.record.operator == OPERATOR
    assert shot.record.consent == shot.manifest.consent == CONSENT
    assert shot.manifest.audit == ANCHOR
    assert shot.record.patient.id == "P-4711"
    assert shot.record.patient.issuer == "Lakeside Clinic"
    assert shot.record.light_level == 0.8
    assert shot.record.applied == shot.record.asked
    assert shot.record.view.id == load_protocol("face_5").views[0].id
    picture = Image.open(io.BytesIO(shot.image))
    assert picture.size == (480, 640) == (shot.record.image.width, shot.record.image.height)
    assert "icc_profile" in picture.info
    assert abs(float(np.asarray(picture.convert("L")).mean()) - 90) < 12


def test_the_frame_was_exposed_after_the_press_and_after_the_lamps_settled(room: Room) -> None:
    lit_after = moment.now().monotonic_ns
    room.studio.light()
    lit_by = moment.now().monotonic_ns
    room.studio.take(room.order(pressed_ns=0), nothing)
    assert lit_after + SETTLE_NS <= room.camera.asked_after[0] <= lit_by + SETTLE_NS
    late = lit_by + 10**12
    room.studio.take(room.order(pressed_ns=late), nothing)
    assert room.camera.asked_after[1] == late


def test_frames_of_old_settings_are_passed_over_and_wiped(room: Room) -> None:
    room.camera.settings = [OTHER, OTHER, ASKED]
    room.studio.take(room.order(), nothing)
    room.studio.seal()
    assert room.opened()[0].record.applied == room.opened()[0].record.asked
    assert all(not frame.pixels.any() for frame in room.camera.frames)


def test_settings_that_never_come_refuse_the_picture(room: Room) -> None:
    room.camera.settings = [OTHER]
    with pytest.raises(FrameRefused, match="exposure"):
        room.studio.take(room.order(), nothing)
    with pytest.raises(ContainerError, match="no picture to save"):
        room.studio.seal()
    assert room.spool.count() == 0


def test_a_full_spool_refuses_before_the_picture_is_taken(room: Room) -> None:
    full = Spool(room.root, 1 << 60)
    counter = Counter(room.root.parent / "another")
    counter.create()
    studio = Studio(
        Devices(room.camera, room.lights, full),
        Look(lambda: ASKED, 0.8, 0, 0, Encoding(95, "4:4:4", 0)),
        Author("room-2", "Lakeside Clinic", KEY, [IDENTITY.recipient()], counter),
        Tools(ThreadPoolExecutor(1), moment.now, lambda _frame, _view: None),
    )
    with pytest.raises(StorageFull):
        studio.take(room.order(), nothing)
    assert room.camera.asked_after == []


def test_a_failed_save_keeps_the_picture_and_its_number(room: Room) -> None:
    room.studio.take(room.order(), nothing)
    room.root.rename(room.root.with_name("gone"))
    with pytest.raises(StorageFailed):
        room.studio.seal()
    room.root.with_name("gone").rename(room.root)
    room.studio.seal()
    (shot,) = room.opened()
    assert shot.manifest.sequence == 1


def test_numbers_count_what_was_kept(room: Room) -> None:
    for keep in (True, False, True):
        room.studio.take(room.order(), nothing)
        if keep:
            room.studio.seal()
        else:
            room.studio.drop()
    assert sorted(shot.manifest.sequence for shot in room.opened()) == [1, 2]


def test_nothing_of_a_picture_stays_in_memory(room: Room) -> None:
    room.studio.take(room.order(), nothing)
    kept = room.studio._held
    assert kept is not None
    assert any(kept.image)
    room.studio.seal()
    assert not any(kept.image)
    assert all(not frame.pixels.any() for frame in room.camera.frames)


def test_the_frame_is_wiped_even_when_it_cannot_be_encoded(room: Room) -> None:
    def refuse(_frame: Frame) -> None:
        raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        room.studio.take(room.order(), refuse)
    assert not room.camera.frames[0].pixels.any()


def test_a_camera_that_cannot_tell_its_settings_is_recorded_as_such(room: Room) -> None:
    room.camera.settings = [None]
    room.studio.take(room.order(), nothing)
    room.studio.seal()
    assert room.opened()[0].record.applied is None
