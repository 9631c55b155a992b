"""The support bundle: what is in it, what is not, and what keeps it from being written."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import secrets
import stat
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import durable
from kiosk.commission.place import Place
from kiosk.commission.station import station_checks
from kiosk.commission.support.bundle import CONTENTS, rules, run, write_bundle
from kiosk.commission.support.collect import Means, collect
from kiosk.commission.support.journal import blotted, kernel_text, service_text
from kiosk.commission.support.scan import Leak, Rules, leaks
from kiosk.commission.support.settings import KEPT, WITHHELD, told
from kiosk.config import StationConfig
from kiosk.config_reading import load
from kiosk.envelope.recipients import generate_identity
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import KioskError, StorageFailed, SupportRefused, UsageError
from kiosk.records.badge import Badge
from tests.commission.conftest import asked
from tests.commission.hid_devices import plug
from tests.faults.canary import scan as scanned
from tests.golden.scenes import FAULTS
from tests.golden.servicing import JOURNAL, UNREACHED

CAPTURE, UPLOAD = "kiosk-capture.service", "kiosk-upload.service"
AT = "1795701900000000"
SYSTEMD = (
    "Starting kiosk-capture.service - Capture Station: camera, lamps, pedal and screen...",
    "Started kiosk-capture.service - Capture Station: camera, lamps, pedal and screen.",
    "kiosk-capture.service: Watchdog timeout (limit 10s)!",
    "kiosk-capture.service: Killing process 512 (kiosk) with signal SIGKILL.",
    "kiosk-capture.service: Main process exited, code=killed, status=9/KILL",
    "kiosk-capture.service: Failed with result 'watchdog'.",
    "kiosk-capture.service: Scheduled restart job, restart counter is at 3.",
    "kiosk-capture.service: Consumed 4min 12.402s CPU time.",
    "Stopped kiosk-capture.service - Capture Station: camera, lamps, pedal and screen.",
)
OWN = (
    *(line.partition(": ")[2] for line in JOURNAL),
    *FAULTS.values(),
    UNREACHED.replace("sftp.rosengarten.example:22", "192.0.2.5:22"),
    "3f0c1d5e8a9b4c7d6e5f4a3b2c1d0e9f.age arrived, 5182734 bytes",
    """stopped by a fault in this program
ZeroDivisionError
  /opt/kiosk/lib/python3.13/site-packages/kiosk/capture/app.py:131 in step
