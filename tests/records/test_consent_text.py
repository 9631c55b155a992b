"""Consent texts: the program's are whole and alike; a fault is one sentence with its place."""

from __future__ import annotations

import argparse
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import ConfigError, ConsentTextChanged
from kiosk.records.consent_cli import add_parser
from kiosk.records.consent_text import FILE_LIMIT, PURPOSES, parse_text, require_unchanged
from kiosk.records.consent_texts import Texts
from kiosk.records.data_files import shipped

ENGLISH = shipped("consent", "example-en.toml").read_bytes()


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser(prog="kiosk")
    add_parser(parser.add_subparsers(required=True))
    parsed = parser.parse_args(["consent-texts", *map(str, arguments)])
    return int(parsed.handler(parsed))


def test_the_examples_ask_the_same_in_every_language() -> None:
    files = Texts().load_all()
    assert [file.text.language for file in files] == ["de", "en", "fr"]
    for file in files:
        text = file.text
        assert (text.id, text.version, text.example) == ("example", "2026-11", True)
        assert tuple(one.id for one in text.purposes) == PURPOSES
        assert [one.level for one in text.purposes] == [1, 2, 2, 3, 3]
        channels = [one.id for one in text.purposes[-1].channels]
        assert channels == ["website", "social-media", "leaflets"]


def test_england_s_age_is_in_the_english_example() -> None:
    rule = Texts().load("example-en").text.age_rule("toxin-or-filler")
    assert rule is not None
    assert rule.minimum == 18
    assert "2021" in rule.source


def test_the_digest_is_of_the_very_bytes() -> None:
    plain = parse_text("mine", ENGLISH, "mine.toml")
    marked = parse_text("mine", b"\xef\xbb\xbf" + ENGLISH, "mine.toml")
    assert plain.digest == hashlib.sha256(ENGLISH).hexdigest()
    assert plain.text == marked.text
    assert plain.digest != marked.digest, "what another program shows of a mark, nobody knows"
    with pytest.raises(ConsentTextChanged, match="changed after it had been shown"):
        require_unchanged(plain, parse_text("mine", ENGLISH + b"\n", "mine.toml"))
    require_unchanged(plain, parse_text("mine", ENGLISH, "mine.toml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "record"', 'id = "training"', "purposes[0].id: 'training' stands first"),
        ('id = "research"', 'id = "training"', "purposes[2].id: 'training' stands there twice"),
        ('id = "research"', 'id = "curiosity"', "purposes[2].id: expected"),
        ('id = "leaflets"', 'id = "website"', "purposes[4].channels[2].id: 'website' stands"),
        ("level = 3\nchannels", "level = 4\nchannels", "purposes[4].level: expected"),
        ('language = "en"', 'language = "english please"', "language: expected"),
        ('version = "2026-11"', 'version = ""', "version: expected"),
        ("understood = ", "understand = ", "statements.understand"),
        ("retention_years = 8", 'retention_years = "8"', "purposes[0].retention_years: expected"),
        ("valid_days = 730", "valid_days = 0", "purposes[4].valid_days: expected"),
        ("minimum = 18", "minimum = -1", "ages[0].minimum: expected"),
        ("[lawful_basis]", "[lawful_basic]", "lawful_basic"),
        ("[[purposes]]", "[[purposes]", "this is not valid TOML"),
    ],
)
def test_a_fault_is_one_sentence_with_its_place(old: str, new: str, said: str) -> None:
    content = ENGLISH.decode().replace(old, new, 1).encode()
    assert content != ENGLISH
    with pytest.raises(ConfigError) as raised:
        parse_text("mine", content, "mine.toml")
    sentence = str(raised.value)
    assert sentence.startswith("mine.toml: ")
    assert said in sentence
    assert "\n" not in sentence


def test_marketing_names_its_places_and_the_record_has_none() -> None:
    head, _, rest = ENGLISH.decode().partition("channels = [")
    without = head + rest.partition("]\n")[2]
    with pytest.raises(ConfigError, match="where exactly pictures are shown"):
        parse_text("mine", without.encode(), "mine.toml")
    channels = 'level = 1\nchannels = [{ id = "a", name = "A" }]\n'
    with pytest.raises(ConfigError, match="the record has no channels"):
        parse_text("m", ENGLISH.decode().replace("level = 1\n", channels).encode(), "m.toml")


def test_what_is_too_large_or_no_text_is_refused() -> None:
    with pytest.raises(ConfigError, match=f"expected at most {FILE_LIMIT}"):
        parse_text("mine", ENGLISH + b"#" * FILE_LIMIT, "mine.toml")
    with pytest.raises(ConfigError, match="line 1: expected UTF-8"):
        parse_text("mine", b"# \xe4\n" + ENGLISH, "mine.toml")
    with pytest.raises(ConfigError, match="says nothing"):
        parse_text("mine", b"# nothing\n", "mine.toml")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(ENGLISH) - 1), st.binary(min_size=0, max_size=3))
def test_any_damage_is_a_text_or_a_sentence(place: int, octets: bytes) -> None:
    damaged = ENGLISH[:place] + octets + ENGLISH[place + 1 :]
    try:
        said, content = "", parse_text("mine", damaged, "mine.toml").content
    except ConfigError as error:
        said, content = error.sentence, damaged
    assert content == damaged
    assert not said or said.startswith("mine.toml: ")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "mine-en.toml").write_bytes(ENGLISH)
    return tmp_path


def test_with_own_texts_no_example_is_shown(own: Path) -> None:
    assert Texts(own).names() == ("mine-en",)
    assert Texts(own).load("mine-en").content == ENGLISH
    with pytest.raises(ConfigError, match="there is no consent text 'example-en'"):
        Texts(own).load("example-en")
    (own / "other.toml").write_bytes(ENGLISH)
    with pytest.raises(ConfigError, match=r"are those of mine-en\.toml"):
        Texts(own).load_all()


def test_an_empty_or_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no consent text"):
        Texts(tmp_path).names()
    with pytest.raises(ConfigError, match="expected a folder"):
        Texts(tmp_path / "no").names()


def test_a_pipe_is_not_waited_for(own: Path) -> None:
    os.mkfifo(own / "mine-fr.toml")
    with pytest.raises(ConfigError, match=r"mine-fr\.toml: expected a file, but this is a pipe"):
        Texts(own).load("mine-fr")


@pytest.mark.parametrize("name", ["example-en", "example-de", "example-fr"])
def test_a_text_is_printed_whole(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", name) == 0
    said = " ".join(capsys.readouterr().out.split())
    text = Texts().load(name).text
    assert "An example: a clinic has its own lawyer read" in said
    for part in (text.introduction, text.statements.understood, text.statements.publication):
        assert part in said
    for purpose in text.purposes:
        assert purpose.meaning in said
        assert purpose.retention in said


def test_files_are_listed_and_checked(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--folder", own) == 0
    assert hashlib.sha256(ENGLISH).hexdigest() in capsys.readouterr().out
    assert run("check", own) == 0
    assert "right " in capsys.readouterr().out
    (own / "bad.toml").write_text("id = 3\n")
    assert run("check", own) == 1
    assert "WRONG  " in capsys.readouterr().out
    assert run("list", "--folder", own) == 1
    assert "WRONG  " in capsys.readouterr().out
    (own / "bad.toml").rename(own / "Bad Name.toml")
    assert run("check", own / "Bad Name.toml") == 1
    assert "expected a name of small letters" in capsys.readouterr().out
