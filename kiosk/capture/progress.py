"""How far a session is: which views are done, skipped, and what comes now."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace

from kiosk.records.protocols import Protocol, View


class Outcome(enum.Enum):
    """What became of one view of the session."""

    WAITING = enum.auto()
    ACCEPTED = enum.auto()
    SKIPPED = enum.auto()


@dataclass(frozen=True, slots=True)
class SessionProgress:
    """One session's views and what became of each; every step returns a new value.

    Attributes:
        patient: the patient's number; kept out of ``repr`` so that no log can show it.
        protocol: the ordered views.
        outcomes: one per view of the protocol, in its order.
    """

    patient: str = field(repr=False)
    protocol: Protocol
    outcomes: tuple[Outcome, ...]

    @classmethod
    def begin(cls, patient: str, protocol: Protocol) -> SessionProgress:
        return cls(patient, protocol, (Outcome.WAITING,) * len(protocol.views))

    @property
    def index(self) -> int | None:
        """Position of the present view, from 0; None when no view is waiting."""
        if Outcome.WAITING not in self.outcomes:
            return None
        return self.outcomes.index(Outcome.WAITING)

    @property
    def current(self) -> View | None:
        """The first view still waiting, in the protocol's order."""
        return None if self.index is None else self.protocol.views[self.index]

    @property
    def remaining(self) -> int:
        """Number of views still waiting, the present one included."""
        return self.outcomes.count(Outcome.WAITING)

    @property
    def accepted_count(self) -> int:
        return self.outcomes.count(Outcome.ACCEPTED)

    @property
    def skipped_count(self) -> int:
        return self.outcomes.count(Outcome.SKIPPED)

    def accepted(self) -> SessionProgress:
        """The present view's picture was kept; without a present view nothing changes."""
        return self._settled(Outcome.ACCEPTED)

    def skipped(self) -> SessionProgress:
        """The present view is left out; without a present view nothing changes."""
        return self._settled(Outcome.SKIPPED)

    def reopened(self) -> SessionProgress:
        """Every skipped view waits again."""
        back = {Outcome.SKIPPED: Outcome.WAITING}
        return replace(self, outcomes=tuple(back.get(o, o) for o in self.outcomes))

    def _settled(self, outcome: Outcome) -> SessionProgress:
        if self.index is None:
            return self
        before, after = self.outcomes[: self.index], self.outcomes[self.index + 1 :]
        return replace(self, outcomes=(*before, outcome, *after))
