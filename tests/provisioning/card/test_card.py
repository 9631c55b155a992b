"""`kiosk provision card`, as the bench types it."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import tarfile
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pygame
import pytest

from kiosk import cli
from kiosk.config_reading import parse
from kiosk.enrol.code import ALPHABET, Code, parse_code
from kiosk.enrol.request import Request, parse_ticket, write_request
from kiosk.envelope.signatures import PublicKey, SigningKey
from kiosk.errors import BadKey, ConfigError, EnrolmentError, KioskError, StorageError, UsageError
from provisioning.card import cli as card_cli
from provisioning.card import writing
from provisioning.card.order import SIZES, Wanted, load_bench, take
from tests.provisioning.card.conftest import CMDLINE, NOW, Desk, boot, snapshot, sums_agree

CODE = re.compile(rf"CSE1(?:-[{ALPHABET}]{{5}}){{4}}")


@pytest.fixture(autouse=True)
def _the_same_program(monkeypatch: pytest.MonkeyPatch, program: bytes) -> None:
    """Packed once for all tests of this file; and the clock stands."""
    monkeypatch.setattr(card_cli, "archive", lambda _: program)
    monkeypatch.setattr(card_cli, "_now", lambda: NOW)


def provision(*words: str | Path) -> int:
    options = cli._parser().parse_args(["provision", *map(str, words)])
    return int(options.handler(options))


def one(bench: Desk, card: Path, *more: str | Path) -> int:
    words = ("card", "--station", "kiosk-01", "--camera", "imx708")
    return provision(*words, "--clinic", bench.clinic, "--out", card, *more)


def test_a_card_brings_all_that_the_first_boot_needs(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert one(bench, trixie) == 0
    said = capsys.readouterr().out
    assert len(CODE.findall(said)) == 1
    folder = trixie / "capture-station"
    config = parse((folder / "station.toml").read_text("utf-8"), source="card")
    assert config.station.name == config.upload.user == "kiosk-01"
    assert config.station.clinic == "Praxis am Weiher"
    assert (config.upload.host, config.upload.port) == ("192.0.2.5", 2222)
    assert config.camera.size == SIZES["imx708"]
    assert len(config.upload.host_key.split()) == 2
    settings = tomllib.loads((folder / "station.toml").read_text("utf-8"))
    printed = tomllib.loads((bench.folder / "people/kiosk-01.toml").read_text("utf-8"))
    assert settings["people"].items() >= printed["people"].items()
    assert "CHANGE-ME" not in json.dumps(settings)
    recipients = (bench.folder / "recipients.txt").read_bytes()
    assert (folder / "recipients.txt").read_bytes() == recipients
    assert (folder / "install.args").read_text("ascii") == "--camera\nimx708\n"
    assert sums_agree(trixie)
    assert "local-hostname: kiosk-01" in (trixie / "meta-data").read_text("ascii")
    assert (trixie / "cmdline.txt").read_text("ascii") == CMDLINE
    assert not (trixie / "firstrun.sh").exists()


def test_nothing_on_the_card_opens_anything(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one(bench, trixie)
    (code,) = map(parse_code, CODE.findall(capsys.readouterr().out))
    ticket = parse_ticket((bench.folder / "tickets/kiosk-01.ticket").read_bytes(), "ticket")
    assert ticket.key == code.key("kiosk-01").public_line()
    secrets = [
        *(code.secret, code.text(), ticket.key.split()[1], "PRIVATE KEY", "AGE-SECRET-KEY"),
        *re.findall(r"AGE-SECRET\S+", (bench.folder / "keys/archive.identity").read_text("ascii")),
    ]
    assert len(secrets) == 6
    program = trixie / "capture-station/capture-station.tar.gz"
    for path in trixie.rglob("*"):
        if path.is_file() and path != program:
            content = path.read_bytes()
            assert [one for one in secrets if one.encode() in content] == [], path
    # The program's own words of keys are none; the bench's are not in it.
    with tarfile.open(program) as tar:
        texts = b"".join(tar.extractfile(one).read() for one in tar.getmembers())  # type: ignore[union-attr]
    for secret in (secrets[0], secrets[2], secrets[5]):
        assert secret.encode() not in texts


def test_the_program_is_whole_and_the_same_each_time(trixie: Path, program: bytes) -> None:
    from provisioning.card.archive import archive  # noqa: PLC0415 - the real one
    from tests.provisioning.card.conftest import ROOT  # noqa: PLC0415

    assert archive(ROOT) == program
    assert trixie.exists()
    with tarfile.open(fileobj=io.BytesIO(program)) as tar:
        names = {entry.name for entry in tar}
        assert all((entry.uid, entry.mtime) == (0, 0) for entry in tar)
    assert {
        *("kiosk/cli.py", "provisioning/install/__main__.py", "requirements/station.txt"),
        *("systemd/kiosk-enrol.service", "firmware_config/kiosk.txt", "pyproject.toml"),
        "provisioning/install/station.toml.example",
    } <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


def test_the_same_again_changes_nothing_on_the_card_but_the_code(
    bench: Desk, trixie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one(bench, trixie)
    before, first = snapshot(trixie), capsys.readouterr().out
    one(bench, trixie)
    second = capsys.readouterr().out
    assert snapshot(trixie) == before
    assert "nothing to change" in second
    assert CODE.findall(first) != CODE.findall(second)


def test_bookworm_is_told_by_the_kernels_arguments(bench: Desk, bookworm: Path) -> None:
    one(bench, bookworm)
    line = (bookworm / "cmdline.txt").read_text("ascii")
    assert line.startswith(CMDLINE.strip())
    assert line.count("\n") == 1
    assert line.split()[-4:] == [
        "systemd.run=/boot/firmware/firstrun.sh",
        "systemd.run_success_action=reboot",
        "systemd.run_failure_action=none",
        "systemd.unit=kernel-command-line.target",
    ]
    assert (bookworm / "firstrun.sh").exists()
    assert not (bookworm / "user-data").exists()
    before = snapshot(bookworm)
    one(bench, bookworm)
    assert snapshot(bookworm) == before


def test_the_clinics_own_files_come_along(bench: Desk, trixie: Path) -> None:
    example = Path("kiosk/records/data/consent/example-en.toml").read_text("utf-8")
    bench.write("texts/ours-en.toml", example)
    bench.write("tech.pub", SigningKey.generate().public_line("me@bench") + "\n")
    bench.change("clinic =", 'consent_texts = "texts"\ntechnician_key = "tech.pub"\nclinic =')
    one(bench, trixie)
    config = parse((trixie / "capture-station/station.toml").read_text("utf-8"), source="card")
    assert config.people.consent_texts == Path("/etc/kiosk/consent")
    assert config.people.consent_text == "ours-en"
    assert (trixie / "capture-station/consent/ours-en.toml").exists()
    assert (trixie / "capture-station/technician.pub").exists()
    # What is taken out at the bench goes from the card too.
    bench.change('technician_key = "tech.pub"\n', "")
    one(bench, trixie)
    assert not (trixie / "capture-station/technician.pub").exists()
    assert sums_agree(trixie)


def test_a_base_of_the_clinics_own_keeps_its_settings(bench: Desk, trixie: Path) -> None:
    text = Path("provisioning/install/station.toml.example").read_text("utf-8")
    bench.write("base.toml", text.replace("rotation = 90", "rotation = 270"))
    bench.change("clinic =", 'settings = "base.toml"\nclinic =')
    one(bench, trixie)
    config = parse((trixie / "capture-station/station.toml").read_text("utf-8"), source="card")
    assert config.display.rotation == 270
    assert config.camera.size == (4056, 3040)


def recipient(bench: Desk) -> str:
    lines = (bench.folder / "recipients.txt").read_text("ascii").splitlines()
    return next(line for line in lines if line.startswith("age1"))


@pytest.mark.parametrize(
    ("change", "kind", "sentence"),
    [
        (
            lambda b: b.change("ssh-ed25519 AAAA", "ssh-ed25519 BBBB"),
            ConfigError,
            "upload.host_key",
        ),
        (lambda b: b.change('clinic = "', 'clinic = "' + "x" * 80), ConfigError, "clinic"),
        (lambda b: b.change("host =", "hots ="), ConfigError, "hots"),
        (lambda b: b.change("port = 2222", "port = 70000"), ConfigError, "65535"),
        (lambda b: b.write("recipients.txt", "age1nonsense\n"), BadKey, "line 1"),
        (lambda b: b.write("recipients.txt", f"{recipient(b)}\n"), BadKey, "recovery key"),
        (lambda b: (b.folder / "recipients.txt").unlink(), BadKey, "recipients.txt"),
        (lambda b: b.write("people/kiosk-01.toml", "hello"), UsageError, "desk station kiosk-01"),
        (lambda b: (b.folder / "people/kiosk-01.toml").unlink(), UsageError, "kiosk-01.toml"),
        (
            lambda b: b.write("people/kiosk-01.toml", '[people]\ndesk = "x"\nmailbox = "y"\n'),
            ConfigError,
            "people.desk",
        ),
        (
            lambda b: b.write(
                "people/kiosk-01.toml",
                f'[people]\ndesk = "ssh-ed25519 AAAA"\nmailbox = "{"0" * 32}"\n',
            ),
            BadKey,
            "people.desk: The ssh-ed25519 key is mistyped",
        ),
        (
            lambda b: b.change("clinic =", 'technician_key = "keys/archive.identity"\nclinic ='),
            UsageError,
            "never a private one",
        ),
        (lambda b: b.change("clinic =", 'consent_texts = "none"\nclinic ='), ConfigError, "none"),
    ],
)
def test_bad_input_is_refused_in_one_sentence_before_the_first_byte(
    bench: Desk, trixie: Path, change: object, kind: type[KioskError], sentence: str
) -> None:
    before = snapshot(trixie)
    change(bench)  # type: ignore[operator]
    with pytest.raises(kind) as caught:
        one(bench, trixie)
    assert sentence in caught.value.sentence
    assert "\n" not in caught.value.sentence
    assert snapshot(trixie) == before
    assert not (bench.folder / "tickets").exists()


@pytest.mark.parametrize("name", ["Kiosk", "1st", "root", "stations", "enrol", "a_b", "x" * 40])
def test_a_name_that_cannot_be_one_is_refused(bench: Desk, trixie: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a station's name"):
        provision(
            *("card", "--station", name, "--camera", "imx708"),
            *("--clinic", bench.clinic, "--out", trixie),
        )


def test_an_unknown_camera_is_refused(bench: Desk, trixie: Path) -> None:
    with pytest.raises(UsageError, match="'ov5647' is no camera of a station; expected imx477 or"):
        provision(
            *("card", "--station", "kiosk-01", "--camera", "ov5647"),
            *("--clinic", bench.clinic, "--out", trixie),
        )


def test_what_is_no_boot_partition_is_refused(bench: Desk, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not the boot partition"):
        one(bench, tmp_path)
    half = boot(tmp_path / "half", cloud=True)
    (half / "kernel8.img").unlink()
    with pytest.raises(UsageError, match="no kernel there"):
        one(bench, half)


def test_a_card_with_imagers_customisation_is_refused(bench: Desk, bookworm: Path) -> None:
    (bookworm / "firstrun.sh").write_text("#!/bin/bash\nset +e\n", encoding="ascii")
    with pytest.raises(UsageError, match="without its customisation"):
        one(bench, bookworm)


def test_a_bench_whose_clock_says_1970_is_refused(bench: Desk) -> None:
    with pytest.raises(EnrolmentError, match="This computer's clock says 1970"):
        take(
            load_bench(bench.clinic),
            Wanted("kiosk-01", "imx708"),
            datetime.fromtimestamp(3600, UTC),
        )


def test_a_taken_name_is_refused_until_it_is_meant(
    bench: Desk, trixie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one(bench, trixie)
    other = boot(tmp_path / "other", cloud=True)
    monkeypatch.setattr(card_cli, "_now", lambda: NOW + timedelta(hours=23))
    with pytest.raises(UsageError, match=r"the name kiosk-01 is taken.*2026-12-02 08:00 UTC"):
        one(bench, other)
    assert not (other / "capture-station").exists()
    one(bench, other, "--again")
    bench.people("kiosk-02")
    with pytest.raises(UsageError, match="is the card of kiosk-01 already"):
        provision(
            *("card", "--station", "kiosk-02", "--camera", "imx708"),
            *("--clinic", bench.clinic, "--out", other),
        )


def test_a_full_card_is_refused(bench: Desk, trixie: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(UsageError, match=r"is too full: 0 MB free, expected \d\d MB"):
        one(bench, trixie)
    assert not (trixie / "capture-station").exists()


@pytest.mark.parametrize("fails_at", range(1, 13))
def test_a_card_that_is_pulled_out_is_half_a_card_and_says_so(
    bench: Desk,
    trixie: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fails_at: int,
) -> None:
    """However far it came: either the station refuses the card, or nothing of ours is started."""
    written = 0
    real = writing._put

    def put(path: Path, content: bytes) -> None:
        nonlocal written
        written += 1
        if written == fails_at:
            raise OSError(5, "Input/output error")
        real(path, content)

    monkeypatch.setattr(writing, "_put", put)
    with pytest.raises(StorageError, match="Writing the card"):
        one(bench, trixie)
    assert CODE.findall(capsys.readouterr().out) == []
    started = "place.sh" in (trixie / "user-data").read_text("ascii")
    assert not (sums_agree(trixie) and started)
    monkeypatch.setattr(writing, "_put", real)
    one(bench, trixie)
    assert sums_agree(trixie)
    assert "place.sh" in (trixie / "user-data").read_text("ascii")


def test_a_card_that_is_changed_is_half_a_card_meanwhile(
    bench: Desk, trixie: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one(bench, trixie)
    bench.change("192.0.2.5", "192.0.2.6")

    def put(path: Path, content: bytes) -> None:
        raise OSError(5, f"{path} refuses {len(content)} bytes")

    monkeypatch.setattr(writing, "_put", put)
    with pytest.raises(StorageError):
        one(bench, trixie)
    assert not sums_agree(trixie)


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
    with pytest.raises(EnrolmentError, match="1970"):
        provision(*words)


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
