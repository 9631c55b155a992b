"""Codes are read from real pixels, and pictures without one give none."""

from __future__ import annotations

import logging
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.capture.scanning.codes import CodeFinder
from kiosk.capture.scanning.scanned import LIMIT, Scanned, Source
from kiosk.errors import CodeRefused
from kiosk.model import PixelLayout, Pixels
from tests.capture.scanning.cards import (
    BADGE,
    EAN8,
    EAN13,
    UPC_A,
    Held,
    bars,
    ean,
    frame_of,
    qr,
    shown,
)

BADGE_QR = qr(BADGE)
SMALL = (640, 480)


@pytest.fixture(scope="module")
def finder() -> CodeFinder:
    return CodeFinder()


def found(finder: CodeFinder, picture: Pixels) -> list[tuple[str, Source]]:
    return [(code.text(), code.source) for code in finder.find(frame_of(picture))]


@pytest.mark.parametrize(
    "held",
    [
        Held(size=120),
        Held(size=400),
        *(Held(turn=turn) for turn in (10, 45, 90, 180, 260)),
        *(Held(tilt=tilt) for tilt in (20, 40)),
        Held(blur=2),
        Held(noise=25),
        Held(light=0.3),
        Held(light=0.06, noise=2),
        Held(contrast=0.15),
        Held(glare=200),
        Held(cover=0.15),
        Held(size=200, turn=25, tilt=30, blur=1.2, noise=8, light=0.5),
    ],
    ids=str,
)
def test_a_badge_is_read_however_it_is_held(finder: CodeFinder, held: Held) -> None:
    assert found(finder, shown(BADGE_QR, held, SMALL)) == [(BADGE, Source.QR)]


@pytest.mark.parametrize(
    ("digits", "source"),
    [(EAN13, Source.EAN_13), (EAN8, Source.EAN_8), (UPC_A, Source.UPC_A)],
)
def test_barcodes(finder: CodeFinder, digits: str, source: Source) -> None:
    assert found(finder, shown(ean(digits), Held(size=350), SMALL)) == [(digits, source)]


@pytest.mark.parametrize(
    "held",
    [
        Held(size=220),
        *(Held(size=400, turn=turn) for turn in (10, 45, 90)),
        Held(size=400, tilt=40),
        Held(size=400, blur=1.5),
        Held(size=400, noise=20),
        Held(size=400, light=0.15),
    ],
    ids=str,
)
def test_a_barcode_is_read_however_it_is_held(finder: CodeFinder, held: Held) -> None:
    assert found(finder, shown(ean(EAN13), held, SMALL)) == [(EAN13, Source.EAN_13)]


@pytest.mark.parametrize(
    "held", [Held(size=500), Held(size=500, turn=40), Held(size=500, noise=12)]
)
@pytest.mark.parametrize(
    ("kind", "text", "source"),
    [
        ("code128", "P-204711", Source.CODE_128),
        ("code128", "20471100", Source.CODE_128),
        ("code39", "P-2047", Source.CODE_39),
    ],
)
def test_barcodes_of_practices_are_read(
    finder: CodeFinder, kind: str, text: str, source: Source, held: Held
) -> None:
    picture = shown(bars(kind, text), held, SMALL)
    assert found(finder, picture) == [(text, source)]


@pytest.mark.parametrize("turn", [0, 10, 30, 45])
def test_no_part_of_a_code_is_taken_for_another(finder: CodeFinder, turn: int) -> None:
    """An EAN-8 has one check digit, and stripes enough are in any longer code."""
    texts = {
        text
        for n in range(40)
        for text in read_of(finder, f"P-20{n}7", Held(size=400, turn=turn, noise=n / 4))
    }
    assert texts <= {f"P-20{n}7" for n in range(40)}
    assert len(texts) >= 30


def read_of(finder: CodeFinder, text: str, held: Held) -> set[str]:
    return {text for text, _ in found(finder, shown(bars("code39", text), held, SMALL))}


@pytest.mark.parametrize("layout", list(PixelLayout))
@pytest.mark.parametrize("size", [SMALL, (1920, 1080)])
def test_every_layout_and_size(
    finder: CodeFinder, layout: PixelLayout, size: tuple[int, int]
) -> None:
    frame = frame_of(shown(BADGE_QR, Held(), size), layout)
    before = frame.pixels.copy()
    assert [code.text() for code in finder.find(frame)] == [BADGE]
    # The picture is somebody else's: it is looked at only.
    np.testing.assert_array_equal(frame.pixels, before)


def test_two_codes_in_one_picture(finder: CodeFinder) -> None:
    left = shown(BADGE_QR, Held(size=220), SMALL)
    right = shown(qr("P-2047"), Held(size=220), SMALL)
    both = found(finder, np.concatenate([left, right], axis=1))
    assert sorted(both) == [(BADGE, Source.QR), ("P-2047", Source.QR)]


