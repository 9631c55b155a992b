"""What the collector cannot use: set aside or left, never deleted, and always told."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from kiosk.envelope.recipients import load_recipients
from kiosk.records.receipts import parse_body
from tests.clinic.collect_samples import SECOND, Collect, House, house_in, quarantined
from tests.envelope.samples import container_of, sealed_of, station_shot


def foreign(house: House) -> bytes:
    """Return a shot that a stranger signed in the station's name."""
    path = house.shot(5, signed_by="stranger")
    content = path.read_bytes()
    path.unlink()
    return content


def for_another_clinic(house: House) -> bytes:
    other = house.root / "other"
    other.mkdir()
    image, record, head = station_shot("kiosk-01", 5)
    whole = container_of(image, house.signing["kiosk-01"], record, head)
    return sealed_of(whole, load_recipients(house_in(other).keys.recipients))


def cut(house: House) -> bytes:
    path = house.shot(5)
    content = path.read_bytes()[:-20]
    path.unlink()
    return content


def of_another_station(house: House) -> bytes:
    path = house.shot(5, station=SECOND)
    content = path.read_bytes()
    path.unlink()
    return content


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda _: b"junk", "age"),
        (lambda _: b"", "age"),
        (cut, "cut"),
        (foreign, "not among the known stations"),
        (for_another_clinic, "identit"),
        (of_another_station, "drop box of 'kiosk-01'"),
    ],
    ids=["junk", "empty", "cut", "forged", "another clinic's", "another station's"],
)
def test_what_cannot_be_used_is_set_aside_with_its_reason(
    house: House, collect: Collect, made: Callable[[House], bytes], reason: str
) -> None:
    content = made(house)
    bad, good = house.put(content), house.shot(6)
    code, said = collect(*house.desk_arguments())
    assert code == 1
    assert (
        said[-1]
        == "QUARANTINE    kiosk-01: 1 files in "
        + str(house.server / "kiosk-01/quarantine")
        + ", each with its reason beside it"
    )
    assert any(line.startswith("1 taken, 0 there already, 1 set aside, 0 failed") for line in said)
    ((name, sentence),) = quarantined(house).items()
    assert name == bad.name
    assert reason in sentence
    assert sentence.count("\n") == 1
    assert (house.server / "kiosk-01/quarantine" / name).read_bytes() == content
    letter = house.letter()
    assert letter is not None
    assert [one.name for one in parse_body(letter.body)] == [good.name]
    assert collect()[0] == 1, "as long as somebody has not looked at it"


def test_names_that_no_station_gives_are_set_aside(house: House, collect: Collect) -> None:
    names = ["picture.age", "-rf", "a\nb", "x" * 250, "\udcff.age"]
    for name in names:
        house.put(b"junk", name=name)
    target = house.shot(9)
    link = house.inbox() / f"{'c' * 32}.age"
    link.symlink_to(target)
    (house.inbox() / f"{'d' * 32}.age").mkdir()
    os.mkfifo(house.inbox() / f"{'e' * 32}.age")
    code, said = collect()
    assert code == 1
    assert "1 taken, 0 there already, 8 set aside, 0 failed" in said
    assert len(quarantined(house)) == 8
    assert all("\n" not in line for line in said)


def test_two_of_one_name_are_both_kept_in_quarantine(house: House, collect: Collect) -> None:
    name = f"{'a' * 32}.age"
    for content in (b"first", b"second", b"second", b"first"):
        house.put(content, name=name)
        collect()
    assert sorted(quarantined(house)) == [name, f"{name}.2"]


def test_what_is_too_large_is_not_even_copied(
    house: House, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.clinic.collecting.LARGEST", 1000)
    house.put(bytes(1001))
    assert collect()[0] == 1
    assert "at most" in next(iter(quarantined(house).values()))


def test_a_disk_that_fails_sets_nothing_aside(
    house: House, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = house.shot(1)

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("kiosk.durable.os.fsync", full)
        assert collect()[0] == 2, "not even its folders can be made"
    collect("--station", SECOND)
    (house.sealed / "kiosk-01").mkdir()
    with monkeypatch.context() as broken:
        broken.setattr("kiosk.clinic.originals.durable.write_all", lambda *_: full(0))
        code, said = collect()
    assert code == 1
    assert "full" in said[0]
    assert path.exists()
    assert quarantined(house) == {}
    assert collect()[0] == 0


def test_another_shot_of_the_same_number_stays_on_the_server(
    house: House, collect: Collect
) -> None:
    house.shot(1)
    collect()
    path = house.shot(1)
    code, said = collect()
    assert code == 1
    assert "another file of this name is there already" in said[0]
    assert path.exists()


def test_a_station_that_is_not_on_the_list_is_left_as_it_is(house: House, collect: Collect) -> None:
    lines = (house.root / "stations").read_text().splitlines()
    (house.root / "stations").write_text(lines[1] + "\n")
    path, other = house.shot(1), house.shot(2, station=SECOND)
    code, said = collect()
    assert code == 1
    assert "kiosk-01 is not on the list of stations" in said[0]
    assert path.exists()
    assert not other.exists()
