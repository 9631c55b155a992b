"""Keys in text and in files: read strictly, refused in one sentence, never shown."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kiosk.envelope import bech32
from kiosk.envelope.hybrid import PUBLIC_SIZE
from kiosk.envelope.recipients import (
    HYBRID,
    X25519,
    generate_identity,
    load_identities,
    load_recipients,
    parse_identity,
    parse_recipient,
)
from kiosk.errors import BadKey

# From the C2SP age specification.
SPEC_IDENTITY = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
SPEC_RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
SPEC_HYBRID = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
# SHA-256 of the specification's age1pq recipient, which has 1959 characters.
SPEC_HYBRID_RECIPIENT = "a091dd7e0ee9d62b75173dcc98441a0424baa941e66a8776e570a4ae60ff61ea"


def test_the_specification_s_own_keys() -> None:
    assert str(parse_identity(SPEC_IDENTITY).recipient()) == SPEC_RECIPIENT
    hybrid = str(parse_identity(SPEC_HYBRID).recipient())
    assert hashlib.sha256(hybrid.encode()).hexdigest() == SPEC_HYBRID_RECIPIENT


@pytest.mark.parametrize("kind", [HYBRID, X25519])
def test_keys_come_back_from_their_text_and_secrets_never_show(kind: str) -> None:
    identity = generate_identity(kind)
    assert parse_identity(identity.secret_text()) == identity
    assert parse_recipient(str(identity.recipient())) == identity.recipient()
    assert generate_identity(kind) != identity
    _, secret = bech32.decode(identity.secret_text())
    for shown in (repr(identity), str(identity), f"{[identity]}"):
        assert identity.secret_text() not in shown
        assert secret.hex() not in shown
        assert repr(secret) not in shown


def test_low_order_and_impossible_public_keys_are_refused() -> None:
    for point in (bytes(32), b"\1" + bytes(31)):
        with pytest.raises(BadKey, match="not a usable public key"):
            parse_recipient(bech32.encode("age", point))
    with pytest.raises(BadKey, match="not a usable public key"):
        parse_recipient(bech32.encode("age1pq", b"\xff" * PUBLIC_SIZE))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("age1abc", "expected a recipient"),
        (SPEC_RECIPIENT[:-1] + "q", "mistyped"),
        (SPEC_RECIPIENT.title(), "mixed upper and lower case"),
        (bech32.encode("age", bytes(31)), "is not a recipient"),
        (bech32.encode("age1pq", bytes(32)), "is not a recipient"),
        (bech32.encode("age1tag", bytes(33)), "is not a recipient"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "expected a recipient"),
        ("", "expected a recipient"),
    ],
)
def test_what_is_no_recipient_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadKey, match=words):
        parse_recipient(text)


def test_an_identity_in_place_of_a_recipient_is_never_repeated() -> None:
    for text in (SPEC_IDENTITY, SPEC_HYBRID, SPEC_IDENTITY.lower()):
        with pytest.raises(BadKey, match="private key") as caught:
            parse_recipient(text)
        assert text[16:30] not in str(caught.value)


@pytest.mark.parametrize(
    "text", [SPEC_RECIPIENT, SPEC_IDENTITY[:-1] + "Q", SPEC_IDENTITY.lower(), "AGE-PLUGIN-X-1QQQQ"]
)
def test_what_is_no_identity_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadKey, match="expected") as caught:
        parse_identity(text)
    assert text[20:40] not in str(caught.value) or not text[20:40]


def test_files_have_comments_and_blank_lines(tmp_path: Path) -> None:
    archive, recovery = generate_identity(), generate_identity()
    path = tmp_path / "recipients.txt"
    path.write_text(f"# archive\n{archive.recipient()}\n\n# recovery\n {recovery.recipient()} \r\n")
    assert load_recipients(path) == (archive.recipient(), recovery.recipient())
    path.write_bytes(
        f"\ufeff# Praxis Müller\r\n{archive.secret_text()}\r\n{recovery.secret_text()}".encode()
    )
    assert load_identities(path) == (archive, recovery)


def test_errors_name_the_file_and_the_line(tmp_path: Path) -> None:
    good = str(generate_identity(X25519).recipient())
    hybrid = str(generate_identity(HYBRID).recipient())
    path = tmp_path / "recipients.txt"
    cases = {
        f"{good}\nage1nonsense\n": f"{path}, line 2: 'age1nonsense' is",
        "# nothing\n": f"{path}: there is no recipient in this file",
        f"{good}\n{hybrid}\n": f"{path}: Hybrid (age1pq…) and X25519 (age1…) recipients are mixed",
        f"{good}\n{good}\n": f"{path}: the same recipient stands there twice",
        "age-encryption.org/v1\n": f"{path}: this recipient file is itself encrypted",
        "x" * 2_000_000: f"{path}: expected a text file with one recipient a line, not more",
    }
    for text, begin in cases.items():
        path.write_text(text)
        with pytest.raises(BadKey) as caught:
            load_recipients(path)
        assert str(caught.value).startswith(begin)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadKey, match="expected a text file"):
        load_recipients(path)
    with pytest.raises(BadKey, match="No such file or directory"):
        load_identities(tmp_path / "missing")
    with pytest.raises(BadKey, match="Is a directory"):
        load_identities(tmp_path)
