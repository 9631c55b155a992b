"""The live picture with the guide over it; the pedal is armed here and nowhere else."""

from __future__ import annotations

from functools import partial
from typing import Final

from kiosk.capture.guides.values import Cue, Guidance
from kiosk.capture.ui import theme
from kiosk.capture.ui.cue_icons import looks_of
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.meter import meter_parts
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.parts import Part
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.stage import draw_empty
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Align, Button, Canvas
from kiosk.capture.ui.wording import Wording, say
from kiosk.capture.workflow import Event
from kiosk.records.protocols import View

PROMPT: Final = theme.Style(theme.BUTTON.weight, 46, theme.ACCENT)
# A fault is a whole sentence, up to three lines.
_FAULT: Final = theme.Style(theme.BUTTON.weight, theme.NOTE.size, theme.WARNING)

_HELD_STEPS: Final = 24
"""The ring of the automatic shot fills in so many steps."""

_SHARED: Final = 0.56
"""Side of each of two icons over that of one alone."""

_TWO_THINGS: Final = Give(least=0.55)
"""What is asked for at once may take three lines in a language whose words are long."""

_CALM: Final = frozenset({Cue.READY, Cue.HOLD_STILL})


class Aim:
    frame = Frame(stage=True, live=True)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        return (Button(_split(layout)[0], Event.BACK, words.back),)

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        draw_empty(canvas)
        for part in guide_parts(canvas, model):
            part.draw(canvas)
        prompt = _split(canvas.layout)[1]
        if model.device_fault:
            said = canvas.words.devices.said(model.device_fault)
            draw_prompt(canvas, prompt, "notice", said, _FAULT)
        else:
            draw_prompt(canvas, prompt, "pedal", canvas.words.aim_prompt, PROMPT)


def guide_parts(canvas: Canvas, model: ScreenModel) -> tuple[Part, ...]:
    """What stands beside or below the stage: the view's words, or the guide's and the meter."""
    panel, guidance, px = canvas.layout.panel, model.guidance, canvas.layout.px
    if guidance is None or model.view is None:
        return (Part(panel, model.view, partial(_view_words, rect=panel, view=model.view)),)
    if guidance.instruction.cue is Cue.CANNOT_JUDGE and not any(
        reading.share is not None for reading in guidance.readings
    ):
        draw = partial(_judged_by_eye, rect=panel, view=model.view)
        return (Part(panel, (Cue.CANNOT_JUDGE, model.view), draw),)
    meter_height, gap = (px(118), px(24)) if canvas.layout.landscape else (px(104), px(12))
    heading = panel.top(px(92) if canvas.layout.landscape else 0)
    spoken = panel.below(heading.h).above(meter_height)
    held = round(guidance.held * _HELD_STEPS)
    mirror, yaw = canvas.guides.mirror, model.view_yaw
    looks = looks_of(guidance.instruction, mirror=mirror, view_yaw=yaw)
    icons = tuple(look.icon for look in looks)
    words = Part(
        spoken,
        (guidance.instruction, icons, held, guidance.within),
        partial(_say, rect=spoken.above(gap), gap=gap, guidance=guidance, icons=icons),
    )
    head = Part(heading, model.view.title, partial(_heading, rect=heading, view=model.view))
    meter = meter_parts(panel.foot(meter_height), guidance, mirror=mirror, view_yaw=yaw)
    return (*((head,) if heading.h else ()), words, *meter)


def _view_words(canvas: Canvas, rect: Rect, view: View | None) -> None:
    """The view's title and instruction where nothing guides, beside or below the stage."""
    canvas.fill(rect, theme.BACKGROUND)
    px = canvas.layout.px
    if view is None:
        return
    if not canvas.layout.landscape:
        used = canvas.text(view.title, rect.top(px(72)), theme.HEADING, Align.TOP_LEFT)
        canvas.text(view.instruction, rect.below(used + px(8)), theme.LEAD, Align.TOP_LEFT)
        return
    y = rect.y + canvas.text(view.title, rect.top(px(200)), theme.TITLE, Align.TOP_LEFT)
    room = Rect(rect.x, y + px(12), rect.w, px(260))
    y = room.y + canvas.text(view.instruction, room, theme.LEAD, Align.TOP_LEFT)
    rest = Rect(rect.x, y + px(24), rect.w, rect.bottom - y - px(24))
    canvas.text(view.operator_note, rest, theme.NOTE, Align.TOP_LEFT)


