"""``kiosk clinic collect``: all of it, once, durable before it goes, and nothing else."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.clinic.originals import Originals
from kiosk.envelope.recipients import load_recipients
from kiosk.errors import StorageFailed
from kiosk.records.receipts import Taken, parse_body
from tests.clinic.collect_samples import House, house_in
from tests.clinic.conftest import Run
from tests.envelope.samples import container_of, sealed_of, station_shot
from tests.faults import killed
from tests.upload.receipt_samples import digest_of

SECOND = "kiosk-02"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return house_in(tmp_path)


@pytest.fixture
def collect(
    house: House, run: Run, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[str]]]:
    """Run the collector; return its exit code and what it said, line by line."""

    def command(*more: object) -> tuple[int, list[str]]:
        capsys.readouterr()
        code = run(*house.arguments(*more))
        said = capsys.readouterr()
        return code, [*said.out.splitlines(), *said.err.splitlines()]

    return command


Collect = Callable[..., tuple[int, list[str]]]


def contents(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def quarantined(house: House, station: str = "kiosk-01") -> dict[str, str]:
    """Return the reason beside each file in quarantine, by the file's name."""
    folder = house.server / station / "quarantine"
    if not folder.exists():
        return {}
    files = [path for path in folder.iterdir() if path.suffix != ".txt"]
    return {path.name: (folder / f"{path.name}.txt").read_text() for path in files}


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
    assert (code, said) == (0, ["0 taken, 0 there already, 0 set aside, 0 failed"])
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
    assert "1 taken, 0 there already, 1 set aside, 0 failed" in said
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


def test_a_line_that_a_power_cut_has_torn_is_written_anew(house: House, collect: Collect) -> None:
    first, second = house.shot(1), house.shot(2)
    os.utime(first, (1, 1))
    collect()
    path = house.sealed / "kiosk-01/taken.sha256"
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    house.put((house.sealed / "kiosk-01" / second.name).read_bytes(), name=second.name)
    assert collect()[0] == 0
    assert path.read_bytes() == whole


def test_a_damaged_list_is_told_and_nothing_is_taken(house: House, collect: Collect) -> None:
    house.shot(1)
    collect()
    path = house.sealed / "kiosk-01/taken.sha256"
    path.write_text("no line\n" + path.read_text())
    waiting = house.shot(2)
    code, said = collect()
    assert code == 1
    assert "taken.sha256, line 1" in said[0]
    assert waiting.exists()


def test_a_write_that_failed_leaves_no_half_line_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    originals = Originals(tmp_path, "kiosk-01")
    staged = tmp_path / "kiosk-01/.collecting"
    names = [f"{number:032x}.age" for number in (1, 2)]
    with monkeypatch.context() as broken:

        def half(fd: int, data: bytes) -> int:
            os.write(fd, data[:20])
            raise OSError(28, "No space left on device")

        broken.setattr("kiosk.clinic.originals.durable.write_all", half)
        staged.write_bytes(b"one")
        with pytest.raises(StorageFailed.__base__):  # type: ignore[arg-type]
            originals.keep(staged, names[0], digest_of(b"one"))
    staged.unlink()
    staged.write_bytes(b"two")
    originals.keep(staged, names[1], digest_of(b"two"))
    assert Originals(tmp_path, "kiosk-01").taken == [Taken(names[1], digest_of(b"two"))]


def test_the_sealed_originals_lie_beside_the_library_unless_told(
    house: House, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = house.shot(1)
    arguments = house.arguments()
    del arguments[arguments.index("--sealed") : arguments.index("--sealed") + 2]
    assert run(*arguments) == 0, capsys.readouterr().out
    assert (house.root / "library-sealed/kiosk-01" / path.name).exists()


def test_killed_at_each_step_the_next_run_ends_what_was_begun(tmp_path: Path) -> None:
    count, wrong = killed.places("tests.clinic.collect_scene", tmp_path)
    assert wrong == []
    assert count > 60


class Dirt:
    """What a power cut could take: files written and folders changed since they were synced."""

    def __init__(self, roots: list[Path]) -> None:
        self._roots = roots
        self.dirty: set[tuple[int, int]] = set()
        self.removals: list[tuple[str, int]] = []

    def install(self, patched: pytest.MonkeyPatch) -> None:
        for name in ("write", "fsync", "link", "rename", "mkdir", "unlink", "open"):
            patched.setattr(os, name, self._noted(name, getattr(os, name)))

    def _noted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - any call of the system
            if name == "unlink":
                self._unlinked(str(arguments[0]))
            done = real(*arguments, **options)
            for changed in self._changed(name, arguments):
                self._mark(changed)
            if name == "fsync":
                self.dirty.discard(_identity(os.fstat(arguments[0])))
            return done

        return call

    def _changed(self, name: str, arguments: tuple[Any, ...]) -> Iterator[int | Path]:
        """Yield the file that was written, or the folder whose names have changed."""
        if name == "write":
            yield arguments[0]
        elif name == "link":
            yield Path(arguments[1]).parent
        elif name == "rename":
            yield from (Path(arguments[0]).parent, Path(arguments[1]).parent)
        elif name == "mkdir":
            yield Path(arguments[0]).parent

    def _mark(self, changed: int | Path) -> None:
        path = Path(f"/proc/self/fd/{changed}").readlink() if isinstance(changed, int) else changed
        if any(path.is_relative_to(root) for root in self._roots):
            self.dirty.add(_identity(path.stat()))

    def _unlinked(self, path: str) -> None:
        if "/in/" in path:
            self.removals.append((path, len(self.dirty)))


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def test_no_power_cut_can_take_what_was_removed_from_the_server(
    house: House, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        house.shot(number, patient=f"P-{number}")
    house.segment(3)
    dirt = Dirt([house.library, house.sealed])
    with monkeypatch.context() as patched:
        dirt.install(patched)
        assert collect()[0] == 0
    assert [count for _, count in dirt.removals] == [0, 0, 0]
