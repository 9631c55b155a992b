"""Enrolment on the station's screen: its camera, its answering process and a real sshd."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.capture.ui.enrolling import Refusal
from kiosk.capture.ui.entry import Character
from kiosk.capture.ui.forms.actions import CodeGroup
from kiosk.capture.workflow import Event, State
from kiosk.records.enrolment import PENDING, RECEIPT
from kiosk.records.enrolment_code import Code
from tests.provisioning.server.enrolling import ROOT, Station, expect, listed, station
from tests.provisioning.server.namespace import Machine, needs_namespace, prepared
from tests.provisioning.server.on_screen import PROGRAM, Hands, Room, Step, settle

pytestmark = needs_namespace

E, S = Event, State
DONE: Step = (S.ENROLLED, [E.FINISH])
PATCHED = "import os, signal, sys\nfrom kiosk import cli\n{}\nsys.exit(cli.main())"
IN_1970 = (
    "from datetime import UTC, datetime\nfrom kiosk.enrol import cli as enrol\n"
    "enrol._now = lambda: datetime.fromtimestamp(60, UTC)"
)
POWER_CUT = (
    "from kiosk.enrol import station\n"
    "station._write_down = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
)
"""Once the server has the keys, and before the station has written that down."""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with prepared(ROOT) as made:
        yield made


@pytest.fixture(autouse=True)
def _this_process_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen runs in this process; a limit of cores that it lowered would hold for all tests.

    What it does is shown by ``tests/service/test_process.py``, which must be able to dump one.
    """
    monkeypatch.setattr("kiosk.process.keep_plaintext_in_memory", lambda **_: None)


@pytest.fixture(autouse=True)
def _no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


def patched(change: str) -> tuple[str, ...]:
    return (sys.executable, "-c", PATCHED.format(change))


def refusals(hands: Hands) -> list[Refusal | None]:
    return [model.enrol.refusal for model in hands.seen if model.state is S.ENROL_REFUSED]


def typed(code: Code) -> list[Character]:
    return [Character(one) for one in code.text().removeprefix("CSE1-").replace("-", "")]


def pending(here: Station) -> bool:
    return (here.folder / PENDING).exists()


def test_a_label_before_the_camera_enrols_the_station(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "screen-1"), Code.generate()
    expect(machine, tmp_path, "screen-1", code)
    room = Room(settle(machine, here, code))
    with room.answering() as answering:
        hands = room.run(DONE)
    assert hands.states == [S.ENROL, S.ENROL_ASKING, S.ENROLLED]
    assert not pending(here)
    receipt = json.loads((here.folder / RECEIPT).read_text(encoding="utf-8"))
    shown = hands.seen[-1].enrol
    assert shown.enrolled is not None
    assert shown.sentence == "", "the first login succeeded"
    assert receipt["signing_key"] == shown.enrolled.signing_key
    assert receipt["ssh_key"] == shown.enrolled.ssh_key
    assert shown.enrolled.ssh_key in listed(machine, "screen-1")
    here.log_in()
    assert "screen-1 is enrolled at" in answering.said
    for text in (answering.said, (here.folder / RECEIPT).read_text("utf-8"), repr(hands.seen)):
        assert not any(group in text for group in code.text().split("-")[1:])


def test_a_typed_code_with_a_slip_is_put_right_by_touch_alone(
    machine: Machine, tmp_path: Path
) -> None:
    here, code = station(machine, tmp_path / "s", "screen-2"), Code.generate()
    expect(machine, tmp_path, "screen-2", code)
    keys = typed(code)
    slip = [*keys[:7], Character("X" if keys[7].text != "X" else "0"), *keys[8:]]
    room = Room(settle(machine, here))
    judged: list[frozenset[int]] = []
    hands = Hands([])

    def look() -> None:
        judged.append(hands.seen[-1].enrol.entry.doubtful)

    script: list[Step] = [
        (S.ENROL, [E.TYPE_CODE]),
        (S.ENROL_TYPE, [*slip, look, CodeGroup(1), *keys[5:10], E.CODE_GIVEN]),
        DONE,
    ]
    hands.script = script
    with room.answering():
        room.run_with(hands)
    assert hands.states == [S.ENROL, S.ENROL_TYPE, S.ENROL_ASKING, S.ENROLLED]
    assert 1 in judged[0]
    here.log_in()