caused by OSError [errno 5]""",
)
KERNEL = (
    "hwmon hwmon1: Undervoltage detected!",
    "mmc0: Timeout waiting for hardware interrupt.",
    "I/O error, dev mmcblk0, sector 26214400 op 0x0:(READ) flags 0x80700 phys_seg 1",
    "EXT4-fs error (device mmcblk0p3): ext4_find_entry:1683: inode #131073: comm Anna",
    "usb 1-1.2: Product: Keyboard of Anna Müller",
    "usb 1-1.2: USB disconnect, device number 5",
    "Out of memory: Killed process 733 (Anna) total-vm:512kB",
)


def entry(message: object, **fields: str) -> str:
    return json.dumps({"MESSAGE": message, "__REALTIME_TIMESTAMP": AT, **fields})


def own(message: object, unit: str = CAPTURE) -> str:
    return entry(
        message, _SYSTEMD_UNIT=unit, LOGGER="kiosk.capture", CODE_FILE="app.py", PRIORITY="4"
    )


class System:
    """What ``journalctl`` and ``systemctl`` answer."""

    def __init__(self) -> None:
        self.capture = [
            *(entry(line, _PID="1", UNIT=CAPTURE, PRIORITY="6") for line in SYSTEMD),
            *map(own, OWN),
            entry("libcamera: Anna Müller waits", _SYSTEMD_UNIT=CAPTURE),
            entry([65, 110, 110, 97], _SYSTEMD_UNIT=CAPTURE),
            '{"MESSAGE": "cut',
        ]
        self.upload = [own("2 waiting", UPLOAD)]
        self.kernel = [entry(line) for line in KERNEL]
        self.broken = False

    def __call__(self, command: Sequence[str]) -> list[str]:
        if self.broken:
            raise StorageFailed(f"{command[0]} cannot be asked (FileNotFoundError).")
        if command[0] == "systemctl":
            return ["LoadState=loaded", "ActiveState=active", "NRestarts=3", "ExecMainStatus=0"]
        if "--dmesg" in command:
            return self.kernel
        return self.capture if CAPTURE in command else self.upload


def means(station: Any, system: System) -> Means:  # noqa: ANN401 - conftest's StationTree
    place = replace(station.place, uid=0)
    checks = station_checks(station.toml, place=place, ask=asked)
    return Means(place, system, load(station.at(station.toml)), checks)


def unpacked(path: Path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        members = archive.getmembers()
        assert {(m.uid, m.gid, m.uname, m.mode) for m in members} == {(0, 0, "", 0o644)}
        return {m.name.removeprefix("support/"): _text(archive.extractfile(m)) for m in members}


def _text(file: Any) -> str:  # noqa: ANN401 - of a tar
    return str(file.read().decode("utf-8"))


@pytest.fixture
def bundle(station: Any, tmp_path: Path) -> Callable[..., dict[str, str]]:  # noqa: ANN401
    def make(system: System | None = None, without: Sequence[str] = ()) -> dict[str, str]:
        out = tmp_path / f"{secrets.token_hex(4)}.tar.gz"
        write_bundle(means(station, system or System()), out, without)
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        return unpacked(out)

    return make


def test_a_bundle_holds_what_its_contents_say(bundle: Callable[..., dict[str, str]]) -> None:
    found = bundle()
    assert list(found) == [
        *("about.json", "settings.json", "spool.json", "check.json", "units.txt"),
        *(f"journal-{CAPTURE}.txt", f"journal-{UPLOAD}.txt", "kernel.txt", "files.json", CONTENTS),
    ]
    rows = [line.split("  ", 1) for line in found[CONTENTS].splitlines()[1:]]
    assert {said.partition(":")[0]: digest for digest, said in rows} == {
        name: hashlib.sha256(text.encode()).hexdigest()
        for name, text in found.items()
        if name != CONTENTS
    }


def test_settings_are_told_without_secrets(
    station: Any,  # noqa: ANN401
    bundle: Callable[..., dict[str, str]],
) -> None:
    said = json.loads(bundle()["settings.json"])
    assert said["people"]["mailbox"] == said["upload"]["key"] == WITHHELD
    assert said["station"]["signing_key"] == WITHHELD
    assert said["people"]["desk"] == station.desk.public_key().fingerprint
    assert said["upload"]["host"] == "192.0.2.5"
    assert said["lights"]["channels"] == [{"name": "left", "pin": 12}, {"name": "right", "pin": 13}]


def test_a_setting_that_nobody_thought_of_is_withheld() -> None:
    fields = {field.name for field in msgspec.structs.fields(StationConfig)}
    assert set(KEPT) == fields
    withheld = {"mailbox", "desk", "host_key", "key", "signing_key", "prefix"}
    for name in ("station", "people", "upload", "patients"):
        (section,) = (f.type for f in msgspec.structs.fields(StationConfig) if f.name == name)
        assert {f.name for f in msgspec.structs.fields(section)} - KEPT[name] <= withheld


def test_the_journal_is_our_own_lines(bundle: Callable[..., dict[str, str]]) -> None:
    text = bundle()[f"journal-{CAPTURE}.txt"]
    assert "2026-11-26T14:05:00Z 4 OBJECT.age arrived, ##### bytes" in text
    assert "Watchdog timeout" in text
    assert "caused by OSError [errno 5]" in text
    assert text.endswith("2 lines of libraries and other programs are left out.\n")
    for hidden in ("Anna", "libcamera", "3f0c1d", "5182734"):
        assert hidden not in text


def test_the_kernels_complaints_are_told_by_their_pattern_alone(
    bundle: Callable[..., dict[str, str]],
) -> None:
    assert [line.split(" ", 1)[1] for line in bundle()["kernel.txt"].splitlines()] == [
        "Undervoltage detected!",
        "mmc0: Timeout waiting for hardware interrupt",
        "I/O error, dev mmcblk0",
        "EXT4-fs error (device mmcblk0p3)",
        "usb 1-1.2: USB disconnect",
        "Out of memory: Killed process",
    ]
    assert kernel_text([entry("all is well")]) == "None of the known complaints.\n"


def test_files_are_told_by_their_digests(
    station: Any,  # noqa: ANN401
    bundle: Callable[..., dict[str, str]],
) -> None:
    unit = "/etc/systemd/system/kiosk.target"
    before = json.loads(bundle()["files.json"])[unit]
    assert before["now"] == before["recorded"]
    station.write(unit, "[Unit]\n# changed\n")
    after = json.loads(bundle()["files.json"])
    assert after[unit]["now"] == hashlib.sha256(b"[Unit]\n# changed\n").hexdigest()
    assert after[unit]["recorded"] == before["recorded"]
    config = after["/boot/firmware/config.txt"]
    assert config["recorded"] is None
    assert len(config["now"]) == 64


def test_nothing_secret_or_personal_of_the_station_is_in_it(
    station: Any,  # noqa: ANN401
    bundle: Callable[..., dict[str, str]],
    tmp_path: Path,
) -> None:
    """Everything that the station keeps, searched for in each of its encodings."""
    number, name = "QX-204711-CANARY", "Anna Canary Özil"
    station.write("/var/spool/kiosk/0123456789abcdef0123456789abcdef.age", f"{number} {name}")
    station.write("/var/lib/kiosk/capture/consents/x", name)
    keys = [station.at(f"/etc/kiosk/keys/{one}").read_bytes() for one in ("signing-key", "ssh-key")]
    canaries = [
        *(number.encode(), name.encode(), b"0123456789abcdef0123456789abcdef"),
        *(key.splitlines()[2] for key in keys),
        *(p.read_bytes()[40:80] for p in station.at("/run/kiosk-share").iterdir()),
        *(
            p.name[:32].encode()
            for p in station.at("/var/lib/kiosk/capture/operators").glob("*.key.json")
        ),
        station.config.people.mailbox.encode(),
    ]
    folder = tmp_path / "unpacked"
    folder.mkdir()
    for member, text in bundle().items():
        (folder / member).write_text(text, encoding="utf-8")
    assert scanned(canaries, [folder], also_swap=False) == []
    (folder / "planted").write_bytes(base64.b64encode(canaries[0]))
    assert scanned(canaries, [folder], also_swap=False) != []


IDENTITY = generate_identity().secret_text()
BADGE = Badge(hashlib.sha256(b"a badge").digest()[:16]).text()


@pytest.mark.parametrize(
    ("message", "leak"),
    [
        ("Anna Müller came in", Leak.NAME),
        ("the consent of Özil", Leak.NAME),
        ("the number ZQ-9 was typed", Leak.NUMBER),
        ("the code PAT-x1 was read", Leak.NUMBER),
        (f"a badge {BADGE} was read", Leak.BADGE),
        (f"a badge {BADGE.lower()} was read", Leak.BADGE),
        (f"the secret {BADGE[4:]} was read", Leak.KEY),
        (f"the identity {IDENTITY} was read", Leak.KEY),
        (f"the mailbox {'0a1b' * 8} is empty", Leak.KEY),
        (f"the share {base64.b64encode(bytes(range(7, 39))).decode()} came", Leak.KEY),
        (f"the share {base64.urlsafe_b64encode(bytes(range(207, 239))).decode()} came", Leak.KEY),
        (SigningKey.generate().private_text(), Leak.KEY),
    ],
    ids=lambda one: one.name if isinstance(one, Leak) else "",
)
def test_what_must_not_leave_keeps_the_bundle_from_being_written(
    station: Any,  # noqa: ANN401
    tmp_path: Path,
    message: str,
    leak: Leak,
) -> None:
    toml = station.at(station.toml)
    toml.write_text(f'{toml.read_text("utf-8")}\n[patients]\nprefix = "PAT-"\n', encoding="utf-8")
    system, out = System(), tmp_path / "bundle.tar.gz"
    system.capture.append(own(message))
    with pytest.raises(SupportRefused) as refused:
        write_bundle(means(station, system), out)
    assert f"journal-{CAPTURE}.txt, line " in refused.value.sentence
    assert leak.value in refused.value.sentence
    assert message not in refused.value.sentence
    assert not out.exists()
    left = write_bundle(means(station, system), out, [f"journal-{CAPTURE}.txt"])
    assert f"journal-{CAPTURE}.txt" not in {member.name for member in left}
    assert f"Left out by hand: journal-{CAPTURE}.txt" in unpacked(out)[CONTENTS]


def test_a_long_number_is_blotted_out_before_anybody_looks(
    bundle: Callable[..., dict[str, str]],
) -> None:
    system = System()
    system.capture.append(own("picture of 20471133 taken"))
    assert "20471133" not in "".join(bundle(system).values())


@pytest.mark.parametrize("member", ["kiosk-upload.prom", "kiosk-capture.prom"])
def test_figures_are_looked_through_as_well(
    station: Any,  # noqa: ANN401
    bundle: Callable[..., dict[str, str]],
    member: str,
) -> None:
    station.write(f"/run/kiosk-metrics/{member}", "kiosk_spool_free_bytes 23512344576\n")
    assert member in bundle()
    station.write(f"/run/kiosk-metrics/{member}", 'kiosk_spool{patient="Anna Müller"} 1\n')
    with pytest.raises(SupportRefused, match=member):
        bundle()


def laid_link(path: Path, key: Path) -> None:
    path.symlink_to(key)


def laid_pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def laid_size(path: Path, _: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


@pytest.mark.parametrize(
    ("lay", "said"),
    [(laid_link, "cannot be read"), (laid_pipe, "no ordinary file"), (laid_size, "\0")],
)
def test_what_a_service_left_instead_of_figures_is_not_followed_or_waited_for(
    station: Any,  # noqa: ANN401
    bundle: Callable[..., dict[str, str]],
    lay: Callable[[Path, Path], None],
    said: str,
) -> None:
    path = station.at("/run/kiosk-metrics/kiosk-capture.prom")
    lay(path, station.at("/etc/kiosk/keys/ssh-key"))
    text = bundle()["kiosk-capture.prom"]
    assert said in text
    assert len(text) <= 64 * 1024


@given(st.binary(min_size=32, max_size=64))
def test_random_secrets_are_found_in_each_of_their_spellings(secret: bytes) -> None:
    if len(set(secret)) < 24:
        return  # no generator of keys makes such a one
    spelled = (
        secret.hex(),
        base64.b64encode(secret).decode(),
        base64.urlsafe_b64encode(secret).decode(),
        base64.b32encode(secret).decode(),
    )
    for text in spelled:
        assert leaks({"m": f"came {text} here"}, Rules(frozenset())) != (), text


def test_public_tokens_are_let_pass_and_only_as_a_whole() -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    known = Rules(frozenset(), public=frozenset({digest}), figures=frozenset({"m"}))
    assert leaks({"m": f'"now": "{digest}"'}, known) == ()
    assert leaks({"m": f'"now": "{digest}00"'}, known) != ()
    assert leaks({"m": f'"now": "{digest[:-8]}"'}, known) != ()


def test_what_devices_call_themselves_is_let_pass(
    station: Any,  # noqa: ANN401 - conftest's StationTree
    bundle: Callable[..., dict[str, str]],
) -> None:
    """Or whoever asks for help because of a device could not."""
    plug(station.place.root, "Wacholder Tastatur", (0x046D, 0xC31C))
    station.write("/sys/class/input/event0/device/name", "Quittenbaum\n")
    said = bundle()["check.json"]
    assert "refused: Wacholder Tastatur (USB 046d:c31c)" in said
    assert "Quittenbaum can be touched" in said


def test_what_the_program_itself_says_is_let_pass(station: Any) -> None:  # noqa: ANN401
    """Every error's sentence and every line that a station really writes."""
    here = means(station, System())
    members = collect(here)
    words = rules(members, here)
    for number in errno.errorcode:
        with pytest.raises(KioskError) as raised, durable.translated("saving a picture"):
            raise OSError(number, os.strerror(number))
        assert leaks({"m": blotted(raised.value.sentence)}, words) == (), raised.value
    assert leaks({member.name: member.text for member in members}, words) == ()


