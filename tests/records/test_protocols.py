from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from kiosk.capture.guides.silhouette import load_silhouette
from kiosk.errors import ConfigError
from kiosk.records.protocols import View, available, load_protocol, parse_protocol, parse_views

DATA = resources.files("kiosk.records") / "data"
VIEWS = (DATA / "views.toml").read_text(encoding="utf-8")
LIBRARY = parse_views(VIEWS)

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


def test_shooting_order_of_the_face() -> None:
    assert [view.id for view in load_protocol("face_5").views] == [
        "frontal_rest",
        "profile_left",
        "profile_right",
        "oblique_left",
        "oblique_right",
    ]


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
    assert all("framing_mm" in view.proposed for view in LIBRARY.values())
    assert "expression" in LIBRARY["frontal_frown"].proposed


def changed(old: str, new: str) -> str:
    assert old in VIEWS
    return VIEWS.replace(old, new, 1)


@pytest.mark.parametrize(
    ("views", "sentence"),
    [
        (
            changed('patient_turns = "none"', 'patient_turns = "up"'),
            "views.toml: views.frontal_rest.patient_turns: invalid enum value 'up'",
        ),
        (
            changed('light = "even"', 'light = "even"\ncolour = "red"'),
            "views.toml: views.frontal_rest: object contains unknown field `colour`",
        ),
        (
            changed('code = "frontal"', 'code = "front"'),
            "views.toml: views.frontal_rest.code: nothing is named 'front'; expected one of",
        ),
        (
            changed('region = "face"\n', ""),
            "views.toml: views.frontal_rest: object missing required field `region`",
        ),
        (
            changed("framing_mm = [240.0, 360.0]", "framing_mm = [240.0]"),
            "views.toml: views.frontal_rest.framing_mm: expected `array` of length 2",
        ),
        (
            changed("angle = 3.0", "angle = 90.0"),
            "views.toml: tolerances[...].angle: expected `float` <= 45.0",
        ),
        (
            changed('"framing_mm", "tolerance"', '"framing", "tolerance"'),
            "views.toml: views.frontal_rest.proposed: framing is no field of a view",
        ),
        (changed("[codes]", "[codes"), "views.toml: expected TOML, but: "),
    ],
)
def test_a_damaged_library_is_refused_with_file_and_key(views: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_protocol("own", LISTING, views)
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize(
    ("listing", "sentence"),
    [
        (
            LISTING.replace("frontal_rest", "sideways"),
            "protocols/own.toml: views[0]: views.toml describes no view 'sideways'; expected one",
        ),
        (
            LISTING.replace('"frontal_rest"', '"frontal_rest", "frontal_rest"'),
            "protocols/own.toml: views[1]: 'frontal_rest' stands there twice",
        ),
        (LISTING.replace('["frontal_rest"]', "[]"), "protocols/own.toml: views: expected `array`"),
        (LISTING.replace('title = "T"\n', ""), "protocols/own.toml: the file: object missing"),
        (LISTING + "extra = 1\n", "protocols/own.toml: the file: object contains unknown field"),
    ],
)
def test_a_damaged_protocol_is_refused_with_file_and_key(listing: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_protocol("own", listing, VIEWS)
    assert str(raised.value).startswith(sentence)


def test_an_unknown_protocol_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no protocol 'face_6'; expected one of body, express"):
        load_protocol("face_6")


def test_a_name_cannot_lead_out_of_the_data() -> None:
    with pytest.raises(ConfigError, match="there is no protocol"):
        load_protocol("../views")
