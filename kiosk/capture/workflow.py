"""What the station does next: one table of (state, event) to (state, acts), at the end.

Nothing here touches a device, a screen or a clock. The program tells :class:`Workflow` what
happened and carries out the effects that it answers, in their order; what an effect leads to comes
back as another event. The program keeps two promises in return: each ``TAKE_SHOT`` is answered
once (``SHOT_TAKEN``, ``SHOT_REFUSED``, ``CAMERA_FAILED`` or ``STORAGE_REFUSED``) unless a
``DROP_SHOT`` came first, and each ``SEAL_SHOT`` once (``SAVED_MORE``, ``SAVED_LAST`` or
``SAVE_FAILED``). Presses made before the present screen was shown are the program's to leave out:
they were meant for another screen.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping


class State(enum.Enum):
    """What the screen shows; one screen for each."""

    STANDBY = enum.auto()
    PATIENT = enum.auto()  # the patient's number is being entered
    VIEW = enum.auto()  # what the patient should do for the next picture
    AIM = enum.auto()  # live picture, lights on, pedal armed
    CAPTURED = enum.auto()  # the picture is being taken
    REVIEW = enum.auto()  # one picture in memory, to be kept or taken again
    SAVING = enum.auto()
    SUMMARY = enum.auto()
    CONFIRM_END = enum.auto()
    CAMERA_FAULT = enum.auto()
    LIGHT_FAULT = enum.auto()
    STORAGE_FAULT = enum.auto()  # full or read-only: said before a picture is taken
    SHOT_REFUSED = enum.auto()  # the frame was not what was asked for
    SAVE_FAULT = enum.auto()  # not stored, still in memory
    CONFIRM_DISCARD = enum.auto()
    OUT_OF_ORDER = enum.auto()  # a fault found outside a session


class Event(enum.Enum):
    """What happened: a person's act, an answer to an effect, or a device's news."""

    PEDAL = enum.auto()  # pressed; or, while aiming, due by itself where the station shoots so
    START = enum.auto()
    PATIENT_GIVEN = enum.auto()  # only for a number that is valid
    READY = enum.auto()
    BACK = enum.auto()
    SKIP = enum.auto()
    RETURN_TO_SKIPPED = enum.auto()
    ACCEPT = enum.auto()
    RETAKE = enum.auto()
    TRY_AGAIN = enum.auto()
    DISCARD = enum.auto()
    END_SESSION = enum.auto()
    CONFIRM = enum.auto()
    FINISH = enum.auto()
    IDLE_TIMEOUT = enum.auto()
    SHOT_TAKEN = enum.auto()
    SHOT_REFUSED = enum.auto()
    SAVED_MORE = enum.auto()  # on disk, views remain
    SAVED_LAST = enum.auto()  # on disk, no view remains
    SAVE_FAILED = enum.auto()
    VIEWS_DONE = enum.auto()  # SKIP_VIEW left no view
    CAMERA_FAILED = enum.auto()
    CAMERA_READY = enum.auto()  # RESTART_CAMERA worked
    LIGHT_FAILED = enum.auto()
    STORAGE_REFUSED = enum.auto()  # CHECK_STORAGE, or the check right before the shot


class Effect(enum.Enum):
    """What the program must do now."""

    CHECK_STORAGE = enum.auto()  # answered by STORAGE_REFUSED, or not at all
    BEGIN_SESSION = enum.auto()
    NEXT_VIEW = enum.auto()  # the present view is done
    SKIP_VIEW = enum.auto()  # answered by VIEWS_DONE if it was the last
    REOPEN_SKIPPED = enum.auto()
    LIGHTS_ON = enum.auto()
    LIGHTS_OFF = enum.auto()
    TAKE_SHOT = enum.auto()
    SEAL_SHOT = enum.auto()
    DROP_SHOT = enum.auto()  # wipe the picture in memory, and one still to come
    RESTART_CAMERA = enum.auto()  # answered by CAMERA_READY or CAMERA_FAILED
    FORGET_PATIENT = enum.auto()  # wipe the number, the views and every picture


Effects = tuple[Effect, ...]
Table = Mapping[tuple[State, Event], tuple[State, Effects]]


class Workflow:
    """Walks the table; an event that the present state does not know changes nothing.

    Attributes:
        state: where the station is now.
        ignored: how often each impossible (state, event) happened, for the journal.
    """

    def __init__(self) -> None:
        self.state = State.STANDBY
        self.ignored: Counter[tuple[State, Event]] = Counter()

    def handle(self, event: Event) -> Effects:
        """Move on and return the acts to carry out, in order; never raises."""
        step = TABLE.get((self.state, event))
        if step is None:
            self.ignored[self.state, event] += 1
            return ()
        self.state, effects = step
        return effects


S, E, F = State, Event, Effect
TABLE: Table = {
    (S.STANDBY, E.START): (S.PATIENT, (F.CHECK_STORAGE,)),
    (S.STANDBY, E.CAMERA_FAILED): (S.OUT_OF_ORDER, ()),
    (S.STANDBY, E.LIGHT_FAILED): (S.OUT_OF_ORDER, ()),
    (S.STANDBY, E.STORAGE_REFUSED): (S.OUT_OF_ORDER, ()),
    (S.OUT_OF_ORDER, E.TRY_AGAIN): (S.OUT_OF_ORDER, (F.RESTART_CAMERA,)),
    (S.OUT_OF_ORDER, E.CAMERA_READY): (S.STANDBY, (F.CHECK_STORAGE,)),
    (S.PATIENT, E.PATIENT_GIVEN): (S.VIEW, (F.BEGIN_SESSION,)),
    (S.PATIENT, E.BACK): (S.STANDBY, (F.FORGET_PATIENT,)),
    (S.PATIENT, E.IDLE_TIMEOUT): (S.STANDBY, (F.FORGET_PATIENT,)),
    (S.PATIENT, E.CAMERA_FAILED): (S.OUT_OF_ORDER, (F.FORGET_PATIENT,)),
    (S.PATIENT, E.LIGHT_FAILED): (S.OUT_OF_ORDER, (F.FORGET_PATIENT,)),
    (S.PATIENT, E.STORAGE_REFUSED): (S.OUT_OF_ORDER, (F.FORGET_PATIENT,)),
    (S.VIEW, E.READY): (S.AIM, (F.CHECK_STORAGE, F.LIGHTS_ON)),
    (S.VIEW, E.PEDAL): (S.AIM, (F.CHECK_STORAGE, F.LIGHTS_ON)),
    (S.VIEW, E.SKIP): (S.VIEW, (F.SKIP_VIEW,)),
    (S.VIEW, E.VIEWS_DONE): (S.SUMMARY, ()),
    (S.VIEW, E.END_SESSION): (S.CONFIRM_END, ()),
    (S.VIEW, E.IDLE_TIMEOUT): (S.STANDBY, (F.FORGET_PATIENT,)),
    (S.VIEW, E.CAMERA_FAILED): (S.CAMERA_FAULT, ()),
    (S.VIEW, E.LIGHT_FAILED): (S.LIGHT_FAULT, ()),
    (S.CONFIRM_END, E.BACK): (S.VIEW, ()),
    (S.CONFIRM_END, E.CONFIRM): (S.SUMMARY, ()),
    (S.CONFIRM_END, E.IDLE_TIMEOUT): (S.STANDBY, (F.FORGET_PATIENT,)),
    (S.AIM, E.PEDAL): (S.CAPTURED, (F.TAKE_SHOT,)),
    (S.AIM, E.BACK): (S.VIEW, (F.LIGHTS_OFF,)),
    (S.AIM, E.IDLE_TIMEOUT): (S.VIEW, (F.LIGHTS_OFF,)),
    (S.AIM, E.CAMERA_FAILED): (S.CAMERA_FAULT, (F.LIGHTS_OFF,)),
    (S.AIM, E.LIGHT_FAILED): (S.LIGHT_FAULT, (F.LIGHTS_OFF,)),
    (S.AIM, E.STORAGE_REFUSED): (S.STORAGE_FAULT, (F.LIGHTS_OFF,)),
    (S.CAPTURED, E.SHOT_TAKEN): (S.REVIEW, (F.LIGHTS_OFF,)),
    (S.CAPTURED, E.SHOT_REFUSED): (S.SHOT_REFUSED, (F.LIGHTS_OFF,)),
    (S.CAPTURED, E.CAMERA_FAILED): (S.CAMERA_FAULT, (F.LIGHTS_OFF,)),
    (S.CAPTURED, E.LIGHT_FAILED): (S.LIGHT_FAULT, (F.LIGHTS_OFF, F.DROP_SHOT)),
    (S.CAPTURED, E.STORAGE_REFUSED): (S.STORAGE_FAULT, (F.LIGHTS_OFF, F.DROP_SHOT)),
    (S.SHOT_REFUSED, E.PEDAL): (S.AIM, (F.CHECK_STORAGE, F.LIGHTS_ON)),
    (S.SHOT_REFUSED, E.TRY_AGAIN): (S.AIM, (F.CHECK_STORAGE, F.LIGHTS_ON)),
    (S.SHOT_REFUSED, E.BACK): (S.VIEW, ()),
    (S.SHOT_REFUSED, E.IDLE_TIMEOUT): (S.VIEW, ()),
    (S.REVIEW, E.PEDAL): (S.SAVING, (F.SEAL_SHOT,)),
    (S.REVIEW, E.ACCEPT): (S.SAVING, (F.SEAL_SHOT,)),
    (S.REVIEW, E.RETAKE): (S.AIM, (F.DROP_SHOT, F.CHECK_STORAGE, F.LIGHTS_ON)),
    (S.REVIEW, E.IDLE_TIMEOUT): (S.STANDBY, (F.DROP_SHOT, F.FORGET_PATIENT)),
    (S.SAVING, E.SAVED_MORE): (S.VIEW, (F.NEXT_VIEW,)),
    (S.SAVING, E.SAVED_LAST): (S.SUMMARY, (F.NEXT_VIEW,)),
    (S.SAVING, E.SAVE_FAILED): (S.SAVE_FAULT, ()),
    (S.SAVE_FAULT, E.TRY_AGAIN): (S.SAVING, (F.SEAL_SHOT,)),
    (S.SAVE_FAULT, E.DISCARD): (S.CONFIRM_DISCARD, ()),
    (S.CONFIRM_DISCARD, E.BACK): (S.SAVE_FAULT, ()),
    (S.CONFIRM_DISCARD, E.IDLE_TIMEOUT): (S.SAVE_FAULT, ()),
    (S.CONFIRM_DISCARD, E.CONFIRM): (S.VIEW, (F.DROP_SHOT,)),
    (S.CAMERA_FAULT, E.TRY_AGAIN): (S.CAMERA_FAULT, (F.RESTART_CAMERA,)),
    (S.CAMERA_FAULT, E.CAMERA_READY): (S.VIEW, ()),
    (S.CAMERA_FAULT, E.END_SESSION): (S.SUMMARY, ()),
    (S.CAMERA_FAULT, E.IDLE_TIMEOUT): (S.STANDBY, (F.FORGET_PATIENT,)),
    (S.LIGHT_FAULT, E.TRY_AGAIN): (S.VIEW, ()),
    (S.LIGHT_FAULT, E.END_SESSION): (S.SUMMARY, ()),
    (S.LIGHT_FAULT, E.IDLE_TIMEOUT): (S.STANDBY, (F.FORGET_PATIENT,)),
    (S.STORAGE_FAULT, E.TRY_AGAIN): (S.VIEW, ()),
    (S.STORAGE_FAULT, E.END_SESSION): (S.SUMMARY, ()),
    (S.STORAGE_FAULT, E.IDLE_TIMEOUT): (S.STANDBY, (F.FORGET_PATIENT,)),
    (S.SUMMARY, E.RETURN_TO_SKIPPED): (S.VIEW, (F.REOPEN_SKIPPED,)),
    (S.SUMMARY, E.FINISH): (S.STANDBY, (F.FORGET_PATIENT,)),
    (S.SUMMARY, E.IDLE_TIMEOUT): (S.STANDBY, (F.FORGET_PATIENT,)),
}
