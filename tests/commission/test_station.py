"""The whole table over a station in a tree: green as installed, and each planted fault is named."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk import moment
from kiosk.commission.checks import Finding, Verdict, perform
from kiosk.commission.machine import clock
from kiosk.commission.station import station_checks
from kiosk.envelope.letter import Kind
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import ClockLost, KioskError, ServerUnreachable
from kiosk.model import ClockState
from kiosk.moment import WRITTEN
from kiosk.records.calibration import Calibration, keep_calibration
from kiosk.records.receipts import body_of
from kiosk.records.shot import Instant
from kiosk.spool.sent import Mark, Sent
from tests.capture.people.clinic_keys import Person
from tests.commission.conftest import MACHINE_ID, asked, clinic_desk, enrol, send
from tests.commission.conftest import SHARE as SECRET_SHARE

Plant = Callable[[Any], object]


def findings(station: Any) -> dict[str, Finding]:  # noqa: ANN401 - conftest's StationTree
    checks = station_checks(station.toml, place=station.place, ask=asked)
    return {result.name: result.finding for result in perform(checks)}


def test_a_station_as_installed_has_nothing_wrong(station: Any) -> None:  # noqa: ANN401
    found = findings(station)
    # The clock is the test machine's own; root is who runs the tests, or not; nothing was sent.
    wrong = {name for name, finding in found.items() if finding.verdict is not Verdict.OK}
    assert wrong <= {"clock", "user", "enrolment", "opened by clinic", "calibration"}, found
    assert list(found)[:3] == ["configuration", "signing key", "upload key"]
    assert "room-2 of Clinic by the Park" in found["configuration"].sentence
    assert "SHA256:" in found["signing key"].sentence
    assert "2 recipients" in found["recipients"].sentence
    assert station.desk.public_key().fingerprint in found["desk"].sentence
    assert found["operators"].sentence == (
        "2 operators can sign in, by list 1 of the desk; 1 can release a locked badge."
    )
    assert "ours-en is shown first" in found["consent texts"].sentence


def edit(path: str, old: str, new: str) -> Plant:
    def plant(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
        text = station.at(path).read_text(encoding="utf-8")
        assert old in text
        station.write(path, text.replace(old, new))

    return plant


def stale(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    then = time.time() - 7 * 3600
    os.utime(station.at(SYNCHRONISED), (then, then))


def write(path: str, text: str, mode: int = 0o644) -> Plant:
    return lambda station: station.write(path, text, mode)


def chmod(path: str, mode: int) -> Plant:
    return lambda station: station.at(path).chmod(mode)


def unlink(path: str) -> Plant:
    return lambda station: station.at(path).unlink()


SIGNING = "/etc/kiosk/keys/signing-key"
STATION_TOML = "/etc/kiosk/station.toml"
OPERATORS = "/var/lib/kiosk/capture/operators"
ROSTER = f"{OPERATORS}/roster.json"
LETTER = "/var/spool/kiosk/inbox/operators.letter"
SHARE = "/run/kiosk-share"
METRICS = "/run/kiosk-metrics"
SYNCHRONISED = "/run/systemd/timesync/synchronized"
RECIPIENTS = "/etc/kiosk/recipients.txt"


def one_recipient(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    first = station.at(RECIPIENTS).read_text("utf-8").splitlines()[0]
    station.write(RECIPIENTS, first)


def link_instead_of_key(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    station.at(SIGNING).rename(station.at("/etc/elsewhere"))
    station.at(SIGNING).symlink_to(station.at("/etc/elsewhere"))


def no_spool(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    shutil.rmtree(station.at("/var/spool/kiosk"))


OWN_TEXT = "/etc/kiosk/consent/ours-en.toml"


def placeholder(key: str) -> Plant:
    def plant(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
        text = station.at(STATION_TOML).read_text(encoding="utf-8")
        lines = [
            f'{key} = "CHANGE-ME"' if line.startswith(f"{key} = ") else line
            for line in text.splitlines()
        ]
        station.write(STATION_TOML, "\n".join(lines))

    return plant


def journal_on_the_card(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    """As systemd-journald leaves it when nothing says `Storage=volatile`."""
    station.at("/var/log").mkdir(exist_ok=True)
    station.at("/run/log/journal").rename(station.at("/var/log/journal"))


def remove(folder: str) -> Plant:
    return lambda station: shutil.rmtree(station.at(folder))


def forged(kind: Kind, path: str) -> Plant:
    """A letter by whoever can write to the server, but has not the desk's key."""
    return lambda station: send(station, SigningKey.generate(), kind, SECRET_SHARE, path)


