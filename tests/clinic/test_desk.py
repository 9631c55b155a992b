"""The desk end to end: what its commands write is what a station takes."""

from __future__ import annotations

import re
import stat
from base64 import b32encode, b64encode
from contextlib import suppress
from datetime import date
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.capture.people.day import Day
from kiosk.capture.people.key_files import KeyFiles
from kiosk.capture.people.signing_in import SignIn
from kiosk.capture.people.tries import Tries
from kiosk.cli import main
from kiosk.clinic import operator_cli, operators
from kiosk.clinic.badges import card
from kiosk.clinic.desk import Desk, Enrolled
from kiosk.clinic.operators import Hardness
from kiosk.envelope.letter import SEALED_LIMIT, Address, Kind, mailbox_name, read_letter
from kiosk.errors import BadgeError, LetterRefused
from kiosk.model import Role
from kiosk.records.badge import Badge, parse_badge
from kiosk.spool.inbox import Inbox
from tests.capture.people.clinic_keys import Clock

CLINIC, ROOM = "Lakeside Clinic", "room-2"
TABLE = (
    "number,name,born,time,treatment,adult_only,follow_up\n"
    "P-4711,Maria Schmidt,1980-02-03,09:30,Botulinum toxin,yes,yes\n"
    "P-4712,José Núñez,,10:00,,no,no\n"
)


class House:
    """A desk, the server, and one of its stations."""

    def __init__(self, root: Path, room: str) -> None:
        self.root, self.room, self.server = root, room, root / "server"
        self.desk = Desk(root / "desk")
        self.keys = root / f"keys of {room}"
        self.keys.mkdir()

    @classmethod
    def found(cls, root: Path) -> House:
        house = cls(root, ROOM)
        house.run("desk", "init", "--clinic", CLINIC)
        house.run("desk", "station", ROOM, "--share", server=True)
        return house

    @property
    def address(self) -> Address:
        return Address(self.room, CLINIC, self.desk.key.public_key())

    def at(self, room: str) -> House:
        """Return the same desk and server with another of its stations."""
        return House(self.root, room)

    def run(self, *words: str, server: bool = False, code: int = 0) -> None:
        extra = ("--server", str(self.server)) if server else ()
        assert main(["clinic", *words, "--desk", str(self.root / "desk"), *extra]) == code

    def letter(self, kind: Kind) -> bytes | None:
        station = self.desk.station(self.room)
        path = self.server / self.room / "out" / f"{mailbox_name(station.mailbox, kind)}.age"
        return path.read_bytes() if path.exists() else None

    def sign_in(self, clock: Clock) -> SignIn:
        """A station that has fetched everything."""
        share = self.letter(Kind.SHARE)
        got = None if share is None else read_letter(share, Kind.SHARE, self.address).body
        files = KeyFiles(self.keys, self.room, CLINIC)
        found = SignIn(files, Tries(self.keys, clock), lambda: got)
        letter = self.letter(Kind.OPERATORS)
        assert letter is not None
        with suppress(LetterRefused):  # it has had this one
            found.receive(read_letter(letter, Kind.OPERATORS, self.address).body)
        return found


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(operators.add, "__defaults__", (Hardness(64, 1, 1),))
    return House.found(tmp_path)


