"""Badge, PIN and share: who gets in, how wrong PINs slow down, and what a copied card is worth."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import msgspec
import pytest

from kiosk.capture.people.key_files import NUMBER, ROSTER, KeyFiles
from kiosk.capture.people.signing_in import SignIn
from kiosk.capture.people.tries import MOST, Tries
from kiosk.durable import number_line
from kiosk.envelope.bundle import encode_record, parse_record
from kiosk.envelope.wrapping import Factors, unwrap
from kiosk.errors import (
    AccessError,
    BadgeError,
    BadgeLocked,
    LetterRefused,
    OperatorKeyError,
    PinError,
    ShareMissing,
)
from kiosk.model import Operator, Role
from kiosk.records.badge import Badge
from kiosk.records.operators import OperatorKey
from tests.capture.people.clinic_keys import CLINIC, PIN, STATION, Clock, Desk, Person, S, station
from tests.faults.canary import encodings

WRONG = "111222"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def enrolled(folder: Path, clock: Clock, desk: Desk, *persons: Person) -> SignIn:
    sign_in = station(folder, clock, desk.share, desk.station)
    sign_in.receive(desk.body(persons))
    return sign_in


def fail(sign_in: SignIn, person: Person, clock: Clock, times: int) -> None:
    for _ in range(times):
        clock.ns += 1000 * S
        with pytest.raises(PinError, match="This PIN is wrong"):
            sign_in.open(person.badge, WRONG)
    clock.ns += 1000 * S


def refused(files: KeyFiles, factors: Factors) -> bool:
    """Whether a badge's file opens nothing, by an error of ours or by the cipher."""
    try:
        return unwrap(files.read(factors.badge), factors) is None
    except AccessError:
        return True


def key_path(folder: Path, badge: Badge) -> Path:
    return folder / f"{badge.id}.key.json"


def test_badge_and_pin_open_the_pose_key(tmp_path: Path, clock: Clock) -> None:
    desk, ada = Desk(share=b"s" * 32), Person()
    opened = enrolled(tmp_path / "keys", clock, desk, ada).open(ada.badge, PIN)
    assert opened.operator == Operator("ada", "Dr. Ada Example", Role.PRACTITIONER)
    assert opened.pose_key is not None
    assert opened.pose_key.secret_text() == desk.pose.secret_text()
    assert not opened.temporary
    assert "AGE-SECRET" not in repr(opened)


def test_a_technician_gets_no_key_to_patients(tmp_path: Path, clock: Clock) -> None:
    tom = Person(role=Role.TECHNICIAN)
    opened = enrolled(tmp_path / "keys", clock, Desk(), tom).open(tom.badge, PIN)
    assert (opened.operator.role, opened.pose_key) == (Role.TECHNICIAN, None)


def test_each_wrong_pin_doubles_the_wait_and_the_tenth_locks(tmp_path: Path, clock: Clock) -> None:
    ada = Person()
    sign_in = enrolled(tmp_path / "keys", clock, Desk(), ada)
    waits = []
    for _ in range(MOST):
        with pytest.raises(PinError):
            sign_in.open(ada.badge, WRONG)
        waits.append(sign_in.look_up(ada.badge).wait_s)
        if waits[-1]:
            with pytest.raises(BadgeLocked, match=f"Wait {waits[-1]} seconds"):
                sign_in.open(ada.badge, PIN)
        clock.ns += waits[-1] * S
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 0]
    assert sign_in.look_up(ada.badge).locked
    clock.ns += 10**6 * S
    with pytest.raises(BadgeLocked, match="supervisor"):
        sign_in.open(ada.badge, PIN)


def test_a_right_pin_gives_all_tries_back(tmp_path: Path, clock: Clock) -> None:
    ada = Person()
    sign_in = enrolled(tmp_path / "keys", clock, Desk(), ada)
    fail(sign_in, ada, clock, MOST - 1)
    assert sign_in.look_up(ada.badge).left == 1
    sign_in.open(ada.badge, PIN)
    assert sign_in.look_up(ada.badge).left == MOST


def test_a_start_anew_forgets_no_wrong_pin_and_waits_the_whole_time(
    tmp_path: Path, clock: Clock
) -> None:
    desk, ada = Desk(), Person()
    fail(enrolled(tmp_path / "keys", clock, desk, ada), ada, clock, 5)
    clock.ns = 7 * S
    again = station(tmp_path / "keys", clock)
    chance = again.look_up(ada.badge)
    assert (chance.left, chance.wait_s) == (MOST - 5, 16)
    fail(again, ada, clock, 5)
    with pytest.raises(BadgeLocked, match="supervisor"):
        station(tmp_path / "keys", clock).open(ada.badge, PIN)


