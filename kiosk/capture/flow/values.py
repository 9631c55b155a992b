"""States, events and effects of the workflow."""

from __future__ import annotations

import enum
from collections.abc import Mapping


class State(enum.Enum):
    """What the screen shows; one screen for each."""

    SIGNED_OUT = enum.auto()
    BADGE = enum.auto()  # a badge is held to the camera, or read by the reader
    PIN = enum.auto()
    CHECKING = enum.auto()  # badge and PIN are being tried
    NEW_PIN = enum.auto()  # the PIN given by the clinic is replaced by the operator's own
    NEW_PIN_AGAIN = enum.auto()
    LOCKED = enum.auto()  # too many wrong PINs: a supervisor's badge is waited for
    SERVICE = enum.auto()  # a technician is signed in: what there is to look at and to try
    SERVICE_STATE = enum.auto()
    SERVICE_PEDAL = enum.auto()
    SERVICE_LIGHTS = enum.auto()
    SERVICE_CAMERA = enum.auto()
    SERVICE_TOUCH = enum.auto()
    SERVICE_NETWORK = enum.auto()
    SERVICE_JOURNAL = enum.auto()
    SERVICE_TESTS = enum.auto()  # all of them, one after the other
    SERVICE_BALANCE = enum.auto()  # a grey card is held where faces are, lamps on
    SERVICE_SCALE = enum.auto()  # and a card of known width
    SERVICE_SUPPORT = enum.auto()  # a support bundle is asked for
    DAY = enum.auto()  # a practitioner is signed in: the day's list
    SCAN_CARD = enum.auto()  # the code on a patient's card is held to the camera
    PATIENT = enum.auto()  # the patient's number is being entered
    OPENING = enum.auto()  # what is known of the patient is being opened
    CHART = enum.auto()  # the patient's page, while no picture may be taken
    CHART_ALLOWED = enum.auto()  # the same, with consent for the record
    CONSENT_TEXT = enum.auto()
    CONSENT_CHOICES = enum.auto()  # each purpose by itself
    CONSENT_SIGNER = enum.auto()  # who signs, and how old the patient is where that matters
    CONSENT_SIGN = enum.auto()
    WITHDRAW = enum.auto()
    CONFIRM_WITHDRAW = enum.auto()
    CONSENT_SAVING = enum.auto()
    CONSENT_FAULT = enum.auto()  # not recorded; nothing has changed
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
    OUT_OF_ORDER = enum.auto()  # a fault found outside a session; nobody is signed in
    # Of a station that is not enrolled yet: a machine of its own (flow/enrolling.py).
    ENROL = enum.auto()  # the code from the bench is held to the camera, or read by the reader
    ENROL_TYPE = enum.auto()
    ENROL_ASKING = enum.auto()
    ENROL_REFUSED = enum.auto()
    ENROLLED = enum.auto()


