"""Every answer once more in words, the patient's own sentence, and the signature."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.forms.actions import Sign
from kiosk.capture.ui.forms.consent import PAD_ASPECT, ConsentForm
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.parts import Part
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.sheet import body_of, draw_head
from kiosk.capture.ui.signature_pad import pad_part
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.theme import Style
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event
from kiosk.records.consent_text import PurposeText

_UNDERSTOOD: Final = 190
_TAKEN: Final = 100
_ROW: Final = 100
_LONG: Final = Give(least=0.4, may_cut=True)
"""The clinic's sentence was read in full on the pages of the text."""


class ConsentSign:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        form = model.people.consent.form
        if form is None:
            return ()
        back, clear, sign = layout.content_actions.columns((2, 2, 3), layout.px(20))
        said = words.consent
        box = Button(
            _understood(layout),
            Sign.UNDERSTOOD,
            form.text.statements.understood,
            Kind.CHOSEN if form.understood else Kind.QUIET,
            "box_ticked" if form.understood else "box",
            give=_LONG,
        )
        return (
            box,
            Button(back, Event.BACK, words.back),
            Button(clear, Sign.CLEAR, said.clear),
            Button(sign, Event.CONSENT_GIVEN, said.sign, Kind.PRIMARY, enabled=form.complete),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        form = model.people.consent.form
        if form is None:
            return
        draw_head(canvas, canvas.words.consent.sign_title)
        _summary(canvas, form)
        style = Style(theme.NOTE.weight, 36, theme.MUTED)
        canvas.text(_taken(canvas.words, model, form), _taken_place(canvas.layout), style)
        for part in pad_parts(canvas, model):
            part.draw(canvas)


def pad_of(layout: Layout) -> Rect:
    """Where the signature is drawn."""
    column = _right(layout)
    width = column.w
    height = round(width / PAD_ASPECT)
    return Rect(column.x, column.bottom - height, width, height)


def pad_parts(canvas: Canvas, model: ScreenModel) -> tuple[Part, ...]:
    """The pad, while somebody signs."""
    form = model.people.consent.form
    return () if form is None else (pad_part(pad_of(canvas.layout), form.pad),)


def _right(layout: Layout) -> Rect:
    """Where it is signed: below the answers, or at their right."""
    body = body_of(layout)
    return body.columns((2, 3), layout.px(40))[1] if layout.landscape else body


def _understood(layout: Layout) -> Rect:
    px, pad = layout.px, pad_of(layout)
    height = px(_UNDERSTOOD)
    return Rect(pad.x, pad.y - px(20) - px(_TAKEN) - height, pad.w, height)


def _taken_place(layout: Layout) -> Rect:
    px, pad = layout.px, pad_of(layout)
    return Rect(pad.x, pad.y - px(10) - px(_TAKEN), pad.w, px(_TAKEN))


def _summary(canvas: Canvas, form: ConsentForm) -> None:
    layout, px = canvas.layout, canvas.layout.px
    body = body_of(layout)
    if layout.landscape:
        area = body.columns((2, 3), px(40))[0]
    else:
        area = body.above(body.bottom - _understood(layout).y + px(20))
    count = len(form.text.purposes)
    height = min(
        px(_ROW) * (1 if not layout.landscape else 2), (area.h - px(8) * (count - 1)) // count
    )
    for number, purpose in enumerate(form.text.purposes):
        row = area.below(number * (height + px(8))).top(height)
        canvas.panel(row)
        inner = row.inset(px(24), px(6))
        name, said = inner.columns((1, 1), px(20))
        answer, allowed = _answer(canvas.words, form, purpose)
        canvas.text(purpose.name, name, theme.BODY, give=_LONG)
        ink = theme.GOOD if allowed else theme.TEXT
        style = Style(theme.HEADING.weight, theme.BODY.size, ink)
        canvas.text(answer, said, style, Align.RIGHT, _LONG)


def _answer(words: Wording, form: ConsentForm, purpose: PurposeText) -> tuple[str, bool]:
    """Return what was answered in words, and whether it was a yes."""
    said = words.consent
    if form.refused or not form.answers.get((purpose.id, None)):
        return said.answered_no, False
    places = tuple(one.name for one in purpose.channels if form.answers.get((purpose.id, one.id)))
    if not purpose.channels:
        return said.answered_yes, True
    return said.answered_where.format(places=words.guide.listed(places)), True


def _taken(words: Wording, model: ScreenModel, form: ConsentForm) -> str:
    """Who takes the consent, on which day, and who signs where it is not the patient."""
    said, operator = words.consent, model.people.operator
    day = words.guide.day(form.shown_on)
    taken = said.taken_by.format(operator=operator, day=day)
    if not operator:
        taken = said.taken_on.format(day=day)
    if not form.guardian:
        return taken
    signed = said.signed_by.format(name=form.name.strip(), relation=form.relation.strip())
    return f"{taken}\n{signed}"
