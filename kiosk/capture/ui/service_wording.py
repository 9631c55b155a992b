"""The words of the technician's screens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kiosk.capture.flow.values import Event, State
from kiosk.capture.ui.service import Item, Line, Remark
from kiosk.languages.words import Counted, counted


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a screen: what it is, and what to do or to know."""

    title: str
    lead: str


_HEADINGS: Final[Mapping[State, Heading]] = MappingProxyType(
    {
        State.SERVICE: Heading("Service", "No patient can be opened from here."),
        State.SERVICE_STATE: Heading("State", "As this station sees itself now."),
        State.SERVICE_PEDAL: Heading(
            "Pedal", "Press the pedal several times. No picture is taken here."
        ),
        State.SERVICE_LIGHTS: Heading(
            "Lights",
            "Each lamp is lit for a moment, alone, and the camera looks whether it becomes "
            "brighter. Keep out of the picture meanwhile.",
        ),
        State.SERVICE_CAMERA: Heading(
            "Camera",
            "The picture stays in memory and is wiped when you leave. Of two pictures of the same "
            "thing the one with more sharpness is the sharper one.",
        ),
        State.SERVICE_TOUCH: Heading(
            "Touch", "Touch every field. The pedal leads back if the screen does not answer."
        ),
        State.SERVICE_NETWORK: Heading(
            "Network",
            "This screen's program has no network. It shows what the upload program has told.",
        ),
        State.SERVICE_JOURNAL: Heading(
            "Journal",
            "This program's own lines since its start, newest first; nothing of a patient is "
            "written there. The whole journal is read from a terminal.",
        ),
        State.SERVICE_TESTS: Heading(
            "All tests",
            "The lamps are lit one by one, a test picture is taken and wiped, and a sealed test "
            "object goes to the clinic. Keep out of the picture. Presses and touches are tried on "
            "screens of their own.",
        ),
        State.SERVICE_BALANCE: Heading(
            "White balance",
            "Hold a grey card where faces will be, facing the camera, so that it fills the square. "
            "Then press the pedal and hold still: several pictures are taken and wiped.",
        ),
        State.SERVICE_SCALE: Heading(
            "Scale",
            "Hold a card of a bank card's size (85.60 mm wide) where faces will be, level, facing "
            "the camera, before something lighter or darker. Press the pedal, then touch its left "
            "and its right edge in the picture.",
        ),
        State.SERVICE_SUPPORT: Heading(
            "Support bundle",
            "Versions, settings without secrets, checks, and the programs' own journal, for "
            "whoever helps. It is looked through for personal data, sealed to the clinic's keys, "
            "and sent to the clinic's server.",
        ),
    }
)

_MENU: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.SHOW_STATE: "State",
        Event.TEST_ALL: "All tests",
        Event.TEST_PEDAL: "Pedal",
        Event.TEST_LIGHTS: "Lights",
        Event.TEST_CAMERA: "Camera",
        Event.TEST_TOUCH: "Touch",
        Event.SHOW_NETWORK: "Network",
        Event.SHOW_JOURNAL: "Journal",
        Event.SET_BALANCE: "White balance",
        Event.MEASURE_SCALE: "Scale",
        Event.SHOW_SUPPORT: "Support bundle",
    }
)

_ITEMS: Final[Mapping[Item, str]] = MappingProxyType(
    {
        Item.STATION: "Station",
        Item.VERSION: "Version",
        Item.UPTIME: "Running for",
        Item.WAITING: "Pictures and records waiting",
        Item.OLDEST: "The oldest of them came",
        Item.DISK: "Room on the disk",
        Item.ARRIVED: "Last arrival at the clinic",
        Item.CLOCK: "Clock",
        Item.TEMPERATURE: "Temperature",
        Item.POWER: "Power supply",
        Item.CAMERA: "Camera",
        Item.CAMERA_MODE: "Picture and live picture",
        Item.LIGHT: "Lamp",
        Item.PEDAL: "Pedal",
        Item.READER: "Code reader",
        Item.OPERATORS: "Operators enrolled",
        Item.LETTERS: "Letters of the desk",
        Item.SWAP: "Memory",
        Item.SERVER: "Server",
        Item.HOST_KEY: "Its key, pinned",
        Item.REACHED: "Last reached",
        Item.TROUBLE: "Last trouble",
        Item.TOLD: "This was told",
        Item.WAY: "Way to the clinic",
        Item.EXPOSURE: "Exposure",
        Item.EVENNESS: "Evenness",
        Item.BALANCE: "White balance",
        Item.SCALE: "Scale",
        Item.SUPPORT: "Support bundle",
        Item.REASON: "Why",
        Item.FILED: "Its file at the clinic",
        Item.OBJECT: "Its name on the server",
    }
)

