"""A clinic's own sets: what is right is found, what is wrong is one sentence with its place."""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec
import pytest

from kiosk.capture.record import view_record
from kiosk.errors import ConfigError
from kiosk.records.protocol_check import Verdict, check_paths
from kiosk.records.protocols import available, load_library, load_protocol
from kiosk.records.shot import ViewRecord
from tests.records.conftest import LISTING, Change, sentence

ROOT = Path(__file__).parents[2]


def test_own_sets_stand_beside_the_programs(own: Path) -> None:
    assert set(available(own)) - set(available()) == {"neck"}
    protocol = load_protocol("neck", own)
    assert [view.id for view in protocol.views] == ["frontal_rest", "nape"]
    assert protocol.views[0] == load_library().views["frontal_rest"]
    assert protocol.views[1].code.value == "posterior"
    assert protocol.views[1].tolerance == load_library().tolerances["head"]
    assert load_protocol("face_5", own) == load_protocol("face_5")


def test_a_proposed_tolerance_is_proposed_in_every_view_that_uses_it(
    own: Path, change: Change
) -> None:
    """The program's are; so a view that marks nothing is not all confirmed."""
    assert load_protocol("neck", own).views[1].proposed == ("tolerance",)
    change("views.toml", 'tolerance = "head"', 'tolerance = "head"\nproposed = ["framing_mm"]')
    assert load_protocol("neck", own).views[1].proposed == ("framing_mm", "tolerance")
    figures = "yaw = 1.0, pitch = 1.0, roll = 1.0, position = 0.1, scale = 0.1, stillness = 0.1"
    change("views.toml", "[codes]", f"[tolerances]\nours = {{ {figures} }}\n[codes]")
    change("views.toml", 'tolerance = "head"', 'tolerance = "ours"')
    assert load_protocol("neck", own).views[1].proposed == ("framing_mm",)
    change("views.toml", "stillness = 0.1", "stillness = 0.1, proposed = true")
    assert load_protocol("neck", own).views[1].proposed == ("framing_mm", "tolerance")


def test_own_views_keep_their_words_whatever_the_language(own: Path) -> None:
    given, french = load_protocol("neck", own), load_protocol("neck", own, "fr")
    assert french.title == given.title
    assert french.views[1] == given.views[1]
    assert french.views[0].title == "De face, au repos"
    assert french.views[0].code == given.views[0].code


def test_without_the_folder_own_sets_are_not_known(own: Path) -> None:
    with pytest.raises(ConfigError, match="there is no protocol 'neck'"):
        load_protocol("neck")
    assert f"(looked in {own} too)" in sentence(own, "arm")


def test_a_folder_may_do_without_views_of_its_own(own: Path) -> None:
    (own / "views.toml").unlink()
    (own / "neck.toml").write_text(LISTING.replace(', "nape"', ""), encoding="utf-8")
    assert len(load_protocol("neck", own).views) == 1


def test_what_is_no_set_is_passed_over(own: Path) -> None:
    (own / "README.md").write_text("ours")
    (own / "._neck.toml").write_bytes(b"\x00\x05\x16\x07")
    (own / "neck.toml~").write_text("older")
    assert [path.name for path in own.iterdir() if path.name.startswith(".")] == ["._neck.toml"]
    assert set(available(own)) - set(available()) == {"neck"}
    assert all(verdict.right for verdict in check_paths([own], None))


@pytest.mark.parametrize("name", ["arm.toml.txt", "arm.TOML", "arm", "README.md"])
def test_what_is_passed_over_is_named_by_the_check(own: Path, name: str) -> None:
    """Who hides the endings of files does not see that one is not read."""
    (own / name).write_text(LISTING)
    assert [verdict for verdict in check_paths([own], None) if not verdict.read] == [
        Verdict(
            own / name,
            right=True,
            said=f"{own / name}: this is not read; expected a name that ends in .toml, in small "
            "letters",
            read=False,
        )
    ]


def test_a_file_from_windows_is_read(own: Path) -> None:
    for name in ("views.toml", "neck.toml"):
        content = (own / name).read_bytes().replace(b"\n", b"\r\n")
        (own / name).write_bytes(b"\xef\xbb\xbf" + content)
    assert len(load_protocol("neck", own).views) == 2


def test_an_own_view_fits_the_record_of_a_shot(own: Path) -> None:
    """What the record refuses would be found out when a picture is to be kept."""
    record = view_record(load_protocol("neck", own).views[1])
    assert record.region is not None
    assert record.region.system == "urn:capture-station:codes-of-the-clinic"
    assert msgspec.json.decode(msgspec.json.encode(record), type=ViewRecord) == record


@pytest.mark.parametrize("name", ["views.toml", "neck.toml"])
def test_a_file_that_is_not_utf_8_is_named_with_the_line(own: Path, name: str) -> None:
    content = (own / name).read_text(encoding="utf-8").replace("title = ", 'x = "ü"\ntitle = ', 1)
    (own / name).write_bytes(content.encode("latin-1"))
    line = content[: content.index("ü")].count("\n") + 1
    assert sentence(own).startswith(f"{own / name}: line {line}: expected UTF-8 text, but one of ")


