"""The tree in the docstring is the tree in the code, and every leaf can be told apart."""

from __future__ import annotations

import re

from kiosk import errors
from kiosk.errors import KioskError


def tree(kind: type[KioskError]) -> list[type[KioskError]]:
    return [kind, *(leaf for child in kind.__subclasses__() for leaf in tree(child))]


def ancestry(kind: type[KioskError]) -> list[str]:
    return [base.__name__ for base in kind.__mro__ if issubclass(base, KioskError)][::-1]


def drawn() -> list[list[str]]:
    path: list[str] = []
    found = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^ {4}((?:│   |    |├── |└── )*)([A-Z]\w+)", line)
        if match:
            path = [*path[: len(match[1]) // 4], match[2]]
            found.append(path)
    return found


def test_the_docstring_draws_the_whole_tree() -> None:
    own = [kind for kind in tree(KioskError) if kind.__module__ == "kiosk.errors"]
    assert drawn() == [ancestry(kind) for kind in own]


def test_every_code_is_stable_and_its_own() -> None:
    codes = [kind.code for kind in tree(KioskError) if kind.__module__ == "kiosk.errors"]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_an_error_is_its_sentence() -> None:
    error = errors.StorageFull("the card is full")
    assert str(error) == error.sentence == "the card is full"
    assert error.retryable
