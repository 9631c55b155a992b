"""Pose descriptors: written, read again, and damaged."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.capture.pose.cover import Map
from kiosk.capture.pose.descriptor import LARGEST, Patch, PoseDescriptor, read, write
from kiosk.capture.pose.geometry import Angles
from kiosk.errors import FormatError

STEP = 1 / 16_384

FACE = PoseDescriptor(
    method="face",
    aspect=4 / 3,
    focal=2.6042,
    pose=Angles(45.0, -1.25, 0.5),
    coarse=Angles(41.0, 2.0, -3.0),
    origin=(0.7, 0.5, 0.1),
    size=0.0026,
    points=np.random.default_rng(1).uniform(-0.5, 1.5, (478, 3)),
    bare=np.random.default_rng(2).uniform(-2.5, 7.5, (16, 16)).astype(np.float32),
)

PROFILE = replace(
    FACE,
    method="profile",
    points=np.zeros((0, 2)),
    lines=(np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([[0.5, 0.5]])),
    patch=Patch(bytes(range(256)), 0.5, 0.6, 0.3),
)


def same(one: PoseDescriptor, other: PoseDescriptor) -> None:
    assert (one.method, one.pose, one.coarse) == (other.method, other.pose, other.coarse)
    numbers, numbers2 = ((d.aspect, d.focal, d.size, *d.origin) for d in (one, other))
    assert numbers == pytest.approx(numbers2, abs=1e-6)
    for points, points2 in zip((one.points, *one.lines), (other.points, *other.lines), strict=True):
        np.testing.assert_allclose(points, points2, atol=STEP / 2)
    patches = [(p.content, p.x, p.y, p.half) if p else None for p in (one.patch, other.patch)]
    assert patches[0] == patches[1]
    assert one.bare is not None
    assert other.bare is not None
    np.testing.assert_allclose(one.bare, other.bare, atol=1 / 32)


@pytest.mark.parametrize("descriptor", [FACE, PROFILE], ids=["face", "profile"])
def test_a_descriptor_comes_back_as_it_was_kept(descriptor: PoseDescriptor) -> None:
    content = write(descriptor)
    assert len(content) <= LARGEST
    same(read(content), descriptor)
    assert write(read(content)) == content


finite = st.floats(-400.0, 400.0)
positive = st.floats(1e-6, 500.0)
angles = st.builds(Angles, finite, finite, finite)
places = st.lists(st.tuples(st.floats(-1.9, 1.9), st.floats(-1.9, 1.9)), max_size=12).map(
    lambda found: np.array(found, np.float64).reshape(-1, 2)
)


def as_odds(data: bytes) -> Map:
    return np.asarray(np.frombuffer(data, np.int8).reshape(16, 16) / 16, np.float32)


descriptors = st.builds(
    PoseDescriptor,
    method=st.sampled_from(["face", "profile", "body"]),
    aspect=positive,
    focal=positive,
    pose=angles,
    coarse=angles,
    origin=st.tuples(finite, finite, finite),
    size=positive,
    points=places,
    lines=st.lists(places, max_size=4).map(tuple),
    patch=st.none() | st.builds(Patch, st.binary(max_size=300), finite, finite, positive),
    bare=st.none() | st.binary(min_size=256, max_size=256).map(as_odds),
)


@given(descriptors)
def test_whatever_is_written_is_read_and_written_again_the_same(
    descriptor: PoseDescriptor,
) -> None:
    content = write(descriptor)
    assert write(read(content)) == content


@given(st.binary(max_size=200))
def test_noise_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^This pose descriptor is damaged: "):
        read(content)


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_read_whole(place: int, bit: int) -> None:
    """Never another error: a descriptor is sealed, but a tool of the clinic's may have cut it."""
    content = bytearray(write(PROFILE))
    content[place % len(content)] ^= 1 << bit
    try:
        read(bytes(content))
    except FormatError as error:
        assert str(error).startswith("This pose descriptor ")  # noqa: PT017 - or no error at all


@pytest.mark.parametrize("length", [0, 1, 100, 1000])
def test_a_cut_descriptor_is_refused(length: int) -> None:
    with pytest.raises(FormatError, match=r"^This pose descriptor is damaged: "):
        read(write(FACE)[:length])


def changed(**fields: object) -> bytes:
    return json.dumps(json.loads(write(PROFILE)) | fields).encode()


LINE_OF_ONE_AND_A_HALF = {"axes": 2, "data": base64.b64encode(bytes(6)).decode()}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            changed(version=2),
            "This pose descriptor is damaged: Invalid enum value 2 - at `$.version`.",
        ),
        (
            changed(method="voice"),
            "This pose descriptor is damaged: Invalid enum value 'voice' - at `$.method`.",
        ),
        (
            changed(aspect=0.0),
            "This pose descriptor is damaged: Expected `float` > 0.0 - at `$.aspect`.",
        ),
        (
            changed(name="Anna"),
            "This pose descriptor is damaged: Object contains unknown field `name`.",
        ),
        (
            changed(points=LINE_OF_ONE_AND_A_HALF),
            "This pose descriptor is damaged: 6 bytes are no whole number of points of 2 axes.",
        ),
        (
            changed(lines=[LINE_OF_ONE_AND_A_HALF] * 65),
            "This pose descriptor is damaged: Expected `array` of length <= 64 - at `$.lines`.",
        ),
        (
            b" " * (LARGEST + 1),
            f"This pose descriptor has {LARGEST + 1} bytes; expected at most {LARGEST}.",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(content: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=f"^{re.escape(said)}$"):
        read(content)


def test_what_would_be_too_large_is_not_written() -> None:
    with pytest.raises(FormatError, match=r"^The pose descriptor has \d+ bytes; expected at most"):
        write(replace(FACE, points=np.zeros((4000, 3))))


def test_places_far_outside_are_kept_at_the_edge_of_what_can_be_kept() -> None:
    kept = read(write(replace(FACE, points=np.array([[5.0, -5.0, 0.0]])))).points
    np.testing.assert_allclose(kept, [[2.0, -2.0, 0.0]], atol=2 * STEP)
