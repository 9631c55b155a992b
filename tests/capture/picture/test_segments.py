"""What a picture says about itself, read by another program's eyes."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import ExifTags, Image, ImageCms

from kiosk.capture.picture import colour, exif, jpeg
from kiosk.capture.picture.jpeg import Encoding
from kiosk.model import CameraSettings, Frame, FrameMetadata, PixelLayout

CAPTURE = exif.Capture(
    model="imx477",
    software="Capture Station 0.1.0",
    taken_at="2026-11-23T09:15:30+01:00",
    settings=CameraSettings(20_000, 1.0, (2.0, 1.5)),
)


def opened(*segments: bytes) -> Image.Image:
    grey = np.full((32, 32, 3), 128, dtype=np.uint8)
    frame = Frame(grey, PixelLayout.BGR, 32, 32, FrameMetadata(0, None))
    with ThreadPoolExecutor(1) as pool:
        data = jpeg.encode(frame, Encoding(95, "4:4:4", 0), pool, segments)
    return Image.open(io.BytesIO(bytes(data)))


def test_device_time_and_exposure_are_readable() -> None:
    tags = opened(exif.segment(CAPTURE)).getexif()
    inner = tags.get_ifd(ExifTags.IFD.Exif)
    assert tags[ExifTags.Base.Model] == "imx477"
    assert tags[ExifTags.Base.Software] == "Capture Station 0.1.0"
    assert tags[ExifTags.Base.DateTime] == "2026:11:23 09:15:30"
    assert inner[ExifTags.Base.DateTimeOriginal] == "2026:11:23 09:15:30"
    assert inner[ExifTags.Base.OffsetTimeOriginal] == "+01:00"
    assert float(inner[ExifTags.Base.ExposureTime]) == 0.02
    assert inner[ExifTags.Base.ColorSpace] == 1


def test_there_is_no_place() -> None:
    tags = opened(exif.segment(CAPTURE)).getexif()
    assert ExifTags.Base.GPSInfo not in tags
    assert not tags.get_ifd(ExifTags.IFD.GPSInfo)


def test_a_device_that_knows_nothing_leaves_the_fields_out() -> None:
    silent = exif.Capture("", "Capture Station", "2026-11-23T09:15:30+00:00", None)
    tags = opened(exif.segment(silent)).getexif()
    assert ExifTags.Base.Model not in tags
    assert ExifTags.Base.ExposureTime not in tags.get_ifd(ExifTags.IFD.Exif)


def test_colours_are_declared_as_srgb() -> None:
    profile = opened(colour.segment()).info["icc_profile"]
    described = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    assert "sRGB" in described
