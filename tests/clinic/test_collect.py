"""``kiosk clinic collect``: all of it, once, and nothing else."""

from __future__ import annotations

import stat
import subprocess

import pytest

from kiosk.records.receipts import parse_body
from tests.clinic.collect_samples import SECOND, Collect, House, contents
from tests.clinic.conftest import Run
from tests.upload.receipt_samples import digest_of


def test_everything_is_filed_kept_and_gone_from_the_server(house: House, collect: Collect) -> None:
    sealed = {}
    for path in (house.shot(12), house.consent(13), house.segment(14)):
        sealed[path.name] = path.read_bytes()
    other = house.shot(1, station=SECOND, patient="P-9")
    sealed_other = other.read_bytes()
    code, said = collect()
    assert code == 0
    assert said[-1] == "4 taken, 0 there already, 0 set aside, 0 failed"
    assert [line.split(": ", 1)[1] for line in said[:3]] == [
        "number 12, frontal",
        "number 13, consent given",
        "number 14, audit",
    ]
    assert not any("P-4711" in line or "P-9" in line for line in said), "no patient in a journal"
    assert contents(house.server) == []
    folder = house.sealed / "kiosk-01"
    assert {name: (folder / name).read_bytes() for name in sealed} == sealed
    assert (house.sealed / SECOND / other.name).read_bytes() == sealed_other
    filed = contents(house.library)
    assert "P-4711/2026-11-23_45678901/000012_frontal.jpg" in filed
    assert any(name.startswith("P-4711/consents/0001_") for name in filed)
    assert "audit/kiosk-01/00000001_000014.entries.jsonl" in filed
    for path in (folder, *folder.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_clinics_own_commands_find_it(
    house: House, collect: Collect, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    house.consent(1)
    house.segment(2)
    house.shot(3)
    assert collect()[0] == 0
    stations = house.root / "stations"
    assert run("audit", "verify", house.library, "--stations", stations) == 0
    assert run("verify", house.library, "--stations", stations) == 0
    assert run("verify", house.sealed, "-i", house.keys.archive, "--stations", stations) == 0
    run("consent", "show", "P-4711", "--pictures", house.library, "--stations", stations)
    assert "given" in capsys.readouterr().out


def test_the_list_of_originals_is_proven_by_stock_tools(house: House, collect: Collect) -> None:
    house.shot(1)
    house.shot(2)
    collect()
    command = ["sha256sum", "--check", "--strict", "taken.sha256"]
    folder = house.sealed / "kiosk-01"
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count(": OK")) == (0, 2)


def test_a_second_run_does_nothing(house: House, collect: Collect) -> None:
    house.shot(1)
    collect(*house.desk_arguments())
    before = {path: path.stat().st_mtime_ns for path in house.root.rglob("*") if path.is_file()}
    code, said = collect(*house.desk_arguments())
    assert (code, said) == (
        0,
        ["0 taken, 0 there already, 0 set aside, 0 failed, 0 answered, 0 unanswered"],
    )
    after = {path: path.stat().st_mtime_ns for path in house.root.rglob("*") if path.is_file()}
    assert after == before


def test_the_same_content_under_another_name_is_kept_once(house: House, collect: Collect) -> None:
    path = house.shot(1)
    name, content = path.name, path.read_bytes()
    collect()
    house.put(content, name=f"{name[:32]}-0123abcd.age")
    house.put(content, name=name)
    code, said = collect()
    assert code == 0
    assert said[-1].startswith("0 taken, 2 there already")
    assert f"as {name}" in said[0]
    assert contents(house.sealed) == [f"kiosk-01/{name}", "kiosk-01/taken.sha256"]
    assert contents(house.server) == []


def test_another_content_under_the_same_name_is_kept_too(house: House, collect: Collect) -> None:
    first = house.shot(1)
    collect()
    second = house.shot(2)
    content = second.read_bytes()
    second.rename(first)
    code, _ = collect(*house.desk_arguments())
    assert code == 0
    other = f"{first.stem}-{digest_of(content)[:8]}.age"
    assert (house.sealed / "kiosk-01" / other).read_bytes() == content
    letter = house.letter()
    assert letter is not None
    assert [one.name for one in parse_body(letter.body)] == [first.name, other]
    assert {one.object for one in parse_body(letter.body)} == {first.name}


def test_what_was_deleted_from_the_library_does_not_come_back(
    house: House, collect: Collect
) -> None:
    """A station that had no answer sends again what the clinic has had and has deleted since."""
    path = house.shot(1)
    content = path.read_bytes()
    collect()
    for filed in house.library.rglob("000001_*"):
        filed.unlink()
    house.put(content, name=path.name)
    assert collect()[0] == 0
    assert contents(house.library) == []


def test_an_original_that_is_missing_is_kept_again(house: House, collect: Collect) -> None:
    path = house.shot(1)
    content = path.read_bytes()
    collect()
    (house.sealed / "kiosk-01" / path.name).unlink()
    house.put(content, name=path.name)
    code, said = collect()
    assert (code, said[-1].split(",")[0]) == (0, "1 taken")
    assert (house.sealed / "kiosk-01" / path.name).read_bytes() == content
    assert len((house.sealed / "kiosk-01/taken.sha256").read_text().splitlines()) == 1


def test_unfinished_files_and_requests_are_left_alone(house: House, collect: Collect) -> None:
    for name in (f".{'a' * 32}.part", f"{'b' * 32}.ask", ".hidden.age"):
        house.put(b"half", name=name)
    before = contents(house.server)
    assert collect() == (0, ["0 taken, 0 there already, 0 set aside, 0 failed"])
    assert contents(house.server) == before


def test_one_station_alone(house: House, collect: Collect) -> None:
    first, second = house.shot(1), house.shot(2, station=SECOND)
    assert collect("--station", SECOND)[0] == 0
    assert (first.exists(), second.exists()) == (True, False)
    code, said = collect("--station", "kiosk-09")
    assert (code, len(said)) == (2, 1)
    assert "there are: kiosk-01, kiosk-02" in said[0]


def test_one_run_at_a_time(house: House, collect: Collect) -> None:
    path = house.shot(1)
    holder = subprocess.Popen(
        ["flock", str(house.server), "sh", "-c", "echo locked && exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"locked\n"
    code, said = collect()
    assert (code, len(said)) == (2, 1)
    assert "another collector is at work" in said[0]
    assert path.exists()
    holder.kill()
    holder.communicate()
    assert collect()[0] == 0


def test_the_sealed_originals_lie_beside_the_library_unless_told(
    house: House, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = house.shot(1)
    arguments = house.arguments()
    del arguments[arguments.index("--sealed") : arguments.index("--sealed") + 2]
    assert run(*arguments) == 0, capsys.readouterr().out
    assert (house.root / "library-sealed/kiosk-01" / path.name).exists()
