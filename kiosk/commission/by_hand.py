"""What of a station no program can try: for the page, with a box for each."""

from __future__ import annotations

from kiosk.config import StationConfig


def by_hand(config: StationConfig) -> tuple[str, ...]:
    """Return a sentence for each thing that a person has to try on this station."""
    said = [
        "Press the pedal several times: each press is counted (service screen Pedal).",
        "Touch all fourteen fields of the screen, the corners too (service screen Touch).",
        "Hold the technician's and a practitioner's badge to the camera, and sign in.",
        "Look at a test picture: sharp, evenly lit, no bands, true colours (screen Camera).",
        "Hold a grey card to the camera (screen White balance), and check once more.",
        "Pull the plug: the lamps are dark, and the station comes back by itself.",
    ]
    if config.reader is not None:
        said.append("Read a patient's card with the reader.")
    if config.guide.voice != "off":
        said.append(f"Listen to the voice in {config.display.language!r} through the loudspeaker.")
    if config.camera.geometry is not None:
        said.append("Hold a ruler where the face will be: the outline's ticks fit it.")
    if config.guide.recall:
        said.append("Have a follow-up's earlier picture asked for, and answered by the clinic.")
    return tuple(said)
