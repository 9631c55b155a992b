"""Who signs, a guardian's name, and how old the patient is where the treatment demands it."""

from __future__ import annotations

from typing import Final

from kiosk.capture.ui import theme
from kiosk.capture.ui.entry import Edit
from kiosk.capture.ui.forms.actions import Field, Sign
from kiosk.capture.ui.forms.consent import BORN_DIGITS, ConsentForm
from kiosk.capture.ui.keyboard import keyboard_keys
from kiosk.capture.ui.keypad import BACKSPACE, DIGITS, Cap, character_rows, place_keys
from kiosk.capture.ui.layout import Layout, Rect
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.screens.base import Frame
from kiosk.capture.ui.screens.sheet import body_of, draw_head
from kiosk.capture.ui.text import Give
from kiosk.capture.ui.theme import Colour, Style
from kiosk.capture.ui.widgets import Align, Button, Canvas, Cell, Kind
from kiosk.capture.ui.wording import Wording
from kiosk.capture.workflow import Event
from kiosk.records.consent_form import MAJORITY

_WHO: Final = 130
_GAP: Final = 12
_FIELD: Final = 118
_RULE: Final = 150
_KEYBOARD: Final = 730
_BESIDE: Final = 600
"""Width of the fields beside the keyboard on a panel that lies across."""
_LABEL: Final = Style(theme.NOTE.weight, 36, theme.MUTED)


class ConsentSigner:
    frame = Frame(strip=False)

    def buttons(self, layout: Layout, words: Wording, model: ScreenModel) -> tuple[Button, ...]:
        form = model.people.consent.form
        if form is None:
            return ()
        back, forward = layout.content_actions.columns((2, 3), layout.px(20))
        onward = words.sign_in.proceed
        return (
            *_who(layout, words, form),
            *_fields(layout, words, form),
            *_keys(layout, words, form),
            Button(back, Event.BACK, words.back),
            Button(forward, Event.READY, onward, Kind.PRIMARY, enabled=form.signer_known),
        )

    def draw(self, canvas: Canvas, model: ScreenModel) -> None:
        form = model.people.consent.form
        if form is None:
            return
        draw_head(canvas, canvas.words.consent.signer_title)
        told, ink = told_of_age(canvas.words, form)
        style = Style(theme.NOTE.weight, theme.NOTE.size, ink)
        canvas.text(told, _rule(canvas.layout), style, Align.LEFT, Give(least=0.4, may_cut=True))


def told_of_age(words: Wording, form: ConsentForm) -> tuple[str, Colour]:
    """Say who has to sign for the patient's age, or else what :func:`age_told` says."""
    if form.guardian_missing and not form.too_young:
        return words.consent.guardian_needed.format(age=MAJORITY), theme.WARNING
    if form.treatment is None:
        return "", theme.MUTED
    return age_told(words, form, form.treatment)


def age_told(words: Wording, form: ConsentForm, treatment: str) -> tuple[str, Colour]:
    """Say what the rule demands, the day that was typed, or that it will not do.

    A treatment that the text has no rule for is refused later, with a sentence of its own.
    """
    said, rule = words.consent, form.text.age_rule(treatment)
    demanded = ""
    if rule is not None:
        demanded = said.age_rule.format(
            treatment=rule.name, minimum=rule.minimum, source=rule.source
        )
    day = form.born_on
    if len(form.born) < BORN_DIGITS:
        return demanded, theme.MUTED
    if day is None or day > form.shown_on:
        return said.not_a_day, theme.WARNING
    if form.too_young:
        return demanded, theme.WARNING
    return words.guide.day(day), theme.TEXT


def asked_fields(form: ConsentForm) -> tuple[Field, ...]:
    """Return what has to be typed, in its order."""
    named = (Field.NAME, Field.RELATION) if form.guardian else ()
    return (*named, *((Field.BORN,) if form.treatment is not None else ()))


def focused(form: ConsentForm) -> Field | None:
    """Return the field that is typed into; None where nothing has to be typed."""
    asked = asked_fields(form)
    if form.focus in asked:
        return form.focus
    return asked[0] if asked else None


def _left(layout: Layout) -> Rect:
    """The fields: above the keyboard, or at its left."""
    body, px = body_of(layout), layout.px
    return body._replace(w=px(_BESIDE)) if layout.landscape else body.above(px(_KEYBOARD))


def _keyboard(layout: Layout) -> Rect:
    body, px = body_of(layout), layout.px
    if not layout.landscape:
        return body.foot(px(_KEYBOARD))
    left = px(_BESIDE + 40)
    return Rect(body.x + left, body.y, body.w - left, body.h)


def _rule(layout: Layout) -> Rect:
    left = _left(layout)
    if layout.landscape:
        return left.foot(layout.px(_RULE - 24))
    return left.below(layout.px(_WHO + 3 * (_FIELD + _GAP) + 10)).top(layout.px(_RULE))


def _who(layout: Layout, words: Wording, form: ConsentForm) -> tuple[Button, ...]:
    row = _left(layout).top(layout.px(_WHO))
    said = words.consent
    choices = (
        (Sign.PATIENT, said.patient_signs, form.guardian is False),
        (Sign.GUARDIAN, said.guardian_signs, form.guardian is True),
    )
    return tuple(
        Button(cell, action, label, Kind.CHOSEN if chosen else Kind.QUIET)
        for cell, (action, label, chosen) in zip(
            row.columns((1, 1), layout.px(_GAP)), choices, strict=True
        )
    )


def _fields(layout: Layout, words: Wording, form: ConsentForm) -> tuple[Button, ...]:
    px, here = layout.px, focused(form)
    said = words.consent
    shown = {
        Field.NAME: (said.guardian_name, form.name),
        Field.RELATION: (said.guardian_relation, form.relation),
        Field.BORN: (said.born, born_shown(form.born, words)),
    }
    found, area = [], _left(layout).below(px(_WHO + _GAP))
    for number, field in enumerate(asked_fields(form)):
        place = area.below(number * px(_FIELD + _GAP)).top(px(_FIELD))
        label, value = shown[field]
        kind = Kind.CHOSEN if field is here else Kind.QUIET
        ink = theme.ACCENT if field is here else theme.TEXT
        cells = (
            Cell(label, 2, Style(_LABEL.weight, _LABEL.size, ink)),
            Cell(value, 3, Style(theme.HEADING.weight, theme.BODY.size, theme.TEXT)),
        )
        found.append(Button(place, field, "", kind, cells=cells))
    return tuple(found)


def born_shown(digits: str, words: Wording) -> str:
    """Return the digits that were typed and, for those to come, what is expected there."""
    said = words.consent
    filled = digits + said.born_hint[len(digits) :]
    return said.born_pattern.format(day=filled[:2], month=filled[2:4], year=filled[4:])


def _keys(layout: Layout, words: Wording, form: ConsentForm) -> tuple[Button, ...]:
    area, field = _keyboard(layout), focused(form)
    if field is None:
        return ()
    if field is not Field.BORN:
        return keyboard_keys(area, form.keyboard, words.consent, layout.unit)
    clear = Cap(Edit.CLEAR, words.key_clear)
    rows = (*DIGITS, (clear, *character_rows(("0",))[0], BACKSPACE))
    return place_keys(area, rows, layout.px(_GAP))
