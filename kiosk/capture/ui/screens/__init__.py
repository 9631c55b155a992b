"""Which screen belongs to which state."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.parts import Parts
from kiosk.capture.ui.screens.aim import Aim, guide_parts
from kiosk.capture.ui.screens.base import Screen
from kiosk.capture.ui.screens.captured import Captured
from kiosk.capture.ui.screens.chart import Chart
from kiosk.capture.ui.screens.comparison import comparison_parts
from kiosk.capture.ui.screens.confirm_end import ConfirmDiscard, ConfirmEnd
from kiosk.capture.ui.screens.consent_choices import ConsentChoices
from kiosk.capture.ui.screens.consent_sign import ConsentSign, pad_of, pad_parts
from kiosk.capture.ui.screens.consent_signer import ConsentSigner
from kiosk.capture.ui.screens.consent_text import ConsentTextScreen
from kiosk.capture.ui.screens.day import Day
from kiosk.capture.ui.screens.enrol import Enrol
from kiosk.capture.ui.screens.enrol_ends import Enrolled, EnrolRefused
from kiosk.capture.ui.screens.enrol_type import EnrolType
from kiosk.capture.ui.screens.fault import Fault
from kiosk.capture.ui.screens.hold_up import HoldUp
from kiosk.capture.ui.screens.patient import Patient
from kiosk.capture.ui.screens.pin import Pin
from kiosk.capture.ui.screens.review import Review
from kiosk.capture.ui.screens.saving import Saving
from kiosk.capture.ui.screens.service import Service
from kiosk.capture.ui.screens.service_camera import ServiceCamera
from kiosk.capture.ui.screens.service_card import ServiceCard, ServiceScale
from kiosk.capture.ui.screens.service_journal import ServiceJournal
from kiosk.capture.ui.screens.service_lines import ServiceLines
from kiosk.capture.ui.screens.service_pedal import ServicePedal
from kiosk.capture.ui.screens.service_support import ServiceSupport
from kiosk.capture.ui.screens.service_touch import ServiceTouch
from kiosk.capture.ui.screens.signed_out import SignedOut
from kiosk.capture.ui.screens.summary import Summary
from kiosk.capture.ui.screens.view import ViewScreen
from kiosk.capture.ui.screens.waiting import Waiting
from kiosk.capture.ui.screens.withdrawing import ConfirmWithdraw, ConsentSaving, WithdrawScreen
from kiosk.capture.workflow import State

SCREENS: Final[MappingProxyType[State, Screen]] = MappingProxyType(
    {
        State.SIGNED_OUT: SignedOut(),
        State.BADGE: HoldUp(),
        State.PIN: Pin(),
        State.CHECKING: Waiting(),
        State.NEW_PIN: Pin(),
        State.NEW_PIN_AGAIN: Pin(),
        State.LOCKED: HoldUp(),
        State.SERVICE: Service(),
        State.SERVICE_STATE: ServiceLines(),
        State.SERVICE_PEDAL: ServicePedal(),
        State.SERVICE_LIGHTS: ServiceLines(),
        State.SERVICE_CAMERA: ServiceCamera(),
        State.SERVICE_TOUCH: ServiceTouch(),
        State.SERVICE_NETWORK: ServiceLines(),
        State.SERVICE_SUPPORT: ServiceSupport(),
        State.SERVICE_JOURNAL: ServiceJournal(),
        State.SERVICE_TESTS: ServiceLines(),
        State.SERVICE_BALANCE: ServiceCard(),
        State.SERVICE_SCALE: ServiceScale(),
        State.DAY: Day(),
        State.SCAN_CARD: HoldUp(),
        State.PATIENT: Patient(),
        State.OPENING: Waiting(),
        State.CHART: Chart(),
        State.CHART_ALLOWED: Chart(),
        State.CONSENT_TEXT: ConsentTextScreen(),
        State.CONSENT_CHOICES: ConsentChoices(),
        State.CONSENT_SIGNER: ConsentSigner(),
        State.CONSENT_SIGN: ConsentSign(),
        State.WITHDRAW: WithdrawScreen(),
        State.CONFIRM_WITHDRAW: ConfirmWithdraw(),
        State.CONSENT_SAVING: ConsentSaving(),
        State.CONSENT_FAULT: Fault(),
        State.VIEW: ViewScreen(),
        State.AIM: Aim(),
        State.CAPTURED: Captured(),
        State.REVIEW: Review(),
        State.SAVING: Saving(),
        State.SUMMARY: Summary(),
        State.CONFIRM_END: ConfirmEnd(),
        State.CAMERA_FAULT: Fault(),
        State.LIGHT_FAULT: Fault(),
        State.STORAGE_FAULT: Fault(),
        State.SHOT_REFUSED: Fault(),
        State.SAVE_FAULT: Fault(),
        State.CONFIRM_DISCARD: ConfirmDiscard(),
        State.OUT_OF_ORDER: Fault(),
        State.ENROL: Enrol(),
        State.ENROL_TYPE: EnrolType(),
        State.ENROL_ASKING: Waiting(),
        State.ENROL_REFUSED: EnrolRefused(),
        State.ENROLLED: Enrolled(),
    }
)

PARTS: Final[MappingProxyType[State, Parts]] = MappingProxyType(
    {
        State.AIM: guide_parts,
        State.REVIEW: comparison_parts,
        State.CONSENT_SIGN: pad_parts,
    }
)
"""The screens that change by parts."""

PADS: Final[MappingProxyType[State, Callable[[Layout], Rect]]] = MappingProxyType(
    {State.CONSENT_SIGN: pad_of, State.SERVICE_SCALE: lambda layout: layout.stage}
)
"""The screens that are drawn on with a finger, and where."""
