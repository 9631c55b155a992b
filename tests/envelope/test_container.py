"""The container: what the station signed is what the clinic reads."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.utils import Buffer

from kiosk.envelope.bundle import MANIFEST, SIGNATURE, Manifest, Part, encode_record
from kiosk.envelope.container import IMAGE, POSE, RECORD, SHOT, read_shot, write_shot
from kiosk.envelope.recipients import generate_identity
from kiosk.envelope.seal import SealingWriter, open_sealed
from kiosk.envelope.signatures import PublicKey, SigningKey
from kiosk.envelope.stored_zip import write_members
from kiosk.envelope.stream import CHUNK
from kiosk.errors import ContainerError, IntegrityError, SignatureError
from tests.envelope.samples import INSTANT, container_of, head_of, record_of, sealed_of

IMAGE_BYTES = b"\xff\xd8 a picture \xff\xd9" * 500
DESCRIPTOR = b"landmarks and contour"
OLDER = Path(__file__).with_name("older")


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate()


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    write_members(out.write, list(members.items()))
    out.seek(0)
    return out


def test_a_shot_comes_back_whole_through_the_seal(key: SigningKey) -> None:
    identity = generate_identity()
    out = io.BytesIO()
    record = record_of(IMAGE_BYTES)
    with SealingWriter(out.write, [identity.recipient()]) as writer:
        parts: list[tuple[str, Buffer]] = [
            (IMAGE, memoryview(IMAGE_BYTES)),
            (RECORD, encode_record(record)),
        ]
        manifest = write_shot(writer.write, parts, head_of(), key)
    shot = read_shot(open_sealed(io.BytesIO(out.getvalue()), [identity]))
    assert shot.image == IMAGE_BYTES
    assert shot.record == record
    assert shot.manifest == manifest
    assert shot.manifest.sealed_at == INSTANT
    assert list(shot.members) == [IMAGE, RECORD, MANIFEST, SIGNATURE]
    assert shot.signer() == shot.verify([key.public_key()]) == key.public_key()
    with pytest.raises(SignatureError, match="not among the known"):
        shot.verify([SigningKey.generate().public_key()])


def test_a_pose_descriptor_travels_with_the_picture(key: SigningKey) -> None:
    shot = read_shot(io.BytesIO(container_of(IMAGE_BYTES, key, pose=DESCRIPTOR)))
    assert shot.pose == DESCRIPTOR
    assert list(shot.members) == [*SHOT.parts, MANIFEST, SIGNATURE]
    assert [part.name for part in shot.manifest.parts] == [*SHOT.parts]
    assert shot.manifest.parts[2].sha256 == hashlib.sha256(DESCRIPTOR).hexdigest()
    assert shot.verify([key.public_key()]) == key.public_key()
    assert read_shot(io.BytesIO(container_of(IMAGE_BYTES, key))).pose is None
    largest = bytes(SHOT.limits[POSE])
    assert read_shot(io.BytesIO(container_of(b"small", key, pose=largest))).pose == largest
    with pytest.raises(ContainerError, match=r"pose\.bin has 16385 bytes, expected at most 16384"):
        container_of(b"small", key, pose=largest + b"!")


def test_shots_of_earlier_stations_still_open() -> None:
    """``older`` was written before there were pose descriptors and version 2 of the record."""
    shot = read_shot(io.BytesIO((OLDER / "shot-1.zip").read_bytes()))
    assert (shot.record.version, shot.record.match, shot.pose) == (1, None, None)
    public = PublicKey.parse((OLDER / "station.pub").read_text(encoding="ascii"))
    assert shot.verify([public]) == public


def test_the_seal_is_read_to_its_end_before_the_shot_is_given_out(key: SigningKey) -> None:
    """The ZIP ends with a verified chunk; what comes after it was changed or does not belong."""
    identity = generate_identity()
    spare = len(container_of(bytes(40_000), key)) - 40_000
    whole = container_of(bytes(CHUNK - spare), key)
    assert len(whole) == CHUNK
    sealed = sealed_of(whole + b"more", [identity.recipient()])
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(IntegrityError, match="changed, cut or extended"):
        read_shot(open_sealed(io.BytesIO(changed), [identity]))
    with pytest.raises(ContainerError, match="something follows after its end"):
        read_shot(open_sealed(io.BytesIO(sealed), [identity]))


def test_stock_tools_check_it(key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "shot.zip").write_bytes(container_of(IMAGE_BYTES, key))
    (tmp_path / "signers").write_text(f"kiosk-01 {key.public_line()}\n")
    subprocess.run(["unzip", "-q", "shot.zip"], cwd=tmp_path, check=True)
    command = "ssh-keygen -Y verify -f signers -I kiosk-01 -n shot@capture-station"
    with (tmp_path / MANIFEST).open("rb") as manifest:
        subprocess.run(
            [*command.split(), "-s", SIGNATURE],
            cwd=tmp_path, stdin=manifest, check=True, capture_output=True,
        )  # fmt: skip
    said = json.loads((tmp_path / MANIFEST).read_text())
    assert [(part["name"], part["sha256"]) for part in said["parts"]] == [
        (name, hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
        for name in (IMAGE, RECORD)
    ]


@pytest.mark.parametrize("pose", [None, DESCRIPTOR], ids=["plain", "pose"])
def test_each_byte_is_covered(key: SigningKey, pose: bytes | None) -> None:
    """Change any byte of any member and repair the ZIP around it: refused all the same."""
    members = members_of(container_of(b"small", key, pose=pose))
    for name, content in members.items():
        for place in range(len(content)):
            touched = bytearray(content)
            touched[place] ^= 1
            with pytest.raises((ContainerError, SignatureError)):
                read_shot(packed({**members, name: bytes(touched)})).verify([key.public_key()])


@pytest.mark.parametrize("pose", [None, DESCRIPTOR], ids=["plain", "pose"])
def test_a_cut_anywhere_is_refused(key: SigningKey, pose: bytes | None) -> None:
    whole = container_of(b"small", key, pose=pose)
    for size in range(len(whole)):
        with pytest.raises(ContainerError):
            read_shot(io.BytesIO(whole[:size]))


@pytest.mark.parametrize("pose", [None, DESCRIPTOR], ids=["plain", "pose"])
def test_members_must_be_exactly_the_expected(key: SigningKey, pose: bytes | None) -> None:
    members = members_of(container_of(b"small", key, pose=pose))
    for name in members:
        fewer = {other: content for other, content in members.items() if other != name}
        with pytest.raises(ContainerError, match=f"not whole: expected also {name}"):
            read_shot(packed(fewer))
    with pytest.raises(ContainerError, match=r"a part 'more\.txt' that is unexpected"):
        read_shot(packed({**members, "more.txt": b""}))


def test_a_descriptor_that_the_manifest_does_not_name_is_refused(key: SigningKey) -> None:
    members = members_of(container_of(b"small", key))
    with pytest.raises(ContainerError, match=r"its manifest does not name: pose\.bin"):
        read_shot(packed({**members, POSE: DESCRIPTOR}))


def test_a_descriptor_cannot_be_carried_to_another_shot(key: SigningKey) -> None:
    first = members_of(container_of(b"first", key, pose=DESCRIPTOR))
    second = members_of(container_of(b"second", key, pose=b"another patient's"))
    with pytest.raises(ContainerError, match=r"pose\.bin is not the one"):
        read_shot(packed({**first, POSE: second[POSE]}))


def signed(members: dict[str, bytes], manifest: bytes, key: SigningKey) -> dict[str, bytes]:
    """Return members with another manifest under a good signature: a station's own fault."""
    signature = key.sign(manifest, SHOT.namespace).encode()
    return {**members, MANIFEST: manifest, SIGNATURE: signature}


