"""The real rules, loaded by the real ``nft``, with packets on a wire."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.commission.checks import Verdict
from kiosk.commission.digests import RECORD
from kiosk.commission.firewall import STATION_RULES, firewall
from kiosk.commission.place import Place
from provisioning.install.firewall import (
    SOURCE,
    FirewallStep,
    station_rules,
    way_to_packages,
)
from provisioning.install.machine import Machine
from provisioning.install.network import Server
from tests.deploy.firewalled import (
    APT,
    CAPTURE,
    OTHER4,
    ROOT,
    SERVER4,
    SERVER6,
    SERVER_PORT,
    STATION4,
    STATION6,
    TIME,
    UPLOAD,
    End,
    Station,
    knocks,
    needs_firewall,
    wired,
)

STATION_TOML = f'[upload]\nhost = "box.clinic"\nport = {SERVER_PORT}\n'
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIvC technician\n"
CLOSED = "EHOSTUNREACH"
THROUGH = "through"

pytestmark = needs_firewall


def resolver(_: str) -> list[str]:
    return [SERVER4, SERVER6]


def close(station: Station) -> None:
    """Have the installer's own step close the station."""
    machine, step = station.machine(), FirewallStep(resolver)
    assert step.missing(machine)
    step.apply(machine)
    assert step.missing(machine) == ""


@pytest.fixture(scope="module")
def ends() -> Iterator[tuple[Station, End]]:
    """A closed station of a technician's."""
    with wired() as (station, world):
        machine = station.machine()
        machine.write("/etc/kiosk/station.toml", STATION_TOML, 0o644)
        machine.write("/etc/resolv.conf", f"nameserver {SERVER4}\n", 0o644)
        machine.write("/home/me/.ssh/authorized_keys", KEY, 0o600)
        machine.write(RECORD, "{}", 0o644)
        close(station)
        yield station, world


@pytest.fixture
def station(ends: tuple[Station, End]) -> Station:
    return ends[0]


def test_without_the_rules_everybody_gets_everywhere() -> None:
    """Or what is refused below would prove nothing."""
    with wired() as (station, world):
        assert station.asks("tcp", OTHER4, 8080, CAPTURE) == THROUGH
        assert station.asks("udp", SERVER4, 53, CAPTURE) == THROUGH
        assert knocks(world, station, STATION4, [8080, 22], after=SERVER4) == [8080, 22]
        assert knocks(world, station, STATION6, [8080], after=SERVER6) == [8080]


@pytest.mark.parametrize("host", [SERVER4, SERVER6])
def test_the_upload_process_and_root_reach_the_server(station: Station, host: str) -> None:
    assert station.asks("tcp", host, SERVER_PORT, UPLOAD) == THROUGH
    assert station.asks("tcp", host, SERVER_PORT, 0) == THROUGH


def test_the_upload_process_is_known_inside_its_sandbox(station: Station) -> None:
    """Its unit has ``PrivateUsers=yes``; the kernel goes by the user outside."""
    assert station.asks("tcp", SERVER4, SERVER_PORT, UPLOAD, apart=True) == THROUGH


@pytest.mark.parametrize(
    ("kind", "host", "port", "user"),
    [
        # Another user, at the server.
        ("tcp", SERVER4, SERVER_PORT, CAPTURE),
        ("tcp", SERVER6, SERVER_PORT, CAPTURE),
        ("tcp", SERVER4, SERVER_PORT, TIME),
        # Another address, another port.
        ("tcp", OTHER4, SERVER_PORT, UPLOAD),
        ("tcp", SERVER4, 22, UPLOAD),
        ("tcp", SERVER4, 443, UPLOAD),
        ("tcp", SERVER6, 8080, UPLOAD),
        ("udp", SERVER4, SERVER_PORT, UPLOAD),
        # A name server that is not the one that knows the clinic's name.
        ("udp", OTHER4, 53, UPLOAD),
        ("udp", SERVER4, 53, CAPTURE),
        ("udp", SERVER4, 123, UPLOAD),
        # Root has no way of its own but to the server, while nothing is installed.
        ("tcp", SERVER4, 80, 0),
        ("tcp", OTHER4, 443, 0),
        ("tcp", OTHER4, SERVER_PORT, 0),
        ("tcp", SERVER4, 80, APT),
        ("udp", SERVER4, 53, APT),
        ("udp", OTHER4, 8080, 0),
    ],
)
def test_nothing_else_gets_out(
    station: Station, kind: str, host: str, port: int, user: int
) -> None:
    assert station.asks(kind, host, port, user) in {CLOSED, "EACCES", "EPERM"}


def test_time_and_names_are_asked_for_by_those_who_need_them(station: Station) -> None:
    assert station.asks("udp", OTHER4, 123, TIME) == THROUGH
    assert station.asks("udp", OTHER4, 53, TIME) == THROUGH
    assert station.asks("tcp", OTHER4, 53, 0) == THROUGH
    assert station.asks("udp", SERVER4, 53, UPLOAD) == THROUGH


def test_nothing_comes_in_but_the_technician(ends: tuple[Station, End]) -> None:
    station, world = ends
    ports = [22, SERVER_PORT, 53, 80, 443, 8080]
    assert knocks(world, station, STATION4, ports, after=SERVER4) == [22]
    assert knocks(world, station, STATION6, ports, after=SERVER6) == [22]


def test_nothing_is_passed_on(station: Station) -> None:
    chains = station.run("nft", "list", "chains")
    assert chains.count("policy drop;") == 3
    assert "policy accept" not in chains
    assert "hook forward" in chains