def test_wrong_expired_and_new_codes(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "screen-3"), Code.generate()
    expect(machine, tmp_path, "screen-3", code)
    path = "/var/lib/capture-stations/tickets/screen-3.json"
    age = f'sed -i \'s/"expires_at": "20[0-9][0-9]/"expires_at": "2025/\' {path}'
    assert machine.run("sh", "-ec", age).returncode == 0
    fresh = Code.generate()

    def renew() -> None:
        assert expect(machine, tmp_path, "screen-3", fresh).returncode == 0

    room = Room(settle(machine, here))
    with room.answering():
        hands = room.run(
            (S.ENROL, [room.scan(Code.generate())]),
            (S.ENROL_REFUSED, [room.scan(code)]),
            (S.ENROL_REFUSED, [E.BACK]),
            (S.ENROL, [renew, room.scan(fresh)]),
            DONE,
        )
    assert refusals(hands) == [Refusal.UNKNOWN, Refusal.EXPIRED]
    here.log_in()


def test_a_code_that_somebody_else_has_used(machine: Machine, tmp_path: Path) -> None:
    thief, code = station(machine, tmp_path / "thief", "screen-4"), Code.generate()
    expect(machine, tmp_path, "screen-4", code)
    thief.enrol(code.text())
    here, again = station(machine, tmp_path / "s", "screen-4"), Code.generate()

    def revoke() -> None:
        machine.ok("revoke", "screen-4")
        assert expect(machine, tmp_path, "screen-4", again).returncode == 0

    room = Room(settle(machine, here))
    with room.answering():
        hands = room.run(
            (S.ENROL, [room.scan(code)]),
            (S.ENROL_REFUSED, [revoke, room.scan(again)]),
            DONE,
        )
    assert refusals(hands) == [Refusal.USED]
    here.log_in()


def test_another_server_gets_nothing_and_nobody_goes_on_by_touch(
    machine: Machine, tmp_path: Path
) -> None:
    here, code = station(machine, tmp_path / "s", "screen-5"), Code.generate()
    expect(machine, tmp_path, "screen-5", code)
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    wrong = other.with_suffix(".pub").read_text(encoding="ascii").split()[1]
    config = settle(machine, here)
    right = config.read_text(encoding="utf-8")
    pinned = here.config.upload.host_key.split()[1]
    config.write_text(right.replace(pinned, wrong), encoding="utf-8")

    def put_right() -> None:
        config.write_text(right, encoding="utf-8")

    room = Room(config)
    with room.answering():
        hands = room.run(
            (S.ENROL, [room.scan(code)]),
            (S.ENROL_REFUSED, [E.BACK]),
            (S.ENROL, [put_right, room.scan(code)]),
            DONE,
        )
    assert refusals(hands) == [Refusal.IDENTITY]
    (refused,) = (model for model in hands.seen if model.state is S.ENROL_REFUSED)
    assert not refused.enrol.again
    here.log_in()


def test_a_dead_network_is_said_and_the_same_code_tried_again(
    machine: Machine, tmp_path: Path
) -> None:
    here, code = station(machine, tmp_path / "s", "screen-6"), Code.generate()
    expect(machine, tmp_path, "screen-6", code)
    config = settle(machine, here, code)
    right = config.read_text(encoding="utf-8")
    config.write_text(right.replace(f"port = {machine.port}", "port = 1"), encoding="utf-8")

    def plug_in() -> None:
        config.write_text(right, encoding="utf-8")

    room = Room(config)
    with room.answering():
        hands = room.run((S.ENROL_REFUSED, [plug_in, E.TRY_AGAIN]), DONE)
    assert refusals(hands) == [Refusal.UNREACHABLE]
    assert "127.0.0.1:1 cannot be reached" in hands.seen[2].enrol.sentence
    here.log_in()


