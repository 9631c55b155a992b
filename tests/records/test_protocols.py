from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from kiosk.capture.guides.silhouette import load_silhouette
from kiosk.errors import ConfigError
from kiosk.records.protocol_parsing import parse_protocol, parse_views
from kiosk.records.protocols import View, available, load_library, load_protocol

DATA = resources.files("kiosk.records") / "data"
VIEWS = (DATA / "views.toml").read_text(encoding="utf-8")
LIBRARY = load_library().views

SETS = {
    "face_5": 5,
    "toxin": 5,
    "expressions_10": 10,
    "lips": 5,
    "periorbital": 4,
    "rhinoplasty": 9,
    "neck_lower_face": 6,
    "body": 6,
}

LISTING = 'title = "T"\nsource = "S"\nviews = ["frontal_rest"]\n'


def test_every_published_set_is_there() -> None:
    assert set(available()) == set(SETS)
    assert {name: len(load_protocol(name).views) for name in available()} == SETS


ORDER = {
    "face_5": ["frontal_rest", "profile_left", "profile_right", "oblique_left", "oblique_right"],
    "toxin": [
        "frontal_rest",
        "frontal_animated",
        "oblique_left",
        "oblique_right",
        "frontal_frown",
    ],
    "expressions_10": [
        "frontal_rest",
        "frontal_smile_closed",
        "frontal_smile_teeth",
        "frontal_brow_raise",
        "frontal_eyes_closed_gently",
        "frontal_eyes_closed_tightly",
        "frontal_pucker",
        "frontal_lower_teeth",
        "frontal_snarl",
        "basal",
    ],
    "body": [
        "body_front",
        "body_lateral_left",
        "body_lateral_right",
        "body_oblique_left",
        "body_oblique_right",
        "body_back",
    ],
}


@pytest.mark.parametrize("name", ORDER)
def test_shooting_order(name: str) -> None:
    assert [view.id for view in load_protocol(name).views] == ORDER[name]


def test_sets_that_extend_the_face_begin_with_it() -> None:
    for name in ("rhinoplasty", "neck_lower_face"):
        assert [view.id for view in load_protocol(name).views][:5] == ORDER["face_5"]