def test_a_try_is_counted_before_it_is_made(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulling the plug in the middle of the second that a try takes gains nothing."""
    ada = Person()
    sign_in = enrolled(tmp_path / "keys", clock, Desk(), ada)

    def plug_pulled(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk.capture.people.signing_in.unwrap", plug_pulled)
    with pytest.raises(KeyboardInterrupt):
        sign_in.open(ada.badge, WRONG)
    assert station(tmp_path / "keys", clock).look_up(ada.badge).left == MOST - 1


def test_only_another_supervisor_s_badge_releases_a_locked_one(
    tmp_path: Path, clock: Clock
) -> None:
    desk, ada = Desk(), Person(supervisor=True)
    ben, eve = Person(id="ben", supervisor=True), Person(id="eve")
    sign_in = enrolled(tmp_path / "keys", clock, desk, ada, ben, eve)
    fail(sign_in, ada, clock, MOST)
    for badge in (ada.badge, eve.badge):
        with pytest.raises(BadgeError, match="cannot release another"):
            sign_in.release(ada.badge.id, badge)
    with pytest.raises(BadgeError, match="not enrolled"):
        sign_in.release(ada.badge.id, Badge.generate())
    sign_in.release(ada.badge.id, ben.badge)
    assert sign_in.open(ada.badge, PIN).operator.id == "ada"
    fail(sign_in, ben, clock, MOST)
    fail(sign_in, eve, clock, MOST)
    with pytest.raises(BadgeError, match="cannot release another"):
        sign_in.release(eve.badge.id, ben.badge)


def test_a_missing_share_is_told_before_a_pin_counts(tmp_path: Path, clock: Clock) -> None:
    desk, ada = Desk(share=b"s" * 32), Person()
    enrolled(tmp_path / "keys", clock, desk, ada)
    for share in (None, b"t" * 32):
        without = station(tmp_path / "keys", clock, share)
        with pytest.raises(ShareMissing, match="has not given its part"):
            without.open(ada.badge, PIN)
        assert without.look_up(ada.badge).left == MOST


def test_an_operator_s_own_pin_replaces_the_desk_s(tmp_path: Path, clock: Clock) -> None:
    desk, ada = Desk(share=b"s" * 32), Person(temporary=True)
    sign_in = enrolled(tmp_path / "keys", clock, desk, ada)
    assert sign_in.open(ada.badge, PIN).temporary
    assert not sign_in.change_pin(ada.badge, PIN, "804172").temporary
    with pytest.raises(PinError):
        sign_in.open(ada.badge, PIN)
    clock.ns += S
    assert not sign_in.open(ada.badge, "804172").temporary
    sign_in.receive(desk.body([ada, Person(id="ben")], number=2))
    assert sign_in.open(ada.badge, "804172").operator.id == "ada"


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("73091", "6 to 8 digits"),
        ("730916123", "6 to 8 digits"),
        ("73091x", "6 to 8 digits"),
        ("\uff17\uff13\uff10\uff19\uff11\uff16", "6 to 8 digits"),
        (PIN, "to be replaced"),
        ("000000", "3 different digits"),
        ("121212", "3 different digits"),
        ("123456", "no row of digits"),
        ("98765432", "no row of digits"),
        ("890123", "no row of digits"),
        ("123123", "no repetition"),
        ("12341234", "no repetition"),
    ],
)
def test_a_pin_that_anybody_would_try_first_is_not_taken(
    tmp_path: Path, clock: Clock, new: str, said: str
) -> None:
    ada = Person(temporary=True)
    sign_in = enrolled(tmp_path / "keys", clock, Desk(), ada)
    with pytest.raises(PinError, match=said) as error:
        sign_in.change_pin(ada.badge, PIN, new)
    assert new not in str(error.value) or new in ("123456", "123123")
    assert sign_in.open(ada.badge, PIN).temporary


def test_who_is_withdrawn_cannot_sign_in(tmp_path: Path, clock: Clock) -> None:
    desk, ada, ben = Desk(), Person(), Person(id="ben")
    sign_in = enrolled(tmp_path / "keys", clock, desk, ada, ben)
    sign_in.receive(desk.body([ben], number=2))
    with pytest.raises(BadgeError, match="was withdrawn"):
        sign_in.open(ada.badge, PIN)
    assert not key_path(tmp_path / "keys", ada.badge).exists()
    assert sign_in.open(ben.badge, PIN).operator.id == "ben"


@pytest.mark.parametrize("number", [1, 2])
def test_an_older_list_is_refused(tmp_path: Path, clock: Clock, number: int) -> None:
    desk, ada, ben = Desk(), Person(), Person(id="ben")
    sign_in = enrolled(tmp_path / "keys", clock, desk, ada, ben)
    sign_in.receive(desk.body([ben], number=2))
    with pytest.raises(LetterRefused, match=f"has the number {number}, and this station has had 2"):
        sign_in.receive(desk.body([ada, ben], number=number))


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_damaged_list_is_mended_by_a_newer_one_and_by_no_older(
    tmp_path: Path, clock: Clock, damage: str
) -> None:
    desk, ada, ben = Desk(), Person(), Person(id="ben")
    sign_in = enrolled(tmp_path / "keys", clock, desk, ada, ben)
    sign_in.receive(desk.body([ben], number=2))
    roster = tmp_path / "keys" / ROSTER
    if damage == "gone":
        roster.unlink()
    else:
        roster.write_bytes(roster.read_bytes()[:-2])
    for number in (1, 2):
        with pytest.raises(LetterRefused, match="this station has had 2"):
            sign_in.receive(desk.body([ada, ben], number=number))
    sign_in.receive(desk.body([ben], number=3))
    assert sign_in.open(ben.badge, PIN).operator.id == "ben"


def test_a_damaged_note_of_the_newest_list_takes_none_and_keeps_who_is_in(
    tmp_path: Path, clock: Clock
) -> None:
    desk, ada = Desk(), Person()
    sign_in = enrolled(tmp_path / "keys", clock, desk, ada)
    (tmp_path / "keys" / NUMBER).write_bytes(b"5\n")
    with pytest.raises(LetterRefused, match="note of the newest list of operators is damaged"):
        sign_in.receive(desk.body([ada], number=9))
    assert sign_in.open(ada.badge, PIN).operator.id == "ada"


def test_a_power_cut_between_list_and_note_lets_no_older_one_in(
    tmp_path: Path, clock: Clock
) -> None:
    desk, ada = Desk(), Person()
    sign_in = enrolled(tmp_path / "keys", clock, desk, ada)
    sign_in.receive(desk.body([ada], number=7))
    (tmp_path / "keys" / NUMBER).write_bytes(number_line(1))
    with pytest.raises(LetterRefused, match="this station has had 7"):
        sign_in.receive(desk.body([ada], number=6))


def test_a_list_for_elsewhere_or_not_whole_is_refused(tmp_path: Path, clock: Clock) -> None:
    ada = Person()
    sign_in = station(tmp_path / "keys", clock)
    for body in (
        Desk(station="room-3").body([ada]),
        Desk(clinic="Other Clinic").body([ada]),
        Desk().body([ada, ada]),
        Desk().body([ada])[:-2],
        b"{}",
    ):
        with pytest.raises(LetterRefused):
            sign_in.receive(body)
    with pytest.raises(BadgeError, match="not enrolled"):
        sign_in.look_up(ada.badge)


class TestCopiedCard:
    """Whoever has a copy of the card, and whatever is done to it: the key stays wrapped."""

    @pytest.fixture
    def desk(self) -> Desk:
        return Desk(share=b"s" * 32)

    @pytest.fixture
    def ada(self) -> Person:
        return Person()

    @pytest.fixture
    def card(self, tmp_path: Path, clock: Clock, desk: Desk, ada: Person) -> Path:
        folder = tmp_path / "card"
        enrolled(folder, clock, desk, ada, Person(id="ben"))
        return folder

    def test_a_pin_without_the_badge(
        self, card: Path, clock: Clock, desk: Desk, ada: Person
    ) -> None:
        """Not even by whoever writes the badge's id over that of another badge."""
        stranger = Badge.generate()
        key = parse_record(key_path(card, ada.badge).read_bytes(), "file", OperatorKey)
        assert unwrap(key, Factors(stranger, PIN, desk.share)) is None
        sign_in = station(card, clock, desk.share)
        with pytest.raises(BadgeError):
            sign_in.open(stranger, PIN)
        text = key_path(card, ada.badge).read_text().replace(ada.badge.id, stranger.id)
        key_path(card, stranger).write_text(text)
        roster = (card / ROSTER).read_text().replace(ada.badge.id, stranger.id)
        (card / ROSTER).write_text(roster)
        Tries(card, clock).enrol(stranger.id)
        with pytest.raises(PinError):
            station(card, clock, desk.share).open(stranger, PIN)

    def test_the_badge_with_guessed_pins_past_the_lock(
        self, card: Path, clock: Clock, desk: Desk, ada: Person
    ) -> None:
        fail(station(card, clock, desk.share), ada, clock, MOST)
        for damage in ("nothing", "removed", "emptied", "another badge's"):
            path = card / f"{ada.badge.id}.tries"
            if damage == "removed":
                path.unlink()
            elif damage == "emptied":
                path.write_bytes(b"")
            elif damage == "another badge's":
                others = [p for p in card.glob("*.tries") if p != path]
                shutil.copy(others[0], path)
            with pytest.raises(BadgeLocked, match="supervisor"):
                station(card, clock, desk.share).open(ada.badge, PIN)

    def test_the_share_is_deleted_and_every_pin_is_tried(
        self, card: Path, clock: Clock, ada: Person
    ) -> None:
        """With the badge, the count put back before each try, and the check of the share undone."""
        key = parse_record(key_path(card, ada.badge).read_bytes(), "file", OperatorKey)
        blind = msgspec.structs.replace(key, share=None)
        key_path(card, ada.badge).write_bytes(encode_record(blind))
        fresh = (card / f"{ada.badge.id}.tries").read_bytes()
        near = (f"7309{a}{b}" for a, b in itertools.product("147", "0369"))
        for pin in near:
            (card / f"{ada.badge.id}.tries").write_bytes(fresh)
            with pytest.raises(PinError):
                station(card, clock, None).open(ada.badge, pin)
        key_path(card, ada.badge).write_bytes(encode_record(key))
        with pytest.raises(ShareMissing):
            station(card, clock, None).open(ada.badge, PIN)

    def test_another_station_s_files(
        self, card: Path, tmp_path: Path, clock: Clock, desk: Desk, ada: Person
    ) -> None:
        """Somebody who may use another station gets into this one with nothing of it."""
        other, eve = Desk(station="room-3", share=desk.share), Person(id="eve")
        enrolled(tmp_path / "other", clock, other, eve)
        for path in (tmp_path / "other").iterdir():
            shutil.copy(path, card / path.name)
        with pytest.raises(OperatorKeyError):
            station(card, clock, desk.share).open(eve.badge, PIN)
        text = key_path(card, eve.badge).read_text().replace("room-3", STATION)
        key_path(card, eve.badge).write_text(text)
        with pytest.raises(PinError):
            station(card, clock, desk.share).open(eve.badge, PIN)
        with pytest.raises(BadgeError):
            station(card, clock, desk.share).open(ada.badge, PIN)

    def test_an_old_epoch_is_replayed(
        self, card: Path, clock: Clock, desk: Desk, ada: Person
    ) -> None:
        old = key_path(card, ada.badge).read_text()
        new = Desk(epoch=2, pose=desk.pose, share=desk.share)
        sign_in = station(card, clock, new.share)
        sign_in.receive(new.body([Person(badge=ada.badge, pin="418205")], number=2))
        key_path(card, ada.badge).write_text(old)
        with pytest.raises(OperatorKeyError):
            station(card, clock, new.share).open(ada.badge, PIN)
        key_path(card, ada.badge).write_text(old.replace('"epoch": 1', '"epoch": 2'))
        with pytest.raises(PinError):
            station(card, clock, new.share).open(ada.badge, PIN)

    def test_one_byte_changed(self, card: Path, desk: Desk, ada: Person) -> None:
        files, path = KeyFiles(card, STATION, CLINIC), key_path(card, ada.badge)
        factors = Factors(ada.badge, PIN, desk.share)
        whole = path.read_bytes()
        assert unwrap(files.read(ada.badge), factors) is not None
        for place in range(len(whole)):
            for flip in (1, 0x10):
                changed = bytearray(whole)
                changed[place] ^= flip
                path.write_bytes(changed)
                assert refused(files, factors)

    def test_nothing_of_a_person_can_be_read(self, card: Path, ada: Person) -> None:
        for path in card.iterdir():
            content = path.read_bytes()
            for secret in (ada.name.encode(), PIN.encode(), ada.badge.secret, b"AGE-SECRET"):
                assert [how for how, form in encodings(secret).items() if form in content] == []
