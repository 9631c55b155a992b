"""The clinic's text, in the patient's language and in pages, before anything is asked."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.consent_pages import Page, text_pages
from kiosk.capture.ui.forms.actions import Language, Turn
from kiosk.capture.ui.forms.consent import ConsentForm
from kiosk.capture.ui.layout import TOUCH, Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.sheet import body_of, draw_head, draw_page, nominal
from kiosk.capture.ui.widgets import Align, Button, Canvas, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event

_ROW: Final = {False: 4, True: 7}
"""Languages beside each other, by whether the panel lies across."""


class ConsentTextScreen:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        form, said = model.people.consent.form, words.consent
        back, before, forward = layout.content_actions.columns((2, 2, 3), layout.px(20))
        leave = Button(back, Event.BACK, words.back)
        if form is None:
            return (leave,)
        page, count = _page(layout, words, model, form)[1:]
        # The form may stand behind the last page of a text that is shorter in this language.
        onward: Turn | Event = Turn(page + 1 - form.page)
        label = said.next_page
        if page == count - 1:
            onward, label = Event.READY, said.to_the_questions
        return (
            *_languages(layout, model, form),
            leave,
            Button(before, Turn(page - 1 - form.page), said.previous_page, enabled=page > 0),
            Button(forward, onward, label, Kind.PRIMARY),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        form, said = model.people.consent.form, canvas.words.consent
        if form is None:
            canvas.text(said.opening, body_of(canvas.layout), theme.LEAD, Align.CENTRE)
            return
        shown, page, count = _page(canvas.layout, canvas.words, model, form)
        draw_head(canvas, form.text.title, said.page_of.format(page=page + 1, pages=count))
        draw_page(canvas, shown, _area(canvas.layout, model))


def _page(
    layout: Layout, words: Wording, model: ScreenModel, form: ConsentForm
) -> tuple[Page, int, int]:
    """Return the page that is shown, which it is, and how many there are."""
    pages = text_pages(form.text, words.consent, nominal(layout, _area(layout, model)))
    page = min(form.page, len(pages) - 1)
    return pages[page], page, len(pages)


def _area(layout: Layout, model: ScreenModel) -> Rect:
    body = body_of(layout)
    return body.below(_languages_height(layout, len(model.people.consent.languages)))


def _languages_height(layout: Layout, count: int) -> int:
    rows = -(-count // _ROW[layout.landscape])
    return rows * layout.px(TOUCH + 20) if count > 1 else 0


def _languages(layout: Layout, model: ScreenModel, form: ConsentForm) -> tuple[Button, ...]:
    languages = model.people.consent.languages
    if len(languages) < 2:  # noqa: PLR2004 - nothing to choose
        return ()
    columns, height = _ROW[layout.landscape], layout.px(TOUCH)
    body, found = body_of(layout), []
    for number, (text, name) in enumerate(languages):
        row = body.below(number // columns * layout.px(TOUCH + 20)).top(height)
        cell = row.columns((1,) * columns, layout.px(16))[number % columns]
        kind = Kind.CHOSEN if text == form.shown.file.name else Kind.QUIET
        found.append(Button(cell, Language(text), name, kind))
    return tuple(found)
