"""The conversation with whoever has the code, and what they are told."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest

from kiosk.enrol.console import converse
from kiosk.enrol.request import (
    ACCOUNT,
    Request,
    Ticket,
    parse_ticket,
    read_request,
    write_request,
)
from kiosk.enrol.sending import REFUSALS
from kiosk.envelope.signatures import SigningKey
from kiosk.errors import (
    ClockLost,
    EnrolmentCodeMistyped,
    EnrolmentError,
    EnrolmentRefused,
    KioskError,
    ServerIdentityChanged,
    ServerUnreachable,
    SignatureError,
    StorageFull,
)
from kiosk.records.enrolment import Enrolled
from provisioning.server import receive
from provisioning.server.dropbox import ENROL

DONE = Enrolled(
    station="kiosk-01",
    server="192.0.2.5:22",
    ssh_key="SHA256:a",
    signing_key="SHA256:b",
    at="2026-12-01T08:00:00+00:00",
)


def talk(*results: KioskError | Enrolled, lines: int | None = None) -> tuple[Enrolled | None, str]:
    """Answer as many prompts as there are results, each with its number."""
    typed: Iterator[int] = iter(range(len(results) if lines is None else lines))
    out = io.StringIO()

    def ask(prompt: str, /) -> str:
        out.write(prompt)
        try:
            return str(next(typed))
        except StopIteration:
            raise EOFError from None

    def enrol(line: str) -> Enrolled:
        result = results[int(line)]
        if isinstance(result, KioskError):
            raise result
        return result

    return converse("kiosk-01", enrol, ask, out), out.getvalue()


def test_it_asks_until_it_is_done() -> None:
    faults = (
        EnrolmentCodeMistyped("mistyped"),
        ServerUnreachable("unreachable"),
        EnrolmentRefused("refused"),
        EnrolmentError("no keys"),
        ClockLost("1970"),
    )
    done, said = talk(*faults, DONE)
    assert done == DONE
    assert "kiosk-01" in said
    assert said.count("Code: ") == 6
    for fault in faults:
        assert f"{fault.sentence}\n" in said


def test_another_server_stops_the_person() -> None:
    _, said = talk(ServerIdentityChanged("another key"))
    assert "STOP. another key" in said


def test_nobody_there_is_no_answer() -> None:
    assert talk()[0] is None


def test_what_no_code_can_change_ends_it() -> None:
    with pytest.raises(StorageFull):
        talk(StorageFull("full"), DONE)


def test_every_answer_of_the_server_has_its_sentence() -> None:
    words = {"expired", "used", "malformed", "unknown"}
    assert set(REFUSALS) == words
    for sentence in REFUSALS.values():
        assert "\n" not in sentence.format(station="x")
        assert sentence.endswith(".")
    source = receive.__doc__ or ""
    assert all(word in source for word in words)


CODE, SSH, SIGNING = (SigningKey.generate() for _ in range(3))
REQUEST = Request(
    station="kiosk-01",
    ssh_key=SSH.public_line(),
    signing_key=SIGNING.public_line(),
)
TICKET = Ticket(station="kiosk-01", key=CODE.public_line(), expires_at="2026-12-02T08:00:00+00:00")


def test_what_the_station_writes_the_server_and_the_desk_read() -> None:
    sent = write_request(REQUEST, CODE)
    assert len(sent) < receive.LIMIT
    fields = receive.parsed(sent, "kiosk-01")
    assert fields is not None
    assert fields["ssh_key"] == SSH.public_line()
    assert read_request(sent, TICKET) == REQUEST


@pytest.mark.parametrize(
    "change",
    [
        lambda sent: sent.replace(b"kiosk-01", b"kiosk-02"),
        lambda sent: sent.replace(SSH.public_line().encode(), SIGNING.public_line().encode()),
        lambda sent: sent.replace(b'"version":1', b'"version": 1'),
        lambda _: write_request(REQUEST, SSH),
        lambda sent: sent[:-1],
        lambda sent: sent.partition(b"\n")[0],
        lambda _: b"",
    ],
)
def test_the_desk_takes_nothing_that_the_code_did_not_sign(
    change: Callable[[bytes], bytes],
) -> None:
    with pytest.raises((SignatureError, EnrolmentError)):
        read_request(change(write_request(REQUEST, CODE)), TICKET)


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b'{"version":2}'])
def test_what_is_no_ticket_is_refused(text: bytes) -> None:
    with pytest.raises(EnrolmentError, match="expected a ticket"):
        parse_ticket(text, "here")


def test_the_accounts_name_is_one_everywhere() -> None:
    assert ACCOUNT == ENROL == receive.ACCOUNT