@pytest.mark.parametrize("content", ["", "\n# later\n"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [("views.toml", "views, each under [views.NAME]"), ("neck.toml", "title, source and views")],
)
def test_an_empty_file_says_what_it_should_hold(
    own: Path, name: str, expected: str, content: str
) -> None:
    (own / name).write_text(content)
    assert sentence(own) == f"{own / name}: this file says nothing; expected {expected}"


def test_an_own_set_may_not_have_the_programs_name(own: Path) -> None:
    path = (own / "neck.toml").rename(own / "face_5.toml")
    assert sentence(own, "face_5") == (
        f"{path}: the program has a protocol named 'face_5' already; expected another name"
    )


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name in ("face_5", "neck"):
        assert sentence(tmp_path / "gone", name) == (
            f"{tmp_path / 'gone'}: expected a folder with a clinic's own sets, but: "
            "No such file or directory"
        )


def test_a_file_of_an_impossible_name_is_found_by_the_check(own: Path) -> None:
    path = (own / "neck.toml").rename(own / "Neck 2.toml")
    assert set(available(own)) == set(available())
    (verdict,) = (v for v in check_paths([own], None) if not v.right)
    assert verdict.said.startswith(f"{path}: 'Neck 2' cannot be a protocol's name; expected small")


def test_every_file_that_is_wrong_is_told_of(own: Path, change: Change) -> None:
    (own / "arm.toml").write_text("title = \n")
    (own / "face_5.toml").write_text(LISTING)
    change("neck.toml", '"nape"', '"neck"')
    found = {v.path.name: v.right for v in check_paths([own], None)}
    assert found == {
        "arm.toml": False,
        "face_5.toml": False,
        "neck.toml": False,
        "views.toml": True,
    }


def test_sets_wait_for_a_library_that_is_wrong(own: Path, change: Change) -> None:
    """That a view is not described is not said as long as nobody can know it."""
    change("views.toml", "[views.nape]", "[views.nape")
    said = {v.path.name: v.said for v in check_paths([own], None)}
    assert said["neck.toml"] == (
        f"{own / 'neck.toml'}: its views cannot be looked up before {own / 'views.toml'} is right"
    )
    change("neck.toml", "title", "titel")
    said = {v.path.name: v.said for v in check_paths([own], None)}
    assert said["neck.toml"].startswith(f"{own / 'neck.toml'}: titel: this key is not known")


def test_a_draft_is_judged_as_in_the_folder_that_it_is_for(own: Path, tmp_path: Path) -> None:
    draft = (own / "neck.toml").rename(tmp_path / "neck.toml")
    assert [v.right for v in check_paths([draft], None)] == [False]
    assert [v.right for v in check_paths([draft], own)] == [True]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gone.toml", "expected a readable file, but: No such file or directory"),
        ("neck.txt", "expected a file whose name ends in .toml"),
    ],
)
def test_what_cannot_be_checked_is_wrong(own: Path, name: str, expected: str) -> None:
    (own / "neck.txt").write_text(LISTING)
    assert list(check_paths([own / name], None)) == [
        Verdict(own / name, right=False, said=f"{own / name}: {expected}")
    ]


def test_a_folder_without_sets_is_wrong(tmp_path: Path) -> None:
    (verdict,) = check_paths([tmp_path], None)
    assert verdict.said == (
        f"{tmp_path}: there is nothing to check; expected views.toml, or NAME.toml for each set"
    )


def test_a_folder_that_is_not_there_is_checked_as_one(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    (verdict,) = check_paths([gone], None)
    with pytest.raises(ConfigError) as raised:
        available(gone)
    assert verdict == Verdict(gone, right=False, said=raised.value.sentence)


def lay(what: str, path: Path) -> None:
    """Lay something else than a text into the place of a file."""
    path.unlink()
    if what == "pipe":
        os.mkfifo(path)
    elif what == "device":
        path.symlink_to("/dev/zero")
    elif what == "folder":
        path.mkdir()
    else:
        path.write_text("# much\n" * 200_000)


@pytest.mark.parametrize("name", ["views.toml", "neck.toml"])
@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("pipe", "expected a file, but this is a pipe or a device"),
        ("device", "expected a file, but this is a pipe or a device"),
        ("folder", "expected a readable file, but: Is a directory"),
        ("much", "expected a file of at most 1048576 bytes, this one is longer"),
    ],
)
def test_what_is_no_text_is_neither_waited_for_nor_read_for_ever(
    own: Path, name: str, what: str, said: str
) -> None:
    lay(what, own / name)
    assert sentence(own) == f"{own / name}: {said}"


def test_lists_that_lie_too_deep_are_a_fault_of_the_file(own: Path) -> None:
    (own / "neck.toml").write_text("title = " + "[" * 5000)
    assert sentence(own) == (
        f"{own / 'neck.toml'}: lists or tables lie too deep within one another; expected title, "
        "source and views"
    )


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    text = (ROOT / "docs/protocols.md").read_text(encoding="utf-8")
    examples = dict(re.findall(r"`(\w+\.toml)`\n```toml\n(.*?)```", text, re.DOTALL))
    assert set(examples) == {"face_and_upper_body.toml", "views.toml"}
    for name, content in examples.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert all(verdict.right for verdict in check_paths([tmp_path], None))
    protocol = load_protocol("face_and_upper_body", tmp_path)
    assert protocol.views[-1].tolerance.yaw == 8.0


def test_the_documentation_names_every_key_of_a_view() -> None:
    text = (ROOT / "docs/protocols.md").read_text(encoding="utf-8")
    known = set(re.findall(r"`(\w+)`", text))
    view = load_library().views["frontal_rest"]
    for struct in (view, view.tolerance, view.pose):
        assert struct is not None
        assert set(struct.__struct_fields__) - {"id"} <= known
