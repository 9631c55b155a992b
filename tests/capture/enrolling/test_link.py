"""The screen's end of the socket: it never waits, and believes nothing that is no answer."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.capture.enrolling.link import Link
from kiosk.errors import EnrolmentError, EnrolmentInterrupted
from kiosk.records.enrolment import LIMIT, Done, NotDone, read_handed, write
from tests.golden.enrolling import CODE, ENROLLED


@pytest.fixture
def server(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        yield listening


@pytest.fixture
def link(tmp_path: Path) -> Iterator[Link]:
    made = Link(tmp_path / "s")
    yield made
    made.close()


def refusal(link: Link) -> NotDone:
    answer = link.poll()
    assert isinstance(answer, NotDone)
    assert link.poll() is None, "once"
    return answer


def test_a_code_is_handed_over_and_its_answer_heard(server: socket.socket, link: Link) -> None:
    assert link.poll() is None
    link.ask(CODE.text())
    asked, _ = server.accept()
    with asked:
        assert read_handed(asked.recv(LIMIT)).code == CODE.text()
        assert link.poll() is None, "it does not wait"
        asked.send(write(Done(enrolled=ENROLLED)))
        assert link.poll() == Done(enrolled=ENROLLED)
    assert link.poll() is None


def test_an_end_without_an_answer_is_one(server: socket.socket, link: Link) -> None:
    link.ask(CODE.text())
    server.accept()[0].close()
    said = refusal(link)
    assert said.code == EnrolmentInterrupted.code
    assert CODE.secret[:5] not in said.sentence


@pytest.mark.parametrize("octets", [b"hello", b"{}", b'{"type":"enrolled"}', b"x" * 60_000])
def test_what_is_no_answer_enrols_nobody(server: socket.socket, link: Link, octets: bytes) -> None:
    link.ask(CODE.text())
    asked, _ = server.accept()
    with asked:
        asked.send(octets)
        assert refusal(link).code == EnrolmentError.code


def test_where_nobody_listens_that_is_the_answer(tmp_path: Path) -> None:
    link = Link(tmp_path / "nobody")
    link.ask(CODE.text())
    said = refusal(link)
    assert said.code == EnrolmentInterrupted.code
    assert "No such file" in said.sentence


def test_asked_again_the_answer_before_counts_no_more(server: socket.socket, link: Link) -> None:
    link.ask(CODE.text())
    first, _ = server.accept()
    link.ask(CODE.text())
    second, _ = server.accept()
    with first, second:
        with pytest.raises(BrokenPipeError):
            first.send(write(Done(enrolled=ENROLLED)))
        assert link.poll() is None
        second.send(write(NotDone(code="enrolment", sentence="no")))
        assert refusal(link).sentence == "no"