PUBLISHED = {
    "frontal_rest": ("399033003", "L\\F", "both", "none", 0.0),
    "oblique_right": ("260454004", "A\\F", "right", "left", 45.0),
    "oblique_left": ("260454004", "P\\F", "left", "right", -45.0),
    "profile_right": ("399198007", "A\\F", "right", "left", 90.0),
    "profile_left": ("399173006", "P\\F", "left", "right", -90.0),
    "basal": ("399255003", "L\\F", "both", "none", 0.0),
    "birds_eye": ("260461000", "L\\F", "both", "none", 0.0),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_codes_and_sides_are_those_of_the_published_table(name: str) -> None:
    view = LIBRARY[name]
    assert view.code.scheme == "SCT"
    assert view.pose is not None
    sides = (view.dicom_orientation, view.shows_side, view.patient_turns)
    assert (view.code.value, *sides, view.pose.yaw) == PUBLISHED[name]


@pytest.mark.parametrize("view", LIBRARY.values(), ids=lambda v: v.id)
def test_the_spoken_turn_is_the_one_written_down(view: View) -> None:
    """A patient who is told "YOUR left" where the data say right would show the wrong side."""
    for side in ("left", "right"):
        assert (f"YOUR {side}" in view.instruction) == (view.patient_turns == side)


@pytest.mark.parametrize("view", LIBRARY.values(), ids=lambda v: v.id)
def test_every_view_has_its_guide(view: View) -> None:
    assert load_silhouette(view.silhouette).strokes


def test_every_described_view_belongs_to_a_set() -> None:
    used = {view.id for name in available() for view in load_protocol(name).views}
    assert used == set(LIBRARY)


def test_codes_without_a_source_are_marked_as_local() -> None:
    codes = tomllib.loads(VIEWS)["codes"]
    local = {name for name, code in codes.items() if code["scheme"] == "99CAPST"}
    assert {"posterior", "frown", "brow_raise", "pucker"} <= local
    assert all(codes[name]["value"].isdigit() for name in set(codes) - local)


def test_proposed_figures_are_marked() -> None:
    for view in LIBRARY.values():
        assert {"framing_mm", "light", "tolerance"} <= set(view.proposed), view.id
    assert all(tolerance.proposed for tolerance in load_library().tolerances.values())
    for name in ("frontal_frown", "profile_left", "oblique_right", "lips_close_up"):
        assert "expression" in LIBRARY[name].proposed
    for name in ("basal", "birds_eye", "nose_basal_close_up"):
        assert "pose" in LIBRARY[name].proposed


EXPRESSIONS = {
    "frontal_rest": "1336028006",
    "frontal_smile": "225583004",
    "frontal_smile_closed": "225583004",
    "frontal_smile_teeth": "225583004",
    "frontal_brow_raise": "brow-raise",
    "frontal_frown": "frown",
    "frontal_pucker": "pucker",
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions_have_their_published_codes(name: str) -> None:
    expression = LIBRARY[name].expression
    assert expression is not None
    assert expression.value == EXPRESSIONS[name]
    assert (expression.scheme == "SCT") == expression.value.isdigit()


FRAMINGS = {(240.0, 360.0): "face", (96.0, 144.0): "close", (480.0, 720.0): "body"}


@pytest.mark.parametrize("view", LIBRARY.values(), ids=lambda v: v.id)
def test_framing_is_that_of_the_part_and_the_outline_fills_it(view: View) -> None:
    kind = FRAMINGS[view.framing_mm]
    assert kind == {"body": "body"}.get(
        view.id.split("_")[0], "close" if view.id.endswith("close_up") else "face"
    )
    assert load_silhouette(view.silhouette).height_mm == view.framing_mm[1]


METHODS = {
    "profile_left": "profile",
    "profile_right": "profile",
    "body_back": "none",
    "lips_close_up": "none",
    "eyes_close_up": "none",
    "nose_frontal_close_up": "none",
    "nose_basal_close_up": "none",
}


@pytest.mark.parametrize("view", LIBRARY.values(), ids=lambda v: v.id)
def test_each_view_says_what_it_is_judged_by(view: View) -> None:
    usual = "body" if view.id.startswith("body") else "face"
    assert view.method == METHODS.get(view.id, usual)


def test_views_of_the_head_differ_in_how_far_it_may_be_turned_alone() -> None:
    heads = [v for v in LIBRARY.values() if v.method in ("face", "profile")]
    assert len(heads) > 15
    for view in heads:
        allowed = view.tolerance
        back = view.id in ("basal", "birds_eye")
        angle = 2.5 if back else 3.0
        yaw = 2.0 if view.method == "profile" else angle
        assert (allowed.yaw, allowed.pitch, allowed.roll) == (yaw, angle, angle)
        assert (allowed.position, allowed.scale, allowed.stillness) == (0.03, 0.03, 0.02)


def changed(old: str, new: str) -> str:
    assert old in VIEWS
    return VIEWS.replace(old, new, 1)


NO_REGION = changed('region = "face"\n', "")


@pytest.mark.parametrize(
    ("views", "sentence"),
    [
        (
            changed('patient_turns = "none"', 'patient_turns = "up"'),
            "views.frontal_rest.patient_turns: expected one of none, left, right, around, got 'up'",
        ),
        (
            changed('light = "even"', 'light = "even"\ncolour = "red"'),
            "views.frontal_rest.colour: this key is not known; expected one of code, dicom_or",
        ),
        (
            changed('code = "frontal"', 'code = "front"'),
            "views.frontal_rest.code: there is no code 'front'; expected one of animated, basal",
        ),
        (
            NO_REGION,
            "views.frontal_rest.region: this key is missing; expected small letters, digits and",
        ),
        (
            changed("framing_mm = [240.0, 360.0]", "framing_mm = [240.0]"),
            "views.frontal_rest.framing_mm: expected a list in brackets of length 2, got 1",
        ),
        (
            changed("framing_mm = [240.0, 360.0]", "framing_mm = [240.0, 0]"),
            "views.frontal_rest.framing_mm[1]: expected a number >= 20.0, got 0",
        ),
        (
            changed("head = { yaw = 3.0", "head = { yaw = 90.0"),
            "tolerances.head.yaw: expected a number <= 45.0, got 90.0",
        ),
        (
            changed(", stillness = 0.02, proposed = true }", " }"),
            "tolerances.head.stillness: this key is missing; expected a number",
        ),
        (
            changed('"framing_mm", "light"', '"framing", "light"'),
            "views.frontal_rest.proposed[0]: there is no field of a view 'framing'; expected one",
        ),
        (
            changed('method = "face"', 'method = "eye"'),
            "views.frontal_rest.method: expected one of face, profile, body, none, got 'eye'",
        ),
        (
            changed("pose = { yaw = 0.0, pitch = 0.0, roll = 0.0 }\n", ""),
            "views.frontal_rest.pose: this key is missing; expected the pose that the face is",
        ),
        (
            changed('scheme = "SCT"', 'scheme = "SNOMED"'),
            "codes.frontal.scheme: expected one of SCT, 99CAPST, 99CLINIC, got 'SNOMED'",
        ),
        (changed("[codes]", "[codes"), "this is not valid TOML: expected ']' at the end"),
    ],
)
def test_a_damaged_library_is_refused_with_file_and_key(views: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_views(views, "views.toml")
    assert str(raised.value).startswith(f"views.toml: {sentence}")


@pytest.mark.parametrize(
    ("listing", "sentence"),
    [
        (
            LISTING.replace("frontal_rest", "sideways"),
            "views[0]: there is no view 'sideways'; expected one of basal, birds_eye, body_back",
        ),
        (
            LISTING.replace('"frontal_rest"', '"frontal_rest", "frontal_rest"'),
            "views[1]: 'frontal_rest' stands there twice; expected each view once",
        ),
        (
            LISTING.replace('["frontal_rest"]', "[]"),
            "views: expected a list in brackets of length >= 1, got 0",
        ),
        (
            LISTING.replace('"frontal_rest"', ", ".join(f'"v{n}"' for n in range(17))),
            "views: expected a list in brackets of length <= 16, got 17",
        ),
        (
            LISTING.replace('title = "T"\n', ""),
            "title: this key is missing; expected a text of one line",
        ),
        (
            LISTING + "extra = 1\n",
            "extra: this key is not known; expected one of source, title, views",
        ),
        (
            LISTING.replace('"T"', f'"{"T" * 37}"'),
            "title: expected a text in quotation marks of length <= 36, got 37",
        ),
    ],
)
def test_a_damaged_protocol_is_refused_with_file_and_key(listing: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_protocol("own", listing, "own.toml", load_library())
    assert str(raised.value).startswith(f"own.toml: {sentence}")


def test_an_unknown_protocol_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no protocol 'face_6'; expected one of body, express"):
        load_protocol("face_6")


def test_a_name_cannot_lead_out_of_the_data() -> None:
    with pytest.raises(ConfigError, match="there is no protocol"):
        load_protocol("../views")