def lose_a_key(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    next(station.at(OPERATORS).glob("*.key.json")).unlink()


def nobody(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
    enrol(station, clinic_desk(), [], number=2)


@pytest.mark.parametrize(
    ("name", "plant", "words"),
    [
        ("configuration", edit("/etc/kiosk/station.toml", '"room-2"', '"CHANGE-ME"'), "CHANGE-ME"),
        (
            "configuration",
            edit("/etc/kiosk/station.toml", "Clinic by the Park", "CHANGE-ME"),
            "line 9",
        ),
        ("configuration", edit("/etc/kiosk/station.toml", "pin = 17", "pin = 12"), "pin 12"),
        ("configuration", unlink("/etc/kiosk/station.toml"), "No such file"),
        ("signing key", unlink(SIGNING), "is missing"),
        ("signing key", chmod(SIGNING, 0o640), "mode 0640"),
        ("signing key", write(SIGNING, "not a key", 0o600), "cannot be read as one"),
        ("signing key", link_instead_of_key, "is no regular file"),
        ("upload key", chmod("/etc/kiosk/keys/ssh-key", 0o604), "mode 0604"),
        ("configuration", placeholder("desk"), "CHANGE-ME"),
        ("configuration", placeholder("mailbox"), "CHANGE-ME"),
        (
            "desk",
            edit(STATION_TOML, 'desk = "ssh-ed25519 AAAA', 'desk = "ssh-ed25519 AA'),
            "people.desk",
        ),
        ("consent texts", edit(STATION_TOML, "ours-en", "ours-de"), "one of ours-en"),
        (
            "consent texts",
            edit(STATION_TOML, "consent_texts = ", "#consent_texts = "),
            "no consent text",
        ),
        ("consent texts", edit(OWN_TEXT, 'language = "en', 'sprache = "en'), "sprache"),
        ("consent texts", edit(OWN_TEXT, "title = ", "example = true\ntitle = "), "no lawyer"),
        ("consent texts", unlink(OWN_TEXT), "there is no consent text"),
        ("server share", edit("/proc/self/mountinfo", "tmpfs", "ext4"), "is on a disk (ext4)"),
        ("server share", remove(SHARE), "is missing"),
        ("server share", chmod(SHARE, 0o2755), "mode 2755"),
        ("server share", unlink(f"{SHARE}/share.letter"), "has not given its part"),
        ("server share", write(f"{SHARE}/share.letter", "x"), "is not used"),
        ("server share", forged(Kind.SHARE, f"{SHARE}/share.letter"), "is not used"),
        ("operators", unlink(ROSTER), "has enrolled no operator for room-2"),
        ("operators", write(ROSTER, "{}"), "roster.json"),
        ("operators", edit(ROSTER, "room-2", "room-3"), "for another station"),
        ("operators", edit(ROSTER, '"epoch": 1', '"epoch": 2'), "2 operators on the desk's list"),
        ("operators", lose_a_key, "1 operator on the desk's list"),
        ("operators", nobody, "Nobody can sign in"),
        ("operators", edit(STATION_TOML, "share = ", "#share = "), "people.share is left out"),
        ("operators", forged(Kind.OPERATORS, LETTER), "is not used"),
        ("metrics", remove(METRICS), "/run/kiosk-metrics is missing"),
        ("metrics", chmod(METRICS, 0o2775), "mode 2775"),
        ("metrics", edit("/proc/self/mountinfo", "tmpfs", "ext4"), "metrics.folder: "),
        ("recipients", unlink(RECIPIENTS), "No such file"),
        ("recipients", write(RECIPIENTS, "age1nonsense"), "line 1"),
        ("recipients", one_recipient, "one recipient"),
        ("recipients", chmod(RECIPIENTS, 0o666), "can be changed by others"),
        ("spool", no_spool, "/var/spool/kiosk"),
        ("spool", chmod("/var/spool/kiosk", 0o2775), "mode 2775"),
        ("spool", write("/var/spool/kiosk/holiday.jpg", "x"), "holiday.jpg"),
        (
            "spool",
            edit("/etc/kiosk/station.toml", "reserve_mb = 1", "reserve_mb = 999999999"),
            "MB",
        ),
        ("firmware", edit("/boot/firmware/config.txt", "include kiosk.txt\n", ""), "not include"),
        ("firmware", edit("/boot/firmware/kiosk.txt", "gpio=12,13=op,dl", ""), "nothing holds pin"),
        ("firmware", edit("/boot/firmware/kiosk.txt", "disable_splash", "disable_spash"), "spash"),
        ("firmware", unlink("/boot/firmware/kiosk-imx477.txt"), "which is not there"),
        ("firmware", edit("/boot/firmware/config.txt", "[all]", "include .\n[all]"), "includes ."),
        (
            "firmware",
            edit("/boot/firmware/config.txt", "include kiosk.txt\n", "kernel=kiosk.txt\n"),
            "does not include kiosk.txt",
        ),
        (
            "firmware",
            edit("/boot/firmware/config.txt", "[all]", "dtoverlay=pwm-2chan,pin=12\n[all]"),
            "takes pin 12",
        ),
        ("swap", write("/proc/swaps", "Filename\n/dev/zram0 partition 1 0 100\n"), "/dev/zram0"),
        ("swap", write("/var/swap", ""), "/var/swap"),
        ("swap", write("/swapfile", ""), "/swapfile exists"),
        ("swap", write("/sys/block/zram0/backing_dev", "/dev/loop0\n"), "/dev/loop0"),
        ("core dumps", write("/proc/sys/kernel/core_pattern", "core\n"), "'core'"),
        ("core dumps", write("/proc/sys/fs/suid_dumpable", "2\n"), "suid_dumpable=0"),
        ("temporary files", edit("/proc/mounts", "tmpfs /var/tmp tmpfs", "a /b ext4"), "/var/tmp"),
        (
            "temporary files",
            edit("/proc/mounts", "/var/tmp tmpfs", "/var/tmp tmpfs\nd /tmp ext4"),
            "/tmp would",
        ),
        ("journal", unlink(f"/run/log/journal/{MACHINE_ID}/system.journal"), "There is no journal"),
        ("journal", journal_on_the_card, "written to the card (/var/log/journal)"),
        ("time source", unlink(SYNCHRONISED), "Nothing keeps the clock right"),
        ("time source", stale, "no time server for 7 hours"),
        ("installed files", write("/etc/systemd/system/kiosk.target", "[Unit]\n#"), "was changed"),
        ("installed files", unlink("/etc/systemd/system/kiosk.target"), "cannot be read now"),
        ("installed files", write("/opt/kiosk/share/installed.json", "{"), "is no record"),
        ("program", write("/opt/kiosk/share/installed.json", '{"files": {}}'), "is no record"),
        (
            "program",
            write("/opt/kiosk/lib/python3.11/site-packages/kiosk/__init__.py", "# another"),
            "was changed",
        ),
        (
            "program",
            write("/opt/kiosk/lib/python3.11/site-packages/kiosk/more.py", "import os"),
            "was changed",
        ),
    ],
)
def test_each_planted_fault_is_named(station: Any, name: str, plant: Plant, words: str) -> None:  # noqa: ANN401
    plant(station)
    finding = findings(station)[name]
    assert finding.verdict is Verdict.WRONG, finding
    assert words in finding.sentence


def test_operators_who_wait_in_the_inbox_are_counted(station: Any) -> None:  # noqa: ANN401
    """As after the technician's first start: nobody has held a badge to the station yet."""
    shutil.rmtree(station.at(OPERATORS))
    send(station, station.desk, Kind.OPERATORS, clinic_desk().body([Person()]), LETTER)
    finding = findings(station)["operators"]
    assert finding.verdict is Verdict.OK
    assert finding.sentence.startswith(
        "1 operator can sign in once the next badge is held to the station, by list 1"
    )
    assert "nobody can release a locked badge" in finding.sentence


def test_an_older_letter_counts_for_nothing(station: Any) -> None:  # noqa: ANN401
    enrol(station, clinic_desk(), [Person()], number=3)
    send(station, station.desk, Kind.OPERATORS, clinic_desk().body([], number=2), LETTER)
    assert findings(station)["operators"].sentence.startswith("1 operator can sign in, by list 3")


def test_a_newer_letter_is_what_will_hold(station: Any) -> None:  # noqa: ANN401
    """Who is counted is who can sign in from the next badge on, and not who could until now."""
    send(station, station.desk, Kind.OPERATORS, clinic_desk().body([], number=2), LETTER)
    finding = findings(station)["operators"]
    assert finding.verdict is Verdict.WRONG
    assert "Nobody can sign in" in finding.sentence


def test_figures_are_there_or_will_be_or_are_not_wanted(station: Any) -> None:  # noqa: ANN401
    assert findings(station)["metrics"].sentence.endswith("none are there yet.")
    station.write(f"{METRICS}/kiosk-upload.prom", "")
    assert findings(station)["metrics"].sentence.endswith(": kiosk-upload.prom.")
    edit(STATION_TOML, 'folder = "/run', '#folder = "/run')(station)
    assert findings(station)["metrics"].verdict is Verdict.NOT_APPLICABLE


def test_a_station_without_a_share_is_not_wrong(station: Any) -> None:  # noqa: ANN401
    edit(STATION_TOML, "share = ", "#share = ")(station)
    enrol(station, replace(clinic_desk(), share=None), [Person()], number=2)
    found = findings(station)
    assert found["server share"].verdict is Verdict.NOT_APPLICABLE
    assert found["operators"].verdict is Verdict.OK


def sent(*marks: Mark, days: float = 0.0) -> Plant:
    """Objects that were sent, by the upload process's own hand, so many days ago."""

    def plant(station: Any) -> None:  # noqa: ANN401 - conftest's StationTree
        box = Sent(station.at("/var/spool/kiosk"))
        box.prepare()
        for mark in marks:
            station.at(f"/var/spool/kiosk/{mark.name}").write_bytes(b"sealed")
            box.note(mark.name, mark.sha256)
            if mark.doubts:
                box.doubt(mark, mark.doubts)
                box.note(mark.name, mark.sha256)
        then = time.time() - days * 86_400
        for path in station.at("/var/spool/kiosk/sent").iterdir():
            os.utime(path, (then, then))

    return plant


ONE = Mark(f"{'1' * 32}.age", "a" * 64)
OTHER = Mark(f"{'2' * 32}.age", "b" * 64)
RECEIPTS = "/var/spool/kiosk/inbox/receipts.letter"


def test_what_waits_for_its_receipt_is_counted_and_is_no_picture_to_be_sent(
    station: Any,  # noqa: ANN401 - conftest's StationTree
) -> None:
    sent(ONE, OTHER, days=6.5)(station)
    found = findings(station)
    assert found["receipts"] == Finding(
        Verdict.OK, "2 sent objects wait for the clinic's receipt; none has come yet."
    )
    assert "; 0 pictures wait to be uploaded" in found["spool"].sentence
    send(station, station.desk, Kind.RECEIPTS, body_of([]), RECEIPTS)
    assert "the newest letter is the desk's" in findings(station)["receipts"].sentence


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (sent(ONE, replace(OTHER, doubts=frozenset({"c" * 64}))), "another content than was sent"),
        (
            sent(ONE, OTHER, days=8),
            "2 sent objects wait for the clinic's receipt, the oldest for 8",
        ),
        (forged(Kind.RECEIPTS, RECEIPTS), "is not used"),
        (lambda s: send(s, s.desk, Kind.RECEIPTS, b"x\n", RECEIPTS), "as sha256sum prints them"),
    ],
)
def test_receipts_that_do_not_come_or_do_not_fit_are_told(
    station: Any,  # noqa: ANN401 - conftest's StationTree
    plant: Plant,
    words: str,
) -> None:
    plant(station)
    finding = findings(station)["receipts"]
    assert finding.verdict is Verdict.WRONG
    assert words in finding.sentence