def test_a_manifest_of_other_parts_is_refused_even_if_signed(key: SigningKey) -> None:
    members = members_of(container_of(b"small", key))
    manifest = msgspec.json.decode(members[MANIFEST], type=Manifest)
    image, record = manifest.parts
    cases: list[tuple[str, tuple[Part, ...]]] = [
        ("does not name exactly the parts", (image,)),
        ("does not name exactly the parts", (record, image)),
        ("does not name exactly the parts", (image, record, record)),
        ("does not name exactly the parts", (image, msgspec.structs.replace(record, name=POSE))),
        (
            "does not name exactly the parts",
            (image, record, msgspec.structs.replace(image, name=MANIFEST)),
        ),
        (
            r"not whole: expected also pose\.bin",
            (image, record, msgspec.structs.replace(record, name=POSE)),
        ),
        ("image.jpg is not the one", (msgspec.structs.replace(image, size=6), record)),
        ("shot.json is not the one", (image, msgspec.structs.replace(record, sha256="0" * 64))),
    ]
    for words, parts in cases:
        text = encode_record(msgspec.structs.replace(manifest, parts=parts))
        with pytest.raises(ContainerError, match=words):
            read_shot(packed(signed(members, text, key)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"station": "kiosk-02"}, "contradict each other"),
        ({"consent": "0" * 64}, "contradict each other"),
        ({"version": 3}, "cannot be read: Invalid enum value 3"),
        ({"version": 1}, "cannot be read: Object contains unknown field `audit`"),
        ({"format": "other"}, "cannot be read: 'other' in version 2 is none of the formats"),
        ({"sequence": 0}, "cannot be read: Expected `int` >= 1"),
        ({"more": 1}, "cannot be read: Object contains unknown field `more`"),
        ({"station": "Kiosk 1"}, "cannot be read: Expected `str` matching regex"),
        ({"station": "kiosk-01\n"}, "cannot be read: Expected `str` matching regex"),
    ],
)
def test_a_manifest_with_other_fields_is_refused_even_if_signed(
    key: SigningKey, change: dict[str, Any], words: str
) -> None:
    members = members_of(container_of(b"small", key))
    text = json.dumps({**json.loads(members[MANIFEST]), **change}, indent=2).encode() + b"\n"
    with pytest.raises(ContainerError, match=words):
        read_shot(packed(signed(members, text, key)))


