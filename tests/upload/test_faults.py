"""A server that fails, lies, stalls or dies at any request: nothing is lost, nothing is claimed."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable

import pytest

from tests.upload.conftest import Rig
from tests.upload.faulty_server import Act, Asked, Plan, healthy

CHUNKS = 4
CONTENT = os.urandom(32_000 * CHUNKS - 777)
REQUESTS = ["stat", "open", *["write"] * CHUNKS, "fstat", "fsync", "rename", "fsync", "close"]
"""What one file needs, in this order."""

REQUESTS_OF_TWO = len(REQUESTS) + len(REQUESTS) - CHUNKS + 1
"""For that file and one of a single write."""


def once(number: int, act: Act) -> Plan:
    """Act at request ``number`` (from 1), once."""
    return lambda asked: act if asked.number == number else None


def check_all_arrived(rig: Rig, *contents: bytes) -> None:
    assert rig.spool.entries() == []
    arrived = rig.server.disk.finals()
    for content in contents:
        assert content in arrived.values()
    assert set(arrived.values()) == set(contents), "something arrived that is not whole"
    assert rig.server.disk.exposed == [], "a final name was given to data that was not durable"


def test_a_healthy_server_is_asked_exactly_what_the_sequence_says(rig: Rig) -> None:
    rig.spool.fill(CONTENT)
    rig.drain()
    check_all_arrived(rig, CONTENT)
    assert rig.server.requests == REQUESTS
    assert list(rig.server.disk.finals()) == rig.spool.removed


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("number", range(1, REQUESTS_OF_TWO + 1))
def test_one_fault_at_any_request(rig: Rig, number: int, act: Act) -> None:
    """The witnessed spool fails the test at the moment in which a file would be given up."""
    other = b"another picture" * 100
    rig.spool.fill(CONTENT, other)
    acted: list[str] = []

    def plan(asked: Asked) -> Act | None:
        if asked.number != number or (act is Act.LIE and asked.kind != "fstat"):
            return None
        acted.append(asked.kind)
        return act

    rig.server.plan = plan
    rig.drain()
    check_all_arrived(rig, CONTENT, other)
    assert acted or act is Act.LIE


def test_a_write_that_is_acknowledged_but_not_stored(rig: Rig) -> None:
    """The size gives it away; a hole under an honest size is the collector's to find."""
    rig.spool.fill(CONTENT)
    rig.server.plan = lambda asked: (
        Act.LIE if (asked.kind, asked.nth) == ("write", CHUNKS) else None
    )
    rig.drain()
    check_all_arrived(rig, CONTENT)
    assert rig.server.requests.count("rename") == 1


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        *itertools.product(
            ["open", "write", "fstat", "fsync", "rename", "close"],
            [Act.FAIL, Act.LATE_FAIL, Act.DIE, Act.WRONG_KIND],
        ),
        ("write", Act.LIE),
        ("fstat", Act.LIE),
        ("write", Act.POWER_CUT),
        ("fsync", Act.POWER_CUT),
        ("rename", Act.POWER_CUT),
    ],
)
def test_a_server_that_never_heals_gets_nothing_counted(rig: Rig, kind: str, act: Act) -> None:
    rig.spool.fill(CONTENT)
    rig.server.plan = lambda asked: act if asked.kind == kind else None
    rig.clock.on_wait = stop_after(rig, 40)
    with pytest.raises(Enough):
        rig.drain()
    assert rig.spool.removed == []
    assert len(rig.spool.entries()) == 1
    rig.server.plan = healthy
    rig.clock.on_wait = None
    rig.drain()
    check_all_arrived(rig, CONTENT)


def test_the_nth_write_of_a_long_file_for_every_n(rig: Rig) -> None:
    """Twenty writes are all in flight at once: every single status counts."""
    content = os.urandom(32_000 * 20)
    for n in range(1, 21):
        rig.spool.fill(content)
        rig.server.requests.clear()
        rig.server.plan = lambda asked, n=n: (  # type: ignore[misc]
            Act.FAIL if (asked.kind, asked.nth) == ("write", n) else None
        )
        rig.drain()
        assert rig.server.requests.count("rename") == 1, f"renamed although write {n} failed"
    check_all_arrived(rig, content)


def test_a_refused_file_does_not_stand_before_the_others(rig: Rig) -> None:
    rig.spool.fill(b"first" * 50_000, b"second", b"third")
    first = rig.spool.entries()[0].name
    rig.server.plan = lambda asked: Act.FAIL if (asked.kind, asked.nth) == ("rename", 1) else None
    rig.drain()
    assert rig.spool.removed[-1] == first
    assert len(rig.spool.removed) == 3


def test_a_file_that_kills_the_server_each_time_does_not_stand_before_the_others(
    rig: Rig,
) -> None:
    poison = b"poison" * 20_000
    rig.spool.fill(poison, b"second", b"third")

    def plan(asked: Asked) -> Act | None:
        spared = {b"second", b"third"} <= set(rig.server.disk.finals().values())
        return Act.DIE if asked.kind == "write" and asked.size > 1000 and not spared else None

    rig.server.plan = plan
    rig.drain()
    check_all_arrived(rig, poison, b"second", b"third")


def test_a_taken_name_gets_a_second_copy_under_another(rig: Rig) -> None:
    """The acknowledgement of the close is lost; nobody can know, so the file is sent again."""
    rig.spool.fill(CONTENT)
    name = rig.spool.entries()[0].name
    rig.server.plan = once(len(REQUESTS), Act.DIE_AFTER)
    rig.drain()
    names = sorted(rig.server.disk.finals())
    assert len(names) == 2
    assert name in names
    assert all(n.startswith(name.removesuffix(".age")) and n.endswith(".age") for n in names)
    check_all_arrived(rig, CONTENT)


def test_a_file_collected_before_the_acknowledgement_is_sent_again(rig: Rig) -> None:
    rig.spool.fill(CONTENT)
    name = rig.spool.entries()[0].name
    rig.server.plan = once(len(REQUESTS), Act.DIE_AFTER)

    def collect() -> None:
        for mapping in (rig.server.disk.names, rig.server.disk.durable_names):
            mapping.pop(f"in/{name}", None)
        rig.clock.on_wait = None

    rig.clock.on_wait = collect
    rig.drain()
    assert list(rig.server.disk.finals()) == [name]
    assert rig.server.requests.count("rename") == 2


def test_a_server_without_sync_gets_nothing(rig: Rig) -> None:
    rig.spool.fill(CONTENT)
    rig.server.extensions = ()
    rig.clock.on_wait = stop_after(rig, 5)
    with pytest.raises(Enough):
        rig.drain()
    assert "fsync@openssh.com" in rig.clock.statuses[-1]
    assert "write" not in rig.server.requests


class Enough(Exception):
    pass


def stop_after(rig: Rig, waits: int) -> Callable[[], None]:
    def on_wait() -> None:
        if rig.clock.waits >= waits:
            raise Enough

    return on_wait
