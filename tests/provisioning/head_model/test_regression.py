"""The algebra behind the head model."""

from __future__ import annotations

import numpy as np
import pytest

from provisioning.head_model.regression import main_ways, ridge, scaled_ways


def rows(count: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.hstack([np.ones((count, 1)), rng.normal(size=(count, 4))])


TRUE = np.array([[3.0, -1.0], [1.0, 0.0], [0.0, 2.0], [-1.0, 0.5], [0.0, 0.0]])


def test_without_a_pull_the_weights_are_found() -> None:
    found = ridge(rows(50), rows(50) @ TRUE, np.ones(50), 0.0)
    np.testing.assert_allclose(found, TRUE, atol=1e-6)


def test_a_pull_makes_weights_smaller_but_not_the_first() -> None:
    """The first is the mean, which nothing pulls at."""
    features = rows(400)
    features[:, 1:] -= features[:, 1:].mean(axis=0)
    found = ridge(features, features @ TRUE, np.ones(400), 1.0)
    np.testing.assert_allclose(found[0], TRUE[0], atol=1e-6)
    np.testing.assert_allclose(found[1:], TRUE[1:] / 2, atol=0.1)


def test_what_counts_nothing_changes_nothing() -> None:
    features, targets = rows(60), rows(60) @ TRUE
    targets[40:] += 100.0
    counts = np.r_[np.ones(40), np.zeros(20)]
    np.testing.assert_allclose(ridge(features, targets, counts, 0.0), TRUE, atol=1e-6)


def test_what_counts_twice_counts_as_if_there_twice() -> None:
    features = rows(30)
    targets = features @ TRUE + np.random.default_rng(2).normal(size=(30, 2))
    counts = np.ones(30)
    counts[:10] = 2.0
    twice = np.r_[np.arange(30), np.arange(10)]
    exact = ridge(features, targets, counts, 0.0)
    np.testing.assert_allclose(
        exact, ridge(features[twice], targets[twice], np.ones(40), 0.0), atol=1e-6
    )


def test_a_feature_without_spread_does_no_harm() -> None:
    features = np.hstack([rows(50), np.zeros((50, 1))])
    found = ridge(features, rows(50) @ TRUE, np.ones(50), 1e-6)
    assert np.isfinite(found).all()


def test_main_ways_are_orthonormal_and_the_largest_first() -> None:
    rng = np.random.default_rng(3)
    spread = rng.normal(size=(500, 3)) * [1.0, 5.0, 0.1]
    ways = main_ways(spread, 2)
    np.testing.assert_allclose(ways @ ways.T, np.eye(2), atol=1e-9)
    assert abs(ways[0, 1]) == pytest.approx(1.0, abs=0.01)
    assert abs(ways[1, 0]) == pytest.approx(1.0, abs=0.01)


def test_scaled_ways_answer_with_size_one() -> None:
    spread = np.random.default_rng(4).normal(size=(500, 3)) * [1.0, 5.0, 0.1]
    answers = spread @ scaled_ways(spread, 2).T
    np.testing.assert_allclose(np.sqrt((answers**2).mean(axis=0)), 1.0)
