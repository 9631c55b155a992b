"""Signatures: ours and OpenSSH's are the same thing."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.envelope.signatures import PublicKey, SigningKey, signer_of, verify
from kiosk.errors import BadKey, SignatureError

NAMESPACE = "shot@capture-station"
MESSAGE = b'{"a": 1}\n'


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate()


@given(st.binary(max_size=500), st.text(min_size=1, max_size=30))
def test_what_is_signed_is_verified(message: bytes, namespace: str) -> None:
    key = SigningKey.generate()
    signature = key.sign(message, namespace)
    assert verify(message, signature, namespace, [key.public_key()]) == key.public_key()


def test_ssh_keygen_verifies_ours_and_we_verify_its(key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(key.private_text())
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "signers").write_text(f"kiosk-01 {key.public_line()}\n")
    (tmp_path / "message").write_bytes(MESSAGE)
    (tmp_path / "ours.sig").write_text(key.sign(MESSAGE, NAMESPACE))
    command = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", "kiosk-01", "-n"]
    for namespace, code in ((NAMESPACE, 0), ("file", 255)):
        done = subprocess.run(
            [*command, namespace, "-s", "ours.sig"],
            cwd=tmp_path, input=MESSAGE, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done
    subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-f", "key", "-n", NAMESPACE, "message"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    theirs = (tmp_path / "message.sig").read_text()
    assert theirs == key.sign(MESSAGE, NAMESPACE), "Ed25519 has one signature of one message"
    assert signer_of(MESSAGE, theirs, NAMESPACE) == key.public_key()


def test_fingerprint_and_line_are_openssh_s(key: SigningKey, tmp_path: Path) -> None:
    path = tmp_path / "key.pub"
    path.write_text(key.public_line("kiosk-01") + "\n")
    said = subprocess.run(
        ["ssh-keygen", "-l", "-f", path], check=True, capture_output=True, text=True
    ).stdout
    assert said.split() == ["256", key.public_key().fingerprint, "kiosk-01", "(ED25519)"]
    assert PublicKey.parse(key.public_line("kiosk-01")) == key.public_key()


def test_other_messages_namespaces_and_keys_are_refused(key: SigningKey) -> None:
    signature = key.sign(MESSAGE, NAMESPACE)
    public = [key.public_key()]
    with pytest.raises(SignatureError, match="does not belong to what it should sign"):
        verify(MESSAGE + b" ", signature, NAMESPACE, public)
    with pytest.raises(SignatureError, match="made for 'shot@capture-station', expected one for"):
        verify(MESSAGE, signature, "file", public)
    with pytest.raises(SignatureError, match="not among the known stations' keys"):
        verify(MESSAGE, signature, NAMESPACE, [SigningKey.generate().public_key()])


def test_each_flipped_bit_and_each_cut_of_a_signature_is_refused(key: SigningKey) -> None:
    signature = key.sign(MESSAGE, NAMESPACE)
    blob = base64.b64decode("".join(signature.split("\n")[1:-2]))
    for place in range(len(blob)):
        for bit in range(8):
            flipped = bytearray(blob)
            flipped[place] ^= 1 << bit
            require_refused(armour(bytes(flipped)), key)
        require_refused(armour(blob[:place]), key)
    for place in range(len(signature)):
        require_refused(signature[:place], key)
    for text in (signature + "\n", " " + signature, signature.replace("\n", "\r\n")):
        require_refused(text, key)


def armour(blob: bytes) -> str:
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def require_refused(text: str, key: SigningKey) -> None:
    with pytest.raises(SignatureError):
        verify(MESSAGE, text, NAMESPACE, [key.public_key()])


def test_a_private_key_never_shows(key: SigningKey) -> None:
    assert repr(key) == "SigningKey()"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-t", "ed25519", "-N", "secret phrase"], "has a passphrase"),
        (["-t", "ecdsa", "-N", ""], "a key of another type"),
        (["-t", "ed25519", "-N", "", "-m", "PEM", "-t", "rsa", "-b", "2048"], "cannot be read"),
    ],
)
def test_other_private_keys_are_refused(options: list[str], words: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-f", path, *options], check=True, capture_output=True)
    with pytest.raises(BadKey, match=words) as caught:
        SigningKey.load(path)
    assert str(caught.value).startswith(f"{path}: expected an unencrypted OpenSSH Ed25519")


def test_the_key_of_ssh_keygen_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-f", path, "-t", "ed25519", "-N", "", "-C", "kiosk-01"], check=True
    )
    public = (tmp_path / "key.pub").read_text().strip()
    assert SigningKey.load(path).public_line("kiosk-01") == public
    with pytest.raises(BadKey, match="No such file"):
        SigningKey.load(tmp_path / "missing")
    path.write_bytes(b"\0" * 100)
    with pytest.raises(BadKey, match="cannot be read as one"):
        SigningKey.load(path)


@pytest.mark.parametrize(
    "line", ["", "ssh-rsa AAAA", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 ****", "age1xyz"]
)
def test_other_public_keys_are_refused(line: str) -> None:
    with pytest.raises(BadKey):
        PublicKey.parse(line)
