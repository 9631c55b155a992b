"""What is written down about a picture: from the values at hand to ``shot.json``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kiosk.capture.hardware.interfaces import CameraIdentity
from kiosk.model import CameraSettings, Moment
from kiosk.records import protocols
from kiosk.records.baseline import Baseline, series
from kiosk.records.protocols import View
from kiosk.records.shot import (
    Code,
    DeviceRecord,
    ExposureRecord,
    ImageRecord,
    Instant,
    MatchRecord,
    OperatorReference,
    PatientReference,
    ShotRecord,
    Uids,
    ViewRecord,
)

_SYSTEMS = {
    "SCT": "http://snomed.info/sct",
    "99CAPST": "urn:capture-station:codes",
    "99CLINIC": "urn:capture-station:codes-of-the-clinic",
}


@dataclass(frozen=True, slots=True)
class ShotOrder:
    """Who and what a picture is of, fixed when the pedal is pressed.

    Attributes:
        patient: the clinic's number; kept out of ``repr`` so that no log can show it.
        operator: who presses the pedal.
        consent: SHA-256 of the consent that allows the picture.
        protocol: name of the set of views.
        view: the view asked for.
        session_uid: DICOM Series of this session.
        study_uid: DICOM Study of this visit.
        image_uid: DICOM SOP Instance of the picture.
        pressed_ns: when the pedal was pressed, monotonic nanoseconds.
        baseline: this patient's earlier shot of the view; None at a first visit, and where the
            station keeps none.
        remembers: whether the station keeps baselines at all.
    """

    patient: str = field(repr=False)
    operator: OperatorReference
    consent: str
    protocol: str
    view: View
    session_uid: str
    study_uid: str
    image_uid: str
    pressed_ns: int
    baseline: Baseline | None = field(default=None, repr=False)
    remembers: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How the picture was taken.

    ``applied`` is None where the camera cannot tell; ``light_level`` is 0 to 1; ``match``
    is None where nothing was measured.
    """

    captured_at: Moment
    asked: CameraSettings
    applied: CameraSettings | None
    light_level: float
    device: DeviceRecord
    match: MatchRecord | None = None


def build(
    order: ShotOrder, issuer: str, circumstances: Circumstances, image: ImageRecord
) -> ShotRecord:
    """Put together the record of one shot; ``issuer`` is who gave the patient's number."""
    applied = circumstances.applied
    captured_at = Instant.of(circumstances.captured_at)
    return ShotRecord(
        uids=Uids(image=order.image_uid, session=order.session_uid, study=order.study_uid),
        patient=PatientReference(id=order.patient, issuer=issuer),
        captured_at=captured_at,
        operator=order.operator,
        consent=order.consent,
        protocol=order.protocol,
        view=view_record(order.view),
        series=series(order.baseline, captured_at) if order.remembers else None,
        device=circumstances.device,
        asked=_exposure(circumstances.asked),
        applied=None if applied is None else _exposure(applied),
        light_level=circumstances.light_level,
        image=image,
        match=circumstances.match,
    )


def moved(moment: Moment, monotonic_ns: int) -> Moment:
    """Return the moment of the same boot at ``monotonic_ns``, its wall time moved as far."""
    microseconds = (monotonic_ns - moment.monotonic_ns) / 1000
    wall = datetime.fromisoformat(moment.wall) + timedelta(microseconds=microseconds)
    return replace(moment, wall=wall.isoformat(timespec="milliseconds"), monotonic_ns=monotonic_ns)


def device_record(station: str, camera: CameraIdentity, software: str) -> DeviceRecord:
    return DeviceRecord(
        station=station,
        model=camera.model,
        serial=camera.serial,
        driver=camera.driver,
        software=software,
    )


def view_record(view: View) -> ViewRecord:
    return ViewRecord(
        id=view.id,
        code=_code(view.code),
        region=_code(view.region),
        shows_side=view.shows_side,
        expression=None if view.expression is None else _code(view.expression),
    )


def _code(code: protocols.Code) -> Code:
    return Code(system=_SYSTEMS[code.scheme], code=code.value, display=code.meaning)


def _exposure(settings: CameraSettings) -> ExposureRecord:
    return ExposureRecord(
        exposure_us=settings.exposure_us,
        analogue_gain=settings.analogue_gain,
        colour_gains=settings.colour_gains,
        lens_position=settings.lens_position,
    )
