"""One command at the desk for a station that is stolen, with a real server behind it."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.clinic.desk import Desk, Post
from kiosk.clinic.receipting import write_receipts
from kiosk.clinic.station_ends import end_station
from kiosk.clinic.stolen import SETTINGS
from kiosk.config import Upload
from kiosk.envelope.letter import Kind
from kiosk.errors import BadKey, LoginRefused, UsageError
from kiosk.records.receipts import Taken
from kiosk.upload.sftp import DropBox
from provisioning.server import __main__ as server
from tests.clinic.conftest import Clinic
from tests.provisioning.server.namespace import Machine, needs_namespace, prepared

ROOT = Path(__file__).parents[2]
NAME, SEALED = "kiosk-01", datetime(2026, 11, 23, 9, 15, 30, 250_000, tzinfo=UTC)
"""The sample station, and when its sample shot was sealed."""


class Office:
    """A desk with one station whose letters wait in ``outgoing``."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.folder = clinic, clinic.folder / "desk"
        self.outgoing = clinic.folder / "outgoing"
        self.run("init", "--clinic", "Clinic by the Park", server=False)
        self.run("station", NAME, "--share")
        self.run("resend", NAME)

    def run(self, *words: str, server: bool = True, code: int = 0) -> None:
        there = ("--server", str(self.outgoing)) if server else ()
        assert main(["clinic", "desk", *words, "--desk", str(self.folder), *there]) == code

    def stolen(self, *more: str, code: int = 0) -> None:
        self.run("stolen", NAME, "--stations", str(self.clinic.stations), *more, code=code)

    def letters(self) -> int:
        return sum(path.is_file() for path in self.outgoing.rglob("*"))

    def tell(self, *command: str) -> None:
        words = json.dumps(list(command))
        (self.folder / SETTINGS).write_text(f"revoke = {words}\n", encoding="utf-8")


@pytest.fixture
def office(clinic: Clinic) -> Office:
    made = Office(clinic)
    assert made.letters() == 2
    return made


@pytest.fixture
def machine() -> Iterator[Machine]:
    with prepared(ROOT) as made:
        yield made


def proven(clinic: Clinic) -> set[bool]:
    """Whether each of the commands that prove a picture does."""
    words = [str(clinic.shot()), "-i", str(clinic.keys.archive)]
    words += ["--stations", str(clinic.stations)]
    library = str(clinic.folder / f"pictures-{len(list(clinic.folder.iterdir()))}")
    return {
        main(["clinic", "verify", *words]) == 0,
        main(["clinic", "open", *words, "-o", library]) == 0,
    }


@needs_namespace
def test_one_command_cuts_a_thief_off(
    office: Office, machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "ssh-key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    machine.ok("add", NAME, f"{key}.pub")
    box = f"/srv/capture-stations/{NAME}"
    machine.run("sh", "-c", f"echo share > {box}/out/s.age && chmod 640 {box}/out/s.age")
    host_key = machine.read("/etc/ssh/ssh_host_ed25519_key.pub").strip()
    upload = Upload(host="127.0.0.1", port=machine.port, user=NAME, key=key, host_key=host_key)
    with DropBox.connect(upload, lambda: False) as session:
        session.push(io.BytesIO(b"sealed"), 6, "a.age")
        assert session.fetch("out/s.age", lambda _: None, 100)
    office.tell(*machine.inside(sys.executable, "-m", "provisioning.server", "revoke"))
    capsys.readouterr()

    office.stolen("--since", (SEALED + timedelta(hours=1)).isoformat())
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in said] == [
        ["done", "letters"],
        ["done", "server"],
        ["done", "list"],
        ["TO", "DO"],
    ]
    assert "removed from" in said[0]
    assert "share, operators" in said[0]
    assert "the key of kiosk-01 was removed" in said[1]
    assert "after 2026-11-23 10:15:30 UTC is believed no more" in said[2]
    assert office.letters() == 0
    with pytest.raises(LoginRefused):
        DropBox.connect(upload, lambda: False)
    assert machine.run("ls", "-A", f"{box}/out").stdout == ""
    assert machine.read(f"{box}/in/a.age") == "sealed", "what it sent stays"

    before = office.clinic.stations.read_bytes(), (office.folder / "stations").stat().st_mtime_ns
    office.stolen()
    assert "none waits" in capsys.readouterr().out
    assert office.clinic.stations.read_bytes() == before[0]
    assert (office.folder / "stations").stat().st_mtime_ns == before[1]


