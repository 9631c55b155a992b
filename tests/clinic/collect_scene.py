"""What is killed in test_collect.py: a run of the collector over all that can lie in a drop box."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from kiosk.clinic.cli import add_parser
from kiosk.clinic.keygen import ARCHIVE, RECIPIENTS, RECOVERY, KeyFiles
from kiosk.records.receipts import parse_body
from tests.clinic.collect_samples import House, house_in
from tests.upload.receipt_samples import digest_of

_EXPECTED = "expected"


def house_of(root: Path) -> House:
    """Return the house that :func:`prepare` has made; nothing is signed in it any more."""
    keys = root / "keys"
    return House(root, KeyFiles(keys / ARCHIVE, keys / RECOVERY, keys / RECIPIENTS), {})


def prepare(root: Path) -> None:
    house = house_in(root)
    wanted = [house.shot(1), house.segment(2)]
    house.put(b"no sealed object")
    again = house.inbox() / f"{wanted[0].stem}-0123abcd.age"
    again.write_bytes(wanted[0].read_bytes())
    for number, path in enumerate([*wanted, again]):
        os.utime(path, (number, number))
    lines = [f"{path.name} {digest_of(path.read_bytes())}\n" for path in wanted]
    (root / _EXPECTED).write_text("".join(lines))


def act(root: Path) -> None:
    house = house_of(root)
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(required=True))
    arguments = house.arguments(*house.desk_arguments())
    parsed = parser.parse_args(["clinic", *map(str, arguments)])
    code = parsed.handler(parsed)
    if code != 1:  # something lies in quarantine
        raise AssertionError(code)


def expected(root: Path) -> dict[str, str]:
    """Return the digests of what is to be taken, by name."""
    return dict(line.split() for line in (root / _EXPECTED).read_text().splitlines())


def between(root: Path) -> list[str]:
    """Whatever is gone from the drop box is kept, whole, and on the list."""
    house, wrong = house_of(root), []
    folder = house.sealed / "kiosk-01"
    listed = (folder / "taken.sha256").read_text() if (folder / "taken.sha256").exists() else ""
    for name, digest in expected(root).items():
        whole = (folder / name).exists() and digest_of((folder / name).read_bytes()) == digest
        if not (house.inbox() / name).exists() and not (whole and f"{digest}  {name}\n" in listed):
            wrong.append(f"{name} is lost")
    junk = [*house.inbox().glob("*.age"), *(house.server / "kiosk-01").glob("quarantine/*.age")]
    if b"no sealed object" not in [path.read_bytes() for path in junk]:
        wrong.append("what cannot be opened was deleted")
    return wrong


def check(root: Path) -> list[str]:
    house, wanted = house_of(root), expected(root)
    wrong = between(root)
    if left := list(house.inbox().iterdir()):
        wrong.append(f"{len(left)} files are left in the drop box")
    folder = house.sealed / "kiosk-01"
    lines = [f"{digest}  {name}" for name, digest in wanted.items()]
    if (folder / "taken.sha256").read_text().splitlines() != lines:
        wrong.append("the list is not what was taken")
    if sorted(path.name for path in folder.iterdir()) != sorted([*wanted, "taken.sha256"]):
        wrong.append("the originals are not each once")
    filed = [path for path in house.library.rglob("*") if path.is_file()]
    if len(filed) != 4 + 3:  # of a shot without a pose, and of a segment
        wrong.append(f"the library has {sorted(map(str, filed))}")
    if hidden := [path.name for path in house.library.rglob(".*")]:
        wrong.append(f"left in the library: {hidden}")
    aside = sorted(path.suffix for path in (house.server / "kiosk-01/quarantine").iterdir())
    if aside != [".age", ".txt"]:
        wrong.append(f"quarantine has {aside}")
    letter = house.letter()
    named = {} if letter is None else {one.name: one.sha256 for one in parse_body(letter.body)}
    if named != wanted:
        wrong.append("the letter does not name what was taken")
    return wrong