def test_a_station_that_waits_for_no_receipt_is_not_wrong(station: Any) -> None:  # noqa: ANN401
    edit(STATION_TOML, "receipts = ", "#receipts = ")(station)
    assert findings(station)["receipts"].verdict is Verdict.NOT_APPLICABLE


def test_without_a_configuration_the_rest_is_still_checked(station: Any) -> None:  # noqa: ANN401
    station.write(station.toml, "[station]\n")
    found = findings(station)
    assert found["configuration"].verdict is Verdict.WRONG
    waiting = (
        *("signing key", "upload key", "enrolment", "recipients", "spool"),
        *("desk", "consent texts", "server share", "operators", "receipts", "metrics"),
    )
    assert {found[name].verdict for name in waiting} == {Verdict.UNCHECKED}
    assert found["swap"].verdict is Verdict.OK


def test_a_machine_that_is_no_station_gets_plain_findings(tmp_path: Path) -> None:
    """The real machine under the tests: whatever is found, nothing crashes."""
    results = perform(station_checks(tmp_path / "station.toml"))
    for result in results:
        assert "itself failed" not in result.finding.sentence, result
    found = {result.name: result.finding for result in results}
    assert found["configuration"].verdict is Verdict.WRONG


def test_probes_are_run_after_the_rest(station: Any) -> None:  # noqa: ANN401
    def unreachable() -> str:
        raise ServerUnreachable("The server does not answer.")

    probes = {"camera": lambda: "imx477 gives pictures.", "server": unreachable}
    results = perform(station_checks(station.toml, probes, station.place))
    assert [(r.name, r.finding.verdict) for r in results[-2:]] == [
        ("camera", Verdict.OK),
        ("server", Verdict.WRONG),
    ]


