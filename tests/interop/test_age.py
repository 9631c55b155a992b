"""Files of ours open elsewhere, and theirs open here."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.envelope.recipients import (
    HYBRID,
    X25519,
    generate_identity,
    parse_identity,
    parse_recipient,
)
from kiosk.envelope.seal import open_sealed
from kiosk.envelope.stream import CHUNK
from tests.envelope.samples import sealed_of

Node = Callable[..., bytes]

SIZES = [0, 1, CHUNK, 2 * CHUNK + 1]
KINDS = {"hybrid": HYBRID, "x25519": X25519}


@pytest.mark.parametrize("size", SIZES)
def test_the_age_command_opens_ours_and_we_open_its(age: Path, tmp_path: Path, size: int) -> None:
    archive, recovery = generate_identity(X25519), generate_identity(X25519)
    payload = os.urandom(size)
    sealed = sealed_of(payload, [archive.recipient(), recovery.recipient()])
    for identity in (archive, recovery):
        key = tmp_path / "key"
        key.write_text(identity.secret_text() + "\n")
        opened = subprocess.run(
            [age, "-d", "-i", key], input=sealed, capture_output=True, check=True
        ).stdout
        assert opened == payload
    theirs = subprocess.run(
        [age, "-r", str(archive.recipient()), "-r", str(recovery.recipient())],
        input=payload, capture_output=True, check=True,
    ).stdout  # fmt: skip
    for identity in (archive, recovery):
        assert open_sealed(io.BytesIO(theirs), [identity]).read() == payload


def test_the_age_command_refuses_what_we_refuse(age: Path, tmp_path: Path) -> None:
    identity = generate_identity(X25519)
    key = tmp_path / "key"
    key.write_text(identity.secret_text() + "\n")
    sealed = sealed_of(os.urandom(100), [identity.recipient()])
    for touched in (sealed[:-1], sealed + b"\0", sealed.replace(b"X25519", b"X25518", 1)):
        done = subprocess.run(
            [age, "-d", "-i", key], input=touched, capture_output=True, check=False
        )
        assert done.returncode != 0


def test_age_keygen_s_keys_are_read(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["age-keygen", "-o", key], check=True, capture_output=True)
    lines = key.read_text().splitlines()
    identity = parse_identity(lines[-1])
    assert lines[1] == f"# public key: {identity.recipient()}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, CHUNK, 2 * CHUNK + 1])
def test_age_encryption_opens_ours_and_we_open_its(node: Node, kind: str, size: int) -> None:
    archive, recovery = generate_identity(KINDS[kind]), generate_identity(KINDS[kind])
    recipients = [archive.recipient(), recovery.recipient()]
    payload = os.urandom(size)
    sealed = sealed_of(payload, recipients)
    theirs = node("seal", *map(str, recipients), data=payload)
    for identity in (archive, recovery):
        assert node("open", identity.secret_text(), data=sealed) == payload
        assert open_sealed(io.BytesIO(theirs), [identity]).read() == payload


@pytest.mark.parametrize("kind", KINDS)
def test_age_encryption_s_keys_are_ours(node: Node, kind: str) -> None:
    secret, public = node("keygen", kind).decode().split()
    identity = parse_identity(secret)
    assert identity.secret_text() == secret
    assert str(identity.recipient()) == public
    assert parse_recipient(public) == identity.recipient()


def test_age_encryption_refuses_what_we_refuse(node: Node) -> None:
    identity = generate_identity()
    sealed = sealed_of(b"picture", [identity.recipient()])
    with pytest.raises(subprocess.CalledProcessError):
        node("open", identity.secret_text(), data=sealed[:-1])
