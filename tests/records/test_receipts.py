"""A receipt's body: what sha256sum says, and nothing else."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from kiosk.envelope.letter import BODY_LIMIT
from kiosk.errors import LetterRefused
from kiosk.records.receipts import MOST, Taken, body_of, digests, object_of, parse_body

NAME = f"{'0a' * 16}.age"
AGAIN = f"{'0a' * 16}-01234567.age"
DIGEST, OTHER = "d" * 64, "e" * 64


def test_what_is_written_is_read(tmp_path: Path) -> None:
    content = b"a sealed object"
    (tmp_path / NAME).write_bytes(content)
    taken = (Taken(NAME, hashlib.sha256(content).hexdigest()),)
    body = body_of(taken)
    assert parse_body(body) == taken
    said = subprocess.run(["sha256sum", NAME], cwd=tmp_path, capture_output=True, check=True)
    assert body == said.stdout


def test_the_newest_are_named_and_fit_into_a_letter() -> None:
    taken = [Taken(f"{n:032x}-01234567.age", f"{n:064x}") for n in range(MOST + 3)]
    body = body_of(taken)
    assert len(body) <= BODY_LIMIT
    assert parse_body(body) == tuple(taken[3:])


def test_two_files_of_one_object_are_one_to_the_station() -> None:
    assert object_of(AGAIN) == object_of(NAME) == NAME
    named = digests([Taken(NAME, DIGEST), Taken(AGAIN, OTHER), Taken(AGAIN, DIGEST)])
    assert named == {NAME: frozenset({DIGEST, OTHER})}


@pytest.mark.parametrize(
    "body",
    [
        f"{DIGEST}  {NAME}",
        f"{DIGEST} {NAME}\n",
        f"{DIGEST.upper()}  {NAME}\n",
        f"{DIGEST}  ../{NAME}\n",
        f"{DIGEST}  {NAME}\n\n",
        f"{DIGEST}  {NAME}\r\n",
        f"{DIGEST}  {NAME}\n" * (MOST + 1),
    ],
)
def test_anything_else_is_refused_as_a_whole(body: str) -> None:
    with pytest.raises(LetterRefused, match="sha256sum"):
        parse_body(body.encode())


def test_nothing_is_a_body_too() -> None:
    assert parse_body(b"") == ()


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="no name"):
        object_of("x.age")