def test_another_user_is_told_to_become_root(station: Any) -> None:  # noqa: ANN401
    somebody = replace(station, place=replace(station.place, uid=os.geteuid() + 4242))
    found = findings(somebody)
    assert "sudo kiosk check" in found["user"].sentence
    assert found["signing key"].verdict is Verdict.WRONG


def test_another_time_service_counts_as_one(station: Any) -> None:  # noqa: ANN401
    station.at(SYNCHRONISED).unlink()
    station.write("/run/chrony/chronyd.pid", "412")
    assert findings(station)["time source"].sentence == "chrony runs."


def test_the_clock_is_what_the_kernel_says() -> None:
    assert clock(lambda: ClockState.SYNCHRONISED, WRITTEN).verdict is Verdict.OK
    assert clock(lambda: ClockState.UNSYNCHRONISED, WRITTEN).verdict is Verdict.WRONG
    with pytest.raises(ClockLost, match="says 1970-01-01 00:00"):
        clock(lambda: ClockState.SYNCHRONISED, datetime.fromtimestamp(0, UTC))


def test_a_file_that_cannot_be_read_is_our_error(station: Any) -> None:  # noqa: ANN401
    with pytest.raises(KioskError, match=r"/proc/nothing cannot be read: No such file"):
        station.place.read("/proc/nothing")