class Event(enum.Enum):
    """What happened: a person's act, an answer to an effect, or a device's news."""

    # A person's acts. START begins what the screen is for, READY goes on, BACK goes back.
    PEDAL = enum.auto()  # pressed; or, while aiming, due by itself where the station shoots so
    PEDAL_HELD = enum.auto()  # for a second; only where it means something else than a press
    START = enum.auto()
    READY = enum.auto()
    BACK = enum.auto()
    BADGE_READ = enum.auto()
    PIN_GIVEN = enum.auto()  # only for one that may be a PIN; the second time only for the same
    PINS_DIFFER = enum.auto()
    SIGN_OUT = enum.auto()
    SHOW_STATE = enum.auto()
    TEST_PEDAL = enum.auto()
    TEST_LIGHTS = enum.auto()
    TEST_CAMERA = enum.auto()
    TEST_TOUCH = enum.auto()
    SHOW_NETWORK = enum.auto()
    SHOW_JOURNAL = enum.auto()
    TEST_ALL = enum.auto()
    SET_BALANCE = enum.auto()
    MEASURE_SCALE = enum.auto()
    SHOW_SUPPORT = enum.auto()
    RUN = enum.auto()  # the test of this screen
    SCAN = enum.auto()
    TYPE_NUMBER = enum.auto()
    PATIENT_GIVEN = enum.auto()  # chosen, scanned or typed; only for a number that is valid
    ASK_CONSENT = enum.auto()
    CONSENT_GIVEN = enum.auto()  # signed; only for a form that is complete
    ASK_WITHDRAWAL = enum.auto()
    PURPOSE_CHOSEN = enum.auto()
    OPEN_CHART = enum.auto()  # from within a session
    SKIP = enum.auto()
    RETURN_TO_SKIPPED = enum.auto()
    ACCEPT = enum.auto()
    RETAKE = enum.auto()
    TRY_AGAIN = enum.auto()
    DISCARD = enum.auto()
    END_SESSION = enum.auto()
    CONFIRM = enum.auto()
    TYPE_CODE = enum.auto()
    CODE_GIVEN = enum.auto()  # held up or typed; only for one whose check fits
    FINISH = enum.auto()
    # Time.
    BLANKED = enum.auto()  # nobody has done anything for a minute
    SIGN_OUT_DUE = enum.auto()  # nobody for three, or the operator has been signed in too long
    # Answers and news.
    BADGE_ACCEPTED = enum.auto()
    BADGE_REFUSED = enum.auto()
    BADGE_LOCKED = enum.auto()
    BADGE_RELEASED = enum.auto()
    RELEASE_REFUSED = enum.auto()
    PIN_WRONG = enum.auto()
    PIN_TEMPORARY = enum.auto()  # right, and to be replaced
    PIN_REFUSED = enum.auto()  # the new one was not taken
    PRACTITIONER_IN = enum.auto()
    TECHNICIAN_IN = enum.auto()
    SIGN_IN_FAILED = enum.auto()  # for another reason than the PIN
    PATIENT_OPENED = enum.auto()
    PATIENT_REFUSED = enum.auto()
    RECORD_ALLOWED = enum.auto()  # there is valid consent for the record
    CONSENT_KEPT = enum.auto()
    CONSENT_FAILED = enum.auto()
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
    ENROLLED = enum.auto()  # by this screen, or meanwhile by another way
    ENROLMENT_REFUSED = enum.auto()


PERSONS = frozenset(event for event in Event if event.value <= Event.FINISH.value)
"""What a person does; on a blanked screen none of it counts."""


class Effect(enum.Enum):
    """What the program must do now."""

    LOOK_UP_BADGE = enum.auto()  # answered by BADGE_ACCEPTED, BADGE_REFUSED or BADGE_LOCKED
    RELEASE_BADGE = enum.auto()  # answered by BADGE_RELEASED or RELEASE_REFUSED
    CHECK_PIN = enum.auto()  # answered by one of the signing table's answers
    CHANGE_PIN = enum.auto()  # the same
    FORGET_BADGE = enum.auto()  # wipe badge and PIN, which nobody is signed in with
    SIGN_OUT = enum.auto()  # wipe keys, the day's list, and whatever else was opened
    COUNT_PRESS = enum.auto()  # show that the pedal was pressed, and nothing else
    RUN_TESTS = enum.auto()  # those of the present screen; nobody waits for their end
    STOP_TESTS = enum.auto()  # break off, wipe what was seen; lamps are dark afterwards
    OPEN_PATIENT = enum.auto()  # answered by PATIENT_OPENED or PATIENT_REFUSED
    ASSESS_CONSENT = enum.auto()  # answered at once by RECORD_ALLOWED, or not at all
    SHOW_CONSENT = enum.auto()  # open the text, and remember when it was shown
    KEEP_CONSENT = enum.auto()  # what was signed or withdrawn; CONSENT_KEPT or CONSENT_FAILED
    DROP_CONSENT = enum.auto()  # wipe the form, the signature and what was to be withdrawn
    CHECK_STORAGE = enum.auto()  # answered by STORAGE_REFUSED, or not at all
    BEGIN_SESSION = enum.auto()  # or go on with the one that was begun
    NEXT_VIEW = enum.auto()  # the present view is done
    SKIP_VIEW = enum.auto()  # answered by VIEWS_DONE if it was the last
    REOPEN_SKIPPED = enum.auto()
    LIGHTS_ON = enum.auto()
    LIGHTS_OFF = enum.auto()
    TAKE_SHOT = enum.auto()
    SEAL_SHOT = enum.auto()
    DROP_SHOT = enum.auto()  # wipe the picture in memory, and one still to come
    RESTART_CAMERA = enum.auto()  # answered by CAMERA_READY or CAMERA_FAILED
    FORGET_PATIENT = enum.auto()  # wipe the number, the views, the consents and every picture


Effects = tuple[Effect, ...]
Table = Mapping[tuple[State, Event], tuple[State, Effects]]