def enrol(
    house: House, name: str, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[str, Path]:
    """Enrol somebody by the command; return the first PIN and the badge's picture."""
    capsys.readouterr()
    role = () if "--role" in more else ("--role", "practitioner")
    badges = str(house.root / "badges")
    words = ("operator", "add", "--name", name, *role, *more, "--station", ROOM, "-o", badges)
    house.run(*words, server=True)
    said = capsys.readouterr().out
    found = re.search(r"first PIN +(\d{8})\n", said)
    picture = re.search(r"badge +(\S+\.png)\n", said)
    assert found is not None
    assert picture is not None
    return found[1], Path(picture[1])


def read_badge(picture: Path) -> Badge:
    """What the station's camera would read from the printed badge."""
    pixels = cv2.imread(str(picture))
    assert pixels is not None
    return parse_badge(cv2.QRCodeDetectorAruco().detectAndDecode(pixels)[0])


def test_who_is_enrolled_signs_in_and_who_is_withdrawn_does_not(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    pin, picture = enrol(house, "Dr. Ada Müller-Lüdenscheidt", capsys, "--supervisor")
    assert stat.S_IMODE(picture.stat().st_mode) == 0o600
    badge, clock = read_badge(picture), Clock()
    opened = house.sign_in(clock).open(badge, pin)
    assert opened.temporary
    assert opened.operator.id == "dr-ada-muller-ludenscheidt"
    assert opened.operator.name == "Dr. Ada Müller-Lüdenscheidt"
    assert opened.operator.supervisor
    house.run("operator", "revoke", opened.operator.id, server=True)
    with pytest.raises(BadgeError, match="was withdrawn"):
        house.sign_in(clock).open(badge, pin)
    capsys.readouterr()
    house.run("operator", "list")
    said = capsys.readouterr().out
    assert re.search(r"practitioner \(supervisor\) +room-2 +[\d-]{10} +[\d-]{10}\n", said)
    house.run("operator", "revoke", "nobody", server=True, code=2)
    assert "nobody: expected the id of an operator of this desk" in capsys.readouterr().err


def test_a_revocation_that_did_not_reach_every_station_is_never_forgotten(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    pin, picture = enrol(house, "Jo Li", capsys)
    enrol(house, "Ada", capsys)
    badge = read_badge(picture)
    assert house.sign_in(Clock()).open(badge, pin).operator.id == "jo-li"
    out = house.server / ROOM / "out"
    out.rename(out.with_name("away"))
    out.write_bytes(b"no folder")
    house.run("operator", "revoke", "jo-li", server=True, code=2)
    out.unlink()
    out.with_name("away").rename(out)
    # Not by the revocation itself this time: whatever is sent next leaves the badge out.
    enrol(house, "Max", capsys)
    with pytest.raises(BadgeError, match="was withdrawn"):
        house.sign_in(Clock()).open(badge, pin)
    before = house.letter(Kind.OPERATORS)
    house.run("operator", "revoke", "jo-li", server=True)
    assert house.letter(Kind.OPERATORS) != before, "asked again, it is sent again"


def test_a_badge_is_good_at_one_more_station_and_withdrawn_from_one(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operators.admit, "__defaults__", (Hardness(64, 1, 1),))
    _, picture = enrol(house, "Jo Li", capsys)
    _, other = enrol(house, "Ada", capsys)
    badge = read_badge(picture)
    house.run("desk", "station", "room-3", server=True)
    shown = {"text": read_badge(other).text()}
    monkeypatch.setattr(operator_cli, "getpass", lambda _: shown["text"])
    house.run("operator", "admit", "jo-li", "--station", "room-3", server=True, code=2)
    assert "not a badge with which jo-li may sign in" in capsys.readouterr().err
    shown["text"] = f" {badge.text()}\n"
    house.run("operator", "admit", "jo-li", "--station", "room-3", server=True)
    said = capsys.readouterr().out
    pin = re.search(r"first PIN +(\d{8}), at room-3\n", said)
    assert pin is not None
    assert badge.text() not in said
    there = house.at("room-3")
    assert there.sign_in(Clock()).open(badge, pin[1]).operator.id == "jo-li"
    house.run("operator", "admit", "jo-li", "--station", "room-3", server=True, code=2)
    assert "may sign in at room-3 already" in capsys.readouterr().err
    house.run("operator", "revoke", "jo-li", "--station", ROOM, server=True)
    assert "jo-li is withdrawn from room-2" in capsys.readouterr().out
    with pytest.raises(BadgeError, match="was withdrawn"):
        house.sign_in(Clock()).look_up(badge)
    assert there.sign_in(Clock()).look_up(badge)
    house.run("operator", "revoke", "jo-li", "--station", ROOM, server=True, code=2)
    assert "jo-li may not sign in at room-2" in capsys.readouterr().err
    house.run("operator", "revoke", "jo-li", server=True)
    with pytest.raises(BadgeError, match="was withdrawn"):
        there.sign_in(Clock()).look_up(badge)


def test_what_a_station_lost_is_sent_again_and_the_share_only_when_asked(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    pin, picture = enrol(house, "Jo Li", capsys)
    sign_in = house.sign_in(Clock())
    (house.keys / "roster.json").write_bytes(b"damaged")
    house.run("desk", "delete-share", ROOM, server=True)
    house.run("desk", "resend", ROOM, server=True)
    assert house.letter(Kind.SHARE) is None
    assert "The operators are sent to room-2 once more" in capsys.readouterr().out
    letter = house.letter(Kind.OPERATORS)
    assert letter is not None
    sign_in.receive(read_letter(letter, Kind.OPERATORS, house.address).body)
    house.run("desk", "resend", ROOM, "--share", server=True)
    assert house.sign_in(Clock()).open(read_badge(picture), pin).operator.id == "jo-li"
    house.run("desk", "station", "room-3", server=True)
    house.run("desk", "resend", "room-3", "--share", server=True, code=2)
    assert "room-3: this station was added without a share" in capsys.readouterr().err


def test_two_of_one_name_are_told_apart_and_no_letter_needs_another(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (enrol(house, "Jo Li", capsys, "--role", "technician") for _ in range(2))
    sign_in = house.sign_in(Clock())
    for (pin, picture), expected in ((first, "jo-li"), (second, "jo-li-2")):
        opened = sign_in.open(read_badge(picture), pin)
        assert (opened.operator.id, opened.operator.role) == (expected, Role.TECHNICIAN)
        assert opened.pose_key is None


def test_the_desk_keeps_neither_pin_nor_badge(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    pin, picture = enrol(house, "Jo Li", capsys)
    badge = read_badge(picture)
    base32 = b32encode(badge.secret).rstrip(b"=")
    assert base32.decode() in badge.text()
    base64 = b64encode(badge.secret).rstrip(b"=")
    secrets = (pin.encode(), badge.secret, base32, base64, badge.secret.hex().encode())
    for path in (house.root / "desk").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert [one for one in secrets if one in content] == [], path


def test_a_deleted_share_is_gone_from_the_server(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert house.letter(Kind.SHARE) is not None
    house.run("desk", "delete-share", ROOM, server=True)
    assert house.letter(Kind.SHARE) is None
    assert "is deleted" in capsys.readouterr().out


def push(house: House, table: str, day: str = "2026-11-26", code: int = 0) -> None:
    path = house.root / "day.csv"
    path.write_text(table, encoding="utf-8")
    house.run(
        "worklist", "push", str(path), "--station", ROOM, "--day", day, server=True, code=code
    )


def station_day(house: House) -> Day:
    inbox = Inbox(house.root / "inbox")
    inbox.prepare()
    return Day(inbox, house.keys, house.address)


def deliver(house: House, letter: bytes | None = None) -> None:
    letter = letter or house.letter(Kind.DAY)
    assert letter is not None
    (house.root / "inbox" / "day.letter").write_bytes(letter)


def test_the_day_s_list_is_opened_with_the_pose_key_alone(house: House) -> None:
    push(house, TABLE)
    day = station_day(house)
    assert day.open(house.desk.pose) is None
    deliver(house)
    worklist = day.open(house.desk.pose)
    assert worklist is not None
    assert date.fromisoformat(worklist.day) == date(2026, 11, 26)
    maria = worklist.find("P-4711")
    assert maria is not None
    assert (maria.name, maria.born, maria.adult_only) == ("Maria Schmidt", "1980-02-03", True)
    assert worklist.find("P-9") is None
    again = Day(Inbox(house.root / "inbox"), house.keys, house.address)
    assert again.open(house.desk.pose) == worklist, "it is kept over a start"
    for path in [*house.keys.iterdir(), *(house.root / "server").rglob("*.age")]:
        content = path.read_bytes()
        assert not any(word in content for word in (b"Schmidt", b"P-4711", b"Botulinum"))
    assert "Schmidt" not in repr(worklist)


def test_an_older_list_is_refused_and_the_one_there_stays(house: House) -> None:
    push(house, TABLE)
    old = house.letter(Kind.DAY)
    push(house, TABLE.replace("Maria", "Martha"))
    day = station_day(house)
    deliver(house)
    assert day.open(house.desk.pose) is not None
    deliver(house, old)
    with pytest.raises(LetterRefused, match="has the number 1, and this station has had 2"):
        day.open(house.desk.pose)
    worklist = day.open(house.desk.pose)
    assert worklist is not None
    assert worklist.entries[0].name == "Martha Schmidt"


def test_a_list_that_is_not_the_desk_s_is_refused(house: House) -> None:
    push(house, TABLE)
    day = station_day(house)
    letter = house.letter(Kind.DAY)
    assert letter is not None
    for forged in (letter[:-1], letter[:200], b"", bytes(SEALED_LIMIT + 1)):
        (house.root / "inbox" / "day.letter").write_bytes(forged)
        with pytest.raises(LetterRefused):
            day.open(house.desk.pose)
    (house.keys / "day.number").write_bytes(b"garbage")
    deliver(house)
    with pytest.raises(LetterRefused, match="is damaged"):
        day.open(house.desk.pose)


def test_a_bad_table_sends_nothing(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    push(house, TABLE.splitlines()[0] + "\nP-1,Maria,1980-02-30\n", code=2)
    error = capsys.readouterr().err
    assert "line 2, born: expected a day that there was" in error
    assert error.count("\n") == 1
    assert house.letter(Kind.DAY) is None


def test_an_unknown_station_and_a_second_desk_are_refused(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    path = house.root / "day.csv"
    path.write_text(TABLE, encoding="utf-8")
    house.run("worklist", "push", str(path), "--station", "room-9", server=True, code=2)
    assert "expected a station of this desk: room-2" in capsys.readouterr().err
    house.run("desk", "init", "--clinic", CLINIC, code=2)
    house.run("desk", "station", ROOM, server=True, code=2)


def test_a_card_has_everything_within_its_edges() -> None:
    """No text begins outside of the card, however long the name is."""
    person = Enrolled(
        id="prof-dr-med-maria-magdalena",
        name="Prof. Dr. med. Maria Magdalena de la Fuente y Castilla (née Öz)",
        role=Role.PRACTITIONER,
        supervisor=True,
        badge="0" * 32,
        stations=(ROOM,),
        enrolled_at="2026-11-25T08:00:00+00:00",
    )
    pdf = card(CLINIC, person, np.eye(25, dtype=bool).tolist())
    places = re.findall(rb"/F1 ([\d.]+) Tf ([\d.]+) ([\d.-]+) Td \((.*?)\) Tj", pdf)
    heights = [float(y) for _, _, y, _ in places]
    assert min(heights) > 10
    assert max(heights) < 140
    lines = sorted(zip(heights, places, strict=True), reverse=True)
    for (upper, _), (lower, (size, _, _, _)) in pairwise(lines):
        assert upper - lower >= float(size)
    for size, x, _, text in places:
        assert float(x) + len(text) * float(size) * 0.54 < 242.6
    assert b"\\(n\xe9e" in pdf
