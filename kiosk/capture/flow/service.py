"""What a technician looks at and tries. No row leads to a patient, and none to a picture of one."""

from __future__ import annotations

from typing import Final

from kiosk.capture.flow.values import Effect, Effects, Event, State, Table

S, E, F = State, Event, Effect

PAGES: Final = {
    E.SHOW_STATE: S.SERVICE_STATE,
    E.TEST_PEDAL: S.SERVICE_PEDAL,
    E.TEST_LIGHTS: S.SERVICE_LIGHTS,
    E.TEST_CAMERA: S.SERVICE_CAMERA,
    E.TEST_TOUCH: S.SERVICE_TOUCH,
    E.SHOW_NETWORK: S.SERVICE_NETWORK,
    E.SHOW_JOURNAL: S.SERVICE_JOURNAL,
    E.TEST_ALL: S.SERVICE_TESTS,
    E.SET_BALANCE: S.SERVICE_BALANCE,
    E.MEASURE_SCALE: S.SERVICE_SCALE,
    E.SHOW_SUPPORT: S.SERVICE_SUPPORT,
}
"""The screens behind the first one, by what opens them."""

LIT: Final = (S.SERVICE_BALANCE, S.SERVICE_SCALE)
"""Screens with a live picture in the light of shots. Who holds something up has no hand free, so
that the pedal begins what they are for; no patient is open, and no picture of one is taken."""

RUNNING: Final = (S.SERVICE_LIGHTS, S.SERVICE_CAMERA, S.SERVICE_TESTS, S.SERVICE_SUPPORT, *LIT)
"""Screens whose tests are started by hand, and may be under way."""

SERVICE: Final = frozenset({S.SERVICE, *PAGES.values()})
"""Every state in which a technician is signed in."""


def _entered(page: State) -> Effects:
    return (F.LIGHTS_ON,) if page in LIT else ()


def _left(page: State) -> Effects:
    """Tests first: a job of theirs that is still to come would light the lamps again."""
    return (F.STOP_TESTS, F.LIGHTS_OFF) if page in LIT else (F.STOP_TESTS,)


TABLE: Table = {
    (S.SERVICE, E.SIGN_OUT): (S.SIGNED_OUT, (F.STOP_TESTS, F.SIGN_OUT)),
    **{(S.SERVICE, event): (page, _entered(page)) for event, page in PAGES.items()},
    **{(page, E.BACK): (S.SERVICE, _left(page)) for page in PAGES.values()},
    **{
        (state, E.SIGN_OUT_DUE): (S.SIGNED_OUT, (*_left(state), F.SIGN_OUT))
        for state in (S.SERVICE, *PAGES.values())
    },
    **{(page, E.RUN): (page, (F.RUN_TESTS,)) for page in RUNNING},
    **{(page, E.PEDAL): (page, (F.RUN_TESTS,)) for page in LIT},
    # Each to the screen where the fault is looked for.
    **{(page, E.CAMERA_FAILED): (S.SERVICE_CAMERA, _left(page)) for page in LIT},
    **{(page, E.LIGHT_FAILED): (S.SERVICE_LIGHTS, _left(page)) for page in LIT},
    (S.SERVICE_PEDAL, E.PEDAL): (S.SERVICE_PEDAL, (F.COUNT_PRESS,)),
    # Where fingers are not felt, a foot is.
    (S.SERVICE_TOUCH, E.PEDAL): (S.SERVICE, (F.STOP_TESTS,)),
    (S.SERVICE_CAMERA, E.TRY_AGAIN): (S.SERVICE_CAMERA, (F.STOP_TESTS, F.RESTART_CAMERA)),
    (S.SERVICE_CAMERA, E.CAMERA_READY): (S.SERVICE_CAMERA, (F.RUN_TESTS,)),
}
