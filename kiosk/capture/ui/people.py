"""What the screens show of operators and patients; a part of the screen's model.

Everything personal is kept out of ``repr``: no log can show it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date

from kiosk.capture.ui.forms.consent import ConsentForm
from kiosk.capture.ui.forms.day import DayForm
from kiosk.capture.ui.forms.pin import PinEntry
from kiosk.capture.ui.forms.withdrawal import WithdrawalForm


@dataclass(frozen=True, slots=True)
class SignInModel:
    """What is known of a sign-in under way.

    Attributes:
        pin: as typed so far.
        wait_s: seconds until the next PIN may be tried; 0 when it may.
        left: wrong PINs until the badge is locked; None where nothing was wrong yet.
    """

    pin: PinEntry = field(default=PinEntry())
    wait_s: int = 0
    left: int | None = None


@dataclass(frozen=True, slots=True)
class DayRow:
    """One patient of the day's list, as a passer-by may see it.

    Attributes:
        number: what a touch chooses; never drawn.
        name: masked.
        last: the number's last characters.
        time: of the appointment, "09:30"; empty where none was given.
        treatment: what is planned; empty where the clinic did not say.
    """

    number: str = field(repr=False)
    name: str = field(repr=False)
    last: str = field(repr=False)
    time: str = ""
    treatment: str = field(default="", repr=False)


class DayNote(enum.Enum):
    """What is to be said of the day's list."""

    NONE = enum.auto()  # nothing: it is today's
    MISSING = enum.auto()  # the clinic has sent none yet
    OTHER_DAY = enum.auto()  # the newest is of another day
    UNUSABLE = enum.auto()  # what came cannot be used


@dataclass(frozen=True, slots=True)
class DayModel:
    """The day's list; ``day`` is None where there is no list."""

    rows: tuple[DayRow, ...] = ()
    day: date | None = None
    note: DayNote = DayNote.MISSING
    form: DayForm = field(default=DayForm())


class Standing(enum.Enum):
    """How a purpose stands with a patient."""

    NEVER_ASKED = enum.auto()
    ALLOWED = enum.auto()
    REFUSED = enum.auto()
    WITHDRAWN = enum.auto()
    LAPSED = enum.auto()


@dataclass(frozen=True, slots=True)
class UseRow:
    """One purpose, or one channel of it.

    Attributes:
        use: a purpose, or ``purpose/channel``.
        standing: how it stands.
        since: since when; None where it was never asked, or the clock was not right then.
        name: the channel's, in the clinic's text; empty of a purpose, and where it is not known.
    """

    use: str
    standing: Standing
    since: date | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChartModel:
    """The patient's page.

    Attributes:
        number: the clinic's.
        name: as the day's list has it; empty where the patient is not on it.
        born: date of birth, where it is known.
        uses: purposes in the text's order, channels behind theirs.
        barred: why no picture may be taken, in a sentence; empty where one may.
        without_baseline: titles of the views that have no "before" picture, of a patient who should
            have them; empty of a first visit, and where all have.
        in_session: whether a session has begun and would be gone on with.
    """

    number: str = field(repr=False)
    name: str = field(default="", repr=False)
    born: date | None = field(default=None, repr=False)
    uses: tuple[UseRow, ...] = field(default=(), repr=False)
    barred: str = ""
    without_baseline: tuple[str, ...] = ()
    in_session: bool = False

    @property
    def withdrawable(self) -> tuple[str, ...]:
        """Uses that are allowed, so that they can be withdrawn."""
        return tuple(row.use for row in self.uses if row.standing is Standing.ALLOWED)


@dataclass(frozen=True, slots=True)
class ConsentModel:
    """The consent form.

    Attributes:
        form: what is filled in; None while the text is being opened.
        languages: name of each text's file and the language's own name, the one shown included.
        number: of the patient, shown with the form.
        name: of the patient, where it is known.
    """

    form: ConsentForm | None = field(default=None, repr=False)
    languages: tuple[tuple[str, str], ...] = ()
    number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class People:
    """Everything about people that a screen may show.

    Attributes:
        operator: name of who is signed in; empty while nobody is.
        problem: what is wrong with what was just scanned, typed or tried, in a sentence.
        sign_in: badge and PIN.
        day: the day's list.
        chart: the patient's page; None while no patient is open.
        consent: the consent form.
        withdrawal: what is to be withdrawn.
    """

    operator: str = field(default="", repr=False)
    problem: str = ""
    sign_in: SignInModel = field(default=SignInModel())
    day: DayModel = field(default=DayModel())
    chart: ChartModel | None = field(default=None, repr=False)
    consent: ConsentModel = field(default=ConsentModel())
    withdrawal: WithdrawalForm = field(default=WithdrawalForm())