_REMARKS: Final[Mapping[Remark, str]] = MappingProxyType(
    {
        Remark.AGO: "{span} ago",
        Remark.NOT_YET: "Not since the station was started",
        Remark.NOT_TOLD: "The system does not tell",
        Remark.NONE: "None",
        Remark.FREE: "{size} free",
        Remark.SYNCHRONISED: "Synchronised",
        Remark.UNSYNCHRONISED: "Not synchronised: look at the network and the time server",
        Remark.UPTIME: "Machine {machine}, program {program}",
        Remark.POWER_FINE: "Enough",
        Remark.POWER_LOW: "Too weak: look at supply and cable",
        Remark.HOT: "{degrees}: too hot; look at the cooling",
        Remark.THERE: "There",
        Remark.NO_READER: "This station has none",
        Remark.LETTERS: "List of operators {operators}, patients of the day {day}",
        Remark.NOBODY_ENROLLED: "Nobody: the list of the desk has not come",
        Remark.NO_SWAP: "Nothing of it reaches a disk",
        Remark.NO_REPORT: "The upload program has told nothing: is it running?",
        Remark.OLD_REPORT: "The upload program has told nothing for {span}: is it running?",
        Remark.REPORT_OFF: "Not set up: metrics.folder is left out in station.toml",
        Remark.NO_TROUBLE: "None",
        Remark.SEEN: "The camera sees it: brighter by {levels} of 255 levels",
        Remark.NOT_SEEN: "The camera does not see it (brighter by {levels} of 255 levels): look at "
        "lamp, driver, cable and pin",
        Remark.TOO_BRIGHT: "The room is too bright to tell ({levels} of 255 levels without lamps): "
        "darken it",
        Remark.UNSTEADY: "The room's own light changed meanwhile: try once more",
        Remark.PROVEN: "{exposure}, gain {gain}: as asked for, proven by the picture's own data. "
        "Sharpness {sharpness}",
        Remark.UNPROVEN: "The camera does not tell its settings, so nothing is proven. Sharpness "
        "{sharpness}",
        Remark.UNDER_WAY: "A sealed test object is on its way",
        Remark.ARRIVED: "A sealed test object has arrived at the server; it is opened at the "
        "clinic",
        Remark.NOT_ARRIVED: "A sealed test object still waits here after {span}: look at the "
        "network",
        Remark.UNTRIED: "Not tried yet",
        Remark.WAITS: "Waiting",
        Remark.RUNS: "Running",
        Remark.CARD_EXPOSED: "Levels {red}, {green}, {blue} of 255, nothing cut off",
        Remark.CARD_NOT_MIDDLE: "Levels {red}, {green}, {blue} of 255, expected {least} to "
        "{most}: see exposure_us",
        Remark.EVEN: "{percent} % from corner to corner",
        Remark.UNEVEN: "{percent} %: turn the card or the lamps",
        Remark.BALANCING: "Picture {count}: {tint} of 255 levels from neutral",
        Remark.BALANCED: "Neutral to {tint} of 255 levels by red {red}, blue {blue}. Kept and in "
        "use",
        Remark.NOT_BALANCED: "Not neutral by {tint} of 255 levels, nothing kept. Is the card "
        "grey? Is there other light?",
        Remark.NEVER_BALANCED: "Never calibrated: colours differ from other stations'",
        Remark.BALANCED_ON: "Calibrated {day}: red {red}, blue {blue}",
        Remark.BALANCE_OLD: "Calibrated {day}, more than a year ago: do it again",
        Remark.BALANCE_OTHER: "Calibrated with another camera, {model}, and not used: do it again",
        Remark.SCALE_LEFT: "Touch the card's left edge",
        Remark.SCALE_RIGHT: "Now touch its right edge",
        Remark.SCALE_FITS: "{mm} mm a pixel: {percent} % from station.toml ({told})",
        Remark.SCALE_APART: "{mm} mm a pixel, but station.toml says {told}, {percent} % off: "
        "measure camera.geometry again",
        Remark.SCALE_UNTOLD: "{mm} mm a pixel; station.toml has no camera.geometry",
        Remark.SUPPORT_NEVER: "None was asked for since the station was started",
        Remark.SUPPORT_ASKED: "Asked for",
        Remark.SUPPORT_NOT_TAKEN: "Asked for, but nobody answers: look at the unit "
        "kiosk-support.path, or restart the station",
        Remark.SUPPORT_MAKING: "It is being made and looked through",
        Remark.SUPPORT_BROKEN_OFF: "It was begun and broken off: ask once more",
        Remark.SUPPORT_REFUSED: "None was made, and nothing is sent",
        Remark.SUPPORT_WAITS: "Sealed; waits to be sent",
        Remark.SUPPORT_SENT: "Sent: the clinic's server has it",
    }
)


@dataclass(frozen=True, slots=True)
class ServiceWording:
    """The words of one language; what stands in braces is filled in by :meth:`said`."""

    headings: Mapping[State, Heading] = field(default_factory=lambda: _HEADINGS)
    menu: Mapping[Event, str] = field(default_factory=lambda: _MENU)
    items: Mapping[Item, str] = field(default_factory=lambda: _ITEMS)
    remarks: Mapping[Remark, str] = field(default_factory=lambda: _REMARKS)

    run: str = "Start"
    run_again: str = "Once more"
    running: str = "Running"
    take_picture: str = "Take test picture"
    restart_camera: str = "Start camera anew"
    ask_support: str = "Make and send"
    named: str = "{item} {name}"
    presses: Counted = counted("{count} press", "{count} presses")
    no_press: str = "No press yet"
    all_touched: str = "Every field answered."
    fields_left: Counted = counted("{count} field is left", "{count} fields are left")
    no_lines: str = "Nothing has been written since the start."
    page: str = "{page} of {pages}"
    nothing_wrong: str = "Nothing needs attention."
    wrong: Counted = counted("{count} line needs attention.", "{count} lines need attention.")

    def label(self, line: Line) -> str:
        """Return what a line is about."""
        item = self.items[line.item]
        return self.named.format(item=item, name=line.name) if line.name else item

    def said(self, line: Line) -> str:
        """Return what a line says."""
        if line.remark is None:
            return line.text
        return self.remarks[line.remark].format(**dict(line.values))