def test_packages_are_fetched_while_the_installer_runs_and_not_after(station: Station) -> None:
    machine = station.machine()
    place = Place(Path(f"/proc/{station.pid}/root"), 0)
    with way_to_packages(machine):
        assert station.asks("tcp", OTHER4, 443, 0) == THROUGH
        assert station.asks("tcp", OTHER4, 80, APT) == THROUGH
        assert station.asks("udp", OTHER4, 53, APT) == THROUGH
        assert station.asks("tcp", OTHER4, 443, UPLOAD) == CLOSED
        assert FirewallStep(resolver).missing(machine) == ""
        found = firewall(place, lambda command: station.run(*command))
        assert (found.verdict, "is open" in found.sentence) == (Verdict.WRONG, True)
    assert station.asks("tcp", OTHER4, 443, 0) == CLOSED
    assert station.asks("tcp", OTHER4, 80, APT) == CLOSED


def test_the_way_to_packages_closes_when_the_installer_fails(station: Station) -> None:
    with pytest.raises(RuntimeError), way_to_packages(station.machine()):
        raise RuntimeError
    assert station.asks("tcp", OTHER4, 443, 0) == CLOSED


def test_an_installer_that_is_killed_leaves_the_way_open_for_an_hour_at_most(
    station: Station,
) -> None:
    with way_to_packages(station.machine()):
        entries = station.run("nft", "-j", "list", "set", "inet", "kiosk", "installing")
    assert entries.count('"timeout": 3600') == 2


def test_without_a_technicians_key_nothing_comes_in() -> None:
    with wired() as (station, world):
        machine = station.machine()
        machine.write("/etc/kiosk/station.toml", STATION_TOML, 0o644)
        machine.write("/home/me/.ssh/authorized_keys", "# nobody any more\n\n", 0o600)
        close(station)
        assert knocks(world, station, STATION4, [22, 8080], after=SERVER4) == []
        machine.write("/root/.ssh/authorized_keys", KEY, 0o600)
        close(station)
        assert knocks(world, station, STATION4, [22, 8080], after=SERVER4) == [22]


def checked(station: Station) -> tuple[Verdict, str]:
    """Have ``kiosk check``'s own row look."""
    place = Place(Path(f"/proc/{station.pid}/root"), 0)
    found = firewall(place, lambda command: station.run(*command))
    return found.verdict, found.sentence


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        ("flush ruleset", "No firewall rule is loaded"),
        ("add rule inet kiosk outgoing accept", "has a rule of the chain outgoing"),
        ("insert rule inet kiosk incoming tcp dport 8080 accept", "has a rule of the chain incom"),
        ("flush chain inet kiosk forwarded", ""),
        ("flush chain inet kiosk outgoing", "lacks a rule of the chain outgoing"),
        ("add element inet kiosk server4 { 203.0.113.9 . 22 }", "lacks the set server4"),
        ("add element inet kiosk senders { 9702 }", "lacks the set senders"),
        ("add chain inet kiosk incoming { policy accept; }", "lacks the chain incoming"),
        ("add table inet mine", "has the table mine"),
    ],
)
def test_the_check_sees_what_was_changed_by_hand(station: Station, plant: str, said: str) -> None:
    assert checked(station)[0] is Verdict.OK, checked(station)
    station.run("nft", *plant.split())
    verdict, sentence = checked(station)
    step = FirewallStep(resolver)
    missing = step.missing(station.machine())
    step.apply(station.machine())
    assert checked(station)[0] is Verdict.OK
    assert said in sentence
    assert (verdict is Verdict.WRONG, bool(missing)) == (bool(said), bool(said))


def test_the_check_counts_what_is_let_out(station: Station) -> None:
    verdict, sentence = checked(station)
    assert verdict is Verdict.OK
    assert "addresses of the clinic's server: 2; a technician's SSH comes in" in sentence


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("policy drop", "policy dorp"),
        ("@server4", "@sever4"),
        ("nd-router-solicit", "nd-ruter-solicit"),
        ("ct state invalid", "ct sate invalid"),
        ("hook output", "hook outpot"),
    ],
)
def test_the_tools_own_lint_finds_a_typing_error(tmp_path: Path, old: str, new: str) -> None:
    text = (ROOT / SOURCE).read_text("utf-8")
    assert old in text
    rules = tmp_path / "nftables.conf"
    for content, good in ((text, True), (text.replace(old, new), False)):
        rules.write_text(content, encoding="utf-8")
        done = subprocess.run(
            ["unshare", "--net", "nft", "-c", "-f", str(rules)], capture_output=True, check=False
        )
        assert (done.returncode == 0, done.stderr == b"") == (good, good), done.stderr


def test_an_image_keeps_its_clock_and_lets_nobody_to_a_server(tmp_path: Path) -> None:
    """In a tree no name can be resolved; the station itself runs the installer once more."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/:\nsystemd-timesync:x:997:997::/:\n")
    machine = Machine(tmp_path, ROOT)
    step = FirewallStep(resolver)
    step.apply(machine)
    assert step.missing(machine) == ""
    text = machine.read(STATION_RULES) or ""
    assert "timekeepers { 997 }" in text
    assert "senders { 0 }" in text
    assert "server" not in text.partition("\n")[2]


def test_addresses_of_both_kinds_go_into_their_own_sets(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ROOT)
    found = Server("box", 22, frozenset({"2001:db8::7", "10.0.0.7"}), frozenset({"fe80::1"}))
    text = station_rules(machine, found)
    assert "server4 { 10.0.0.7 . 22 }" in text
    assert "server6 { 2001:db8::7 . 22 }" in text
    assert "resolvers6 { fe80::1 }" in text
    assert "resolvers4" not in text
