"""Who a head belongs to, as weights; and the demo's patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

PEOPLES = ("african", "asian", "caucasian")
SEXES = ("female", "male")
AGES = ("young", "old")
WEIGHTS = ("minweight", "averageweight", "maxweight")

FEATURES: tuple[tuple[str, str], ...] = (
    ("head/head-fat-decr", "head/head-fat-incr"),
    ("head/head-oval", "head/head-round"),
    ("head/head-square", "head/head-invertedtriangular"),
    ("head/head-scale-horiz-decr", "head/head-scale-horiz-incr"),
    ("head/head-scale-depth-decr", "head/head-scale-depth-incr"),
    ("forehead/forehead-scale-vert-decr", "forehead/forehead-scale-vert-incr"),
    ("forehead/forehead-nubian-decr", "forehead/forehead-nubian-incr"),
    ("nose/nose-hump-decr", "nose/nose-hump-incr"),
    ("nose/nose-curve-concave", "nose/nose-curve-convex"),
    ("nose/nose-scale-vert-decr", "nose/nose-scale-vert-incr"),
    ("nose/nose-scale-depth-decr", "nose/nose-scale-depth-incr"),
    ("nose/nose-point-down", "nose/nose-point-up"),
    ("nose/nose-volume-decr", "nose/nose-volume-incr"),
    ("chin/chin-prominent-decr", "chin/chin-prominent-incr"),
    ("chin/chin-width-decr", "chin/chin-width-incr"),
    ("chin/chin-height-decr", "chin/chin-height-incr"),
    ("mouth/mouth-scale-horiz-decr", "mouth/mouth-scale-horiz-incr"),
    ("mouth/mouth-upperlip-volume-decr", "mouth/mouth-upperlip-volume-incr"),
    ("mouth/mouth-lowerlip-volume-decr", "mouth/mouth-lowerlip-volume-incr"),
    ("neck/neck-scale-horiz-decr", "neck/neck-scale-horiz-incr"),
    ("cheek/both-cheek-bones-decr", "cheek/both-cheek-bones-incr"),
    ("cheek/both-cheek-volume-decr", "cheek/both-cheek-volume-incr"),
    ("ears/both-ear-scale-decr", "ears/both-ear-scale-incr"),
    ("ears/both-ear-wing-decr", "ears/both-ear-wing-incr"),
    ("eyes/both-eye-scale-decr", "eyes/both-eye-scale-incr"),
    ("eyes/both-eye-eyefold-down", "eyes/both-eye-eyefold-up"),
)
"""MakeHuman's opposite shapes of one feature; ``both`` stands for the left and right one."""

_SKINS = {
    ("african", "female"): "dark_female",
    ("african", "male"): "dark_male",
    ("asian", "female"): "light_female",
    ("asian", "male"): "medium_male",
    ("caucasian", "female"): "light_female",
    ("caucasian", "male"): "light_male",
}
_IRISES = ((25, 42, 70), (45, 75, 105), (130, 105, 75), (75, 100, 85))
_FAIR, _BALD = 0.6, 0.2
"""Shares of fair-haired among the European looking, and of bald among the men."""

_SPREAD = 0.3
"""Standard deviation of a feature of somebody."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is.

    Attributes:
        sex: one of ``SEXES``.
        people: shares of ``PEOPLES``, adding up to 1.
        age: 0 young to 1 old.
        weight: -1 thin to 1 heavy.
        features: strength of shapes named in ``FEATURES``, 0 to 1.
        hair_m: how far the hair stands off the head, metres; 0 shows a shaven scalp.
        hair: its colour and the brows', BGR, 0 to 255.
        iris: BGR, 0 to 255.
    """

    sex: str
    people: Mapping[str, float]
    age: float = 0.0
    weight: float = 0.0
    features: Mapping[str, float] = field(default_factory=dict)
    hair_m: float = 0.012
    hair: tuple[int, int, int] = (25, 38, 55)
    iris: tuple[int, int, int] = (25, 42, 70)

    @property
    def skin(self) -> str:
        """The name of the skin that fits best."""
        most = max(PEOPLES, key=lambda people: self.people.get(people, 0.0))
        return _SKINS[most, self.sex]

    def shapes(self) -> dict[str, float]:
        """Return how much of each of the data's shapes this person is."""
        heavy = {"minweight": max(-self.weight, 0.0), "maxweight": max(self.weight, 0.0)}
        heavy["averageweight"] = 1.0 - abs(self.weight)
        weights = dict(self.features)
        for age, share in (("young", 1.0 - self.age), ("old", self.age)):
            for people, part in self.people.items():
                weights[f"people/{people}-{self.sex}-{age}"] = share * part
            for weight, part in heavy.items():
                weights[f"build/{self.sex}-{age}-{weight}"] = share * part
        return weights


PERSONS: Mapping[str, Person] = {
    "anna": Person("female", {"caucasian": 1.0}, age=0.25, hair=(38, 62, 88), iris=(95, 82, 60)),
    "bola": Person("female", {"african": 1.0}, age=0.1, hair=(14, 15, 18)),
    "chen": Person("male", {"asian": 1.0}, age=0.2, hair=(16, 18, 22)),
    "dirk": Person(
        "male",
        {"caucasian": 1.0},
        age=0.6,
        weight=0.5,
        hair=(88, 92, 96),
        iris=(110, 98, 72),
        features={"nose/nose-hump-incr": 0.6, "chin/chin-prominent-incr": 0.4},
    ),
    "emeka": Person("male", {"african": 1.0}, age=0.3, hair_m=0.0, hair=(14, 15, 18)),
    "fiona": Person(
        "female",
        {"caucasian": 0.6, "asian": 0.4},
        hair=(20, 30, 48),
        hair_m=0.02,
        features={"cheek/both-cheek-bones-incr": 0.5, "nose/nose-point-up": 0.4},
    ),
}
"""The demo's patients, all made up."""


def somebody(rng: np.random.Generator) -> Person:
    """Return a person as chance will have it."""
    sex = str(rng.choice(SEXES))
    people = dict(zip(PEOPLES, rng.dirichlet([0.35] * len(PEOPLES)).tolist(), strict=True))
    fair = bool(people["caucasian"] == max(people.values()) and rng.random() < _FAIR)
    tone = rng.uniform(0.8, 2.4) if fair else rng.uniform(0.25, 0.5)
    features = {}
    for low, high in FEATURES:
        much = float(np.clip(rng.normal(0.0, _SPREAD), -1.0, 1.0))
        features[high if much > 0 else low] = abs(much)
    return Person(
        sex=sex,
        people=people,
        age=float(rng.uniform(0.0, 0.9)),
        weight=float(rng.uniform(-0.8, 0.8)),
        features=features,
        hair_m=0.0 if sex == "male" and rng.random() < _BALD else float(rng.uniform(0.006, 0.022)),
        hair=(int(38 * tone), int(54 * tone), int(78 * tone)),
        iris=_IRISES[int(rng.integers(len(_IRISES))) if fair else 0],
    )
