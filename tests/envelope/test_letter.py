"""Letters of the desk: what was signed arrives, and nothing else is taken."""

from __future__ import annotations

import dataclasses
import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.envelope.letter import (
    BODY,
    BODY_LIMIT,
    HEAD,
    NAMESPACE,
    SIGNATURE,
    Address,
    Heading,
    Kind,
    mailbox_name,
    read_letter,
    write_letter,
)
from kiosk.envelope.recipients import X25519, generate_identity
from kiosk.envelope.signatures import SigningKey
from kiosk.envelope.stored_zip import write_members
from kiosk.errors import LetterRefused

DESK = SigningKey.generate()
POSE = generate_identity(X25519)
ADDRESS = Address("room-2", "Lakeside Clinic", DESK.public_key())
BODY_BYTES = b"whom we expect"
HEAD_OF = Heading("room-2", "Lakeside Clinic", Kind.DAY, 7, "2026-11-25T07:30:00+01:00")


def open_letter(body: bytes = BODY_BYTES) -> bytes:
    return write_letter(HEAD_OF, body, DESK, [])


@settings(max_examples=30)
@given(st.binary(max_size=2000))
def test_a_letter_comes_back(body: bytes) -> None:
    plain = read_letter(open_letter(body), Kind.DAY, ADDRESS)
    sealed = write_letter(HEAD_OF, body, DESK, [POSE.recipient()])
    assert plain == read_letter(sealed, Kind.DAY, ADDRESS, [POSE])
    assert (plain.body, plain.head.number, plain.head.size) == (body, 7, len(body))
    head = sealed.partition(b"\n---")[0]  # whose words a body may have by chance
    assert len(body) < 8 or body in head or body not in sealed
    assert repr(body) not in repr(plain) or not body


def test_each_byte_of_an_open_letter_is_covered() -> None:
    whole = open_letter()
    for place in range(len(whole)):
        touched = bytearray(whole)
        touched[place] ^= 1
        with pytest.raises(LetterRefused):
            read_letter(bytes(touched), Kind.DAY, ADDRESS)
    for size in range(len(whole)):
        with pytest.raises(LetterRefused):
            read_letter(whole[:size], Kind.DAY, ADDRESS)


def test_a_body_cannot_be_carried_to_another_letter() -> None:
    with zipfile.ZipFile(io.BytesIO(open_letter())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    out = io.BytesIO()
    write_members(out.write, [*{**members, BODY: b"whom they expect"}.items()])
    with pytest.raises(LetterRefused, match="another body than the desk signed"):
        read_letter(out.getvalue(), Kind.DAY, ADDRESS)


@pytest.mark.parametrize(
    ("address", "kind", "said"),
    [
        (dataclasses.replace(ADDRESS, station="room-3"), Kind.DAY, "for another station"),
        (dataclasses.replace(ADDRESS, clinic="Other Clinic"), Kind.DAY, "for another station"),
        (ADDRESS, Kind.OPERATORS, "for another station, clinic or purpose"),
        (
            dataclasses.replace(ADDRESS, desk=SigningKey.generate().public_key()),
            Kind.DAY,
            "not used",
        ),
    ],
)
def test_a_letter_from_or_for_somebody_else_is_refused(
    address: Address, kind: Kind, said: str
) -> None:
    with pytest.raises(LetterRefused, match=said):
        read_letter(open_letter(), kind, address)


def test_a_sealed_letter_opens_with_its_key_alone() -> None:
    sealed = write_letter(HEAD_OF, BODY_BYTES, DESK, [POSE.recipient()])
    for identities in ([], [generate_identity(X25519)]):
        with pytest.raises(LetterRefused, match="not used"):
            read_letter(sealed, Kind.DAY, ADDRESS, identities)
    with pytest.raises(LetterRefused, match="not used"):
        read_letter(open_letter(), Kind.DAY, ADDRESS, [POSE])


def test_a_body_beyond_what_a_station_takes_is_not_sent() -> None:
    with pytest.raises(LetterRefused, match="expected at most"):
        open_letter(bytes(BODY_LIMIT + 1))


def test_stock_tools_check_it(tmp_path: Path) -> None:
    (tmp_path / "letter.zip").write_bytes(open_letter())
    (tmp_path / "signers").write_text(f"desk {DESK.public_line()}\n")
    subprocess.run(["unzip", "-q", "letter.zip"], cwd=tmp_path, check=True)
    command = f"ssh-keygen -Y verify -f signers -I desk -n {NAMESPACE} -s {SIGNATURE}"
    with (tmp_path / HEAD).open("rb") as head:
        subprocess.run(command.split(), cwd=tmp_path, stdin=head, check=True, capture_output=True)


def test_names_on_the_server_tell_neither_kind_nor_station() -> None:
    names = {mailbox_name(box * 16, kind) for box in ("a1", "b2") for kind in Kind}
    assert len(names) == 2 * len(Kind)
    assert all(len(name) == 32 and int(name, 16) for name in names)
    assert mailbox_name("a1" * 16, Kind.DAY) == "75fadd94ede86787f4137154850cf234"