def test_a_code_beside_itself_counts_once(finder: CodeFinder) -> None:
    one = shown(BADGE_QR, Held(size=220), SMALL)
    assert found(finder, np.concatenate([one, one], axis=1)) == [(BADGE, Source.QR)]


def nothing() -> dict[str, Pixels]:
    random = np.random.default_rng(5)
    width, height = SMALL
    noise = random.integers(0, 256, (height, width), np.uint8)
    stripes = np.tile(np.repeat([0, 255], 7).astype(np.uint8), width // 14 + 1)[:width]
    return {
        "black": np.zeros((height, width), np.uint8),
        "white": np.full((height, width), 255, np.uint8),
        "noise": noise,
        "soft noise": cv2.GaussianBlur(noise, (0, 0), 3).astype(np.uint8),
        "room": shown(np.full((50, 50), 200, np.uint8), Held(), SMALL),
        "blind": np.repeat(stripes[None], height, axis=0),
        "checks": np.kron(np.indices((48, 64)).sum(axis=0) % 2, np.full((10, 10), 255)).astype(
            np.uint8
        ),
        "tiny": np.zeros((64, 64), np.uint8),
        "half a code": shown(BADGE_QR[:, : BADGE_QR.shape[1] // 2], Held(size=150), SMALL),
    }


@pytest.mark.parametrize("name", list(nothing()))
def test_a_picture_without_a_code_has_none(finder: CodeFinder, name: str) -> None:
    assert finder.find(frame_of(nothing()[name])) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\u202e7402", "no readable text"),
        ("12\x1b[2J34", "no readable text"),
        ("12\n34", "no readable text"),
        ("1" * (LIMIT + 1), "too long"),
        ("\N{SNOWMAN}" * (LIMIT + 1), "too long"),
    ],
)
def test_hostile_codes_are_read_and_refused(finder: CodeFinder, text: str, words: str) -> None:
    (code,) = finder.find(frame_of(shown(qr(text), Held(size=450), SMALL)))
    with pytest.raises(CodeRefused, match=words) as refused:
        code.text()
    assert text[:12] not in refused.value.sentence
    assert refused.value.__context__ is None


def test_a_code_that_is_no_text_is_refused() -> None:
    with pytest.raises(CodeRefused, match="no readable text") as refused:
        Scanned(b"P-2047\xff", Source.QR).text()
    assert refused.value.__context__ is None


@settings(max_examples=150)
@given(st.one_of(st.binary(max_size=600), st.text(max_size=200).map(lambda text: text.encode())))
def test_every_content_is_a_text_that_can_be_shown_or_refused(content: bytes) -> None:
    scanned = Scanned(content, Source.QR)
    assert len(repr(scanned)) < 60
    try:
        text = scanned.text()
    except CodeRefused:
        return
    assert text.isprintable()
    assert 1 <= len(text) <= LIMIT
    assert text.encode() == content


def test_a_picture_that_upsets_opencv_is_told_once_and_the_others_still_look(
    caplog: pytest.LogCaptureFixture,
) -> None:
    finder = CodeFinder()

    def upset(_grey: Pixels) -> list[Scanned]:
        # A real complaint of OpenCV's.
        cv2.resize(np.zeros((0, 0), np.uint8), (1, 1))
        return []

    finder._by_markers = upset
    picture = shown(BADGE_QR, Held(size=300), SMALL)
    with caplog.at_level(logging.WARNING):
        assert found(finder, picture) == [(BADGE, Source.QR)]
        assert found(finder, picture) == [(BADGE, Source.QR)]
    assert len(caplog.records) == 1


def kept(make: Callable[..., Pixels], made: list[Pixels]) -> Callable[..., Pixels]:
    """Return a function like ``make`` that notes down what it made."""

    def noting(*args: object, **options: object) -> Pixels:
        made.append(make(*args, **options))
        return made[-1]

    return noting


@pytest.mark.parametrize("layout", list(PixelLayout))
def test_what_is_made_of_the_picture_is_overwritten(
    monkeypatch: pytest.MonkeyPatch, layout: PixelLayout
) -> None:
    made: list[Pixels] = []
    for name in ("resize", "cvtColor"):
        monkeypatch.setattr(cv2, name, kept(getattr(cv2, name), made))
    frame = frame_of(np.full((1500, 2000), 99, np.uint8), layout)
    CodeFinder().find(frame)
    assert len(made) == (3 if layout is PixelLayout.BGR else 2)
    assert not any(copy.any() for copy in made)
    assert (frame.pixels[:1500] == 99).all()
