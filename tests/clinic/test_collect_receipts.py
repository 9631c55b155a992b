"""The collector's answer: a letter that names what the clinic has."""

from __future__ import annotations

import stat

from kiosk.records.receipts import Taken, parse_body
from tests.clinic.collect_samples import SECOND, Collect, House
from tests.upload.receipt_samples import digest_of


def test_receipts_name_what_the_clinic_has(house: House, collect: Collect) -> None:
    first = house.shot(1)
    digest = digest_of(first.read_bytes())
    collect()
    assert house.letter() is None, "only where a desk signs"
    code, said = collect(*house.desk_arguments())
    assert (code, len(said)) == (0, 2)
    letter = house.letter()
    assert letter is not None
    assert parse_body(letter.body) == (Taken(first.name, digest),)
    assert letter.head.number == 1
    house.shot(2)
    collect(*house.desk_arguments())
    second = house.letter()
    assert second is not None
    assert (second.head.number, len(parse_body(second.body))) == (2, 2)
    assert house.letter(SECOND) is None, "nothing to say"
    (path,) = (house.server / "kiosk-01/out").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_the_desks_own_files_are_not_written(house: House, collect: Collect) -> None:
    before = {p: p.read_bytes() for p in (house.root / "desk").rglob("*") if p.is_file()}
    house.shot(1)
    collect(*house.desk_arguments())
    assert {p: p.read_bytes() for p in (house.root / "desk").rglob("*") if p.is_file()} == before


def test_a_letter_that_was_exchanged_on_the_server_is_written_again(
    house: House, collect: Collect
) -> None:
    house.shot(1)
    collect(*house.desk_arguments())
    (path,) = (house.server / "kiosk-01/out").iterdir()
    path.write_bytes(b"forged")
    assert collect(*house.desk_arguments())[0] == 0
    assert house.letter() is not None


def test_a_station_that_the_desk_does_not_know_is_told(house: House, collect: Collect) -> None:
    (house.root / "desk/stations/kiosk-01.json").unlink()
    path = house.shot(1)
    code, said = collect(*house.desk_arguments())
    assert code == 1
    assert any("expected a station of this desk" in line for line in said)
    assert not path.exists(), "it is taken all the same"
