"""A started station whose server shows another host key: real processes, a real ``sshd``."""

from __future__ import annotations

from pathlib import Path

from kiosk import moment
from kiosk.capture.backlog import BacklogWatch, stranger_told
from kiosk.envelope.signatures import SigningKey
from kiosk.spool import Spool
from provisioning.demo.processes import uploading
from tests.end_to_end.conftest import Practice
from tests.end_to_end.test_check import check
from tests.end_to_end.test_receipts import wait_for


def pin(config: Path, key: str) -> None:
    lines = config.read_text("utf-8").splitlines()
    pinned = [f'host_key = "{key}"' if line.startswith("host_key") else line for line in lines]
    assert pinned != lines
    config.write_text("\n".join(pinned) + "\n", encoding="utf-8")


def test_another_host_key_is_said_on_the_screen_and_by_the_check(
    practice: Practice, tmp_path: Path
) -> None:
    config = practice.clinic.config
    told = tmp_path / "told"
    told.mkdir()
    good = config.read_text("utf-8")
    config.write_text(f'{good}\n[metrics]\nfolder = "{told}"\n', encoding="utf-8")
    pin(config, SigningKey.generate().public_line())
    watch = BacklogWatch(
        Spool(practice.clinic.spool, 0),
        lambda: "14:05",
        stranger=stranger_told(told, moment.now().boot_id),
    )

    def stranger() -> bool:
        watch.look()
        return watch.stranger

    with uploading(config, practice.root / "stranger.log"):
        wait_for(stranger)
        found = check(practice)["server"]
    assert found["verdict"] == "wrong"
    assert "host key" in found["sentence"]
    config.write_text(f'{good}\n[metrics]\nfolder = "{told}"\n', encoding="utf-8")
    with uploading(config, practice.root / "known.log"):
        wait_for(lambda: not stranger())