@pytest.mark.parametrize(("after_s", "good"), [(1, True), (-1, False)])
def test_what_was_signed_before_the_theft_stays_proven(
    office: Office, capsys: pytest.CaptureFixture[str], after_s: int, *, good: bool
) -> None:
    office.tell("true")
    assert proven(office.clinic) == {True}
    office.stolen("--since", (SEALED + timedelta(seconds=after_s)).isoformat())
    capsys.readouterr()
    assert proven(office.clinic) == {good}
    refused = capsys.readouterr().out.count("when the key of 'kiosk-01' was not valid")
    assert refused == (0 if good else 2)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (None, "server.toml: expected the command that has the server revoke a station, but: No"),
        ((), "server.toml: expected a command in `revoke`"),
        (("/missing/ssh",), "The server could not be told: `/missing/ssh`"),
        (("sh", "-c", "echo warning >&2; echo no such host >&2; exit 255"), "no such host"),
    ],
)
def test_a_part_that_fails_stops_no_other_and_is_told(
    office: Office,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...] | None,
    words: str,
) -> None:
    if command is not None:
        office.tell(*command)
    capsys.readouterr()
    office.stolen(code=1)
    said = capsys.readouterr().out
    assert "FAILED  server   " in said
    assert words in said
    todo = "on the server: sudo python3 -m provisioning.server revoke kiosk-01"
    assert f"TO DO   server   {todo}" in said
    assert office.letters() == 0
    assert "valid-before" in office.clinic.stations.read_text("utf-8")
    office.tell("true")
    office.stolen()
    assert "FAILED" not in capsys.readouterr().out


def test_a_list_without_the_station_is_told_and_the_server_all_the_same(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tmp_path / "told"
    office.tell("sh", "-c", 'echo "$1" > "$0"', str(told))
    lines = office.clinic.stations.read_text("utf-8").splitlines(keepends=True)
    office.clinic.stations.write_text("".join(one for one in lines if NAME not in one), "utf-8")
    office.stolen(code=1)
    assert told.read_text("utf-8") == f"{NAME}\n"
    said = capsys.readouterr().out
    assert "FAILED  list" in said
    assert "kiosk-01 is not in this list" in said


def test_nothing_is_sent_to_a_stolen_station(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office.tell("true")
    desk = ("--desk", str(office.folder), "--server", str(office.outgoing))
    add = ["clinic", "operator", "add", "--name", "Jo Li", "--role", "technician"]
    add += ["--station", NAME, "-o", str(tmp_path / "badges"), *desk]
    assert main(add) == 0
    office.stolen()
    office.run("resend", NAME, "--share", code=2)
    assert "this station was stolen" in capsys.readouterr().err
    table = tmp_path / "today.csv"
    table.write_text("number,name,born,time,treatment,adult_only,follow_up\nP-1,A B,,,,,\n")
    assert main(["clinic", "worklist", "push", str(table), "--station", NAME, *desk]) == 2
    assert main(add) == 2
    assert capsys.readouterr().err.count("this station was stolen") == 2
    # Withdrawing a badge goes on, for the sake of other stations.
    assert main(["clinic", "operator", "revoke", "jo-li", "--station", NAME, *desk]) == 0
    assert main(["clinic", "operator", "revoke", "jo-li", *desk]) == 0
    told = "jo-li is withdrawn; no station was written to.\n"
    assert capsys.readouterr().out == told * 2
    assert office.letters() == 0
    assert Desk(office.folder).station(NAME).numbers[Kind.OPERATORS] == 2


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("kiosk-99", (), "expected a station of this desk"),
        (NAME, ("--since", "2999-01-01"), "is still to come"),
    ],
)
def test_a_wrong_command_does_nothing(
    office: Office,
    capsys: pytest.CaptureFixture[str],
    name: str,
    more: tuple[str, ...],
    words: str,
) -> None:
    before = office.clinic.stations.read_bytes()
    office.run("stolen", name, "--stations", str(office.clinic.stations), *more, code=2)
    assert words in capsys.readouterr().err
    assert (office.clinic.stations.read_bytes(), office.letters()) == (before, 2)


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
END = datetime(2026, 11, 26, 9, 0, 0, 999, tzinfo=UTC)
MARK = 'valid-before="20261126090000Z"'


