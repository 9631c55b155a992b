"""One purpose alone on the screen: what it means, and yes or no, of which neither stands out."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.consent_pages import Page, purpose_parts
from kiosk.capture.ui.forms.actions import Answer, ReadOn, Step
from kiosk.capture.ui.forms.consent import ConsentForm
from kiosk.capture.ui.layout import TOUCH, Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.sheet import body_of, draw_head, draw_page, nominal
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event
from kiosk.records.consent_text import RECORD, PurposeText

_GAP: Final = 14
_ANSWER: Final = 150
_NAME: Final = 76
_FEW: Final = {False: 4, True: 3}
"""Up to so many channels stand below each other, by whether the panel lies across."""


class ConsentChoices:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        form = model.people.consent.form
        if form is None:
            return ()
        return (
            *_reading(layout, words, form),
            *_answers(layout, words, form),
            *_channels(layout, words, form),
            *_steps(layout, words, form),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        form, layout, said = model.people.consent.form, canvas.layout, canvas.words.consent
        if form is None:
            return
        asked = said.question_of.format(question=form.step + 1, questions=len(form.text.purposes))
        draw_head(canvas, form.purpose.name, asked)
        shown, _, _ = _part(layout, canvas.words, form)
        draw_page(
            canvas,
            shown,
            _words_area(layout, form.purpose, reading=_long(layout, canvas.words, form)),
        )
        under = _under(layout, form.purpose)
        if form.purpose.id == RECORD and form.refused:
            style = theme.Style(theme.BODY.weight, theme.BODY.size, theme.WARNING)
            canvas.text(said.record_refused, under, style)
        if _asks_where(form):
            where = said.nowhere if _nowhere(form) else said.where
            canvas.text(where, under.top(layout.px(_NAME)), theme.BODY)
            for number, channel in enumerate(form.purpose.channels):
                name = _channel_cell(layout, form.purpose, number)[0]
                canvas.text(channel.name, name, theme.BODY, give=Give(least=0.5))


def _columns(layout: Layout, purpose: PurposeText) -> tuple[Rect, Rect]:
    """The words, and what is answered: below them, or at their right."""
    body, px = body_of(layout), layout.px
    if layout.landscape:
        words, answered = body.columns((2, 3) if purpose.channels else (1, 1), px(50))
        return words, answered
    answered_height = px(_ANSWER) + px(24) + _under_height(layout, purpose)
    return body.above(answered_height + px(24)), body.foot(answered_height)


def _under_height(layout: Layout, purpose: PurposeText) -> int:
    px = layout.px
    if not purpose.channels:
        return px(130) if purpose.id == RECORD else 0
    rows = -(-len(purpose.channels) // _wide(layout, purpose))
    return px(_NAME) + rows * (px(TOUCH) + px(_GAP))


def _wide(layout: Layout, purpose: PurposeText) -> int:
    """How many channels stand beside each other."""
    return 2 if len(purpose.channels) > _FEW[layout.landscape] else 1


def _under(layout: Layout, purpose: PurposeText) -> Rect:
    """The room below yes and no."""
    return (
        _columns(layout, purpose)[1]
        .below(layout.px(_ANSWER) + layout.px(24))
        .top(_under_height(layout, purpose))
    )


def _words_area(layout: Layout, purpose: PurposeText, *, reading: bool) -> Rect:
    area = _columns(layout, purpose)[0]
    return area.above(layout.px(TOUCH + 20)) if reading else area


def _parts(layout: Layout, words: Wording, form: ConsentForm, *, reading: bool) -> tuple[Page, ...]:
    area = _words_area(layout, form.purpose, reading=reading)
    return purpose_parts(form.purpose, words.consent, nominal(layout, area))


def _long(layout: Layout, words: Wording, form: ConsentForm) -> bool:
    """Whether the words need more than one screen."""
    return len(_parts(layout, words, form, reading=False)) > 1


def _part(layout: Layout, words: Wording, form: ConsentForm) -> tuple[Page, int, int]:
    parts = _parts(layout, words, form, reading=_long(layout, words, form))
    part = min(form.part, len(parts) - 1)
    return parts[part], part, len(parts)


def _reading(layout: Layout, words: Wording, form: ConsentForm) -> tuple[Button, ...]:
    if not _long(layout, words, form):
        return ()
    said = words.consent
    _, part, count = _part(layout, words, form)
    place = _columns(layout, form.purpose)[0].foot(layout.px(TOUCH))
    if part == count - 1:
        return (Button(place, ReadOn(-form.part), said.from_start),)
    return (Button(place, ReadOn(part + 1 - form.part), said.more),)


def _answers(layout: Layout, words: Wording, form: ConsentForm) -> tuple[Button, ...]:
    row = _columns(layout, form.purpose)[1].top(layout.px(_ANSWER))
    yes, no = row.columns((1, 1), layout.px(24))
    return _yes_and_no(form, words, (yes, no), form.purpose.id, None)


def _channels(layout: Layout, words: Wording, form: ConsentForm) -> tuple[Button, ...]:
    if not _asks_where(form):
        return ()
    purpose = form.purpose
    found: list[Button] = []
    for number, channel in enumerate(purpose.channels):
        _, yes, no = _channel_cell(layout, purpose, number)
        found += _yes_and_no(form, words, (yes, no), purpose.id, channel.id)
    return tuple(found)


def _asks_where(form: ConsentForm) -> bool:
    return bool(form.purpose.channels and form.answers.get((form.purpose.id, None)))


def _nowhere(form: ConsentForm) -> bool:
    """Whether every channel was refused of a purpose that was allowed."""
    purpose = form.purpose
    return all(form.answers.get((purpose.id, one.id)) is False for one in purpose.channels)


def _yes_and_no(
    form: ConsentForm,
    words: Wording,
    places: tuple[Rect, Rect],
    purpose: str,
    channel: str | None,
) -> tuple[Button, ...]:
    answer = form.answers.get((purpose, channel))
    said = ((True, words.consent.yes), (False, words.consent.no))
    return tuple(
        Button(
            place,
            Answer(purpose, allowed, channel),
            label,
            Kind.CHOSEN if answer is allowed else Kind.QUIET,
            "tick" if answer is allowed and channel is None else "",
        )
        for place, (allowed, label) in zip(places, said, strict=True)
    )


def _channel_cell(layout: Layout, purpose: PurposeText, number: int) -> tuple[Rect, Rect, Rect]:
    """Where a channel's name stands, and its yes and no."""
    px, wide = layout.px, _wide(layout, purpose)
    area = _under(layout, purpose).below(px(_NAME))
    row = area.below(number // wide * (px(TOUCH) + px(_GAP))).top(px(TOUCH))
    cell = row.columns((1,) * wide, px(30))[number % wide]
    side = px(130 if wide > 1 else 200)
    no = Rect(cell.right - side, cell.y, side, cell.h)
    yes = Rect(no.x - px(_GAP) - side, cell.y, side, cell.h)
    return Rect(cell.x, cell.y, yes.x - px(16) - cell.x, cell.h), yes, no


def _steps(layout: Layout, words: Wording, form: ConsentForm) -> tuple[Button, ...]:
    before, forward = layout.content_actions.columns((2, 3), layout.px(20))
    said = words.consent
    back = Button(before, Event.BACK, words.back)
    if form.step:
        back = Button(before, Step(-1), said.previous_question)
    if form.last_step:
        onward = Button(
            forward, Event.READY, words.sign_in.proceed, Kind.PRIMARY, enabled=form.decided
        )
    else:
        answered = form.answered(form.purpose)
        onward = Button(forward, Step(1), said.next_question, Kind.PRIMARY, enabled=answered)
    return back, onward
