from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import ConfigError
from provisioning.demo.patient import data
from provisioning.demo.patient.data import FILE, HeadData, Material
from provisioning.demo.patient.head import EXPRESSIONS, Head
from provisioning.demo.patient.person import FEATURES, PERSONS, Person, somebody

FOLDER = Path(data.__file__).parent


def test_the_heads_are_those_whose_origin_is_recorded() -> None:
    digest = hashlib.sha256((FOLDER / FILE).read_bytes()).hexdigest()
    recorded = re.findall(rf"`{FILE}`: SHA-256 `(\w+)`", (FOLDER / "README.md").read_text("utf-8"))
    assert recorded == [digest]
    assert (FOLDER / FILE).stat().st_size < 2_500_000


@pytest.mark.parametrize("name", sorted(PERSONS))
def test_each_patient_of_the_demo_can_be_built(heads: HeadData, name: str) -> None:
    head = Head.make(heads, PERSONS[name])
    tall = head.vertices[head.data.rigid == 1.0]
    assert 0.18 < np.ptp(tall[:, 1]) < 0.28
    assert set(head.faces) == set(EXPRESSIONS)
    assert np.isfinite(head.vertices).all()


def test_no_two_are_alike(heads: HeadData) -> None:
    made = [Head.make(heads, person) for person in PERSONS.values()]
    for k, one in enumerate(made):
        for other in made[k + 1 :]:
            off = np.linalg.norm(one.vertices - other.vertices, axis=1)
            assert off[heads.rigid == 1.0].mean() > 0.001


@pytest.mark.parametrize("seed", range(8))
def test_anybody_can_be_built(heads: HeadData, seed: int) -> None:
    person = somebody(np.random.default_rng(seed))
    assert sum(person.people.values()) == pytest.approx(1.0)
    assert 0.17 < np.ptp(Head.make(heads, person).vertices[heads.rigid == 1.0][:, 1]) < 0.30


def test_chance_repeats_itself() -> None:
    one, again = (somebody(np.random.default_rng(4)) for _ in range(2))
    assert one == again
    assert one != somebody(np.random.default_rng(5))


def test_the_data_know_every_feature_and_material(heads: HeadData) -> None:
    assert {name for pair in FEATURES for name in pair} <= set(heads.shapes)
    assert set(np.unique(heads.materials)) == set(Material)


def test_an_unknown_feature_is_said(heads: HeadData) -> None:
    person = Person("male", {"asian": 1.0}, features={"nose/third": 1.0})
    with pytest.raises(ConfigError, match="nose/third: expected one of the demo's head shapes"):
        Head.make(heads, person)


@pytest.mark.parametrize("content", [None, b"", b"no archive", "half"])
def test_a_damaged_file_is_said(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / FILE
    if content == "half":
        path.write_bytes((FOLDER / FILE).read_bytes()[:300_000])
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"{FILE}: expected the demo's heads"):
        data.load(path)


def test_an_archive_without_the_heads_is_said(tmp_path: Path) -> None:
    path = tmp_path / FILE
    np.savez(path, vertices=np.zeros((3, 3)))
    with pytest.raises(ConfigError, match="expected the demo's heads"):
        data.load(path)
