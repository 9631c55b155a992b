"""Guides one patient after the other; the loop's own side of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from kiosk.capture.guides.announcer import Announcer
from kiosk.capture.guides.director import Director
from kiosk.capture.guides.match import DrawnBaseline
from kiosk.capture.guides.values import Guidance
from kiosk.capture.guiding.drawn import drawn_baseline
from kiosk.capture.guiding.looking import Look
from kiosk.capture.guiding.views import aim_of, looked_at
from kiosk.capture.hardware.interfaces import Voice
from kiosk.capture.pose.descriptor import PoseDescriptor
from kiosk.errors import VoiceError
from kiosk.model import Frame
from kiosk.records.views import View

_log = logging.getLogger(__name__)


class Looker(Protocol):
    """What the guide needs of :class:`kiosk.capture.guiding.looking.Looking`."""

    def aim(
        self, view: View, baseline: PoseDescriptor | None, rest: PoseDescriptor | None
    ) -> None: ...
    def offer(self, frame: Frame) -> None: ...
    def drain(self) -> tuple[Look, ...]: ...
    def forget(self) -> None: ...
    def check(self) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """What the patient is guided to."""

    view: View
    baseline: PoseDescriptor | None
    rest: PoseDescriptor | None
    director: Director
    drawn: DrawnBaseline | None


class Guide:
    """Takes in live frames, gives guidance; all calls from one thread, none of them waits.

    Args:
        looker: measures frames.
        voice: speaks the instructions.
        announcer: when to speak which.
        shoot_by_itself: whether a shot becomes due after a second of match and stillness.
    """

    def __init__(
        self, looker: Looker, voice: Voice, announcer: Announcer, *, shoot_by_itself: bool
    ) -> None:
        self._looker, self._voice, self._announcer = looker, voice, announcer
        self._shoot_by_itself = shoot_by_itself
        self._target: _Target | None = None
        self._aiming = False
        self._mute = ""

    @property
    def voice_fault(self) -> str:
        """The sentence to show while the voice cannot speak, or empty text."""
        return self._mute

    @property
    def drawn(self) -> DrawnBaseline | None:
        """The present baseline as lines; the same object while it is the same baseline."""
        return None if self._target is None else self._target.drawn

    def prepare(
        self, view: View, baseline: PoseDescriptor | None, rest: PoseDescriptor | None = None
    ) -> None:
        """Get ready for a view; nothing happens while it is the one already prepared.

        Args:
            view: what is photographed.
            baseline: this patient's earlier shot of it; None at a first visit.
            rest: a shot of this patient's face at rest, see ``resting``; None where none is known.
        """
        target = self._target
        if (
            target is not None
            and target.view is view
            and target.baseline is baseline
            and target.rest is rest
        ):
            return
        director = Director(aim_of(view), shoot_by_itself=self._shoot_by_itself)
        drawn = None if baseline is None else drawn_baseline(baseline)
        self._target = _Target(view, baseline, rest, director, drawn)
        self._looker.aim(view, baseline, rest)

    def begin(self) -> None:
        """Begin to guide: the live picture is on."""
        if self._target is not None and not self._aiming:
            self._aiming = True
            # What was seen before, of another aim, does not count.
            self._looker.drain()
            self._target.director.rearm()
            self._announcer.reset()

    def pause(self) -> None:
        """Say nothing more for now: a picture is taken, or the live picture is off."""
        if self._aiming:
            self._aiming = False
            self._voice.silence()

    def offer(self, frame: Frame) -> None:
        """Take in a live frame."""
        if self._aiming and self._target is not None and looked_at(self._target.view):
            self._looker.offer(frame)

    def guidance(self, now_ns: int) -> Guidance | None:
        """Return what to show now, and speak it; None while nobody is guided.

        Raises:
            Exception: whatever ended the thread that looks; the process must end with it.
        """
        self._looker.check()
        self._attend()
        target = self._target
        if target is None or not self._aiming:
            return None
        for look in self._looker.drain():
            target.director.see(look.deviation, look.at_ns)
        guidance = target.director.now(now_ns)
        said = self._announcer.hear(guidance, now_ns, speaking=self._voice.speaking())
        if said is not None:
            self._voice.say(said)
        return guidance

    def shot_due(self, now_ns: int) -> bool:
        """Whether the station should shoot by itself now; true once for each aim."""
        return self._aiming and self._target is not None and self._target.director.take_shot(now_ns)

    def forget(self) -> None:
        """Forget the patient: baseline, what was seen, what was to be said."""
        self.pause()
        if self._target is not None:
            self._target = None
            self._looker.forget()

    def _attend(self) -> None:
        """Let the voice go on; say once, for the journal, that it cannot."""
        self._voice.attend()
        fault = self._voice.fault()
        if fault and fault != self._mute:
            # As an error, for the journal withholds plain text.
            _log.warning("%s", VoiceError(fault))
        self._mute = fault
