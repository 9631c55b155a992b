"""Which test objects were sealed last."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kiosk.errors import StorageError
from kiosk.records.receipts import Taken
from kiosk.spool import Spool
from kiosk.spool.trials import ASKED_S, Trials

FILE = "trials/newest.sha256"


def sealed(number: int) -> Taken:
    return Taken(f"{number:032x}.age", f"{number:064x}")


def test_the_newest_twenty_are_kept_in_their_order(tmp_path: Path) -> None:
    trials = Trials(tmp_path)
    assert trials.newest() == ()
    assert not trials.asked()
    for number in range(25):
        trials.note(sealed(number))
    assert trials.newest() == tuple(map(sealed, range(5, 25)))


def test_the_other_process_may_read_it_and_it_is_no_stranger(tmp_path: Path) -> None:
    Trials(tmp_path).note(sealed(1))
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o640
    assert Spool(tmp_path).strangers() == []


def test_an_answer_is_looked_for_for_an_hour(tmp_path: Path) -> None:
    trials = Trials(tmp_path)
    trials.note(sealed(1))
    assert trials.asked()
    then = time.time() - ASKED_S - 1
    os.utime(tmp_path / FILE, (then, then))
    assert not trials.asked()


def test_a_damaged_list_keeps_what_can_be_read(tmp_path: Path) -> None:
    trials = Trials(tmp_path)
    trials.note(sealed(1))
    with (tmp_path / FILE).open("ab") as file:
        file.write(b"\xff\x00 half a line")
    assert trials.newest() == (sealed(1),)
    trials.note(sealed(2))
    assert trials.newest() == (sealed(1), sealed(2))


def test_a_list_that_cannot_be_read_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir(parents=True)
    with pytest.raises(StorageError):
        Trials(tmp_path).newest()