def test_doubled_keys_and_other_spellings_are_refused(key: SigningKey) -> None:
    members = members_of(container_of(b"small", key))
    plain = members[MANIFEST]
    doubled = plain.replace(b'  "sequence"', b'  "sequence": 99,\n  "sequence"', 1)
    compact = json.dumps(json.loads(plain)).encode()
    for text in (doubled, compact, plain + b" ", b"\xef\xbb\xbf" + plain):
        with pytest.raises(ContainerError, match=r"one form that stations write|cannot be read"):
            read_shot(packed(signed(members, text, key)))


def test_a_picture_signed_for_another_station_s_manifest_is_refused(key: SigningKey) -> None:
    """A signature cannot be carried to another shot."""
    first = members_of(container_of(b"first", key))
    second = members_of(container_of(b"second", key, head=head_of(sequence=13)))
    shot = read_shot(packed({**first, SIGNATURE: second[SIGNATURE]}))
    with pytest.raises(SignatureError, match="does not belong to what it should sign"):
        shot.signer()


def test_nothing_is_written_that_the_clinic_would_refuse(key: SigningKey) -> None:
    image = b"small"
    record = record_of(image)
    good = encode_record(record)
    other = encode_record(record_of(image + b"!"))
    cases: list[tuple[str, list[tuple[str, bytes]]]] = [
        ("parts are image.jpg, shot.json", [(RECORD, good), (IMAGE, image)]),
        ("parts are image.jpg, shot.json", [(IMAGE, image)]),
        ("parts are image.jpg, shot.json", [(IMAGE, image), (POSE, DESCRIPTOR), (RECORD, good)]),
        ("parts are image.jpg, shot.json", [(IMAGE, image), (RECORD, good), ("more", b"")]),
        ("contradict each other", [(IMAGE, image), (RECORD, other)]),
        ("shot.json cannot be read", [(IMAGE, image), (RECORD, b"{}")]),
        ("not in the one form", [(IMAGE, image), (RECORD, good + b"\n")]),
    ]
    for words, parts in cases:
        out = io.BytesIO()
        with pytest.raises(ContainerError, match=words):
            write_shot(out.write, parts, head_of(), key)
        assert out.getvalue() == b""
    with pytest.raises(ContainerError, match="contradict each other"):
        write_shot(
            io.BytesIO().write, [(IMAGE, image), (RECORD, good)], head_of(station="kiosk-02"), key
        )
    large = bytes(SHOT.limits[RECORD] + 1)
    with pytest.raises(ContainerError, match=r"cannot be read|expected at most"):
        write_shot(io.BytesIO().write, [(IMAGE, image), (RECORD, large)], head_of(), key)


def test_a_record_is_checked_when_it_is_written() -> None:
    record = record_of(b"small", light_level=1)
    assert b'"light_level": 1.0' in encode_record(record), "numbers take their type's form"
    for change in ({"light_level": 1.1}, {"protocol": "Face 5"}, {"encounter": "A\x1b[2J"}):
        with pytest.raises(ContainerError, match=r"cannot be written: .* at `\$"):
            encode_record(record_of(b"small", **change))
    with pytest.raises(ContainerError, match="cannot be written"):
        encode_record(record_of(b"small", encounter=object()))


def test_signature_is_readable_armour(key: SigningKey) -> None:
    text = members_of(container_of(b"small", key))[SIGNATURE].decode()
    assert base64.b64decode("".join(text.split("\n")[1:-2])).startswith(b"SSHSIG")
