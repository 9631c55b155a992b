"""What a practitioner and a patient expect to read: sides, address, typography, letters."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from importlib import resources

import msgspec
import pygame
import pytest

from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guides.values import Against, Amount, Cue, Deviation, Instruction, Measure, Sight
from kiosk.capture.hardware.press_queue import STUCK
from kiosk.capture.hardware.simulated_pedal import UNPLUGGED
from kiosk.capture.hardware.voice import MUTE
from kiosk.capture.ui.match_words import match_said
from kiosk.capture.ui.theme import Weight
from kiosk.capture.ui.wording import ENGLISH, say, wording_in
from kiosk.languages.catalogue import catalogue_name, catalogue_text, load_catalogue
from kiosk.languages.names import LANGUAGES, TRANSLATED, Language
from kiosk.languages.own_names import OWN_NAMES
from kiosk.languages.po import parse
from kiosk.records.protocols import View, available, load_library, load_protocol
from kiosk.records.view_translation import view_by
from tests.golden.guided import match, readings

WORDS = {language: wording_in(language) for language in LANGUAGES}
NARROW, FIXED = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
per_language = pytest.mark.parametrize("language", TRANSLATED)


def texts(language: Language) -> Iterator[tuple[str, str]]:
    """Yield every text of a language with its path."""
    for entry in parse(catalogue_text(language), catalogue_name(language))[1:]:
        for form in entry.forms:
            yield entry.context, form


def found(language: Language, pattern: str) -> list[tuple[str, str]]:
    return [(path, text) for path, text in texts(language) if re.search(pattern, text)]


SIDES = {
    "de": {"left": "IHRER linken Seite", "right": "IHRER rechten Seite"},
    "fr": {"left": "VOTRE gauche", "right": "VOTRE droite"},
}


@per_language
@pytest.mark.parametrize("cue", Cue, ids=lambda cue: cue.name)
def test_a_side_is_the_patients_own_and_the_cues_own(cue: Cue, language: Language) -> None:
    for amount in Amount:
        said = say(WORDS[language], Instruction(cue, amount))
        for side, words in SIDES[language].items():
            assert (words in said) == cue.name.endswith(side.upper())


@per_language
def test_views_turn_the_patient_to_the_side_that_is_written_down(language: Language) -> None:
    catalogue = load_catalogue(language)
    for view in load_library().views.values():
        said = view_by(catalogue, view).instruction
        for side, words in SIDES[language].items():
            assert (words in said) == (view.patient_turns == side), view.id


@per_language
def test_sides_and_turns_on_the_screens_are_the_fields_own(language: Language) -> None:
    words, sides = WORDS[language], SIDES[language]
    assert sides["left"] in words.turn_left
    assert sides["right"] in words.turn_right
    left, right = {"de": ("Link", "Recht"), "fr": ("gauche", "droite")}[language]
    for name in ("turned", "tilted", "leaning", "placed"):
        for here, there, side in ((left, right, "left"), (right, left, "right")):
            differs = getattr(words.guide, f"{name}_{side}")
            for text in (differs.view, differs.baseline):
                assert here.lower() in text.lower()
                assert there.lower() not in text.lower()


INFORMAL = {
    "de": r"\b(du|dich|dir|dein\w*|euch|euer)\b",
    "fr": r"\b(tu|te|toi|ton|ta|tes)\b",
}


@per_language
def test_patients_are_addressed_formally(language: Language) -> None:
    assert found(language, rf"(?i){INFORMAL[language]}") == []


ALARMING = {
    "de": r"(?i)fehlgeschlagen|verloren|kaputt|absturz|gefahr|!",
    "fr": r"(?i)erreur|échec|échoué|perdu|danger|!",
}


@per_language
def test_nothing_alarms_and_every_notice_says_what_to_do(language: Language) -> None:
    assert found(language, ALARMING[language]) == []
    todo = {"de": r"erneut|Bleiben Sie", "fr": r"[Rr]éessayez|Gardez"}[language]
    for notice in WORDS[language].notices.values():
        assert re.search(todo, notice.advice)


def test_german_typography() -> None:
    assert found("de", "[\"'`\N{ACUTE ACCENT}«»]") == []
    assert found("de", r"\s[:;!?]") == []
    assert found("de", r"\d %|\{figure\} %") == []


def test_french_typography() -> None:
    """Imprimerie nationale: a thin space before ; ! ?, a fixed one before : and %."""
    assert found("fr", "[\"'`\N{ACUTE ACCENT}„“”]") == []
    assert found("fr", rf"(?<!{NARROW})[;!?]") == []
    assert found("fr", rf"(?<![{FIXED}\d]):|(?<!{FIXED})%") == []
    assert found("fr", rf"«(?!{FIXED})|(?<!{FIXED})»") == []


COGNATES = {
    "de": "äéç abc {day}.{month}.{year} {name}({contact}) {purpose}:{channel} "
    "ABC 123 April August September November {figure}° ; {position}:{view} {heading}:{words} "
    "{item}{name}",
    "fr": "äéç abc {name}({contact}) "
    "ABC 123 {figure}° Patients Place place Pose pose Expression expression code orientation "
    "Journal {item}{name}",
}
"""What is written alike in English; no spaces here."""


@per_language
def test_no_english_is_left(language: Language) -> None:
    same = {
        form
        for entry in parse(catalogue_text(language), catalogue_name(language))[1:]
        for form in entry.forms
        if form in entry.source
    }
    assert {"".join(one.split(" ")) for one in same} <= set(COGNATES[language].split(" "))
    english = r"\b(the|your|please|picture|pictures|session|view|turn|look|with|and|not)\b"
    assert [t for _, t in texts(language) if re.search(english, re.sub(r"\{.*?\}", "", t))] == []


@per_language
@pytest.mark.parametrize("name", available())
def test_views_keep_to_what_the_screens_have_room_for(name: str, language: Language) -> None:
    english, protocol = load_protocol(name), load_protocol(name, language=language)
    assert protocol.title != english.title
    for view, was in zip(protocol.views, english.views, strict=True):
        assert msgspec.convert(msgspec.to_builtins(view), View) == view
        assert view.instruction != was.instruction
        same = {f: getattr(view, f) for f in ("id", "code", "region", "expression", "pose")}
        assert same == {f: getattr(was, f) for f in same}


@pytest.mark.parametrize("weight", Weight, ids=lambda weight: weight.name)
def test_the_fonts_have_every_letter(weight: Weight) -> None:
    pygame.font.init()
    place = resources.files("kiosk.capture.ui") / "fonts" / weight.file
    font = pygame.font.Font(io.BytesIO(place.read_bytes()), 40)

    def drawn(letter: str) -> bytes:
        image = font.render(letter, False, "white", "black")  # noqa: FBT003
        return pygame.image.tobytes(image, "RGB")

    none = drawn("\N{CJK UNIFIED IDEOGRAPH-6F22}")
    assert drawn("\N{THAI CHARACTER KO KAI}") == none, "what a letter looks like that is missing"
    letters = set("éèêàâçœŒîïôûÉÀßäöüÄÖÜẞ„“”«»—…¾≠°’" + NARROW + FIXED)  # noqa: RUF001
    letters |= {one for language in TRANSLATED for _, text in texts(language) for one in text}
    letters |= {one for name in OWN_NAMES.values() for one in name}
    assert {letter for letter in letters if drawn(letter) == none} == set()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["1 picture is", "2 pictures are"]),
        ("de", ["1 Bild ist", "2 Bilder sind"]),
        ("fr", ["1 photo est", "2 photos sont"]),
    ],
)
def test_numbers_take_the_languages_plural(language: Language, said: list[str]) -> None:
    told = [WORDS[language].pictures_saved(count) for count in (1, 2)]
    assert [one.startswith(start) for one, start in zip(told, said, strict=True)] == [True] * 2
    zero = WORDS[language].missing_count.of(0)
    assert zero.startswith({"en": "0 views", "de": "0 Ansichten", "fr": "0 vue "}[language])


def test_days_are_written_as_the_language_does() -> None:
    de, fr = WORDS["de"].guide, WORDS["fr"].guide
    assert de.day(date(2026, 3, 1)) == f"1.{FIXED}März 2026"
    assert fr.day(date(2026, 3, 1)) == f"1er{FIXED}mars 2026"
    assert fr.day(date(2026, 8, 31)) == f"31{FIXED}août 2026"
    assert ENGLISH.guide.day(date(2026, 3, 1)) == "1 March 2026"


def test_a_match_is_told_in_whole_sentences() -> None:
    outside = match(within=False)
    assert match_said(WORDS["de"].guide, outside).finding == (
        "3,4° weiter zur eigenen Rechten gedreht und Kinn 2,6° tiefer als beim letzten Mal, "
        "Augen nicht ganz offen; sonst innerhalb der Toleranz."
    )
    assert match_said(WORDS["fr"].guide, outside).finding == (
        "Rotation de 3,4° de plus vers sa droite et menton plus bas de 2,6° que la dernière fois, "
        f"yeux pas assez ouverts{NARROW}; tout le reste dans la tolérance."
    )
    near = Deviation(Sight.CLEAR, Against.VIEW, scale=0.05)
    shares = (0.1, 2.0, 0.1, None, 0.1, 0.1, 0.1)
    told = match_said(WORDS["de"].guide, MatchSummary(near, readings(shares), within=False))
    assert told.finding == f"5,0{FIXED}% zu nah; nicht beurteilt: Kinn."
    assert WORDS["fr"].guide.unjudged((Measure.PITCH, Measure.YAW)) == (
        f"non jugé{FIXED}: menton, rotation"
    )


@per_language
@pytest.mark.parametrize(
    "complaint",
    [
        STUCK,
        UNPLUGGED,
        "The foot pedal (USB 0c45:7403) is not plugged in: check its cable.",
        "The foot pedal is no longer read because of a fault in this program: restart the station.",
    ],
)
def test_what_devices_complain_of_is_translated(complaint: str, language: Language) -> None:
    assert ENGLISH.devices.said(complaint) == complaint
    said = WORDS[language].devices.said(complaint)
    assert said.startswith({"de": "Das Fußpedal", "fr": "La pédale"}[language])
    assert ("0c45:7403" in said) == ("0c45:7403" in complaint)


@per_language
def test_a_voice_that_cannot_speak_is_said_with_its_reason(language: Language) -> None:
    said = WORDS[language].devices.said(MUTE.format(why="espeak-ng: no device"))
    assert said.startswith({"de": "Die Stimme schweigt", "fr": "La voix est muette"}[language])
    assert "(espeak-ng: no device)" in said


@per_language
def test_a_complaint_that_nobody_translated_is_said_as_it_is(language: Language) -> None:
    unknown = "The input devices cannot be listed: Permission denied."
    assert WORDS[language].devices.said(unknown) == unknown
    assert WORDS[language].devices.said("") == ""
