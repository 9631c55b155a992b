"""A view that contradicts itself about sides, or about what judges it, is refused by its key."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kiosk.capture.guides.directions import Facing
from kiosk.errors import ConfigError
from kiosk.records.data_files import shipped_names
from kiosk.records.protocol_parsing import parse_views
from kiosk.records.protocols import Pose, View, load_library
from kiosk.records.view_methods import check_method
from kiosk.records.view_sides import check_sides

LIBRARY = load_library()
OPPOSITE = {"left": "right", "right": "left"}
SIDED = [view for view in LIBRARY.views.values() if view.shows_side in OPPOSITE]

by_id = pytest.mark.parametrize("view", SIDED, ids=lambda view: view.id)


def view_text(**changed: str) -> str:
    """Return a view of a clinic's own, right until something is changed."""
    keys = {
        "code": "oblique",
        "region": "face",
        "expression": "lips_relaxed",
        "shows_side": "left",
        "patient_turns": "right",
        "dicom_orientation": "P\\\\F",
        "silhouette": "oblique_left",
        **changed,
    }
    return "\n".join(
        [
            '[views.own]\ntitle = "T"\nshort = "S"\ninstruction = "I"\nlight = "even"',
            *(f'{key} = "{value}"' for key, value in keys.items()),
            "pose = { yaw = -45.0, pitch = 0.0, roll = 0.0 }\nframing_mm = [240.0, 360.0]",
            'method = "face"\ntolerance = "head"\n',
        ]
    )


def check(view: View) -> None:
    check_sides(view, "w")
    check_method(view, "w")


def turned(yaw: float) -> Pose:
    return Pose(yaw=yaw, pitch=0.0, roll=0.0)


def refused(name: str, **changed: Any) -> str:  # noqa: ANN401 - fields of a view
    with pytest.raises(ConfigError) as raised:
        check(replace(LIBRARY.views[name], **changed))
    assert "\n" not in raised.value.sentence
    return raised.value.sentence


def test_there_are_views_of_both_sides_to_learn_from() -> None:
    assert sorted(view.shows_side for view in SIDED) == ["left"] * 4 + ["right"] * 4


@by_id
@pytest.mark.parametrize(
    "key", ["shows_side", "patient_turns", "pose", "silhouette", "code", "dicom_orientation"]
)
def test_a_side_that_is_swapped_in_one_key_alone_is_found(view: View, key: str) -> None:
    """Every view of a side, and its counterpart, from which one key was copied."""
    side = view.shows_side
    counterpart = LIBRARY.views[view.id.replace(side, OPPOSITE[side])]
    other = getattr(counterpart, key)
    if other == getattr(view, key):
        assert key == "code", "an oblique's code has no side"
        return
    with pytest.raises(ConfigError, match=r"^w\.\w+: .*; expected "):
        check(replace(view, **{key: other}))


@by_id
def test_a_code_is_of_the_side_that_is_shown_where_it_has_one(view: View) -> None:
    """Those for obliques of a side, which the program does not use, too."""
    codes = {"left": "260421001", "right": "260424009"}
    for side, value in codes.items():
        changed = replace(view, code=replace(LIBRARY.codes["oblique"], value=value))
        if side == view.shows_side:
            check(changed)
            continue
        with pytest.raises(ConfigError, match=rf"^w\.code: .* shows \"{side}\", but shows_side"):
            check(changed)


def test_what_a_tester_wrote_is_refused() -> None:
    said = refused(
        "oblique_left",
        pose=turned(45.0),
        silhouette="oblique_right",
        code=LIBRARY.codes["profile_left"],
    )
    assert said == (
        'w.patient_turns: "right" does not lead to a yaw of 45° (a turn to the patient\'s left, '
        'which shows their right side); expected "left", or another yaw'
    )
    assert refused("frontal_rest", pose=turned(180.0)).startswith('w.patient_turns: "none" does')
    assert refused("frontal_rest", silhouette="lips") == (
        "w.method: \"face\" cannot judge a close-up, and 'lips' is the outline of one; "
        'expected "none", or the outline of a whole face or body'
    )


CONTRADICTIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "turned to the side that is shown": (
        "lips_close_up",
        {"pose": None, "patient_turns": "left", "shows_side": "left"},
        "shows_side: a patient who turns to their left shows their right side, not the left one",
    ),
    "a turn that the pose does not have": (
        "frontal_rest",
        {"patient_turns": "left", "shows_side": "right"},
        'patient_turns: "left" does not lead to a yaw of 0°; expected "none", or another yaw',
    ),
    "a pose without the turn": (
        "oblique_right",
        {"patient_turns": "none"},
        'patient_turns: "none" does not lead to a yaw of 45° (a turn to the patient\'s left, which',
    ),
    "round, and yet to the camera": (
        "frontal_rest",
        {"patient_turns": "around"},
        'patient_turns: "around" does not lead to a yaw of 0°',
    ),
    "both sides in profile": (
        "profile_right",
        {"shows_side": "both"},
        "shows_side: a yaw of 90° (a turn to the patient's left, which shows their right side) ",
    ),
    "the back, and yet to the camera": (
        "frontal_rest",
        {"shows_side": "back"},
        'shows_side: a yaw of 0° does not show "back"; expected "both" or "left" or "right"',
    ),
    "a slight turn of a whole face": (
        "frontal_rest",
        {"pose": turned(5.0), "shows_side": "left"},
        "shows_side: a yaw of 5° (a turn to the patient's left, which shows their right side) ",
    ),
    "an outline without a pose": (
        "lips_close_up",
        {"pose": None, "silhouette": "profile_left", "shows_side": "right"},
        "silhouette: 'profile_left' is the outline of the left side, but the view shows the right",
    ),
    "an outline where both sides are shown": (
        "oblique_left",
        {"shows_side": "both", "silhouette": "oblique_right"},
        "silhouette: 'oblique_right' is the outline of the right side, but the view shows the left",
    ),
    "a lateral code of both sides": (
        "frontal_rest",
        {"code": LIBRARY.codes["profile_left"]},
        'code: "Left lateral view" is the code of a view that shows "left", but shows_side is ',
    ),
    "a frontal code of the back": (
        "body_back",
        {"code": LIBRARY.codes["frontal"]},
        'code: "Frontal view" and shows_side = "back" contradict each other; expected the code',
    ),
    "a frontal code in profile": (
        "profile_left",
        {"code": LIBRARY.codes["frontal"]},
        'code: "Frontal view" and a yaw of -90° contradict each other; expected the code of what',
    ),
    "the code of the back from the front": (
        "frontal_rest",
        {"code": LIBRARY.codes["posterior"]},
        'code: "View of the back" and a yaw of 0° contradict each other',
    ),
    "rows of a mirror": (
        "frontal_rest",
        {"dicom_orientation": "R\\F"},
        'dicom_orientation: at a yaw of 0° the rows of the picture do not run towards "R"; ',
    ),
    "rows of the front, from behind": (
        "body_back",
        {"dicom_orientation": "L\\F"},
        'dicom_orientation: at a yaw of 180° the rows of the picture do not run towards "L"; ',
    ),
    "a profile by the face": (
        "profile_left",
        {"method": "face"},
        'method: "face" cannot judge a yaw of -90°, only 0° to 60° to either side; expected "prof',
    ),
    "a face by the profile": (
        "oblique_left",
        {"method": "profile"},
        'method: "profile" cannot judge a yaw of -45°, only 60° to 120° to either side; ',
    ),
    "a back by joints": (
        "body_back",
        {"method": "body"},
        'method: "body" cannot judge a yaw of 180°, only 0° to 120° to either side; expected "no',
    ),
    "a body without a pose": (
        "body_front",
        {"pose": None},
        "pose: this key is missing; expected the pose that the body is judged against, or method",
    ),
    "a face by the outline of a body": (
        "frontal_rest",
        {"silhouette": "body_front"},
        "silhouette: 'body_front' is the outline of a body, and the method \"face\" would look ",
    ),
    "a body by the outline of a head": (
        "body_front",
        {"silhouette": "frontal"},
        "silhouette: 'frontal' is the outline of a head, and the method \"body\" would look ",
    ),
}


