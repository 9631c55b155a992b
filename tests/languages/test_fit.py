"""Every text fits in every language, whichever way the panel hangs: nothing is cut anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from kiosk.capture.guides.directions import Facing
from kiosk.capture.guides.match import MatchSummary
from kiosk.capture.guides.values import Against, Amount, Cue, Deviation, Measure, Reading, Sight
from kiosk.capture.hardware.voice import MUTE
from kiosk.capture.progress import SessionProgress
from kiosk.capture.ui.match_words import match_said
from kiosk.capture.ui.model import Backlog, Earlier, ReviewPicture, ScreenModel
from kiosk.capture.ui.wording import wording_in
from kiosk.capture.workflow import State
from kiosk.languages.names import LANGUAGES, TRANSLATED, Language
from kiosk.records.protocols import available, load_protocol
from tests.golden import scenes as golden
from tests.golden.guided import FAR, UNKNOWN, baseline, guidance, pairs
from tests.golden.scenes import LANDSCAPE, PORTRAIT, Scene, draw, mannequin, scenes

SIZES = [PORTRAIT, LANDSCAPE, (1280, 720), (800, 480)]
SCENES = tuple(scenes())
BASE = ScreenModel(
    State.VIEW, clinic="Clinic", station="room-2", clock="14:05", backlog=Backlog(128, "14:02")
)

sizes = pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
per_language = pytest.mark.parametrize("language", TRANSLATED)


def cut(which: Iterable[Scene], size: tuple[int, int], language: Language) -> list[str]:
    return [
        f"{scene.name}: {text}"
        for scene in which
        for text in draw(scene, size, language=language, live=False).overflows
    ]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_fits(language: Language, size: tuple[int, int]) -> None:
    assert cut(SCENES, size, language) == []


def begun() -> SessionProgress:
    return SessionProgress.begin("P-204711", load_protocol("face_5"))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_voice_that_cannot_speak_fits_with_its_reason(
    language: Language, size: tuple[int, int]
) -> None:
    whys = ("espeak-ng does not end, no sound is taken", "/usr/bin/espeak-ng: Permission denied")
    said = (MUTE.format(why=why) for why in whys)
    aiming = replace(BASE, state=State.AIM, progress=begun())
    out = replace(BASE, state=State.SIGNED_OUT, backlog=Backlog(128, "14:05"))
    told = (Scene(one, replace(to, voice_fault=one)) for one in said for to in (aiming, out))
    assert cut(told, size, language) == []


def views() -> Iterator[Scene]:
    """Each view of each set as it is shown, aimed at, judged by eye and listed at the end."""
    shown: set[str] = set()
    unsure = guidance(Cue.CANNOT_JUDGE, UNKNOWN)
    for name in available():
        progress = SessionProgress.begin("P-204711", load_protocol(name))
        while (view := progress.current) is not None:
            here = replace(BASE, progress=progress, earlier=Earlier(date(2026, 9, 30)))
            if view.id not in shown:
                yield Scene(f"view {view.id}", here)
                yield Scene(f"aim {view.id}", replace(here, state=State.AIM))
                yield Scene(f"by eye {view.id}", replace(here, state=State.AIM, guidance=unsure))
            shown.add(view.id)
            progress = progress.skipped()
        yield Scene(f"summary {name}", replace(BASE, state=State.SUMMARY, progress=progress))


@sizes
@per_language
def test_every_view_fits(language: Language, size: tuple[int, int]) -> None:
    assert cut(views(), size, language) == []


@sizes
@per_language
def test_every_instruction_fits(language: Language, size: tuple[int, int]) -> None:
    aiming = replace(BASE, state=State.AIM, progress=begun())
    told = (
        Scene(f"{cue.name} {amount.name}", replace(aiming, guidance=guidance(cue, FAR, amount)))
        for cue, amount in product(Cue, Amount)
    )
    assert cut(told, size, language) == []


@sizes
@per_language
def test_two_things_at_once_fit(language: Language, size: tuple[int, int]) -> None:
    aiming = replace(BASE, state=State.AIM, progress=begun())
    told = (
        Scene(
            str(pair.cues),
            replace(aiming, guidance=guidance(pair.cue, FAR, pair.amount, also=pair.also)),
        )
        for facing in (Facing.CAMERA, Facing.PICTURE_RIGHT)
        for pair in pairs(facing)
        if pair.amount is Amount.A_LITTLE
    )
    assert cut(told, size, language) == []


OUTSIDE = (
    *((Measure.YAW, Measure.PITCH, Measure.ROLL), (Measure.YAW, Measure.ROLL, Measure.EXPRESSION)),
    *((Measure.ROLL, Measure.POSITION, Measure.EXPRESSION), (Measure.YAW, Measure.SCALE)),
)
UNJUDGED = ((), (Measure.POSITION, Measure.SCALE, Measure.PITCH))


def matches() -> Iterator[MatchSummary]:
    """Shots with up to three deviations to tell, to every side."""
    for yaw, pitch, roll, x, scale in product((-12.6, 12.6), repeat=5):
        for outside, unjudged, against in product(OUTSIDE, UNJUDGED, Against):
            for missing in (Cue.BROWS_UP, Cue.MOUTH_OPEN, Cue.PUCKER, Cue.HOLD_STILL):
                seen = Deviation(
                    *(Sight.CLEAR, against, yaw, pitch, roll, x / 100, 0.0, scale / 100),
                    expression=(missing,),
                )
                readings = tuple(
                    Reading(m, None if m in unjudged and m not in outside else share)
                    for m in Measure
                    for share in [2.0 if m in outside else 0.1]
                )
                yield MatchSummary(seen, readings, within=False)


@sizes
@per_language
@pytest.mark.parametrize("compared", [False, True], ids=["outline", "picture"])
def test_the_longest_match_fits(
    language: Language, size: tuple[int, int], *, compared: bool
) -> None:
    words = wording_in(language).guide
    told = {match_said(words, match).finding: match for match in matches()}
    longest = sorted(told, key=len)[-6:]
    picture = ReviewPicture(mannequin(90, 120))
    review = replace(
        *(BASE,),
        state=State.REVIEW,
        progress=begun(),
        review=picture,
        drawn=baseline(),
        comparison=picture if compared else None,
        registered=compared,
    )
    assert cut((Scene(f, replace(review, match=told[f])) for f in longest), size, language) == []


@pytest.mark.parametrize(
    ("field", "words", "scene"),
    [
        ("skip", "Überspringungsbestätigung", "view"),
        ("ready", "Bereitschaftsbestätigungserklärung", "view"),
        ("review_hint", "Ist das Bild in allen Teilen scharf? " * 30, "review"),
        ("confirm_discard_advice", "Es ist noch nicht gespeichert. " * 30, "confirm_discard"),
    ],
)
def test_words_that_are_too_long_are_found(
    monkeypatch: pytest.MonkeyPatch, field: str, words: str, scene: str
) -> None:
    german = replace(wording_in("de"), **{field: words})  # type: ignore[arg-type] # all are texts
    monkeypatch.setattr(golden, "_words", lambda _: german)
    shown = [one for one in SCENES if one.name == scene]
    assert any(words[:12] in said for said in cut(shown, PORTRAIT, "de"))
