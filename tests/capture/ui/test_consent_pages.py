"""A clinic's text in pages: all of it, in order, and within the smallest screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.capture.ui.consent_pages import TOGETHER, Page, Role, purpose_parts, text_pages
from kiosk.capture.ui.forms.actions import Answer, ReadOn, Step, Turn
from kiosk.capture.ui.forms.consent import ConsentForm
from kiosk.capture.ui.forms.withdrawal import WithdrawalForm
from kiosk.capture.ui.layout import make_layout
from kiosk.capture.ui.model import ScreenModel
from kiosk.capture.ui.people import ChartModel, ConsentModel, People, Standing, UseRow
from kiosk.capture.ui.screens import SCREENS
from kiosk.capture.ui.wording import ENGLISH, wording_in
from kiosk.capture.workflow import State
from kiosk.languages.names import LANGUAGES, Language
from kiosk.records.consent import Shown
from kiosk.records.consent_text import Channel, ConsentText, Controller
from kiosk.records.consent_texts import Texts
from tests.golden.consenting import BARRED, SHOWN_AT
from tests.golden.consenting import LANGUAGES as OFFERED
from tests.golden.scene import Scene
from tests.golden.scenes import draw

EXAMPLE = Texts().load("example-en")
WORDS = ENGLISH.consent
SIZES = [(1080, 1920), (800, 480)]

paragraphs = (
    st.lists(st.text("abcdefghij WMW.,", min_size=1, max_size=30), min_size=1, max_size=80)
    .map(" ".join)
    .filter(str.strip)
)


def height_of(page: Page) -> int:
    return sum(b.height for b in page) + sum(b.gap for b in page[1:])


def words_of(pages: tuple[Page, ...]) -> str:
    return "".join("".join(block.text.split()) for page in pages for block in page)


def changed(text: ConsentText, said: str) -> ConsentText:
    purposes = tuple(msgspec.structs.replace(p, meaning=said) for p in text.purposes)
    return msgspec.structs.replace(text, introduction=said, purposes=purposes)


@settings(max_examples=15, deadline=None)
@given(said=paragraphs, width=st.integers(600, 1840), height=st.integers(420, 1500))
def test_pages_hold_every_word_in_order_and_never_too_much(
    said: str, width: int, height: int
) -> None:
    text = changed(EXAMPLE.text, said)
    pages = text_pages(text, WORDS, (width, height))
    assert all(0 < height_of(page) <= height for page in pages)
    assert all(page[-1].role is not Role.HEADING for page in pages)
    everything = words_of(pages)
    at = 0
    for expected in (said, *(p.name for p in text.purposes), text.statements.understood):
        at = everything.index("".join(expected.split()), at)
    assert everything.count("".join(said.split())) >= 1 + len(text.purposes)


def test_purposes_stand_two_on_a_page_at_most_and_begin_on_one_of_their_own() -> None:
    pages = text_pages(EXAMPLE.text, WORDS, (990, 4000))
    names = {p.name for p in EXAMPLE.text.purposes}
    counts = [sum(block.text in names for block in page) for page in pages]
    assert max(counts) == TOGETHER
    assert sum(counts) == len(names)
    assert counts[0] == 0
    assert pages[0][0].text == EXAMPLE.text.introduction


def test_the_lawful_basis_is_told_apart() -> None:
    pages = text_pages(EXAMPLE.text, WORDS, (990, 1300))
    last = [block.text for block in pages[-1]]
    assert last[-3] == WORDS.lawful
    assert last[-2:] == [EXAMPLE.text.lawful_basis.article_6, EXAMPLE.text.lawful_basis.article_9]


def test_a_long_meaning_goes_on_in_parts() -> None:
    purpose = msgspec.structs.replace(EXAMPLE.text.purposes[0], meaning="word " * 399 + "end.")
    parts = purpose_parts(purpose, WORDS, (600, 600))
    assert len(parts) >= 3
    assert words_of(parts).startswith("word" * 399 + "end.")


LONG = ("Photographs are kept, compared and looked at again. " * 40)[:1990] + " End."
CAPITALS = ("PHOTOGRAPHS ARE KEPT AND COMPARED WITH EARLIER ONES AGAIN. " * 40)[:1990] + " END."


def extreme(said: str) -> ConsentText:
    """Return a text with everything as long as it may be."""
    text = changed(EXAMPLE.text, said)
    channels = tuple(Channel(id=f"c-{n}", name="Our pages on social media") for n in range(8))
    purposes = tuple(
        msgspec.structs.replace(p, retention=said, channels=channels if p.id != "record" else ())
        for p in text.purposes
    )
    statements = msgspec.structs.replace(
        text.statements, refusal=said, understood=said, further=(said,) * 8
    )
    others = tuple(
        Controller(name=f"Clinic {n}", contact="privacy@a-rather-long-name.example")
        for n in range(8)
    )
    return msgspec.structs.replace(
        text, purposes=purposes, statements=statements, controllers=others
    )


def overflowing(model: ScreenModel, size: tuple[int, int], language: Language = "en") -> list[str]:
    return draw(Scene("", model), size, language=language).overflows


def model_of(state: State, form: ConsentForm) -> ScreenModel:
    people = People(operator="Dr. A", consent=ConsentModel(form, OFFERED, "P-1", "A"))
    return ScreenModel(state, "Clinic", "room-2", "14:05", people=people)


def onward(
    model: ScreenModel, size: tuple[int, int], language: Language = "en"
) -> Turn | ReadOn | None:
    """Return what goes on to words that have not been read, else None."""
    buttons = SCREENS[model.state].buttons(make_layout(size), wording_in(language), model)
    for button in buttons:
        if isinstance(button.action, Turn | ReadOn) and button.enabled:
            action = button.action
            if (action.pages if isinstance(action, Turn) else action.parts) > 0:
                return action
    return None


@pytest.mark.parametrize(
    ("said", "size"),
    [(LONG, (480, 800)), (CAPITALS, (800, 480)), (LONG, (1920, 1080))],
    ids=["sentences-upright", "capitals-across", "sentences-across"],
)
def test_the_longest_text_that_is_allowed_is_cut_nowhere(said: str, size: tuple[int, int]) -> None:
    file = replace(EXAMPLE, text=extreme(said))
    form = ConsentForm(Shown(file, SHOWN_AT))
    read = 0
    for state, begun in (
        (State.CONSENT_TEXT, form),
        (State.CONSENT_CHOICES, form),
        (State.CONSENT_CHOICES, form.pressed(Step(1)).pressed(Answer("training", allowed=True))),
    ):
        model: ScreenModel | None = model_of(state, begun)
        while model is not None:
            assert overflowing(model, size) == []
            read += 1
            action, here = onward(model, size), model.people.consent.form
            assert here is not None
            model = None if action is None else model_of(state, here.pressed(action))
    assert read > 15
    assert overflowing(model_of(State.CONSENT_SIGN, form), size) == []


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_fits_in_its_own_language(language: Language, size: tuple[int, int]) -> None:
    form = ConsentForm(Shown(Texts().load(f"example-{language}"), SHOWN_AT))
    at_last = False
    for page in range(20):
        shown = model_of(State.CONSENT_TEXT, form.pressed(Turn(page)))
        assert overflowing(shown, size, language) == []
        at_last = at_last or onward(shown, size, language) is None
    assert at_last
    for step, purpose in enumerate(form.text.purposes):
        asked = form.pressed(Step(step)).pressed(Answer(purpose.id, allowed=True))
        assert overflowing(model_of(State.CONSENT_CHOICES, asked), size, language) == []


WIDE = "Maximiliane Charlotte von Hohenlohe Waldenburg Schillingsfürst zu Öhringen"


def crowded() -> tuple[UseRow, ...]:
    """Return as many uses as a text can have, each allowed."""
    day = date(2026, 9, 30)
    found = [UseRow("record", Standing.ALLOWED, day)]
    for purpose in ("training", "research", "publication", "marketing"):
        uses = (f"{purpose}/our-pages-on-social-media-{n}" for n in range(8))
        found += [UseRow(use, Standing.ALLOWED, day, "Our pages on social media") for use in uses]
    return tuple(found)


def crowded_screens() -> tuple[ScreenModel, ...]:
    chart = ChartModel(
        "P" * 32, WIDE, date(1980, 9, 30), crowded(), BARRED, ("Left oblique (45°), close-up",) * 4
    )
    form = replace(
        ConsentForm(Shown(EXAMPLE, SHOWN_AT), treatment="toxin-or-filler"),
        guardian=True,
        name=WIDE,
        relation=WIDE,
        born="01012020",
    )
    consent = ConsentModel(form, tuple((f"text-{n}", "Nederlands") for n in range(12)), "P", WIDE)
    people = People(operator=WIDE, chart=chart, consent=consent)
    states = (
        *(State.CHART, State.CHART_ALLOWED, State.WITHDRAW, State.CONSENT_TEXT),
        *(State.CONSENT_SIGNER, State.CONSENT_SIGN),
    )
    chosen = replace(people, withdrawal=WithdrawalForm(crowded()[-1].use))
    return (
        *(ScreenModel(s, "Clinic", "room-2", "14:05", people=people) for s in states),
        ScreenModel(State.CONFIRM_WITHDRAW, "Clinic", "room-2", "14:05", people=chosen),
    )


@pytest.mark.parametrize("size", [(1080, 1920), (800, 480)], ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_crowded_screens_fit(language: Language, size: tuple[int, int]) -> None:
    cut = {m.state.name: overflowing(m, size, language) for m in crowded_screens()}
    assert {name: texts for name, texts in cut.items() if texts} == {}
