"""``kiosk clinic audit …``: what a clinic does with the trails that its stations send."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kiosk.capture.author import Author
from kiosk.capture.people.trail import About, Trail
from kiosk.durable import Counter
from kiosk.envelope.audit import seal_segment
from kiosk.envelope.bundle import AuditAnchor
from kiosk.envelope.container import IMAGE, RECORD, write_shot
from kiosk.envelope.recipients import load_recipients
from kiosk.model import ClockState
from kiosk.moment import now
from kiosk.records.audit import Act, Entry, Head, line_of
from kiosk.spool import Spool
from tests.clinic.conftest import Clinic, Run
from tests.envelope.samples import head_of as manifest_head
from tests.records.audit_samples import DAY, PATIENT, at, chained, head_of, stretches

ENTRIES = chained(DAY)
END = head_of(ENTRIES[-1])
GOLDEN = Path(__file__).parent / "golden"


@dataclass
class Desk:
    """A clinic to which stations send segments."""

    clinic: Clinic
    run: Run
    capsys: pytest.CaptureFixture[str]
    sent: list[Path] = field(default_factory=list)

    @property
    def anchors(self) -> Path:
        return self.clinic.folder / "anchors.json"

    def send(
        self, entries: Sequence[Entry], *sizes: int, station: str = "kiosk-01", signer: str = ""
    ) -> None:
        """Send a trail, or the rest of one, in segments of these sizes."""
        recipients = load_recipients(self.clinic.keys.recipients)
        key = self.clinic.signing[signer or station]
        for part in stretches(entries, sizes):
            first = part.entries[0]
            start = Head(first.number - 1, first.previous)
            head = manifest_head(station=station, sequence=len(self.sent) + 1, consent=None)
            lines = [line_of(entry) for entry in part.entries]
            path = self.clinic.folder / f"{len(self.sent):032x}.age"
            path.write_bytes(seal_segment(lines, start, head, key, recipients)[0])
            self.sent.append(path)

    def command(self, name: str, *options: object) -> tuple[int, list[str]]:
        self.capsys.readouterr()
        code = self.run(
            "audit", name, self.clinic.folder, "-i", self.clinic.keys.archive,
            "--stations", self.clinic.stations, *options,
        )  # fmt: skip
        said = self.capsys.readouterr()
        text = (said.out + said.err).replace(f"{self.clinic.folder}/", "")
        return code, text.splitlines()

    def verify(self) -> tuple[int, list[str]]:
        return self.command("verify", "--anchors", self.anchors)

    def remembered(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.anchors.read_bytes())
        return found


@pytest.fixture
def desk(clinic: Clinic, run: Run, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(clinic, run, capsys)


def test_a_whole_trail_is_proven_and_its_end_remembered(desk: Desk) -> None:
    desk.send(ENTRIES[:5], 2)
    fifth = head_of(ENTRIES[4])
    whole = f"kiosk-01: 5 entries in 2 segments, whole up to entry 5, {fifth.digest}"
    assert desk.verify() == (0, [whole])
    assert desk.remembered() == {
        "version": 1,
        "stations": {"kiosk-01": {"entries": 5, "head": fifth.digest}},
    }
    desk.send(ENTRIES[5:])
    desk.send(ENTRIES, 9, station="kiosk-02")
    assert desk.verify() == (
        0,
        [
            f"kiosk-01: 9 entries in 3 segments, whole up to entry 9, {END.digest}",
            f"kiosk-02: 9 entries in 1 segment, whole up to entry 9, {END.digest}",
        ],
    )
    assert set(desk.remembered()["stations"]) == {"kiosk-01", "kiosk-02"}
    assert stat.S_IMODE(desk.anchors.stat().st_mode) == 0o600


def test_a_segment_sent_twice_and_filed_as_well_is_no_fault(desk: Desk) -> None:
    desk.send(ENTRIES, 4)
    twice = desk.clinic.folder / "00000000-1.age"
    twice.write_bytes(desk.sent[0].read_bytes())
    options = ("-i", desk.clinic.keys.archive, "-o", desk.clinic.folder / "pictures")
    assert desk.run("open", *desk.sent, *options) == 0
    code, (line,) = desk.verify()
    assert code == 0
    assert line.startswith("kiosk-01: 9 entries in 2 segments, whole")


def test_filed_segments_are_proven_without_any_secret(desk: Desk, run: Run) -> None:
    desk.send(ENTRIES, 4)
    pictures = desk.clinic.folder / "pictures"
    run("open", *desk.sent, "-i", desk.clinic.keys.archive, "-o", pictures)
    assert run("audit", "verify", pictures, "--stations", desk.clinic.stations) == 0
    (victim, *_) = sorted(pictures.rglob("*.entries.jsonl"))
    victim.write_bytes(victim.read_bytes().replace(b"wrong", b"right").replace(b"0.4.0", b"0.4.1"))
    assert run("audit", "verify", pictures, "--stations", desk.clinic.stations) == 1


def test_a_cut_tail_is_found_and_the_anchors_are_never_lowered(desk: Desk) -> None:
    desk.send(ENTRIES, 4, 3)
    assert desk.verify()[0] == 0
    before = desk.anchors.read_bytes()
    desk.sent.pop().unlink()
    assert desk.verify() == (
        1,
        [
            (
                "CUT       kiosk-01: entries 8 to 9 are not among these files, but anchors.json "
                "shows that 9 were here before"
            ),
            "kiosk-01: 7 entries in 2 segments, 1 finding",
        ],
    )
    assert desk.anchors.read_bytes() == before
    for path in desk.sent:
        path.unlink()
    code, lines = desk.verify()
    assert code == 1
    assert lines[0].startswith("CUT       kiosk-01: entries 1 to 9 are")
    assert desk.anchors.read_bytes() == before


def test_what_a_station_s_own_trail_sends_is_whole(desk: Desk, tmp_path: Path) -> None:
    """Over a start, a closed and a left open segment, whose files go to the clinic as they are."""
    for name in ("trail", "spool"):
        (tmp_path / name).mkdir()
    counter = Counter(tmp_path / "sequence")
    counter.create()
    author = Author(
        "kiosk-01",
        "clinic.example",
        desk.clinic.signing["kiosk-01"],
        load_recipients(desk.clinic.keys.recipients),
        counter,
    )
    for _ in range(2):
        trail = Trail(tmp_path / "trail", Spool(tmp_path / "spool", 1), author, now)
        trail.recover()
        for _ in range(40):
            trail.note(Act.SHOT_TAKEN, About("ada", PATIENT, "2.25.1", "frontal"))
    trail.close()
    arrived = desk.clinic.folder / "arrived"
    (tmp_path / "spool").rename(arrived)
    anchor = trail.anchor()
    assert anchor is not None
    whole = f"kiosk-01: 80 entries in 2 segments, whole up to entry 80, {anchor.head}"
    assert desk.verify() == (0, [whole])


def test_a_missing_segment_is_named(desk: Desk) -> None:
    desk.send(ENTRIES, 4, 3)
    desk.sent[1].unlink()
    assert desk.verify() == (
        1,
        [
            "MISSING   kiosk-01: entries 5 to 7 are not among these files",
            "kiosk-01: 6 entries in 2 segments, 1 finding",
        ],
    )
    assert not desk.anchors.exists()


def test_a_trail_written_anew_is_held_against_the_anchors(desk: Desk) -> None:
    desk.send(ENTRIES)
    assert desk.verify()[0] == 0
    desk.sent.pop().unlink()
    desk.send([*ENTRIES[:6], *chained([{"act": Act.STOPPED}] * 4, head_of(ENTRIES[5]))], 5)
    assert desk.verify() == (
        1,
        [
            "CHANGED   kiosk-01: entry 9 is not the one that anchors.json has",
            "kiosk-01: 10 entries in 2 segments, 1 finding",
        ],
    )
    assert desk.remembered()["stations"]["kiosk-01"]["head"] == END.digest


def test_a_fork_names_both_files(desk: Desk) -> None:
    desk.send(ENTRIES, 8)
    desk.send(chained([{"act": Act.STARTED}], head_of(ENTRIES[7])))
    code, lines = desk.command("verify")
    assert code == 1
    assert lines[0] == (
        f"FORKED    kiosk-01: different entries say they are number 9: see {desk.sent[1].name}, "
        f"{desk.sent[2].name}"
    )


def test_another_s_signature_is_refused(desk: Desk) -> None:
    desk.send(ENTRIES[:4])
    desk.send(ENTRIES[4:], signer="kiosk-02")
    code, lines = desk.verify()
    assert code == 1
    assert lines[0].startswith(f"FAILED    {desk.sent[1].name}: It says that it comes from")
    assert lines[-1].startswith("kiosk-01: 4 entries in 1 segment, whole up to entry 4")
    assert not desk.anchors.exists()


def test_a_picture_anchors_the_trail(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send(ENTRIES, 7)
    anchored = AuditAnchor(entries=9, head=END.digest)
    monkeypatch.setattr("tests.envelope.samples.write_shot", anchoring(anchored))
    picture = desk.clinic.shot(sequence=9)
    assert desk.verify()[0] == 0
    desk.sent.pop().unlink()
    desk.anchors.unlink()
    assert desk.verify() == (
        1,
        [
            (
                "MISSING   kiosk-01: entries 8 to 9 are not among these files, but anchored by "
                f"{picture.relative_to(desk.clinic.folder)}: not sent yet, or cut off"
            ),
            "kiosk-01: 7 entries in 1 segment, 1 finding",
        ],
    )


def anchoring(anchor: AuditAnchor) -> Any:  # noqa: ANN401 - as write_shot
    def write(sink: Any, parts: Any, head: Any, key: Any) -> None:  # noqa: ANN401 - as write_shot
        assert [name for name, _ in parts] == [IMAGE, RECORD]
        write_shot(sink, parts, head, key, anchor)

    return write


@pytest.mark.parametrize("text", [b"", b"{}", b'{"version":1,"stations":{}}', b"\xff"])
def test_damaged_anchors_are_not_begun_anew(desk: Desk, text: bytes) -> None:
    desk.send(ENTRIES)
    desk.anchors.write_bytes(text)
    code, (line,) = desk.verify()
    assert code == 2
    assert "may look whole" in line
    assert desk.anchors.read_bytes() == text


def test_nothing_to_verify_is_not_well(desk: Desk) -> None:
    desk.clinic.shot()
    assert desk.verify() == (1, ["no station's audit trail is among these files"])


def test_a_trail_is_printed_for_a_person(desk: Desk) -> None:
    late = at(10, wall="1970-01-01T00:00:10.500Z", clock=ClockState.UNSYNCHRONISED)
    more = {"act": Act.SIGNED_OUT, "operator": "ada", "detail": "\u202evil", "at": late}
    desk.send(chained([*DAY[:4], DAY[5], more]))
    code, lines = desk.command("show")
    assert code == 0
    assert lines == (GOLDEN / "audit-show.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (("--patient", PATIENT.id), "4 5 6 7"),
        (("--operator", "ada"), "3 4 5 6 7 8 10"),
        (("--operator", "ada", "--day", "2026-11-25"), "10"),
        (("--day", "2026-11-24"), "1 2 3 4 5 6 7 8 9"),
        (("--station", "kiosk-02"), "1"),
        (("--patient", "P-0"), ""),
    ],
)
def test_what_is_shown_can_be_chosen(
    desk: Desk, options: tuple[str, ...], numbers: str, tmp_path: Path
) -> None:
    next_day = at(10, wall="2026-11-25T09:00:00.000+01:00")
    desk.send(chained([*DAY, {"act": Act.SIGNED_OUT, "operator": "ada", "at": next_day}]))
    desk.send(chained([{"act": Act.STARTED, "at": next_day}]), station="kiosk-02")
    code, lines = desk.command("show", *options)
    shown = [line.split()[0] for line in lines if line[:1].isdigit()]
    if options[0] == "--day":
        assert "kiosk-02" not in lines
    assert (code, " ".join(shown)) == (0, numbers)
    out = tmp_path / "trail.ndjson"
    assert desk.command("export", "-o", out, *options)[0] == 0
    assert len(out.read_bytes().splitlines()) == len(numbers.split())


def test_what_is_shown_of_a_trail_with_faults_says_so(desk: Desk) -> None:
    desk.send(ENTRIES, 4, 3)
    desk.sent[1].unlink()
    code, lines = desk.command("show")
    assert code == 1
    assert lines[-1] == "MISSING   kiosk-01: entries 5 to 7 are not among these files"
    assert len(lines) == 2 + 6 + 2


def test_an_export_is_written_once(desk: Desk, tmp_path: Path) -> None:
    desk.send(ENTRIES)
    out = tmp_path / "out" / "trail.json"
    assert desk.command("export", "--bundle", "-o", out)[0] == 2
    out.parent.mkdir()
    code, lines = desk.command("export", "--bundle", "-o", out)
    assert (code, lines) == (0, ["9 entries -> out/trail.json"])
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    written = json.loads(out.read_bytes())
    assert [one["resource"]["resourceType"] for one in written["entry"]] == ["AuditEvent"] * 9
    assert desk.command("export", "-o", out)[0] == 2
    assert json.loads(out.read_bytes()) == written


def test_a_day_that_is_none_is_refused(desk: Desk) -> None:
    with pytest.raises(SystemExit):
        desk.command("show", "--day", "24.11.2026")