def test_a_machine_that_answers_nothing_makes_a_bundle_that_says_so(
    bundle: Callable[..., dict[str, str]],
) -> None:
    system = System()
    system.broken = True
    assert "systemctl cannot be asked" in bundle(system)["units.txt"]


def test_without_settings_the_rest_is_collected(station: Any, tmp_path: Path) -> None:  # noqa: ANN401
    station.write(station.toml, "[station]\nname = 7\n")
    checks = station_checks(station.toml, place=station.place, ask=asked)
    here = Means(replace(station.place, uid=0), System(), None, checks)
    names = {member.name for member in write_bundle(here, tmp_path / "b.tar.gz")}
    assert "settings.json" not in names
    assert "check.json" in names


def test_a_file_that_is_there_is_not_overwritten(station: Any, tmp_path: Path) -> None:  # noqa: ANN401
    (tmp_path / "b.tar.gz").write_bytes(b"mine")
    with pytest.raises(StorageFailed):
        write_bundle(means(station, System()), tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").read_bytes() == b"mine"


def test_wrong_use_is_said(station: Any, tmp_path: Path) -> None:  # noqa: ANN401
    with pytest.raises(UsageError, match=r"'photos' is no part of a bundle; expected one of about"):
        write_bundle(means(station, System()), tmp_path / "b.tar.gz", ["photos"])
    somebody = replace(means(station, System()), place=Place(station.place.root, 1000))
    with pytest.raises(UsageError, match="sudo kiosk support"):
        write_bundle(somebody, tmp_path / "b.tar.gz")


def test_real_programs_are_asked() -> None:
    assert run(["printf", "a\\nb\\n"]) == ["a", "b"]
    for command in (["false"], ["/nowhere/program"]):
        with pytest.raises(StorageFailed):
            run(command)


def test_lines_without_a_time_or_a_code_are_told() -> None:
    lines = [json.dumps({"MESSAGE": "x", "_PID": "1", "UNIT": CAPTURE})]
    lines.append(own("y").replace('"4"', '"3", "KIOSK_CODE": "camera"'))
    assert service_text(lines, CAPTURE).splitlines()[:2] == [
        "1970-01-01T00:00:00Z ? x",
        "2026-11-26T14:05:00Z 3 [camera] y",
    ]


def test_what_is_told_of_a_key_that_cannot_be_read(station: Any) -> None:  # noqa: ANN401
    assert told(station.config)["upload"]["host_key"].startswith(("SHA256:", "no key"))
