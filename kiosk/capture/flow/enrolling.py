"""A station that waits for its enrolment code: a machine of its own, apart from the workflow.

Its effects are a type of their own: no row of it can name a lamp, a patient or a shot.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from kiosk.capture.flow.values import Event, State


class Act(enum.Enum):
    """What the program must do now."""

    ASK = enum.auto()  # hand the code over; answered by ENROLLED or ENROLMENT_REFUSED
    FORGET = enum.auto()  # wipe the code, wherever it is
    LEAVE = enum.auto()  # end, so that the ordinary start comes


S, E, A = State, Event, Act

Step = tuple[State, tuple[Act, ...]]

TABLE: Final[Mapping[tuple[State, Event], Step]] = {
    (S.ENROL, E.TYPE_CODE): (S.ENROL_TYPE, ()),
    (S.ENROL, E.CODE_GIVEN): (S.ENROL_ASKING, (A.ASK,)),
    (S.ENROL_TYPE, E.CODE_GIVEN): (S.ENROL_ASKING, (A.ASK,)),
    (S.ENROL_TYPE, E.BACK): (S.ENROL, (A.FORGET,)),
    (S.ENROL_TYPE, E.SIGN_OUT_DUE): (S.ENROL, (A.FORGET,)),
    (S.ENROL_ASKING, E.ENROLMENT_REFUSED): (S.ENROL_REFUSED, ()),
    # With the code that was refused, which is still there.
    (S.ENROL_REFUSED, E.TRY_AGAIN): (S.ENROL_ASKING, (A.ASK,)),
    (S.ENROL_REFUSED, E.CODE_GIVEN): (S.ENROL_ASKING, (A.ASK,)),
    (S.ENROL_REFUSED, E.BACK): (S.ENROL, (A.FORGET,)),
    # Why it was refused stays for whoever comes back.
    (S.ENROL_REFUSED, E.SIGN_OUT_DUE): (S.ENROL_REFUSED, (A.FORGET,)),
    **{
        (state, E.ENROLLED): (S.ENROLLED, (A.FORGET,))
        for state in (S.ENROL, S.ENROL_TYPE, S.ENROL_ASKING, S.ENROL_REFUSED)
    },
    (S.ENROLLED, E.FINISH): (S.ENROLLED, (A.LEAVE,)),
    (S.ENROLLED, E.SIGN_OUT_DUE): (S.ENROLLED, (A.LEAVE,)),
}

ENROLLING: Final = frozenset(state for state, _ in TABLE)
"""Its states; the workflow has none of them."""

READS: Final = frozenset({S.ENROL, S.ENROL_TYPE, S.ENROL_REFUSED})
"""Screens on which the reader may read a code."""


def step(state: State, event: Event) -> Step:
    """Return where an event leads and what is to be done; nothing, where it means nothing."""
    return TABLE.get((state, event), (state, ()))
