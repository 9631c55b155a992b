"""From what is known of people to what the screens show of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from kiosk.capture.earlier import Recalled
from kiosk.capture.people.lobby import Lobby
from kiosk.capture.people.office import DayList, PatientFile
from kiosk.capture.ui.forms.day import DayForm
from kiosk.capture.ui.people import (
    ChartModel,
    ConsentModel,
    DayModel,
    DayNote,
    DayRow,
    People,
    SignInModel,
    Standing,
    UseRow,
)
from kiosk.languages.own_names import own_name
from kiosk.model import ClockState
from kiosk.records.consent_history import HistoryEntry, lapsed, purpose_of
from kiosk.records.consent_state import ConsentState
from kiosk.records.consent_text import ConsentText
from kiosk.records.shot import Instant
from kiosk.records.views import View
from kiosk.records.worklist import Expected, masked, masked_number


@dataclass(frozen=True, slots=True)
class Known:
    """What does not change while the program runs, and the clocks.

    Attributes:
        uses: purposes and channels of the station's own consent text, in its order, with the
            channels' names.
        views: of the protocol.
        now: the present moment by every clock.
    """

    uses: Mapping[str, str]
    views: Sequence[View]
    now: Callable[[], Instant]


def people_shown(
    lobby: Lobby, known: Known, recalled: Recalled | None, *, in_session: bool
) -> People:
    """Return everything about people that a screen may show now.

    Args:
        lobby: who is there.
        known: what is the same for all.
        recalled: the patient's baselines; None while they are being opened, and where none are
            kept.
        in_session: whether a session has begun.
    """
    door, reception, filled = lobby.door, lobby.reception, lobby.filled
    file = reception.file
    chart = None
    if file is not None:
        chart = ChartModel(
            number=file.number,
            name="" if file.expected is None else file.expected.name,
            born=_born(file),
            uses=tuple(_uses(file.consent, known)),
            barred=reception.barred(),
            without_baseline=without_baseline(file.expected, known.views, recalled),
            in_session=in_session,
        )
    return People(
        operator="" if door.operator is None else door.operator.name,
        problem=lobby.problem,
        sign_in=SignInModel(filled.pin, door.wait_s, door.left),
        day=_day(door.day, filled.day, known.now()),
        chart=chart,
        consent=ConsentModel(
            form=reception.form,
            languages=tuple((text, own_name(tag)) for text, tag in reception.texts),
            number="" if file is None else file.number,
            name="" if chart is None else chart.name,
        ),
        withdrawal=filled.withdrawal,
    )


def uses_of(text: ConsentText) -> dict[str, str]:
    """Return a text's uses: purposes, or their channels where they have any, with their names."""
    found: dict[str, str] = {}
    for purpose in text.purposes:
        channels = {f"{purpose.id}/{channel.id}": channel.name for channel in purpose.channels}
        found |= channels or {purpose.id: ""}
    return found


def without_baseline(
    expected: Expected | None, views: Sequence[View], recalled: Recalled | None
) -> tuple[str, ...]:
    """Return the titles of views that should have a "before" picture and have none.

    A patient should have them who has any, or of whom the day's list says so. Views that the
    station cannot judge are left out: before their pictures were remembered too, patients had none.
    """
    if recalled is None:
        return ()
    if not recalled.by_view and not (expected is not None and expected.follow_up):
        return ()
    there = recalled.by_view.keys() | recalled.unread
    return tuple(v.title for v in views if v.method != "none" and v.id not in there)


def _born(file: PatientFile) -> date | None:
    born = None if file.expected is None else file.expected.born
    return None if born is None else date.fromisoformat(born)


def _day(day: DayList, form: DayForm, now: Instant) -> DayModel:
    if day.worklist is None:
        note = DayNote.MISSING if day.error is None else DayNote.UNUSABLE
        return DayModel(note=note, form=form)
    of = date.fromisoformat(day.worklist.day)
    today = datetime.fromisoformat(now.wall).astimezone().date()
    if now.clock is ClockState.SYNCHRONISED and of != today:
        return DayModel(day=of, note=DayNote.OTHER_DAY, form=form)
    rows = tuple(
        DayRow(
            number=one.number,
            name=masked(one.name),
            last=masked_number(one.number),
            time=one.time or "",
            treatment=one.treatment or "",
        )
        for one in day.worklist.entries
    )
    return DayModel(rows, of, DayNote.NONE, form)


def _uses(state: ConsentState, known: Known) -> Iterator[UseRow]:
    now = known.now()
    since = {period.use: period.begun for period in state.periods() if period.ended is None}
    for use in (*known.uses, *sorted(state.uses.keys() - set(known.uses))):
        name = known.uses.get(use, "")
        if use in state.uses:
            over = lapsed(state.uses[use], now)
            standing = Standing.LAPSED if over else Standing.ALLOWED
            yield UseRow(use, standing, None if over else _date(since.get(use)), name)
        else:
            yield replace(_not_allowed(use, state), name=name)


def _not_allowed(use: str, state: ConsentState) -> UseRow:
    for entry in reversed(state.entries):
        decision = next((d for d in entry.decisions if d.purpose == purpose_of(use)), None)
        if entry.kind == "withdrawn":
            everything = any(one.purpose == "record" for one in entry.decisions)
            if decision is not None or everything:
                return UseRow(use, Standing.WITHDRAWN, _date(entry))
        elif decision is not None:
            return UseRow(use, Standing.REFUSED, _date(entry))
    return UseRow(use, Standing.NEVER_ASKED)


def _date(entry: HistoryEntry | None) -> date | None:
    if entry is None or entry.at.clock is not ClockState.SYNCHRONISED:
        return None
    return datetime.fromisoformat(entry.at.wall).astimezone().date()
