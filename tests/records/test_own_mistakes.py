"""The mistakes that a clinic makes in its own sets: each is one sentence with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.records.protocol_check import Verdict, check_paths
from tests.records.conftest import Change, sentence

TYPICAL = {
    "typo in a key": (
        ("views.toml", "instruction =", "instrution ="),
        "views.toml: views.nape.instrution: this key is not known; expected one of code, ",
    ),
    "unknown code": (
        ("views.toml", 'code = "posterior"', 'code = "back"'),
        "views.toml: views.nape.code: there is no code 'back'; expected one of animated, ",
    ),
    "unknown tolerance": (
        ("views.toml", 'tolerance = "head"', 'tolerance = "tight"'),
        "views.toml: views.nape.tolerance: there is no tolerance 'tight'; expected one of body, ",
    ),
    "yaw out of range": (
        (
            "views.toml",
            'light = "even"',
            'light = "even"\npose = { yaw = 200.0, pitch = 0.0, roll = 0.0 }',
        ),
        "views.toml: views.nape.pose.yaw: expected a number <= 180.0, got 200.0",
    ),
    "yaw that is no number": (
        ("views.toml", 'light = "even"', 'light = "even"\npose = { yaw = "left" }'),
        "views.toml: views.nape.pose.yaw: expected a number, got a text in quotation marks",
    ),
    "missing silhouette": (
        ("views.toml", 'silhouette = "frontal"', 'silhouette = "nape"'),
        "views.toml: views.nape.silhouette: there is no silhouette 'nape'; expected one of basal,",
    ),
    "silhouette left out": (
        ("views.toml", 'silhouette = "frontal"\n', ""),
        "views.toml: views.nape.silhouette: this key is missing; expected small letters, digits",
    ),
    "light that there is not": (
        ("views.toml", 'light = "even"', 'light = "soft"'),
        "views.toml: views.nape.light: expected one of even, got 'soft'",
    ),
    "judged without a pose": (
        ("views.toml", 'method = "none"', 'method = "face"'),
        "views.toml: views.nape.pose: this key is missing; expected the pose that the face is",
    ),
    "judged by joints without a pose": (
        ("views.toml", 'method = "none"', 'method = "body"'),
        "views.toml: views.nape.pose: this key is missing; expected the pose that the body is",
    ),
    "sides that contradict each other": (
        (
            "views.toml",
            'shows_side = "back"\npatient_turns = "around"',
            'shows_side = "left"\npatient_turns = "left"',
        ),
        "views.toml: views.nape.shows_side: a patient who turns to their left shows their right",
    ),
    "the code of a view for an expression": (
        ("views.toml", 'region = "nape"', 'region = "nape"\nexpression = "basal"'),
        "views.toml: views.nape.expression: 'basal' is the code of a view; expected one of anim",
    ),
    "described twice": (
        ("views.toml", "[views.nape]", '[views.nape]\ntitle = "N"\n[views.nape]'),
        "views.toml: [views.nape] stands there twice (at line 7, column 12); expected each name",
    ),
    "key twice": (
        ("views.toml", 'title = "Nape"', 'title = "Nape"\ntitle = "Neck"'),
        "views.toml: the same key stands there twice (at line 7, column 15); expected each key",
    ),
    "a view of the program's name": (
        ("views.toml", "[views.nape]", "[views.basal]"),
        "views.toml: views: the program has a view named 'basal' already; expected another name",
    ),
    "a code of the program's name": (
        ("views.toml", "nape = { scheme", "face = { scheme"),
        "views.toml: codes: the program has a code named 'face' already; expected another name",
    ),
    "a tolerance of the program's name": (
        ("views.toml", "[codes]", "[tolerances.head]\nyaw = 1.0\n[codes]"),
        "views.toml: tolerances: the program has a tolerance named 'head' already; expected ",
    ),
    "the program's own scheme": (
        ("views.toml", "99CLINIC", "99CAPST"),
        "views.toml: codes.nape.scheme: 99CAPST is for the program's own codes; expected SCT, or",
    ),
    "a name with capitals": (
        ("views.toml", "[views.nape]", "[views.Nape]"),
        "views.toml: views: 'Nape' cannot be a view's name; expected small letters, digits and ",
    ),
    "a view that is a text": (
        ("views.toml", "[views.nape]\n", '[views]\nnape = "posterior"\n[other]\n'),
        "views.toml: other: this key is not known; expected one of codes, tolerances, views",
    ),
    "a code that is a text": (
        ("views.toml", "nape = {", 'nap = "nape"\nnape = {'),
        "views.toml: codes.nap: expected a table of keys, got a text in quotation marks",
    ),
    "an instruction that is too long": (
        ("views.toml", "Turn round", "Please " * 20 + "turn round"),
        "views.toml: views.nape.instruction: expected a text in quotation marks of length <= 128, ",
    ),
    "a pose without roll": (
        ("views.toml", 'light = "even"', 'light = "even"\npose = { yaw = 180.0, pitch = 0.0 }'),
        "views.toml: views.nape.pose.roll: this key is missing; expected a number",
    ),
    "an instruction of blanks": (
        ("views.toml", "Turn round until your back is to the camera.", "   "),
        "views.toml: views.nape.instruction: expected sentences on one line, not only blanks, got",
    ),
    "a note of blanks": (
        ("views.toml", 'code = "posterior"', 'operator_note = " "\ncode = "posterior"'),
        "views.toml: views.nape.operator_note: expected sentences on one line, not only blanks, ",
    ),
    "a title of blanks": (
        ("views.toml", 'title = "Nape"', 'title = "  "'),
        "views.toml: views.nape.title: expected a text of one line, not only blanks, got '  '",
    ),
    "a short name of blanks": (
        ("views.toml", 'short = "Nape"', 'short = "\N{NO-BREAK SPACE}"'),
        "views.toml: views.nape.short: expected a few letters, not only blanks, got",
    ),
    "a meaning of blanks": (
        ("views.toml", "Nape of the neck", " "),
        "views.toml: codes.nape.meaning: expected a text of one line, not only blanks, got ' '",
    ),
    "a framing that no picture has": (
        ("views.toml", "framing_mm = [240.0, 360.0]", "framing_mm = [1e-9, 720.0]"),
        "views.toml: views.nape.framing_mm[0]: expected a number >= 20.0, got 1e-09",
    ),
    "a framing of a millimetre": (
        ("views.toml", "framing_mm = [240.0, 360.0]", "framing_mm = [20.0, 1.0]"),
        "views.toml: views.nape.framing_mm[1]: expected a number >= 20.0, got 1.0",
    ),
    "a set whose title is of blanks": (
        ("neck.toml", "Neck, all round", " "),
        "neck.toml: title: expected a text of one line, not only blanks, got ' '",
    ),
    "an instruction on two lines": (
        ("views.toml", "Turn round", "Turn\\nround"),
        "views.toml: views.nape.instruction: expected sentences on one line, not only blanks, got",
    ),
    "a meaning that the record refuses": (
        ("views.toml", "Nape of the neck", "N" * 257),
        "views.toml: codes.nape.meaning: expected a text in quotation marks of length <= 256, ",
    ),
    "broken TOML": (
        ("views.toml", 'title = "Nape"', "title = Nape"),
        "views.toml: this is not valid TOML: invalid value (at line 6, column 9)",
    ),
    "unknown view": (
        ("neck.toml", '"nape"', '"neck"'),
        "neck.toml: views[1]: there is no view 'neck'; expected one of basal, birds_eye, ",
    ),
    "a view twice": (
        ("neck.toml", '"nape"', '"nape", "nape"'),
        "neck.toml: views[2]: 'nape' stands there twice; expected each view once",
    ),
    "a title without quotation marks": (
        ("neck.toml", '"Neck, all round"', "Neck"),
        "neck.toml: this is not valid TOML: invalid value (at line 2, column 9)",
    ),
    "views that are one text": (
        ("neck.toml", '["frontal_rest", "nape"]', '"nape"'),
        "neck.toml: views: expected a list in brackets, got a text in quotation marks",
    ),
}


@pytest.mark.parametrize("mistake", TYPICAL)
def test_a_mistake_is_one_sentence_with_its_place(own: Path, change: Change, mistake: str) -> None:
    (name, old, new), expected = TYPICAL[mistake]
    path = change(name, old, new)
    said = sentence(own)
    assert said.startswith(f"{path.parent}/{expected}"), said
    assert list(check_paths([path], None)) == [Verdict(path, right=False, said=said)]
