"""What the station does next: (state, event) to (state, effects), by the tables of ``flow``.

Nothing here touches a device, a screen or a clock. The program tells :class:`Workflow` what
happened and carries out the effects that it answers, in their order; what an effect leads to comes
back as another event. The program keeps two promises in return: each effect that is to be answered
(:class:`Effect` says which) is answered once, a ``TAKE_SHOT`` unless a ``DROP_SHOT`` came first.
Presses made before the present screen was shown are the program's to leave out: they were meant
for another screen.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from kiosk.capture.flow import patients, service, session, signing
from kiosk.capture.flow.values import PERSONS, Effect, Effects, Event, State, Table

__all__ = ["TABLE", "Effect", "Effects", "Event", "State", "Workflow"]


class Workflow:
    """Walks the tables; an event that the present state does not know changes nothing.

    Attributes:
        state: where the station is now.
        blanked: whether the screen is dark; nothing that a person does counts then.
        ignored: how often each impossible (state, event) happened, for the journal.
    """

    def __init__(self) -> None:
        self.state = State.SIGNED_OUT
        self.blanked = False
        self.ignored: Counter[tuple[State, Event]] = Counter()

    def handle(self, event: Event) -> Effects:
        """Move on and return the acts to carry out, in order; never raises."""
        if event is Event.BLANKED:
            self.blanked = True
        step = None if self.blanked and event in PERSONS else TABLE.get((self.state, event))
        if step is None:
            self.ignored[self.state, event] += event is not Event.BLANKED
            return ()
        self.state, effects = step
        return effects

    def wake(self) -> None:
        """Light the screen again: somebody touched it or pressed the pedal, which does no more."""
        self.blanked = False


TABLE: Final[Table] = {
    **signing.TABLE,
    **service.TABLE,
    **patients.TABLE,
    **session.TABLE,
}
