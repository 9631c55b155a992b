"""Ten cards in a row, and the codes that go beside cards."""

from __future__ import annotations

import json
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pygame
import pytest

from kiosk.config_reading import parse
from kiosk.enrol.request import Request, parse_ticket, write_request
from kiosk.envelope.signatures import PublicKey, SigningKey
from kiosk.errors import ClockLost, EnrolmentError, UsageError
from kiosk.records.enrolment_code import Code, parse_code
from provisioning.card import cli as card_cli
from tests.provisioning.card.conftest import (
    CODE,
    Desk,
    one,
    provision,
    snapshot,
    sums_agree,
)

pytestmark = pytest.mark.usefixtures("steady")


def announced(bench: Desk, program: str) -> None:
    script = bench.write("announce.py", program)
    command = json.dumps([sys.executable, str(script)])
    bench.change("[server]", f"[server]\nannounce = {command}")


def test_the_server_is_told_in_the_same_command(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = bench.folder / "told"
    announced(bench, f"import sys\nopen({str(told)!r}, 'wb').write(sys.stdin.buffer.read())\n")
    one(bench, trixie)
    said = capsys.readouterr().out
    (code,) = map(parse_code, CODE.findall(said))
    assert parse_ticket(told.read_bytes(), "told").key == code.key("kiosk-01").public_line()
    assert "bring" not in said


def test_a_server_that_refuses_stops_everything(bench: Desk, trixie: Path) -> None:
    before = snapshot(trixie)
    announced(bench, "import sys\nsys.exit('the name kiosk-01 is taken')\n")
    with pytest.raises(EnrolmentError, match="refused: the name kiosk-01 is taken"):
        one(bench, trixie)
    assert snapshot(trixie) == before
    assert not (bench.folder / "tickets").exists()


def test_a_code_as_a_label_is_for_its_owner_alone(
    bench: Desk,
    trixie: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Whether a picture is read must not depend on luck.
    monkeypatch.setattr(Code, "generate", lambda: Code("0123456789ABCDEFGH"))
    one(bench, trixie, "--codes", bench.folder / "codes")
    said = capsys.readouterr().out
    label = bench.folder / "codes/kiosk-01.svg"
    assert label.stat().st_mode & 0o777 == 0o600
    (code,) = CODE.findall(said)
    text = "".join(re.findall(r"<text[^>]*>([^<]*)</text>", label.read_text("ascii")))
    assert code in text
    assert "kiosk-01" in text
    assert "2026-12-02 08:00 UTC" in text
    drawn = pygame.surfarray.array3d(pygame.image.load(str(label))).transpose(1, 0, 2)
    pixels = cv2.resize(np.ascontiguousarray(drawn), None, fx=3, fy=3)
    assert cv2.QRCodeDetector().detectAndDecode(pixels)[0] == code


def test_a_new_code_needs_no_card(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one(bench, trixie)
    before, first = snapshot(trixie), CODE.findall(capsys.readouterr().out)
    words = ("code", "--station", "kiosk-01", "--clinic", bench.clinic, "--hours", "48")
    assert provision(*words) == 0
    said = capsys.readouterr().out
    (code,) = map(parse_code, CODE.findall(said))
    assert code.text() not in first
    assert "2026-12-03 08:00 UTC" in said
    ticket = parse_ticket((bench.folder / "tickets/kiosk-01.ticket").read_bytes(), "ticket")
    assert ticket.key == code.key("kiosk-01").public_line()
    assert snapshot(trixie) == before
    with pytest.raises(UsageError, match="cannot be a station's name"):
        provision("code", "--station", "../x", "--clinic", bench.clinic)
    monkeypatch.setattr(card_cli, "_now", lambda: datetime.fromtimestamp(0, UTC))
    with pytest.raises(ClockLost, match="1970"):
        provision(*words)


def test_a_code_is_for_a_station_whose_card_was_made_here(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("code", "--clinic", bench.clinic, "--station")
    with pytest.raises(UsageError, match=r"no card was made here for 'kiosk-01'.*its card first"):
        provision(*words, "kiosk-01")
    one(bench, trixie)
    ticket = bench.folder / "tickets/kiosk-01.ticket"
    before = ticket.read_bytes()
    capsys.readouterr()
    with pytest.raises(UsageError, match=r"for 'kiosk-10' .*expected kiosk-01, perhaps"):
        provision(*words, "kiosk-10")
    (bench.folder / "people/kiosk-01.toml").unlink()
    with pytest.raises(UsageError, match=r"kiosk-01.toml is not there any more"):
        provision(*words, "kiosk-01")
    assert capsys.readouterr().out == ""
    assert [path.name for path in ticket.parent.iterdir()] == ["kiosk-01.ticket"]
    assert ticket.read_bytes() == before


@pytest.mark.parametrize("hours", ["0", "-1", "169", "soon", ""])
def test_a_code_is_good_for_a_week_at_most(bench: Desk, hours: str) -> None:
    with pytest.raises(SystemExit):
        provision("code", "--station", "kiosk-01", "--clinic", bench.clinic, "--hours", hours)


def inventory(bench: Desk, *rows: str) -> Path:
    return bench.write("stations.csv", "station,camera,clock_battery,room\n" + "\n".join(rows))


def test_ten_cards_in_a_row(
    bench: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"kiosk-{number:02d}" for number in range(1, 11)]
    for name in names:
        bench.people(name)
    table = inventory(bench, *(f"{name},imx477,yes,room {name}" for name in names))
    out = tmp_path / "cards"
    words = ("card", "--inventory", table, "--clinic", bench.clinic, "--out", out)
    assert provision(*words) == 0
    codes = CODE.findall(capsys.readouterr().out)
    assert len(set(codes)) == 10
    assert sorted(path.name for path in out.iterdir()) == names
    mailboxes = set()
    for name, code in zip(names, codes, strict=True):
        assert sums_agree(out / name)
        config = parse((out / name / "capture-station/station.toml").read_text("utf-8"), source="")
        assert (config.station.name, config.upload.user) == (name, name)
        mailboxes.add(config.people.mailbox)
        ticket = parse_ticket((bench.folder / f"tickets/{name}.ticket").read_bytes(), name)
        assert ticket.key == parse_code(code).key(name).public_line()
    assert len(mailboxes) == 10
    args = (out / "kiosk-07/capture-station/install.args").read_text("ascii")
    assert args == "--camera\nimx477\n--clock-battery\n"


def test_one_row_of_the_inventory_onto_a_card(bench: Desk, bookworm: Path) -> None:
    table = inventory(bench, "kiosk-01,imx477,,x", "kiosk-02,imx708,,x")
    words = ("card", "--inventory", table, "--clinic", bench.clinic, "--out", bookworm)
    provision(*words, "--station", "kiosk-01")
    assert (bookworm / "capture-station/name").read_text("ascii") == "kiosk-01\n"


def test_a_row_onto_its_card_after_the_folders_of_all(
    bench: Desk, tmp_path: Path, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The two lines of the guide, one after the other."""
    bench.people("kiosk-02")
    table = inventory(bench, "kiosk-01,imx477,,x", "kiosk-02,imx708,,x")
    words = ("card", "--inventory", table, "--clinic", bench.clinic)
    provision(*words, "--out", tmp_path / "cards")
    assert "of no use now" not in capsys.readouterr().out
    provision(*words, "--station", "kiosk-01", "--out", trixie)
    said = capsys.readouterr().out
    assert "the code that was made for kiosk-01 before is of no use now" in said
    ticket = parse_ticket((bench.folder / "tickets/kiosk-01.ticket").read_bytes(), "ticket")
    (code,) = map(parse_code, CODE.findall(said))
    assert ticket.key == code.key("kiosk-01").public_line()
    assert sums_agree(trixie)


@pytest.mark.parametrize("fault", ["a full disk", "a name that is taken"])
def test_a_refused_inventory_leaves_nothing(
    bench: Desk, tmp_path: Path, trixie: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Everything is checked before the first folder is made."""
    bench.people("kiosk-02")
    table = inventory(bench, "kiosk-02,imx477,,x", "kiosk-01,imx708,,x")
    if fault == "a full disk":
        monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1_000_000}))
    else:
        one(bench, trixie)
    words = ("card", "--inventory", table, "--clinic", bench.clinic, "--out", tmp_path / "cards")
    with pytest.raises(UsageError, match="too full" if fault == "a full disk" else "is taken"):
        provision(*words)
    assert not (tmp_path / "cards").exists()


def test_who_could_never_log_in_is_told(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one(bench, trixie)
    assert "nobody could log in to the station" in capsys.readouterr().out
    bench.write("me.pub", SigningKey.generate().public_line("me"))
    bench.change("clinic =", 'technician_key = "me.pub"\nclinic =')
    one(bench, trixie)
    assert "nobody could log in" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (["kiosk-01,imx708,,", "kiosk-01,imx708,,"], "kiosk-01 is taken twice"),
        (["kiosk-01,,,"], "line 2: expected a station's name"),
        (["kiosk-01,imx708,maybe,"], "yes or no"),
        (["kiosk-01,imx708,,", "kiosk-02,imx709,,"], "'imx709' is no camera"),
        ([], "there is no station"),
    ],
)
def test_a_bad_inventory_makes_no_card_at_all(
    bench: Desk, tmp_path: Path, rows: list[str], sentence: str
) -> None:
    bench.people("kiosk-02")
    table = inventory(bench, *rows)
    words = ("card", "--inventory", table, "--clinic", bench.clinic, "--out", tmp_path / "cards")
    with pytest.raises(UsageError, match=re.escape(sentence)):
        provision(*words)
    assert not (tmp_path / "cards").exists()


def test_the_desk_proves_an_enrolment_and_gets_its_line(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one(bench, trixie)
    (code,) = map(parse_code, CODE.findall(capsys.readouterr().out))
    keys = [SigningKey.generate().public_key() for _ in range(2)]
    request = Request(station="kiosk-01", ssh_key=keys[0].line(), signing_key=keys[1].line())
    sent = bench.folder / "request"
    sent.write_bytes(write_request(request, code.key("kiosk-01")))
    ticket = bench.folder / "tickets/kiosk-01.ticket"
    assert provision("enrolled", ticket, sent) == 0
    line = capsys.readouterr().out
    assert line.startswith('kiosk-01 namespaces="shot@capture-station,')
    assert PublicKey.parse(line.split(" ", 2)[2]) == keys[1]
