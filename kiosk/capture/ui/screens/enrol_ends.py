"""How an enrolment ends: refused, with what to do, or done, with the two fingerprints."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.enrolling import EnrolModel, Refusal
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.notice import Said, draw_notice, one_button, two_buttons
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_ICONS: Final = {Refusal.IDENTITY: "lock"}
_FAULT: Final = theme.Style(theme.BODY.weight, theme.BODY.size, theme.WARNING)
_LABEL: Final = theme.Style(theme.BUTTON.weight, theme.NOTE.size, theme.MUTED)


class EnrolRefused:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        other = (Event.BACK, words.enrol.other_code)
        if model.enrol.refusal is Refusal.IDENTITY:
            # Going on is not what should be done now.
            (alone,) = one_button(layout, (Event.BACK, words.back))
            return (replace(alone, kind=Kind.QUIET),)
        if not model.enrol.again:
            return one_button(layout, other)
        return two_buttons(layout, other, (Event.TRY_AGAIN, words.try_again))

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        refusal = model.enrol.refusal or Refusal.OTHER
        said = canvas.words.enrol.refusals[refusal]
        lead = said.lead.format(station=model.station)
        icon = _ICONS.get(refusal, "notice")
        draw_notice(canvas, Said(said.title, lead, model.enrol.sentence, icon))


class Enrolled:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        return one_button(layout, (Event.FINISH, words.enrol.done))

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        layout, px, said = canvas.layout, canvas.layout.px, canvas.words.enrol
        width = min(layout.content.w, px(1500))
        x = layout.content.x + (layout.content.w - width) // 2
        y = layout.content.y + px(30 if layout.landscape else 180)
        room = Rect(x, y, width, layout.content_actions.y - px(24) - y)
        side = px(120)
        canvas.icon("tick", Rect(x + (width - side) // 2, y, side, side), theme.GOOD, 0.07)
        room = room.below(side + px(16))
        title = said.done_title.format(station=model.station)
        used = canvas.text(title, room.top(px(200)), theme.TITLE, Align.TOP_CENTRE, _NAMED)
        room = room.below(used + px(16))
        room = room.below(_lead(canvas, model.enrol, room) + px(30))
        if model.enrol.enrolled is not None:
            keys = (
                (said.signing_key, model.enrol.enrolled.signing_key),
                (said.ssh_key, model.enrol.enrolled.ssh_key),
            )
            _draw_keys(canvas, keys, room.top(px(300 if layout.landscape else 400)))


_NAMED: Final = Give(least=0.45)


def _lead(canvas: Canvas, enrol: EnrolModel, room: Rect) -> int:
    """Say what it means; return the height that was taken."""
    px, said = canvas.layout.px, canvas.words.enrol
    if not enrol.sentence:
        text = said.done_bare if enrol.enrolled is None else said.done_lead
        return canvas.text(text, room.top(px(200)), theme.LEAD, Align.TOP_CENTRE)
    used = canvas.text(said.done_fault, room.top(px(120)), _FAULT, Align.TOP_CENTRE) + px(8)
    below = room.below(used).top(px(190))
    return used + canvas.text(enrol.sentence, below, theme.NOTE, Align.TOP_CENTRE)


def _draw_keys(canvas: Canvas, keys: tuple[tuple[str, str], ...], box: Rect) -> None:
    """Draw both fingerprints whole, as ``ssh-keygen -l`` prints them."""
    px = canvas.layout.px
    canvas.panel(box)
    style = theme.Style(theme.Weight.LITERAL, theme.NOTE.size)
    for (name, value), row in zip(keys, box.inset(px(36), px(18)).rows(2, px(10)), strict=True):
        canvas.text(name, row.top(px(52)), _LABEL)
        room = row.below(px(56))
        # Upright it is broken in the middle, rather than too small to be compared.
        half = len(value) if canvas.layout.landscape else len(value) // 2
        parts = tuple(part for part in (value[:half], value[half:]) if part)
        for part, line in zip(parts, room.rows(len(parts), 0), strict=True):
            canvas.text(part, line, style)