def test_a_clock_in_1970_is_said_and_nothing_is_sent(machine: Machine, tmp_path: Path) -> None:
    here, code = station(machine, tmp_path / "s", "screen-7"), Code.generate()
    expect(machine, tmp_path, "screen-7", code)

    def set_clock() -> None:
        assert "may enrol until" in listed(machine, "screen-7")

    room = Room(settle(machine, here, code))
    with room.answering(patched(IN_1970), PROGRAM):
        hands = room.run((S.ENROL_REFUSED, [set_clock, E.TRY_AGAIN]), DONE)
    assert refusals(hands) == [Refusal.CLOCK]
    assert "1970-01-01" in hands.seen[2].enrol.sentence


def test_a_process_of_another_user_is_not_answered(machine: Machine, tmp_path: Path) -> None:
    """The screen here is root's; it is taken for an intruder where another user's is expected."""
    here, code = station(machine, tmp_path / "s", "screen-8"), Code.generate()
    expect(machine, tmp_path, "screen-8", code)
    config, waiting = settle(machine, here), []

    def look() -> None:
        waiting.append("may enrol until" in listed(machine, "screen-8"))
        here.enrol(code.text())

    room = Room(config)
    with room.answering(user="nobody") as answering:
        hands = room.run((S.ENROL, [room.scan(code)]), (S.ENROL_REFUSED, [look]), DONE)
    assert refusals(hands) == [Refusal.INTERRUPTED]
    assert waiting == [True]
    assert "A process of user 0 asks at the screen's socket" in answering.said
    assert answering.codes == [1]


def test_a_power_cut_between_the_server_and_the_card_is_made_good(
    machine: Machine, tmp_path: Path
) -> None:
    here, code = station(machine, tmp_path / "s", "screen-9"), Code.generate()
    expect(machine, tmp_path, "screen-9", code)
    between: list[tuple[bool, bool]] = []

    def look() -> None:
        between.append((pending(here), "SHA256:" in listed(machine, "screen-9")))

    room = Room(settle(machine, here, code))
    with room.answering(patched(POWER_CUT), PROGRAM) as answering:
        hands = room.run((S.ENROL_REFUSED, [look, E.TRY_AGAIN]), DONE)
    assert refusals(hands) == [Refusal.INTERRUPTED]
    assert between == [(True, True)], "the server has its keys, and the station asks again"
    assert answering.codes == [-9, 0]
    assert not pending(here)
    here.log_in()


def test_an_enrolment_over_the_network_is_noticed_while_the_screen_waits(
    machine: Machine, tmp_path: Path
) -> None:
    here, code = station(machine, tmp_path / "s", "screen-10"), Code.generate()
    expect(machine, tmp_path, "screen-10", code)
    config = settle(machine, here)

    def by_ssh() -> None:
        done = subprocess.run(
            [*PROGRAM, "enrol", "--config", str(config)],
            input=f"{code.text()}\n",
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    room = Room(config)
    half = typed(Code.generate())[:7]
    hands = room.run((S.ENROL, [E.TYPE_CODE]), (S.ENROL_TYPE, [*half, by_ssh]), DONE)
    assert hands.states == [S.ENROL, S.ENROL_TYPE, S.ENROLLED]
    shown = hands.seen[-1].enrol
    assert shown.enrolled is not None
    assert shown.enrolled.ssh_key in listed(machine, "screen-10")
    assert shown.entry.body == ""


def test_where_nobody_answers_that_is_said(machine: Machine, tmp_path: Path) -> None:
    here = station(machine, tmp_path / "s", "screen-11")
    room = Room(settle(machine, here, Code.generate()))

    def by_hand() -> None:
        (here.folder / PENDING).unlink()

    hands = room.run((S.ENROL_REFUSED, [by_hand]), DONE)
    assert refusals(hands) == [Refusal.INTERRUPTED]
    (refused,) = (model for model in hands.seen if model.state is S.ENROL_REFUSED)
    assert "kiosk-enrol.socket" in refused.enrol.sentence
    assert hands.seen[-1].enrol.enrolled is None, "nothing was written down"