def _heading(canvas: Canvas, rect: Rect, view: View) -> None:
    canvas.fill(rect, theme.BACKGROUND)
    style = theme.Style(theme.HEADING.weight, theme.HEADING.size, theme.MUTED)
    canvas.text(view.title, rect, style)


def _say(canvas: Canvas, rect: Rect, gap: int, guidance: Guidance, icons: tuple[str, ...]) -> None:
    """The one thing to do, as large as it gets, behind its icon."""
    px, cue = canvas.layout.px, guidance.instruction.cue
    canvas.fill(rect._replace(h=rect.h + gap), theme.BACKGROUND)
    ready = guidance.within
    outline = theme.GOOD if ready else None
    canvas.panel(rect, theme.READY if ready else theme.PANEL, outline, 4)
    inner = rect.inset(px(28), px(12))
    side = min(px(260 if canvas.layout.landscape else 150), inner.h)
    ink = theme.GOOD if cue in _CALM else theme.ACCENT
    _icons(canvas, inner._replace(w=side), icons, guidance.held, ink)
    words = Rect(inner.x + side + px(28), inner.y, inner.w - side - px(28), inner.h)
    style = theme.DISPLAY if canvas.layout.landscape else theme.TITLE
    give = Give() if guidance.instruction.also is None else _TWO_THINGS
    canvas.text(say(canvas.words, guidance.instruction), words, style, give=give)


def _icons(
    canvas: Canvas, rect: Rect, icons: tuple[str, ...], held: float, ink: theme.Colour
) -> None:
    """The cues' icons; one within the ring that fills until the station shoots by itself."""
    icon, *others = icons
    if others:
        for number, one in enumerate(icons):
            canvas.icon(one, _of_two(rect, number), ink)
        return
    if not held:
        canvas.icon(icon, rect, ink)
        return
    side = min(rect.w, rect.h)
    x, y = rect.centre
    ring = Rect(x - side // 2, y - side // 2, side, side)
    share = round(held * _HELD_STEPS) / _HELD_STEPS
    canvas.surface.blit(canvas.shapes.ring(side, share, ink, theme.LINE), (ring.x, ring.y))
    canvas.icon(icon, ring.inset(side // 4), ink, 0.12)


def _of_two(rect: Rect, number: int) -> Rect:
    """Return the square of one of two icons: the upper left one, the lower right one."""
    side = round(_SHARED * min(rect.w, rect.h))
    x, y = rect.centre
    half = min(rect.w, rect.h) // 2
    return (
        Rect(x - half, y - half, side, side)
        if number == 0
        else Rect(x + half - side, y + half - side, side, side)
    )


def _judged_by_eye(canvas: Canvas, rect: Rect, view: View) -> None:
    """What the patient does all the same, and who judges it; there is nothing to meter."""
    px = canvas.layout.px
    canvas.fill(rect, theme.BACKGROUND)
    canvas.panel(rect)
    inner = rect.inset(px(28), px(16))
    side = min(px(260 if canvas.layout.landscape else 150), inner.h)
    canvas.icon("by_eye", inner._replace(w=side), theme.ACCENT)
    words = Rect(inner.x + side + px(28), inner.y, inner.w - side - px(28), inner.h)
    note = words.foot(px(106))
    style = theme.TITLE if canvas.layout.landscape else theme.HEADING
    canvas.text(view.instruction, words.above(note.h + px(8)), style)
    canvas.text(canvas.words.guide.by_eye, note, theme.NOTE)


def draw_prompt(canvas: Canvas, rect: Rect, icon: str, text: str, style: theme.Style) -> None:
    """Say what the foot does: framed and not filled, as it is nothing to touch."""
    px = canvas.layout.px
    canvas.panel(rect, theme.BACKGROUND, style.colour, 4)
    inner = rect.inset(px(28), px(12))
    side = min(px(76), inner.h)
    canvas.icon(icon, inner._replace(w=side), style.colour)
    words = Rect(inner.x + side + px(24), inner.y, inner.w - side - px(24), inner.h)
    canvas.text(text, words, style)


def _split(layout: Layout) -> tuple[Rect, ...]:
    return layout.actions.columns((22, 78), layout.px(20))
