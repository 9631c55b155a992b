"""A station's enrolment screen, its real answering process, and hands for it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
import pygame

from kiosk.capture.enrolling.start import Place, opened
from kiosk.capture.hardware.simulated_reader import SimulatedReader
from kiosk.capture.ui.display import Display
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.widgets import Action
from kiosk.capture.ui.wording import ENGLISH
from kiosk.capture.window import Window
from kiosk.capture.workflow import State
from kiosk.config_reading import load
from kiosk.records.enrolment_code import Code
from provisioning.card.label import qr_of
from tests.capture.scanning.cards import Held, shown
from tests.capture.ui.screen import centre, finger
from tests.provisioning.server.enrolling import ROOT, Station, host_key
from tests.provisioning.server.namespace import Machine

FRAMES = 3000
"""More turns of the loop than any of these ways takes; at thirty a second."""

PROGRAM = (sys.executable, "-m", "kiosk.cli")


def settle(machine: Machine, here: Station, code: Code | None = None) -> Path:
    """Write ``station.toml`` beside a station's keys; its camera sees a label, or a room."""
    pictures = here.folder / "pictures"
    pictures.mkdir()
    photograph(pictures, code)
    text = (ROOT / "provisioning/install/station.toml.example").read_text(encoding="utf-8")
    for old, new in {
        'host = "CHANGE-ME"': f'host = "127.0.0.1"\nport = {machine.port}',
        'host_key = "CHANGE-ME"': f'host_key = "{host_key(machine)}"',
        'desk = "CHANGE-ME"': 'desk = "ssh-ed25519 AAAA"',
        'mailbox = "CHANGE-ME"': f'mailbox = "{"0" * 32}"',
        "/run/credentials/kiosk-upload.service/ssh-key": str(here.upload.key),
        'kind = "picamera2"': f'kind = "simulated"\npictures = "{pictures}"',
        'sensor = "imx477"\n': "",
        "size = [4056, 3040]": "size = [1280, 960]",
        "preview = [1280, 960]": "preview = [640, 480]",
        '#[reader]\n#kind = "usb"': '[reader]\nkind = "simulated"',
        "size = [1920, 1080]": "size = [960, 540]\nfullscreen = false",
        "CHANGE-ME": here.config.station.name,
    }.items():
        assert old in text
        text = text.replace(old, new)
    path = here.folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return path


def photograph(pictures: Path, code: Code | None) -> None:
    """Put the QR code of a label, as the bench prints it, before the simulated camera."""
    card = np.full((8, 8), 120, np.uint8)
    if code is not None:
        modules = np.array([[bool(m) for m in row] for row in qr_of(code).matrix])
        printed = np.pad(np.where(modules, 20, 235).astype(np.uint8), 4, constant_values=235)
        card = np.repeat(np.repeat(printed, 8, axis=0), 8, axis=1)
    grey = shown(card, Held(size=420, turn=7.0))
    assert cv2.imwrite(str(pictures / "view.png"), cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))


class Answering:
    """What systemd does with ``kiosk-enrol.socket``: one real process for each question.

    Args:
        path: of the socket, made here.
        config: ``station.toml``.
        programs: what answers, in order; the last one from then on.
        user: whose process the screen is said to be.
    """

    def __init__(
        self,
        path: Path,
        config: Path,
        programs: Sequence[Sequence[str]] = (PROGRAM,),
        user: str = "root",
    ) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.bind(str(path))
        self._socket.listen()
        self._programs = deque(programs)
        self._words = ("enrol", "--screen-of", user, "--config", str(config))
        self._thread = threading.Thread(target=self._serve)
        self.said = ""
        self.codes: list[int] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Wakes accept(2), which closing does not.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                asked, _ = self._socket.accept()
            except OSError:
                return
            program = self._programs.popleft()
            if not self._programs:
                self._programs.append(program)
            with asked:
                done = subprocess.run(
                    [*program, *self._words],
                    stdin=asked.fileno(),
                    capture_output=True,
                    text=True,
                    cwd=ROOT,
                    check=False,
                )
            self.said += done.stdout + done.stderr
            self.codes.append(done.returncode)


Do = Action | Callable[[], object]
Step = tuple[State, Sequence[Do]]
"""A screen, and what is done on it: touches of buttons, or anything else."""


@dataclass
class Hands:
    """Touches what the script says, screen by screen, and notes what was seen.

    Attributes:
        script: what is done, in order.
        seen: every screen in order, each once while it stays.
    """

    script: list[Step]
    seen: list[ScreenModel] = field(default_factory=list)
    _turns: int = 0
    _rest: deque[Do] = field(default_factory=deque)

    def act(self, display: Display, model: ScreenModel) -> None:
        self._turns += 1
        assert self._turns < FRAMES, f"stuck on {model.state}, still to do: {self.script[:1]}"
        if not self.seen or self.seen[-1].state is not model.state:
            self.seen.append(model)
            self._turns, self._rest = 0, deque()
            if self.script and self.script[0][0] is model.state:
                self._rest = deque(self.script.pop(0)[1])
        self.seen[-1] = model
        # What is touched on a screen that has just appeared does not count.
        if self._rest and self._turns > 15:
            self._do(display, model, self._rest.popleft())

    @property
    def states(self) -> list[State]:
        return [model.state for model in self.seen]

    def _do(self, display: Display, model: ScreenModel, act: Do) -> None:
        if callable(act):
            act()
            return
        found = SCREENS[model.state].buttons(display.layout, ENGLISH, model)
        (rect,) = [one.rect for one in found if one.action == act and one.enabled]
        at = centre(display, rect)
        finger(pygame.FINGERDOWN, at)
        finger(pygame.FINGERUP, at)


class Alive:
    """Stands for the service manager, and for nobody who asks to stop."""

    def feed(self) -> None: ...
    def is_set(self) -> bool:
        return False

    def request(self) -> None:
        raise AssertionError("nobody closes the window")


@dataclass
class Room:
    """A station waiting for its code, with whoever answers its screen.

    Attributes:
        config: ``station.toml``.
        reader: what the station's reader types, once the screen runs.
    """

    config: Path
    reader: list[SimulatedReader] = field(default_factory=list)

    @property
    def socket(self) -> Path:
        return self.config.parent / "s"

    def answering(self, *programs: Sequence[str], user: str = "root") -> Answering:
        return Answering(self.socket, self.config, programs or (PROGRAM,), user)

    def scan(self, code: Code) -> Callable[[], object]:
        return lambda: self.reader[-1].scan(code.text())

    def run(self, *script: Step) -> Hands:
        """Run the screen until it leaves, by a script."""
        hands = Hands(list(script))
        self.run_with(hands)
        return hands

    def run_with(self, hands: Hands) -> None:
        alive = Alive()
        place = Place(self.config.parent, self.socket)
        with opened(load(self.config), place, alive, alive, swap_allowed=True) as app:
            window, reader = app._around.screen, app._around.codes.reader
            assert isinstance(window, Window)
            assert isinstance(reader, SimulatedReader)
            self.reader.append(reader)
            app.run(alive, lambda model: hands.act(window.display, model))
        assert not hands.script, "not everything of the script was done"
