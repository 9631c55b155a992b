"""What `kiosk provision card` refuses, and a card that was not written to its end."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.errors import BadKey, ClockLost, ConfigError, KioskError, StorageError, UsageError
from provisioning.card import cli as card_cli
from provisioning.card import writing
from provisioning.card.order import Wanted, load_bench, take
from tests.provisioning.card.conftest import (
    CODE,
    NOW,
    Desk,
    boot,
    one,
    provision,
    snapshot,
    sums_agree,
)

pytestmark = pytest.mark.usefixtures("steady")


def recipient(bench: Desk) -> str:
    lines = (bench.folder / "recipients.txt").read_text("ascii").splitlines()
    return next(line for line in lines if line.startswith("age1"))


@pytest.mark.parametrize(
    ("change", "kind", "sentence"),
    [
        (
            lambda b: b.change("ssh-ed25519 AAAA", "ssh-ed25519 BBBB"),
            ConfigError,
            "clinic.toml: [server] host_key: 'ssh-ed25519 BBBB",
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
    with pytest.raises(ClockLost, match="This computer's clock says 1970"):
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
