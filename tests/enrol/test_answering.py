"""What the screen is answered, and who is not answered at all."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.enrol.answering import answer
from kiosk.errors import (
    EnrolmentCodeMistyped,
    EnrolmentError,
    EnrolmentInterrupted,
    KioskError,
    ServerIdentityChanged,
    ServerUnreachable,
    StorageFull,
)
from kiosk.records.enrolment import (
    LIMIT,
    RECEIPT,
    Done,
    Enrolled,
    Handed,
    NotDone,
    is_pending,
    read_answer,
    read_handed,
    read_receipt,
    write,
)
from kiosk.records.enrolment_code import Code, parse_code

CODE = Code("0123456789ABCDEFGH")
ENROLLED = Enrolled(
    station="kiosk-01",
    server="192.0.2.5:22",
    ssh_key="SHA256:a",
    signing_key="SHA256:b",
    at="2026-12-01T08:00:00+00:00",
)
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ends[0].settimeout(10)
    yield ends
    for end in ends:
        end.close()


class Server:
    """Notes the codes that are tried, and answers as it is told."""

    def __init__(self, fault: KioskError | None = None, login: KioskError | None = None) -> None:
        self.tried: list[str] = []
        self._fault, self._login = fault, login

    def enrol(self, typed: str) -> Enrolled:
        parse_code(typed)
        self.tried.append(typed)
        if self._fault is not None:
            raise self._fault
        return ENROLLED

    def prove(self) -> str:
        if self._login is not None:
            raise self._login
        return "lets kiosk-01 in"


def asked(pair: Pair, octets: bytes, server: Server, user: int | None = None) -> bytes:
    """Say ``octets`` as the screen does; return what comes back."""
    screen, other = pair
    screen.send(octets)
    answer(other, os.getuid() if user is None else user, server.enrol, server.prove)
    return screen.recv(LIMIT)


def test_a_code_is_tried_and_the_screen_told(pair: Pair) -> None:
    server = Server()
    said = asked(pair, write(Handed(code=CODE.text())), server)
    assert read_answer(said) == Done(enrolled=ENROLLED)
    assert server.tried == [CODE.text()]


def test_a_first_login_that_does_not_succeed_is_told_too(pair: Pair) -> None:
    server = Server(login=ServerUnreachable("gone again"))
    said = asked(pair, write(Handed(code=CODE.text())), server)
    assert read_answer(said) == Done(enrolled=ENROLLED, fault="gone again")


@pytest.mark.parametrize(
    "fault",
    [ServerUnreachable("u" * 2000), ServerIdentityChanged("identity"), StorageFull("full")],
)
def test_a_fault_is_told_by_its_code_and_sentence(pair: Pair, fault: KioskError) -> None:
    said = read_answer(asked(pair, write(Handed(code=CODE.text())), Server(fault)))
    assert said == NotDone(code=fault.code, sentence=fault.sentence[:1000])


@pytest.mark.parametrize(
    "octets",
    [
        b"\xff\x00garbage",
        b"{}",
        b"[" * 3000,
        b'{"version":2,"code":"x"}',
        b'{"version":1,"code":"x","more":1}',
        b'{"version":1,"code":7}',
        b'{"version":1,"code":"' + b"x" * 129 + b'"}',
        b'{"version":1,"code":"' + b"x" * 100_000 + b'"}',
    ],
)
def test_garbage_and_over_long_messages_are_refused_and_never_repeated(
    pair: Pair, octets: bytes
) -> None:
    server = Server()
    said = read_answer(asked(pair, octets, server))
    assert isinstance(said, NotDone)
    assert said.code == EnrolmentError.code
    assert "cannot be understood" in said.sentence
    assert "xxxx" not in said.sentence
    assert "garbage" not in said.sentence
    assert server.tried == []


def test_a_code_that_was_mistyped_is_told_as_such(pair: Pair) -> None:
    said = read_answer(asked(pair, write(Handed(code="hello")), Server()))
    assert isinstance(said, NotDone)
    assert said.code == EnrolmentCodeMistyped.code


def test_another_user_is_neither_read_nor_answered(pair: Pair) -> None:
    server = Server()
    with pytest.raises(EnrolmentError, match=f"A process of user {os.getuid()} asks"):
        asked(pair, write(Handed(code=CODE.text())), server, os.getuid() + 1)
    assert server.tried == []
    assert pair[1].recv(LIMIT) == write(Handed(code=CODE.text())), "not even read"
    pair[0].settimeout(0)
    with pytest.raises(BlockingIOError):
        pair[0].recv(LIMIT)


def test_who_says_nothing_is_not_waited_for(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.enrol.answering._SECONDS", 0.01)
    with pytest.raises(EnrolmentInterrupted, match="broke off"):
        answer(pair[1], os.getuid(), Server().enrol, Server().prove)


def test_a_screen_that_has_gone_meanwhile_ends_it(pair: Pair) -> None:
    screen, other = pair
    screen.send(write(Handed(code=CODE.text())))
    screen.close()
    server = Server()
    with pytest.raises(EnrolmentInterrupted):
        answer(other, os.getuid(), server.enrol, server.prove)
    assert server.tried == [CODE.text()], "it was tried, and the station is enrolled"


def test_messages_never_show_the_code() -> None:
    handed = Handed(code=CODE.text())
    assert CODE.secret not in f"{handed!r} {handed}"
    assert read_handed(write(handed)) == handed


@pytest.mark.parametrize("octets", [b"", b"{}", b'{"type":"other"}', b'{"type":"refused"}'])
def test_the_screen_takes_no_answer_that_is_none(octets: bytes) -> None:
    with pytest.raises(EnrolmentError, match="cannot be understood"):
        read_answer(octets)


def test_the_longest_answer_fits() -> None:
    widest = Enrolled(
        station="k" * 63,
        server="s" * 1000,
        ssh_key="SHA256:" + "a" * 43,
        signing_key="SHA256:" + "a" * 43,
        at="2026-12-01T08:00:00+00:00",
    )
    said = Done(enrolled=widest, fault="ß" * 1000)
    assert read_answer(write(said)) == said
    assert len(write(said)) <= LIMIT


def test_a_receipt_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    (tmp_path / RECEIPT).write_text(
        '{\n "station": "kiosk-01",\n "server": "192.0.2.5:22",\n "ssh_key": "SHA256:a",\n'
        ' "signing_key": "SHA256:b",\n "at": "2026-12-01T08:00:00+00:00"\n}\n',
        encoding="utf-8",
    )
    assert read_receipt(tmp_path) == ENROLLED
    assert not is_pending(tmp_path)