@pytest.mark.parametrize(
    ("line", "ended"),
    [
        (f"kiosk-01 {KEY} a comment", f"kiosk-01 {MARK} {KEY} a comment"),
        (f"  kiosk-01\t{KEY}  two", f"  kiosk-01 {MARK} {KEY}  two"),
        (f"kiosk-02,kiosk-01 {KEY}", f"kiosk-02,kiosk-01 {MARK} {KEY}"),
        (
            f'kiosk-01 namespaces="shot@capture-station,audit@capture-station" {KEY}',
            f'kiosk-01 namespaces="shot@capture-station,audit@capture-station",{MARK} {KEY}',
        ),
        (f'kiosk-01 valid-before="20271231",valid-after="20260101" {KEY}',
         f'kiosk-01 valid-after="20260101",{MARK} {KEY}'),
        (f'kiosk-01 valid-before="20261101Z" {KEY}', None),
        (f"kiosk-01 {MARK} {KEY}", None),
        (f"kiosk-011 {KEY}", None),
        (f"# kiosk-01 {KEY}", None),
    ],
)  # fmt: skip
def test_only_the_end_of_a_line_is_written(tmp_path: Path, line: str, ended: str | None) -> None:
    path = tmp_path / "stations"
    around = (f"# the list\r\nkiosk-01 {MARK} {KEY}\n\n", "\n# end, without a newline")
    path.write_bytes(f"{around[0]}{line}{around[1]}".encode())
    path.chmod(0o644)
    end_station(path, NAME, END)
    expected = line if ended is None else ended
    assert path.read_bytes().decode() == f"{around[0]}{expected}{around[1]}"
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_list_that_cannot_be_used_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "stations"
    path.write_text(f"kiosk-02 {KEY}\n", "utf-8")
    with pytest.raises(UsageError, match="kiosk-01 is not in this list"):
        end_station(path, NAME, END)
    path.write_text(f"kiosk-01 {KEY}\nnonsense\n", "utf-8")
    with pytest.raises(BadKey, match="line 2"):
        end_station(path, NAME, END)
    assert path.read_text("utf-8") == f"kiosk-01 {KEY}\nnonsense\n"


@pytest.mark.parametrize(("when", "code"), [("20261123091530Z", 0), ("20261127000000Z", 255)])
def test_stock_tools_read_the_end_as_we_do(clinic: Clinic, when: str, code: int) -> None:
    signed = clinic.folder / "signed"
    signed.write_text(clinic.signing[NAME].sign(b"words", "shot@capture-station"), "ascii")
    end_station(clinic.stations, NAME, END)
    command = ["ssh-keygen", "-Y", "verify", "-f", str(clinic.stations), "-I", NAME, "-n"]
    command += ["shot@capture-station", "-s", str(signed), f"-Overify-time={when}"]
    done = subprocess.run(command, input=b"words", capture_output=True, check=False)
    assert done.returncode == code, done.stderr


def test_the_guide_shows_what_the_command_says(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs/clinic.md").read_text("utf-8").split("### A station is stolen\n")[1]
    settings, shown = (
        re.findall(rf"^```{kind}\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)[0]
        for kind in ("toml", "text")
    )
    (office.folder / SETTINGS).write_text(settings, "utf-8")
    command = list(tomllib.loads(settings)["revoke"])
    words = shlex.split(f"{command[-1]} {NAME}".partition("provisioning.server ")[2])
    parsed = server._parser().parse_args(words)
    assert (parsed.command, parsed.name) == ("revoke", NAME)
    told = shown.splitlines()[1].removeprefix("done    server   ")
    office.tell("sh", "-c", f"echo '{told}'")
    capsys.readouterr()
    office.stolen()
    said = capsys.readouterr().out.replace(str(office.clinic.stations), "stations")
    said = said.replace(str(office.outgoing), "outgoing")
    said = re.sub(r"after .* UTC", "after 2026-11-26 08:00:00 UTC", said)
    assert said == shown


def test_what_the_clinic_has_is_not_told_to_a_stolen_station(office: Office) -> None:
    desk, post = Desk(office.folder), Post(office.outgoing, datetime.now(UTC))
    taken = [Taken(name=f"{'a' * 32}.age", sha256="b" * 64)]
    assert write_receipts(desk, NAME, taken, post)
    office.tell("true")
    office.stolen()
    assert not write_receipts(desk, NAME, taken, post)
    assert office.letters() == 0
