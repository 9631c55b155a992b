"""Whether a frame was really taken with the settings that were asked for."""

from __future__ import annotations

import time

from kiosk.capture.hardware.interfaces import Camera
from kiosk.capture.hardware.latest import Clock
from kiosk.errors import FrameRefused
from kiosk.model import CameraSettings, Frame

EXPOSURE_SHARE = 0.01
EXPOSURE_US = 40
GAIN_SHARE = 0.02
COLOUR_SHARE = 0.01
LENS_DIOPTRES = 0.1

MATCH_TIMEOUT_NS = 3_000_000_000


def differences(asked: CameraSettings, applied: CameraSettings) -> tuple[str, ...]:
    """Name every value that the camera applied other than it was asked.

    What is let pass is what a sensor cannot help, from libcamera's sensor helpers; the shares
    are proposed:

    - exposure: counted in rows, 18 to 32 microseconds each at full size on imx477 and imx708, so
      40 microseconds; 1 % (0.014 stop) is below what shows between two pictures;
    - analogue gain: imx477 has 1024 / (1024 - code): steps of 0.1 % at gain 1, 1.6 % at 16;
      2 % covers one step;
    - colour gains: written into the image processor as fixed-point numbers; 1 % moves a middle
      grey of sRGB by half a step of 8 bits;
    - lens position: 0.1 dioptre is 10 cm at 1 m; the actuator is not finer than that in practice
      (picamera2 #1105, #1127).

    A focus that was not asked for (a lens set by hand) is not compared.

    Returns:
        One phrase per difference, such as ``exposure: asked 8000 µs, got 10000 µs``; empty if
        everything matches.
    """
    found = []
    slack_us = max(EXPOSURE_US, EXPOSURE_SHARE * asked.exposure_us)
    if abs(applied.exposure_us - asked.exposure_us) > slack_us:
        found.append(f"exposure: asked {asked.exposure_us} µs, got {applied.exposure_us} µs")
    shares = (
        ("analogue gain", asked.analogue_gain, applied.analogue_gain, GAIN_SHARE),
        ("red gain", asked.colour_gains[0], applied.colour_gains[0], COLOUR_SHARE),
        ("blue gain", asked.colour_gains[1], applied.colour_gains[1], COLOUR_SHARE),
    )
    for name, wanted, got, share in shares:
        if not abs(got - wanted) <= share * wanted:
            found.append(f"{name}: asked {wanted:.3f}, got {got:.3f}")
    return (*found, *_focus(asked.lens_position, applied.lens_position))


def check(asked: CameraSettings, applied: CameraSettings | None) -> None:
    """Refuse a frame whose settings are known and are not those asked for.

    A device that cannot tell (``applied`` is None: webcams) passes; the shot's record then says
    that nothing was proven.

    Raises:
        FrameRefused: naming each value, what was asked and what was got.
    """
    found = () if applied is None else differences(asked, applied)
    if found:
        raise FrameRefused(
            f"The camera did not take the picture as asked ({'; '.join(found)}); take it again."
        )


def capture_matching(
    camera: Camera,
    asked: CameraSettings,
    after_ns: int,
    *,
    timeout_ns: int = MATCH_TIMEOUT_NS,
    clock: Clock = time.monotonic_ns,
) -> Frame:
    """Capture the first still begun at or after ``after_ns`` that carries the asked settings.

    Controls reach a sensor some frames after they were set (picamera2 #322, #1287, #1278), so
    frames of the old settings are wiped and passed over until ``timeout_ns`` after the call. The
    settings themselves are the caller's to set, in the configuration or by ``camera.apply``.

    Returns:
        The frame, the caller's own; its ``metadata.settings`` is None where the device cannot
        tell what it applied.

    Raises:
        FrameRefused: frames came, but none with the settings asked for, or the driver broke its
            promise and gave only frames from before ``after_ns`` (picamera2 #426, #849).
        CameraTimeout: no frame came at all.
        CameraError: the device failed.
    """
    deadline_ns = clock() + timeout_ns
    while True:
        frame = camera.capture(after_ns)
        try:
            _check_time(frame, after_ns)
            check(asked, frame.metadata.settings)
        except FrameRefused:
            frame.wipe()
            if clock() >= deadline_ns:
                raise
            after_ns = max(after_ns, frame.metadata.exposed_from_ns + 1)
        else:
            return frame


def _check_time(frame: Frame, after_ns: int) -> None:
    early_ns = after_ns - frame.metadata.exposed_from_ns
    if early_ns > 0:
        raise FrameRefused(
            f"The camera gave a picture begun {early_ns / 1e6:.0f} ms before it was asked for; "
            "take it again."
        )


def _focus(wanted: float | None, got: float | None) -> tuple[str, ...]:
    if wanted is None:
        return ()
    if got is None:
        return (f"focus: asked {wanted:.2f} dioptres, but the camera does not tell it",)
    if not abs(got - wanted) <= LENS_DIOPTRES:
        return (f"focus: asked {wanted:.2f} dioptres, got {got:.2f}",)
    return ()