CALIBRATION = "/var/lib/kiosk/capture/calibration.json"


def calibrate(station: Any, ago: timedelta) -> None:  # noqa: ANN401 - conftest's StationTree
    then = datetime.now(UTC) - ago
    at = replace(moment.now(), wall=then.isoformat(timespec="milliseconds"))
    kept = Calibration(
        at=Instant.of(at),
        operator="tom",
        model="imx477",
        serial="",
        colour_gains=(2.318, 1.597),
        card=(118.0, 118.0, 118.0),
    )
    keep_calibration(station.at(CALIBRATION), kept)


def test_a_white_balance_that_nobody_measured_is_said_and_is_no_fault(station: Any) -> None:  # noqa: ANN401
    finding = findings(station)["calibration"]
    assert finding.verdict is Verdict.UNCHECKED
    assert "never calibrated" in finding.sentence
    assert "red_gain 2.00, blue_gain 1.80" in finding.sentence


def test_a_measured_one_is_told_without_who_measured_it(station: Any) -> None:  # noqa: ANN401
    calibrate(station, timedelta(days=364))
    finding = findings(station)["calibration"]
    assert finding.verdict is Verdict.OK
    assert "with the camera imx477: red 2.32, blue 1.60." in finding.sentence
    assert "tom" not in finding.sentence


def test_one_of_more_than_a_year_ago_is_no_proof(station: Any) -> None:  # noqa: ANN401
    calibrate(station, timedelta(days=366))
    finding = findings(station)["calibration"]
    assert finding.verdict is Verdict.UNCHECKED
    assert "more than a year ago" in finding.sentence


def test_a_damaged_one_is_wrong(station: Any) -> None:  # noqa: ANN401
    calibrate(station, timedelta())
    text = station.at(CALIBRATION).read_text("utf-8")
    station.write(CALIBRATION, text.replace("2.318", "-2.318"))
    finding = findings(station)["calibration"]
    assert finding.verdict is Verdict.WRONG
    assert "It is not used" in finding.sentence
