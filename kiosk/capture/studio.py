"""Takes, keeps and seals one picture at a time; runs on the worker's thread.

From the sensor to the spool the picture exists in memory only, and is overwritten as soon as it
is not needed: the frame once it is a JPEG, the JPEG once it is sealed or dropped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from kiosk.capture.author import SOFTWARE, Author
from kiosk.capture.guiding.shots import ShotPose, match_record
from kiosk.capture.hardware.interfaces import Camera, Lights
from kiosk.capture.hardware.settings_check import capture_matching
from kiosk.capture.picture import colour, exif, jpeg, planes
from kiosk.capture.picture.jpeg import Encoding
from kiosk.capture.record import Circumstances, ShotOrder, build, device_record, moved
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.container import IMAGE, POSE, RECORD, write_shot
from kiosk.envelope.seal import SealingWriter
from kiosk.errors import ContainerError
from kiosk.model import CameraSettings, Frame, Moment
from kiosk.records.protocols import View
from kiosk.records.shot import ImageRecord, Instant, ShotRecord
from kiosk.spool import Spool

PoseOf = Callable[[Frame, View], ShotPose | None]
"""Measures how the patient is held in a shot of a view; None where the station cannot judge it."""


@dataclass(frozen=True, slots=True)
class Look:
    """What every picture of this station is taken with.

    Attributes:
        settings: gives what the camera is asked for, which a calibration may have changed.
        light_level: 0 to 1.
        settle_ns: how long lamps need to come to their level, nanoseconds.
        match_ns: how long frames with other settings are passed over, nanoseconds.
        encoding: how the picture is written.
        mm_per_px: size of a pixel of it at the subject plane; None where that was not measured.
    """

    settings: Callable[[], CameraSettings]
    light_level: float
    settle_ns: int
    match_ns: int
    encoding: Encoding
    mm_per_px: float | None = None


@dataclass(frozen=True, slots=True)
class Devices:
    camera: Camera
    lights: Lights
    spool: Spool


@dataclass(frozen=True, slots=True, eq=False)
class Sealed:
    """What was sealed: the object's name in the spool, the record, the pose descriptor."""

    name: str
    record: ShotRecord
    pose: bytes | None


@dataclass(frozen=True, slots=True)
class Tools:
    """What a studio works with: threads that write JPEGs, the clocks, who measures the pose."""

    pool: Executor
    now: Callable[[], Moment]
    pose_of: PoseOf


class _Held:
    """The one picture in memory, from the press of the pedal until it is sealed or dropped."""

    def __init__(self, record: ShotRecord, image: bytearray, pose: bytes | None) -> None:
        self.record = record
        self.image = image
        self.pose = pose
        self.sequence: int | None = None

    def wipe(self) -> None:
        np.frombuffer(self.image, dtype=np.uint8).fill(0)


