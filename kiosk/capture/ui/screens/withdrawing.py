"""Taking consent back: which use, asked once more; and while acts of consent are recorded."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.forms.actions import Turn, Withdraw
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import People
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.notice import Said, draw_notice, two_buttons
from kiosk.capture.ui.screens.sheet import body_of, draw_head
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.widgets import Button, Canvas
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_LEAD: Final = 84
_ROW: Final = 130
_GAP: Final = 16


class WithdrawScreen:
    """Every use that is allowed, a button each; a touch leads on."""

    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        uses = named_uses(model.people, words)
        cells = _cells(layout)
        pages = max(1, -(-len(uses) // len(cells)))
        form = model.people.withdrawal
        page = min(form.page, pages - 1)
        shown = uses[page * len(cells) : (page + 1) * len(cells)]
        choices = tuple(
            Button(cell, Withdraw(use), name, give=Give(least=0.4))
            for cell, (use, name) in zip(cells, shown, strict=False)
        )
        row, px = layout.content_actions, layout.px
        if pages == 1:
            return (*choices, Button(row.columns((1, 2), px(20))[0], Event.BACK, words.back))
        back, before, after = row.columns((1, 1, 1), px(20))
        said = words.consent
        turns = (
            Button(before, Turn(page - 1 - form.page), said.previous_page, enabled=page > 0),
            Button(after, Turn(page + 1 - form.page), said.next_page, enabled=page < pages - 1),
        )
        return (*choices, Button(back, Event.BACK, words.back), *turns)

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        del model
        said = canvas.words.consent
        draw_head(canvas, said.withdraw_title)
        lead = body_of(canvas.layout).top(canvas.layout.px(_LEAD - 20))
        canvas.text(said.withdraw_lead, lead, theme.BODY)


class ConfirmWithdraw:
    """What it means for this use; the second touch."""

    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del model
        back, confirm = two_buttons(
            layout, (Event.BACK, words.back), (Event.CONFIRM, words.consent.withdraw)
        )
        return back, confirm

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        chosen, said = model.people.withdrawal.chosen, canvas.words.consent
        name = dict(named_uses(model.people, canvas.words)).get(chosen, said.use(chosen))
        means = said.withdrawn_means.get(chosen.partition("/")[0], "")
        title = said.confirm_title.format(use=name)
        draw_notice(canvas, Said(title, means, colour=theme.ACCENT))


class ConsentSaving:
    """The act is on its way to the disk; nothing can be touched."""

    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        del layout, words, model
        return ()

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        del model
        said = canvas.words.consent
        draw_notice(
            canvas, Said(said.saving_title, said.saving_lead, icon="lock", colour=theme.ACCENT)
        )


def named_uses(people: People, words: Wording) -> tuple[tuple[str, str], ...]:
    """Return each use that can be withdrawn, and what it is called."""
    chart = people.chart
    if chart is None:
        return ()
    names = {row.use: row.name for row in chart.uses}
    return tuple((use, words.consent.use(use, names[use])) for use in chart.withdrawable)


def _cells(layout: Layout) -> tuple[Rect, ...]:
    """Where the uses stand, one below the other; on a panel that lies across in two columns."""
    px = layout.px
    body = body_of(layout).below(px(_LEAD))
    columns = body.columns((1, 1) if layout.landscape else (1,), px(_GAP))
    count = max(1, (body.h + px(_GAP)) // (px(_ROW) + px(_GAP)))
    return tuple(
        column.below(number * (px(_ROW) + px(_GAP))).top(px(_ROW))
        for column in columns
        for number in range(count)
    )