@pytest.mark.parametrize("mistake", CONTRADICTIONS)
def test_what_contradicts_itself_is_one_sentence(mistake: str) -> None:
    name, changed, said = CONTRADICTIONS[mistake]
    assert refused(name, **changed).startswith(f"w.{said}")


MAY_BE_RIGHT: dict[str, tuple[str, dict[str, Any]]] = {
    "one eye from the front": ("eyes_close_up", {"shows_side": "left"}),
    "one eye, the head a little away": (
        "eyes_close_up",
        {"shows_side": "left", "pose": turned(10.0)},
    ),
    "half a face from the front": ("frontal_rest", {"shows_side": "right"}),
    "both sides at an angle": ("oblique_left", {"shows_side": "both"}),
    "an oblique in the letters of the front": ("oblique_left", {"dicom_orientation": "L\\F"}),
    "an oblique in two letters": ("oblique_right", {"dicom_orientation": "AL\\F"}),
    "hardly turned": (
        "frontal_rest",
        {"pose": turned(-10.0), "patient_turns": "right"},
    ),
    "behind, at an angle": (
        "body_back",
        {"pose": turned(135.0), "shows_side": "right", "dicom_orientation": "A\\F"},
    ),
    "round by the left": ("body_back", {"patient_turns": "left"}),
    "lying": (
        "profile_left",
        {"pose": Pose(yaw=-90.0, pitch=90.0, roll=0.0), "dicom_orientation": "H\\P"},
    ),
    "a side without a pose": (
        "lips_close_up",
        {"pose": None, "shows_side": "left", "patient_turns": "right"},
    ),
    "at the bounds of two methods": ("oblique_left", {"pose": turned(-60.0)}),
    "a profile nearer to the front": ("profile_left", {"pose": turned(-60.0)}),
}


@pytest.mark.parametrize("what", MAY_BE_RIGHT)
def test_what_may_be_right_is_not_forbidden(what: str) -> None:
    name, changed = MAY_BE_RIGHT[what]
    check(replace(LIBRARY.views[name], **changed))


def test_the_bounds_of_the_guide_and_of_the_check_are_the_same() -> None:
    """Within 60° a view is taken for one that looks into the camera, from 120° for one away."""
    assert Facing.of(60.0) is Facing.CAMERA
    assert Facing.of(119.0) is Facing.PICTURE_RIGHT
    assert Facing.of(120.0) is Facing.AWAY


def test_every_outline_is_judged_as_the_programs_views_are() -> None:
    """The names by which close-ups and bodies are known are those of the data."""
    used = {view.silhouette: view for view in LIBRARY.views.values()}
    assert set(used) == set(shipped_names("silhouettes"))
    for name, view in used.items():
        body, close = name.startswith("body_"), name in {"eyes", "lips", "nose", "nose_basal"}
        assert body == (view.framing_mm == (480.0, 720.0))
        assert close == (view.framing_mm == (96.0, 144.0))
        for method in ("face", "profile", "body"):
            asked = replace(
                view,
                method=method,
                pose=turned(60.0),
                patient_turns="left",
                shows_side="right",
                silhouette=name,
            )
            fits = not close and body == (method == "body")
            if fits:
                check_method(asked, "w")
            else:
                with pytest.raises(ConfigError):
                    check_method(asked, "w")


@pytest.mark.parametrize(
    ("key", "code", "said"),
    [
        ("code", "smile", "'smile' is the code of an expression; expected one of basal, birds_eye"),
        ("region", "frontal", "'frontal' is the code of a view; expected one of eye_region, face"),
        ("expression", "basal", "'basal' is the code of a view; expected one of animated, brow_"),
    ],
)
def test_a_code_of_another_kind_is_refused(key: str, code: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_views(view_text(**{key: code}), "own/views.toml", LIBRARY)
    assert raised.value.sentence.startswith(f"own/views.toml: views.own.{key}: {said}")


def test_a_code_of_the_clinics_may_leave_out_what_it_is_for() -> None:
    for use in ("", ', use = "expression"'):
        code = f'puff = {{ scheme = "99CLINIC", value = "puff", meaning = "Cheeks"{use} }}'
        text = f"[codes]\n{code}\n{view_text(expression='puff')}"
        assert parse_views(text, "v", LIBRARY).views["own"].expression is not None