class Studio:
    """One picture's way from the sensor to the spool.

    ``take`` and ``seal`` are the two halves, with the operator's decision between them.
    """

    def __init__(
        self,
        devices: Devices,
        look: Look,
        author: Author,
        tools: Tools,
    ) -> None:
        self._camera, self._lights, self._spool = devices.camera, devices.lights, devices.spool
        self._look = look
        self._author = author
        self._pool, self._now, self._pose_of = tools.pool, tools.now, tools.pose_of
        self._lit_ns: int | None = None
        self._held: _Held | None = None

    @property
    def held(self) -> str | None:
        """``uids.image`` of the picture that is kept in memory; None where there is none."""
        return None if self._held is None else self._held.record.uids.image

    def require_room(self) -> None:
        """Make sure that the next picture can be numbered and stored.

        Raises:
            StorageError: full, read-only or broken; or the counter of shots cannot be read.
        """
        self._author.sequence.require()
        width, height = self._camera.still_size
        # Of pure noise at quality 100 a JPEG needs 1.4 bytes for each of its three samples.
        self._spool.require_room(width * height * 5)

    def light(self) -> None:
        """Switch the lamps on.

        Raises:
            LightError: they cannot be driven.
        """
        if self._lit_ns is None:
            self._lights.set(self._look.light_level)
            self._lit_ns = self._now().monotonic_ns

    def darken(self) -> None:
        """Switch the lamps off.

        Raises:
            LightError: they cannot be driven.
        """
        self._lit_ns = None
        self._lights.set(0.0)

    def take(self, order: ShotOrder, show: Callable[[Frame], None]) -> ShotPose | None:
        """Take the picture, keep it, encoded, and measure the pose.

        The frame's exposure began after the pedal was pressed and after the lamps had settled,
        with the settings asked for.

        Args:
            order: who and what.
            show: is given the frame, to be looked at before it is encoded and wiped.

        Returns:
            How the patient was held; None where the station cannot judge the view.

        Raises:
            StorageError: there would be no room for it; nothing was taken.
            FrameRefused: the camera did not apply what was asked.
            CameraError: no frame.
        """
        self.drop()
        self.require_room()
        after_ns = order.pressed_ns
        if self._lit_ns is not None:
            after_ns = max(after_ns, self._lit_ns + self._look.settle_ns)
        look = self._look
        asked = look.settings()
        frame = capture_matching(self._camera, asked, after_ns, timeout_ns=look.match_ns)
        try:
            show(frame)
            pose = self._pose_of(frame, order.view)
            self._held = self._encoded(order, frame, asked, pose)
        finally:
            frame.wipe()
        return pose

    def seal(self) -> Sealed:
        """Seal the kept picture into the spool; when this returns it is durable.

        Returns:
            What was sealed.

        Raises:
            StorageError: it was not stored; the picture is still kept.
            EnvelopeError: it could not be sealed; the picture is still kept.
        """
        held = self._held
        if held is None:
            raise ContainerError("There is no picture to save; take it again.")
        if held.sequence is None:
            held.sequence = self._author.sequence.next()
        head = self._author.head(held.sequence, Instant.of(self._now()), held.record.consent)
        parts: list[tuple[str, bytes | bytearray]] = [
            (IMAGE, held.image),
            (RECORD, encode_record(held.record)),
        ]
        if held.pose is not None:
            parts.append((POSE, held.pose))
        recipients = self._author.recipients
        # The seal is finished before the spool makes it durable: the inner block ends first.
        with self._spool.put() as writer, SealingWriter(writer.write, recipients) as sealed:
            write_shot(sealed.write, parts, head, self._author.key, self._author.anchor())
        self.drop()
        return Sealed(writer.name, held.record, held.pose)

    def drop(self) -> None:
        """Overwrite and forget the kept picture, if there is one."""
        if self._held is not None:
            self._held.wipe()
            self._held = None

    def _encoded(
        self, order: ShotOrder, frame: Frame, asked: CameraSettings, pose: ShotPose | None
    ) -> _Held:
        applied = frame.metadata.settings
        captured_at = moved(self._now(), frame.metadata.exposed_from_ns)
        identity = self._camera.identity
        taken_at = f"{captured_at.wall[:19]}{captured_at.wall[-6:]}"
        segments = (
            exif.segment(exif.Capture(identity.model, SOFTWARE, taken_at, applied)),
            colour.segment(),
        )
        encoding = self._look.encoding
        image = jpeg.encode(frame, encoding, self._pool, segments)
        width, height = planes.upright_size(frame, encoding.rotation)
        circumstances = Circumstances(
            captured_at=captured_at,
            asked=asked,
            applied=applied,
            light_level=self._lights.level(),
            device=device_record(self._author.station, identity, SOFTWARE),
            match=None if pose is None else match_record(pose.summary),
        )
        record = build(
            order,
            self._author.issuer,
            circumstances,
            ImageRecord(
                width=width,
                height=height,
                size=len(image),
                sha256=hashlib.sha256(image).hexdigest(),
                icc_profile=colour.NAME,
                mm_per_px=self._look.mm_per_px,
            ),
        )
        return _Held(record, image, None if pose is None else pose.descriptor)
