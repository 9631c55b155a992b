"""The sentences that are translated are those that the errors really say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.capture.people.lobby import _DIFFERENT
from kiosk.capture.people.pins import require_fit
from kiosk.capture.people.tries import MOST, Tries
from kiosk.capture.scanning.scanned import Scanned, Source
from kiosk.capture.ui.problem_wording import PROBLEMS, ProblemWording
from kiosk.capture.ui.wording import wording_in
from kiosk.config import Patients
from kiosk.envelope.wrapping import require_share
from kiosk.errors import KioskError
from kiosk.model import ClockState
from kiosk.records import consent_state
from kiosk.records.badge import Badge, parse_badge
from kiosk.records.consent_text import require_unchanged
from kiosk.records.numbers import patient_number
from tests.capture.people.clinic_keys import PIN, Clock, Desk, Person, station
from tests.records.consent_samples import at, form, text

RULE = Patients(check="luhn", length=(8, 10))
TEXT = Badge(bytes(16)).text()


def said(act: Callable[[], object]) -> str:
    with pytest.raises(KioskError) as error:
        act()
    return error.value.sentence


def tried(folder: Path, times: int) -> str:
    tries = Tries(folder, Clock())
    tries.enrol("ab" * 16)
    tries._write("ab" * 16, times)
    return said(lambda: tries.begin("ab" * 16))


def test_what_the_errors_say_is_recognised(tmp_path: Path) -> None:
    ada, sue = Person(), Person(id="sue", supervisor=True)
    sign_in = station(tmp_path / "keys", Clock())
    sign_in.receive(Desk().body([ada, sue]))
    sentences = {
        "pin_wrong": said(lambda: sign_in.open(ada.badge, "111333")),
        "pin_wait": tried(tmp_path, 3),
        "badge_locked": tried(tmp_path, MOST),
        "pin_length": said(lambda: require_fit("123", PIN)),
        "pin_same": said(lambda: require_fit(PIN, PIN)),
        "pin_few": said(lambda: require_fit("111222", PIN)),
        "pin_row": said(lambda: require_fit("345678", PIN)),
        "pin_repeated": said(lambda: require_fit("135135", PIN)),
        "pins_differ": _DIFFERENT,
        "badge_none": said(lambda: parse_badge("4711")),
        "badge_part": said(lambda: parse_badge(TEXT[:-1])),
        "badge_misread": said(lambda: parse_badge(f"{TEXT[:-1]}{'A' if TEXT[-1] != 'A' else 'B'}")),
        "badge_unknown": said(lambda: sign_in.look_up(Badge.generate())),
        "badge_no_release": said(lambda: sign_in.release(ada.badge.id, ada.badge)),
        "share_missing": said(lambda: require_share(Desk(share=b"s" * 32).key(ada), None)),
        "code_long": said(Scanned(b"x" * 999, Source.QR).text),
        "code_text": said(Scanned(b"\x00", Source.QR).text),
        "card_badge": said(lambda: patient_number(TEXT, RULE)),
        "card_address": said(lambda: patient_number("https://a.example", RULE)),
        "number_letters": said(lambda: patient_number("\u00e9", RULE)),
        "number_form": said(lambda: patient_number("4_7", RULE)),
        "number_long": said(lambda: patient_number("4" * 40, RULE)),
        "number_length": said(lambda: patient_number("4711", RULE)),
        "number_check": said(lambda: patient_number("12345678", RULE)),
        "consent_none": consent_state._NONE,
        "consent_refused": consent_state._TAKEN_BACK,
        "consent_over": consent_state._RUN_OUT,
        "consent_unknown": consent_state._UNKNOWN,
        "consent_text": said(lambda: require_unchanged(text(), replace(text(), digest="0" * 64))),
        "consent_age": said(lambda: form(treatment="toxin-or-filler", born="2015-01-01")),
        "consent_guardian": said(lambda: form(born="2015-01-01")),
        "consent_clock": said(
            lambda: form(
                at(90, clock=ClockState.UNSYNCHRONISED),
                treatment="toxin-or-filler",
                born="1990-01-01",
            )
        ),
    }
    words = wording_in("de").problems
    for name, sentence in sentences.items():
        english = ProblemWording().said(sentence)
        assert english == sentence
        german = words.said(sentence)
        assert german != sentence, f"{name}: {sentence}"
        pieces = words.sentences[name].split("{")[0]
        assert german.startswith(pieces), f"{name} is taken for another sentence"
    assert set(PROBLEMS) == set(sentences)


def test_a_sentence_that_nobody_knows_stays_as_it_is() -> None:
    assert wording_in("fr").problems.said("The disk is on fire.") == "The disk is on fire."
