"""Which camera modules a station may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk.errors import CameraError

OFFICIAL = ("ov5647", "imx219", "imx296", "imx477", "imx500", "imx708")
"""Sensors of Raspberry Pi's own modules; others' 64-megapixel ones hang (picamera2 #470, #581)."""


def model_of(found: Sequence[Mapping[str, object]], index: int) -> str:
    """Return the model of camera ``index`` among those that ``global_camera_info`` lists.

    Checked beforehand because picamera2 has raised a bare IndexError where there is no camera.

    Raises:
        CameraError: there is none, not so many, or it is not one of Raspberry Pi's own.
    """
    if not found:
        raise CameraError(
            "No camera was found; check that its ribbon cable sits straight at both ends and "
            "that config.txt names its sensor."
        )
    if index >= len(found):
        raise CameraError(
            f"camera.index: there is no camera {index}; expected 0 to {len(found) - 1}."
        )
    model = str(found[index].get("Model", ""))
    # Variants add a word: imx708_wide, imx708_noir.
    if model.partition("_")[0] not in OFFICIAL:
        raise CameraError(
            f"The camera is a {model or 'device without a name'}; expected one of Raspberry "
            f"Pi's own ({', '.join(OFFICIAL)}), since others hang."
        )
    return model
